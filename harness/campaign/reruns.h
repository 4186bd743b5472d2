// Paired reruns: which faults a rollback would not have happened without.
//
// Each fault that had struck before it is left out of a rerun of its own, which runs until the trigger that fired would
// have, and no further. Only the plan's decisions are wanted of it, so that it is spared what has no part in them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/campaign/rehearsal.h"
#include "harness/campaign/run.h"

namespace rehearse {

// The scenario without checks that neither a metric nor a repair is made from, and with consumers that never read: the
// world goes the same way, and so does the plan.
scenario::Scenario for_decisions_alone(scenario::Scenario scenario);

struct Reruns {
  std::vector<std::string> necessary;  // faults
  std::uint64_t changes = 0;           // that were simulated
};
// Of a run whose plan was rolled back.
Reruns without_each_fault(const LoadedScenario& loaded, const SharedInputs& inputs, const RehearsalOptions& options,
                          const Run& run);

}  // namespace rehearse
