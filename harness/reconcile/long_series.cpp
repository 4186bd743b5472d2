#include "harness/reconcile/long_series.h"

#include <algorithm>
#include <cmath>

namespace rehearse {
namespace {

std::size_t points_of(const LongSeries::Stretch& stretch) {
  return static_cast<std::size_t>(stretch.has_values()) + static_cast<std::size_t>(stretch.missing != Time::never());
}

void join(LongSeries::Stretch& first, const LongSeries::Stretch& second) {
  first.missing = std::min(first.missing, second.missing);
  if (!second.has_values()) return;
  first.from = first.has_values() ? first.from : second.from;
  first.least = first.has_values() ? std::min(first.least, second.least) : second.least;
  first.greatest = first.has_values() ? std::max(first.greatest, second.greatest) : second.greatest;
  first.sum += second.sum;
  first.weight += second.weight;
}

}  // namespace

void LongSeries::add(Time at, double value, double weight) {
  Stretch sample;
  if (std::isnan(value)) sample.missing = at;
  else sample = {at, Time::never(), value * weight, weight, value, value};
  if (in_last_ == 0) {
    stretches_.push_back(sample);
    points_ += points_of(sample);
  } else {
    points_ -= points_of(stretches_.back());
    join(stretches_.back(), sample);
    points_ += points_of(stretches_.back());
  }
  in_last_ = (in_last_ + 1) % samples_in_each_;
  while (points_ > points_most) merge_pairs();
}

void LongSeries::merge_pairs() {
  const std::uint64_t last_has = in_last_ == 0 ? samples_in_each_ : in_last_;
  const bool last_is_alone = stretches_.size() % 2 == 1;
  in_last_ = last_is_alone ? last_has : (samples_in_each_ + last_has) % (2 * samples_in_each_);
  std::vector<Stretch> merged;
  merged.reserve(points_most + 1);
  points_ = 0;
  for (std::size_t i = 0; i < stretches_.size(); i += 2) {
    merged.push_back(stretches_[i]);
    if (i + 1 < stretches_.size()) join(merged.back(), stretches_[i + 1]);
    points_ += points_of(merged.back());
  }
  stretches_ = std::move(merged);
  samples_in_each_ *= 2;
}

}  // namespace rehearse
