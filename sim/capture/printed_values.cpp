#include "sim/capture/printed_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "sim/capture/type_names.h"
#include "sim/kernel/civil.h"

namespace rehearse {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t day_s = 86'400;

// PostgreSQL's infinities as its driver and Debezium count them.
constexpr std::int64_t infinite_day = 2'147'483'647;
constexpr std::int64_t minus_infinite_day = -2'147'483'648;
constexpr std::int64_t infinity_us = 9'223'372'036'825'200'000;
constexpr std::int64_t minus_infinity_us = -9'223'372'036'832'400'000;
constexpr std::int64_t infinity_ms = 9'223'372'036'825'200;
constexpr std::int64_t minus_infinity_ms = -9'223'372'036'832'400;
constexpr std::string_view infinity_iso = "294247-01-10T04:00:25.2";
constexpr std::string_view minus_infinity_iso = "-290308-12-21T19:59:27.6";

std::int64_t floored(std::int64_t count, std::int64_t unit) { return count / unit - (count % unit < 0 ? 1 : 0); }

// With " BC" apart: it stands behind the time.
std::string date_text(std::int64_t year, int month, int day, std::string_view& era) {
  era = year <= 0 ? " BC" : "";
  return fmt::format("{:04}-{:02}-{:02}", year <= 0 ? 1 - year : year, month, day);
}

// ".25", or nothing.
std::string fraction_text(std::int64_t part, std::int64_t unit_ns) {
  if (part == 0) return {};
  std::string digits = fmt::format("{:09}", part * unit_ns);
  digits.erase(digits.find_last_not_of('0') + 1);
  return "." + digits;
}

std::string clock_text(std::int64_t seconds) {
  return fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::optional<std::int64_t> number_of(std::string_view digits) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || digits.front() == '-' || error != std::errc{} || end != digits.data() + digits.size())
    return std::nullopt;
  return value;
}

// "09:30:00.120": without trailing zeros of its fraction.
std::optional<std::string> iso_clock(std::string_view text) {
  if (text.size() == 5) return iso_clock(std::string(text) + ":00");
  if (text.size() < 8 || text[2] != ':' || text[5] != ':') return std::nullopt;
  for (const std::size_t at : {0, 3, 6})
    if (!number_of(text.substr(at, 2))) return std::nullopt;
  if (text.size() == 8) return std::string(text);
  if (text[8] != '.' || !number_of(text.substr(9))) return std::nullopt;
  std::string out(text);
  out.erase(out.find_last_not_of('0') + 1);
  if (out.back() == '.') out.pop_back();
  return out;
}

std::optional<std::string> iso_date(std::string_view text, std::string_view& era) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos || text.size() != dash + 6 || text[dash + 3] != '-') return std::nullopt;
  const auto year = number_of(text.substr(0, dash));
  const auto month = number_of(text.substr(dash + 1, 2));
  const auto day = number_of(text.substr(dash + 4));
  if (!year || !month || !day) return std::nullopt;
  return date_text(negative ? -*year : *year, static_cast<int>(*month), static_cast<int>(*day), era);
}

// ---- floating point

// A number's shortest digits, and the exponent of the first.
struct Shortest {
  bool negative = false;
  std::string digits;
  int exponent = 0;
};

template <typename Float>
std::optional<Shortest> shortest_of(std::string_view text) {
  if (text.find_first_not_of("0123456789+-.eE") != std::string_view::npos) return std::nullopt;
  if (text.starts_with('+')) text.remove_prefix(1);
  Float value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  char buffer[64];
  const auto made = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
  std::string_view printed(buffer, static_cast<std::size_t>(made.ptr - buffer));
  Shortest out;
  out.negative = printed.starts_with('-');
  if (out.negative) printed.remove_prefix(1);
  const std::size_t e = printed.find('e');
  for (const char c : printed.substr(0, e))
    if (c != '.') out.digits += c;
  const std::string_view exponent = printed.substr(e + (printed[e + 1] == '+' ? 2 : 1));
  std::from_chars(exponent.data(), exponent.data() + exponent.size(), out.exponent);
  return out;
}

std::string fixed_text(const Shortest& number) {
  const int places = static_cast<int>(number.digits.size()) - 1 - number.exponent;
  std::string text = number.digits;
  if (places <= 0) return text.append(static_cast<std::size_t>(-places), '0');
  if (number.exponent < 0) text.insert(0, static_cast<std::size_t>(-number.exponent), '0');
  text.insert(text.size() - static_cast<std::size_t>(places), 1, '.');
  return text;
}

std::string scientific_text(const Shortest& number, SourceDatabase database) {
  std::string text = number.digits;
  if (text.size() > 1) text.insert(1, 1, '.');
  if (database == SourceDatabase::mysql) return text + fmt::format("e{}", number.exponent);
  return text + fmt::format("e{}{:02}", number.exponent < 0 ? '-' : '+', std::abs(number.exponent));
}

