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
  std::vector<Cell> behind_head;  // 64 to an octave
  for (std::uint64_t i = 0; ranks >= head; ++i) {
    const std::uint64_t octave = i >> 6;
    const std::uint64_t first = (64 + (i & 63)) << (6 + octave), length = std::uint64_t{1} << (6 + octave);
    if (first > ranks) break;
    behind_head.push_back({first, std::min(length, ranks + 1 - first)});
    weights.push_back(static_cast<double>(behind_head.back().length) * exact_power(static_cast<double>(first), -s));
  }
  cells_ = std::make_shared<const Cells>(Cells{AliasTable(weights), std::move(behind_head)});
}

// With probability (1 + y)^−s for y = offset / first. 1 − s·y lies below that and decides nearly always.
inline bool Zipf::accept(const Cell& cell, std::uint64_t offset, std::uint64_t v) const {
  const double chance = static_cast<double>(v >> 11) * 0x1p-53;
  const auto base = static_cast<double>(static_cast<std::int64_t>(cell.first));
  const auto above = static_cast<double>(static_cast<std::int64_t>(offset));
  if (chance * base < base - s_ * above) [[likely]]
    return true;
  return chance < exact_power(1 + above / base, -s_);
}

inline std::uint64_t Zipf::try_behind_head(std::uint32_t picked, std::uint64_t& random) const {
  const Cell& cell = cells_->behind_head[picked - head_cells];
  // The draw's own bits are spent on the cell; the next ones come from hashing them on.
  random = finalise(random + 0x9e3779b97f4a7c15ULL);
  const Unsigned128 product = static_cast<Unsigned128>(random) * cell.length;
  const auto offset = static_cast<std::uint64_t>(product >> 64);
  return accept(cell, offset, static_cast<std::uint64_t>(product)) ? cell.first + offset - 1 : rejected;
}

std::uint64_t Zipf::behind_head(std::uint32_t picked, std::uint64_t random) const {
  for (int round = 0; round < rounds_max; ++round) {
    if (picked < head_cells) return picked;
    const std::uint64_t rank = try_behind_head(picked, random);
    if (rank != rejected) return rank;
    random = finalise(random + 0x9e3779b97f4a7c15ULL);
    picked = cells_->pick(random);
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
  std::vector<std::uint32_t> kept;
  for (std::uint64_t rank = 0; rank < std::min(keys, most_kept); ++rank)
    kept.push_back(static_cast<std::uint32_t>(permutation.key(rank, keys)));
  REHEARSE_ASSERT(kept.size() >= zipf_.cells_->pick.size(), "a cell's number is that of a rank whose key is kept");
  kept_ = std::make_shared<const std::vector<std::uint32_t>>(std::move(kept));
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
  const AliasTable& pick = zipf_.cells_->pick;
  const std::uint32_t* const kept = kept_->data();
  for (std::uint32_t i = 0; i < draws.size(); ++i) {
    const std::uint32_t cell = pick(draws[i]);
    behind[left] = {draws[i], cell, i};
    draws[i] = kept[cell];  // if it is in the head
    left += std::size_t{cell >= Zipf::head_cells};
  }
  const std::size_t ranks_kept = kept_->size();
  Walkers walkers;
  std::size_t walking = 0;
  for (std::size_t i = 0; i < left; ++i) {
    const std::uint32_t place = behind[i].place;
    std::uint64_t random = behind[i].random;
    std::uint64_t rank = zipf_.try_behind_head(behind[i].cell, random);
    if (rank == Zipf::rejected) [[unlikely]]
      rank = zipf_.behind_head(behind[i].cell, behind[i].random);
    draws[place] = kept[std::min(rank, ranks_kept - 1)];
    walkers.at[walking] = static_cast<std::uint32_t>(rank);
    walkers.place[walking] = place;
    walking += rank >= ranks_kept;
  }
  walkers.count = walking;
  if (permutation_.bits() < 32) walk<std::uint32_t>(walkers, draws);
  else walk<std::uint64_t>(walkers, draws);
}

// Around the permutation's cycle until each is below the number of keys. Plain loops over words that are no wider than
// need be, which a processor takes several at a time; who has arrived is sorted out every other step.
template <class Word>
void PopularKeys::walk(Walkers& walkers, std::span<std::uint64_t> draws) const {
  const KeyPermutation permutation = permutation_;  // its numbers stay in registers
  const auto n = static_cast<Word>(zipf_.ranks());
  std::array<Word, many_draws> at;
  std::copy_n(walkers.at.data(), walkers.count, at.data());
  for (std::size_t left = walkers.count; left > 0;) {
    for (std::size_t i = 0; i < left; ++i) {
      const Word first = permutation.once(at[i]);
      const Word second = permutation.once(first);
      at[i] = first < n ? first : second;
    }
    const std::size_t walking = std::exchange(left, 0);
    for (std::size_t i = 0; i < walking; ++i) {
      const std::uint32_t place = walkers.place[i];
      const Word key = at[i];
      draws[place] = key;
      at[left] = key;
      walkers.place[left] = place;
      left += key >= n;
    }
  }
}

}  // namespace rehearse
