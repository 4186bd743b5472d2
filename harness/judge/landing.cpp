#include "harness/judge/landing.h"

#include <fmt/core.h>

#include <algorithm>

#include "harness/judge/words.h"

namespace rehearse::judging {

Landing landing(const Course& course, Time fired, Duration within) {
  Spans bad;
  std::optional<std::uint32_t> left_behind;
  for (std::uint32_t reader = 0; reader < course.readers(); ++reader) {
    const Spans of_reader = course.not_landed(reader);
    const std::optional<Time> safe = first_free(of_reader, fired, day);
    if ((!safe || *safe > fired + within) && !left_behind) left_behind = reader;
    bad = united(bad, of_reader);
  }
  Landing found;
  found.at = first_free(bad, fired, day);
  if (found.at && *found.at >= course.end() && *found.at > fired) found.at.reset();
  found.in_time = found.at && *found.at <= fired + within;
  if (found.in_time) return found;
  const Time then = std::min(fired + within, course.end() - nanosecond);
  if (left_behind) {
    const Spans of_reader = course.not_landed(*left_behind);
    const Span* span = first_touching(of_reader, then, Time::never());
    const Time when_bad = span ? std::max(span->from, then) : then;
    const StoreId store = course.store_of(*left_behind, when_bad);
    found.why_not = fmt::format("{} {} after the trigger, and {} reads it",
                                course.no_landing_ailment(store, when_bad, *left_behind), duration(when_bad - fired),
                                course.reader_name(*left_behind));
    found.left_on = {store, when_bad};
    found.causes = course.why_unsafe(store, when_bad, when_bad, left_behind);
  } else {
    found.why_not = "one reader or another had no good data at each instant";
  }
  return found;
}

bool ended_too_early(const Landing& landing, const ForkTruth& fork, Duration after) {
  return !landing.in_time && fork.fired && fork.end < later(*fork.fired, after);
}

}  // namespace rehearse::judging
