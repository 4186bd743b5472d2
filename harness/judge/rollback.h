// The rollback against the truth, and the danger that no rollback answered.
//
// - A rollback was right if, when its trigger fired, the store that the plan moves consumers to was unsafe (case.h) and
//   some consumer that the plan had moved read it. A store that was never left being unsafe does not count: going back
//   to it would not help.
// - Its onset is the beginning of the stretch, unbroken up to the trigger, in which both were so.
// - Time to the last consumer's return counts from the trigger. Acknowledged writes lost are 0: nobody writes to the
// new
//   store but its pipeline. Divergence left is what was divergent at the end in stores that consumers then read.
// - Its causes are those of the divergences in the stretch; of staleness, the faults that were at work within the
// stretch
//   or within the promised freshness before it. The necessary ones come from paired reruns alone.
// - Harm before it is that of reads from the onset to the trigger, and after it from the trigger on; as fine as the
// truth
//   tells reads apart by time.
// - Missed danger: a stretch longer than the longest trigger's `for` in which moved consumers read an unsafe store, and
//   which no rollback ended. Without triggers any stretch is missed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/judge/case.h"

namespace rehearse::judging {

std::optional<result::Rollback> judge_rollback(const Case& c);

struct Danger {
  Span span;
  StoreId store = 0;
  std::string what;
};
std::vector<Danger> missed_dangers(const Case& c);
Duration longest_trigger(const MigrationRecord& plan);

}  // namespace rehearse::judging
