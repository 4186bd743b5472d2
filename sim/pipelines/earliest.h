// The earliest of a fixed number of instants, of equal ones the first: a tournament, in which a change replays the few
// matches on its way up and nothing is decided by a jump.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "sim/kernel/time.h"

namespace rehearse {

class Earliest {
 public:
  Earliest() = default;
  explicit Earliest(std::uint32_t n) : leaves_(std::bit_ceil(n)), nodes_(2 * std::size_t{leaves_}) {
    for (std::uint32_t i = 0; i < leaves_; ++i) set(i, Time::never());
  }
  Time at() const { return {nodes_[1].at}; }
  std::uint32_t index() const { return nodes_[1].index; }
  void set(std::uint32_t index, Time at) {
    Node* const nodes = nodes_.data();
    std::uint32_t i = leaves_ + index;
    std::int64_t best = at.ns;
    nodes[i] = {best, index};
    while (i > 1) {
      const Node& other = nodes[i ^ 1];
      const bool beaten = other.at - static_cast<std::int64_t>(i & 1) < best;
      index ^= (index ^ other.index) & (0U - beaten);
      best = other.at < best ? other.at : best;
      i >>= 1;
      nodes[i] = {best, index};
    }
  }

 private:
  struct Node {
    std::int64_t at = Time::never().ns;
    std::uint32_t index = 0;
  };
  std::uint32_t leaves_ = 0;
  std::vector<Node> nodes_;  // 1 is the root, 2 i and 2 i + 1 play for i; a right one that is equal loses
};

}  // namespace rehearse
