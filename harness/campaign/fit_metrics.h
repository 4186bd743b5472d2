// Service times of a real pipeline, fitted from its metrics, as a scenario has them; and what the metrics say of lag.
//
// A metric is a service time if `service_time`, `service_duration`, `processing` or `process_duration` is in its name;
// it is a histogram's buckets, a summary's quantiles, or plain samples, and needs a unit. Its label `pipeline` says
// whose processor it is. Series that differ in other labels are taken together; of a series that was scraped more than
// once, the last buckets and quantiles count. A metric with `latency` or `lag` in its name is no service time: it is
// told, to compare a rehearsal with. Others are left out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/campaign/fit_durations.h"
#include "scenarios/diagnostics.h"

namespace rehearse {

struct FittedService {
  std::string metric;
  std::string pipeline;  // empty: it is not said
  FittedDuration time;
};

struct ObservedSeries {  // of lag or latency
  std::string metric;
  std::string labels;  // as they are written
  std::string unit;    // empty: a number of changes
  double count = 0, median = 0, p99 = 0, greatest = 0;
};

struct MetricsFit {
  std::vector<FittedService> services;  // at most one a pipeline
  std::vector<ObservedSeries> others;
};

// Nothing if something is wrong, which is then said with its place.
std::optional<MetricsFit> fit_metrics(std::string_view text, const std::string& file,
                                      std::vector<Diagnostic>& diagnostics);

// A scenario fragment, which goes beside the workload's.
std::string metrics_yaml(const MetricsFit& fit, const std::string& file);

}  // namespace rehearse
