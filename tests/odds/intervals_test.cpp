#include "harness/odds/intervals.h"

#include <boost/math/distributions/binomial.hpp>
#include <boost/test/unit_test.hpp>
#include <numeric>
#include <vector>

using namespace rehearse;

namespace {

// How likely an interval of a share covers it, exactly: over all that n draws may show.
template <class Covers>  // Covers(k) -> bool
double coverage(std::uint64_t n, double p, Covers covers) {
  const boost::math::binomial_distribution<> draws(static_cast<double>(n), p);
  double sum = 0;
  for (std::uint64_t k = 0; k <= n; ++k)
    if (covers(k)) sum += boost::math::pdf(draws, static_cast<double>(k));
  return sum;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(intervals)

BOOST_AUTO_TEST_CASE(intervals_of_shares_cover_as_often_as_they_say) {
  for (const std::uint64_t n : {30, 100, 1000})
    for (double p = 0.01; p < 1; p += 0.01) {
      const auto count = static_cast<double>(n);
      if (count * p < 5 || count * (1 - p) < 5) continue;
      const double covered = coverage(n, p, [&](std::uint64_t k) {
        const Interval within = wilson(k, n);
        return within.low <= p && p <= within.high;
      });
      BOOST_TEST(covered >= 0.92, n << " draws, " << p << ": " << covered);
      BOOST_TEST(covered <= 0.98, n << " draws, " << p << ": " << covered);
    }
}

BOOST_AUTO_TEST_CASE(bounds_of_what_is_rare_are_never_right_less_often_than_they_say) {
  for (const std::uint64_t n : {1, 30, 100, 1000})
    for (double p = 0.0005; p < 1; p += 0.0175)
      for (const double confidence : {0.9, 0.95, 0.99}) {
        const auto holds_above = [&](std::uint64_t k) { return p <= at_most(k, n, confidence); };
        const auto holds_below = [&](std::uint64_t k) { return p >= at_least(k, n, confidence); };
        BOOST_TEST(coverage(n, p, holds_above) >= confidence - 1e-9, n << " draws, " << p);
        BOOST_TEST(coverage(n, p, holds_below) >= confidence - 1e-9, n << " draws, " << p);
      }
}

BOOST_AUTO_TEST_CASE(none_of_a_thousand_is_at_most_three_in_a_thousand) {
  BOOST_TEST(at_most(0, 1000) == 1 - std::pow(0.05, 0.001), boost::test_tools::tolerance(1e-9));
  BOOST_TEST(at_most(0, 1000) < 0.003);
  BOOST_TEST(at_most(1000, 1000) == 1.0);
  BOOST_TEST(at_least(0, 1000) == 0.0);
}

BOOST_AUTO_TEST_CASE(intervals_of_quantiles_cover_at_least_as_often_as_they_say_and_are_the_narrowest_that_do) {
  for (const std::size_t n : {6, 20, 100, 999})
    for (const double share : {0.05, 0.5, 0.95}) {
      std::vector<double> ranks(n);
      std::iota(ranks.begin(), ranks.end(), 1.0);
      const Quantile found = quantile(ranks, share);
      BOOST_TEST(found.value == std::max(1.0, std::ceil(share * static_cast<double>(n))));
      // The quantile lies between the ranks low and high if at least `low` values, and fewer than `high`, are below it.
      const boost::math::binomial_distribution<> below(static_cast<double>(n), share);
      const auto outside = [&](double low, double high) {
        return std::pair(low > 0 ? boost::math::cdf(below, low - 1) : 0.0,
                         boost::math::cdf(boost::math::complement(below, high - 1)));
      };
      if (!found.within) {
        const bool low_can = boost::math::cdf(below, 0.0) <= 0.025;
        const bool high_can = boost::math::cdf(boost::math::complement(below, static_cast<double>(n) - 1)) <= 0.025;
        BOOST_TEST(!(low_can && high_can));
        continue;
      }
      const auto [left, right] = outside(found.within->low, found.within->high);
      BOOST_TEST(left <= 0.025);
      BOOST_TEST(right <= 0.025);
      BOOST_TEST(outside(found.within->low + 1, found.within->high).first > 0.025);
      BOOST_TEST(outside(found.within->low, found.within->high - 1).second > 0.025);
    }
}

BOOST_AUTO_TEST_SUITE_END()