// PostgreSQL's and MySQL's own limits for writing a number without an exponent.
bool is_written_out(int exponent, bool single, SourceDatabase database) {
  if (database == SourceDatabase::mysql) return exponent >= -15 && exponent < 15;
  return exponent >= -4 && exponent < (single ? 6 : 15);
}

std::string_view fraction_cut(std::string_view text) {
  if (text.find('.') == std::string_view::npos) return text;
  text = text.substr(0, text.find_last_not_of('0') + 1);
  return text.ends_with('.') ? text.substr(0, text.size() - 1) : text;
}

}  // namespace

std::string printed_date(std::int64_t days, SourceDatabase database) {
  if (database != SourceDatabase::mysql && days == infinite_day) return "infinity";
  if (database != SourceDatabase::mysql && days == minus_infinite_day) return "-infinity";
  const CivilTime day = civil_from_days(days);
  std::string_view era;
  std::string text = date_text(day.year, day.month, day.day, era);
  return text.append(era);
}

std::string printed_timestamp(std::int64_t count, std::int64_t unit_ns, SourceDatabase database) {
  if (database != SourceDatabase::mysql) {
    if (count == (unit_ns == 1'000 ? infinity_us : infinity_ms)) return "infinity";
    if (count == (unit_ns == 1'000 ? minus_infinity_us : minus_infinity_ms)) return "-infinity";
  }
  const std::int64_t per_second = second_ns / unit_ns;
  const std::int64_t seconds = floored(count, per_second);
  const std::int64_t days = floored(seconds, day_s);
  const CivilTime day = civil_from_days(days);
  std::string_view era;
  const std::string date = date_text(day.year, day.month, day.day, era);
  return fmt::format("{} {}{}{}", date, clock_text(seconds - days * day_s),
                     fraction_text(count - seconds * per_second, unit_ns), era);
}

std::optional<std::string> printed_day_time(std::int64_t count, std::int64_t unit_ns, SourceDatabase database) {
  constexpr std::int64_t mysql_most_s = 839 * 3600;
  const std::int64_t per_second = second_ns / unit_ns;
  const bool mysql = database == SourceDatabase::mysql;
  if (!mysql && (count < 0 || count > day_s * per_second)) return std::nullopt;
  if (count <= -mysql_most_s * per_second || count >= mysql_most_s * per_second) return std::nullopt;
  const std::int64_t size = count < 0 ? -count : count;
  return (count < 0 ? "-" : "") + clock_text(size / per_second) + fraction_text(size % per_second, unit_ns);
}

std::optional<std::string> printed_iso(std::string_view text, Zone zone, SourceDatabase database) {
  const bool mysql = database == SourceDatabase::mysql;
  if (text.ends_with('Z')) text.remove_suffix(1);
  else if (text.ends_with("+00:00")) text.remove_suffix(6);
  const std::string_view unsigned_text = text.starts_with('+') ? text.substr(1) : text;
  if (!mysql && fraction_cut(unsigned_text) == infinity_iso) return "infinity";
  if (!mysql && fraction_cut(text) == minus_infinity_iso) return "-infinity";
  const char* suffix = zone == Zone::printed && !mysql ? "+00" : "";
  const std::size_t t = text.find('T');
  std::string_view era;
  if (t != std::string_view::npos) {
    const auto date = iso_date(text.substr(0, t), era);
    const auto clock = iso_clock(text.substr(t + 1));
    if (!date || !clock) return std::nullopt;
    return fmt::format("{} {}{}{}", *date, *clock, suffix, era);
  }
  if (const auto clock = iso_clock(text)) return *clock + suffix;
  const auto date = iso_date(text, era);
  return date ? std::optional(*date + std::string(era)) : std::nullopt;
}

// ---- intervals

namespace {

struct Interval {
  std::int64_t months = 0;
  std::int64_t days = 0;
  std::int64_t microseconds = 0;
};

std::string interval_text(const Interval& of) {
  std::string text;
  const auto add = [&](std::int64_t count, const char* unit) {
    if (count == 0) return;
    text += fmt::format("{}{} {}{}", text.empty() ? "" : " ", count, unit, count == 1 ? "" : "s");
  };
  add(of.months / 12, "year");
  add(of.months % 12, "mon");
  add(of.days, "day");
  if (of.microseconds == 0 && !text.empty()) return text;
  const std::int64_t size = of.microseconds < 0 ? -of.microseconds : of.microseconds;
  if (!text.empty()) text += ' ';
  if (of.microseconds < 0) text += '-';
  return text + clock_text(size / 1'000'000) + fraction_text(size % 1'000'000, 1'000);
}

// A number with its unit from the front of an ISO period: "6.789S".
struct Part {
  std::int64_t whole = 0;
  std::int64_t microseconds = 0;  // of the fraction
  char unit = 0;
};
std::optional<Part> next_part(std::string_view& text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::size_t end = text.find_first_not_of("0123456789.");
  if (end == std::string_view::npos || end == 0) return std::nullopt;
  const std::string_view number = text.substr(0, end);
  const std::size_t point = std::min(number.find('.'), number.size());
  const auto whole = number_of(number.substr(0, point));
  std::string fraction(point == number.size() ? "" : number.substr(point + 1, 6));
  fraction.resize(6, '0');
  const auto micros = number_of(fraction);
  if (!whole || !micros || *whole > 1'000'000'000) return std::nullopt;
  Part part{negative ? -*whole : *whole, negative ? -*micros : *micros, text[end]};
  text.remove_prefix(end + 1);
  return part;
}

}  // namespace

std::string printed_interval(std::int64_t microseconds) {
  constexpr std::int64_t day_us = day_s * 1'000'000;
  constexpr std::int64_t month_us = day_us * 1461 / 48;
  if (microseconds != 0 && microseconds % month_us == 0) return interval_text({microseconds / month_us, 0, 0});
  return interval_text({0, microseconds / day_us, microseconds % day_us});
}

std::optional<std::string> printed_iso_interval(std::string_view text) {
  if (!text.starts_with('P')) return std::nullopt;
  text.remove_prefix(1);
  Interval out;
  bool clock = false;
  while (!text.empty()) {
    if (text.front() == 'T') {
      clock = true;
      text.remove_prefix(1);
      continue;
    }
    const auto part = next_part(text);
    if (!part) return std::nullopt;
    constexpr std::int64_t second_us = 1'000'000;
    if (!clock && part->unit == 'Y') out.months += part->whole * 12;
    else if (!clock && part->unit == 'M') out.months += part->whole;
    else if (!clock && part->unit == 'D') out.days += part->whole;
    else if (clock && part->unit == 'H') out.microseconds += part->whole * 3600 * second_us;
    else if (clock && part->unit == 'M') out.microseconds += part->whole * 60 * second_us;
    else if (clock && part->unit == 'S') out.microseconds += part->whole * second_us + part->microseconds;
    else return std::nullopt;
  }
  return interval_text(out);
}

// ---- bits and arrays

std::string printed_bits(std::string_view bytes, std::size_t length, SourceDatabase database) {
  const auto is_set = [&](std::size_t bit) {
    return bit / 8 < bytes.size() && (static_cast<unsigned char>(bytes[bit / 8]) >> (bit % 8) & 1U) != 0;
  };
  if (database == SourceDatabase::mysql) {
    std::uint64_t number = 0;
    for (std::size_t bit = 0; bit < 64; ++bit) number |= std::uint64_t{is_set(bit) ? 1U : 0U} << bit;
    return fmt::format("{}", number);
  }
  std::string text;
  for (std::size_t bit = length; bit-- > 0;) text += is_set(bit) ? '1' : '0';
  return text;
}

std::string printed_array(const std::vector<PrintedElement>& elements) {
  const auto is_null_word = [](std::string_view text) {
    return std::ranges::equal(text, std::string_view("null"), [](char a, char b) { return (a | 0x20) == b; });
  };
  std::string text = "{";
  for (const PrintedElement& element : elements) {
    if (text.size() > 1) text += ',';
    if (element.is_null || element.is_array) {
      text += element.is_null ? "NULL" : element.text;
      continue;
    }
    const bool plain = !element.text.empty() && !is_null_word(element.text) &&
                       element.text.find_first_of("{},\"\\ \t\n\r\v\f") == std::string_view::npos;
    if (!plain) text += '"';
    for (const char c : element.text) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    if (!plain) text += '"';
  }
  return text + "}";
}

// ---- floating point

std::optional<std::string> printed_float(std::string_view text, std::string_view type, SourceDatabase database) {
  const FloatType of = float_type(type, database);
  if (of.width == FloatType::Width::none) return std::nullopt;
  const bool single = of.width == FloatType::Width::single;
  const auto number = single ? shortest_of<float>(text) : shortest_of<double>(text);
  if (!number) return std::nullopt;
  if (of.places) {
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return fmt::format("{:.{}f}", value, *of.places);
  }
  const std::string size =
      is_written_out(number->exponent, single, database) ? fixed_text(*number) : scientific_text(*number, database);
  return number->negative ? "-" + size : size;
}

bool same_printed(std::string_view a, std::string_view b, std::string_view type, SourceDatabase database) {
  if (a == b) return true;
  if (const auto one = printed_float(a, type, database)) return one == printed_float(b, type, database);
  if (database != SourceDatabase::mysql) return false;
  // MySQL prints as many digits of a second's fraction as the column has, and connectors as many as there are.
  const bool clock = type.find("time") != std::string_view::npos;
  return clock && fraction_cut(a) == fraction_cut(b);
}

}  // namespace rehearse
