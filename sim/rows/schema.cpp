#include "sim/rows/schema.h"

#include <algorithm>
#include <array>
#include <utility>

namespace rehearse {

std::optional<ValueType> value_type(std::string_view type_name) {
  static constexpr std::array<std::pair<std::string_view, ValueType>, 24> known{
      {{"boolean", ValueType::boolean}, {"bool", ValueType::boolean},        {"smallint", ValueType::integer},
       {"integer", ValueType::integer}, {"int", ValueType::integer},         {"bigint", ValueType::integer},
       {"int2", ValueType::integer},    {"int4", ValueType::integer},        {"int8", ValueType::integer},
       {"serial", ValueType::integer},  {"bigserial", ValueType::integer},   {"decimal", ValueType::decimal},
       {"numeric", ValueType::decimal}, {"real", ValueType::decimal},        {"double precision", ValueType::decimal},
       {"text", ValueType::text},       {"varchar", ValueType::text},        {"char", ValueType::text},
       {"uuid", ValueType::text},       {"json", ValueType::text},           {"jsonb", ValueType::text},
       {"date", ValueType::timestamp},  {"timestamp", ValueType::timestamp}, {"timestamptz", ValueType::timestamp}}};
  const std::string_view base = type_name.substr(0, type_name.find('('));
  const auto at = std::find_if(known.begin(), known.end(), [&](const auto& entry) { return entry.first == base; });
  if (at == known.end()) return std::nullopt;
  return at->second;
}

const VersionColumn* SchemaVersion::find(std::string_view name) const {
  const auto at = std::find_if(columns.begin(), columns.end(), [&](const VersionColumn& c) { return c.name == name; });
  return at == columns.end() ? nullptr : &*at;
}

const VersionColumn* SchemaVersion::find(ColumnId id) const {
  const auto at = std::find_if(columns.begin(), columns.end(), [&](const VersionColumn& c) { return c.id == id; });
  return at == columns.end() ? nullptr : &*at;
}

std::uint16_t TableSchema::version_at(Lsn lsn) const {
  std::size_t version = versions.size() - 1;
  while (version > 0 && versions[version].since > lsn) --version;
  return static_cast<std::uint16_t>(version);
}

std::optional<ColumnId> TableSchema::column(std::string_view wanted) const {
  for (auto version = versions.rbegin(); version != versions.rend(); ++version)
    if (const VersionColumn* found = version->find(wanted)) return found->id;
  return std::nullopt;
}

bool TableSchema::has(ColumnSource source) const {
  return std::any_of(columns.begin(), columns.end(), [&](const Column& c) { return c.source == source; });
}

TableSchema derived_schema(const TableSchema& base, const DerivedShape& shape, std::string name,
                           const TableSchema* other) {
  const bool changes = shape.kind == DerivedRows::Kind::changes;
  TableSchema schema;
  schema.name = std::move(name);
  schema.derived = DerivedRows{.kind = shape.kind, .base = shape.base, .per_row = shape.per_row};
  const auto shown = [](Column column, TableId table, ColumnId id) {
    column.origin = {table, id, column.role == ColumnRole::key};
    column.equality = {};
    return column;
  };
  const auto add_to = [&](SchemaVersion& version, Column column) {
    version.columns.push_back({static_cast<ColumnId>(schema.columns.size()), column.name, column.type});
    schema.columns.push_back(std::move(column));
  };
  if (shape.kind == DerivedRows::Kind::groups) {
    SchemaVersion version;
    if (shape.by) {
      Column by = shown(base.columns[*shape.by], shape.base, *shape.by);
      by.role = ColumnRole::key;
      add_to(version, std::move(by));
    }
    if (!shape.window.empty())
      add_to(version, {.name = shape.window,
                       .type = "timestamptz",
                       .value_type = ValueType::timestamp,
                       .role = ColumnRole::key,
                       .source = ColumnSource::window});
    ColumnId number = 0;
    for (const DerivedShape::Sum& sum : shape.sums) {
      Column column{.name = sum.name, .type = "bigint", .source = ColumnSource::rows};
      if (sum.of) {
        column.value_type = base.columns[*sum.of].value_type;
        if (column.value_type == ValueType::decimal) column.type = "decimal(20,2)";
        column.source = ColumnSource::sum;
        column.origin = {shape.base, number++, false};
      }
      add_to(version, std::move(column));
    }
    schema.versions.push_back(std::move(version));
    return schema;
  }
  for (ColumnId id = 0; id < base.columns.size() && !base.columns[id].derived; ++id) {
    schema.columns.push_back(shown(base.columns[id], shape.base, id));
    if (changes && schema.columns.back().role == ColumnRole::key) schema.columns.back().role = ColumnRole::none;
  }
  schema.versions.push_back(base.versions.front());
  const auto add = [&](Column column) { add_to(schema.versions.front(), std::move(column)); };
  for (const LookedUpColumn& looked_up : shape.looked_up) {
    Column column = shown(other->columns[looked_up.column], shape.other, looked_up.column);
    column.name = looked_up.name;
    column.role = ColumnRole::none;
    column.source = ColumnSource::other;
    add(std::move(column));
  }
  if (!shape.numbered.empty())
    add({.name = shape.numbered, .type = "integer", .role = ColumnRole::key, .source = ColumnSource::row_number});
  if (!shape.cut.empty())
    add({.name = shape.cut,
         .type = "timestamptz",
         .value_type = ValueType::timestamp,
         .role = ColumnRole::key,
         .source = ColumnSource::cut});
  if (!changes) return schema;
  add({.name = position_column, .type = "bigint", .role = ColumnRole::key, .source = ColumnSource::position});
  add({.name = operation_column, .type = "text", .value_type = ValueType::text, .source = ColumnSource::operation});
  return schema;
}

bool apply(TableSchema& schema, const SchemaChange& change, Lsn since) {
  SchemaVersion next = schema.current();
  next.since = since;
  const auto at = std::find_if(next.columns.begin(), next.columns.end(),
                               [&](const VersionColumn& c) { return c.name == change.column; });
  const bool exists = at != next.columns.end();
  switch (change.kind) {
    case SchemaChange::Kind::add: {
      if (exists) return false;
      Column column = change.added;
      column.name = change.column;
      column.added_in = static_cast<std::uint16_t>(schema.versions.size());
      next.columns.push_back({static_cast<ColumnId>(schema.columns.size()), column.name, column.type});
      schema.columns.push_back(std::move(column));
      break;
    }
    case SchemaChange::Kind::drop:
      if (!exists) return false;
      next.columns.erase(at);
      break;
    case SchemaChange::Kind::rename:
      if (!exists || next.find(change.to)) return false;
      at->name = change.to;
      break;
    case SchemaChange::Kind::retype:
      if (!exists) return false;
      at->type = change.to;
      break;
  }
  schema.versions.push_back(std::move(next));
  return true;
}

std::vector<Alteration> mapped_by_name(const TableSchema& schema, std::uint16_t written, std::uint16_t mapping) {
  std::vector<Alteration> alterations;
  if (written == mapping) return alterations;
  const SchemaVersion& from = schema.versions[written];
  const SchemaVersion& known = schema.versions[mapping];
  for (const VersionColumn& column : known.columns) {
    const VersionColumn* carried = from.find(column.name);
    if (!carried) alterations.push_back({column.id, AlterationKind::null, 0});
    else if (carried->type != column.type) alterations.push_back({column.id, AlterationKind::truncated, 0});
  }
  for (const VersionColumn& column : from.columns)
    if (!known.find(column.id)) alterations.push_back({column.id, AlterationKind::null, 0});
  std::sort(alterations.begin(), alterations.end());
  alterations.erase(std::unique(alterations.begin(), alterations.end(),
                                [](const Alteration& a, const Alteration& b) { return a.column == b.column; }),
                    alterations.end());
  return alterations;
}

}  // namespace rehearse
