// Logarithm, exponential and power that give the same bits on every machine: tables made from integers, short
// polynomials, + − × ÷ only, no contraction. Finite arguments in the stated domains; no errno, no NaN handling.
#pragma once

#include <cstdint>

#include "sim/kernel/wide.h"

namespace rehearse {

// ln(numerator / denominator) · 2^62, truncated, for denominator <= numerator <= 2·denominator < 2^32. Integers only:
// ln(n/d) = 2·artanh((n − d)/(n + d)) by its power series; the argument is at most 1/3.
constexpr std::int64_t ln_ratio_q62(std::uint64_t numerator, std::uint64_t denominator) {
  const Unsigned128 x = (static_cast<Unsigned128>(numerator - denominator) << 62) / (numerator + denominator);
  const Unsigned128 square = x * x >> 62;
  Unsigned128 power = x;
  Unsigned128 sum = 0;
  for (std::uint64_t k = 1; power != 0; k += 2) {
    sum += power / k;
    power = power * square >> 62;
  }
  return static_cast<std::int64_t>(2 * sum);
}

double exact_ln(double x);    // x > 0 and normal; absolute error below 1e-16 · max(1, |ln x|) or so
double exact_exp2(double x);  // relative error below 1e-15; 0 below 2^-1022, infinity above 2^1023
double exact_exp(double x);   // exact_exp2(x · log2 e)
double exact_power(double base, double exponent);  // base > 0; relative error about 1e-16 · |exponent · log2(base)|

}  // namespace rehearse
