// Numbers, durations and instants as people read them.
#include <fmt/core.h>

#include <array>
#include <chrono>
#include <cmath>
#include <limits>

#include "reports/format.h"

namespace rehearse::reports {
namespace {

constexpr std::int64_t millisecond_ns = 1'000'000;
constexpr std::int64_t second_ns = 1'000 * millisecond_ns;
constexpr std::int64_t minute_ns = 60 * second_ns;
constexpr std::int64_t hour_ns = 60 * minute_ns;
constexpr std::int64_t day_ns = 24 * hour_ns;

constexpr std::array<const char*, 7> weekdays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// Whole and first decimals, cut and not rounded: 59.97 s must not become 60 s.
std::string with_fraction(std::int64_t ns, std::int64_t unit_ns, int decimals, const char* unit) {
  std::string text = fmt::format("{}", ns / unit_ns);
  std::string fraction;
  for (std::int64_t rest = ns % unit_ns, i = 0; i < decimals; ++i) {
    rest *= 10;
    fraction += static_cast<char>('0' + rest / unit_ns);
    rest %= unit_ns;
  }
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  if (!fraction.empty()) text += "." + fraction;
  return text + unit;
}

std::string two_units(std::int64_t ns, std::int64_t unit_ns, const char* unit, std::int64_t next_ns, const char* next) {
  const std::int64_t rest = ns % unit_ns / next_ns;
  return rest == 0 ? fmt::format("{}{}", ns / unit_ns, unit) : fmt::format("{}{} {}{}", ns / unit_ns, unit, rest, next);
}

struct Civil {
  std::chrono::year_month_day date;
  unsigned weekday;
  std::int64_t in_day_ns;
};

Civil civil(std::int64_t epoch_ns) {
  std::int64_t days = epoch_ns / day_ns;
  if (days * day_ns > epoch_ns) --days;
  const std::chrono::sys_days day{std::chrono::days{days}};
  return {std::chrono::year_month_day{day}, std::chrono::weekday{day}.c_encoding(), epoch_ns - days * day_ns};
}

std::string plain_number(double value) {
  if (value == std::trunc(value) && std::fabs(value) < 1e15) {
    const std::string digits = show_count(static_cast<std::uint64_t>(std::fabs(value)));
    return value < 0 ? "−" + digits : digits;
  }
  return fmt::format("{:.4g}", value);
}

std::string scaled(double value, double step, std::initializer_list<const char*> units) {
  auto unit = units.begin();
  while (value >= step && unit + 1 != units.end()) value /= step, ++unit;
  if (unit == units.begin() || value >= 100) return fmt::format("{:.0f} {}", value, *unit);
  return fmt::format("{:.{}f} {}", value, value >= 10 ? 1 : 2, *unit);
}

// To the finest digit that is shown of it, half up.
std::int64_t rounded_as_shown(std::int64_t ns) {
  const std::int64_t finest = ns >= day_ns                ? hour_ns
                              : ns >= hour_ns             ? minute_ns
                              : ns >= minute_ns           ? second_ns
                              : ns >= 10 * second_ns      ? second_ns / 10
                              : ns >= second_ns           ? second_ns / 100
                              : ns >= 10 * millisecond_ns ? millisecond_ns
                              : ns >= millisecond_ns      ? millisecond_ns / 100
                              : ns >= 10'000              ? 1'000
                              : ns >= 1'000               ? 10
                                                          : 1;
  const std::int64_t rest = ns % finest;
  const bool up = rest >= finest - rest && ns <= std::numeric_limits<std::int64_t>::max() - finest;
  return ns - rest + (up ? finest : 0);
}

}  // namespace

std::string show_count(std::uint64_t n) {
  std::string out = fmt::format("{}", n);
  for (std::size_t at = out.size(); at > 3;) out.insert(at -= 3, ",");
  return out;
}

std::string counted(std::uint64_t n, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", show_count(n), n == 1 ? one : many);
}

std::string show_bytes(double bytes) { return scaled(bytes, 1024, {"B", "KiB", "MiB", "GiB", "TiB"}); }

std::string show_speed(double per_second) {
  std::string text = scaled(per_second, 1000, {"", "k", "M", "G"});
  if (text.back() == ' ') text.pop_back();
  return text;
}

std::string show_duration(std::int64_t exact_ns) {
  if (exact_ns < 0)
    return exact_ns == std::numeric_limits<std::int64_t>::min() ? "−292y" : "−" + show_duration(-exact_ns);
  const std::int64_t ns = rounded_as_shown(exact_ns);
  if (ns >= day_ns) return two_units(ns, day_ns, "d", hour_ns, "h");
  if (ns >= hour_ns) return two_units(ns, hour_ns, "h", minute_ns, "m");
  if (ns >= minute_ns) return two_units(ns, minute_ns, "m", second_ns, "s");
  if (ns >= second_ns) return with_fraction(ns, second_ns, ns < 10 * second_ns ? 2 : 1, "s");
  if (ns >= millisecond_ns) return with_fraction(ns, millisecond_ns, ns < 10 * millisecond_ns ? 2 : 0, "ms");
  if (ns >= 1000) return with_fraction(ns, 1000, ns < 10'000 ? 2 : 0, "µs");
  return ns == 0 ? "0s" : fmt::format("{}ns", ns);
}

std::string show_percent(double ratio) {
  if (std::isnan(ratio)) return "no data";
  const double percent = ratio * 100;
  if (ratio < 1 && percent > 99.99) return ">99.99%";  // almost all is not all
  if (percent != 0 && std::fabs(percent) < 1e-6) return percent > 0 ? "<0.000001%" : fmt::format("{:.2g}%", percent);
  int decimals = 0;
  for (double reach = std::fabs(percent); reach < 100 && decimals < 7 && reach != 0; reach *= 10) ++decimals;
  std::string text = fmt::format("{:.{}f}", percent, decimals);
  if (text.find('.') != std::string::npos) {
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
  }
  return text + "%";
}

std::string show_value(double value, std::string_view unit) {
  if (std::isnan(value)) return "no data";
  if (std::isinf(value)) return value > 0 ? "∞" : "−∞";
  if (unit == "ratio") return show_percent(value);
  if (unit == "seconds")
    return std::fabs(value) < 9e9 ? show_duration(std::llround(value * 1e9)) : plain_number(value) + " s";
  if (unit.empty() || unit == "count") return plain_number(value);
  return plain_number(value) + " " + std::string(unit);
}

std::string show_ratio(const result::Ratio& ratio) {
  if (ratio.denominator() == 0) return "n/a";
  return fmt::format("{} ({} of {})",
                     show_percent(static_cast<double>(ratio.numerator()) / static_cast<double>(ratio.denominator())),
                     show_count(ratio.numerator()), show_count(ratio.denominator()));
}

std::string iso_epoch(std::int64_t epoch_ns) {
  const Civil c = civil(epoch_ns);
  const std::int64_t s = c.in_day_ns / second_ns;
  std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(c.date.year()),
                                 static_cast<unsigned>(c.date.month()), static_cast<unsigned>(c.date.day()), s / 3600,
                                 s / 60 % 60, s % 60);
  if (const std::int64_t fraction = c.in_day_ns % second_ns; fraction != 0) {
    std::string digits = fmt::format("{:09}", fraction);
    while (digits.back() == '0') digits.pop_back();
    text += "." + digits;
  }
  return text + "Z";
}

std::string iso_instant(const result::Result& result, std::int64_t at_ns) {
  return iso_epoch(result.start_epoch_ns() + at_ns);
}

std::string show_calendar(const result::Result& result, std::int64_t at_ns) {
  const Civil c = civil(result.start_epoch_ns() + at_ns);
  const std::int64_t s = c.in_day_ns / second_ns;
  std::string text = fmt::format("{} {} {} {:02}:{:02}", weekdays[c.weekday], static_cast<unsigned>(c.date.day()),
                                 months[static_cast<unsigned>(c.date.month()) - 1], s / 3600, s / 60 % 60);
  if (result.duration_ns() < 2 * day_ns) text += fmt::format(":{:02}", s % 60);
  if (result.duration_ns() < 10 * minute_ns) text += fmt::format(".{:03}", c.in_day_ns % second_ns / millisecond_ns);
  return text;
}

std::string show_instant(const result::Result& result, std::int64_t at_ns) {
  return fmt::format("{} ({})", show_calendar(result, at_ns), show_duration(at_ns));
}

}  // namespace rehearse::reports
