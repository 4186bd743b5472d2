// Zipf against its exact probabilities, head, tail and inside cells; the key permutation; the alias table.
#include <bit>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <set>
#include <vector>

#include "sim/kernel/digest.h"
#include "sim/kernel/zipf.h"
#include "tests/kernel/statistics.h"

using namespace rehearse;
using statistics::chi_squared_sigmas;
using statistics::sigmas_max;

namespace {

constexpr std::uint64_t draws = 1'000'000;

// Σ k^−s for k in [a, b): term by term below 1,000, by Euler and Maclaurin beyond.
double power_sum(std::uint64_t a, std::uint64_t b, double s) {
  double sum = 0;
  for (; a < b && a < 1000; ++a) sum += std::pow(static_cast<double>(a), -s);
  if (a >= b) return sum;
  const auto x = static_cast<double>(a);
  const auto y = static_cast<double>(b);
  const double integral = s == 1 ? std::log(y / x) : (std::pow(y, 1 - s) - std::pow(x, 1 - s)) / (1 - s);
  return sum + integral + (std::pow(x, -s) - std::pow(y, -s)) / 2 +
         s * (std::pow(x, -s - 1) - std::pow(y, -s - 1)) / 12;
}

struct Bins {
  std::vector<std::uint64_t> first;  // ranks counted from 1; the last entry closes the last bin
  std::size_t of(std::uint64_t k) const {
    return static_cast<std::size_t>(std::upper_bound(first.begin(), first.end(), k) - first.begin()) - 1;
  }
};

// Each of the first ranks alone, then half-octaves.
Bins octaves(std::uint64_t n) {
  Bins bins;
  for (std::uint64_t k = 1; k <= n && k < 64; ++k) bins.first.push_back(k);
  for (std::uint64_t k = 64; k <= n; k *= 2) {
    bins.first.push_back(k);
    if (k + k / 2 <= n) bins.first.push_back(k + k / 2);
  }
  bins.first.push_back(n + 1);
  return bins;
}

double sigmas(const Zipf& zipf, double s, const Bins& bins) {
  const std::uint64_t n = zipf.ranks();
  const double all = power_sum(1, n + 1, s);
  std::vector<double> observed(bins.first.size() - 1), expected(observed.size());
  const Stream keyed = stream(static_cast<std::uint64_t>(s * 10), "zipf");
  for (std::uint64_t i = 0; i < draws; ++i) {
    const std::uint64_t rank = zipf(keyed, i, 0);
    BOOST_REQUIRE(rank < n);
    ++observed[bins.of(rank + 1)];
  }
  for (std::size_t i = 0; i < expected.size(); ++i) {
    expected[i] = draws * power_sum(bins.first[i], bins.first[i + 1], s) / all;
  }
  return chi_squared_sigmas(observed, expected);
}

}  // namespace

BOOST_AUTO_TEST_CASE(zipf_has_its_frequencies_in_the_head_and_in_every_octave) {
  for (const std::uint64_t n : {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{10}, std::uint64_t{4095},
                                std::uint64_t{4096}, std::uint64_t{10'000}, std::uint64_t{1'000'000'000}}) {
    for (const double s : {0.0, 0.5, 0.9, 1.0, 1.2, 4.0}) {
      const double found = sigmas(Zipf(n, s), s, octaves(n));
      BOOST_TEST((n == 1 || n == 2 ? found : std::abs(found)) < sigmas_max, "n " << n << " s " << s << ": " << found);
    }
  }
}

// Without the rejection the lower half of a cell would come too rarely, by a seventh of a percent of the draws.
BOOST_AUTO_TEST_CASE(zipf_is_exact_inside_its_cells) {
  const std::uint64_t n = 1'000'000'000;
  for (const double s : {0.5, 1.0}) {
    const Zipf zipf(n, s);
    const Stream keyed = stream(1, "inside");
    double tail = 0, lower = 0, tail_due = 0, lower_due = 0;
    for (std::uint64_t octave = 12; octave < 29; ++octave) {  // whole cells only: below 2^29
      for (std::uint64_t cell = 0; cell < 64; ++cell) {
        const std::uint64_t length = std::uint64_t{1} << (octave - 6);
        const std::uint64_t first = (64 + cell) * length;
        lower_due += power_sum(first, first + length / 2, s);
        tail_due += power_sum(first, first + length, s);
      }
    }
    for (std::uint64_t i = 0; i < 12 * draws; ++i) {
      const std::uint64_t k = zipf(keyed, i, 0) + 1;
      if (k < 4096 || k >= std::uint64_t{1} << 29) continue;
      ++tail;
      lower += (k >> (std::bit_width(k) - 8) & 1) == 0;
    }
    const double p = lower_due / tail_due;
    BOOST_TEST(std::abs(lower - tail * p) < sigmas_max * std::sqrt(tail * p * (1 - p)), "s " << s);
    if (s == 1) BOOST_TEST(tail * (p - 0.5) > 1.5 * sigmas_max * std::sqrt(tail) / 2, "the test can see the slope");
  }
}

