// The derived tables of datasets with rows of their own, and those that pipelines make instead.
#include <fmt/format.h>

#include <algorithm>

#include "harness/campaign/assembler.h"
#include "scenarios/dataset_rows.h"
#include "scenarios/lint_context.h"

namespace rehearse {
namespace {

std::string made_instead(const std::string& dataset, const std::string& pipeline) {
  return fmt::format("{} of {}", dataset, pipeline);
}

RowRule rule_of(const scenario::Dataset& dataset, const TablesBeneath& tables, bool captured,
                std::int64_t start_unix_ns) {
  const TableSchema& table = tables.table;
  RowRule rule;
  rule.where = conditions_of(dataset.where(), table, captured);
  rule.most = rows_for_one(dataset);
  if (dataset.has_each()) rule.count = table.versions.front().find(dataset.each().count())->id;
  if (dataset.has_aggregate()) {
    const scenario::DatasetAggregate& given = dataset.aggregate();
    Grouping& groups = rule.groups.emplace();
    if (!given.by().empty()) groups.by = table.versions.front().find(given.by())->id;
    groups.windows = given.has_window();
    if (groups.windows) {
      groups.every = {given.window().every_ns()};
      if (captured) groups.window_of = table.versions.front().find(given.window().of())->id;
      if (given.window().has_closes_after_ns()) groups.closes_after = Duration{given.window().closes_after_ns()};
      groups.offset = {floor_mod(start_unix_ns, groups.every.ns)};
    }
    for (const scenario::DatasetMeasure& measure : given.measures())
      if (!measure.sum().empty()) groups.sums.push_back(table.versions.front().find(measure.sum())->id);
  }
  if (dataset.has_snapshot()) {
    const Duration every{dataset.snapshot().every_ns()};
    rule.cuts =
        Cutting{.every = every, .offset = {floor_mod(start_unix_ns - dataset.snapshot().offset_ns(), every.ns)}};
  }
  if (dataset.has_look_up())
    rule.look_up = LookUp{tables.other_id, table.versions.front().find(dataset.look_up().by())->id};
  return rule;
}

RowRule own_rule_of(const scenario::OwnRows& own, const scenario::Dataset& dataset, const TablesBeneath& tables,
                    bool captured, std::int64_t start_unix_ns) {
  RowRule rule = rule_of(dataset, tables, captured, start_unix_ns);
  if (own.unfiltered()) rule.where.clear();
  if (!own.where().empty()) rule.where = conditions_of(own.where(), tables.table, captured);
  rule.never_retracts = own.retractions() == scenario::OwnRows::FORGOTTEN;
  rule.freezes_look_ups = own.look_ups() == scenario::OwnRows::FROZEN;
  rule.forgets_leavers = own.leavers() == scenario::OwnRows::KEPT;
  if (own.has_closes_after_ns()) rule.groups->closes_after = Duration{own.closes_after_ns()};
  if (rule.cuts) rule.cuts->late = {own.late_by_ns()};
  if (own.has_up_to()) rule.most = static_cast<RowId>(own.up_to());
  return rule;
}

}  // namespace

void add_derived_tables(const LoadedScenario& loaded, const SharedInputs& inputs, WorldOptions& options) {
  const scenario::Scenario& s = loaded.proto;
  const bool captured = inputs.capture != nullptr;
  std::vector<SourceTableOptions>& tables = options.source.tables;
  const std::size_t of_source = tables.size();
  for (const scenario::Dataset& dataset : s.datasets()) {
    if (!has_rows_of_its_own(dataset)) continue;
    for (TableId base = 0; base < of_source; ++base) {
      if (tables[base].schema.name != dataset.of()) continue;
      TablesBeneath beneath{.table = tables[base].schema, .id = base, .captured = captured};
      for (TableId other = 0; other < of_source; ++other)
        if (dataset.has_look_up() && tables[other].schema.name == dataset.look_up().in()) {
          beneath.other = tables[other].schema;
          beneath.other_id = other;
        }
      const auto meant = static_cast<TableId>(tables.size());
      SourceTableOptions derived;
      derived.schema = schema_beneath(dataset, beneath);
      derived.rule = rule_of(dataset, beneath, captured, options.source.start_unix_ns);
      tables.push_back(derived);
      for (const scenario::Pipeline& pipeline : s.pipelines())
        for (const scenario::OwnRows& own : rows_of(pipeline)) {
          if (own.dataset() != dataset.name()) continue;
          derived.schema.name = made_instead(dataset.name(), pipeline.name());
          derived.rule = own_rule_of(own, dataset, beneath, captured, options.source.start_unix_ns);
          derived.rule->instead = meant;
          tables.push_back(derived);
        }
    }
  }
}

std::optional<TablesBeneath> captured_beneath(const scenario::Dataset& dataset, const CapturedStream& stream,
                                              const std::string& schema) {
  const auto table = stream.find_table(schema, dataset.of());
  if (!table) return std::nullopt;
  TablesBeneath tables{.table = captured_schema(stream, *table), .id = static_cast<TableId>(*table), .captured = true};
  const auto other = dataset.has_look_up() ? stream.find_table(schema, dataset.look_up().in()) : std::nullopt;
  if (other) tables.other = captured_schema(stream, *other);
  return tables;
}

std::vector<OwnRule> own_rules_of(const scenario::Pipeline& pipeline, const World& world) {
  std::vector<OwnRule> rules;
  Lsn records = 0;
  for (TableId table = 0; table < world.source.tables(); ++table)
    if (world.source.derived(table)) {
      const DerivedRows& derived = *world.source.schema(table).derived;
      records += derived.kind == DerivedRows::Kind::groups ? 2 : derived.per_row;
    }
  for (const scenario::OwnRows& own : rows_of(pipeline))
    for (TableId table = 0; table < world.source.tables(); ++table)
      if (world.source.schema(table).name == made_instead(own.dataset(), pipeline.name()))
        rules.push_back(
            {.dataset = own.dataset(), .meant = world.source.meant(table), .made = table, .records = records});
  return rules;
}

}  // namespace rehearse
