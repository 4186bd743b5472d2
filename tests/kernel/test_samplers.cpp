// Every sampler against its exact distribution, its mean, its ends, and its golden bits.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <vector>

#include "sim/kernel/digest.h"
#include "sim/kernel/draw.h"
#include "sim/kernel/samplers.h"
#include "tests/kernel/statistics.h"

using namespace rehearse;
using statistics::chi_squared_sigmas;
using statistics::kolmogorov;
using statistics::kolmogorov_max;
using statistics::moments;
using statistics::sigmas_max;

namespace {

constexpr std::uint64_t draws = 2'000'000;
const Stream s = stream(11, "samplers");

double normal_below(double z) { return std::erfc(-z / std::sqrt(2.0)) / 2; }

std::vector<double> sample(const Sampler& sampler) {
  std::vector<double> values(draws);
  for (std::uint64_t i = 0; i < draws; ++i) values[i] = static_cast<double>(sampler(bits(s, i)).ns);
  return values;
}

// The mean is within 4.5 standard errors of both what the sampler says and what the formula says.
void check_mean(const Sampler& sampler, double mean, double sd) {
  BOOST_TEST(std::abs(sampler.mean_ns() / mean - 1) < 1e-9);
  const double found = moments(sample(sampler)).mean;
  BOOST_TEST(std::abs(found - mean) < sigmas_max * sd / std::sqrt(draws), found << " against " << mean);
}

std::string golden(const Sampler& sampler) {
  Digest digest;
  for (std::uint64_t i = 0; i < 100'000; ++i) digest.add(static_cast<std::uint64_t>(sampler(bits(s, i)).ns));
  return digest.value().hex();
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_exponential_is_minus_ln_of_its_bits_everywhere) {
  double worst = 0;
  const auto check = [&](std::uint64_t u) {
    const long double right = -std::log(std::ldexp(static_cast<long double>(u | 1), -64));
    worst = std::max(worst, static_cast<double>(std::abs(static_cast<double>(exponential_q40(u)) * 0x1p-40 - right)));
  };
  for (std::uint64_t i = 0; i < draws; ++i) check(bits(s, i) >> (i % 64));
  for (std::uint64_t cell = 0; cell < 512; ++cell) {  // the edges of every cell, where the residual is largest
    const std::uint64_t edge = std::uint64_t{1} << 63 | cell << 54;
    for (const std::uint64_t u : {edge, edge - 1, edge + 1}) check(u);
  }
  BOOST_TEST(worst < 3.6e-10);
}

BOOST_AUTO_TEST_CASE(the_exponential_never_underflows) {
  for (std::uint64_t back = 0; back < 1'000'000; ++back) {
    BOOST_REQUIRE(exponential_q40(~std::uint64_t{0} - (back << 12)) < std::uint64_t{1} << 40);
  }
  BOOST_TEST(exponential_q40(~std::uint64_t{0}) < 400u);
  BOOST_TEST(exponential_q40(0) == exponential_q40(1));
  BOOST_TEST(static_cast<double>(exponential_q40(0)) * 0x1p-40 == 64 * std::log(2.0),
             boost::test_tools::tolerance(1e-10));
}

BOOST_AUTO_TEST_CASE(the_exponential_has_its_distribution_mean_and_variance) {
  std::vector<double> values(draws);
  for (std::uint64_t i = 0; i < draws; ++i) values[i] = static_cast<double>(exponential_q40(bits(s, i))) * 0x1p-40;
  const auto found = moments(values);
  BOOST_TEST(std::abs(found.mean - 1) < sigmas_max / std::sqrt(draws));
  BOOST_TEST(std::abs(found.variance - 1) < sigmas_max * std::sqrt(8.0 / draws));
  BOOST_TEST(kolmogorov(values, [](double x) { return 1 - std::exp(-x); }) < kolmogorov_max);
}

BOOST_AUTO_TEST_CASE(exponential_durations_scale_to_their_mean_from_nanoseconds_to_years) {
  for (const Duration mean : {nanosecond * 500, millisecond, hour * 13, day * 1500}) {
    check_mean(Sampler::exponential(mean), static_cast<double>(mean.ns), static_cast<double>(mean.ns));
  }
  const double ms = 1e6;
  const auto values = sample(Sampler::exponential(millisecond));
  BOOST_TEST(kolmogorov(values, [&](double x) { return 1 - std::exp(-(x + 0.5) / ms); }) < kolmogorov_max);
  BOOST_TEST(Sampler::exponential({std::int64_t{1} << 57})(0).ns > 0);
}

BOOST_AUTO_TEST_CASE(the_geometric_has_its_distribution) {
  for (const double mean : {1.001, 1.5, 3.0, 50.0, 1e5}) {
    const Geometric geometric = Geometric::with_mean(mean);
    const double p = 1 / mean;
    const std::size_t cells = 200;
    const double width = std::max(1.0, std::ceil(mean / 20));  // values a cell
    std::vector<double> observed(cells + 1), expected(cells + 1);
    double sum = 0;
    for (std::uint64_t i = 0; i < draws; ++i) {
      const auto n = static_cast<double>(geometric(bits(s, i)));
      BOOST_REQUIRE(n >= 1);
      sum += n;
      ++observed[std::min(cells, static_cast<std::size_t>((n - 1) / width))];
    }
    const auto beyond = [&](double n) { return std::exp(n * std::log1p(-p)); };
    for (std::size_t i = 0; i < cells; ++i) {
      const auto first = static_cast<double>(i) * width;
      expected[i] = draws * (beyond(first) - beyond(first + width));
    }
    expected[cells] = draws * beyond(static_cast<double>(cells) * width);
    BOOST_TEST(std::abs(chi_squared_sigmas(observed, expected)) < sigmas_max, "mean " << mean);
    BOOST_TEST(std::abs(sum / draws - mean) < sigmas_max * std::sqrt(1 - p) / p / std::sqrt(draws));
  }
}

BOOST_AUTO_TEST_CASE(a_geometric_with_mean_one_is_always_one) {
  const Geometric geometric = Geometric::with_mean(1);
  for (std::uint64_t i = 0; i < 1000; ++i) BOOST_REQUIRE(geometric(bits(s, i)) == 1u);
  BOOST_TEST(geometric(0) == 1u);
}

BOOST_AUTO_TEST_CASE(a_constant_is_constant_and_the_default_is_zero) {
  BOOST_TEST(Sampler::constant(second)(bits(s, 1)).ns == second.ns);
  BOOST_TEST(Sampler()(bits(s, 1)).ns == 0);
  BOOST_TEST(Sampler::constant(second).mean_ns() == 1e9);
}

BOOST_AUTO_TEST_CASE(the_uniform_covers_both_ends_evenly) {
  const Sampler sampler = Sampler::uniform({10}, {109});
  std::vector<double> observed(100), expected(100, draws / 100.0);
  for (std::uint64_t i = 0; i < draws; ++i) ++observed.at(static_cast<std::size_t>(sampler(bits(s, i)).ns - 10));
  BOOST_TEST(std::abs(chi_squared_sigmas(observed, expected)) < sigmas_max);
  BOOST_TEST(sampler(0).ns == 10);
  BOOST_TEST(sampler(~std::uint64_t{0}).ns == 109);
  check_mean(Sampler::uniform(second, 3 * second), 2e9, 1e9 / std::sqrt(3));
  BOOST_TEST(Sampler::uniform({7}, {7})(bits(s, 3)).ns == 7);
}

BOOST_AUTO_TEST_CASE(the_standard_normal_inverts_its_distribution_far_into_both_tails) {
  double worst = 0;
  for (std::uint64_t i = 0; i < 1'000'000; ++i) {
    const std::uint64_t random = bits(s, i) >> (i % 60);
    const double z = standard_normal(random);
    const double p = (static_cast<double>(random) + 0.5) * 0x1p-64;
    if (random < std::uint64_t{1} << 63) worst = std::max(worst, std::abs(normal_below(z) / p - 1));
    BOOST_REQUIRE(standard_normal(~random) == -z);
  }
  BOOST_TEST(worst < 1e-12);
  BOOST_TEST(normal_below(standard_normal(0)) == 0x1p-65, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(std::abs(standard_normal(std::uint64_t{1} << 63)) < 1e-15);
}

BOOST_AUTO_TEST_CASE(the_normal_has_its_distribution) {
  const Sampler sampler = Sampler::normal(10 * millisecond, millisecond);
  const auto values = sample(sampler);
  BOOST_TEST(kolmogorov(values, [](double x) { return normal_below((x - 1e7) / 1e6); }) < kolmogorov_max);
  const auto found = moments(values);
  BOOST_TEST(std::abs(found.variance / 1e12 - 1) < sigmas_max * std::sqrt(2.0 / draws));
  check_mean(sampler, 1e7, 1e6);
}

BOOST_AUTO_TEST_CASE(a_normal_is_clamped_at_zero_and_its_mean_says_so) {
  const Sampler sampler = Sampler::normal(millisecond, 2 * millisecond);
  const double a = 0.5;
  const double density = std::exp(-a * a / 2) / std::sqrt(2 * std::acos(-1.0));
  check_mean(sampler, 1e6 * normal_below(a) + 2e6 * density, 2e6);
  double zeros = 0;
  for (const double x : sample(sampler)) {
    BOOST_REQUIRE(x >= 0);
    zeros += x == 0;
  }
  const double p = normal_below(-a);
  BOOST_TEST(std::abs(zeros - draws * p) < sigmas_max * std::sqrt(draws * p * (1 - p)));
  BOOST_TEST(Sampler::normal(second, {}).mean_ns() == 1e9);
  BOOST_TEST(Sampler::normal({}, second).mean_ns() == 1e9 / std::sqrt(2 * std::acos(-1.0)),
             boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(the_lognormal_has_its_distribution_and_mean) {
  for (const double sigma : {0.1, 0.5, 1.0}) {
    const Sampler sampler = Sampler::lognormal(5 * millisecond, sigma);
    const auto below_x = [&](double x) { return normal_below(std::log(x / 5e6) / sigma); };
    BOOST_TEST(kolmogorov(sample(sampler), below_x) < kolmogorov_max);
    const double mean = 5e6 * std::exp(sigma * sigma / 2);
    check_mean(sampler, mean, mean * std::sqrt(std::expm1(sigma * sigma)));
  }
  BOOST_TEST(Sampler::lognormal(second, 16)(~std::uint64_t{0}).ns == std::int64_t{1} << 62);
  BOOST_TEST(Sampler::lognormal(second, 0)(bits(s, 1)).ns == second.ns);
}

BOOST_AUTO_TEST_CASE(the_empirical_draws_each_value_by_its_weight) {
  const std::vector<std::pair<Duration, double>> weighted = {
      {{10}, 1}, {{20}, 0}, {{30}, 2.5}, {{40}, 0.001}, {{50}, 96.5}};
  const Sampler sampler = Sampler::empirical(weighted);
  std::vector<double> observed(5), expected;
  double sum = 0, mean = 0;
  for (const auto& [value, weight] : weighted) {
    sum += weight;
    mean += weight * static_cast<double>(value.ns);
  }
  for (const auto& [value, weight] : weighted) expected.push_back(draws * weight / sum);
  for (std::uint64_t i = 0; i < draws; ++i) ++observed.at(static_cast<std::size_t>(sampler(bits(s, i)).ns / 10 - 1));
  BOOST_TEST(observed[1] == 0);
  BOOST_TEST(std::abs(chi_squared_sigmas(observed, expected)) < sigmas_max);
  check_mean(sampler, mean / sum, 10);
  BOOST_TEST(Sampler::empirical({{{7}, 3}})(bits(s, 1)).ns == 7);
}

BOOST_AUTO_TEST_CASE(samplers_give_the_same_bits_on_every_machine) {
  Digest digest;
  const Geometric geometric = Geometric::with_mean(3);
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    digest.add(exponential_q40(bits(s, i)));
    digest.add(geometric(bits(s, i)));
  }
  BOOST_TEST(digest.value().hex() == "e560e429e3637699c676937858eb1582");
  BOOST_TEST(golden(Sampler::exponential(2 * millisecond)) == "ea3784b436663cd0b28fe6856f9206c5");
  BOOST_TEST(golden(Sampler::uniform(second, minute)) == "415b4e77a48209a2e8554895334a9b4f");
  BOOST_TEST(golden(Sampler::normal(second, second)) == "f97ca3b6f9fdb965d8b5529c0a289485");
  BOOST_TEST(golden(Sampler::lognormal(second, 1.5)) == "1da100ffa7a0aef5bbe27fbe1cfaba3e");
  BOOST_TEST(golden(Sampler::empirical({{second, 1}, {minute, 0.3}, {hour, 0.07}})) ==
             "869da411235c794c91a9854ba0612eb9");
}
