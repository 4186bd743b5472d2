#include "harness/reconcile/schedule.h"

#include <variant>

#include "sim/kernel/assert.h"

namespace rehearse {

Recurrence recurrence(const scenario::Recurrence& given, std::int64_t start_unix_ns) {
  if (given.has_every_ns()) return Recurrence::every({given.every_ns()}, {given.offset_ns()});
  if (!given.cron().empty()) {
    auto parsed = Cron::parse(given.cron());
    REHEARSE_ASSERT(std::holds_alternative<Cron>(parsed), "the loader accepts no cron text that does not parse");
    return Recurrence::cron(std::get<Cron>(std::move(parsed)), start_unix_ns, 0);
  }
  if (given.at().empty()) return {};
  std::vector<Time> once;
  std::vector<Duration> daily;
  for (const scenario::Occasion& occasion : given.at()) {
    if (occasion.has_daily_ns()) daily.push_back({occasion.daily_ns()});
    else once.push_back({occasion.after_ns()});
  }
  return Recurrence::at(std::move(once), std::move(daily), start_unix_ns);
}

}  // namespace rehearse
