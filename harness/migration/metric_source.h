// The metrics as gates and triggers read them: samples that checks have reported, and when the next ones are due.
//
// Left out: where a sample comes from. A metric that nobody declared is not found, and is never a pass.
// Invariant: samples are numbered in the order in which they were reported; their number only grows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "sim/kernel/time.h"

namespace rehearse {

struct WindowSample {
  Time due;          // when the check's schedule asked for the run: what the sample speaks of
  Time at;           // when it was reported; nobody knows it before
  double value = 0;  // a count, a share as a fraction, or nanoseconds
  bool has_data = false;
};

using MetricId = std::uint32_t;

class MetricSource {
 public:
  virtual ~MetricSource() = default;
  virtual std::optional<MetricId> find(const std::string& metric) const = 0;
  virtual std::size_t samples(MetricId metric) const = 0;
  virtual WindowSample sample(MetricId metric, std::size_t number) const = 0;
  // The first run of the metric's check that is due after t; Time::never() if there is none.
  virtual Time next_due_after(MetricId metric, Time t) const = 0;
};

}  // namespace rehearse
