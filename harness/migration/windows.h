// The rule of windows: a criterion or trigger `for` a duration holds if every sample in a fully covered window
// satisfies it.
//
// - The window that ends at t is (t − for, t], and a sample lies where its run was due. It is covered if it does not
//   begin before the phase was entered; a sample due at the entry itself is outside.
// - A missing sample breaks it: a run without data (NaN is none), or one that has not reported when the next is due or
//   a later one has reported. A run that is still under way is not missing yet.
// - It needs `min_samples` samples; at least one, always.
// - A window of 0s is the latest sample alone.
// Left out: averages, quantiles, tolerance for single samples.
// Invariant: what a Window says is a pure function of the entry, the samples added, their schedule and t.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "harness/migration/metric_source.h"
#include "sim/kernel/time.h"

namespace rehearse {

struct WindowRule {
  std::string metric;
  bool above = false;  // else below; a sample at the bound satisfies neither
  double bound = 0;
  Duration length;
  std::int64_t min_samples = 1;

  bool satisfied_by(const WindowSample& sample) const {
    return sample.has_data && (above ? sample.value > bound : sample.value < bound);
  }
};

enum class WindowStatus : std::uint8_t {
  no_data,  // no sample in the phase, or the latest is missing or older than the window
  broken,   // the latest sample does not satisfy
  holding,  // it does, but not yet for long enough or in enough samples
  met,
};

// One rule over one metric within one phase.
class Window {
 public:
  // Samples reported before `entered` are never looked at.
  void enter(const WindowRule& rule, const MetricSource& source, Time entered);

  // Takes what was reported since; calls each(sample) after each sample that counts. True if there was any.
  template <class Each>
  bool pull(const WindowRule& rule, const MetricSource& source, Each&& each) {
    if (!metric_) return false;
    const std::size_t reported = source.samples(*metric_);
    if (seen_ == reported) return false;
    bool any = false;
    while (seen_ < reported) {
      const WindowSample sample = source.sample(*metric_, seen_++);
      if (!add(rule, source, sample)) continue;
      any = true;
      each(sample);
    }
    return any;
  }

  // Whether the window that ends at t holds; t is not before the latest sample's due time.
  bool holds(const WindowRule& rule, Time t) const;
  WindowStatus status(const WindowRule& rule, Time now) const;
  // When the rule's status changes by the passing of time alone, going by what is known; Time::never() if it does not.
  Time met_from(const WindowRule& rule) const;      // holding becomes met; `min_samples` may still be wanting then
  Time no_data_from(const WindowRule& rule) const;  // the next run is overdue, or the latest sample is too old

  // The time up to which nothing held: the last sample that broke it, or the entry.
  Time unbroken_after() const { return unbroken_after_; }
  std::optional<Time> holds_since() const { return since_; }  // due time of the first sample of the unbroken run
  const std::optional<WindowSample>& latest() const { return latest_; }
  std::uint64_t samples() const { return samples_; }  // that counted and had data
  std::uint64_t missing() const { return missing_; }
  std::uint64_t unbroken_samples() const { return unbroken_; }

 private:
  bool add(const WindowRule& rule, const MetricSource& source, WindowSample sample);
  void expect(const MetricSource& source, Time due);
  void break_at(Time t);

  std::optional<MetricId> metric_;
  std::size_t seen_ = 0;
  Time entered_;
  Time expected_ = Time::never();    // the first run that has not reported and was not passed over
  Time overdue_at_ = Time::never();  // when the run after it is due
  Time unbroken_after_;
  std::optional<Time> since_;
  std::optional<WindowSample> latest_;
  std::deque<Time> recent_;  // due times of the last min_samples samples of the unbroken run
  std::uint64_t samples_ = 0;
  std::uint64_t missing_ = 0;
  std::uint64_t unbroken_ = 0;
};

}  // namespace rehearse
