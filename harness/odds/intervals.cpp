#include "harness/odds/intervals.h"

#include <algorithm>
#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>
#include <cmath>

#include "sim/kernel/assert.h"

namespace rehearse {

Interval wilson(std::uint64_t k, std::uint64_t n, double confidence) {
  REHEARSE_ASSERT(n > 0 && k <= n, "a share is of something");
  const double z = boost::math::quantile(boost::math::normal(), 0.5 + confidence / 2);
  const double count = static_cast<double>(n), share = static_cast<double>(k) / count;
  const double middle = share + z * z / (2 * count);
  const double half = z * std::sqrt(share * (1 - share) / count + z * z / (4 * count * count));
  const double scale = 1 + z * z / count;
  return {k == 0 ? 0 : std::max(0.0, (middle - half) / scale), k == n ? 1 : std::min(1.0, (middle + half) / scale)};
}

double at_most(std::uint64_t k, std::uint64_t n, double confidence) {
  REHEARSE_ASSERT(n > 0 && k <= n, "a share is of something");
  if (k == n) return 1;
  return boost::math::quantile(boost::math::beta_distribution<>(static_cast<double>(k) + 1, static_cast<double>(n - k)),
                               confidence);
}

double at_least(std::uint64_t k, std::uint64_t n, double confidence) { return 1 - at_most(n - k, n, confidence); }

Quantile quantile(std::span<const double> sorted, double share, double confidence) {
  REHEARSE_ASSERT(!sorted.empty(), "a quantile is of something");
  const auto n = static_cast<double>(sorted.size());
  const double rank = std::clamp(std::ceil(share * n), 1.0, n);
  Quantile found{sorted[static_cast<std::size_t>(rank) - 1], std::nullopt};
  // The number of values below the quantile is binomial: with `low` of them at most (1 - confidence) / 2 is beyond.
  const boost::math::binomial_distribution<> below(n, share);
  const double tail = (1 - confidence) / 2;
  std::size_t low = 0, high = sorted.size() + 1;  // ranks, counted from 1; these two say nothing
  while (low < sorted.size() && boost::math::cdf(below, static_cast<double>(low)) <= tail) ++low;
  while (high > 1 && boost::math::cdf(boost::math::complement(below, static_cast<double>(high) - 2)) <= tail) --high;
  if (low >= 1 && high <= sorted.size()) found.within = Interval{sorted[low - 1], sorted[high - 1]};
  return found;
}

}  // namespace rehearse
