#include "harness/reconcile/catalogue.h"

#include <algorithm>

#include "harness/reconcile/schedule.h"
#include "scenarios/check_kinds.h"
#include "sim/kernel/assert.h"

namespace rehearse {
StoreId store_named(const std::string& name, const ReadView& view) {
  const auto store = view.store(name);
  REHEARSE_ASSERT(store.has_value(), "a validated scenario names only stores that it has");
  return *store;
}

std::unique_ptr<Check> make_check(const scenario::Check& check, std::uint32_t index, const ReadView& view) {
  const FieldDescriptor* kind = kind_field(check);
  REHEARSE_ASSERT(kind != nullptr, "a validated check has a kind");
  const auto& makers = check_makers();
  const auto maker = std::find_if(makers.begin(), makers.end(), [&](const auto& m) { return m.kind == kind->name(); });
  REHEARSE_ASSERT(maker != makers.end(), "the catalogue has every kind that the schema has");
  CheckDescription description;
  description.index = index;
  description.name = check.name();
  description.kind = kind->name();
  description.quantity = quantity_of(check);
  const scenario::RunRules& rules = rules_of(check);
  description.during.assign(rules.during().begin(), rules.during().end());
  // A monitor says itself when it has nothing to measure, and columns are there whatever the rows are.
  description.empty_agrees = rules.empty() == scenario::RunRules::AGREES || description.monitor() ||
                             reads(check, scenario::CheckKind::SCHEMAS);
  description.align = align_of(check);
  return maker->make(check, view, std::move(description));
}

void describe(CheckDescription& description, const scenario::Comparison& comparison, const ReadView& view) {
  description.reference = store_named(comparison.between(0), view);
  description.trial = store_named(comparison.between(1), view);
  description.tables = tables_of(comparison.datasets(), {*description.reference, description.trial}, view);
  description.severity = comparison.severity();
  description.due = recurrence(comparison.runs(), view.start_unix_ns());
}

void describe(CheckDescription& description, const scenario::Observation& observation, const ReadView& view) {
  description.trial = store_named(observation.of(), view);
  description.severity = observation.severity();
  description.due = recurrence(observation.runs(), view.start_unix_ns());
}

std::vector<TableId> tables_of(const google::protobuf::RepeatedPtrField<std::string>& datasets,
                               const std::vector<StoreId>& stores, const ReadView& view) {
  std::vector<TableId> tables;
  for (const std::string& name : datasets) {
    const auto table = view.dataset_table(name);
    REHEARSE_ASSERT(table.has_value(), "a validated scenario names only datasets that it has");
    tables.push_back(*table);
  }
  if (!tables.empty()) return tables;
  for (TableId table = 0; table < view.tables(); ++table)
    if (std::all_of(stores.begin(), stores.end(), [&](StoreId store) { return view.holds(store, table); }))
      tables.push_back(table);
  return tables;
}

SeenFrom seen_from(scenario::Observation::SeenFrom given) {
  switch (given) {
    case scenario::Observation::CONNECTOR:
      return SeenFrom::connector;
    case scenario::Observation::SINK:
      return SeenFrom::sink;
    default:
      return SeenFrom::source;
  }
}

std::vector<ColumnId> columns_of(const google::protobuf::RepeatedPtrField<std::string>& names, const ReadView& view,
                                 TableId table) {
  std::vector<ColumnId> columns;
  for (const std::string& name : names)
    if (const auto column = view.column(table, name)) columns.push_back(*column);
  return columns;
}

}  // namespace rehearse
