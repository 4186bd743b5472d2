// Random quantities made from 64 uniform bits, equal to the bit on every machine.
//
// Everything is integer arithmetic, or + − × ÷ √ on doubles without contraction; libm is never called. The callers
// bring the bits (draw.h), so a sampler has no state and a value is a pure function of what it was drawn for.
//
// Left out: correlated samples, truncated distributions other than the normal clamped at 0.
// Invariant: a sampled Duration is never negative and never above 2^62 ns (146 years).
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "sim/kernel/time.h"
#include "sim/kernel/wide.h"
#include "sim/kernel/zipf.h"

namespace rehearse {

// ln at the midpoint of each of 512 cells of [1, 2), and the midpoint's reciprocal; made by integer arithmetic.
struct ExponentialCell {
  std::int64_t ln_q40 = 0;
  std::int64_t reciprocal_q23 = 0;
};
extern const std::array<ExponentialCell, 512> exponential_cells;
inline constexpr std::int64_t ln2_q40 = 762'123'384'786;  // ln 2 · 2^40, rounded

// Exponential with mean 1 in Q40: −ln(U) for U = bits / 2^64. Absolute error about 3e-10; at most 64·ln 2 = 44.4.
inline std::uint64_t exponential_q40(std::uint64_t bits) {
  const std::uint64_t u = bits | 1;
  const int zeros = std::countl_zero(u);
  const std::uint64_t fraction = u << zeros << 1;  // what follows the leading one; two shifts, since zeros may be 63
  const ExponentialCell& cell = exponential_cells[fraction >> 55];
  const std::int64_t residual_q49 =
      static_cast<std::int64_t>(fraction >> 15 & ((std::uint64_t{1} << 40) - 1)) - (std::int64_t{1} << 39);
  const std::int64_t r = residual_q49 * cell.reciprocal_q23 >> 32;
  const std::int64_t e = (zeros + 1) * ln2_q40 - cell.ln_q40 - r + (r * r >> 41);
  return static_cast<std::uint64_t>(e & ~(e >> 63));  // rounding may not take it below 0 at the largest u
}

// unit · value, to the nearest nanosecond. Needs 0 <= unit < 2^57 ns (4.5 years) and value < 2^46 (64 in Q40).
constexpr Duration scaled_q40(Duration unit, std::uint64_t value_q40) {
  const Unsigned128 product = static_cast<Unsigned128>(value_q40) * static_cast<std::uint64_t>(unit.ns);
  return {static_cast<std::int64_t>((product + (Unsigned128{1} << 39)) >> 40)};
}

// Number of trials up to and with the first success: 1, 2, 3 … with the given mean.
struct Geometric {
  std::uint64_t per_unit_q32 = 0;  // 1 / −ln(1 − 1/mean); 0 = always 1

  // 1 <= mean <= 2^30. Above a mean of 1e6 the smallest values feel the exponential's absolute error of 3e-10.
  static Geometric with_mean(double mean);
  std::uint64_t operator()(std::uint64_t bits) const {
    return 1 + static_cast<std::uint64_t>(static_cast<Unsigned128>(exponential_q40(bits)) * per_unit_q32 >> 72);
  }
};

// The standard normal variate whose lower tail is bits / 2^64 (AS241, PPND16: M. J. Wichura, Applied Statistics 37,
// 1988). Relative error about 1e-15.
double standard_normal(std::uint64_t bits);

// A distribution over durations. Copies are cheap: an empirical one shares its immutable table.
class Sampler {
 public:
  Sampler() = default;  // constant 0

  // Bounds are the loader's to check; they are asserted here. Durations are 0 … 2^57 ns.
  static Sampler constant(Duration value);
  static Sampler uniform(Duration lo, Duration hi);  // both ends included; lo <= hi
  static Sampler exponential(Duration mean);
  static Sampler normal(Duration mean, Duration sd);        // values below 0 become 0
  static Sampler lognormal(Duration median, double sigma);  // sigma: of the natural logarithm, 0 … 16
  static Sampler empirical(
      const std::vector<std::pair<Duration, double>>& weighted);  // 1 … 65,536 values, weights >= 0

  Duration operator()(std::uint64_t bits) const {
    if (kind_ == Kind::constant) return a_;
    if (kind_ == Kind::exponential) return scaled_q40(a_, exponential_q40(bits));
    return other(bits);
  }
  // Of the distribution as sampled: the clamp of the normal counts, the rounding to nanoseconds does not.
  double mean_ns() const;
  bool is_constant() const { return kind_ == Kind::constant; }

 private:
  enum class Kind : std::uint8_t { constant, uniform, exponential, normal, lognormal, empirical };
  struct Empirical {
    AliasTable pick;
    std::vector<Duration> values;
    double mean_ns = 0;
  };

  Duration other(std::uint64_t bits) const;

  Kind kind_ = Kind::constant;
  Duration a_;         // constant, uniform lo, exponential mean, normal mean, lognormal median
  Duration b_;         // uniform hi, normal sd
  double spread_ = 0;  // lognormal: sigma · log2(e)
  std::shared_ptr<const Empirical> empirical_;
};

}  // namespace rehearse
