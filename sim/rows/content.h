// What a cell says: the values of a row's columns, made where somebody reads them.
//
// A synthetic row's value is a keyed draw over (table, column, row, write); a captured row's value is an id in the
// capture's pool. Alterations of the mark are applied on top. A derived column's value is made of another column's,
// with that one's alterations, in the way that the mark says. Left out: character-level content of synthetic texts.
//
// Invariant: values of one column with equal structures are equal. In a derived column a text, or the time of a write,
// carries the column that it comes from in its bits, so that equal numbers of two columns are not taken for each other.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sim/kernel/draw.h"
#include "sim/kernel/wide.h"
#include "sim/rows/condition.h"
#include "sim/rows/marks.h"
#include "sim/rows/schema.h"
#include "sim/rows/types.h"
#include "sim/rows/value.h"

namespace rehearse {

// How many values a synthetic source's column takes: those of the numbers from 0 on.
std::uint64_t number_of_values(const Column& column);
// The form of a column's values, derived or not.
ValueForm form_of(const Column& column);
// Of a text, or the time of a write, in a derived column of a synthetic source: the column that it comes from, and its
// bits there.
ColumnId origin(const Value& value);
std::int64_t original_bits(const Value& value);
bool is_time_of_write(const Value& value);

struct RowCell {
  RowId row;
  Cell cell;
};

// Full row images of a captured stream; immutable, shared by every copy of a world.
class CapturedImages {
 public:
  virtual ~CapturedImages() = default;
  // The pooled value ids of one column for a batch of rows; 0 = NULL.
  virtual void value_ids(TableId table, ColumnId column, std::span<const RowCell> rows, std::uint32_t* out) const = 0;
  virtual std::string text(std::uint32_t value_id) const = 0;
  virtual std::string key_text(TableId table, RowId row) const = 0;
  virtual Write write_before(TableId table, RowId row, Write write) const = 0;  // of the same row; 0 = none
};

class Content {
 public:
  Content() = default;
  Content(std::uint64_t seed, std::int64_t start_unix_ns, std::shared_ptr<const CapturedImages> images)
      : seed_(seed), start_unix_ns_(start_unix_ns), images_(std::move(images)) {}

  bool captured() const { return images_ != nullptr; }
  void values(const TableSchema& schema, TableId table, ColumnId column, const MarkTable& marks,
              std::span<const RowCell> rows, Value* out) const;
  Value value(const TableSchema& schema, TableId table, ColumnId column, const MarkTable& marks, RowCell at) const;
  // Whether two values of a column are the same to the contract.
  bool same(const Column& column, const Value& a, const Value& b) const;
  // Whether a derived column that is made in way `way` comes out otherwise than in the contract's.
  bool shows(const TableSchema& schema, TableId table, ColumnId column, std::uint32_t way, const MarkTable& marks,
             RowCell at) const;
  // A text, number or time of a captured source without what `normalised` forgives.
  std::string normalised_text(const Column& column, const Value& value) const;
  // The same on `columns`; two absent rows are equal.
  bool equal(const TableSchema& schema, TableId table, std::span<const ColumnId> columns, const MarkTable& marks,
             RowId row, Cell a, Cell b) const;
  // The columns of `columns` that are not the same.
  std::vector<ColumnId> differing(const TableSchema& schema, TableId table, std::span<const ColumnId> columns,
                                  const MarkTable& marks, RowId row, Cell a, Cell b) const;
  // A number for aggregates, in the column's unit, as the column's reader gets it; 0 for what is none.
  std::int64_t number(const Column& column, const Value& value) const;
  std::int64_t unit(const Column& column) const;  // of number(), that make one
  std::string text(const TableSchema& schema, ColumnId column, const Value& value) const;
  std::string key_text(const TableSchema& schema, TableId table, RowId row) const;
  // Of the same row, as the source committed it; 0 = none.
  Write write_before(const TableSchema& schema, TableId table, RowId row, Write write) const;
  // Whether a write of a source's row, made under a version of its table's schema, satisfies a condition.
  bool satisfies(const TableSchema& schema, TableId table, const Condition& condition, std::uint16_t version, RowId row,
                 Write write) const;
  // What is in a column of it, as bits that no other value of the column has; nothing for NULL.
  std::optional<std::int64_t> bits_in(const TableSchema& schema, TableId table, ColumnId column, std::uint16_t version,
                                      RowId row, Write write) const;
  // What is in a column of it, as text; nothing for NULL.
  std::optional<std::string> text_in(const TableSchema& schema, TableId table, ColumnId column, std::uint16_t version,
                                     RowId row, Write write) const;
  // The instant in a column of a captured row; nothing for NULL and what is none.
  std::optional<Time> time_in(const TableSchema& schema, TableId table, ColumnId column, std::uint16_t version,
                              RowId row, Write write) const;
  // The number in a column of it, as number() counts; 0 for NULL.
  std::int64_t number_in(const TableSchema& schema, TableId table, ColumnId column, std::uint16_t version, RowId row,
                         Write write) const;

 private:
  Value plain(const Column& column, ColumnOrigin from, const MarkInfo& mark, RowCell at, std::uint32_t pooled) const;
  std::string instant_text(Time at) const;
  std::string captured_text(const Column& column, const Value& value) const;  // as its reader gets it
  std::string group_text(const TableSchema& schema, RowId row) const;
  static RowCell made_of(const DerivedRows& derived, const Column& column, RowCell at);
  void own_values(const TableSchema& schema, TableId table, ColumnId column, const MarkTable& marks,
                  std::span<const RowCell> rows, Value* out) const;
  Write write_shown(const TableSchema& schema, TableId table, ColumnId column, const MarkTable& marks,
                    RowCell at) const;
  Value of_row(const Column& column, ColumnOrigin from, std::uint16_t version, RowId row, Write write) const;
  Value of_source(const TableSchema& schema, TableId table, ColumnId column, std::uint16_t version, RowId row,
                  Write write) const;
  static Value altered(const Column& column, Value value, const Alteration& alteration);
  void derived_values(const TableSchema& schema, TableId table, ColumnId column, const MarkTable& marks,
                      std::span<const RowCell> rows, Value* out) const;
  Value cast(Value value, const ValueForm& from, const ValueForm& to, Rounding rounding, bool of_write) const;
  Value made(const TableSchema& schema, const DerivedColumn& column, const Derivation& way, Value value) const;
  std::string derived_text(const TableSchema& schema, const Column& column, const Value& value) const;
  bool reads_alike(const Column& column, const Value& a, const Value& b) const;
  std::optional<Signed128> exact(const Column& column, const Value& value) const;
  std::optional<Signed128> instant_ns(const Column& column, const Value& value) const;
  std::uint64_t seed_ = 0;
  std::int64_t start_unix_ns_ = 0;
  std::shared_ptr<const CapturedImages> images_;
};

}  // namespace rehearse
