// Set-up of the samplers, and the distributions that are not inline.
#include "sim/kernel/samplers.h"

#include <cmath>  // std::sqrt and std::isfinite, which are exact

#include "sim/kernel/assert.h"
#include "sim/kernel/exact_math.h"

namespace rehearse {
namespace {

constexpr std::int64_t longest_ns = std::int64_t{1} << 62;
constexpr std::int64_t longest_parameter_ns = std::int64_t{1} << 57;

void check_parameter(Duration value) {
  REHEARSE_ASSERT(value.ns >= 0 && value.ns <= longest_parameter_ns, "a sampler's durations are 0 to 2^57 ns");
}

constexpr std::array<ExponentialCell, 512> make_exponential_cells() {
  std::array<ExponentialCell, 512> cells{};
  for (std::uint64_t i = 0; i < cells.size(); ++i) {
    const std::uint64_t midpoint = 1024 + 2 * i + 1;  // in 1/1024
    cells[i].ln_q40 = (ln_ratio_q62(midpoint, 1024) + (std::int64_t{1} << 21)) >> 22;
    cells[i].reciprocal_q23 = static_cast<std::int64_t>(((std::uint64_t{1} << 34) / midpoint + 1) / 2);
  }
  return cells;
}

// To the nearest nanosecond, within what a sampled Duration may be.
Duration rounded(double ns) {
  if (!(ns > 0)) return {};
  if (ns >= static_cast<double>(longest_ns)) return {longest_ns};
  return {static_cast<std::int64_t>(ns + 0.5)};
}

double horner(const double (&coefficients)[8], double x) {
  double sum = coefficients[7];
  for (int i = 6; i >= 0; --i) sum = sum * x + coefficients[i];
  return sum;
}

// AS241's three rational approximations: centre, tail, far tail.
constexpr double centre_over[8] = {3.3871328727963666080e0,  1.3314166789178437745e+2, 1.9715909503065514427e+3,
                                   1.3731693765509461125e+4, 4.5921953931549871457e+4, 6.7265770927008700853e+4,
                                   3.3430575583588128105e+4, 2.5090809287301226727e+3};
constexpr double centre_under[8] = {1.0,
                                    4.2313330701600911252e+1,
                                    6.8718700749205790830e+2,
                                    5.3941960214247511077e+3,
                                    2.1213794301586595867e+4,
                                    3.9307895800092710610e+4,
                                    2.8729085735721942674e+4,
                                    5.2264952788528545610e+3};
constexpr double tail_over[8] = {1.42343711074968357734e0,  4.63033784615654529590e0, 5.76949722146069140550e0,
                                 3.64784832476320460504e0,  1.27045825245236838258e0, 2.41780725177450611770e-1,
                                 2.27238449892691845833e-2, 7.74545014278341407640e-4};
constexpr double tail_under[8] = {1.0,
                                  2.05319162663775882187e0,
                                  1.67638483018380384940e0,
                                  6.89767334985100004550e-1,
                                  1.48103976427480074590e-1,
                                  1.51986665636164571966e-2,
                                  5.47593808499534494600e-4,
                                  1.05075007164441684324e-9};
constexpr double far_over[8] = {6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,
                                2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                2.71155556874348757815e-5, 2.01033439929228813265e-7};
constexpr double far_under[8] = {1.0,
                                 5.99832206555887937690e-1,
                                 1.36929880922735805310e-1,
                                 1.48753612908506148525e-2,
                                 7.86869131145613259100e-4,
                                 1.84631831751005468180e-5,
                                 1.42151175831644588870e-7,
                                 2.04426310338993978564e-15};

// The standard normal's density and distribution function for x >= 0; the latter by φ(x)·Σ x^(2k+1) / (1·3·5 …
// (2k+1)).
double normal_density(double x) { return 0.39894228040143267794 * exact_exp(-0.5 * x * x); }

double normal_distribution(double x) {
  if (x > 9) return 1;
  double term = x;
  double sum = x;
  for (int k = 1; k <= 200; ++k) {
    term = term * x * x / (2 * k + 1);
    sum += term;
  }
  return 0.5 + normal_density(x) * sum;
}

static_assert(ln2_q40 == (ln_ratio_q62(2, 1) + (std::int64_t{1} << 21)) >> 22);

}  // namespace

constinit const std::array<ExponentialCell, 512> exponential_cells = make_exponential_cells();

Geometric Geometric::with_mean(double mean) {
  REHEARSE_ASSERT(mean >= 1 && mean <= 0x1p30, "a geometric mean is 1 to 2^30");
  const double x = 1 / (2 * mean - 1);  // −ln(1 − 1/mean) = ln(mean / (mean − 1)) = 2·artanh(x)
  if (x >= 1) return {0};
  double c = 0;
  if (x < 0.25) {
    const double square = x * x;
    double power = 2 * x;
    for (int k = 1; k < 40; k += 2, power *= square) c += power / k;
  } else {
    c = exact_ln(mean / (mean - 1));
  }
  return {static_cast<std::uint64_t>(0x1p32 / c + 0.5)};
}

double standard_normal(std::uint64_t bits) {
  const bool upper = bits >> 63;
  const auto half = static_cast<std::int64_t>((upper ? ~bits : bits) & ~(std::uint64_t{1} << 63));
  const double tail = (static_cast<double>(half) + 0.5) * 0x1p-64;  // in (0, 1/2]
  const double q = 0.5 - tail;
  double z = 0;
  if (q <= 0.425) {
    const double r = 0.180625 - q * q;
    z = q * horner(centre_over, r) / horner(centre_under, r);
  } else {
    const double r = std::sqrt(-exact_ln(tail));
    z = r <= 5 ? horner(tail_over, r - 1.6) / horner(tail_under, r - 1.6)
               : horner(far_over, r - 5) / horner(far_under, r - 5);
  }
  return upper ? z : -z;
}

Sampler Sampler::constant(Duration value) {
  check_parameter(value);
  Sampler sampler;
  sampler.a_ = value;
  return sampler;
}

Sampler Sampler::uniform(Duration lo, Duration hi) {
  check_parameter(lo);
  check_parameter(hi);
  REHEARSE_ASSERT(lo <= hi, "a uniform sampler's ends are in order");
  Sampler sampler;
  sampler.kind_ = Kind::uniform;
  sampler.a_ = lo;
  sampler.b_ = hi;
  return sampler;
}

Sampler Sampler::exponential(Duration mean) {
  check_parameter(mean);
  Sampler sampler;
  sampler.kind_ = Kind::exponential;
  sampler.a_ = mean;
  return sampler;
}

Sampler Sampler::normal(Duration mean, Duration sd) {
  check_parameter(mean);
  check_parameter(sd);
  Sampler sampler;
  sampler.kind_ = Kind::normal;
  sampler.a_ = mean;
  sampler.b_ = sd;
  return sampler;
}

Sampler Sampler::lognormal(Duration median, double sigma) {
  check_parameter(median);
  REHEARSE_ASSERT(sigma >= 0 && sigma <= 16, "a lognormal's sigma is 0 to 16");
  Sampler sampler;
  sampler.kind_ = Kind::lognormal;
  sampler.a_ = median;
  sampler.spread_ = sigma * 0x1.71547652b82fep+0;
  return sampler;
}

Sampler Sampler::empirical(const std::vector<std::pair<Duration, double>>& weighted) {
  auto table = std::make_shared<Empirical>();
  std::vector<double> weights;
  double sum = 0;
  for (const auto& [value, weight] : weighted) {
    check_parameter(value);
    table->values.push_back(value);
    weights.push_back(weight);
    sum += weight;
  }
  table->pick = AliasTable(weights);
  for (const auto& [value, weight] : weighted) table->mean_ns += static_cast<double>(value.ns) * (weight / sum);
  Sampler sampler;
  sampler.kind_ = Kind::empirical;
  sampler.empirical_ = std::move(table);
  return sampler;
}

Duration Sampler::other(std::uint64_t bits) const {
  switch (kind_) {
    case Kind::constant:
      return a_;
    case Kind::exponential:
      return scaled_q40(a_, exponential_q40(bits));
    case Kind::uniform:
      return {a_.ns + static_cast<std::int64_t>(below(bits, static_cast<std::uint64_t>(b_.ns - a_.ns) + 1))};
    case Kind::normal:
      return rounded(static_cast<double>(a_.ns) + static_cast<double>(b_.ns) * standard_normal(bits));
    case Kind::lognormal:
      return rounded(static_cast<double>(a_.ns) * exact_exp2(spread_ * standard_normal(bits)));
    case Kind::empirical:
      return empirical_->values[empirical_->pick(bits)];
  }
  return {};
}

double Sampler::mean_ns() const {
  const auto a = static_cast<double>(a_.ns);
  const auto b = static_cast<double>(b_.ns);
  switch (kind_) {
    case Kind::constant:
    case Kind::exponential:
      return a;
    case Kind::uniform:
      return (a + b) / 2;
    case Kind::normal:
      return b_.ns == 0 ? a : a * normal_distribution(a / b) + b * normal_density(a / b);
    case Kind::lognormal:
      return a * exact_exp2(spread_ * spread_ * 0x1.62e42fefa39efp-1 / 2);
    case Kind::empirical:
      return empirical_->mean_ns;
  }
  return 0;
}

}  // namespace rehearse
