// Civil time, RFC 3339 and cron, on cases worked by hand and against the C library's calendar.
#include <boost/test/unit_test.hpp>
#include <ctime>
#include <limits>
#include <string>

#include "sim/kernel/civil.h"
#include "sim/kernel/cron.h"
#include "sim/kernel/draw.h"

using namespace rehearse;

namespace {

std::int64_t unix_ns(std::string_view text) {
  const auto parsed = parse_rfc3339(text);
  BOOST_REQUIRE_MESSAGE(parsed.has_value(), text);
  return *parsed;
}

// The schedule's next instant at or after `from`, as text; the rehearsal began at an odd moment before.
std::string next(std::string_view schedule, std::string_view from, int offset_minutes = 0) {
  const auto parsed = Cron::parse(schedule);
  if (const auto* error = std::get_if<std::string>(&parsed)) BOOST_FAIL(*error);
  const std::int64_t start = unix_ns("2026-01-01T12:34:56.789Z");
  const Time found = std::get<Cron>(parsed).next_at_or_after({unix_ns(from) - start}, start, offset_minutes);
  return found == Time::never() ? "never" : format_rfc3339(found.ns + start, offset_minutes, Fraction::as_needed);
}

std::string error_of(std::string_view schedule) {
  const auto parsed = Cron::parse(schedule);
  const auto* error = std::get_if<std::string>(&parsed);
  return error != nullptr ? *error : "";
}

}  // namespace

