// Metrics of a real system as a file tells them: OpenMetrics (or Prometheus) text, or CSV with a header.
//
// CSV: the columns `metric`, `value` and `unit`, and any others as labels; `le` makes a row a cumulative bucket,
// `quantile` a quantile, of which the column `count` says of how many. Which format it is, the content tells.
// Left out: timestamps and exemplars, which are read over; what the samples mean.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/diagnostics.h"

namespace rehearse {

struct MetricLine {
  std::string suffix;  // _bucket, _count, _sum, …; empty: the family itself
  std::vector<std::pair<std::string, std::string>> labels;
  double value = 0;
  Place place;  // of the value
  const std::string* label(std::string_view name) const;
};

struct MetricFamilyRead {
  std::string name;
  std::string type = "unknown";
  std::string unit;  // as it is said, or as the name ends; empty: it is not said
  Place place;
  std::vector<MetricLine> lines;  // at least one, in the file's order
};

// Nothing if something is wrong, which is then said with its place.
std::optional<std::vector<MetricFamilyRead>> read_metrics(std::string_view text, const std::string& file,
                                                          std::vector<Diagnostic>& diagnostics);

}  // namespace rehearse
