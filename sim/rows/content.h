// What a cell says: the values of a row's columns, made where somebody reads them.
//
// A synthetic row's value is a keyed draw over (table, column, row, write); a captured row's value is an id in the
// capture's pool. Alterations of the mark are applied on top. Two values are equal as the contract sees it iff the
// structures are equal. Left out: character-level content of synthetic texts.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sim/kernel/draw.h"
#include "sim/rows/marks.h"
#include "sim/rows/schema.h"
#include "sim/rows/types.h"

namespace rehearse {

struct Value {
  enum class Kind : std::uint8_t { null, number, instant, text, pooled } kind = Kind::null;
  std::uint8_t twist = 0;  // 1 + AlterationKind of an alteration that changed it beyond arithmetic
  std::int64_t bits = 0;
  auto operator<=>(const Value&) const = default;
};

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
};

class Content {
 public:
  Content() = default;
  Content(std::uint64_t seed, std::shared_ptr<const CapturedImages> images) : seed_(seed), images_(std::move(images)) {}

  bool captured() const { return images_ != nullptr; }
  void values(const TableSchema& schema, TableId table, ColumnId column, const MarkTable& marks,
              std::span<const RowCell> rows, Value* out) const;
  Value value(const TableSchema& schema, TableId table, ColumnId column, const MarkTable& marks, RowCell at) const;
  // Equal on `columns`; two absent rows are equal.
  bool equal(const TableSchema& schema, TableId table, std::span<const ColumnId> columns, const MarkTable& marks,
             RowId row, Cell a, Cell b) const;
  // The columns of `columns` that differ.
  std::vector<ColumnId> differing(const TableSchema& schema, TableId table, std::span<const ColumnId> columns,
                                  const MarkTable& marks, RowId row, Cell a, Cell b) const;
  // A number for aggregates: decimals in hundredths for synthetic columns, millionths of the number for captured ones.
  std::int64_t number(const Value& value) const;
  std::string text(const TableSchema& schema, ColumnId column, const Value& value) const;
  std::string key_text(TableId table, RowId row) const;

 private:
  Value plain(const TableSchema& schema, TableId table, ColumnId column, const MarkInfo& mark, RowCell at,
              std::uint32_t pooled) const;
  static Value altered(const Column& column, Value value, const Alteration& alteration);
  std::uint64_t seed_ = 0;
  std::shared_ptr<const CapturedImages> images_;
};

}  // namespace rehearse
