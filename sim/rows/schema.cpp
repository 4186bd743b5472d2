#include "sim/rows/schema.h"

#include <algorithm>
#include <array>
#include <utility>

namespace rehearse {
namespace {

// What a derived table's own numbers and instants count.
ValueForm own_form(ValueType type, bool captured) {
  ValueForm form{.type = type, .fixed = true};
  if (type == ValueType::decimal) form.unit = captured ? captured_unit : synthetic_cents;
  if (type == ValueType::timestamp) form.unit = second.ns;
  return form;
}

}  // namespace

std::optional<ValueType> value_type(std::string_view type_name) {
  static constexpr std::array<std::pair<std::string_view, ValueType>, 28> known{
      {{"boolean", ValueType::boolean},
       {"bool", ValueType::boolean},
       {"smallint", ValueType::integer},
       {"integer", ValueType::integer},
       {"int", ValueType::integer},
       {"bigint", ValueType::integer},
       {"int2", ValueType::integer},
       {"int4", ValueType::integer},
       {"int8", ValueType::integer},
       {"serial", ValueType::integer},
       {"bigserial", ValueType::integer},
       {"decimal", ValueType::decimal},
       {"numeric", ValueType::decimal},
       {"real", ValueType::decimal},
       {"double precision", ValueType::decimal},
       {"text", ValueType::text},
       {"varchar", ValueType::text},
       {"char", ValueType::text},
       {"uuid", ValueType::text},
       {"json", ValueType::text},
       {"jsonb", ValueType::text},
       {"date", ValueType::timestamp},
       {"timestamp", ValueType::timestamp},
       {"timestamptz", ValueType::timestamp},
       {"timestamp with time zone", ValueType::timestamp},
       {"timestamp without time zone", ValueType::timestamp},
       {"character varying", ValueType::text},
       {"character", ValueType::text}}};
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
  const auto own = [&](std::string name, std::string type, ValueType holds, ColumnSource source, ColumnRole role) {
    Column column{.name = std::move(name), .type = std::move(type), .value_type = holds, .role = role};
    column.source = source;
    if (holds != ValueType::text) column.form = own_form(holds, shape.captured);
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
      add_to(version, own(shape.window, "timestamptz", ValueType::timestamp, ColumnSource::window, ColumnRole::key));
    ColumnId number = 0;
    for (const DerivedShape::Sum& sum : shape.sums) {
      const ValueType holds = sum.of ? base.columns[*sum.of].value_type : ValueType::integer;
      const char* decimal = shape.captured ? "numeric" : "decimal(20,2)";
      Column column = own(sum.name, holds == ValueType::decimal ? decimal : "bigint", holds,
                          sum.of ? ColumnSource::sum : ColumnSource::rows, ColumnRole::none);
      if (sum.of) column.origin = {shape.base, number++, false};
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
    add(own(shape.numbered, "integer", ValueType::integer, ColumnSource::row_number, ColumnRole::key));
  if (!shape.cut.empty()) add(own(shape.cut, "timestamptz", ValueType::timestamp, ColumnSource::cut, ColumnRole::key));
  if (!changes) return schema;
  add(own(position_column, "bigint", ValueType::integer, ColumnSource::position, ColumnRole::key));
  add(own(operation_column, "text", ValueType::text, ColumnSource::operation, ColumnRole::none));
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

std::vector<std::uint16_t> TableSchema::changes_of(ColumnId id, std::uint16_t one, std::uint16_t other) const {
  std::vector<std::uint16_t> all, changing;
  for (auto version = static_cast<std::uint16_t>(std::min(one, other) + 1); version <= std::max(one, other);
       ++version) {
    all.push_back(version);
    const VersionColumn* before = versions[version - 1u].find(id);
    const VersionColumn* after = versions[version].find(id);
    const bool alike = before && after ? before->name == after->name && before->type == after->type : before == after;
    if (!alike) changing.push_back(version);
  }
  return changing.empty() ? all : changing;
}

std::vector<Alteration> mapped_by_name(const TableSchema& schema, std::uint16_t written, std::uint16_t mapping) {
  std::vector<Alteration> alterations;
  if (written == mapping) return alterations;
  const SchemaVersion& from = schema.versions[written];
  const SchemaVersion& known = schema.versions[mapping];
  for (const VersionColumn& column : known.columns) {
    const VersionColumn* carried = from.find(column.name);
    if (!carried) alterations.push_back({.column = column.id, .kind = AlterationKind::null});
    else if (carried->type != column.type)
      alterations.push_back({.column = column.id, .kind = AlterationKind::truncated});
  }
  for (const VersionColumn& column : from.columns)
    if (!known.find(column.id)) alterations.push_back({.column = column.id, .kind = AlterationKind::null});
  std::sort(alterations.begin(), alterations.end());
  alterations.erase(std::unique(alterations.begin(), alterations.end(),
                                [](const Alteration& a, const Alteration& b) { return a.column == b.column; }),
                    alterations.end());
  return alterations;
}

}  // namespace rehearse
