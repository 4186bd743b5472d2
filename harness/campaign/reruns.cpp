#include "harness/campaign/reruns.h"

#include <algorithm>

#include "harness/campaign/stage.h"

namespace rehearse {

scenario::Scenario for_decisions_alone(scenario::Scenario s) {
  const auto decides = [&](const scenario::Check& check) {
    const auto measures = [&](const scenario::Metric& metric) {
      return std::find(metric.from().begin(), metric.from().end(), check.name()) != metric.from().end();
    };
    const auto repairs = [&](const scenario::RepairRule& rule) { return rule.of() == check.name(); };
    return std::any_of(s.metrics().begin(), s.metrics().end(), measures) ||
           std::any_of(s.repair().begin(), s.repair().end(), repairs);
  };
  auto& checks = *s.mutable_checks();
  checks.erase(std::remove_if(checks.begin(), checks.end(), [&](const auto& check) { return !decides(check); }),
               checks.end());
  for (scenario::Consumer& consumer : *s.mutable_consumers()) consumer.clear_runs();
  for (scenario::Consumer& consumer : *s.mutable_world()->mutable_consumers()) consumer.clear_runs();
  return s;
}

Reruns without_each_fault(const LoadedScenario& loaded, const SharedInputs& inputs, const RehearsalOptions& options,
                          const Run& run) {
  Reruns reruns;
  const RollbackRecord& rollback = *run.migration->record().rollback;
  LoadedScenario alone = loaded;
  alone.proto = for_decisions_alone(loaded.proto);
  for (std::size_t i = 0; i < run.injector.size(); ++i) {
    const auto& struck = run.injector.struck(i);
    if (struck.empty() || struck.front().at > rollback.started) continue;
    AssemblyOptions without = options.assembly;
    without.without_faults.push_back(run.injector.name(i));
    Run twin(assemble(alone, inputs, without), options);
    twin.credits = false;
    Stage rerunning(options, twin.world, rollback.started, "rerunning without one fault after the other");
    twin.until(rollback.started, [&] { return rerunning.interrupted() || twin.migration->rolled_back(); });
    if (options.is_interrupted()) break;  // what was not run to its end tells nothing
    reruns.changes += twin.world.source.changes();
    if (!twin.migration->rolled_back()) reruns.necessary.push_back(run.injector.name(i));
  }
  return reruns;
}

}  // namespace rehearse
