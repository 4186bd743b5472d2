#include "harness/judge/words.h"

#include <fmt/core.h>

#include <array>

#include "sim/kernel/wide.h"

namespace rehearse::judging {

std::string when(Time t) {
  if (t.ns >= 0 && t < Time{} + hour) {
    std::string text = fmt::format("{}.{:03}", t.ns / second.ns, t.ns % second.ns / millisecond.ns);
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
    return text + "s after the start";
  }
  return fmt::format("day {}, {:02}:{:02}", t.ns / day.ns, t.ns % day.ns / hour.ns, t.ns % hour.ns / minute.ns);
}

std::string duration(Duration d) {
  struct Unit {
    Duration length;
    const char* name;
  };
  static constexpr std::array<Unit, 7> units{{{day, "d"},
                                              {hour, "h"},
                                              {minute, "m"},
                                              {second, "s"},
                                              {millisecond, "ms"},
                                              {microsecond, "us"},
                                              {nanosecond, "ns"}}};
  if (d.ns < 0) return "-" + duration(-d);
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (d < units[i].length) continue;
    const bool has_second = i < 3;  // below a minute one unit is enough
    const Duration finest = units[has_second ? i + 1 : i].length;
    if (const Duration rest{d.ns % finest.ns}; rest > Duration{})
      return duration(d - rest + (rest >= finest - rest ? finest : Duration{}));
    const std::string text = fmt::format("{}{}", d / units[i].length, units[i].name);
    const std::int64_t rest = has_second ? d.ns % units[i].length.ns / units[i + 1].length.ns : 0;
    return rest == 0 ? text : fmt::format("{} {}{}", text, rest, units[i + 1].name);
  }
  return "0s";
}

std::string count(std::uint64_t n) {
  std::string text = fmt::format("{}", n);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

std::string counted(std::uint64_t n, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count(n), n == 1 ? one : many);
}

std::string percent(std::uint64_t numerator, std::uint64_t denominator) {
  if (denominator == 0) return "n/a";
  const auto ppm = static_cast<std::uint64_t>(static_cast<Unsigned128>(numerator) * 1'000'000 / denominator);
  std::string text = fmt::format("{}.{:04}", ppm / 10'000, ppm % 10'000);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text + "%";
}

std::string joined(const std::vector<std::string>& parts, std::string_view last) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += i + 1 == parts.size() ? std::string(last) : ", ";
    text += parts[i];
  }
  return text;
}

}  // namespace rehearse::judging
