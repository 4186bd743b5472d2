// What is safe while the plan is in a phase.
#pragma once

#include <string>
#include <vector>

#include "scenarios/schema/scenario.pb.h"
#include "sim/kernel/time.h"

namespace rehearse {

// The scenario's `safety`, with what its `phases` say of this one.
scenario::Safety safety_in(const scenario::Safety& safety, const std::string& phase);

namespace judging {

struct SafetyFrom {
  Time from;  // until the next begins
  scenario::Safety safety;
};
using SafetyOverTime = std::vector<SafetyFrom>;  // in order, from the start on

}  // namespace judging
}  // namespace rehearse
