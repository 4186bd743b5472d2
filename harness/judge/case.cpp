#include "harness/judge/case.h"

#include <algorithm>

namespace rehearse::judging {
namespace {

// By the phases as they were entered.
SafetyOverTime safety_over_time(const JudgeInputs& inputs) {
  SafetyOverTime safety{{Time{0}, inputs.scenario.safety()}};
  if (inputs.scenario.safety().phases().empty() || inputs.migration == nullptr) return safety;
  for (const PhaseRecord& phase : inputs.migration->phases)
    if (phase.entered) safety.push_back({*phase.entered, safety_in(inputs.scenario.safety(), phase.name)});
  return safety;
}

}  // namespace

Case::Case(const JudgeInputs& inputs)
    : in(inputs),
      end(inputs.end()),
      course(inputs, inputs.truth, inputs.causes, inputs.routing, inputs.holds, inputs.faults, safety_over_time(inputs),
             inputs.end()),
      divergences(course.divergences()) {
  for (const StoreTruth& store : in.truth.stores) stale.push_back(cut_at(merged(store.stale), end));
}

std::optional<StoreId> Case::store_of_pipeline(std::string_view pipeline) const {
  for (StoreId store = 1; store < in.truth.stores.size(); ++store)
    if (in.truth.stores[store].pipeline == pipeline) return store;
  return std::nullopt;
}

std::optional<StoreId> Case::store_named(std::string_view name) const {
  for (StoreId store = 0; store < in.truth.stores.size(); ++store)
    if (in.truth.stores[store].name == name) return store;
  return std::nullopt;
}

const ForkTruth* Case::fork(ForkTruth::Kind kind, Time made) const {
  for (const ForkTruth& fork : in.forks)
    if (fork.kind == kind && fork.made == made) return &fork;
  return nullptr;
}

std::string shown_cause(const std::string& cause) {
  for (const std::string_view kind : {"fault ", "defect "})
    if (cause.starts_with(kind)) return cause.substr(kind.size());
  return cause;
}

std::vector<std::string> shown_causes(const CauseTable& causes, CauseSet set) {
  std::vector<std::string> names;
  for (const CauseId id : causes.members(set)) names.push_back(shown_cause(causes.name(id)));
  if (names.empty()) names.push_back("unknown");
  return names;
}

}  // namespace rehearse::judging
