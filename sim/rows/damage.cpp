#include "sim/rows/damage.h"

#include <algorithm>

#include "sim/kernel/civil.h"
#include "sim/kernel/time.h"
#include "sim/kernel/wide.h"
#include "sim/rows/convert.h"

namespace rehearse {
namespace {

constexpr std::int64_t century_ns = 36'525 * day.ns;

// A sign and digits with a point behind all but the last `places` of them.
struct Digits {
  Signed128 number = 0;
  std::size_t places = 0;
  bool point = false;
};

std::optional<Digits> digits_of(const std::string& text) {
  constexpr std::size_t digits_at_most = 36;  // that fit into 128 bits
  Digits read;
  const bool negative = !text.empty() && text[0] == '-';
  std::size_t digits = 0;
  for (const char c : std::string_view(text).substr(negative ? 1 : 0)) {
    if (c == '.' && !read.point) {
      read.point = true;
      continue;
    }
    if (c < '0' || c > '9' || ++digits > digits_at_most) return std::nullopt;
    read.number = read.number * 10 + (c - '0');
    read.places += read.point;
  }
  if (digits == 0) return std::nullopt;
  if (negative) read.number = -read.number;
  return read;
}

std::string text_of(Digits number) {
  Signed128 rest = magnitude(number.number);
  std::string digits;
  for (; rest > 0 || digits.size() <= number.places; rest /= 10)
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
  if (number.places > 0) digits.insert(digits.size() - number.places, 1, '.');
  return number.number < 0 ? "-" + digits : digits;
}

// Aggregates of captured numbers count millionths, so a shift is of no place behind the sixth.
std::optional<std::string> damaged_number_text(const std::string& text, AlterationKind how) {
  constexpr std::size_t places_that_count = 6;
  std::optional<Digits> number = digits_of(text);
  if (!number) return std::nullopt;
  Signed128 last_place = 1;
  for (std::size_t place = places_that_count; place < number->places; ++place) last_place *= 10;
  if (how == AlterationKind::shifted) {
    number->number += last_place;
  } else if (how == AlterationKind::truncated && number->point) {
    for (; number->places > 0; --number->places) number->number /= 10;
  } else {
    number->number = -number->number - 1;
  }
  return text_of(*number);
}

// Of a date, or of a date and a time of day; whatever follows, as an offset from UTC, stays.
std::optional<std::string> damaged_time_text(const std::string& text, AlterationKind how) {
  constexpr std::size_t date_length = 10, time_length = 19;
  const bool date = text.size() == date_length;
  const std::optional<std::int64_t> at = instant_of(text.substr(0, date ? date_length : time_length));
  if (!at) return std::nullopt;
  std::string damaged = format_rfc3339(damaged_instant(*at, date, how)).substr(0, date ? date_length : time_length);
  if (!date) damaged[date_length] = text[date_length];
  const std::size_t fraction_end = std::min(text.find_first_of("+-Zz ", time_length), text.size());
  return date ? damaged : damaged + text.substr(how == AlterationKind::truncated ? fraction_end : time_length);
}

}  // namespace

std::int64_t damaged_number(std::int64_t bits, const ValueForm& form, AlterationKind how) {
  if (how == AlterationKind::shifted) return bits + 1;
  if (how == AlterationKind::truncated && form.type == ValueType::decimal) return bits - bits % form.unit;
  return -bits - 1;
}

std::int64_t damaged_instant(std::int64_t unix_ns, bool date, AlterationKind how) {
  if (how == AlterationKind::shifted) return unix_ns + (date ? day.ns : hour.ns);
  if (how == AlterationKind::truncated && !date) return unix_ns - floor_mod(unix_ns, day.ns);
  return unix_ns + century_ns;
}

std::optional<std::string> damaged_text(const std::string& text, const ValueForm& form, AlterationKind how) {
  if (how == AlterationKind::unavailable) return std::nullopt;
  switch (form.type) {
    case ValueType::integer:
    case ValueType::decimal:
      return damaged_number_text(text, how);
    case ValueType::timestamp:
      return damaged_time_text(text, how);
    case ValueType::boolean:
      if (text == "t" || text == "f") return text == "t" ? "f" : "t";
      if (text == "true" || text == "false") return text == "true" ? "false" : "true";
      return std::nullopt;
    case ValueType::text:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace rehearse
