// The rule of windows: a criterion or trigger `for` a duration holds if the samples in a fully covered window satisfy
// its test.
//
// - The window that ends at t is (t − for, t], and a sample lies where its run was due. It is covered if it does not
//   begin before it was entered; a sample due at the entry itself is outside.
// - What the test asks of the samples is its own (window_tests.h); of most a missing sample breaks the window: a run
//   without data (NaN is none), or one that has not reported when the next is due or a later one has reported.
// - It needs `min_samples` samples with data; none if the test counts by itself.
// - A window of 0s is the latest sample alone.
// - Whoever waits for a window asks `holds`, which also wants that every run due by then has reported; whoever acts on
//   evidence asks `supported`.
// Left out: quantiles over windows.
// Invariant: what a Window says is a pure function of the entry, the samples added, their schedule and t.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "harness/migration/metric_source.h"
#include "harness/migration/window_tests.h"
#include "sim/kernel/time.h"

namespace rehearse {

struct WindowRule {
  std::string metric;
  WindowTest test = EverySample({});
  Duration length;
  std::int64_t min_samples = 1;  // 0: the test counts by itself

  Limit limit() const {
    return std::visit([](const auto& test) { return test.limit(); }, test);
  }
  // Whether it takes the whole of its window, and not only some runs in it.
  bool takes_whole_window() const {
    return !std::holds_alternative<AnySample>(test) && !std::holds_alternative<FailedRuns>(test);
  }
  // Whether it comes to hold by the passing of time, whether anything is reported or not.
  bool by_time_alone() const { return std::holds_alternative<NoData>(test); }
};

enum class WindowStatus : std::uint8_t {
  no_data,  // no sample since the entry, or the latest is missing or older than the window
  broken,   // the latest sample does not speak for the rule
  holding,  // it does, but not yet for long enough or in enough samples, or a run has yet to report
  met,
};

// One rule over one metric since it was entered.
class Window {
 public:
  // Runs due at or before `entered` are never looked at; those due after it are, whenever they reported.
  void enter(const WindowRule& rule, const MetricSource& source, Time entered);
  // Which runs are due has changed: the metric's checks run in some phases only, and the plan has entered another.
  void reschedule(const MetricSource& source);

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

  // Whether the window that ends at t satisfies the rule by what was reported; t is not before the latest sample's due
  // time.
  bool supported(const WindowRule& rule, Time t) const;
  // Whether a run that is due at t or before has yet to report.
  bool awaits(Time t) const { return expected_ <= t; }
  bool holds(const WindowRule& rule, Time t) const { return supported(rule, t) && !awaits(t); }
  WindowStatus status(const WindowRule& rule, Time now) const;

  Time awaits_from() const { return expected_; }
  // The earliest instant from t on, and before `until`, at which the window is supported, going by what is known; a
  // later one or Time::never() if there is none.
  Time supported_from(const WindowRule& rule, Time t, Time until = Time::never()) const;
  // When the next run is overdue, or the latest sample too old.
  Time no_data_from(const WindowRule& rule) const;

  // The time up to which nothing held: the last sample that did not speak for the rule, or the entry.
  Time unbroken_after() const { return unbroken_after_; }
  std::optional<Time> holds_since() const { return since_; }  // due time of the first sample of the unbroken run
  const std::optional<WindowSample>& latest() const { return latest_; }
  std::uint64_t samples() const { return samples_; }  // that counted and had data
  std::uint64_t missing() const { return missing_; }
  std::uint64_t unbroken_samples() const { return unbroken_; }

 private:
  bool add(const WindowRule& rule, const MetricSource& source, WindowSample sample);
  void expect(const MetricSource& source, Time due);
  void pass_over(const MetricSource& source);
  void break_at(Time t);
  Breaks breaks() const { return {entered_, gapless_after_, unbroken_after_}; }
  // Whether a window that begins there has the samples that the rule needs.
  bool has_enough(const WindowRule& rule, Time begin) const;

  std::optional<MetricId> metric_;
  WindowTest test_ = EverySample({});
  std::size_t seen_ = 0;
  Time entered_;
  Time settled_until_;               // all runs due by then have reported or were passed over
  Time expected_ = Time::never();    // the first run after that
  Time overdue_at_ = Time::never();  // when the run after it is due
  Time gapless_after_;
  Time unbroken_after_;
  std::optional<Time> since_;
  std::optional<WindowSample> latest_;
  std::deque<Time> recent_;  // due times of the last min_samples samples with data
  std::uint64_t samples_ = 0;
  std::uint64_t missing_ = 0;
  std::uint64_t unbroken_ = 0;
};

}  // namespace rehearse
