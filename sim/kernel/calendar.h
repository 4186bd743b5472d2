// Rates that change by hour and weekday, and the exact time change that turns unit exponentials into arrivals.
//
// A RateCalendar is a piecewise constant rate that repeats weekly in local time of a fixed offset. advance() spends
// work at the segment's rate to the segment's end and carries what is left into the next: no thinning, one draw an
// arrival.
//
// Left out: holidays, daylight saving, rates that ramp within a segment (compose calendars for that).
// Invariants: advance() is a pure function of (from, work), so a chain of arrivals is the same wherever it is cut at
// arrivals; it never decreases when work grows or `from` moves later.
// Rounding: inside a segment the duration is rounded to the nearest nanosecond; the work that a crossed segment takes
// is exact, rounded down to 2^-40 of an event. Two steps therefore agree with one step of the summed work to within 1
// ns plus 2^-40 events a boundary.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/kernel/civil.h"
#include "sim/kernel/cron.h"
#include "sim/kernel/time.h"
#include "sim/kernel/wide.h"

namespace rehearse {

inline constexpr std::uint32_t whole_ppm = 1'000'000;

struct CalendarWindow {
  std::uint8_t weekdays = 0;  // bit 0 = Sunday … bit 6 = Saturday
  int from_minute = 0;        // of the local day, 0 … 1440
  int to_minute = 0;          // not included; > from_minute, at most 1440
  std::uint32_t share_ppm = whole_ppm;
  bool operator==(const CalendarWindow&) const = default;
};

// "Mon-Fri 08:00-18:00"; several are separated by commas, and days may be listed before one range of hours:
// "Mon-Thu 08:00-18:00, Fri,Sat 08:00-13:00". Hours that pass midnight ("Mon-Fri 22:00-06:00") end on the next day and
// come back as two windows. The alternative is the text of an error.
std::variant<std::vector<CalendarWindow>, std::string> parse_calendar_windows(std::string_view text);

struct RateCalendarOptions {
  std::uint64_t peak_rate_nhz = 0;  // events per 10^9 s: 40/s is 40'000'000'000
  // Where windows overlap the larger share holds; a window on a Saturday or Sunday wins over `weekend_ppm`.
  // No windows: working days are open round the clock.
  std::vector<CalendarWindow> open;
  std::uint32_t closed_ppm = whole_ppm;   // of the peak, Monday to Friday outside all windows
  std::uint32_t weekend_ppm = whole_ppm;  // of the peak, Saturday and Sunday outside all windows
  std::int64_t start_unix_ns = 0;         // what Time 0 is
  int offset_minutes = 0;                 // of local time from UTC
};

class RateCalendar {
 public:
  RateCalendar() = default;  // rate 0 for ever
  explicit RateCalendar(const RateCalendarOptions& options);

  // The instant at which the integral of the rate since `from` reaches `work_q40` (< 2^62) events.
  // Time::never() if that is beyond the range of Time, or the rate is below 2^-40 events a week.
  Time advance(Time from, std::uint64_t work_q40) const;
  // A chain of arrivals: each advances from the one before it, the first from `from`.
  void chain(Time from, std::span<const std::uint64_t> work_q40, std::span<Time> arrivals) const;

  std::uint64_t rate_at(Time t) const;    // events per 10^9 s, rounded down
  double expected(Time a, Time b) const;  // events in [a, b); a <= b
  bool flat() const { return table_ == nullptr; }

 private:
  // Q40 events to ns: x ↦ x · mantissa / 2^shift, with 64 significant bits.
  struct Factor {
    std::uint64_t mantissa = 0;
    int shift = 1;
    Unsigned128 nearest(Unsigned128 x) const { return (x * mantissa + (Unsigned128{1} << (shift - 1))) >> shift; }
  };
  // ns to Q40 events, exact: x ↦ x · (whole + rest / 5^24), rounded down.
  struct ExactRate {
    std::uint64_t whole = 0;
    std::uint64_t rest = 0;
    Unsigned128 work(std::uint64_t ns) const;
  };
  struct Segment {
    std::int64_t begin = 0;  // ns since the local week began, Sunday 00:00
    std::int64_t end = 0;
    Factor ns_per_work;  // mantissa 0: nothing happens here
    ExactRate work_per_ns;
    std::uint64_t rate_nhz = 0;
    double events_per_ns = 0;
    Unsigned128 work = 0;  // from begin to end
  };
  struct Table {
    std::vector<Segment> segments;
    std::vector<std::uint16_t> segment_of_minute;  // 10,080 minutes of the week
    Unsigned128 work_per_week = 0;
    double events_per_week = 0;
  };

  // From an instant to where the segment ends, or Time does; nothing of it where nothing happens.
  struct Stretch {
    Factor ns_per_work;
    std::uint64_t ns = 0;
  };
  Stretch stretch_from(Time from) const;
  static Factor factor(Unsigned128 numerator, Unsigned128 denominator);
  static Segment segment(std::uint64_t peak_nhz, std::uint32_t share_ppm, std::int64_t begin, std::int64_t end);
  std::int64_t since_week_began(Time t) const;
  Time carry(Signed128 week_begin, std::size_t index, Unsigned128 work) const;
  double expected_since_week_began(std::int64_t ns) const;

  std::int64_t phase_ns_ = 0;           // Time 0, in ns since its local week began
  Segment whole_;                       // the only segment of a flat calendar
  std::shared_ptr<const Table> table_;  // null when flat
};

}  // namespace rehearse
