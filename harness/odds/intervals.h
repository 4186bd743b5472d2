// What a number of rehearsals says about all that there could be: intervals of shares and of quantiles.
//
// Seeds are independent draws, so how often something happens in n of them is binomial.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace rehearse {

struct Interval {
  double low = 0, high = 0;
};

// Of a share that k of n showed, two-sided: Wilson's score interval (E. B. Wilson, JASA 22, 1927). n > 0.
Interval wilson(std::uint64_t k, std::uint64_t n, double confidence = 0.95);
// That the share does not exceed, and does not fall below, one-sided and exact (Clopper and Pearson, Biometrika 26,
// 1934): right with at least this confidence whatever the share. n > 0.
double at_most(std::uint64_t k, std::uint64_t n, double confidence = 0.95);
double at_least(std::uint64_t k, std::uint64_t n, double confidence = 0.95);

struct Quantile {
  double value = 0;                // by nearest rank
  std::optional<Interval> within;  // none: too few values for this confidence
};
// Of sorted values, at least one; the interval is between order statistics, without a distribution assumed
// (David and Nagaraja, Order Statistics, 7.1).
Quantile quantile(std::span<const double> sorted, double share, double confidence = 0.95);

}  // namespace rehearse
