// Expectations about fields of the result: paths that are there, bounds in the field's unit, names that the scenario
// has.
#include <fmt/core.h>

#include <optional>

#include "scenarios/field_expectation.h"
#include "scenarios/lint_context.h"
#include "scenarios/schema_rules.h"

namespace rehearse {
namespace {

// The names that elements of a list of the result can have; nothing where only a rehearsal can tell.
std::optional<std::vector<std::string>> names_in(const LintContext& context, const std::string& list) {
  if (list == "checks") return names_of(context.proto.checks());
  if (list == "phases") return names_of(context.proto.migration().phases());
  if (list == "stores") {
    std::vector<std::string> stores;
    for (const scenario::Pipeline& pipeline : context.proto.pipelines()) stores.push_back(store_of(pipeline));
    return stores;
  }
  if (list == "consumers") {
    std::vector<std::string> consumers = names_of(context.proto.consumers());
    for (const std::string& name : names_of(context.proto.world().consumers())) consumers.push_back(name);
    return consumers;
  }
  return std::nullopt;
}

void lint_names(LintContext& context, const std::string& at, const result::Path& path) {
  const result::PathStep& step = path.steps.front();  // lists below it have no names of the scenario
  const auto valid = names_in(context, step.field->name());
  if (!valid || !step.pick) return;
  for (const auto& [field, name] : step.pick->where) {
    if (field->name() != "name") continue;
    bool known = false;
    for (const std::string& candidate : *valid) known = known || candidate == name;
    if (!known)
      context.error(at, fmt::format("nothing in `{}` will be called {}", step.field->name(), shown(name)),
                    one_of(*valid, ""), nearest_name(name, *valid));
  }
}

}  // namespace

void lint_field_expectations(LintContext& context) {
  for (const scenario::FieldExpectation& expectation : context.proto.expect().result()) {
    const std::string at = "expect.result." + expectation.path();
    const CompiledExpectation compiled = compile(expectation);
    for (const FieldBoundsProblem& problem : compiled.problems)
      context.error(problem.key.empty() ? at : at + "." + problem.key, problem.message, problem.expected,
                    problem.nearest);
    if (compiled.bounds) lint_names(context, at, compiled.bounds->path);
  }
}

}  // namespace rehearse
