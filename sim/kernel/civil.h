// Civil time: the proleptic Gregorian calendar at a fixed offset from UTC, by own arithmetic.
//
// Left out: time zones with daylight saving, leap seconds (a day has 86,400 s). Instants are int64 nanoseconds since
// 1970-01-01T00:00:00Z, so years 1678 … 2261 are whole.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rehearse {

struct CivilTime {
  int year = 1970;
  int month = 1;  // 1 … 12
  int day = 1;    // 1 … 31
  int hour = 0;
  int minute = 0;
  int second = 0;
  int weekday = 4;  // 0 = Sunday; ignored on the way to unix time
  bool operator==(const CivilTime&) const = default;
};

std::int64_t days_from_civil(int year, int month, int day);  // since 1970-01-01
CivilTime civil_from_days(std::int64_t days);                // at midnight
int days_in_month(int year, int month);

// The fraction of a second is dropped towards the past.
CivilTime civil_from_unix_ns(std::int64_t unix_ns, int offset_minutes = 0);
// The civil time must exist and lie in years 1678 … 2261 (asserted).
std::int64_t unix_ns_from_civil(const CivilTime& civil, int offset_minutes = 0);

// "2026-03-02T00:00:00Z", "2026-03-02 01:30:00.25+02:00": date, T or a space, time, up to 9 digits of fraction, Z or
// ±hh:mm. Nothing if it is not that, if the date does not exist, or outside 1678 … 2261. Second 60 is refused.
std::optional<std::int64_t> parse_rfc3339(std::string_view text);
// The offset alone, in minutes ("Z", "+02:00", "-09:30"); at most 23:59 either way.
std::optional<int> parse_utc_offset(std::string_view text);

enum class Fraction { none, millis, micros, nanos, as_needed };  // digits beyond are cut, not rounded
std::string format_rfc3339(std::int64_t unix_ns, int offset_minutes = 0, Fraction fraction = Fraction::none);

}  // namespace rehearse
