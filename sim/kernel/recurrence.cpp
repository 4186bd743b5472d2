#include "sim/kernel/recurrence.h"

#include <algorithm>

namespace rehearse {

Recurrence Recurrence::every(Duration period, Duration offset) {
  Recurrence r;
  r.kind_ = Kind::every;
  r.period_ = period;
  r.offset_ = offset;
  return r;
}

Recurrence Recurrence::cron(Cron cron, std::int64_t start_unix_ns, int offset_minutes) {
  Recurrence r;
  r.kind_ = Kind::cron;
  r.cron_ = std::move(cron);
  r.start_unix_ns_ = start_unix_ns;
  r.offset_minutes_ = offset_minutes;
  return r;
}

Recurrence Recurrence::at(std::vector<Time> times, std::vector<Duration> daily, std::int64_t start_unix_ns) {
  Recurrence r;
  r.kind_ = Kind::at;
  r.times_ = std::move(times);
  r.daily_ = std::move(daily);
  r.start_unix_ns_ = start_unix_ns;
  std::sort(r.times_.begin(), r.times_.end());
  std::sort(r.daily_.begin(), r.daily_.end());
  return r;
}

std::optional<Duration> Recurrence::period() const {
  if (kind_ != Kind::every) return std::nullopt;
  return period_;
}

Time Recurrence::next_at_or_after(Time t) const {
  switch (kind_) {
    case Kind::never:
      return Time::never();
    case Kind::every:
      return t <= Time{offset_.ns} ? Time{offset_.ns} : tick_at_or_after(t, period_, Time{offset_.ns});
    case Kind::cron:
      return cron_->next_at_or_after(t, start_unix_ns_, offset_minutes_);
    case Kind::at:
      break;
  }
  const auto once = std::lower_bound(times_.begin(), times_.end(), t);
  Time next = once == times_.end() ? Time::never() : *once;
  const std::int64_t into_day = start_unix_ns_ % day.ns;
  const Time midnight{(t.ns + into_day) / day.ns * day.ns - into_day};
  for (const Duration at : daily_) {
    const Time today = midnight + at;
    next = std::min(next, today >= t ? today : today + day);
  }
  return next;
}

}  // namespace rehearse
