// Calendars: hand-worked instants, the exact integral against a naive walk, monotony, cuts, and counts of arrivals.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <vector>

#include "sim/kernel/calendar.h"
#include "sim/kernel/digest.h"
#include "sim/kernel/draw.h"
#include "sim/kernel/samplers.h"
#include "tests/kernel/statistics.h"

using namespace rehearse;

namespace {

constexpr std::uint64_t one = std::uint64_t{1} << 40;
const Stream s = stream(3, "calendar");

std::vector<CalendarWindow> windows(std::string_view text) {
  auto parsed = parse_calendar_windows(text);
  if (const auto* error = std::get_if<std::string>(&parsed)) BOOST_FAIL(*error);
  return std::get<0>(parsed);
}

std::string error_of(std::string_view text) {
  const auto parsed = parse_calendar_windows(text);
  const auto* error = std::get_if<std::string>(&parsed);
  return error != nullptr ? *error : "";
}

// 40/s in working hours, from Monday 2026-03-02 00:00 UTC.
RateCalendarOptions office(std::uint32_t closed_ppm, std::uint32_t weekend_ppm) {
  RateCalendarOptions options;
  options.peak_rate_nhz = 40'000'000'000;
  options.open = windows("Mon-Fri 08:00-18:00");
  options.closed_ppm = closed_ppm;
  options.weekend_ppm = weekend_ppm;
  options.start_unix_ns = *parse_rfc3339("2026-03-02T00:00:00Z");
  return options;
}

Time at(int days, int hours, int minutes = 0, std::int64_t ns = 0) {
  return Time{} + days * day + hours * hour + minutes * minute + Duration{ns};
}

// The share that holds at an instant, told from the civil time and written apart from the calendar.
std::uint64_t naive_share(const RateCalendarOptions& options, Time t) {
  const CivilTime civil = civil_from_unix_ns(options.start_unix_ns + t.ns, options.offset_minutes);
  for (const CalendarWindow& window : options.open) {
    const int of_day = civil.hour * 60 + civil.minute;
    if ((window.weekdays >> civil.weekday & 1) != 0 && of_day >= window.from_minute && of_day < window.to_minute) {
      return window.share_ppm;
    }
  }
  return civil.weekday == 0 || civil.weekday == 6 ? options.weekend_ppm : options.closed_ppm;
}

// Events in [a, b) in long double, minute by minute.
long double naive_integral(const RateCalendarOptions& options, Time a, Time b) {
  Unsigned128 ns_ppm = 0;
  const std::int64_t start_of_minute = (options.start_unix_ns % minute.ns + minute.ns) % minute.ns;
  while (a < b) {
    const std::int64_t into = ((a.ns + start_of_minute) % minute.ns + minute.ns) % minute.ns;
    const Time end = std::min(b, Time{a.ns + minute.ns - into});
    ns_ppm += static_cast<Unsigned128>(naive_share(options, a)) * static_cast<std::uint64_t>(end.ns - a.ns);
    a = end;
  }
  return static_cast<long double>(ns_ppm) * static_cast<long double>(options.peak_rate_nhz) * 1e-24L;
}

std::vector<RateCalendarOptions> several() {
  std::vector<RateCalendarOptions> all = {office(200'000, 350'000), office(0, 0), office(1, 1'000'000)};
  RateCalendarOptions odd = office(123'457, 7);
  odd.open = windows("Mon-Thu 22:15-06:45, Sat 10:00-10:01");
  odd.open.back().share_ppm = 777'777;
  odd.start_unix_ns = *parse_rfc3339("2026-03-07T23:59:31.123456789Z");
  odd.offset_minutes = -570;
  all.push_back(odd);
  RateCalendarOptions slow = office(0, 500'000);
  slow.peak_rate_nhz = 3'000;  // 3 events in 11 days
  all.push_back(slow);
  RateCalendarOptions fast = office(333'333, 0);
  fast.peak_rate_nhz = 2'000'000'000'000'000;  // 2 M/s
  all.push_back(fast);
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_flat_calendar_is_work_over_rate) {
  RateCalendarOptions options;
  options.peak_rate_nhz = 40'000'000'000;
  const RateCalendar calendar(options);
  BOOST_TEST(calendar.flat());
  BOOST_TEST(calendar.advance({}, one).ns == 25'000'000);
  BOOST_TEST(calendar.advance({7}, 4 * one).ns == 100'000'007);
  BOOST_TEST(calendar.advance({}, 0).ns == 0);
  BOOST_TEST(calendar.advance({-5}, one).ns == 24'999'995);
  BOOST_TEST((calendar.advance({Time::never().ns - 1'000'000}, one) == Time::never()));
  BOOST_TEST(calendar.rate_at({123}) == 40'000'000'000u);
  BOOST_TEST(calendar.expected({}, Time{} + day) == 40 * 86'400.0, boost::test_tools::tolerance(1e-12));
  options.peak_rate_nhz = 3'000'000'000;  // a third of a second is rounded to the nearest nanosecond
  BOOST_TEST(RateCalendar(options).advance({}, one).ns == 333'333'333);
  BOOST_TEST(RateCalendar(options).advance({}, 2 * one).ns == 666'666'667);
}

BOOST_AUTO_TEST_CASE(no_rate_means_never) {
  BOOST_TEST((RateCalendar().advance({}, one) == Time::never()));
  BOOST_TEST((RateCalendar(RateCalendarOptions{}).advance({}, 0) == Time::never()));
  RateCalendarOptions closed = office(0, 0);
  closed.open.front().share_ppm = 0;
  BOOST_TEST((RateCalendar(closed).advance({}, one) == Time::never()));
  BOOST_TEST(RateCalendar(closed).expected({}, at(14, 0)) == 0);
}

BOOST_AUTO_TEST_CASE(hand_worked_instants_of_an_office_week) {
  const RateCalendar calendar(office(200'000, 350'000));
  BOOST_TEST(calendar.advance({}, one).ns == 125'000'000);             // 8/s at night
  BOOST_TEST((calendar.advance({}, 8 * 8 * 3600 * one) == at(0, 8)));  // all of the night
  BOOST_TEST((calendar.advance({}, (8 * 8 * 3600 + 40) * one) == at(0, 8, 0, 1'000'000'000)));
  BOOST_TEST((calendar.advance(at(0, 17, 59), (40 * 60 + 8) * one) == at(0, 18, 0, 1'000'000'000)));
  BOOST_TEST((calendar.advance(at(4, 23, 59), (8 * 60 + 14) * one) == at(5, 0, 0, 1'000'000'000)));  // into Saturday
  BOOST_TEST((calendar.advance(at(6, 23, 59), (14 * 60 + 8) * one) == at(7, 0, 0, 1'000'000'000)));  // into Monday
  BOOST_TEST(calendar.rate_at(at(0, 7, 59, 59'999'999'999)) == 8'000'000'000u);
  BOOST_TEST(calendar.rate_at(at(0, 8)) == 40'000'000'000u);
  BOOST_TEST(calendar.rate_at(at(0, 18)) == 8'000'000'000u);
  BOOST_TEST(calendar.rate_at(at(5, 12)) == 14'000'000'000u);
  BOOST_TEST(calendar.expected({}, at(7, 0)) == 11'635'200.0, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(calendar.expected(at(0, 7), at(21, 9)) == 3 * 11'635'200.0 + 3600 * 48.0,
             boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(closed_hours_and_weekends_are_passed_over) {
  const RateCalendar calendar(office(0, 0));
  BOOST_TEST((calendar.advance({}, one) == at(0, 8, 0, 25'000'000)));
  BOOST_TEST((calendar.advance(at(4, 17, 59, 59'500'000'000), 40 * one) == at(7, 8, 0, 500'000'000)));
  BOOST_TEST((calendar.advance(at(4, 17, 59, 59'500'000'000), 19 * one) == at(4, 17, 59, 59'975'000'000)));
  BOOST_TEST((calendar.advance(at(5, 12), one) == at(7, 8, 0, 25'000'000)));
}

BOOST_AUTO_TEST_CASE(the_local_time_of_a_fixed_offset_decides) {
  RateCalendarOptions options = office(0, 0);
  options.offset_minutes = 330;  // 08:00 at +05:30 is 02:30 UTC
  BOOST_TEST((RateCalendar(options).advance({}, 0) == at(0, 2, 30)));
  options.offset_minutes = -480;  // Sunday 16:00 local
  BOOST_TEST((RateCalendar(options).advance({}, 0) == at(0, 16)));
  BOOST_TEST(RateCalendar(options).rate_at(at(5, 1)) == 40'000'000'000u);  // Friday 17:00 local
}

BOOST_AUTO_TEST_CASE(a_start_within_a_second_is_kept) {
  RateCalendarOptions options = office(0, 0);
  options.start_unix_ns = *parse_rfc3339("2026-03-01T23:59:59.75Z");
  BOOST_TEST((RateCalendar(options).advance({}, 0) == at(0, 8, 0, 250'000'000)));
}

BOOST_AUTO_TEST_CASE(work_of_many_weeks_skips_them_whole) {
  RateCalendarOptions options = office(0, 0);
  options.peak_rate_nhz = 1'000'000;  // 1/1000 s: 180 a week
  const RateCalendar calendar(options);
  BOOST_TEST((calendar.advance({}, (180 * 5000 + 36 + 18) * one) == at(7 * 5000 + 1, 13)));
  BOOST_TEST((calendar.advance({}, 2'000'000 * one) != Time::never()));
  options.peak_rate_nhz = 1'000;  // 0.18 a week: 4 M events take longer than Time can tell
  BOOST_TEST((RateCalendar(options).advance({}, 4'000'000 * one) == Time::never()));
}

// W(from, t) is the work up to one nanosecond's worth of it.
BOOST_AUTO_TEST_CASE(the_integral_of_the_rate_over_an_advance_is_the_work) {
  int index = 0;
  for (const RateCalendarOptions& options : several()) {
    const RateCalendar calendar(options);
    const auto rate = static_cast<long double>(options.peak_rate_nhz) * 1e-18L;  // per ns, at most
    for (std::uint64_t i = 0; i < 300; ++i) {
      const Time from{static_cast<std::int64_t>(bits(s, i) >> 13) - (std::int64_t{1} << 49)};
      // Up to a week's work at the peak, or 2^21 events.
      const long double reach = std::min(rate * 6e14L, 0x1p21L);
      const auto most = static_cast<std::uint64_t>(reach * static_cast<long double>(one)) + 1;
      const std::uint64_t work = below(bits(s, i, 1), most) >> (i % 12);
      const Time to = calendar.advance(from, work);
      if (to == Time::never()) continue;
      const long double due = static_cast<long double>(work) / static_cast<long double>(one);
      const long double tolerance = 2 * rate + due * 1e-17L + 40.0L / static_cast<long double>(one);
      const long double found = naive_integral(options, from, to);
      BOOST_REQUIRE_MESSAGE(std::abs(found - due) < tolerance, "calendar " << index << " " << found << " for " << due);
      if (from <= to) {
        const double said = calendar.expected(from, to);
        BOOST_REQUIRE(std::abs(said - static_cast<double>(found)) <=
                      1e-9 * said + static_cast<double>(2 * rate) + 1e-9);
      }
    }
    ++index;
  }
}

BOOST_AUTO_TEST_CASE(advancing_never_decreases_with_more_work_or_a_later_start) {
  for (const RateCalendarOptions& options : several()) {
    const RateCalendar calendar(options);
    for (std::uint64_t i = 0; i < 20'000; ++i) {
      // Around the end of a window, where the rounding of two segments meets.
      const std::int64_t edge = at(static_cast<int>(i % 7), i % 2 ? 18 : 8).ns;
      const Time from{edge - static_cast<std::int64_t>(below(bits(s, i), 200'000'000))};
      const std::uint64_t work = below(bits(s, i, 1), 16 * one);
      const Time to = calendar.advance(from, work);
      BOOST_REQUIRE(to >= from);
      BOOST_REQUIRE(calendar.advance(from, work + 1 + (i % 3) * 1000) >= to);
      BOOST_REQUIRE(calendar.advance({from.ns + 1}, work) >= to);
    }
  }
}

BOOST_AUTO_TEST_CASE(steps_add_up_to_the_step_of_the_sum) {
  for (const RateCalendarOptions& options : several()) {
    const RateCalendar calendar(options);
    for (std::uint64_t i = 0; i < 2000; ++i) {
      const Time from = at(static_cast<int>(i % 9), static_cast<int>(i % 24), static_cast<int>(i % 60));
      const std::uint64_t first = exponential_q40(bits(s, i));
      const std::uint64_t second = exponential_q40(bits(s, i, 1));
      const Time parts = calendar.advance(calendar.advance(from, first), second);
      const Time whole = calendar.advance(from, first + second);
      if (parts == Time::never() || whole == Time::never()) continue;
      // One ns at the peak may be up to 10^6 ns in a segment of 1 ppm; so the difference is bounded in work.
      const auto [lo, hi] = std::minmax(parts, whole);
      BOOST_REQUIRE(calendar.expected(lo, hi) <=
                    2.0 * static_cast<double>(options.peak_rate_nhz) * 1e-18 + 40 * 0x1p-40);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_chain_of_arrivals_is_the_same_wherever_it_is_cut) {
  const RateCalendar calendar(office(200'000, 350'000));
  const auto chain = [&](Time t, std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t i = from; i < to; ++i) t = calendar.advance(t, exponential_q40(bits(s, i)));
    return t;
  };
  const Time whole = chain({}, 0, 1'000'000);
  Time cut;
  const RateCalendar copy = calendar;
  for (std::uint64_t i = 0; i < 1'000'000; i += 17) {
    const std::uint64_t end = std::min<std::uint64_t>(i + 17, 1'000'000);
    for (std::uint64_t k = i; k < end; ++k) cut = copy.advance(cut, exponential_q40(bits(s, k)));
  }
  BOOST_TEST((whole == cut));
  BOOST_TEST(whole.ns == 48'030'791'357'114);
}

BOOST_AUTO_TEST_CASE(arrivals_by_hour_of_the_week_are_poisson_at_the_calendars_rate) {
  RateCalendarOptions options = office(200'000, 350'000);
  options.peak_rate_nhz = 1'000'000'000;
  const RateCalendar calendar(options);
  std::vector<double> observed(168), expected(168);
  const Time end = at(28, 0);
  std::uint64_t i = 0;
  for (Time t = calendar.advance({}, exponential_q40(bits(s, 0))); t < end;
       t = calendar.advance(t, exponential_q40(bits(s, ++i)))) {
    ++observed[static_cast<std::size_t>(t.ns / hour.ns % 168)];
  }
  for (int h = 0; h < 168; ++h) expected[static_cast<std::size_t>(h)] = 4 * calendar.expected(at(0, h), at(0, h + 1));
  const double sigmas = statistics::chi_squared_sigmas(observed, expected);
  BOOST_TEST(std::abs(sigmas) < statistics::sigmas_max, sigmas);
  const double all = calendar.expected({}, end);
  BOOST_TEST(std::abs(static_cast<double>(i) - all) < statistics::sigmas_max * std::sqrt(all));
}

BOOST_AUTO_TEST_CASE(windows_are_read_from_days_and_hours) {
  using Windows = std::vector<CalendarWindow>;
  BOOST_TEST((windows("Mon-Fri 08:00-18:00") == Windows{{0b0111110, 480, 1080, whole_ppm}}));
  BOOST_TEST((windows(" mon , WED 8:30-24:00 ") == Windows{{0b0001010, 510, 1440, whole_ppm}}));
  BOOST_TEST((windows("Fri-Mon 00:00-00:01") == Windows{{0b1100011, 0, 1, whole_ppm}}));
  BOOST_TEST(
      (windows("Sat 22:00-06:00") == Windows{{0b1000000, 1320, 1440, whole_ppm}, {0b0000001, 0, 360, whole_ppm}}));
  BOOST_TEST((windows("Sun 22:00-00:00") == Windows{{0b0000001, 1320, 1440, whole_ppm}}));
  BOOST_TEST((windows("Mon 08:00-12:00, Mon 13:00-17:00") ==
              Windows{{0b0000010, 480, 720, whole_ppm}, {0b0000010, 780, 1020, whole_ppm}}));
}

BOOST_AUTO_TEST_CASE(windows_that_make_no_sense_are_explained) {
  BOOST_TEST(error_of("Mon-Fry 08:00-18:00").find("\"Mon-Fry\" is not a weekday") == 0u);
  BOOST_TEST(error_of("").find("\"\" is not a weekday") == 0u);
  BOOST_TEST(error_of("08:00-18:00").find("\"\" is not a weekday") == 0u);
  BOOST_TEST(error_of("Mon 08:00").find("is not a range of hours") != std::string::npos);
  BOOST_TEST(error_of("Mon 08:00-25:00").find("is not a range of hours") != std::string::npos);
  BOOST_TEST(error_of("Mon 08:60-09:00").find("is not a range of hours") != std::string::npos);
  BOOST_TEST(error_of("Mon 24:00-24:00").find("begins at the day's end") != std::string::npos);
  BOOST_TEST(error_of("Mon 08:00-08:00").find("is empty") != std::string::npos);
  BOOST_TEST(error_of("Mon-Fri").find("ends with days that have no hours") != std::string::npos);
  BOOST_TEST(error_of("Mon 08:00-09:00,").find("is not a weekday") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_larger_share_holds_where_windows_overlap_and_windows_win_over_the_weekend) {
  RateCalendarOptions options = office(0, 100'000);
  options.open = windows("Mon-Sat 08:00-18:00, Mon-Fri 12:00-13:00");
  options.open[0].share_ppm = 500'000;
  const RateCalendar calendar(options);
  BOOST_TEST(calendar.rate_at(at(0, 11)) == 20'000'000'000u);
  BOOST_TEST(calendar.rate_at(at(0, 12)) == 40'000'000'000u);
  BOOST_TEST(calendar.rate_at(at(5, 12)) == 20'000'000'000u);
  BOOST_TEST(calendar.rate_at(at(6, 12)) == 4'000'000'000u);
}

BOOST_AUTO_TEST_CASE(a_chain_of_arrivals_advances_from_each_to_the_next) {
  RateCalendarOptions quiet = office(0, 0);
  quiet.weekend_ppm = 0;
  RateCalendarOptions flat;
  flat.peak_rate_nhz = 3'000'000'000;
  for (const RateCalendarOptions& options : {quiet, office(200'000, 350'000), flat, RateCalendarOptions{}}) {
    const RateCalendar calendar(options);
    // From arrivals that share a segment to such as skip weeks, and until there are none.
    for (const int bits_of_work : {34, 42, 52, 61}) {
      std::vector<std::uint64_t> work;
      for (std::uint64_t i = 0; i < 500; ++i) work.push_back(bits(stream(1, "chain"), i) >> (64 - bits_of_work));
      std::vector<Time> chained(work.size());
      calendar.chain(Time{0}, work, chained);
      Time t;
      for (std::size_t i = 0; i < work.size(); ++i) {
        t = calendar.advance(t, work[i]);
        BOOST_REQUIRE((chained[i] == t));
      }
    }
  }
}
