// A scenario's recurrences as the world's.
#pragma once

#include "scenarios/schema/common.pb.h"
#include "sim/kernel/recurrence.h"

namespace rehearse {

// Of a validated scenario. Nothing given: never. Cron and times of day are in UTC.
Recurrence recurrence(const scenario::Recurrence& given, std::int64_t start_unix_ns);

}  // namespace rehearse
