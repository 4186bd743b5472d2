#include "harness/reconcile/occasions.h"

#include <algorithm>
#include <utility>

namespace rehearse {

Occasions::Occasions(Recurrence schedule, std::vector<std::string> during)
    : schedule_(std::move(schedule)), during_(std::move(during)) {}

void Occasions::phase_entered(const std::string& phase, Time now) {
  if (during_.empty()) return;
  const bool active = std::find(during_.begin(), during_.end(), phase) != during_.end();
  const bool was_active = !stretches_.empty() && stretches_.back().to == Time::never();
  if (was_active && !active) stretches_.back().to = now;
  if (active && !was_active) stretches_.push_back({now, Time::never()});
}

bool Occasions::active_at(Time t) const {
  return during_.empty() ||
         std::any_of(stretches_.begin(), stretches_.end(), [&](const Stretch& s) { return s.after < t && t <= s.to; });
}

Time Occasions::next_at_or_after(Time t) const {
  if (during_.empty()) return schedule_.next_at_or_after(t);
  for (const Stretch& stretch : stretches_) {
    if (stretch.to < t) continue;
    const Time next = schedule_.next_at_or_after(std::max(t, stretch.after + nanosecond));
    if (next <= stretch.to) return next;
  }
  return Time::never();
}

std::uint64_t Occasions::between(Time after, Time before) const {
  if (const auto period = schedule_.period(); period && during_.empty())
    return static_cast<std::uint64_t>((before - after) / *period - 1);
  std::uint64_t count = 0;
  for (Time t = next_after(after); t < before; t = next_after(t)) ++count;
  return count;
}

}  // namespace rehearse
