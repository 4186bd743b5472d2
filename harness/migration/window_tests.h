// What a criterion or a trigger asks of the samples in its window: one class a test, and the variant of all of them.
//
// Each takes the runs of its metric in the order in which they were due, and says after each sample whether that speaks
// for the rule; `holds` is asked of a window (begin, end], and `holds_from` for the earliest end, from a given instant
// on, of a window that holds by what is known (an end at or after `until` need not be found).
// - EverySample: each sample is past the limit. AverageOfSamples: their mean is, in exact steps of 2^-40.
//   RisingSamples: none is below the one before, and the last is above the first. A missing sample breaks these three,
//   and the window lies after the entry as a whole.
// - AnySample: one is past the limit; what is missing takes nothing away. FailedRuns: so many of the last runs are past
//   the limit; its window is of runs, not of time.
// - NoData: nothing with data was reported in the window. It goes by the time of the report, and comes to hold by the
//   passing of time alone.
// Invariant: a test is a value; what it says is a pure function of what it took.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <variant>

#include "harness/migration/metric_source.h"
#include "sim/kernel/time.h"
#include "sim/kernel/wide.h"

namespace rehearse {

// A bound; a value at the bound is not past it.
struct Limit {
  bool above = false;  // else below
  double bound = 0;
  bool passed_by(double value) const { return above ? value > bound : value < bound; }
};

// Up to when nothing held, as the window knows it.
struct Breaks {
  Time entered;
  Time gapless_after;   // the last missing sample, or the entry
  Time unbroken_after;  // the last sample that did not speak for the rule, or `gapless_after`
};

class EverySample {
 public:
  explicit EverySample(Limit limit) : limit_(limit) {}
  Limit limit() const { return limit_; }
  bool take(const WindowSample& sample, Duration) { return sample.has_data && limit_.passed_by(sample.value); }
  void missed() {}
  bool holds(Time begin, const Breaks& breaks) const { return breaks.unbroken_after <= begin; }
  Time holds_from(Time t, Time, Duration length, const Breaks& breaks) const {
    return std::max(t, breaks.unbroken_after + length);
  }

 private:
  Limit limit_;
};

class AverageOfSamples {
 public:
  explicit AverageOfSamples(Limit limit) : limit_(limit) {}
  Limit limit() const { return limit_; }
  bool take(const WindowSample& sample, Duration length);
  void missed() {}
  bool holds(Time begin, const Breaks& breaks) const { return breaks.gapless_after <= begin && past_limit(begin); }
  Time holds_from(Time t, Time until, Duration length, const Breaks& breaks) const;

 private:
  struct Sum {
    Time due;
    Signed128 before;  // of all samples before this one, in 2^-40
  };
  std::deque<Sum>::const_iterator first_after(Time t) const;
  bool past_limit(Time begin) const;

  Limit limit_;
  std::deque<Sum> samples_;  // that a window may still have
  Signed128 sum_ = 0;
};

class AnySample {
 public:
  explicit AnySample(Limit limit) : limit_(limit) {}
  Limit limit() const { return limit_; }
  bool take(const WindowSample& sample, Duration length);
  void missed() {}
  bool holds(Time begin, const Breaks&) const { return last_ && *last_ > begin; }
  Time holds_from(Time t, Time, Duration length, const Breaks& breaks) const {
    return holds(t - length, breaks) ? t : Time::never();
  }

 private:
  Limit limit_;
  std::optional<Time> last_;  // that was past the limit
};

class RisingSamples {
 public:
  Limit limit() const { return {true, 0}; }  // a higher sample speaks for it rather than a lower one
  bool take(const WindowSample& sample, Duration);
  void missed() { former_.reset(); }
  bool holds(Time begin, const Breaks& breaks) const { return unbroken_after(breaks) <= begin && rose_from_ > begin; }
  Time holds_from(Time t, Time, Duration length, const Breaks& breaks) const;

 private:
  Time unbroken_after(const Breaks& breaks) const { return std::max(breaks.gapless_after, fell_from_); }

  std::optional<WindowSample> former_;
  Time fell_from_ = Time::before_all();  // the sample before the last fall
  Time rose_from_ = Time::before_all();  // the sample before the last rise
};

class FailedRuns {
 public:
  enum class Holds : std::uint8_t { more_than, at_most };
  FailedRuns(Limit failed, Holds holds, std::size_t runs, std::size_t of)
      : failed_(failed), holds_(holds), runs_(runs), of_(of) {}
  // How many runs it takes at least before it can hold.
  std::int64_t least_runs() const { return static_cast<std::int64_t>(holds_ == Holds::more_than ? runs_ + 1 : of_); }
  // That speaks for the rule rather than against it.
  Limit limit() const { return {failed_.above == (holds_ == Holds::more_than), failed_.bound}; }
  bool take(const WindowSample& sample, Duration);
  void missed() { add(Run::absent); }
  bool holds(Time, const Breaks&) const { return holds(); }
  Time holds_from(Time t, Time, Duration, const Breaks&) const { return holds() ? t : Time::never(); }

 private:
  enum class Run : std::uint8_t { passed, failed, absent };
  void add(Run run);
  std::size_t count(Run run) const;
  bool holds() const;

  Limit failed_;
  Holds holds_;
  std::size_t runs_;
  std::size_t of_;
  std::deque<Run> last_;  // at most `of`
};

class NoData {
 public:
  Limit limit() const { return {}; }
  bool take(const WindowSample& sample, Duration);
  void missed() {}
  bool holds(Time begin, const Breaks& breaks) const { return since(breaks) <= begin; }
  Time holds_from(Time t, Time, Duration length, const Breaks& breaks) const {
    return std::max(t, since(breaks) + length);
  }

 private:
  Time since(const Breaks& breaks) const { return std::max(breaks.entered, last_); }

  Time last_ = Time::before_all();  // report with data
};

using WindowTest = std::variant<EverySample, AverageOfSamples, AnySample, RisingSamples, FailedRuns, NoData>;

}  // namespace rehearse
