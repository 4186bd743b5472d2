// Calendars: weekly segments from windows, and the exact time change over them.
#include "sim/kernel/calendar.h"

#include <algorithm>
#include <array>

#include "sim/kernel/assert.h"
#include "sim/kernel/time.h"

namespace rehearse {
namespace {

constexpr std::size_t minutes_per_week = 10'080;
constexpr std::int64_t week_ns = week.ns;
constexpr std::uint64_t five_to_24 = 59'604'644'775'390'625ULL;
constexpr std::uint64_t work_limit = std::uint64_t{1} << 62;

// An instant in 128 bits as a Time; never, if it does not fit.
Time time_or_never(Signed128 ns) {
  return ns >= Time::never().ns ? Time::never() : Time{static_cast<std::int64_t>(ns)};
}

std::array<std::uint32_t, minutes_per_week> shares(const RateCalendarOptions& options) {
  std::array<std::uint32_t, minutes_per_week> share{};
  for (std::size_t day_index = 0; day_index < 7; ++day_index) {
    const bool weekend = day_index == 0 || day_index == 6;
    const std::uint32_t otherwise = options.open.empty() ? whole_ppm : options.closed_ppm;
    for (std::size_t m = 0; m < 1440; ++m) {
      bool covered = false;
      std::uint32_t best = 0;
      for (const CalendarWindow& window : options.open) {
        if ((window.weekdays >> day_index & 1) == 0) continue;
        if (static_cast<int>(m) < window.from_minute || static_cast<int>(m) >= window.to_minute) continue;
        covered = true;
        best = std::max(best, window.share_ppm);
      }
      share[day_index * 1440 + m] = covered ? best : weekend ? options.weekend_ppm : otherwise;
    }
  }
  return share;
}

}  // namespace

// ns < 2^50 and rest < 2^56, so neither product overflows.
Unsigned128 RateCalendar::ExactRate::work(std::uint64_t ns) const {
  return static_cast<Unsigned128>(ns) * whole + static_cast<Unsigned128>(ns) * rest / five_to_24;
}

RateCalendar::Factor RateCalendar::factor(Unsigned128 numerator, Unsigned128 denominator) {
  const Unsigned128 whole = numerator / denominator;
  Unsigned128 rest = numerator % denominator;
  REHEARSE_ASSERT(whole >> 63 == 0, "a calendar's factor fits its mantissa");
  Factor result{static_cast<std::uint64_t>(whole), 0};
  while (result.mantissa >> 63 == 0) {  // long division, bit by bit; the shift stays below 128
    rest <<= 1;
    const bool bit = rest >= denominator;
    if (bit) rest -= denominator;
    result.mantissa = result.mantissa << 1 | (bit ? 1 : 0);
    ++result.shift;
  }
  return result;
}

// With rate = peak · share: ns per Q40 event = 10^24 / (2^40 · rate) = 5^24 / (2^16 · rate).
RateCalendar::Segment RateCalendar::segment(std::uint64_t peak_nhz, std::uint32_t share_ppm, std::int64_t begin,
                                            std::int64_t end) {
  const Unsigned128 rate = static_cast<Unsigned128>(peak_nhz) * share_ppm;
  Segment result;
  result.begin = begin;
  result.end = end;
  if (rate == 0) return result;
  result.ns_per_work = factor(five_to_24, rate << 16);
  result.work_per_ns = {static_cast<std::uint64_t>((rate << 16) / five_to_24),
                        static_cast<std::uint64_t>((rate << 16) % five_to_24)};
  result.rate_nhz = static_cast<std::uint64_t>(rate / whole_ppm);
  result.events_per_ns = static_cast<double>(peak_nhz) * 1e-18 * (static_cast<double>(share_ppm) * 1e-6);
  result.work = result.work_per_ns.work(static_cast<std::uint64_t>(end - begin));
  return result;
}

RateCalendar::RateCalendar(const RateCalendarOptions& options) {
  REHEARSE_ASSERT(options.closed_ppm <= whole_ppm, "no hour is above the peak");
  REHEARSE_ASSERT(options.weekend_ppm <= whole_ppm, "no hour is above the peak");
  for (const CalendarWindow& window : options.open) {
    REHEARSE_ASSERT(window.from_minute >= 0 && window.from_minute < window.to_minute && window.to_minute <= 1440,
                    "a calendar's window lies within a day");
    REHEARSE_ASSERT(window.share_ppm <= whole_ppm, "no hour is above the peak");
  }
  const CivilTime local = civil_from_unix_ns(options.start_unix_ns, options.offset_minutes);
  const std::int64_t of_second = floor_mod(options.start_unix_ns, second.ns);
  phase_ns_ = local.weekday * day.ns + (local.hour * 3600 + local.minute * 60 + local.second) * second.ns + of_second;

  const auto share = shares(options);
  auto table = std::make_shared<Table>();
  table->segment_of_minute.resize(minutes_per_week);
  for (std::size_t from = 0, to = 0; from < minutes_per_week; from = to) {
    while (to < minutes_per_week && share[to] == share[from]) {
      table->segment_of_minute[to++] = static_cast<std::uint16_t>(table->segments.size());
    }
    const Segment piece = segment(options.peak_rate_nhz, share[from], static_cast<std::int64_t>(from) * minute.ns,
                                  static_cast<std::int64_t>(to) * minute.ns);
    table->work_per_week += piece.work;
    table->events_per_week += piece.events_per_ns * static_cast<double>(piece.end - piece.begin);
    table->segments.push_back(piece);
  }
  whole_ = table->segments.front();
  if (table->work_per_week == 0) whole_ = Segment{};
  if (table->segments.size() > 1 && table->work_per_week > 0) table_ = std::move(table);
}

std::int64_t RateCalendar::since_week_began(Time t) const {
  // Each term is reduced first, so that no instant overflows.
  std::int64_t ns = t.ns % week_ns + phase_ns_;
  if (ns >= week_ns) ns -= week_ns;
  return ns < 0 ? ns + week_ns : ns;
}

Time RateCalendar::advance(Time from, std::uint64_t work_q40) const {
  REHEARSE_ASSERT(work_q40 < work_limit, "work is below 2^22 events");
  if (flat()) {
    if (whole_.ns_per_work.mantissa == 0 || from == Time::never()) return Time::never();
    return time_or_never(from.ns + static_cast<Signed128>(whole_.ns_per_work.nearest(work_q40)));
  }
  const std::int64_t at = since_week_began(from);
  const std::size_t index = table_->segment_of_minute[static_cast<std::size_t>(at / minute.ns)];
  const Segment& here = table_->segments[index];
  const auto left = static_cast<std::uint64_t>(here.end - at);
  if (here.ns_per_work.mantissa != 0) {
    const Unsigned128 needed = here.ns_per_work.nearest(work_q40);
    if (needed < left) return time_or_never(static_cast<Signed128>(from.ns) + static_cast<std::int64_t>(needed));
  }
  if (from == Time::never()) return from;
  const Unsigned128 spent = here.work_per_ns.work(left);
  const Signed128 week_begin = static_cast<Signed128>(from.ns) - at;
  return carry(week_begin, index + 1, work_q40 > spent ? work_q40 - spent : 0);
}

RateCalendar::Stretch RateCalendar::stretch_from(Time from) const {
  Stretch stretch{whole_.ns_per_work,
                  static_cast<std::uint64_t>(Time::never().ns) - static_cast<std::uint64_t>(from.ns)};
  if (!flat()) {
    const std::int64_t at = since_week_began(from);
    const Segment& here = table_->segments[table_->segment_of_minute[static_cast<std::size_t>(at / minute.ns)]];
    stretch = {here.ns_per_work, std::min(stretch.ns, static_cast<std::uint64_t>(here.end - at))};
  }
  if (stretch.ns_per_work.mantissa == 0) stretch.ns = 0;
  return stretch;
}

void RateCalendar::chain(Time from, std::span<const std::uint64_t> work_q40, std::span<Time> arrivals) const {
  Stretch stretch = stretch_from(from);
  for (std::size_t i = 0; i < work_q40.size(); ++i) {
    const Unsigned128 needed = stretch.ns_per_work.nearest(work_q40[i]);
    if (needed < stretch.ns) [[likely]] {
      from.ns += static_cast<std::int64_t>(needed);
      stretch.ns -= static_cast<std::uint64_t>(needed);
    } else {
      from = advance(from, work_q40[i]);
      stretch = stretch_from(from);
    }
    arrivals[i] = from;
  }
}

// The work that is left at the beginning of segment `index` of the week that began at week_begin.
Time RateCalendar::carry(Signed128 week_begin, std::size_t index, Unsigned128 work) const {
  const Unsigned128 weeks = work / table_->work_per_week;
  if (weeks > 1) {  // whole weeks spend the same work segment by segment
    week_begin += static_cast<Signed128>(weeks - 1) * week_ns;
    work -= (weeks - 1) * table_->work_per_week;
  }
  for (std::size_t steps = 0; steps <= 4 * table_->segments.size(); ++steps, ++index) {
    if (index == table_->segments.size()) {
      index = 0;
      week_begin += week_ns;
    }
    const Segment& here = table_->segments[index];
    if (here.ns_per_work.mantissa == 0) continue;
    const Unsigned128 needed = here.ns_per_work.nearest(work);
    if (needed < static_cast<std::uint64_t>(here.end - here.begin)) {
      return time_or_never(week_begin + here.begin + static_cast<std::int64_t>(needed));
    }
    work -= std::min(work, here.work);
  }
  REHEARSE_ASSERT(false, "the work left is spent within a few weeks");
}

std::uint64_t RateCalendar::rate_at(Time t) const {
  if (flat()) return whole_.rate_nhz;
  const auto minute_of_week = static_cast<std::size_t>(since_week_began(t) / minute.ns);
  return table_->segments[table_->segment_of_minute[minute_of_week]].rate_nhz;
}

double RateCalendar::expected_since_week_began(std::int64_t ns) const {
  double sum = 0;
  for (const Segment& each : table_->segments) {
    if (each.begin >= ns) break;
    sum += each.events_per_ns * static_cast<double>(std::min(each.end, ns) - each.begin);
  }
  return sum;
}

double RateCalendar::expected(Time a, Time b) const {
  REHEARSE_ASSERT(a <= b, "a calendar's interval begins before it ends");
  if (flat()) return whole_.events_per_ns * (static_cast<double>(b.ns) - static_cast<double>(a.ns));
  const std::int64_t in_a = since_week_began(a);
  const std::int64_t in_b = since_week_began(b);
  const Signed128 apart = (static_cast<Signed128>(b.ns) - in_b) - (static_cast<Signed128>(a.ns) - in_a);
  const auto weeks = static_cast<double>(static_cast<std::int64_t>(apart / week_ns));
  return weeks * table_->events_per_week + (expected_since_week_began(in_b) - expected_since_week_began(in_a));
}

}  // namespace rehearse
