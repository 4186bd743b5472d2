// Whether a rollback landed: from some instant within `safety.restore_within` of its trigger every reader that the plan
// concerns is sent to a store that is not unsafe, and stays so for a day.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/judge/course.h"

namespace rehearse::judging {

struct Landing {
  std::optional<Time> at;  // none: not within the course
  bool in_time = false;
  std::string why_not;                              // whom it left behind, in a sentence without a full stop
  std::optional<std::pair<StoreId, Time>> left_on;  // where it sent that reader, and when that was unsafe
  std::vector<std::string> causes;                  // of that
};
Landing landing(const Course& course, Time fired, Duration within);
// Whether it did not land, but a captured stream ended before so long after the trigger.
bool ended_too_early(const Landing& landing, const ForkTruth& fork, Duration after);

}  // namespace rehearse::judging
