// A histogram of durations with 64 cells an octave (1.6 % wide), and their exact sum and count.
//
// It only grows; an interval is the difference of two states. Durations below 64 ns have a cell each.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "sim/kernel/time.h"

namespace rehearse {

class LatencyHistogram {
 public:
  static constexpr int cell_bits = 6;
  static constexpr std::size_t cells = (64 - cell_bits + 1) << cell_bits;

  LatencyHistogram() : counts_(cells) {}
  void add(Duration latency) {
    const std::uint64_t ns = latency.ns > 0 ? static_cast<std::uint64_t>(latency.ns) : 0;
    ++counts_[cell_of(ns)];
    ++count_;
    sum_ns_ += ns;
  }
  std::uint64_t count() const { return count_; }
  std::uint64_t sum_ns() const { return sum_ns_; }
  // What was added since `earlier`, a former state of this histogram.
  LatencyHistogram since(const LatencyHistogram& earlier) const;
  // The upper edge of the cell that holds the smallest duration that at least `parts_per_million` do not exceed.
  // Needs count() > 0.
  Duration percentile(std::uint64_t parts_per_million) const;
  double mean_ns() const { return static_cast<double>(sum_ns_) / static_cast<double>(count_); }

 private:
  static std::size_t cell_of(std::uint64_t ns) {
    if (ns < (1U << cell_bits)) return ns;
    const int octave = std::bit_width(ns) - 1 - cell_bits;
    return (static_cast<std::size_t>(octave) << cell_bits) + (ns >> octave);
  }
  static std::uint64_t upper_edge(std::size_t cell);
  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  std::uint64_t sum_ns_ = 0;
};

}  // namespace rehearse
