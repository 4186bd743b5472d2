// Names that are given twice or nowhere, and the order of the passes.
#include "scenarios/lint.h"

#include <fmt/core.h>

#include <map>
#include <set>
#include <utility>

#include "scenarios/lint_context.h"
#include "scenarios/schema_rules.h"

namespace rehearse {
namespace {

using Names = std::map<FieldRule::Target, std::vector<std::string>>;

std::vector<std::string> table_names(const scenario::Source& source) {
  std::vector<std::string> names = names_of(source.tables());
  for (const std::string& name : names_of(source.capture().tables())) names.push_back(name);
  return names;
}

Names collect_names(const scenario::Scenario& proto) {
  Names names = {{FieldRule::STORE, {}}};  // without a pipeline there is none
  names[FieldRule::TABLE] = table_names(proto.source());
  names[FieldRule::DATASET] = names_of(proto.datasets());
  names[FieldRule::PIPELINE] = names_of(proto.pipelines());
  for (const scenario::Pipeline& pipeline : proto.pipelines()) names[FieldRule::STORE].push_back(store_of(pipeline));
  names[FieldRule::SOURCE] = {"source"};
  names[FieldRule::CONSUMER] = names_of(proto.consumers());
  names[FieldRule::CHECK] = names_of(proto.checks());
  names[FieldRule::METRIC] = names_of(proto.metrics());
  names[FieldRule::PHASE] = names_of(proto.migration().phases());
  names[FieldRule::FAULT] = names_of(proto.world().faults());
  return names;
}

std::string value_of(const Visit& visit) {
  const auto& reflection = *visit.holder.GetReflection();
  return visit.index < 0 ? reflection.GetString(visit.holder, &visit.field)
                         : reflection.GetRepeatedString(visit.holder, &visit.field, visit.index);
}

void check_reference(LintContext& context, const Names& names, const Names& world, const Visit& visit) {
  const FieldRule& rule = rule_of(visit.field);
  const std::string value = value_of(visit);
  if (value.empty()) return;  // left out, or reported already
  const bool may_see_world = visit.path.rfind("expect", 0) == 0;
  std::vector<std::string> valid, targets, elsewhere;
  for (int i = 0; i < rule.to_size(); ++i) {
    const FieldRule::Target target = rule.to(i);
    for (const std::string& name : names.at(target)) valid.push_back(name);
    if (const auto hidden = world.find(target); hidden != world.end() && may_see_world) {
      for (const std::string& name : hidden->second) valid.push_back(name);
    }
    if (target != FieldRule::SOURCE) targets.push_back(target_text(target));
  }
  for (const std::string& name : valid) {
    if (!name.empty() && name == value) return;
  }
  context.error(visit.path, fmt::format("no {} is called {}", joined(targets), shown(value)),
                one_of(valid, fmt::format("a {} that the scenario has", joined(targets))), nearest_name(value, valid));
}

// Reports names that stand twice in one list.
void check_unique(LintContext& context, const std::vector<std::string>& names, const std::string& what,
                  const std::function<std::string(std::size_t)>& path) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty() || seen.insert(names[i]).second) continue;
    context.error(path(i), fmt::format("there is another {} called {}", what, shown(names[i])), "each name once");
  }
}

void check_names(LintContext& context, const Names& names) {
  const auto& proto = context.proto;
  check_unique(context, names.at(FieldRule::PHASE), "phase",
               [](std::size_t i) { return fmt::format("migration.phases[{}].name", i); });
  check_unique(context, names.at(FieldRule::FAULT), "fault",
               [](std::size_t i) { return fmt::format("world.faults[{}]", i); });
  check_unique(context, names.at(FieldRule::STORE), "store",
               [&proto](std::size_t i) { return pipeline_path(proto.pipelines(static_cast<int>(i))) + ".into"; });
  for (const scenario::Pipeline& pipeline : proto.pipelines()) {
    const std::string path = pipeline_path(pipeline) + ".into";
    if (store_of(pipeline) == "source") context.error(path, "`source` is the name of the source", "another name");
    if (context.dataset(store_of(pipeline)) != nullptr) {
      context.error(path, fmt::format("{} is the name of a dataset", shown(store_of(pipeline))), "another name");
    }
  }
  for (const scenario::Consumer& consumer : proto.world().consumers()) {
    if (context.consumer(consumer.name()) == nullptr) continue;
    context.error("world.consumers." + consumer.name(), "there is a consumer of this name above", "another name");
  }
}

}  // namespace

void lint_references(LintContext& context) {
  const Names names = collect_names(context.proto);
  const Names world = {{FieldRule::CONSUMER, names_of(context.proto.world().consumers())}};
  check_names(context, names);
  for_each_field(context.proto, {}, [&](const Visit& visit) {
    const bool reference = rule_of(visit.field).kind() == FieldRule::REFERENCE;
    if (reference) check_reference(context, names, world, visit);
  });
}

std::vector<Diagnostic> lint(const LoadedScenario& loaded, LintDepth depth) {
  LintContext context(loaded);
  lint_references(context);
  if (depth == LintDepth::everything) {  // names that are not there are skipped from here on
    lint_source(context);
    lint_pipelines(context);
    lint_consumers(context);
    lint_rates(context);
    lint_checks(context);
    lint_timing(context);
    lint_migration(context);
    lint_world(context);
    lint_field_expectations(context);
  }
  sort_diagnostics(context.diagnostics);
  return std::move(context.diagnostics);
}

}  // namespace rehearse
