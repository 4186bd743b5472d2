// Simulated time: strong types over int64 nanoseconds.
//
// Time counts from the start of the rehearsal (the scenario's `start`), not from 1970, so that a log record can hold it
// in 56 bits. Calendars add the start's epoch themselves. Nothing here reads a clock.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

namespace rehearse {

struct Duration {
  std::int64_t ns = 0;
  constexpr auto operator<=>(const Duration&) const = default;
  static constexpr Duration max() { return {std::numeric_limits<std::int64_t>::max()}; }
};

struct Time {
  std::int64_t ns = 0;  // since the start of the rehearsal
  constexpr auto operator<=>(const Time&) const = default;
  static constexpr Time never() { return {std::numeric_limits<std::int64_t>::max()}; }
  static constexpr Time before_all() { return {std::numeric_limits<std::int64_t>::min()}; }
};

constexpr Duration operator+(Duration a, Duration b) { return {a.ns + b.ns}; }
constexpr Duration operator-(Duration a, Duration b) { return {a.ns - b.ns}; }
constexpr Duration operator-(Duration a) { return {-a.ns}; }
constexpr Duration operator*(Duration a, std::int64_t n) { return {a.ns * n}; }
constexpr Duration operator*(std::int64_t n, Duration a) { return {a.ns * n}; }
constexpr Duration operator/(Duration a, std::int64_t n) { return {a.ns / n}; }
constexpr std::int64_t operator/(Duration a, Duration b) { return a.ns / b.ns; }
constexpr Time operator+(Time t, Duration d) { return {t.ns + d.ns}; }
constexpr Time operator+(Duration d, Time t) { return {t.ns + d.ns}; }
constexpr Time operator-(Time t, Duration d) { return {t.ns - d.ns}; }
constexpr Duration operator-(Time a, Time b) { return {a.ns - b.ns}; }
constexpr Time& operator+=(Time& t, Duration d) { return t = t + d; }
constexpr Duration& operator+=(Duration& a, Duration b) { return a = a + b; }

inline constexpr Duration nanosecond{1};
inline constexpr Duration microsecond{1'000};
inline constexpr Duration millisecond{1'000'000};
inline constexpr Duration second{1'000'000'000};
inline constexpr Duration minute = second * 60;
inline constexpr Duration hour = minute * 60;
inline constexpr Duration day = hour * 24;
inline constexpr Duration week = day * 7;

// What a number is above the latest multiple of another, 0 … of − 1: also of a negative one.
constexpr std::int64_t floor_mod(std::int64_t number, std::int64_t of) { return (number % of + of) % of; }

// The first tick of `every` (ticks lie at origin + k·every) that is not before t.
constexpr Time tick_at_or_after(Time t, Duration every, Time origin = {}) {
  const std::int64_t since = t.ns - origin.ns;
  std::int64_t k = since / every.ns;
  if (k * every.ns < since) ++k;
  return {origin.ns + k * every.ns};
}

}  // namespace rehearse
