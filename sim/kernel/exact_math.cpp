// Tables by integer arithmetic at compile time, polynomials in a fixed order of operations.
#include "sim/kernel/exact_math.h"

#include <array>
#include <bit>
#include <limits>

#include "sim/kernel/wide.h"

namespace rehearse {
namespace {

constexpr double ln2 = 0x1.62e42fefa39efp-1;
constexpr double log2_e = 0x1.71547652b82fep+0;

constexpr double from_q62(std::int64_t value) { return static_cast<double>(value) * 0x1p-62; }

// The largest r with r² <= square.
constexpr std::uint64_t integer_root(Unsigned128 square) {
  std::uint64_t root = 0;
  for (int bit = 63; bit >= 0; --bit) {
    const std::uint64_t candidate = root | std::uint64_t{1} << bit;
    if (static_cast<Unsigned128>(candidate) * candidate <= square) root = candidate;
  }
  return root;
}

// ln((2i + 257) / 256), the midpoints of 128 cells of [1, 2).
constexpr std::array<double, 128> ln_table = [] {
  std::array<double, 128> table{};
  for (std::uint64_t i = 0; i < table.size(); ++i) table[i] = from_q62(ln_ratio_q62(257 + 2 * i, 256));
  return table;
}();

// 2^(i / 128): products of the repeated square roots of 2.
constexpr std::array<double, 128> exp2_table = [] {
  constexpr std::uint64_t one = std::uint64_t{1} << 62;
  std::array<std::uint64_t, 7> roots{};  // 2^(1/2), 2^(1/4) … in Q62
  std::uint64_t root = 2 * one;
  for (std::uint64_t& each : roots) each = root = integer_root(static_cast<Unsigned128>(root) << 62);
  std::array<double, 128> table{};
  for (std::uint64_t i = 0; i < table.size(); ++i) {
    std::uint64_t product = one;
    for (std::uint64_t k = 0; k < roots.size(); ++k) {
      if (i >> (6 - k) & 1) product = static_cast<std::uint64_t>(static_cast<Unsigned128>(product) * roots[k] >> 62);
    }
    table[i] = from_q62(static_cast<std::int64_t>(product));
  }
  return table;
}();

struct Parts {
  int exponent;
  double ln_mantissa;  // of a mantissa in [1, 2)
};

Parts split(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  const double mantissa = std::bit_cast<double>((bits & 0xf'ffff'ffff'ffffULL) | 0x3ff0'0000'0000'0000ULL);
  const std::uint64_t cell = bits >> 45 & 127;
  const double middle = 1.0 + (static_cast<double>(cell) + 0.5) / 128.0;
  const double y = (mantissa - middle) / (mantissa + middle);  // at most 1/514
  const double square = y * y;
  const double series = 2.0 * y * (1.0 + square * (1.0 / 3 + square * (1.0 / 5 + square * (1.0 / 7))));
  return {static_cast<int>(bits >> 52) - 1023, ln_table[cell] + series};
}

// 2^exponent for −1022 … 1023.
double power_of_two(std::int64_t exponent) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(exponent + 1023) << 52);
}

}  // namespace

double exact_ln(double x) {
  const Parts parts = split(x);
  return parts.exponent * ln2 + parts.ln_mantissa;
}

double exact_exp2(double x) {
  if (x < -1022.0) return 0.0;
  if (x >= 1023.0) return std::numeric_limits<double>::infinity();
  const double scaled = x * 128.0 + 0.5;
  auto cell = static_cast<std::int64_t>(scaled);
  if (static_cast<double>(cell) > scaled) --cell;                  // towards −infinity
  const double z = (x - static_cast<double>(cell) / 128.0) * ln2;  // at most ln 2 / 256
  const double series = 1.0 + z * (1.0 + z * (1.0 / 2 + z * (1.0 / 6 + z * (1.0 / 24 + z * (1.0 / 120)))));
  return exp2_table[static_cast<std::uint64_t>(cell) & 127] * series * power_of_two(cell >> 7);
}

double exact_exp(double x) { return exact_exp2(x * log2_e); }

double exact_power(double base, double exponent) {
  const Parts parts = split(base);
  return exact_exp2(exponent * (parts.exponent + parts.ln_mantissa * log2_e));
}

}  // namespace rehearse
