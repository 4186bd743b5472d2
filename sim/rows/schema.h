// The typed schema of a table, with its versions over time.
//
// A logical column keeps its ColumnId through renames and type changes; a version lists which logical columns exist and
// under which name and type. Left out: constraints other than the key, indexes, collations.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/kernel/time.h"
#include "sim/rows/derived_rows.h"
#include "sim/rows/marks.h"
#include "sim/rows/types.h"
#include "sim/rows/value.h"

namespace rehearse {

enum class ColumnRole : std::uint8_t { none, key, created_at, updated_at };

// What a type name of the field ("bigint", "decimal(12,2)", "timestamptz") holds; none if the name is unknown.
std::optional<ValueType> value_type(std::string_view type_name);

// A column of a dataset that is not the source's as it is. It is in no version of the source's schema.
struct DerivedColumn {
  ValueForm form;
  std::vector<Derivation> ways;            // the contract's, then those of pipelines that do otherwise
  std::vector<std::string> default_texts;  // in place of NULL; a value names one by -1 less its number
};

struct Column {
  std::string name;  // as first declared
  std::string type;
  ValueType value_type = ValueType::integer;
  ColumnRole role = ColumnRole::none;
  std::uint64_t distinct = 0;    // number of different values; 0 = as wide as the type
  std::uint32_t null_share = 0;  // parts per million of the values that are NULL
  bool changes = true;           // an update gives it a new value
  std::uint16_t added_in = 0;    // first schema version that has it; rows written before show `default_value`
  std::int64_t default_value = 0;
  bool default_null = true;
  Equality equality{};  // as the contract of the table's dataset wants it
  std::optional<DerivedColumn> derived = std::nullopt;
  ColumnSource source = ColumnSource::base;      // in a derived table
  ColumnOrigin origin{};                         // in a derived table, of the base or the other table
  std::optional<ValueForm> form = std::nullopt;  // in a derived table, of what its own row shows
};

struct VersionColumn {
  ColumnId id = 0;
  std::string name;
  std::string type;
};

struct SchemaVersion {
  std::vector<VersionColumn> columns;
  Lsn since = 0;  // records from this position on are written under it
  Time at{};      // when the source's table was changed
  const VersionColumn* find(std::string_view name) const;
  const VersionColumn* find(ColumnId id) const;
};

struct TableSchema {
  std::string name;
  std::vector<Column> columns;  // logical columns; grows, never shrinks
  std::vector<SchemaVersion> versions;
  std::optional<DerivedRows> derived = std::nullopt;

  const SchemaVersion& current() const { return versions.back(); }
  std::uint16_t current_version() const { return static_cast<std::uint16_t>(versions.size() - 1); }
  std::uint16_t version_at(Lsn lsn) const;
  std::optional<ColumnId> column(std::string_view name) const;  // by the name in any version, latest first
  // The source's column that a column is made of, as its contract has it: itself, unless it is derived.
  ColumnId base(ColumnId id) const { return columns[id].derived ? columns[id].derived->ways.front().from : id; }
  ColumnRole role(ColumnId id) const { return columns[base(id)].role; }
  // The row of a source table that a row is made of.
  RowId base_row(RowId row) const { return derived ? derived->base_row(row) : row; }
  bool has(ColumnSource source) const;
  // The versions after the lower of the two, up to the higher, with which the column came, went, or got another name or
  // type; all of them if none did.
  std::vector<std::uint16_t> changes_of(ColumnId id, std::uint16_t one, std::uint16_t other) const;
};

// One DDL statement on a table.
struct SchemaChange {
  enum class Kind : std::uint8_t { add, drop, rename, retype } kind = Kind::add;
  std::string column;
  std::string to;  // the new name or type
  Column added;    // for add
};

// Appends a version. The column must exist (or, for add, must not); returns false otherwise.
bool apply(TableSchema& schema, const SchemaChange& change, Lsn since);

// Column `column` of another table's row, as `name`.
struct LookedUpColumn {
  std::string name;
  ColumnId column = 0;
};
struct DerivedShape {
  DerivedRows::Kind kind = DerivedRows::Kind::chosen;
  TableId base = 0;
  RowId per_row = 1;
  bool captured = false;
  std::string numbered{};  // not empty: a column of this name numbers the rows made of one, and belongs to the key
  TableId other = 0;       // of a joined table
  std::vector<LookedUpColumn> looked_up{};
  std::string cut{};  // of snapshots: the column that says as of when they are, which belongs to the key
  // Of a table of groups.
  struct Sum {
    std::string name;
    std::optional<ColumnId> of;  // none: how many rows
  };
  std::optional<ColumnId> by{};
  std::string window{};  // the column of its windows; none if empty
  std::vector<Sum> sums{};
};
// The columns that a table of changes has beside its base's: the first is its key.
inline constexpr const char* position_column = "position";
inline constexpr const char* operation_column = "operation";
// The schema of a derived table as it begins. `other` is the schema of the other table, of a joined one.
TableSchema derived_schema(const TableSchema& base, const DerivedShape& shape, std::string name,
                           const TableSchema* other = nullptr);

// What a reader that maps columns by the names of version `mapping` makes of a record written under version `written`:
// a column whose name is gone is written as NULL, one whose type changed is cast and truncated.
std::vector<Alteration> mapped_by_name(const TableSchema& schema, std::uint16_t written, std::uint16_t mapping);

}  // namespace rehearse
