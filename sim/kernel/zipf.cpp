// Set-up of the alias table and of Zipf's cells, and the draws that are not inline.
#include "sim/kernel/zipf.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "sim/kernel/assert.h"
#include "sim/kernel/exact_math.h"

namespace rehearse {
namespace {

constexpr std::uint64_t head = 4096;  // k = rank + 1 below this is a cell of its own
constexpr int rounds_max = 256;       // a draw is rejected with probability below 0.03, so this is never reached

struct Cell {
  std::uint64_t first = 0;
  std::uint64_t length = 0;
};

// The cells behind the head: 64 to an octave.
Cell cell_behind_head(std::uint64_t index) {
  const std::uint64_t octave = index >> 6;
  return {(64 + (index & 63)) << (6 + octave), std::uint64_t{1} << (6 + octave)};
}

}  // namespace

AliasTable::AliasTable(const std::vector<double>& weights) {
  const std::size_t n = weights.size();
  REHEARSE_ASSERT(n >= 1 && n <= 65'536, "an alias table has 1 to 65,536 cells");
  double sum = 0;
  for (const double weight : weights) {
    REHEARSE_ASSERT(weight >= 0 && weight <= std::numeric_limits<double>::max(), "weights are finite, not negative");
    sum += weight;
  }
  REHEARSE_ASSERT(sum > 0 && sum <= std::numeric_limits<double>::max(), "some weight is positive");
  std::vector<double> share(n);  // of a cell
  std::vector<std::uint32_t> small, large;
  for (std::uint32_t i = 0; i < n; ++i) {
    share[i] = weights[i] / sum * static_cast<double>(n);
    (share[i] < 1 ? small : large).push_back(i);
  }
  constexpr std::uint64_t full = (std::uint64_t{1} << 48) - 1;
  cells_.resize(n);
  while (!small.empty() && !large.empty()) {
    const std::uint32_t poor = small.back();
    const std::uint32_t rich = large.back();
    small.pop_back();
    cells_[poor] = std::min(static_cast<std::uint64_t>(share[poor] * 0x1p48 + 0.5), full) << 16 | rich;
    share[rich] -= 1 - share[poor];
    if (share[rich] < 1) {
      large.pop_back();
      small.push_back(rich);
    }
  }
  // What is left is full but for rounding, and its own alias.
  for (const std::uint32_t i : small) cells_[i] = full << 16 | i;
  for (const std::uint32_t i : large) cells_[i] = full << 16 | i;
}

Zipf::Zipf(std::uint64_t ranks, double s) : ranks_(ranks), s_(s) {
  REHEARSE_ASSERT(ranks >= 1 && ranks <= std::uint64_t{1} << 40, "Zipf has 1 to 2^40 ranks");
  REHEARSE_ASSERT(s >= 0 && s <= 4, "Zipf's exponent is 0 to 4");
  if (s == 0) return;
  std::vector<double> weights;
  for (std::uint64_t k = 1; k <= ranks && k < head; ++k) {
    weights.push_back(exact_power(static_cast<double>(k), -s));
  }
  for (std::uint64_t i = 0; ranks >= head; ++i) {
    const Cell cell = cell_behind_head(i);
    if (cell.first > ranks) break;
    const std::uint64_t length = std::min(cell.length, ranks + 1 - cell.first);
    weights.push_back(static_cast<double>(length) * exact_power(static_cast<double>(cell.first), -s));
  }
  cells_ = std::make_shared<const AliasTable>(weights);
}

// With probability (1 + y)^−s for y = offset / first. 1 − s·y lies below that and decides nearly always.
bool Zipf::accept(std::uint64_t first, std::uint64_t offset, std::uint64_t v) const {
  const double chance = static_cast<double>(v >> 11) * 0x1p-53;
  const auto base = static_cast<double>(first);
  const auto above = static_cast<double>(offset);
  if (chance * base < base - s_ * above) return true;
  return chance < exact_power(1 + above / base, -s_);
}

std::uint64_t Zipf::operator()(Stream stream, std::uint64_t id, std::uint32_t attempt) const {
  std::uint64_t random = bits(stream, id, attempt);
  if (!cells_) return below(random, ranks_);
  for (int round = 0; round < rounds_max; ++round) {
    const std::uint32_t picked = (*cells_)(random);
    if (picked < head - 1) return picked;
    const Cell cell = cell_behind_head(picked - (head - 1));
    const std::uint64_t length = std::min(cell.length, ranks_ + 1 - cell.first);
    // The draw's own bits are spent on the cell; the next ones come from hashing them on.
    random = finalise(random + 0x9e3779b97f4a7c15ULL);
    const Unsigned128 product = static_cast<Unsigned128>(random) * length;
    const auto offset = static_cast<std::uint64_t>(product >> 64);
    if (accept(cell.first, offset, static_cast<std::uint64_t>(product))) return cell.first + offset - 1;
    random = finalise(random + 0x9e3779b97f4a7c15ULL);
  }
  REHEARSE_ASSERT(false, "a Zipf draw is accepted within a few rounds");
}

KeyPermutation::KeyPermutation(std::uint64_t seed_bits, int bits)
    : bits_(bits),
      shift_(std::max(1, (bits + 1) / 2)),
      mask_((std::uint64_t{1} << (bits & 63)) - 1),
      multiplier_(finalise(seed_bits + 1) | 1),
      second_multiplier_(finalise(seed_bits + 2) | 1),
      offset_(finalise(seed_bits + 3)) {
  REHEARSE_ASSERT(bits >= 0 && bits <= 62, "a key permutation spans 2^0 to 2^62 keys");
}

std::uint64_t KeyPermutation::key(std::uint64_t rank, std::uint64_t n) const {
  REHEARSE_ASSERT(rank < n, "a rank is below the number of keys");
  REHEARSE_ASSERT(n <= mask_ + 1, "the permutation spans all keys");
  std::uint64_t x = once(rank);
  while (x >= n) x = once(x);
  return x;
}

}  // namespace rehearse
