// Schedules in cron's five fields: minute, hour, day of month, month, day of week, in local time of a fixed offset.
//
// Numbers, *, lists, ranges, steps (over * or a range), month and weekday names of three letters; weekday 0 and 7 are
// Sunday. If day of month and day of week are both restricted (neither begins with *), a day matches if either does.
// Left out: seconds, years, @daily and its kin, L, W, #, ?.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "sim/kernel/time.h"

namespace rehearse {

class Cron {
 public:
  // The alternative is the text of an error, naming the field.
  static std::variant<Cron, std::string> parse(std::string_view text);

  // The first whole minute that matches and is not before `from`; Time::never() if there is none within 8 years.
  // start_unix_ns is what Time 0 is.
  Time next_at_or_after(Time from, std::int64_t start_unix_ns, int offset_minutes) const;

 private:
  Cron() = default;
  bool matches_day(int month, int day, int weekday) const;

  std::uint64_t minutes_ = 0;  // bit per value
  std::uint32_t hours_ = 0;
  std::uint32_t days_ = 0;
  std::uint32_t months_ = 0;
  std::uint32_t weekdays_ = 0;
  bool either_day_ = false;  // both day fields are restricted
};

}  // namespace rehearse
