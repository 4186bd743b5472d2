// How the judge says instants, durations and counts in its sentences.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/kernel/time.h"

namespace rehearse::judging {

// "day 18, 10:07": days, hours and minutes since the start, as scenarios count them (18d10h07m). Below one hour from
// the start, where captures of seconds live: "12.345s after the start".
std::string when(Time t);
std::string duration(Duration d);    // two units at most, rounded as reports do: "3d 4h", "230ms"
std::string count(std::uint64_t n);  // 20,160
std::string counted(std::uint64_t n, std::string_view one, std::string_view many);
std::string percent(std::uint64_t numerator, std::uint64_t denominator);                     // cut, not rounded: 99.97%
std::string joined(const std::vector<std::string>& parts, std::string_view last = " and ");  // "a, b and c"

}  // namespace rehearse::judging
