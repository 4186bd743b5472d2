// Checks, metrics and repair rules.
#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "scenarios/lint_context.h"
#include "scenarios/lint_own.h"
#include "scenarios/schema_rules.h"
#include "scenarios/units.h"

namespace rehearse {
namespace {

using scenario::Check;
using scenario::Comparison;

std::vector<std::string> common(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::vector<std::string> both;
  for (const std::string& name : a) {
    if (std::find(b.begin(), b.end(), name) != b.end()) both.push_back(name);
  }
  return both;
}

// The datasets of `wanted` that `held` has; the others are reported. All of `held` if none is wanted.
template <typename List>
std::vector<std::string> in_scope(LintContext& context, const std::string& path, const List& wanted,
                                  const std::vector<std::string>& held, const std::string& where) {
  if (wanted.empty()) return held;
  std::vector<std::string> scope;
  for (int i = 0; i < wanted.size(); ++i) {
    if (std::find(held.begin(), held.end(), wanted.Get(i)) != held.end()) {
      scope.push_back(wanted.Get(i));
    } else {
      context.error(fmt::format("{}.datasets[{}]", path, i), fmt::format("{} never holds it", where),
                    "one of " + joined(held));
    }
  }
  return scope;
}

// The datasets that a comparison compares; problems are reported.
std::vector<std::string> lint_comparison(LintContext& context, const std::string& path, const Comparison& comparison) {
  context.check_recurrence(path, comparison.runs());
  const std::string& a = comparison.between(0);
  const std::string& b = comparison.between(1);
  if (!context.knows_store(a) || !context.knows_store(b)) return {};
  if (a == b) {
    context.error(path + ".between", fmt::format("`{}` is compared with itself", a), "two sides");
    return {};
  }
  if (b == "source")
    context.warning(path + ".between", "the second side is the one on trial, and the source is always right");
  const std::vector<std::string> held = common(context.held(a), context.held(b));
  if (held.empty()) {
    context.error(path + ".between", fmt::format("`{}` and `{}` never hold the same dataset", a, b),
                  "two sides with a dataset in common");
    return {};
  }
  if (comparison.align() == scenario::REREAD && a != "source" && b != "source") {
    context.error(path + ".align", "`reread` reads rows again from the source",
                  "`source` as one side, or another alignment");
  }
  return in_scope(context, path, comparison.datasets(), held, "one of the two sides");
}

template <typename List>
void require_columns(LintContext& context, const std::string& path, const std::vector<std::string>& datasets,
                     const List& columns) {
  for (int i = 0; i < columns.size(); ++i) {
    context.require_column(fmt::format("{}[{}]", path, i), datasets, columns.Get(i), LintContext::Having::all);
  }
}

bool is_number(values::ColumnType::Base base) {
  using values::ColumnType;
  return base == ColumnType::BIGINT || base == ColumnType::INTEGER || base == ColumnType::SMALLINT ||
         base == ColumnType::DECIMAL || base == ColumnType::DOUBLE;
}

bool is_time(values::ColumnType::Base base) {
  return base == values::ColumnType::TIMESTAMPTZ || base == values::ColumnType::TIMESTAMP;
}

// The column's type in the first of the datasets that has it; nothing where types are not known.
std::optional<values::ColumnType::Base> type_of(const LintContext& context, const std::vector<std::string>& datasets,
                                                const std::string& column) {
  for (const std::string& name : datasets) {
    const scenario::Dataset* dataset = context.dataset(name);
    const scenario::Column* found = dataset != nullptr ? context.column(*dataset, column) : nullptr;
    if (found != nullptr) return found->type().base();
  }
  return std::nullopt;
}

void lint_row_count(LintContext& context, const std::string& path, const scenario::RowCount& check,
                    const std::vector<std::string>& datasets) {
  if (!check.has_of()) {
    if (check.comparison().align() == scenario::WINDOW_CUT) {
      context.error(path + ".align", "`window_cut` compares the rows of a window, and there is none",
                    "`of: {created_at: 24h}` beside it, or another alignment");
    }
    return;
  }
  context.require_column(path + ".of.column", datasets, check.of().column(), LintContext::Having::all);
  const auto type = type_of(context, datasets, check.of().column());
  if (type && !is_time(*type)) {
    context.error(path + ".of.column", fmt::format("{} is no time", shown(check.of().column())),
                  "a timestamptz or timestamp column");
  }
}

void lint_aggregate(LintContext& context, const std::string& path, const scenario::Aggregate& check,
                    const std::vector<std::string>& datasets) {
  for (int i = 0; i < check.measures_size(); ++i) {
    const scenario::Measure& measure = check.measures(i);
    const auto* what =
        measure.GetReflection()->GetOneofFieldDescriptor(measure, measure.GetDescriptor()->oneof_decl(0));
    const std::string column = measure.GetReflection()->GetString(measure, what);
    const std::string at = fmt::format("{}.measures[{}].{}", path, i, what->name());
    context.require_column(at, datasets, column, LintContext::Having::all);
    const auto type = type_of(context, datasets, column);
    if ((measure.has_sum() || measure.has_average()) && type && !is_number(*type)) {
      context.error(at, fmt::format("{} holds no numbers", shown(column)), "a column of numbers");
    }
  }
  if (!check.group_by().empty()) {
    context.require_column(path + ".group_by", datasets, check.group_by(), LintContext::Having::all);
  }
}

void lint_observation(LintContext& context, const Check& check, const std::string& path) {
  const scenario::Observation& observation = *observation_of(check);
  context.check_recurrence(path, observation.runs());
  if (!check.has_duplicates() || !context.knows_store(observation.of())) return;
  const scenario::Duplicates& duplicates = check.duplicates();
  const std::vector<std::string> datasets = in_scope(
      context, path, duplicates.datasets(), context.held(observation.of()), "store `" + observation.of() + "`");
  require_columns(context, path + ".columns", datasets, duplicates.columns());
}

void lint_command_check(LintContext& context, const std::string& path, const scenario::CommandCheck& check) {
  lint_parameters(context, path, check.parameters());
  lint_command(context, path, check.command());
  if (check.comparison().align() == scenario::REREAD)
    context.error(path + ".align", "`reread` reads single rows again, and a program gets tables", "another alignment");
}

bool is_own_logic(const Check& check) { return check.has_sql() || check.has_command(); }

void lint_check(LintContext& context, const Check& check) {
  const std::string path = check_path(check);
  const Comparison* comparison = comparison_of(check);
  if (comparison == nullptr) return lint_observation(context, check, path);
  const std::vector<std::string> datasets = lint_comparison(context, path, *comparison);
  if (datasets.empty()) return;
  if (check.has_row_count()) lint_row_count(context, path, check.row_count(), datasets);
  if (check.has_aggregate()) lint_aggregate(context, path, check.aggregate(), datasets);
  if (check.has_sampled_hash()) require_columns(context, path + ".columns", datasets, check.sampled_hash().columns());
  if (check.has_keyed_hash()) require_columns(context, path + ".columns", datasets, check.keyed_hash().columns());
  if (check.has_field_compare()) require_columns(context, path + ".columns", datasets, check.field_compare().columns());
  if (check.has_sql()) lint_sql(context, path, check.sql(), datasets);
  if (check.has_command()) lint_command_check(context, path, check.command());
}

// The classes that a check of this kind can report.
std::vector<scenario::DiscrepancyClass> classes_of(const Check& check) {
  switch (check.kind_case()) {
    case Check::kRowCount:
      return {scenario::AGGREGATE, scenario::MISSING, scenario::EXTRA};
    case Check::kAggregate:
      return {scenario::AGGREGATE};
    case Check::kDuplicates:
      return {scenario::DUPLICATE};
    case Check::kLatency:
    case Check::kFreshness:
      return {};
    case Check::kSql:
    case Check::kCommand:
      return {scenario::MISSING,   scenario::EXTRA,  scenario::DUPLICATE, scenario::MISMATCH,
              scenario::AGGREGATE, scenario::TIMING, scenario::SCHEMA};
    default:
      return {scenario::MISSING,  scenario::EXTRA,  scenario::DUPLICATE,
              scenario::MISMATCH, scenario::TIMING, scenario::SCHEMA};
  }
}

void lint_metric(LintContext& context, const scenario::Metric& metric) {
  const std::string path = "metrics." + metric.name();
  const Check* from = context.check(metric.from());
  if (from == nullptr) return;
  const Check& check = *from;
  const std::vector<scenario::DiscrepancyClass> possible = classes_of(check);
  if (possible.empty()) {
    const bool asks = !metric.classes().empty() || metric.per() != scenario::Metric::RUN;
    if (asks)
      context.error(path,
                    fmt::format("check `{}` measures a duration, which has no classes and no `per`", check.name()));
    return;
  }
  if (metric.value() == scenario::Metric::FIGURE) {
    if (!is_own_logic(check))
      context.error(path + ".value", fmt::format("check `{}` returns no figure", check.name()),
                    "a metric of a check of kind sql or command");
    if (!metric.classes().empty() || metric.per() != scenario::Metric::RUN)
      context.error(path, "a figure has no classes and no `per`");
  }
  if (metric.per() == scenario::Metric::ROWS_COMPARED && comparison_of(check) == nullptr) {
    context.warning(path + ".per",
                    fmt::format("check `{}` looks at one side only; its rows are those it read", check.name()));
  }
  for (int i = 0; i < metric.classes_size(); ++i) {
    const auto wanted = static_cast<scenario::DiscrepancyClass>(metric.classes(i));
    if (std::find(possible.begin(), possible.end(), wanted) != possible.end()) continue;
    context.warning(fmt::format("{}.classes[{}]", path, i),
                    fmt::format("check `{}` never reports this class", check.name()));
  }
}

std::set<std::string> used_metrics(const scenario::Migration& migration) {
  std::set<std::string> used;
  for (const scenario::Phase& phase : migration.phases()) {
    for (const scenario::Criterion& criterion : phase.exit()) used.insert(criterion.metric());
  }
  used.insert(migration.decide().metrics().begin(), migration.decide().metrics().end());
  for (const scenario::Trigger& trigger : migration.rollback().triggers()) used.insert(trigger.metric());
  return used;
}

void lint_repair(LintContext& context, int index) {
  const scenario::RepairRule& rule = context.proto.repair(index);
  const Check* of = context.check(rule.of());
  if (of == nullptr) return;
  const Check& check = *of;
  const std::string path = fmt::format("repair[{}]", index);
  const bool by_row = !check.has_row_count() && !check.has_aggregate() && !classes_of(check).empty();
  if (!by_row) {
    context.error(path + ".of", fmt::format("check `{}` names no rows that could be repaired", check.name()),
                  "a check that compares rows: sampled_hash, keyed_hash, field_compare or duplicates");
  }
  if (rule.has_command()) lint_command(context, path + ".command", rule.command());
  const scenario::Comparison* comparison = comparison_of(check);
  if (comparison != nullptr && comparison->between_size() == 2 && comparison->between(1) == "source") {
    context.error(path + ".of", "the source is never repaired", "a check whose second side is a store");
  }
}

}  // namespace

void lint_checks(LintContext& context) {
  for (const Check& check : context.proto.checks()) lint_check(context, check);
  for (const scenario::Metric& metric : context.proto.metrics()) lint_metric(context, metric);
  for (int i = 0; i < context.proto.repair_size(); ++i) lint_repair(context, i);
  if (!context.proto.has_migration()) return;
  const std::set<std::string> used = used_metrics(context.proto.migration());
  for (const scenario::Metric& metric : context.proto.metrics()) {
    if (used.count(metric.name()) == 0)
      context.warning("metrics." + metric.name(), "no gate and no trigger reads this metric");
  }
}

}  // namespace rehearse