BOOST_AUTO_TEST_CASE(civil_time_agrees_with_the_c_library_over_all_years) {
  const Stream s = stream(1, "civil");
  for (std::uint64_t i = 0; i < 200'000; ++i) {
    const auto ns = static_cast<std::int64_t>(bits(s, i));
    std::time_t seconds = ns / 1'000'000'000;
    if (seconds * 1'000'000'000 > ns) --seconds;
    std::tm right{};
    gmtime_r(&seconds, &right);
    const CivilTime found = civil_from_unix_ns(ns);
    const CivilTime expected{right.tm_year + 1900, right.tm_mon + 1, right.tm_mday, right.tm_hour,
                             right.tm_min,         right.tm_sec,     right.tm_wday};
    BOOST_REQUIRE((found == expected));
    if (found.year >= 1678 && found.year <= 2261) BOOST_REQUIRE(unix_ns_from_civil(found) == seconds * 1'000'000'000);
  }
}

BOOST_AUTO_TEST_CASE(days_and_dates_are_inverse_day_by_day) {
  int month = 1, day_of_month = 1, year = 1600;
  for (std::int64_t days = days_from_civil(1600, 1, 1); year < 2405; ++days) {
    BOOST_REQUIRE(days_from_civil(year, month, day_of_month) == days);
    const CivilTime civil = civil_from_days(days);
    BOOST_REQUIRE((civil.year == year && civil.month == month && civil.day == day_of_month));
    if (++day_of_month > days_in_month(year, month)) {
      day_of_month = 1;
      if (++month > 12) {
        month = 1;
        ++year;
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(an_offset_shifts_the_civil_time) {
  const std::int64_t t = unix_ns("2026-03-01T23:30:00Z");
  const CivilTime east = civil_from_unix_ns(t, 90);
  BOOST_TEST((east == CivilTime{2026, 3, 2, 1, 0, 0, 1}));
  const CivilTime west = civil_from_unix_ns(t, -24 * 60);
  BOOST_TEST((west == CivilTime{2026, 2, 28, 23, 30, 0, 6}));
  BOOST_TEST(unix_ns_from_civil(east, 90) == t);
}

BOOST_AUTO_TEST_CASE(rfc3339_is_read) {
  BOOST_TEST(unix_ns("1970-01-01T00:00:00Z") == 0);
  BOOST_TEST(unix_ns("2026-03-02T00:00:00Z") == 1'772'409'600'000'000'000);
  BOOST_TEST(unix_ns("2026-03-02 01:30:00.25+01:30") == 1'772'409'600'250'000'000);
  BOOST_TEST(unix_ns("2026-03-01t14:30:00.000000001-09:30") == 1'772'409'600'000'000'001);
  BOOST_TEST(unix_ns("1969-12-31T23:59:59.999999999z") == -1);
  BOOST_TEST(unix_ns("2024-02-29T00:00:00Z") == 1'709'164'800'000'000'000);
}

BOOST_AUTO_TEST_CASE(what_is_not_rfc3339_is_refused) {
  for (const char* text : {"",
                           "2026-03-02",
                           "2026-03-02T00:00:00",
                           "2026-03-02T00:00Z",
                           "2026-02-29T00:00:00Z",
                           "2100-02-29T00:00:00Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-01-00T00:00:00Z",
                           "2026-04-31T00:00:00Z",
                           "2026-03-02T24:00:00Z",
                           "2026-03-02T00:60:00Z",
                           "2026-03-02T00:00:60Z",
                           "2026-03-02T00:00:00.Z",
                           "2026-03-02T00:00:00.1234567890Z",
                           "2026-03-02T00:00:00+0100",
                           "2026-03-02T00:00:00+24:00",
                           "2026-03-02T00:00:00+01:60",
                           "2026-03-02T00:00:00Z ",
                           " 2026-03-02T00:00:00Z",
                           "2026-3-2T00:00:00Z",
                           "1677-12-31T00:00:00Z",
                           "2262-01-01T00:00:00Z",
                           "20x6-03-02T00:00:00Z",
                           "2026-03-02_00:00:00Z"}) {
    BOOST_TEST(!parse_rfc3339(text).has_value(), text);
  }
}

BOOST_AUTO_TEST_CASE(rfc3339_is_written_and_read_back) {
  const std::int64_t t = unix_ns("2026-03-02T01:02:03.045600000Z");
  BOOST_TEST(format_rfc3339(t) == "2026-03-02T01:02:03Z");
  BOOST_TEST(format_rfc3339(t, 0, Fraction::millis) == "2026-03-02T01:02:03.045Z");
  BOOST_TEST(format_rfc3339(t, 0, Fraction::micros) == "2026-03-02T01:02:03.045600Z");
  BOOST_TEST(format_rfc3339(t, 0, Fraction::nanos) == "2026-03-02T01:02:03.045600000Z");
  BOOST_TEST(format_rfc3339(t, 0, Fraction::as_needed) == "2026-03-02T01:02:03.0456Z");
  BOOST_TEST(format_rfc3339(t, -570, Fraction::as_needed) == "2026-03-01T15:32:03.0456-09:30");
  BOOST_TEST(format_rfc3339(0, 120, Fraction::as_needed) == "1970-01-01T02:00:00+02:00");
  BOOST_TEST(format_rfc3339(-1, 0, Fraction::millis) == "1969-12-31T23:59:59.999Z");
  const Stream s = stream(1, "rfc3339");
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    const auto ns = static_cast<std::int64_t>(bits(s, i)) / 2;
    const int offset = static_cast<int>(below(bits(s, i, 1), 2879)) - 1439;
    BOOST_REQUIRE(unix_ns(format_rfc3339(ns, offset, Fraction::as_needed)) == ns);
  }
}

BOOST_AUTO_TEST_CASE(an_offset_alone_is_read) {
  BOOST_TEST(parse_utc_offset("Z").value() == 0);
  BOOST_TEST(parse_utc_offset("+05:30").value() == 330);
  BOOST_TEST(parse_utc_offset("-09:30").value() == -570);
  BOOST_TEST(!parse_utc_offset("05:30").has_value());
  BOOST_TEST(!parse_utc_offset("+5").has_value());
}

BOOST_AUTO_TEST_CASE(a_nightly_schedule_runs_at_its_minute_and_then_the_next_day) {
  BOOST_TEST(next("0 2 * * *", "2026-03-02T00:00:00Z") == "2026-03-02T02:00:00Z");
  BOOST_TEST(next("0 2 * * *", "2026-03-02T02:00:00Z") == "2026-03-02T02:00:00Z");
  BOOST_TEST(next("0 2 * * *", "2026-03-02T02:00:00.000000001Z") == "2026-03-03T02:00:00Z");
  BOOST_TEST(next("0 2 * * *", "2026-12-31T02:00:01Z") == "2027-01-01T02:00:00Z");
}

BOOST_AUTO_TEST_CASE(minutes_and_hours_carry) {
  BOOST_TEST(next("*/15 * * * *", "2026-03-02T23:46:00Z") == "2026-03-03T00:00:00Z");
  BOOST_TEST(next("*/15 * * * *", "2026-03-02T10:14:59.5Z") == "2026-03-02T10:15:00Z");
  BOOST_TEST(next("5,35 9-17/4 * * *", "2026-03-02T09:36:00Z") == "2026-03-02T13:05:00Z");
  BOOST_TEST(next("5,35 9-17/4 * * *", "2026-03-02T10:10:00Z") == "2026-03-02T13:05:00Z");
  BOOST_TEST(next("5,35 9-17/4 * * *", "2026-03-02T17:35:01Z") == "2026-03-03T09:05:00Z");
  BOOST_TEST(next("10-50/20 0 * * *", "2026-03-02T00:31:00Z") == "2026-03-02T00:50:00Z");
  BOOST_TEST(next("* * * * *", "2026-03-02T00:31:00Z") == "2026-03-02T00:31:00Z");
}

BOOST_AUTO_TEST_CASE(month_ends_are_those_of_the_month) {
  BOOST_TEST(next("0 6 1 * *", "2026-02-01T06:00:01Z") == "2026-03-01T06:00:00Z");
  BOOST_TEST(next("0 0 31 * *", "2026-03-31T00:01:00Z") == "2026-05-31T00:00:00Z");
  BOOST_TEST(next("0 0 30 * *", "2026-01-31T00:00:00Z") == "2026-03-30T00:00:00Z");
  BOOST_TEST(next("59 23 28-31 * *", "2026-02-28T23:59:00.1Z") == "2026-03-28T23:59:00Z");
}

BOOST_AUTO_TEST_CASE(leap_days_are_found_even_across_a_century_that_has_none) {
  BOOST_TEST(next("0 0 29 2 *", "2026-01-01T00:00:00Z") == "2028-02-29T00:00:00Z");
  BOOST_TEST(next("0 0 29 2 *", "2096-02-29T00:00:01Z") == "2104-02-29T00:00:00Z");
  BOOST_TEST(next("0 0 30 2 *", "2026-01-01T00:00:00Z") == "never");
  BOOST_TEST(next("0 0 31 4,6,9,11 *", "2026-01-01T00:00:00Z") == "never");
}

BOOST_AUTO_TEST_CASE(names_of_months_and_weekdays_are_read_in_any_case) {
  BOOST_TEST(next("0 0 1 jan *", "2026-01-02T00:00:00Z") == "2027-01-01T00:00:00Z");
  BOOST_TEST(next("0 0 * FEB-Mar Mon", "2026-04-01T00:00:00Z") == "2027-02-01T00:00:00Z");
  BOOST_TEST(next("0 8 * * Mon-Fri", "2026-03-06T08:00:01Z") == "2026-03-09T08:00:00Z");
  BOOST_TEST(next("0 8 * * sat-sun", "2026-03-07T08:00:01Z") == "2026-03-08T08:00:00Z");
  BOOST_TEST(next("0 8 * * 7", "2026-03-02T00:00:00Z") == "2026-03-08T08:00:00Z");
  BOOST_TEST(next("0 8 * * 0", "2026-03-02T00:00:00Z") == "2026-03-08T08:00:00Z");
}

BOOST_AUTO_TEST_CASE(either_day_matches_if_both_fields_are_restricted) {
  // The 13th or a Friday: Friday 6 March comes first, and Friday the 13th is both.
  BOOST_TEST(next("0 0 13 * fri", "2026-03-02T00:00:00Z") == "2026-03-06T00:00:00Z");
  BOOST_TEST(next("0 0 13 * mon", "2026-03-10T00:00:00Z") == "2026-03-13T00:00:00Z");
  // Every second day of the month and a Monday: * restricts nothing, so both must match.
  BOOST_TEST(next("0 0 */2 * mon", "2026-03-02T00:00:00Z") == "2026-03-09T00:00:00Z");
  BOOST_TEST(next("0 0 13 * *", "2026-03-02T00:00:00Z") == "2026-03-13T00:00:00Z");
}

BOOST_AUTO_TEST_CASE(schedules_are_in_local_time_of_the_offset) {
  BOOST_TEST(next("0 2 * * *", "2026-03-02T00:00:00Z", 120) == "2026-03-02T02:00:00+02:00");
  BOOST_TEST(next("0 2 * * *", "2026-03-02T00:00:01Z", 120) == "2026-03-03T02:00:00+02:00");
  BOOST_TEST(next("0 0 1 * *", "2026-03-01T00:00:00Z", -300) == "2026-03-01T00:00:00-05:00");
  BOOST_TEST(next("30 23 28 2 *", "2026-03-01T04:00:00Z", -300) == "2026-02-28T23:30:00-05:00");
}

BOOST_AUTO_TEST_CASE(never_stays_never_and_the_end_of_time_overflows_into_it) {
  const Cron cron = std::get<Cron>(Cron::parse("0 0 1 1 *"));
  BOOST_TEST((cron.next_at_or_after(Time::never(), 0, 0) == Time::never()));
  BOOST_TEST((cron.next_at_or_after({Time::never().ns - 1}, 0, 0) == Time::never()));
  BOOST_TEST((cron.next_at_or_after({Time::never().ns - 1}, unix_ns("2026-03-02T00:00:00Z"), 0) == Time::never()));
}

BOOST_AUTO_TEST_CASE(wrong_schedules_are_explained_and_name_the_field) {
  BOOST_TEST(error_of("0 2 * *").find("has 5 fields") != std::string::npos);
  BOOST_TEST(error_of("0 2 * * * *").find("this one has 6") != std::string::npos);
  BOOST_TEST(error_of("60 2 * * *") == "minute: \"60\" is outside 0-59");
  BOOST_TEST(error_of("0 24 * * *") == "hour: \"24\" is outside 0-23");
  BOOST_TEST(error_of("0 0 0 * *") == "day of month: \"0\" is outside 1-31");
  BOOST_TEST(error_of("0 0 * 13 *") == "month: \"13\" is outside 1-12");
  BOOST_TEST(error_of("0 0 * * 8") == "day of week: \"8\" is outside 0-7");
  BOOST_TEST(error_of("0 0 * * someday") == "day of week: \"someday\" is not a value");
  BOOST_TEST(error_of("0 mon * * *") == "hour: \"mon\" is not a value");
  BOOST_TEST(error_of("30-10 * * * *").find("runs backwards") != std::string::npos);
  BOOST_TEST(error_of("5/10 * * * *").find("a step needs * or a range") != std::string::npos);
  BOOST_TEST(error_of("*/0 * * * *").find("not a positive number") != std::string::npos);
  BOOST_TEST(error_of("1,,2 * * * *").find("minute") == 0u);
  BOOST_TEST(error_of("1- * * * *").find("minute") == 0u);
  BOOST_TEST(error_of("99999999999 * * * *").find("minute") == 0u);
}
