// Parsing the five fields into bit masks, and walking days to the next match.
#include "sim/kernel/cron.h"

#include <fmt/format.h>

#include <bit>
#include <optional>
#include <vector>

#include "sim/kernel/civil.h"
#include "sim/kernel/names.h"

namespace rehearse {
namespace {

struct Field {
  std::string_view name;
  int lowest;
  int highest;
};

constexpr Field fields[5] = {
    {"minute", 0, 59}, {"hour", 0, 23}, {"day of month", 1, 31}, {"month", 1, 12}, {"day of week", 0, 7}};
enum { minute_field, hour_field, day_field, month_field, weekday_field };

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> found;
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] == ' ' || text[at] == '\t') {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && text[end] != ' ' && text[end] != '\t') ++end;
    found.push_back(text.substr(at, end - at));
    at = end;
  }
  return found;
}

std::optional<int> number(std::string_view text) {
  if (text.empty() || text.size() > 3) return std::nullopt;
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::string quoted(std::string_view text) { return fmt::format("\"{}\"", text); }

// One field of the text; collects bits, or says what is wrong.
class FieldParser {
 public:
  explicit FieldParser(const Field& field) : field_(field) {}

  std::uint64_t bits = 0;
  std::string error;

  bool parse(std::string_view text) {
    while (true) {
      const std::size_t comma = text.find(',');
      if (!item(text.substr(0, comma))) return false;
      if (comma == std::string_view::npos) return true;
      text.remove_prefix(comma + 1);
    }
  }

 private:
  bool fail(std::string message) {
    error = std::string(field_.name) + ": " + std::move(message);
    return false;
  }

  bool value(std::string_view text, int& result) {
    if (const auto plain = number(text)) {
      result = *plain;
    } else {
      int named = -1;
      if (&field_ == &fields[month_field]) named = find_name(month_names, text) + 1;
      if (&field_ == &fields[weekday_field]) named = find_name(weekday_names, text);
      if (named < field_.lowest) return fail(quoted(text) + " is not a value");
      result = named;
    }
    if (result >= field_.lowest && result <= field_.highest) return true;
    return fail(quoted(text) + " is outside " + std::to_string(field_.lowest) + "-" + std::to_string(field_.highest));
  }

  bool item(std::string_view text) {
    const std::size_t slash = text.find('/');
    const std::string_view range = text.substr(0, slash);
    const std::size_t dash = range.find('-');
    int first = field_.lowest;
    int last = field_.highest;
    if (range != "*") {
      if (!value(range.substr(0, dash), first)) return false;
      last = first;
      if (dash != std::string_view::npos && !value(range.substr(dash + 1), last)) return false;
      if (&field_ == &fields[weekday_field] && last == 0 && first > 0) last = 7;  // Fri-Sun
    }
    if (last < first) return fail("the range " + quoted(range) + " runs backwards");
    int step = 1;
    if (slash != std::string_view::npos) {
      if (range != "*" && dash == std::string_view::npos) return fail("a step needs * or a range: " + quoted(text));
      const auto stated = number(text.substr(slash + 1));
      if (!stated || *stated < 1) return fail("the step in " + quoted(text) + " is not a positive number");
      step = *stated;
    }
    for (int i = first; i <= last; i += step) bits |= std::uint64_t{1} << i;
    return true;
  }

  const Field& field_;
};

// The first set bit at or after `from`, or -1.
int next_bit(std::uint64_t bits, int from) {
  if (from > 63) return -1;
  bits &= ~std::uint64_t{0} << from;
  return bits == 0 ? -1 : std::countr_zero(bits);
}

}  // namespace

std::variant<Cron, std::string> Cron::parse(std::string_view text) {
  const std::vector<std::string_view> parts = words(text);
  if (parts.size() != 5) {
    return "a cron schedule has 5 fields (minute, hour, day of month, month, day of week); this one has " +
           std::to_string(parts.size());
  }
  std::uint64_t bits[5] = {};
  for (std::size_t i = 0; i < 5; ++i) {
    FieldParser parser(fields[i]);
    if (!parser.parse(parts[i])) return parser.error;
    bits[i] = parser.bits;
  }
  Cron cron;
  cron.minutes_ = bits[minute_field];
  cron.hours_ = static_cast<std::uint32_t>(bits[hour_field]);
  cron.days_ = static_cast<std::uint32_t>(bits[day_field]);
  cron.months_ = static_cast<std::uint32_t>(bits[month_field]);
  cron.weekdays_ = static_cast<std::uint32_t>((bits[weekday_field] | bits[weekday_field] >> 7) & 0x7f);
  cron.either_day_ = parts[day_field].front() != '*' && parts[weekday_field].front() != '*';
  return cron;
}

bool Cron::matches_day(int month, int day, int weekday) const {
  if ((months_ >> month & 1) == 0) return false;
  const bool by_date = (days_ >> day & 1) != 0;
  const bool by_weekday = (weekdays_ >> weekday & 1) != 0;
  return either_day_ ? by_date || by_weekday : by_date && by_weekday;
}

Time Cron::next_at_or_after(Time from, std::int64_t start_unix_ns, int offset_minutes) const {
  constexpr int days_max = 8 * 366;
  if (from == Time::never()) return from;
  std::int64_t unix_ns = 0;
  if (__builtin_add_overflow(from.ns, start_unix_ns, &unix_ns)) return Time::never();
  // Whole local minutes since 1970, rounded up.
  std::int64_t minute_index = unix_ns / minute.ns;
  if (minute_index * minute.ns < unix_ns) ++minute_index;
  minute_index += offset_minutes;
  std::int64_t day_index = minute_index / 1440 - (minute_index % 1440 < 0 ? 1 : 0);
  auto of_day = static_cast<int>(minute_index - day_index * 1440);
  for (int i = 0; i <= days_max; ++i, ++day_index, of_day = 0) {
    const CivilTime date = civil_from_days(day_index);
    if (!matches_day(date.month, date.day, date.weekday)) continue;
    int hour_of_day = of_day / 60;
    int minute_of_hour = next_bit(minutes_, of_day % 60);
    if ((hours_ >> hour_of_day & 1) == 0 || minute_of_hour < 0) {
      hour_of_day = next_bit(hours_, hour_of_day + 1);
      minute_of_hour = next_bit(minutes_, 0);
    }
    if (hour_of_day < 0) continue;
    const std::int64_t found = day_index * 1440 + hour_of_day * 60 + minute_of_hour - offset_minutes;
    std::int64_t ns = 0;
    if (__builtin_mul_overflow(found, minute.ns, &ns) || __builtin_sub_overflow(ns, start_unix_ns, &ns)) break;
    return {ns};
  }
  return Time::never();
}

}  // namespace rehearse
