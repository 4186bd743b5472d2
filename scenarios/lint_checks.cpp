// Checks, metrics and repair rules.
#include <fmt/core.h>
#include <google/protobuf/reflection.h>

#include <algorithm>
#include <set>

#include "scenarios/lint_context.h"
#include "scenarios/lint_own.h"
#include "scenarios/schema_rules.h"
#include "scenarios/units.h"

namespace rehearse {
namespace {

using scenario::Check;
using scenario::CheckKind;
using scenario::Comparison;
using scenario::DiscrepancyClass;

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
                    one_of(held, "a dataset that is there"));
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
  if (comparison.has_align() && comparison.align() == scenario::REREAD && a != "source" && b != "source") {
    context.error(path + ".align", "`reread` reads rows again from the source",
                  "`source` as one side, or another alignment");
  }
  lint_recheck(context, path, comparison);
  return in_scope(context, path, comparison.datasets(), held, "one of the two sides");
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

// The dataset that a consumer reads, if the sides hold it; problems are reported.
std::vector<std::string> dataset_read(LintContext& context, const std::string& path, const std::string& consumer,
                                      const std::vector<std::string>& datasets) {
  const scenario::Consumer* as = context.consumer(consumer);
  if (as == nullptr) return {};
  if (context.dataset(as->reads()) == nullptr) {
    context.error(path, fmt::format("{} reads a store, not a dataset", shown(consumer)),
                  "a consumer that reads a dataset");
    return {};
  }
  if (std::find(datasets.begin(), datasets.end(), as->reads()) != datasets.end()) return {as->reads()};
  context.error(
      path, fmt::format("{} reads {}, which one of the two sides never holds", shown(consumer), shown(as->reads())));
  return {};
}

// Where a column is looked for: the datasets of the check, or the one that another field of it names or reads.
std::vector<std::string> holders(const LintContext& context, const Message& parameters, const std::string& column_of,
                                 const std::vector<std::string>& datasets) {
  if (column_of.empty()) return datasets;
  const FieldDescriptor* field = parameters.GetDescriptor()->FindFieldByName(column_of);
  const std::string name = parameters.GetReflection()->GetString(parameters, field);
  const bool names_consumer = rule_of(*field).to_size() > 0 && rule_of(*field).to(0) == FieldRule::CONSUMER;
  const scenario::Consumer* consumer = names_consumer ? context.consumer(name) : nullptr;
  const std::string& dataset = consumer != nullptr ? consumer->reads() : name;
  const bool compared = std::find(datasets.begin(), datasets.end(), dataset) != datasets.end();
  return compared ? std::vector<std::string>{dataset} : std::vector<std::string>{};
}

void lint_column(LintContext& context, const Visit& visit, const std::string& column,
                 const std::vector<std::string>& datasets) {
  if (datasets.empty()) return;
  context.require_column(visit.path, datasets, column, LintContext::Having::all);
  const FieldRule::Holds wanted = rule_of(visit.field).holds();
  const auto type = type_of(context, datasets, column);
  if (!type || wanted == FieldRule::ANYTHING) return;
  if (wanted == FieldRule::NUMBERS && !is_number(*type))
    context.error(visit.path, fmt::format("{} holds no numbers", shown(column)), "a column of numbers");
  if (wanted == FieldRule::TIMES && !is_time(*type))
    context.error(visit.path, fmt::format("{} is no time", shown(column)), "a timestamptz or timestamp column");
}

// What every kind's own fields name: columns of what it looks at, and consumers that it reads as.
void lint_names(LintContext& context, const std::string& path, const Message& parameters,
                const std::vector<std::string>& datasets) {
  for_each_field(parameters, path, [&](const Visit& visit) {
    if (visit.field.cpp_type() != FieldDescriptor::CPPTYPE_STRING) return;
    const FieldRule& rule = rule_of(visit.field);
    const auto& reflection = *visit.holder.GetReflection();
    const std::string name = visit.index < 0 ? reflection.GetString(visit.holder, &visit.field)
                                             : reflection.GetRepeatedString(visit.holder, &visit.field, visit.index);
    if (name.empty()) return;
    if (rule.kind() == FieldRule::COLUMN)
      lint_column(context, visit, name, holders(context, parameters, rule.column_of(), datasets));
    if (rule.to_size() > 0 && rule.to(0) == FieldRule::CONSUMER) dataset_read(context, visit.path, name, datasets);
  });
}

void lint_checksum(LintContext& context, const std::string& path, const scenario::Checksum& check,
                   const std::vector<std::string>& datasets) {
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
    context.error(path, fmt::format("one of the two sides never holds {}", shown(name)),
                  one_of(datasets, "a dataset of both"));
  return nullptr;
}

void lint_referential(LintContext& context, const std::string& path, const scenario::Referential& check,
                      const std::vector<std::string>& datasets) {
  held_dataset(context, path + ".child", check.child(), datasets);
  const scenario::Dataset* parent = held_dataset(context, path + ".parent", check.parent(), datasets);
  const scenario::Table* table = parent != nullptr ? context.table(parent->of()) : nullptr;
  if (table == nullptr) return;
  const auto keys =
      std::count_if(table->columns().begin(), table->columns().end(), [](const auto& c) { return c.key(); });
  if (keys != 1)
    context.error(path + ".parent", fmt::format("the key of {} is {} columns", shown(check.parent()), keys),
                  "a dataset whose key is one column");
}

bool is_of_a_stream(const LintContext& context, const std::string& store) {
  const scenario::Pipeline* writer = context.writer_of(store);
  return writer == nullptr || writer->has_stream();
}

// The datasets that a check of one store looks at; problems are reported.
std::vector<std::string> lint_observation(LintContext& context, const Check& check, const std::string& path) {
  const scenario::Observation& observation = *observation_of(check);
  context.check_recurrence(path, observation.runs());
  if (kind_of(check).needs() == CheckKind::STREAM && !is_of_a_stream(context, observation.of()))
    context.error(path + ".of", fmt::format("`{}` is written by a batch job, which has no positions", observation.of()),
                  "a store that a stream writes");
  if (!context.knows_store(observation.of())) return {};
  if (seen_from(check).value_or(scenario::Observation::SOURCE) != scenario::Observation::SOURCE &&
      !is_of_a_stream(context, observation.of()))
    context.warning(
        path + ".seen_from",
        fmt::format("`{}` is written by a batch job, which has no connector and no sink: there is never any data",
                    observation.of()));
  const Message& parameters = parameters_of(check);
  const std::vector<std::string> held = context.held(observation.of());
  const FieldDescriptor* wanted = parameters.GetDescriptor()->FindFieldByName("datasets");
  if (wanted == nullptr) return held;
  return in_scope(context, path, parameters.GetReflection()->GetRepeatedFieldRef<std::string>(parameters, wanted), held,
                  "store `" + observation.of() + "`");
}

// The datasets that two stores have in common, of a check that brings its sides without a comparison.
std::vector<std::string> lint_sides(LintContext& context, const Check& check, const std::string& path) {
  context.check_recurrence(path, runs_of(check));
  const std::vector<std::string> sides = sides_of(check);
  if (sides.size() != 2 || !context.knows_store(sides[0]) || !context.knows_store(sides[1])) return {};
  if (sides[0] == sides[1])
    context.error(path + ".between", fmt::format("`{}` is compared with itself", sides[0]), "two sides");
  return common(context.held(sides[0]), context.held(sides[1]));
}

void lint_command_check(LintContext& context, const std::string& path, const scenario::CommandCheck& check) {
  lint_parameters(context, path, check.parameters());
  lint_command(context, path, check.command().run());
}

void lint_alignment(LintContext& context, const std::string& path, const Check& check) {
  const scenario::Align align = align_of(check);
  const auto cannot = [&](const char* why, const char* expected) { context.error(path + ".align", why, expected); };
  if (align == scenario::WINDOW_CUT && !reads(check, CheckKind::TIMES))
    cannot("`window_cut` compares the rows of a window, and this check reads no times", "another alignment");
  if (align == scenario::WINDOW_CUT && window_field(check) != nullptr && window_of(check) == nullptr)
    cannot("`window_cut` compares the rows of a window, and there is none",
           "`of: {created_at: 24h}` beside it, or another alignment");
  if (align == scenario::REREAD && reads(check, CheckKind::TABLES))
    cannot("`reread` reads single rows again, and your own logic gets tables", "another alignment");
}

// What only one kind asks for.
void lint_own_rules(LintContext& context, const std::string& path, const Check& check,
                    const std::vector<std::string>& datasets) {
  if (check.has_sql()) lint_sql(context, path, check.sql(), datasets);
  if (check.has_command()) lint_command_check(context, path, check.command());
  if (check.has_library()) lint_library(context, path + ".file", "check");
  if (check.has_checksum()) lint_checksum(context, path, check.checksum(), datasets);
  if (check.has_referential()) lint_referential(context, path, check.referential(), datasets);
}

void lint_check(LintContext& context, const Check& check) {
  if (kind_field(check) == nullptr) return;
  const std::string path = check_path(check);
  const Comparison* comparison = comparison_of(check);
  const std::vector<std::string> datasets = comparison != nullptr ? lint_comparison(context, path, *comparison)
                                            : observation_of(check) != nullptr ? lint_observation(context, check, path)
                                                                               : lint_sides(context, check, path);
  const bool sides_have_nothing_in_common = datasets.empty() && comparison == nullptr && !observation_of(check);
  if (sides_have_nothing_in_common) return lint_names(context, path, parameters_of(check), datasets);
  if (is_monitor(check) && rules_of(check).empty() == scenario::RunRules::AGREES)
    context.error(path + ".empty",
                  fmt::format("it measures a {}, and compares nothing", rule_of(quantity_of(check)).noun()),
                  "no `empty`");
  if (datasets.empty()) return;
  if (comparison != nullptr) lint_alignment(context, path, check);
  lint_names(context, path, parameters_of(check), datasets);
  lint_own_rules(context, path, check, datasets);
}

// A metric of what is no number of discrepancies picks no classes and relates to nothing.
void lint_metric_of_measure(LintContext& context, const std::string& path, const scenario::Metric& metric,
                            const std::string& whose) {
  if (metric.classes().empty() && metric.per() == scenario::Metric::RUN) return;
  context.error(path, whose + ", which has no classes and no `per`");
}

void lint_metric_of(LintContext& context, const std::string& path, const scenario::Metric& metric, const Check& check) {
  if (metric.value() == scenario::Metric::FIGURE && !kind_of(check).returns_figure())
    context.error(path + ".value", fmt::format("check `{}` returns no figure", check.name()),
                  "a metric of a check of kind sql, command or library");
  if (is_measured(quantity_of(check)))
    return lint_metric_of_measure(
        context, path, metric,
        fmt::format("check `{}` measures a {}", check.name(), rule_of(quantity_of(check)).noun()));
  if (metric.value() == scenario::Metric::FIGURE && kind_of(check).returns_figure())
    return lint_metric_of_measure(context, path, metric, fmt::format("check `{}` returns a figure", check.name()));
  if (metric.per() == scenario::Metric::ROWS_COMPARED && reads(check, CheckKind::SCHEMAS))
    context.error(path + ".per", fmt::format("check `{}` reads columns, not rows", check.name()), "`per: run`");
  if (metric.per() == scenario::Metric::ROWS_COMPARED && comparison_of(check) == nullptr) {
    context.warning(path + ".per",
                    fmt::format("check `{}` looks at one side only; its rows are those it read", check.name()));
  }
}

void lint_metric(LintContext& context, const scenario::Metric& metric) {
  const std::string path = "metrics." + metric.name();
  std::vector<DiscrepancyClass> possible;
  std::set<std::string> seen;
  for (int i = 0; i < metric.from_size(); ++i) {
    const Check* check = context.check(metric.from(i));
    if (check == nullptr) return;
    const std::string at = fmt::format("{}.from[{}]", path, i);
    if (!seen.insert(check->name()).second)
      context.error(at, fmt::format("check `{}` is named twice", check->name()), "each check once");
    if (metric.from_size() > 1 && is_measured(quantity_of(*check))) {
      context.error(at,
                    fmt::format("check `{}` measures a {}, which cannot be added up", check->name(),
                                rule_of(quantity_of(*check)).noun()),
                    "a metric of its own");
      return;
    }
    lint_metric_of(context, path, metric, *check);
    if (is_measured(quantity_of(*check)) || metric.value() == scenario::Metric::FIGURE) return;
    const std::vector<DiscrepancyClass> of_check = claims_of(*check);
    possible.insert(possible.end(), of_check.begin(), of_check.end());
  }
  for (int i = 0; i < metric.classes_size(); ++i) {
    const auto wanted = static_cast<DiscrepancyClass>(metric.classes(i));
    if (std::find(possible.begin(), possible.end(), wanted) != possible.end()) continue;
    context.warning(fmt::format("{}.classes[{}]", path, i),
                    metric.from_size() == 1 ? fmt::format("check `{}` never reports this class", metric.from(0))
                                            : "none of these checks ever reports this class");
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
  if (!names_rows(check)) {
    context.error(path + ".of", fmt::format("check `{}` names no rows that could be repaired", check.name()),
                  "a check that compares rows, as keyed_hash, field_compare, key_coverage or duplicates");
  }
  if (rule.has_command()) lint_command(context, path + ".command", rule.command().run());
  if (rule.has_library()) lint_library(context, path + ".library.file", "repair");
  if (rule.has_command() && rule.has_library())
    context.error(path + ".library", "there is a `command` already", "one of them");
  if (const std::vector<std::string> sides = sides_of(check); !sides.empty() && sides.back() == "source") {
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
