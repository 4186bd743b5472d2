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

void lint_recheck(LintContext& context, const std::string& path, const Comparison& comparison) {
  if (!comparison.has_recheck()) return;
  const scenario::Recheck& recheck = comparison.recheck();
  const bool named = recheck.like() != scenario::Recheck::NONE;
  if (named == recheck.has_after_ns())
    context.error(path + ".recheck",
                  named ? "a tool is named, and `after` is given as well" : "when to look again is missing",
                  "either `after` or the name of a tool");
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
  lint_recheck(context, path, comparison);
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

void lint_checksum(LintContext& context, const std::string& path, const scenario::Checksum& check,
                   const std::vector<std::string>& datasets) {
  require_columns(context, path + ".columns", datasets, check.columns());
  for (int i = 0; i < check.columns_size(); ++i)
    for (const std::string& name : datasets) {
      const scenario::Dataset* dataset = context.dataset(name);
      if (dataset == nullptr) continue;
      for (const scenario::ColumnEquality& equality : dataset->equality())
        if (equality.column() == check.columns(i) && equality.has_tolerance())
          context.warning(fmt::format("{}.columns[{}]", path, i),
                          "a hash knows no tolerance: values that the contract takes for the same look different",
                          "columns without one");
    }
  if (!check.has_chunks()) return;
  const scenario::Chunks& chunks = check.chunks();
  const bool named = chunks.like() != scenario::Chunks::NONE;
  if (named == chunks.has_rows())
    context.error(path + ".chunks",
                  named ? "a tool is named, and `rows` is given as well" : "how many rows a chunk has is missing",
                  "either `rows` or the name of a tool");
}

// The dataset of a field of a check, if both sides hold it; problems are reported.
const scenario::Dataset* held_dataset(LintContext& context, const std::string& path, const std::string& name,
                                      const std::vector<std::string>& datasets) {
  if (std::find(datasets.begin(), datasets.end(), name) != datasets.end()) return context.dataset(name);
  if (context.dataset(name) != nullptr)
    context.error(path, fmt::format("one of the two sides never holds {}", shown(name)), "one of " + joined(datasets));
  return nullptr;
}

void lint_referential(LintContext& context, const std::string& path, const scenario::Referential& check,
                      const std::vector<std::string>& datasets) {
  const scenario::Dataset* child = held_dataset(context, path + ".child", check.child(), datasets);
  const scenario::Dataset* parent = held_dataset(context, path + ".parent", check.parent(), datasets);
  if (child != nullptr)
    context.require_column(path + ".column", {check.child()}, check.column(), LintContext::Having::all);
  const scenario::Table* table = parent != nullptr ? context.table(parent->of()) : nullptr;
  if (table == nullptr) return;
  const auto keys =
      std::count_if(table->columns().begin(), table->columns().end(), [](const auto& c) { return c.key(); });
  if (keys != 1)
    context.error(path + ".parent", fmt::format("the key of {} is {} columns", shown(check.parent()), keys),
                  "a dataset whose key is one column");
}

// The dataset that a consumer reads, if the sides hold it; problems are reported.
std::vector<std::string> dataset_read(LintContext& context, const std::string& path, const std::string& consumer,
                                      const std::vector<std::string>& datasets) {
  const scenario::Consumer* as = context.consumer(consumer);
  if (as == nullptr) return {};
  if (context.dataset(as->reads()) == nullptr) {
    context.error(path + ".as", fmt::format("{} reads a store, not a dataset", shown(consumer)),
                  "a consumer that reads a dataset");
    return {};
  }
  if (std::find(datasets.begin(), datasets.end(), as->reads()) != datasets.end()) return {as->reads()};
  context.error(path + ".as", fmt::format("{} reads {}, which one of the two sides never holds", shown(consumer),
                                          shown(as->reads())));
  return {};
}

void lint_dual_read(LintContext& context, const std::string& path, const scenario::DualRead& check,
                    const std::vector<std::string>& datasets) {
  const std::vector<std::string> read = dataset_read(context, path, check.as(), datasets);
  if (read.empty() || !check.has_latest()) return;
  context.require_column(path + ".latest.column", read, check.latest().column(), LintContext::Having::all);
  const auto type = type_of(context, read, check.latest().column());
  if (type && !is_number(*type))
    context.error(path + ".latest.column", fmt::format("{} holds no numbers", shown(check.latest().column())),
                  "a column of numbers");
}

void lint_shadow_consumer(LintContext& context, const std::string& path, const scenario::ShadowConsumer& check) {
  context.check_recurrence(path, check.runs());
  const std::string& a = check.between(0);
  const std::string& b = check.between(1);
  if (!context.knows_store(a) || !context.knows_store(b)) return;
  if (a == b) context.error(path + ".between", fmt::format("`{}` is compared with itself", a), "two sides");
  dataset_read(context, path, check.as(), common(context.held(a), context.held(b)));
}

bool is_of_a_stream(const LintContext& context, const std::string& store) {
  const scenario::Pipeline* writer = context.writer_of(store);
  return writer == nullptr || writer->has_stream();
}

void lint_observation(LintContext& context, const Check& check, const std::string& path) {
  const scenario::Observation& observation = *observation_of(check);
  context.check_recurrence(path, observation.runs());
  if ((check.has_lag() || check.has_position_continuity()) && !is_of_a_stream(context, observation.of()))
    context.error(path + ".of", fmt::format("`{}` is written by a batch job, which has no positions", observation.of()),
                  "a store that a stream writes");
  if (!check.has_duplicates() || !context.knows_store(observation.of())) return;
  const scenario::Duplicates& duplicates = check.duplicates();
  const std::vector<std::string> datasets = in_scope(
      context, path, duplicates.datasets(), context.held(observation.of()), "store `" + observation.of() + "`");
  require_columns(context, path + ".columns", datasets, duplicates.columns());
}

void lint_command_check(LintContext& context, const std::string& path, const scenario::CommandCheck& check) {
  lint_parameters(context, path, check.parameters());
  lint_command(context, path, check.command().run());
}

bool is_own_logic(const Check& check) { return check.has_sql() || check.has_command() || check.has_library(); }

void lint_own_check(LintContext& context, const std::string& path, const Check& check,
                    const std::vector<std::string>& datasets) {
  if (check.has_sql()) lint_sql(context, path, check.sql(), datasets);
  if (check.has_command()) lint_command_check(context, path, check.command());
  if (check.has_library()) lint_library(context, path + ".file", "check");
  if (!check.has_sql() && comparison_of(check)->align() == scenario::REREAD)
    context.error(path + ".align", "`reread` reads single rows again, and your own logic gets tables",
                  "another alignment");
}

void lint_window_cut(LintContext& context, const std::string& path, const Check& check, const Comparison& comparison) {
  const bool reads_no_times =
      check.has_checksum() || check.has_count_distinct() || check.has_referential() || check.has_dual_read();
  if (reads_no_times && comparison.align() == scenario::WINDOW_CUT)
    context.error(path + ".align", "`window_cut` compares the rows of a window, and this check reads no times",
                  "another alignment");
}

void lint_check(LintContext& context, const Check& check) {
  const std::string path = check_path(check);
  const Comparison* comparison = comparison_of(check);
  if (check.has_shadow_consumer()) return lint_shadow_consumer(context, path, check.shadow_consumer());
  if (comparison == nullptr) return lint_observation(context, check, path);
  const std::vector<std::string> datasets = lint_comparison(context, path, *comparison);
  if (datasets.empty()) return;
  lint_window_cut(context, path, check, *comparison);
  if (check.has_row_count()) lint_row_count(context, path, check.row_count(), datasets);
  if (check.has_aggregate()) lint_aggregate(context, path, check.aggregate(), datasets);
  if (check.has_sampled_hash()) require_columns(context, path + ".columns", datasets, check.sampled_hash().columns());
  if (check.has_keyed_hash()) require_columns(context, path + ".columns", datasets, check.keyed_hash().columns());
  if (check.has_field_compare()) require_columns(context, path + ".columns", datasets, check.field_compare().columns());
  if (is_own_logic(check)) lint_own_check(context, path, check, datasets);
  if (check.has_checksum()) lint_checksum(context, path, check.checksum(), datasets);
  if (check.has_referential()) lint_referential(context, path, check.referential(), datasets);
  if (check.has_dual_read()) lint_dual_read(context, path, check.dual_read(), datasets);
  if (check.has_count_distinct()) {
    require_columns(context, path + ".columns", datasets, check.count_distinct().columns());
    if (!check.count_distinct().group_by().empty())
      context.require_column(path + ".group_by", datasets, check.count_distinct().group_by(), LintContext::Having::all);
  }
}

// Whether a checksum goes on to single rows.
bool splits(const scenario::Checksum& check) {
  using Chunks = scenario::Chunks;
  const Chunks& chunks = check.chunks();
  return chunks.split() > 1 || chunks.like() == Chunks::SYNC_DIFF_INSPECTOR || chunks.like() == Chunks::DATA_DIFF;
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
    case Check::kLag:
      return {};
    case Check::kSql:
    case Check::kCommand:
    case Check::kLibrary:
      return {scenario::MISSING,   scenario::EXTRA,  scenario::DUPLICATE, scenario::MISMATCH,
              scenario::AGGREGATE, scenario::TIMING, scenario::SCHEMA};
    case Check::kCountDistinct:
    case Check::kShadowConsumer:
      return {scenario::AGGREGATE};
    case Check::kSchemaCompatibility:
      return {scenario::SCHEMA};
    case Check::kPositionContinuity:
      return {scenario::MISSING};
    case Check::kKeyCoverage:
      if (check.key_coverage().look_for() == scenario::KeyCoverage::ONLY_MISSING)
        return {scenario::MISSING, scenario::TIMING};
      if (check.key_coverage().look_for() == scenario::KeyCoverage::ONLY_EXTRA)
        return {scenario::EXTRA, scenario::TIMING};
      return {scenario::MISSING, scenario::EXTRA, scenario::TIMING};
    case Check::kReferential:
      return {scenario::MISSING, scenario::EXTRA, scenario::MISMATCH, scenario::TIMING};
    case Check::kDualRead:
      return {scenario::MISSING,  scenario::EXTRA,     scenario::DUPLICATE,
              scenario::MISMATCH, scenario::AGGREGATE, scenario::TIMING};
    case Check::kChecksum:
      if (!splits(check.checksum())) return {scenario::AGGREGATE, scenario::TIMING};
      return {scenario::MISSING, scenario::EXTRA, scenario::DUPLICATE, scenario::MISMATCH, scenario::TIMING};
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
      context.error(path, fmt::format("check `{}` measures a {}, which has no classes and no `per`", check.name(),
                                      check.has_lag() ? "lag" : "duration"));
    return;
  }
  if (metric.value() == scenario::Metric::FIGURE) {
    if (!is_own_logic(check))
      context.error(path + ".value", fmt::format("check `{}` returns no figure", check.name()),
                    "a metric of a check of kind sql, command or library");
    if (!metric.classes().empty() || metric.per() != scenario::Metric::RUN)
      context.error(path, "a figure has no classes and no `per`");
  }
  if (check.has_shadow_consumer() && (!metric.classes().empty() || metric.per() != scenario::Metric::RUN))
    context.error(
        path, fmt::format("check `{}` measures a share of answers, which has no classes and no `per`", check.name()));
  if (metric.per() == scenario::Metric::ROWS_COMPARED && check.has_schema_compatibility())
    context.error(path + ".per", fmt::format("check `{}` reads columns, not rows", check.name()), "`per: run`");
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
  const std::vector<scenario::DiscrepancyClass> classes = classes_of(check);
  const bool totals = std::find(classes.begin(), classes.end(), scenario::AGGREGATE) != classes.end();
  const bool by_row = !classes.empty() && (!totals || check.has_dual_read() || is_own_logic(check)) &&
                      !check.has_schema_compatibility() && !check.has_position_continuity();
  if (!by_row) {
    context.error(path + ".of", fmt::format("check `{}` names no rows that could be repaired", check.name()),
                  "a check that compares rows, as keyed_hash, field_compare, key_coverage or duplicates");
  }
  if (rule.has_command()) lint_command(context, path + ".command", rule.command().run());
  if (rule.has_library()) lint_library(context, path + ".library.file", "repair");
  if (rule.has_command() && rule.has_library())
    context.error(path + ".library", "there is a `command` already", "one of them");
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
