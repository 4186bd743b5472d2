// How much a scenario's outcome hangs on what a fit is unsure of: the scenario runs with the fitted workload, and again
// with each parameter at either end of its interval.
//
// Parameters, by table that both have: rate, share of updates (inserts take the rest), Zipf's exponent, mean size of
// transactions; by pipeline that both have: the mean (or median, and sigma) of its service time. Left out: two
// parameters at once.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "harness/campaign/fit.h"
#include "harness/campaign/fit_metrics.h"
#include "harness/campaign/rehearsal.h"

namespace rehearse {

struct Outcome {
  result::Result::Verdict verdict = result::Result::inconclusive;
  result::Result::Decision decision = result::Result::none;
  std::uint64_t divergences = 0;  // row-intervals, in all stores
  std::int64_t stale_ns = 0;      // in all stores
};

struct ParameterEffect {
  std::string parameter;  // "orders: rate"
  double low = 0, high = 0;
  Outcome at_low, at_high;
  double effect = 0;                        // the larger relative change of divergences or staleness
  bool decides(const Outcome& base) const;  // another verdict or decision at one of the ends
};

struct Sensitivity {
  Outcome base;
  std::vector<ParameterEffect> parameters;  // what decides first, then by effect
};

// None if the scenario has no synthetic table with a workload under a fitted table's name. Ends early once interrupted.
// Of metrics, the service times count; a scenario's only stream has one that says no pipeline.
std::optional<Sensitivity> sensitivity_of(const Fit& fit, const MetricsFit& metrics, const LoadedScenario& scenario,
                                          const SharedInputs& inputs, const std::atomic<bool>* interrupted = nullptr);

std::string sensitivity_text(const Sensitivity& sensitivity, const std::string& scenario);  // as comments of YAML

}  // namespace rehearse
