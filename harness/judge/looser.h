// What a scenario lets pass that would be unsafe by default: said where the verdict is.
#pragma once

#include <string>
#include <vector>

#include "harness/judge/judge.h"

namespace rehearse::judging {

// "max_exposure 4h", "canary.max_divergence 10", "dashboard.needs.freshness 1h", in the scenario's order.
std::vector<std::string> looser_than_by_default(const JudgeInputs& inputs);

}  // namespace rehearse::judging
