// What a drill found, against a rollback that really fires.
//
// The other rehearsal is of the same scenario without the faults that were not at work at the decision, and its plan
// decides nothing after it. There a trigger fires one nanosecond after the instant of the drill: at one instant
// triggers come before gates.
#pragma once

#include <string>

#include "harness/judge/judge.h"
#include "tests/campaign/loaded.h"

namespace rehearse {

// What comes a nanosecond later when it is real comes before or after no read for that: in a scenario whose other
// events lie on round instants.
void readers_come_at_instants_of_their_own(Loaded& loaded);

// In words: how long after its start readers had good data, or why not; which steps failed; and from then on how often
// each reader met what, and how much was divergent in each store.
std::string what_came_of(const ForkTruth& course, const JudgeInputs& recorded);

// The same of the rollback that really fires. `recorded` is of the rehearsal that made the drill.
std::string what_comes_if_it_really_fires(const Loaded& loaded, const JudgeInputs& recorded, const ForkTruth& drill);

}  // namespace rehearse
