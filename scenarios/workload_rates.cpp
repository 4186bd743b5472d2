#include "scenarios/workload_rates.h"

#include <algorithm>
#include <variant>

#include "sim/kernel/time.h"

namespace rehearse {
namespace {

std::uint32_t ppm(std::int64_t ppb) { return static_cast<std::uint32_t>(ppb / 1'000); }

}  // namespace

RateCalendarOptions calendar_of(const scenario::Workload& workload, std::int64_t start_unix_ns) {
  RateCalendarOptions options;
  options.peak_rate_nhz = static_cast<std::uint64_t>(workload.peak_rate_nano());
  options.start_unix_ns = start_unix_ns;
  if (!workload.has_calendar()) return options;
  const scenario::Calendar& calendar = workload.calendar();
  options.open = std::get<std::vector<CalendarWindow>>(parse_calendar_windows(calendar.open()));
  options.closed_ppm = ppm(calendar.closed_ppb());
  options.weekend_ppm = ppm(calendar.has_weekend_ppb() ? calendar.weekend_ppb() : calendar.closed_ppb());
  options.offset_minutes = parse_utc_offset(calendar.time_zone()).value_or(0);
  return options;
}

OfferedRate offered_by(const std::vector<const scenario::Table*>& tables, const scenario::Scenario& scenario) {
  const Time end{scenario.duration_ns()};
  std::vector<RateCalendar> calendars;
  double changes = 0;
  for (const scenario::Table* table : tables) {
    if (!table->has_workload()) continue;
    calendars.emplace_back(calendar_of(table->workload(), scenario.start_unix_ns()));
    changes += calendars.back().expected(Time{0}, end);
  }
  OfferedRate offered;
  offered.mean = static_cast<std::int64_t>(changes / static_cast<double>(end.ns) * 1e18);
  for (Time t; t < std::min(end, Time{0} + week); t += minute) {
    std::int64_t together = 0;
    for (const RateCalendar& calendar : calendars) together += static_cast<std::int64_t>(calendar.rate_at(t));
    offered.peak = std::max(offered.peak, together);
  }
  return offered;
}

}  // namespace rehearse
