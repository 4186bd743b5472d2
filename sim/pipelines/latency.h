// A histogram of durations with 64 cells an octave (1.6 % wide), and their exact sum and count.
//
// It only grows; an interval is the difference of two states. A percentile is the smallest duration that at least so
// many do not exceed: exactly, of an interval of up to `kept_exactly` durations, which are the last that were added; of
// more, as if the durations of a cell were spread evenly over it, so that it is off by half a cell at most, and on
// average by nothing. Durations below 128 ns have a cell each. Most octaves never get a duration, so that a look at an
// interval passes them over.
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

  static constexpr std::size_t kept_exactly = 1'024;  // a power of two

  LatencyHistogram() : counts_(cells), last_(kept_exactly) {}
  void add(Duration latency) {
    const std::uint64_t ns = latency.ns > 0 ? static_cast<std::uint64_t>(latency.ns) : 0;
    const std::size_t cell = cell_of(ns);
    ++counts_[cell];
    last_[count_ % kept_exactly] = ns;
    octaves_ |= std::uint64_t{1} << (cell >> cell_bits);
    ++count_;
    sum_ns_ += ns;
  }
  std::uint64_t count() const { return count_; }
  std::uint64_t sum_ns() const { return sum_ns_; }
  // Needs count() > 0.
  Duration percentile(std::uint64_t parts_per_million) const { return percentile(parts_per_million, nullptr); }
  double mean_ns() const { return static_cast<double>(sum_ns_) / static_cast<double>(count_); }

  // What was added since a former state of the histogram: a look at both.
  class Interval {
   public:
    Interval(const LatencyHistogram& now, const LatencyHistogram& earlier) : now_(&now), earlier_(&earlier) {}
    std::uint64_t count() const { return now_->count_ - earlier_->count_; }
    Duration percentile(std::uint64_t parts_per_million) const { return now_->percentile(parts_per_million, earlier_); }
    double mean_ns() const {
      return static_cast<double>(now_->sum_ns_ - earlier_->sum_ns_) / static_cast<double>(count());
    }

   private:
    const LatencyHistogram* now_;
    const LatencyHistogram* earlier_;
  };
  Interval since(const LatencyHistogram& earlier) const { return {*this, earlier}; }
  // Becomes as `later`, of which it is a former state, but for the last durations: only of `later` is an interval
  // asked.
  void catch_up_with(const LatencyHistogram& later);

 private:
  static std::size_t cell_of(std::uint64_t ns) {
    if (ns < (1U << cell_bits)) return ns;
    const int octave = std::bit_width(ns) - 1 - cell_bits;
    return (static_cast<std::size_t>(octave) << cell_bits) + (ns >> octave);
  }
  // The `rank`th, from 1, of `count` durations that are spread evenly over a cell.
  static Duration within(std::size_t cell, std::uint64_t rank, std::uint64_t count);
  Duration percentile(std::uint64_t parts_per_million, const LatencyHistogram* without) const;
  Duration exact(std::uint64_t rank, std::uint64_t count) const;  // of the last `count` that were added
  std::vector<std::uint64_t> counts_;
  std::vector<std::uint64_t> last_;  // in ns, in a ring: the nth, from 0, at n modulo its size
  std::uint64_t octaves_ = 0;        // bit by number: has counts; all durations below 64 ns are the first
  std::uint64_t count_ = 0;
  std::uint64_t sum_ns_ = 0;
};

}  // namespace rehearse
