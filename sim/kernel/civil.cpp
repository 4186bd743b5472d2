// Days and dates by counting 400-year eras from the first of March (H. Hinnant, "chrono-compatible low-level date
// algorithms"), and RFC 3339 text.
#include "sim/kernel/civil.h"

#include "sim/kernel/assert.h"
#include "sim/kernel/time.h"

namespace rehearse {
namespace {

constexpr int first_year = 1678;
constexpr int last_year = 2261;

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  const std::int64_t quotient = a / b;
  return quotient * b > a ? quotient - 1 : quotient;
}

bool exists(const CivilTime& civil) {
  return civil.year >= first_year && civil.year <= last_year && civil.month >= 1 && civil.month <= 12 &&
         civil.day >= 1 && civil.day <= days_in_month(civil.year, civil.month) && civil.hour >= 0 && civil.hour <= 23 &&
         civil.minute >= 0 && civil.minute <= 59 && civil.second >= 0 && civil.second <= 59;
}

// Takes fixed forms off the front of a text.
struct Reader {
  std::string_view rest;

  bool take(char c) {
    if (rest.empty() || rest.front() != c) return false;
    rest.remove_prefix(1);
    return true;
  }
  bool digits(int count, int& value) {
    if (rest.size() < static_cast<std::size_t>(count)) return false;
    value = 0;
    for (int i = 0; i < count; ++i) {
      const char c = rest[static_cast<std::size_t>(i)];
      if (c < '0' || c > '9') return false;
      value = value * 10 + (c - '0');
    }
    rest.remove_prefix(static_cast<std::size_t>(count));
    return true;
  }
  // 1 to 9 digits after the point.
  bool fraction(std::int64_t& ns) {
    std::int64_t unit = second.ns / 10;
    int digit = 0;
    int count = 0;
    for (; count < 9 && digits(1, digit); ++count, unit /= 10) ns += digit * unit;
    return count > 0;
  }
  bool offset(int& minutes) {
    if (take('Z') || take('z')) {
      minutes = 0;
      return true;
    }
    const bool west = take('-');
    if (!west && !take('+')) return false;
    int hours = 0;
    if (!digits(2, hours) || !take(':') || !digits(2, minutes) || hours > 23 || minutes > 59) return false;
    minutes += hours * 60;
    if (west) minutes = -minutes;
    return true;
  }
};

void append(std::string& text, std::int64_t value, int width) {
  std::string digits;
  for (int i = 0; i < width; ++i, value /= 10) digits.insert(digits.begin(), static_cast<char>('0' + value % 10));
  text += digits;
}

void append_fraction(std::string& text, std::int64_t ns, Fraction fraction) {
  int digits = fraction == Fraction::none ? 0 : fraction == Fraction::millis ? 3 : fraction == Fraction::micros ? 6 : 9;
  for (int cut = digits; cut < 9; ++cut) ns /= 10;
  if (fraction == Fraction::as_needed) {
    for (; digits > 0 && ns % 10 == 0; --digits) ns /= 10;
  }
  if (digits == 0) return;
  text += '.';
  append(text, ns, digits);
}

}  // namespace

std::int64_t days_from_civil(int year, int month, int day) {
  const std::int64_t y = month <= 2 ? std::int64_t{year} - 1 : year;
  const std::int64_t era = floor_divide(y, 400);
  const std::int64_t year_of_era = y - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

CivilTime civil_from_days(std::int64_t days) {
  const std::int64_t z = days + 719'468;
  const std::int64_t era = floor_divide(z, 146'097);
  const std::int64_t day_of_era = z - era * 146'097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t march_month = (5 * day_of_year + 2) / 153;
  CivilTime civil;
  civil.day = static_cast<int>(day_of_year - (153 * march_month + 2) / 5 + 1);
  civil.month = static_cast<int>(march_month < 10 ? march_month + 3 : march_month - 9);
  civil.year = static_cast<int>(year_of_era + era * 400 + (civil.month <= 2 ? 1 : 0));
  const std::int64_t weekday = days + 4;  // 1970-01-01 was a Thursday
  civil.weekday = static_cast<int>(weekday - floor_divide(weekday, 7) * 7);
  return civil;
}

int days_in_month(int year, int month) {
  if (month == 2) return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

CivilTime civil_from_unix_ns(std::int64_t unix_ns, int offset_minutes) {
  // In seconds, so that an offset cannot carry the edges of the range beyond 64 bits.
  const std::int64_t seconds = floor_divide(unix_ns, second.ns) + std::int64_t{offset_minutes} * 60;
  const std::int64_t days = floor_divide(seconds, 86'400);
  const auto of_day = static_cast<int>(seconds - days * 86'400);
  CivilTime civil = civil_from_days(days);
  civil.hour = of_day / 3600;
  civil.minute = of_day / 60 % 60;
  civil.second = of_day % 60;
  return civil;
}

std::int64_t unix_ns_from_civil(const CivilTime& civil, int offset_minutes) {
  REHEARSE_ASSERT(exists(civil), "a civil time exists, in years 1678 to 2261");
  const std::int64_t days = days_from_civil(civil.year, civil.month, civil.day);
  const std::int64_t minutes = std::int64_t{civil.hour} * 60 + civil.minute - offset_minutes;
  return (days * 86'400 + minutes * 60 + civil.second) * second.ns;
}

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
  Reader reader{text};
  CivilTime civil;
  if (!reader.digits(4, civil.year) || !reader.take('-') || !reader.digits(2, civil.month) || !reader.take('-') ||
      !reader.digits(2, civil.day)) {
    return std::nullopt;
  }
  if (!reader.take('T') && !reader.take('t') && !reader.take(' ')) return std::nullopt;
  if (!reader.digits(2, civil.hour) || !reader.take(':') || !reader.digits(2, civil.minute) || !reader.take(':') ||
      !reader.digits(2, civil.second)) {
    return std::nullopt;
  }
  std::int64_t fraction_ns = 0;
  if (reader.take('.') && !reader.fraction(fraction_ns)) return std::nullopt;
  int offset_minutes = 0;
  if (!reader.offset(offset_minutes) || !reader.rest.empty() || !exists(civil)) return std::nullopt;
  return unix_ns_from_civil(civil, offset_minutes) + fraction_ns;
}

std::optional<int> parse_utc_offset(std::string_view text) {
  Reader reader{text};
  int minutes = 0;
  if (!reader.offset(minutes) || !reader.rest.empty()) return std::nullopt;
  return minutes;
}

std::string format_rfc3339(std::int64_t unix_ns, int offset_minutes, Fraction fraction) {
  const CivilTime civil = civil_from_unix_ns(unix_ns, offset_minutes);
  std::string text;
  append(text, civil.year, 4);
  append(text += '-', civil.month, 2);
  append(text += '-', civil.day, 2);
  append(text += 'T', civil.hour, 2);
  append(text += ':', civil.minute, 2);
  append(text += ':', civil.second, 2);
  append_fraction(text, unix_ns - floor_divide(unix_ns, second.ns) * second.ns, fraction);
  if (offset_minutes == 0) return text += 'Z';
  const int distance = offset_minutes < 0 ? -offset_minutes : offset_minutes;
  append(text += offset_minutes < 0 ? '-' : '+', distance / 60, 2);
  append(text += ':', distance % 60, 2);
  return text;
}

}  // namespace rehearse
