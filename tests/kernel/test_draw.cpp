// Keyed draws: uniform, avalanching, independent between streams, ids, attempts and seeds, and the same everywhere.
#include <array>
#include <bit>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <functional>
#include <vector>

#include "sim/kernel/digest.h"
#include "sim/kernel/draw.h"
#include "tests/kernel/statistics.h"

using namespace rehearse;
using statistics::chi_squared_sigmas;
using statistics::sigmas_max;

namespace {

double sigmas_of_uniformity(int shift, const std::function<std::uint64_t(std::uint64_t)>& draw) {
  constexpr int draws = 1 << 20;
  std::vector<double> observed(4096), expected(4096, draws / 4096.0);
  for (std::uint64_t i = 0; i < draws; ++i) ++observed[draw(i) >> shift & 4095];
  return chi_squared_sigmas(observed, expected);
}

// The pair (a, b), six bits each, over a 64 × 64 table.
double sigmas_of_independence(int shift, const std::function<std::uint64_t(std::uint64_t)>& a,
                              const std::function<std::uint64_t(std::uint64_t)>& b) {
  return sigmas_of_uniformity(0, [&](std::uint64_t i) { return (a(i) >> shift & 63) << 6 | (b(i) >> shift & 63); });
}

}  // namespace

BOOST_AUTO_TEST_CASE(bits_are_uniform_at_every_position_over_sequential_ids) {
  const Stream s = stream(1, "source.arrivals");
  for (int shift = 0; shift <= 52; shift += 4) {
    const double sigmas = sigmas_of_uniformity(shift, [&](std::uint64_t i) { return bits(s, i); });
    BOOST_TEST(std::abs(sigmas) < sigmas_max, "shift " << shift << ": " << sigmas);
  }
}

BOOST_AUTO_TEST_CASE(bits_are_uniform_over_attempts_and_over_strided_ids) {
  const Stream s = stream(7, "cdc.sink.service_time");
  for (int shift : {0, 20, 52}) {
    const auto attempts = [&](std::uint64_t i) { return bits(s, 42, static_cast<std::uint32_t>(i)); };
    const auto strided = [&](std::uint64_t i) { return bits(s, i << 40); };
    BOOST_TEST(std::abs(sigmas_of_uniformity(shift, attempts)) < sigmas_max);
    BOOST_TEST(std::abs(sigmas_of_uniformity(shift, strided)) < sigmas_max);
  }
}

BOOST_AUTO_TEST_CASE(one_changed_input_bit_changes_half_of_the_output_bits) {
  const Stream s = stream(3, "avalanche");
  constexpr int samples = 1 << 15;
  double worst = 0;
  for (int in = 0; in < 64; ++in) {
    std::array<int, 64> flips{};
    for (std::uint64_t i = 0; i < samples; ++i) {
      const std::uint64_t changed = bits(s, i) ^ bits(s, i ^ std::uint64_t{1} << in);
      for (int out = 0; out < 64; ++out) flips[static_cast<std::size_t>(out)] += static_cast<int>(changed >> out & 1);
    }
    for (const int count : flips) worst = std::max(worst, std::abs(count / double{samples} - 0.5));
  }
  BOOST_TEST(worst < 0.0145);  // 5.2 standard deviations, over 4,096 of them
}

BOOST_AUTO_TEST_CASE(one_changed_attempt_bit_changes_half_of_the_output_bits) {
  const Stream s = stream(3, "avalanche");
  constexpr std::uint32_t samples = 1 << 15;
  double worst = 0;
  for (int in = 0; in < 32; ++in) {
    double flips = 0;
    for (std::uint32_t i = 0; i < samples; ++i) flips += std::popcount(bits(s, 9, i) ^ bits(s, 9, i ^ 1u << in));
    worst = std::max(worst, std::abs(flips / samples - 32));
  }
  BOOST_TEST(worst < 5 * 4 / std::sqrt(samples));
}

BOOST_AUTO_TEST_CASE(streams_seeds_attempts_and_neighbouring_ids_are_independent) {
  const Stream s = stream(1, "a");
  const auto plain = [&](std::uint64_t i) { return bits(s, i); };
  const auto other_name = [t = stream(1, "b")](std::uint64_t i) { return bits(t, i); };
  const auto other_seed = [t = stream(2, "a")](std::uint64_t i) { return bits(t, i); };
  const auto other_attempt = [&](std::uint64_t i) { return bits(s, i, 1); };
  const auto neighbour = [&](std::uint64_t i) { return bits(s, i + 1); };
  for (const int shift : {0, 29, 58}) {
    BOOST_TEST(std::abs(sigmas_of_independence(shift, plain, other_name)) < sigmas_max);
    BOOST_TEST(std::abs(sigmas_of_independence(shift, plain, other_seed)) < sigmas_max);
    BOOST_TEST(std::abs(sigmas_of_independence(shift, plain, other_attempt)) < sigmas_max);
    BOOST_TEST(std::abs(sigmas_of_independence(shift, plain, neighbour)) < sigmas_max);
  }
}

BOOST_AUTO_TEST_CASE(a_chance_hits_as_often_as_it_says_and_never_or_always_at_the_ends) {
  const Stream s = stream(5, "chance");
  constexpr int draws = 1 << 20;
  for (const std::uint64_t ppm : {1000u, 250'000u, 999'000u}) {
    const Chance c = chance(ppm, 1'000'000);
    double hits = 0;
    for (std::uint64_t i = 0; i < draws; ++i) hits += c.hit(bits(s, i));
    const double p = static_cast<double>(ppm) * 1e-6;
    BOOST_TEST(std::abs(hits - draws * p) < sigmas_max * std::sqrt(draws * p * (1 - p)));
  }
  BOOST_TEST(chance(1, 1).hit(~std::uint64_t{0}));
  BOOST_TEST(!chance(0, 1).hit(0));
}

BOOST_AUTO_TEST_CASE(below_covers_its_range_evenly) {
  const Stream s = stream(5, "below");
  std::vector<double> observed(1000), expected(1000, 1000.0);
  for (std::uint64_t i = 0; i < 1'000'000; ++i) ++observed.at(below(bits(s, i), 1000));
  BOOST_TEST(std::abs(chi_squared_sigmas(observed, expected)) < sigmas_max);
}

BOOST_AUTO_TEST_CASE(draws_are_the_same_bits_on_every_machine) {
  BOOST_TEST(stream(1, "source.arrivals").key == 10343261246372151890u);
  Digest digest;
  for (std::uint64_t i = 0; i < 10'000; ++i)
    digest.add(bits(stream(i % 7, "golden"), i, static_cast<std::uint32_t>(i % 5)));
  BOOST_TEST(digest.value().hex() == "2ab05f2b31034ee52d1a20bed7c3e77c");
}
