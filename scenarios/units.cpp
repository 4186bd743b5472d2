// Exact parsing of numbers with units.
#include "scenarios/units.h"

#include <fmt/core.h>

#include <array>
#include <limits>
#include <utility>

#include "scenarios/diagnostics.h"
#include "sim/kernel/wide.h"

namespace rehearse {
namespace {

using Wide = Signed128;
constexpr std::int64_t int64_max = std::numeric_limits<std::int64_t>::max();
constexpr int digits_max = 30;  // a mantissa stays below 10^30 < 2^100

// mantissa / 10^decimals
struct Number {
  Wide mantissa = 0;
  int decimals = 0;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes digits[.digits] from the front of `text`; nothing if there is none, or more digits than are read exactly.
std::optional<Number> take_number(std::string_view& text) {
  Number number;
  int digits = 0;
  bool point = false;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.' && !point && at > 0 && at + 1 < text.size() && is_digit(text[at + 1])) {
      point = true;
    } else if (is_digit(c)) {
      number.mantissa = number.mantissa * 10 + (c - '0');
      if (number.mantissa != 0) ++digits;
      if (point) ++number.decimals;
      if (digits > digits_max || number.decimals > digits_max) return std::nullopt;
    } else {
      break;
    }
  }
  if (at == 0) return std::nullopt;
  text.remove_prefix(at);
  return number;
}

enum class Fit { exact, inexact, too_large };

// number · factor as an integer; factor <= 10^18 keeps the product below 2^127 for mantissas below 10^19.
Fit scale(const Number& number, std::int64_t factor, std::int64_t& out) {
  Wide mantissa = number.mantissa;
  int decimals = number.decimals;
  while (decimals > 0 && mantissa % 10 == 0) {
    mantissa /= 10;
    --decimals;
  }
  Wide divisor = 1;
  for (int i = 0; i < decimals; ++i) {
    if (factor % 10 == 0) {
      factor /= 10;
    } else {
      divisor *= 10;
    }
  }
  constexpr Wide mantissa_max = static_cast<Wide>(int64_max) * 1'000'000'000;
  if (mantissa > mantissa_max / factor * 10) return Fit::too_large;
  const Wide product = mantissa * factor;
  if (product / divisor > int64_max) return Fit::too_large;
  out = static_cast<std::int64_t>(product / divisor);
  return product % divisor == 0 ? Fit::exact : Fit::inexact;
}

struct Unit {
  std::string_view name;
  std::int64_t factor;
};

constexpr std::array<Unit, 9> duration_units = {{{"w", 604'800'000'000'000},
                                                 {"d", 86'400'000'000'000},
                                                 {"h", 3'600'000'000'000},
                                                 {"m", 60'000'000'000},
                                                 {"s", 1'000'000'000},
                                                 {"ms", 1'000'000},
                                                 {"us", 1'000},
                                                 {"µs", 1'000},
                                                 {"ns", 1}}};
constexpr std::array<Unit, 4> count_units = {{{"G", 1'000'000'000}, {"M", 1'000'000}, {"k", 1'000}, {"", 1}}};
constexpr std::array<Unit, 10> byte_units = {{{"TiB", std::int64_t{1} << 40},
                                              {"GiB", std::int64_t{1} << 30},
                                              {"MiB", std::int64_t{1} << 20},
                                              {"KiB", std::int64_t{1} << 10},
                                              {"TB", 1'000'000'000'000},
                                              {"GB", 1'000'000'000},
                                              {"MB", 1'000'000},
                                              {"kB", 1'000},
                                              {"B", 1},
                                              {"", 1}}};

template <std::size_t n>
const Unit* find_unit(const std::array<Unit, n>& units, std::string_view name) {
  for (const Unit& unit : units) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

using Result = Parsed<std::int64_t>;

Result too_large(std::string_view text) { return Result::wrong(fmt::format("{} is too large", shown(text))); }
Result not_a_number(std::string_view text) {
  return Result::wrong(fmt::format("{} does not begin with a number", shown(text)));
}

// Takes a run of letters (µ is two bytes) from the front.
std::string_view take_word(std::string_view& text) {
  std::size_t at = 0;
  while (at < text.size() && !is_digit(text[at]) && text[at] != '.') ++at;
  const std::string_view word = text.substr(0, at);
  text.remove_prefix(at);
  return word;
}

std::string unit_guess(std::string_view number, std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 24> spellings = {
      {{"sec", "s"},   {"secs", "s"},   {"second", "s"},  {"seconds", "s"}, {"S", "s"},     {"min", "m"},
       {"mins", "m"},  {"minute", "m"}, {"minutes", "m"}, {"hr", "h"},      {"hrs", "h"},   {"hour", "h"},
       {"hours", "h"}, {"H", "h"},      {"day", "d"},     {"days", "d"},    {"D", "d"},     {"week", "w"},
       {"weeks", "w"}, {"W", "w"},      {"msec", "ms"},   {"millis", "ms"}, {"usec", "us"}, {"μs", "us"}}};
  for (const auto& [written, unit] : spellings) {
    if (written == word) return std::string(number) + std::string(unit);
  }
  return {};
}

// One integer with one unit out of `units`.
template <std::size_t n>
Result parse_scaled(std::string_view text, const std::array<Unit, n>& units, std::string_view what) {
  std::string_view rest = text;
  const bool negative = !rest.empty() && rest.front() == '-';
  if (negative) rest.remove_prefix(1);
  const std::optional<Number> number = take_number(rest);
  if (!number) return not_a_number(text);
  const Unit* unit = find_unit(units, rest);
  if (unit == nullptr) {
    std::string guess;
    for (const Unit& candidate : units) {
      const bool same =
          candidate.name.size() == rest.size() && !rest.empty() && (candidate.name[0] | 32) == (rest[0] | 32);
      if (same && guess.empty())
        guess = std::string(text.substr(0, text.size() - rest.size())) + std::string(candidate.name);
    }
    return Result::wrong(fmt::format("{} is no unit of {}", shown(rest), what), guess);
  }
  std::int64_t value = 0;
  const Fit fit = scale(*number, unit->factor, value);
  if (fit == Fit::too_large) return too_large(text);
  if (fit == Fit::inexact) return Result::wrong(fmt::format("{} is not a whole number", shown(text)));
  return Result::of(negative ? -value : value);
}

}  // namespace

Result parse_duration(std::string_view text) {
  if (text == "0") return Result::of(0);
  std::string_view rest = text;
  Wide total = 0;
  std::int64_t last_factor = int64_max;
  if (rest.empty()) return not_a_number(text);
  while (!rest.empty()) {
    const std::string_view begin = rest;
    const std::optional<Number> number = take_number(rest);
    if (!number) return not_a_number(text);
    const std::string_view digits = begin.substr(0, begin.size() - rest.size());
    const std::string_view word = take_word(rest);
    if (word.empty()) return Result::wrong(fmt::format("{} has no unit", shown(text)));
    const Unit* unit = find_unit(duration_units, word);
    if (unit == nullptr) {
      return Result::wrong(fmt::format("{} is no unit of time", shown(word)), unit_guess(digits, word));
    }
    if (unit->factor >= last_factor) {
      return Result::wrong(fmt::format("the units of {} do not go from large to small", shown(text)));
    }
    last_factor = unit->factor;
    std::int64_t value = 0;
    const Fit fit = scale(*number, unit->factor, value);
    if (fit == Fit::inexact) return Result::wrong(fmt::format("{} is finer than a nanosecond", shown(text)));
    total += value;
    if (fit == Fit::too_large || total > int64_max) return too_large(text);
  }
  return Result::of(static_cast<std::int64_t>(total));
}

Result parse_count(std::string_view text) { return parse_scaled(text, count_units, "a count"); }
Result parse_bytes(std::string_view text) { return parse_scaled(text, byte_units, "size"); }

// One of the two is a hundred times the other, so neither is proposed.
std::string share_readings(std::string_view text) {
  std::string_view rest = text;
  const std::optional<Number> number = take_number(rest);
  std::int64_t value = 0;
  if (!number || !rest.empty() || scale(*number, parts_per_billion, value) != Fit::exact) return {};
  if (value == 0 || value > parts_per_billion) return {};
  return fmt::format("`{}%` or `{}`", text, format_share(value));
}

Result parse_share(std::string_view text) {
  std::string_view rest = text;
  const std::optional<Number> number = take_number(rest);
  if (!number) return not_a_number(text);
  std::int64_t value = 0;
  if (rest.empty()) {
    if (number->mantissa == 0) return Result::of(0);
    const std::string readings = share_readings(text);
    if (readings.empty()) return Result::wrong(fmt::format("{} has no %", shown(text)), std::string(text) + "%");
    return Result::wrong(fmt::format("{} has no %: it may mean {}", shown(text), readings));
  }
  if (rest != "%") return Result::wrong(fmt::format("{} is no share", shown(text)));
  const Fit fit = scale(*number, parts_per_billion / 100, value);
  if (fit == Fit::too_large) return too_large(text);
  if (fit == Fit::inexact) return Result::wrong(fmt::format("{} is finer than 0.0000001%", shown(text)));
  return Result::of(value);
}

Result parse_decimal(std::string_view text) {
  std::string_view rest = text;
  const bool negative = !rest.empty() && rest.front() == '-';
  if (negative) rest.remove_prefix(1);
  const std::optional<Number> number = take_number(rest);
  if (!number || !rest.empty()) return Result::wrong(fmt::format("{} is not a number", shown(text)));
  std::int64_t value = 0;
  const Fit fit = scale(*number, parts_per_billion, value);
  if (fit == Fit::too_large) return too_large(text);
  if (fit == Fit::inexact) return Result::wrong(fmt::format("{} has more than 9 decimals", shown(text)));
  return Result::of(negative ? -value : value);
}

Result parse_rate(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    const Result count = parse_count(text);
    return Result::wrong(fmt::format("{} does not say per what time", shown(text)),
                         count && *count.value > 0 ? std::string(text) + "/s" : std::string());
  }
  std::string_view number_text = text.substr(0, slash);
  const std::optional<Number> number = take_number(number_text);
  if (!number) return not_a_number(text);
  const Unit* unit = find_unit(count_units, number_text);
  if (unit == nullptr) return Result::wrong(fmt::format("{} is no unit of a count", shown(number_text)));
  const std::string_view per = text.substr(slash + 1);
  const bool bare = !per.empty() && !is_digit(per.front());
  const Result time = parse_duration(bare ? fmt::format("1{}", per) : std::string(per));
  if (!time) {
    const std::string guess = bare ? unit_guess("", per) : std::string();
    return Result::wrong(fmt::format("{} is no time", shown(per)),
                         guess.empty() ? guess : std::string(text.substr(0, slash + 1)) + guess);
  }
  if (*time.value == 0) return Result::wrong(fmt::format("{} divides by zero", shown(text)));
  std::int64_t nano_events = 0;  // 10^-9 events per `per`
  const Fit fit = scale(*number, unit->factor * parts_per_billion, nano_events);
  if (fit == Fit::too_large) return too_large(text);
  const Wide rate = static_cast<Wide>(nano_events) * parts_per_billion / *time.value;
  if (rate > int64_max) return too_large(text);
  if (rate == 0 && nano_events != 0) return Result::wrong(fmt::format("{} is too small", shown(text)));
  return Result::of(static_cast<std::int64_t>(rate));
}

Result parse_time_of_day(std::string_view text) {
  const auto two_digits = [text](std::size_t at) -> int {
    return is_digit(text[at]) && is_digit(text[at + 1]) ? (text[at] - '0') * 10 + (text[at + 1] - '0') : 99;
  };
  const bool seconds = text.size() == 8;
  if ((text.size() != 5 && !seconds) || text[2] != ':' || (seconds && text[5] != ':')) {
    return Result::wrong(fmt::format("{} is no time of day", shown(text)));
  }
  const int hour = two_digits(0), minute = two_digits(3), second = seconds ? two_digits(6) : 0;
  if (hour > 23 || minute > 59 || second > 59) return Result::wrong(fmt::format("{} is no time of day", shown(text)));
  return Result::of((hour * 3600LL + minute * 60 + second) * 1'000'000'000);
}

std::string format_duration(std::int64_t ns) {
  if (ns == 0) return "0s";
  if (ns < 0)
    return fmt::format("-{}", format_duration(ns == std::numeric_limits<std::int64_t>::min() ? int64_max : -ns));
  std::string text;
  for (const Unit& unit : duration_units) {
    if (unit.name == "w" || unit.name == "µs" || ns < unit.factor) continue;
    text += fmt::format("{}{}", ns / unit.factor, unit.name);
    ns %= unit.factor;
  }
  return text;
}

std::string format_decimal(std::int64_t ppb) {
  const bool negative = ppb < 0;
  const Wide magnitude = negative ? -static_cast<Wide>(ppb) : static_cast<Wide>(ppb);
  std::string text =
      fmt::format("{}{}", negative ? "-" : "", static_cast<std::uint64_t>(magnitude / parts_per_billion));
  const auto fraction = static_cast<std::int64_t>(magnitude % parts_per_billion);
  if (fraction == 0) return text;
  std::string digits = fmt::format("{:09}", fraction);
  digits.erase(digits.find_last_not_of('0') + 1);
  return text + "." + digits;
}

std::string format_share(std::int64_t ppb) {
  if (ppb > int64_max / 100 || ppb < -(int64_max / 100)) return format_decimal(ppb) + " times";
  return format_decimal(ppb * 100) + "%";
}

std::string format_count(std::int64_t count) {
  for (const Unit& unit : count_units) {
    if (count != 0 && count % unit.factor == 0) return fmt::format("{}{}", count / unit.factor, unit.name);
  }
  return fmt::format("{}", count);
}

std::string format_rate(std::int64_t nano) {
  if (nano % parts_per_billion == 0) return format_count(nano / parts_per_billion) + "/s";
  return format_decimal(nano) + "/s";
}

}  // namespace rehearse
