#include "harness/migration/window_tests.h"

#include <algorithm>
#include <cmath>

namespace rehearse {
namespace {

// Sums of doubles would depend on their order; sums of these do not. Values are counts, shares and nanoseconds, all far
// below 2^63, and a window has fewer than 2^23 of them.
Signed128 fixed(double value) {
  constexpr double steps = 1LL << 40;
  constexpr double most = 9.2e18;
  const double within = std::clamp(value, -most, most);
  const auto whole = static_cast<std::int64_t>(within);
  const auto part = static_cast<std::int64_t>((within - static_cast<double>(whole)) * steps);
  return static_cast<Signed128>(whole) * (1LL << 40) + part;
}

}  // namespace

bool AverageOfSamples::take(const WindowSample& sample, Duration length) {
  while (!samples_.empty() && samples_.front().due <= sample.due - length) samples_.pop_front();
  if (!sample.has_data) return false;
  samples_.push_back({sample.due, sum_});
  sum_ += fixed(sample.value);
  return past_limit(sample.due - std::max(length, nanosecond));
}

std::deque<AverageOfSamples::Sum>::const_iterator AverageOfSamples::first_after(Time t) const {
  return std::upper_bound(samples_.begin(), samples_.end(), t,
                          [](Time before, const Sum& sample) { return before < sample.due; });
}

bool AverageOfSamples::past_limit(Time begin) const {
  const auto first = first_after(begin);
  if (first == samples_.end()) return false;
  const Signed128 sum = sum_ - first->before;
  const Signed128 bound = fixed(limit_.bound) * (samples_.end() - first);
  return limit_.above ? sum > bound : sum < bound;
}

// The window changes where it comes to be whole, and where a sample falls out of it.
Time AverageOfSamples::holds_from(Time t, Time until, Duration length, const Breaks& breaks) const {
  const Time whole = std::max(t, breaks.gapless_after + length);
  if (past_limit(whole - length)) return whole;
  for (auto sample = first_after(whole - length); sample != samples_.end(); ++sample) {
    if (sample->due + length >= until) break;
    if (past_limit(sample->due)) return sample->due + length;
  }
  return Time::never();
}

bool AnySample::take(const WindowSample& sample, Duration length) {
  if (sample.has_data && limit_.passed_by(sample.value)) last_ = sample.due;
  return last_ && *last_ > sample.due - std::max(length, nanosecond);
}

bool RisingSamples::take(const WindowSample& sample, Duration) {
  const std::optional<WindowSample> former = former_;
  former_.reset();
  if (!sample.has_data) return false;
  former_ = sample;
  if (!former) return true;
  if (sample.value > former->value) rose_from_ = former->due;
  if (sample.value < former->value) fell_from_ = former->due;
  return sample.value >= former->value;
}

Time RisingSamples::holds_from(Time t, Time, Duration length, const Breaks& breaks) const {
  const Time from = std::max(t, unbroken_after(breaks) + length);
  return rose_from_ > from - length ? from : Time::never();
}

bool FailedRuns::take(const WindowSample& sample, Duration) {
  add(!sample.has_data ? Run::absent : failed_.passed_by(sample.value) ? Run::failed : Run::passed);
  const std::size_t failed = count(Run::failed);
  return holds_ == Holds::more_than ? failed > runs_ : failed <= runs_;
}

void FailedRuns::add(Run run) {
  last_.push_back(run);
  if (last_.size() > of_) last_.pop_front();
}

std::size_t FailedRuns::count(Run run) const {
  return static_cast<std::size_t>(std::count(last_.begin(), last_.end(), run));
}

bool FailedRuns::holds() const {
  const std::size_t failed = count(Run::failed);
  if (holds_ == Holds::more_than) return failed > runs_;
  return last_.size() == of_ && count(Run::absent) == 0 && failed <= runs_;
}

bool NoData::take(const WindowSample& sample, Duration) {
  if (sample.has_data) last_ = sample.at;
  return !sample.has_data;
}

}  // namespace rehearse
