// Own logarithm, exponential and power against libm in long double, and their golden bits.
#include <bit>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "sim/kernel/digest.h"
#include "sim/kernel/draw.h"
#include "sim/kernel/exact_math.h"

using namespace rehearse;

namespace {

// Spread evenly over exponents lo … hi.
double anywhere(std::uint64_t random, int lo, int hi) {
  const double mantissa = 1 + static_cast<double>(random >> 12) * 0x1p-52;
  return std::ldexp(mantissa, lo + static_cast<int>((random & 0xfff) % static_cast<unsigned>(hi - lo)));
}

const Stream s = stream(1, "math");

}  // namespace

BOOST_AUTO_TEST_CASE(the_logarithm_is_right_to_the_last_bits) {
  double worst = 0;
  for (std::uint64_t i = 0; i < 1'000'000; ++i) {
    const double x = anywhere(bits(s, i), -70, 70);
    const long double right = std::log(static_cast<long double>(x));
    const auto error = static_cast<double>(std::abs(exact_ln(x) - right) / std::max(1.0L, std::abs(right)));
    worst = std::max(worst, error);
  }
  BOOST_TEST(worst < 3e-16);
  BOOST_TEST(std::abs(exact_ln(1.0)) < 1e-17);
}

BOOST_AUTO_TEST_CASE(the_exponential_is_right_to_the_last_bits) {
  double worst = 0;
  for (std::uint64_t i = 0; i < 1'000'000; ++i) {
    const double x = (static_cast<double>(bits(s, i) >> 11) * 0x1p-53 - 0.5) * 2000;
    const long double right = std::exp2(static_cast<long double>(x));
    worst = std::max(worst, static_cast<double>(std::abs(exact_exp2(x) - right) / right));
  }
  BOOST_TEST(worst < 5e-16);
  BOOST_TEST(exact_exp2(0) == 1.0);
  BOOST_TEST(exact_exp2(10) == 1024.0);
  BOOST_TEST(exact_exp2(-3) == 0.125);
  BOOST_TEST(exact_exp2(-1e30) == 0.0);
  BOOST_TEST(std::isinf(exact_exp2(1e30)));
}

BOOST_AUTO_TEST_CASE(powers_of_ranks_are_right_to_fourteen_digits) {
  double worst = 0;
  for (std::uint64_t i = 0; i < 1'000'000; ++i) {
    const double base = anywhere(bits(s, i), 0, 40);
    const double exponent = -4 * static_cast<double>(bits(s, i, 1) >> 11) * 0x1p-53;
    const long double right = std::pow(static_cast<long double>(base), static_cast<long double>(exponent));
    worst = std::max(worst, static_cast<double>(std::abs(exact_power(base, exponent) - right) / right));
  }
  BOOST_TEST(worst < 3e-14);
}

BOOST_AUTO_TEST_CASE(own_functions_give_the_same_bits_on_every_machine) {
  Digest digest;
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    const double x = anywhere(bits(s, i), -60, 60);
    digest.add(std::bit_cast<std::uint64_t>(exact_ln(x)));
    digest.add(std::bit_cast<std::uint64_t>(exact_exp2(exact_ln(x))));
    digest.add(std::bit_cast<std::uint64_t>(exact_power(x, -0.9)));
  }
  BOOST_TEST(digest.value().hex() == "63de1fedfe0edfa269a3d80f18e75095");
}
