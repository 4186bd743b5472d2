// The earliest of a fixed number of instants, of equal ones the first: a tournament, in which a change replays the few
// matches on its way up and nothing is decided by a jump.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "sim/kernel/time.h"
#include "sim/kernel/wide.h"

namespace rehearse {

class Earliest {
 public:
  Earliest() = default;
  explicit Earliest(std::uint32_t n) : leaves_(std::bit_ceil(n)), nodes_(2 * std::size_t{leaves_}) {
    for (std::uint32_t i = 0; i < leaves_; ++i) set(i, Time::never());
  }
  Time at() const { return {static_cast<std::int64_t>(nodes_[1] >> 64)}; }
  std::uint32_t index() const { return static_cast<std::uint32_t>(nodes_[1]); }
  void set(std::uint32_t index, Time at) {
    Entry* const nodes = nodes_.data();
    std::uint32_t i = leaves_ + index;
    Entry best = static_cast<Entry>(at.ns) << 64 | index;
    nodes[i] = best;
    while (i > 1) {
      const Entry other = nodes[i ^ 1];
      best = other < best ? other : best;
      i >>= 1;
      nodes[i] = best;
    }
  }

 private:
  using Entry = Signed128;  // the instant above, the index below: of equal instants the lower index is the lesser
  std::uint32_t leaves_ = 0;
  std::vector<Entry> nodes_;  // 1 is the root, 2 i and 2 i + 1 play for i
};

}  // namespace rehearse
