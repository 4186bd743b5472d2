// Picking rows: which rank is hot (Zipf), and which key a rank stands for (a bijection, so that hot keys are not
// neighbours). Also the alias table both Zipf and empirical distributions draw from.
//
// Left out: popularity that drifts with time.
// Invariants: rank < ranks; KeyPermutation::key is a bijection on [0, n) for every n <= 2^bits.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sim/kernel/draw.h"
#include "sim/kernel/wide.h"

namespace rehearse {

// Walker's alias method (Vose's set-up): index i with probability weight_i / sum, to about 2^-48.
class AliasTable {
 public:
  AliasTable() = default;
  // 1 … 65,536 finite weights >= 0 with a positive sum; asserted.
  explicit AliasTable(const std::vector<double>& weights);

  std::uint32_t operator()(std::uint64_t random_bits) const {
    const Unsigned128 product = static_cast<Unsigned128>(random_bits) * cells_.size();
    const auto index = static_cast<std::uint32_t>(product >> 64);
    const std::uint64_t cell = cells_[index];
    const auto other = static_cast<std::uint32_t>(cell & 0xffff);
    // Which of the two nobody can guess, so there is no branch.
    const std::uint32_t is_other = static_cast<std::uint64_t>(product) >= (cell & ~std::uint64_t{0xffff});
    return index ^ ((index ^ other) & (0 - is_other));
  }
  std::size_t size() const { return cells_.size(); }

 private:
  std::vector<std::uint64_t> cells_;  // 48 bits: share of the cell that is its own; 16 bits: whose the rest is
};

// Zipf over `ranks` ranks: rank r (0-based) with probability proportional to (r + 1)^-s.
// Ranks below 4,095 are cells of their own; behind them every octave has 64 cells, weighted by the envelope
// length · first^-s, and a draw inside a cell is accepted with probability (k / first)^-s.
class Zipf {
 public:
  Zipf() = default;                     // one rank
  Zipf(std::uint64_t ranks, double s);  // 1 <= ranks <= 2^40, 0 <= s <= 4

  std::uint64_t operator()(Stream stream, std::uint64_t id, std::uint32_t attempt) const {
    const std::uint64_t random = bits(stream, id, attempt);
    if (!cells_) return below(random, ranks_);
    const std::uint32_t cell = cells_->pick(random);
    return cell < head_cells ? cell : behind_head(cell, random);
  }
  std::uint64_t ranks() const { return ranks_; }

 private:
  friend class PopularKeys;
  static constexpr std::uint32_t head_cells = 4095;
  static constexpr std::uint64_t rejected = ~std::uint64_t{0};
  // From a cell behind the head: its rank, or rejected. `random` is hashed on, for what comes after.
  std::uint64_t try_behind_head(std::uint32_t cell, std::uint64_t& random) const;
  std::uint64_t behind_head(std::uint32_t cell, std::uint64_t random) const;
  struct Cell {  // of ranks that are drawn together: k = rank + 1 from `first` on
    std::uint64_t first;
    std::uint64_t length;
  };
  struct Cells {
    AliasTable pick;
    std::vector<Cell> behind_head;
  };
  bool accept(const Cell& cell, std::uint64_t offset, std::uint64_t v) const;

  std::uint64_t ranks_ = 1;
  double s_ = 0;
  std::shared_ptr<const Cells> cells_;  // null when s is 0: every rank alike
};

// Rank ↔ key: an affine map and xor-shifts over [0, 2^bits), repeated until the image is below n (cycle walking, which
// needs 2^bits / n steps on average; keep n >= 2^bits / 4).
class KeyPermutation {
 public:
  KeyPermutation() = default;                                    // over one key
  KeyPermutation(std::uint64_t seed_bits, int bits);             // 0 <= bits <= 62
  std::uint64_t key(std::uint64_t rank, std::uint64_t n) const;  // rank < n <= 2^bits
  int bits() const { return bits_; }

 private:
  friend class PopularKeys;
  template <class Word>  // that has as many bits, or more
  Word once(Word x) const {
    const auto mask = static_cast<Word>(mask_);
    x = (x * static_cast<Word>(multiplier_) + static_cast<Word>(offset_)) & mask;
    x ^= x >> shift_;
    x = (x * static_cast<Word>(second_multiplier_)) & mask;
    return x ^ x >> shift_;
  }

  int bits_ = 0;
  int shift_ = 1;
  std::uint64_t mask_ = 0;
  std::uint64_t multiplier_ = 1;
  std::uint64_t second_multiplier_ = 1;
  std::uint64_t offset_ = 0;
};

inline constexpr std::size_t many_draws = 256;

// Keys by popularity: the key that a Zipf draw's rank stands for.
//
// Whether a draw falls into the head or behind it, and how often it goes around the permutation's cycle, is a coin's
// toss that no processor can guess. So many are drawn at a time, in passes without a branch over those that are left,
// and the keys of the first ranks, two thirds of all draws, are kept.
class PopularKeys {
 public:
  PopularKeys() = default;                                                       // over one key
  PopularKeys(std::uint64_t keys, double s, const KeyPermutation& permutation);  // s > 0; 32-bit keys

  std::uint64_t operator()(Stream stream, std::uint64_t id, std::uint32_t attempt) const {
    return permutation_.key(zipf_(stream, id, attempt), zipf_.ranks());
  }
  // In place, from the bits of many_draws at most: the same keys as one by one.
  void operator()(std::span<std::uint64_t> bits_to_keys) const;

 private:
  static constexpr std::uint64_t most_kept = 65'536;
  struct Walkers {
    std::size_t count;
    std::array<std::uint32_t, many_draws> at;     // ranks
    std::array<std::uint32_t, many_draws> place;  // among the draws
  };
  template <class Word>
  void walk(Walkers& walkers, std::span<std::uint64_t> draws) const;

  Zipf zipf_;
  KeyPermutation permutation_;
  std::shared_ptr<const std::vector<std::uint32_t>> kept_;  // keys of the first ranks
};

}  // namespace rehearse
