// How fast synthetic tables change, as a scenario's calendars say; and what several of them offer together.
//
// Left out: bursts, which faults bring; captured streams, whose rate their files say.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/schema/scenario.pb.h"
#include "sim/kernel/calendar.h"

namespace rehearse {

// Of changes, not of transactions.
RateCalendarOptions calendar_of(const scenario::Workload& workload, std::int64_t start_unix_ns);

// Rates in 10^-9 a second.
struct OfferedRate {
  std::int64_t mean = 0;  // over the whole rehearsal
  std::int64_t peak = 0;  // of all together, within it
};
OfferedRate offered_by(const std::vector<const scenario::Table*>& tables, const scenario::Scenario& scenario);

}  // namespace rehearse
