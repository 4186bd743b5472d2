// The rollback against the truth, and the danger that no rollback answered.
//
// - A rollback was right to fire if some reader that the plan concerns (course.h) was exposed when its trigger fired,
// or
//   within the quarter of an hour before; or if, in the copy of the rehearsal that goes on without it by what was at
//   work, somebody is within `safety.restore_within`. Before anybody had been moved it is a stop, and right if the
//   target was unsafe and had been loaded.
// - It landed if the copy that goes on with it by what was at work does (landing.h). RTO counts, in the rehearsal
// itself,
//   from the trigger to the instant from which all these readers have good data for a day, and are sent back.
//   Acknowledged writes lost are n/a: nobody writes to the new store but its pipeline. Apart from them: changes that a
//   moved reader's store showed at the trigger, and that its store does not show when all have good data. Divergence
//   left is what was divergent at the end in stores that consumers then read.
// - Its onset is the beginning of the exposure; its causes are those of what was unsafe from there to the trigger. The
//   necessary ones come from paired reruns alone. Harm before it is that of reads from the onset to the trigger, and
//   after it from the trigger on.
// - Missed danger: within some day a reader that the plan concerns was exposed for more than `safety.max_exposure` in
//   all, and no rollback had fired when the sum passed it. Triggers do not enter into it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/judge/case.h"

namespace rehearse::judging {

std::optional<result::Rollback> judge_rollback(const Case& c);

struct Danger {
  std::string reader;
  StoreId store = 0;
  Time from;                  // of the exposure in which the sum passed
  Time first;                 // of those that are in the sum
  std::size_t stretches = 0;  // of them
  Time passed;                // when it did
  Duration allowed;
  Duration in_all;
  std::string what;
};
std::vector<Danger> missed_dangers(const Case& c);

}  // namespace rehearse::judging
