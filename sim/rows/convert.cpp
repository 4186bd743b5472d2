#include "sim/rows/convert.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "sim/kernel/civil.h"

namespace rehearse {
namespace {

constexpr int exact_digits = 18;

struct Decimal {
  bool negative = false;
  std::string_view whole, fraction;  // without leading zeros; without trailing ones
};

// A sign, digits, and a point with digits; nothing else.
std::optional<Decimal> decimal_of(std::string_view text) {
  Decimal decimal;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    decimal.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  const std::size_t point = std::min(text.find('.'), text.size());
  decimal.whole = text.substr(0, point);
  decimal.fraction = point == text.size() ? std::string_view() : text.substr(point + 1);
  if (decimal.whole.empty() && decimal.fraction.empty()) return std::nullopt;
  for (const std::string_view part : {decimal.whole, decimal.fraction})
    if (part.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  decimal.whole.remove_prefix(std::min(decimal.whole.find_first_not_of('0'), decimal.whole.size()));
  const std::size_t last = decimal.fraction.find_last_not_of('0');
  decimal.fraction = decimal.fraction.substr(0, last == std::string_view::npos ? 0 : last + 1);
  return decimal;
}

Signed128 power_of_ten(int exponent) {
  Signed128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

std::optional<std::int64_t> fitting(Signed128 value) {
  if (value > std::numeric_limits<std::int64_t>::max() || value < std::numeric_limits<std::int64_t>::min())
    return std::nullopt;
  return static_cast<std::int64_t>(value);
}

// numerator / denominator to a whole number; `more` says that the numerator was cut off before its end.
Signed128 rounded(Signed128 numerator, Signed128 denominator, bool more, Rounding rounding) {
  const bool negative = numerator < 0;
  const Signed128 size = negative ? -numerator : numerator;
  Signed128 whole = size / denominator;
  const Signed128 rest = size % denominator * 2;
  const bool above = rest > denominator || (rest == denominator && more);
  const bool half = rest == denominator && !more;
  if (rounding != Rounding::down && (above || (half && (rounding == Rounding::half_up || whole % 2 != 0)))) ++whole;
  return negative ? -whole : whole;
}

// PostgreSQL's and ISO's words for a time, without a zone at UTC.
std::optional<std::string> whole_time(std::string_view text) {
  constexpr std::size_t date_length = 10, time_length = 19;
  std::string whole(text);
  if (text.size() == date_length) return whole + " 00:00:00Z";
  if (text.size() < time_length) return std::nullopt;
  if (text.find_first_of("+-Zz", time_length) == std::string_view::npos) return whole + "Z";
  const char sign = text[text.size() - 3];
  return sign == '+' || sign == '-' ? whole + ":00" : whole;
}

}  // namespace

bool castable(ValueType from, ValueType to, bool texts_have_characters) {
  if (from == to || to == ValueType::text) return true;
  switch (from) {
    case ValueType::boolean:
      return to == ValueType::integer;
    case ValueType::integer:
      return to == ValueType::decimal;
    case ValueType::decimal:
      return to == ValueType::integer;
    case ValueType::text:
      return texts_have_characters && to != ValueType::boolean;
    case ValueType::timestamp:
      return false;
  }
  return false;
}

std::optional<std::int64_t> rescaled(std::int64_t bits, std::int64_t unit, const ValueForm& to, Rounding rounding) {
  const Signed128 numerator = static_cast<Signed128>(bits) * to.unit;
  const Signed128 steps = rounded(numerator, static_cast<Signed128>(unit) * to.step, false, rounding);
  return fitting(steps * to.step);
}

std::optional<std::int64_t> number_of(std::string_view text, const ValueForm& form, Rounding rounding) {
  const std::optional<Decimal> decimal = decimal_of(text);
  if (!decimal || decimal->whole.size() > exact_digits + 1) return std::nullopt;
  const std::string_view kept = decimal->fraction.substr(0, std::min<std::size_t>(decimal->fraction.size(), 12));
  Signed128 digits = 0;
  for (const std::string_view part : {decimal->whole, kept})
    for (const char c : part) digits = digits * 10 + (c - '0');
  if (decimal->negative) digits = -digits;
  const Signed128 denominator = power_of_ten(static_cast<int>(kept.size())) * form.step;
  const Signed128 steps = rounded(digits * form.unit, denominator, kept.size() < decimal->fraction.size(), rounding);
  return fitting(steps * form.step);
}

std::string number_text(std::int64_t bits, const ValueForm& form) {
  std::size_t places = 0;
  for (std::int64_t one = form.unit / form.step; one >= 10; one /= 10) ++places;
  const bool negative = bits < 0;
  const std::uint64_t steps = (negative ? 0 - static_cast<std::uint64_t>(bits) : static_cast<std::uint64_t>(bits)) /
                              static_cast<std::uint64_t>(form.step);
  std::string digits = fmt::format("{}", steps);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  if (places > 0) digits.insert(digits.size() - places, 1, '.');
  return negative ? "-" + digits : digits;
}

std::optional<std::int64_t> instant_of(std::string_view text) {
  const std::optional<std::string> whole = whole_time(text);
  return whole ? parse_rfc3339(*whole) : std::nullopt;
}

std::string normalised(std::string text, ValueType type) {
  constexpr const char* blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  text = first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(blanks) - first + 1);
  if (type == ValueType::integer || type == ValueType::decimal) {
    if (const std::optional<Decimal> decimal = decimal_of(text)) {
      const bool zero = decimal->whole.empty() && decimal->fraction.empty();
      return fmt::format("{}{}.{}", decimal->negative && !zero ? "-" : "", decimal->whole, decimal->fraction);
    }
  }
  if (type == ValueType::timestamp)
    if (const std::optional<std::int64_t> at = instant_of(text)) return fmt::format("{} ns", *at);
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

std::optional<Signed128> exact_number(std::string_view text) {
  const std::optional<Decimal> decimal = decimal_of(text);
  if (!decimal || decimal->whole.size() > exact_digits || decimal->fraction.size() > exact_digits) return std::nullopt;
  Signed128 digits = 0;
  for (const std::string_view part : {decimal->whole, decimal->fraction})
    for (const char c : part) digits = digits * 10 + (c - '0');
  digits *= power_of_ten(exact_digits - static_cast<int>(decimal->fraction.size()));
  return decimal->negative ? -digits : digits;
}

}  // namespace rehearse
