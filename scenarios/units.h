// Numbers with units as users write them, parsed exactly: `3d04h`, `40k/s`, `0.1%`, `64MiB`.
//
// Everything is integer arithmetic; what a unit cannot hold exactly, or what overflows, is an error and never rounded.
// (A rate is the one exception: 1/30d has no exact value in 10^-9 events a second and is rounded down.)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rehearse {

// A value, or what is wrong with the text; `nearest` is what may have been meant.
template <typename T>
struct Parsed {
  std::optional<T> value;
  std::string error;
  std::string nearest;

  static Parsed of(T v) { return {std::move(v), {}, {}}; }
  static Parsed wrong(std::string what, std::string nearest_text = {}) {
    return {std::nullopt, std::move(what), std::move(nearest_text)};
  }
  explicit operator bool() const { return value.has_value(); }
};

inline constexpr std::int64_t parts_per_billion = 1'000'000'000;

Parsed<std::int64_t> parse_duration(std::string_view text);     // nanoseconds, >= 0: 30s, 3d04h, 1.5h, 0
Parsed<std::int64_t> parse_rate(std::string_view text);         // events in 10^9 s: 50/s, 40k/s, 3/d, 1/30d
Parsed<std::int64_t> parse_share(std::string_view text);        // parts in 10^9: 0.1%, 100%, 0
Parsed<std::int64_t> parse_count(std::string_view text);        // 12, 10k, 1.5M, -3
Parsed<std::int64_t> parse_decimal(std::string_view text);      // parts in 10^9: 0.9, 20, 1e-3 is refused
Parsed<std::int64_t> parse_bytes(std::string_view text);        // 512, 10kB, 64MiB
Parsed<std::int64_t> parse_time_of_day(std::string_view text);  // nanoseconds since midnight: 04:00, 18:30:15

// What a share without its sign may mean, for `0.1`: "`0.1%` or `10%`"; empty of what is no number from 0 to 1.
std::string share_readings(std::string_view text);

// The shortest exact text of a value, which the parser reads back: for messages and for files.
std::string format_duration(std::int64_t ns);
std::string format_rate(std::int64_t nano);
std::string format_share(std::int64_t ppb);
std::string format_count(std::int64_t count);
std::string format_decimal(std::int64_t ppb);

}  // namespace rehearse
