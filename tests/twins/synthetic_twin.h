// The synthetic workload's naive twin: every arrival of every stream up front, then one transaction after another from
// a priority queue.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/source/log_record.h"
#include "tests/twins/small_world.h"

namespace rehearse::twins {

// The log that the source of this world has at its end.
std::vector<LogRecord> synthetic_twin(const SmallWorld& world);

}  // namespace rehearse::twins
