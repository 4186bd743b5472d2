// The numbers that gates and triggers read: made from checks' reports, never from the truth.
//
// Each report of a check gives one sample to every metric declared over it alone, at the time of the report; a run
// without data gives a sample without data, which is not a pass. Discrepancies are counted by run, or relative to the
// rows compared in that run; what a check measures is sampled as it is, durations in nanoseconds. A metric of several
// checks has a sample for each instant at which any of them is due, once all that were due by then have reported or
// were passed over: what the latest run of each found, added up. It has data if all of these have. Every check has a
// curve of its own besides, which nobody decides by: its discrepancies by run, or what it measures. It is kept in
// bounded memory, however often a monitor looks.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "harness/reconcile/check.h"
#include "harness/reconcile/long_series.h"
#include "harness/reconcile/occasions.h"

namespace rehearse {

struct MetricPoint {
  Time due;  // the occasion of the run
  Time at;   // when it was reported
  double value = 0;
  bool data = false;
};

struct MetricSeries {
  std::string name;
  std::vector<std::uint32_t> checks;
  Quantity quantity = CLAIMS;
  std::uint32_t classes = 0;         // bit by DiscrepancyClass: those that count
  std::vector<MetricPoint> samples;  // by time
};

struct CheckSeries {
  Quantity quantity = CLAIMS;
  LongSeries samples;
};

class MetricStore {
 public:
  MetricStore() = default;
  MetricStore(const google::protobuf::RepeatedPtrField<scenario::Metric>& declared,
              const std::vector<CheckDescription>& checks);

  std::optional<std::size_t> find(const std::string& metric) const;  // a declared one
  const MetricSeries& series(std::size_t metric) const { return declared_[metric]; }
  const CheckSeries& of_check(std::uint32_t check) const { return by_check_[check]; }
  const std::vector<MetricSeries>& declared() const { return declared_; }

  const Occasions& occasions(std::uint32_t check) const { return occasions_[check]; }
  // When a sample of a declared metric is to be expected, apart from the time that runs take.
  Time next_due_after(std::size_t metric, Time t) const;

  void phase_entered(const std::string& phase, Time now);
  void add(const CheckRun& run);

 private:
  // What a run adds to a metric: the metric's value is the quotient of the sums.
  struct Part {
    Time due;
    bool data = false;
    double sum = 0;
    double of = 0;
  };
  // A check that a metric of several is made from.
  struct Member {
    std::uint32_t check = 0;
    Time settled_until = Time::before_all();  // all its runs due by then are in `latest` or were passed over
    Part latest;                              // without data before the first
    std::deque<Part> reported;                // that wait for others
  };
  struct Union {
    std::size_t series = 0;
    std::vector<Member> members;
  };
  static Part part_of(Quantity quantity, std::uint32_t classes, const CheckRun& run);
  static MetricPoint sample_of(const Part& part, Time at);
  void add_up(Union& all, Time now);

  std::vector<MetricSeries> declared_;  // in the order of the scenario
  std::vector<CheckSeries> by_check_;
  std::vector<Occasions> occasions_;  // by check
  std::vector<Union> unions_;         // of the declared metrics that have several checks
};

}  // namespace rehearse
