// Bounds for tests against exact distributions. Seeds are fixed, so a test either always passes or never does; the
// bounds are wide enough (4.5 standard deviations, both ways) that a right sampler does not fail by the choice of seed.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace rehearse::statistics {

inline constexpr double sigmas_max = 4.5;

// Standard deviations that chi-squared lies from its mean (Wilson and Hilferty). Cells that expect fewer than 10 are
// pooled into their neighbour.
inline double chi_squared_sigmas(const std::vector<double>& observed, const std::vector<double>& expected) {
  double statistic = 0, seen = 0, due = 0;
  int cells = 0;
  for (std::size_t i = 0; i < observed.size(); ++i) {
    seen += observed[i];
    due += expected[i];
    if (due < 10 && i + 1 < observed.size()) continue;
    if (due == 0) return seen == 0 ? 0 : 1e9;
    statistic += (seen - due) * (seen - due) / due;
    ++cells;
    seen = due = 0;
  }
  const double k = std::max(1, cells - 1);
  return (std::cbrt(statistic / k) - (1 - 2 / (9 * k))) / std::sqrt(2 / (9 * k));
}

// Kolmogorov's statistic √n · D of a sample against a continuous distribution function. Above 2.4 with probability
// 2e-5.
inline constexpr double kolmogorov_max = 2.4;
template <class Distribution>
double kolmogorov(std::vector<double> sample, Distribution distribution) {
  std::sort(sample.begin(), sample.end());
  const auto n = static_cast<double>(sample.size());
  double largest = 0;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const double p = distribution(sample[i]);
    largest =
        std::max({largest, std::abs(p - static_cast<double>(i) / n), std::abs(p - static_cast<double>(i + 1) / n)});
  }
  return largest * std::sqrt(n);
}

struct Moments {
  double mean = 0;
  double variance = 0;
};
inline Moments moments(const std::vector<double>& sample) {
  Moments result;
  for (const double x : sample) result.mean += x;
  result.mean /= static_cast<double>(sample.size());
  for (const double x : sample) result.variance += (x - result.mean) * (x - result.mean);
  result.variance /= static_cast<double>(sample.size() - 1);
  return result;
}

}  // namespace rehearse::statistics
