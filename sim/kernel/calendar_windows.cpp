// The text of calendar windows: days and hours.
#include <fmt/format.h>

#include <optional>

#include "sim/kernel/calendar.h"
#include "sim/kernel/names.h"

namespace rehearse {
namespace {

constexpr int minutes_per_day = 1440;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string quoted(std::string_view text) { return fmt::format("\"{}\"", text); }

// "Mon" or "Fri-Mon", which passes the week's end, as bits.
std::optional<std::uint8_t> parse_days(std::string_view text) {
  const std::size_t dash = text.find('-');
  const int first = find_name(weekday_names, trimmed(text.substr(0, dash)));
  const int last = dash == std::string_view::npos ? first : find_name(weekday_names, trimmed(text.substr(dash + 1)));
  if (first < 0 || last < 0) return std::nullopt;
  unsigned bits = 0;
  for (int each = first;; each = (each + 1) % 7) {
    bits |= 1u << each;
    if (each == last) return static_cast<std::uint8_t>(bits);
  }
}

// "08:00", "8:00", "24:00" in minutes.
std::optional<int> parse_clock(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon < 1 || colon > 2 || text.size() != colon + 3) return std::nullopt;
  int parts[2] = {};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == colon) continue;
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    int& part = parts[i > colon ? 1 : 0];
    part = part * 10 + (text[i] - '0');
  }
  const int minutes = parts[0] * 60 + parts[1];
  if (parts[1] > 59 || minutes > minutes_per_day) return std::nullopt;
  return minutes;
}

std::uint8_t day_after(std::uint8_t days) { return static_cast<std::uint8_t>((days << 1 | days >> 6) & 0x7f); }

// The hours of the windows on `days`; what is wrong, or nothing.
std::string add_windows(std::string_view hours, std::uint8_t days, std::vector<CalendarWindow>& windows) {
  const std::size_t dash = hours.find('-');
  if (dash == std::string_view::npos) return quoted(hours) + " is not a range of hours such as 08:00-18:00";
  const auto from = parse_clock(trimmed(hours.substr(0, dash)));
  const auto to = parse_clock(trimmed(hours.substr(dash + 1)));
  if (!from || !to) return quoted(hours) + " is not a range of hours such as 08:00-18:00";
  if (*from == minutes_per_day) return quoted(hours) + " begins at the day's end";
  if (*from == *to) return quoted(hours) + " is empty; the whole day is 00:00-24:00";
  if (*from < *to) {
    windows.push_back({days, *from, *to, whole_ppm});
    return {};
  }
  windows.push_back({days, *from, minutes_per_day, whole_ppm});
  if (*to > 0) windows.push_back({day_after(days), 0, *to, whole_ppm});
  return {};
}

}  // namespace

std::variant<std::vector<CalendarWindow>, std::string> parse_calendar_windows(std::string_view text) {
  std::vector<CalendarWindow> windows;
  std::uint8_t days = 0;
  std::string_view rest = text;
  while (true) {
    const std::size_t comma = rest.find(',');
    const std::string_view item = trimmed(rest.substr(0, comma));
    const std::size_t digit = item.find_first_of("0123456789");  // hours begin here
    const std::string_view named = trimmed(item.substr(0, digit));
    const auto parsed = parse_days(named);
    if (!parsed) return quoted(named) + " is not a weekday or a range of them, such as Mon-Fri";
    days = static_cast<std::uint8_t>(days | *parsed);
    if (digit != std::string_view::npos) {
      std::string error = add_windows(item.substr(digit), days, windows);
      if (!error.empty()) return error;
      days = 0;
    }
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  if (days != 0) return quoted(trimmed(text)) + " ends with days that have no hours";
  return windows;
}

}  // namespace rehearse
