// Set-up of the alias table and of Zipf's cells, and the draws that are not inline.
#include "sim/kernel/zipf.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <utility>

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
inline bool Zipf::accept(std::uint64_t first, std::uint64_t offset, std::uint64_t v) const {
  const double chance = static_cast<double>(v >> 11) * 0x1p-53;
  const auto base = static_cast<double>(first);
  const auto above = static_cast<double>(offset);
  if (chance * base < base - s_ * above) return true;
  return chance < exact_power(1 + above / base, -s_);
}

inline std::uint64_t Zipf::try_behind_head(std::uint32_t picked, std::uint64_t& random) const {
  const Cell cell = cell_behind_head(picked - head_cells);
  const std::uint64_t length = std::min(cell.length, ranks_ + 1 - cell.first);
  // The draw's own bits are spent on the cell; the next ones come from hashing them on.
  random = finalise(random + 0x9e3779b97f4a7c15ULL);
  const Unsigned128 product = static_cast<Unsigned128>(random) * length;
  const auto offset = static_cast<std::uint64_t>(product >> 64);
  return accept(cell.first, offset, static_cast<std::uint64_t>(product)) ? cell.first + offset - 1 : rejected;
}

std::uint64_t Zipf::behind_head(std::uint32_t picked, std::uint64_t random) const {
  for (int round = 0; round < rounds_max; ++round) {
    if (picked < head_cells) return picked;
    const std::uint64_t rank = try_behind_head(picked, random);
    if (rank != rejected) return rank;
    random = finalise(random + 0x9e3779b97f4a7c15ULL);
    picked = (*cells_)(random);
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

PopularKeys::PopularKeys(std::uint64_t keys, double s, const KeyPermutation& permutation)
    : zipf_(keys, s), permutation_(permutation) {
  REHEARSE_ASSERT(s > 0 && keys <= std::uint64_t{1} << 32, "keys fit 32 bits, and some are more popular than others");
  std::vector<std::uint32_t> head;
  for (std::uint64_t rank = 0; rank < std::min<std::uint64_t>(keys, Zipf::head_cells); ++rank)
    head.push_back(static_cast<std::uint32_t>(permutation.key(rank, keys)));
  head_ = std::make_shared<const std::vector<std::uint32_t>>(std::move(head));
}

void PopularKeys::operator()(std::span<std::uint64_t> draws) const {
  REHEARSE_ASSERT(draws.size() <= many_draws, "so many are drawn at a time");
  struct Behind {
    std::uint64_t random;
    std::uint32_t cell;
    std::uint32_t place;
  };
  std::array<Behind, many_draws> behind;
  std::size_t left = 0;
  const AliasTable& cells = *zipf_.cells_;
  const std::uint32_t* const head = head_->data();
  for (std::uint32_t i = 0; i < draws.size(); ++i) {
    const std::uint32_t cell = cells(draws[i]);
    const bool in_head = cell < Zipf::head_cells;
    behind[left] = {draws[i], cell, i};
    draws[i] = head[in_head ? cell : 0];
    left += !in_head;
  }
  const KeyPermutation permutation = permutation_;  // its numbers stay in registers while keys are written
  const std::uint64_t n = zipf_.ranks();
  std::array<std::uint32_t, many_draws> outside;  // the places whose image is not below n yet
  std::size_t still = 0;
  for (std::size_t i = 0; i < left; ++i) {
    const std::uint32_t place = behind[i].place;
    std::uint64_t random = behind[i].random;
    std::uint64_t rank = zipf_.try_behind_head(behind[i].cell, random);
    if (rank == Zipf::rejected) [[unlikely]]
      rank = zipf_.behind_head(behind[i].cell, behind[i].random);
    draws[place] = permutation.once(rank);
    outside[still] = place;
    still += draws[place] >= n;
  }
  while (still > 0) {
    left = std::exchange(still, 0);
    for (std::size_t i = 0; i < left; ++i) {
      const std::uint32_t place = outside[i];
      draws[place] = permutation.once(draws[place]);
      outside[still] = place;
      still += draws[place] >= n;
    }
  }
}

}  // namespace rehearse
