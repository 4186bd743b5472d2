// A distribution fitted to durations that were observed exactly or between two bounds.
//
// Criterion: constant if all were observed exactly and lie within 1% of their mean; else exponential or lognormal by
// maximum likelihood, whichever has the lower BIC, if its distribution function is nowhere further than 5% (and what
// chance explains, 1.36/√n) from what was observed; else empirical, at most 24 points.
// Intervals are estimate ± 1.96 standard deviations from the curvature of the likelihood (of an empirical one's mean,
// from the spread). A count between bounds is taken as a multinomial count; what a last bucket without an upper bound
// holds is only known to be above. Left out: dependence between observations, which makes intervals too narrow.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/campaign/fit.h"

namespace rehearse {

struct DurationCell {
  double low = 0, high = 0;  // seconds; equal: observed exactly; high may be infinite
  double count = 0;
};

enum class DurationShape : std::uint8_t { constant, exponential, lognormal, empirical };

struct FittedDuration {
  DurationShape shape = DurationShape::constant;
  double count = 0;
  Estimate middle;      // seconds: the mean; of a lognormal the median
  Estimate sigma;       // of a lognormal
  double distance = 0;  // the largest from the observed distribution function; of the best of the two that were tried
  double bic_exponential = 0, bic_lognormal = 0;    // of no constant
  std::vector<std::pair<double, double>> points{};  // of an empirical one: seconds, share
};

// Cells with observations, in any order; nothing if there are none, or none above zero.
std::optional<FittedDuration> fit_durations(std::vector<DurationCell> cells);

// As a scenario has it, with the middle and sigma put in place of those that were fitted.
std::string duration_text(const FittedDuration& fitted, double middle, double sigma);
std::string short_duration(double seconds);  // four digits

}  // namespace rehearse