BOOST_AUTO_TEST_CASE(a_retry_of_the_same_record_picks_a_rank_of_its_own) {
  const Zipf zipf(1'000'000, 0.5);
  const Stream keyed = stream(1, "attempts");
  int equal = 0;
  for (std::uint64_t i = 0; i < 10'000; ++i) equal += zipf(keyed, i, 0) == zipf(keyed, i, 1);
  BOOST_TEST(equal < 20);
}

BOOST_AUTO_TEST_CASE(zipf_gives_the_same_ranks_on_every_machine) {
  Digest digest;
  for (const double s : {0.0, 0.5, 0.9, 1.0, 1.2, 4.0}) {
    const Zipf zipf(1'000'000'000, s);
    for (std::uint64_t i = 0; i < 50'000; ++i) digest.add(zipf(stream(1, "golden"), i, 0));
  }
  BOOST_TEST(digest.value().hex() == "74baf957bc0edb3fb85fb20ffc6de61d");
}

BOOST_AUTO_TEST_CASE(the_key_permutation_is_a_bijection_for_every_size) {
  for (int bits = 0; bits <= 12; ++bits) {
    const KeyPermutation permutation(static_cast<std::uint64_t>(bits) * 77, bits);
    const std::uint64_t span = std::uint64_t{1} << bits;
    for (const std::uint64_t n : {std::uint64_t{1}, span / 4 + 1, span / 2 + 1, span - span / 8, span}) {
      if (n > span) continue;
      std::vector<bool> taken(n);
      for (std::uint64_t rank = 0; rank < n; ++rank) {
        const std::uint64_t key = permutation.key(rank, n);
        BOOST_REQUIRE(key < n);
        BOOST_REQUIRE(!taken[key]);
        taken[key] = true;
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_million_keys_are_permuted_without_collision) {
  const std::uint64_t n = 1'000'000;
  const KeyPermutation permutation(finalise(5), 20);
  std::vector<bool> taken(n);
  for (std::uint64_t rank = 0; rank < n; ++rank) {
    const std::uint64_t key = permutation.key(rank, n);
    BOOST_REQUIRE(!taken.at(key));
    taken[key] = true;
  }
}

BOOST_AUTO_TEST_CASE(hot_ranks_are_not_neighbouring_keys) {
  const std::uint64_t n = 1'000'000;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const KeyPermutation permutation(finalise(seed), 20);
    std::vector<double> observed(16), expected(16, 64);
    for (std::uint64_t rank = 0; rank < 1024; ++rank) ++observed[permutation.key(rank, n) * 16 / n];
    // The hottest thousand spread over all sixteenths of the keys, if not as randomly as a draw would.
    BOOST_TEST(*std::min_element(observed.begin(), observed.end()) > 16);
    std::set<std::int64_t> gaps;
    for (std::uint64_t rank = 0; rank < 64; ++rank) {
      gaps.insert(static_cast<std::int64_t>(permutation.key(rank + 1, n)) -
                  static_cast<std::int64_t>(permutation.key(rank, n)));
    }
    BOOST_TEST(gaps.size() > 32u);
    BOOST_TEST(gaps.count(1) == 0u);
  }
}

BOOST_AUTO_TEST_CASE(the_alias_table_draws_by_weight_up_to_its_largest_size) {
  const Stream keyed = stream(1, "alias");
  for (const std::size_t n : {1u, 2u, 1000u, 65'536u}) {
    std::vector<double> weights(n), observed(n), expected;
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += weights[i] = static_cast<double>(i % 7) + (n == 1 ? 1 : 0);
    for (const double weight : weights) expected.push_back(weight / sum * draws);
    const AliasTable table(weights);
    for (std::uint64_t i = 0; i < draws; ++i) ++observed.at(table(bits(keyed, i)));
    BOOST_TEST(chi_squared_sigmas(observed, expected) < sigmas_max);
    for (std::size_t i = 0; i < n; ++i) BOOST_REQUIRE((weights[i] > 0 || observed[i] == 0));
  }
}

BOOST_AUTO_TEST_CASE(many_popular_keys_are_those_that_come_one_by_one) {
  for (const std::uint64_t n : {1u, 2u, 3u, 4'095u, 4'096u, 5'000u, 1'000'000u}) {
    const int bits_needed = static_cast<int>(std::bit_width(n - 1));
    for (const int extra : {0, 1}) {
      const PopularKeys keys(n, 0.9, KeyPermutation(n * 31, bits_needed + extra));
      const Stream keyed = stream(n, "popular");
      std::uint64_t id = 0;
      for (std::size_t count = 0; count <= many_draws; count += 1 + count / 3) {
        std::vector<std::uint64_t> drawn, expected;
        for (std::size_t i = 0; i < count; ++i, ++id) {
          drawn.push_back(bits(keyed, id, 2));
          expected.push_back(keys(keyed, id, 2));
        }
        keys(drawn);
        BOOST_REQUIRE(drawn == expected);
      }
    }
  }
}
