#include "harness/reconcile/catalogue.h"

#include "harness/reconcile/schedule.h"
#include "scenarios/check_kinds.h"
#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

struct Kind {
  scenario::Check::KindCase kind;
  const char* word;
  std::unique_ptr<Check> (*make)(const scenario::Check&, const ReadView&, CheckDescription);
};

constexpr Kind kinds[] = {
    {scenario::Check::kRowCount, "row_count", make_row_count},
    {scenario::Check::kSampledHash, "sampled_hash", make_sampled_hash},
    {scenario::Check::kKeyedHash, "keyed_hash", make_keyed_hash},
    {scenario::Check::kFieldCompare, "field_compare", make_field_compare},
    {scenario::Check::kAggregate, "aggregate", make_aggregate},
    {scenario::Check::kDuplicates, "duplicates", make_duplicates},
    {scenario::Check::kLatency, "latency", make_latency},
    {scenario::Check::kFreshness, "freshness", make_freshness},
    {scenario::Check::kKeyCoverage, "key_coverage", make_key_coverage},
    {scenario::Check::kChecksum, "checksum", make_checksum},
    {scenario::Check::kCountDistinct, "count_distinct", make_count_distinct},
    {scenario::Check::kReferential, "referential", make_referential},
    {scenario::Check::kDualRead, "dual_read", make_dual_read},
    {scenario::Check::kShadowConsumer, "shadow_consumer", make_shadow_consumer},
    {scenario::Check::kSchemaCompatibility, "schema_compatibility", make_schema_compatibility},
    {scenario::Check::kPositionContinuity, "position_continuity", make_position_continuity},
    {scenario::Check::kLag, "lag", make_lag},
    {scenario::Check::kSql, "sql", make_sql},
    {scenario::Check::kCommand, "command", make_command},
    {scenario::Check::kLibrary, "library", make_library},
};

}  // namespace

StoreId store_named(const std::string& name, const ReadView& view) {
  const auto store = view.store(name);
  REHEARSE_ASSERT(store.has_value(), "a validated scenario names only stores that it has");
  return *store;
}

std::unique_ptr<Check> make_check(const scenario::Check& check, std::uint32_t index, const ReadView& view) {
  for (const Kind& kind : kinds) {
    if (kind.kind != check.kind_case()) continue;
    CheckDescription description;
    description.index = index;
    description.name = check.name();
    description.kind = kind.word;
    description.quantity = quantity_of(check);
    return kind.make(check, view, std::move(description));
  }
  REHEARSE_ASSERT(false, "a validated check is of a kind that the catalogue has");
}

void describe(CheckDescription& description, const scenario::Comparison& comparison, const ReadView& view) {
  description.reference = store_named(comparison.between(0), view);
  description.trial = store_named(comparison.between(1), view);
  description.tables = tables_of(comparison.datasets(), {*description.reference, description.trial}, view);
  description.severity = comparison.severity();
  description.align = comparison.align();
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

std::vector<ColumnId> columns_of(const google::protobuf::RepeatedPtrField<std::string>& names, const ReadView& view,
                                 TableId table) {
  std::vector<ColumnId> columns;
  for (const std::string& name : names)
    if (const auto column = view.column(table, name)) columns.push_back(*column);
  return columns;
}

}  // namespace rehearse
