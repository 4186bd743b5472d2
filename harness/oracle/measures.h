// By how much the measures of aggregates are wrong in a store.
//
// Of a group: how far what the store has lies from what the contract expects, in parts of the larger of the two. Of all
// groups: the sum of these distances in parts of the sum of what is expected. Absent groups count as zero.
#pragma once

#include <vector>

#include "harness/oracle/divergence.h"
#include "harness/oracle/truth_record.h"

namespace rehearse {

// `divergent`: the store's rows that are wrong now; the others are taken to be as expected.
std::vector<MeasureTruth> measures_of(const World& world, StoreId store,
                                      const std::vector<DivergentInterval>& divergent);

}  // namespace rehearse
