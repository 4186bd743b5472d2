// The numbers that gates and triggers read: made from checks' reports, never from the truth.
//
// Each report of a check gives one sample to every metric declared over it, at the time of the report; a run without
// data gives a sample without data, which is not a pass. Discrepancies are counted by run, or relative to the rows
// compared in that run; what a check measures is sampled as it is, durations in nanoseconds. Every check has a series
// of its own besides: its discrepancies by run, or what it measures.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/reconcile/check.h"

namespace rehearse {

struct MetricPoint {
  Time due;  // the occasion of the run
  Time at;   // when it was reported
  double value = 0;
  bool data = false;
};

struct MetricSeries {
  std::string name;
  std::uint32_t check = 0;
  Quantity quantity = CLAIMS;
  std::uint32_t classes = 0;  // bit by DiscrepancyClass: those that count
  Recurrence due;             // the check's: when samples are to be expected, apart from the time that a run takes
  std::vector<MetricPoint> samples;  // by time
};

class MetricStore {
 public:
  MetricStore() = default;
  MetricStore(const google::protobuf::RepeatedPtrField<scenario::Metric>& declared,
              const std::vector<CheckDescription>& checks);

  std::optional<std::size_t> find(const std::string& metric) const;  // a declared one
  const MetricSeries& series(std::size_t metric) const { return declared_[metric]; }
  const MetricSeries& of_check(std::uint32_t check) const { return by_check_[check]; }
  const std::vector<MetricSeries>& declared() const { return declared_; }
  const std::vector<MetricSeries>& by_check() const { return by_check_; }

  void add(const CheckRun& run);

 private:
  std::vector<MetricSeries> declared_;  // in the order of the scenario
  std::vector<MetricSeries> by_check_;
};

}  // namespace rehearse
