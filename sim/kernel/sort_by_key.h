// Sorting by a whole number in time that is linear in how many there are: by digits, the lowest first. What has equal
// keys stays in its order. Digits in which no two keys differ are passed over, so that keys of a narrow range are
// cheap.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/kernel/time.h"

namespace rehearse {

// Of an instant, for Key.
inline std::uint64_t in_order(Time at) { return static_cast<std::uint64_t>(at.ns) ^ std::uint64_t{1} << 63; }

template <class Value, class Key>  // Key(Value) is an unsigned number
void sort_by_key(std::vector<Value>& values, Key key) {
  constexpr unsigned bits = 11;
  constexpr std::uint64_t digits = std::uint64_t{1} << bits;
  if (values.size() < digits / 2) {
    std::stable_sort(values.begin(), values.end(), [&](const Value& a, const Value& b) { return key(a) < key(b); });
    return;
  }
  std::uint64_t varying = 0;
  for (const Value& value : values) varying |= key(value) ^ key(values.front());
  std::vector<Value> other(values.size());
  for (unsigned shift = 0; shift < 64; shift += bits) {
    if ((varying >> shift) % digits == 0) continue;
    std::array<std::size_t, digits> next{};  // where a digit's next value goes
    for (const Value& value : values) ++next[(key(value) >> shift) % digits];
    std::size_t before = 0;
    for (std::size_t& place : next) {
      const std::size_t count = place;
      place = before;
      before += count;
    }
    for (Value& value : values) other[next[(key(value) >> shift) % digits]++] = std::move(value);
    values.swap(other);
  }
}

}  // namespace rehearse
