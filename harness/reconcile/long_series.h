// A curve over time of any length in bounded memory: stretches of equally many samples, with their mean, least and
// greatest value.
//
// Each sample is kept as long as there are few. When there would be too many points, two neighbouring stretches become
// one, so that a long series is told by between half of the most points and all. A stretch in which samples are missing
// keeps a point for the first of them, so that a gap stays one. Invariant: the weighted mean over all stretches is that
// of all samples.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/kernel/time.h"

namespace rehearse {

class LongSeries {
 public:
  static constexpr std::size_t points_most = 2'000;

  struct Stretch {
    Time from;                     // of its first sample that has a value
    Time missing = Time::never();  // of its first that has none
    double sum = 0, weight = 0;    // of values by weight; a weight of 0: all are missing
    double least = 0, greatest = 0;
    bool has_values() const { return weight > 0; }
    double mean() const { return sum / weight; }
  };

  // In the order of time. NaN: missing. The weight says for how long or how many a value stands.
  void add(Time at, double value, double weight = 1);
  const std::vector<Stretch>& stretches() const { return stretches_; }
  bool shortened() const { return samples_in_each_ > 1; }  // or else each stretch is one sample

 private:
  void merge_pairs();
  std::vector<Stretch> stretches_;
  std::uint64_t samples_in_each_ = 1;
  std::uint64_t in_last_ = 0;
  std::size_t points_ = 0;
};

}  // namespace rehearse
