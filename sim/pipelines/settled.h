// Which of a run of offsets are settled: a bit each, in a ring that is as long as the run.
#pragma once

#include <bit>
#include <cstdint>
#include <utility>
#include <vector>

namespace rehearse {

class SettledOffsets {
 public:
  // Before any other question: there is room for offsets from `first`, before which nothing is in, to `end`.
  void cover(std::uint64_t first, std::uint64_t end) {
    const std::uint64_t wanted = (end - first) / 64 + 2;  // a word never holds both ends
    if (wanted > words_.size()) grow(first / 64, std::bit_ceil(wanted));
  }
  void add(std::uint64_t offset) { words_[offset / 64 & mask_] |= std::uint64_t{1} << offset % 64; }
  bool contains(std::uint64_t offset) const { return words_[offset / 64 & mask_] >> offset % 64 & 1; }
  // Takes those out that follow each other from `first` on; returns the first offset that is not in.
  std::uint64_t pass(std::uint64_t first) {
    while (!words_.empty()) {
      std::uint64_t& word = words_[first / 64 & mask_];
      const unsigned bit = first % 64;
      const auto run = static_cast<unsigned>(std::countr_one(word >> bit));
      if (run == 0) break;
      word &= ~((~std::uint64_t{0} >> (64 - run)) << bit);
      first += run;
      if (bit + run < 64) break;
    }
    return first;
  }
  void clear() { words_.assign(words_.size(), 0); }

 private:
  void grow(std::uint64_t first_word, std::uint64_t words) {
    std::vector<std::uint64_t> wider(words);
    for (std::uint64_t w = first_word; w < first_word + words_.size(); ++w) wider[w & (words - 1)] = words_[w & mask_];
    words_ = std::move(wider);
    mask_ = words - 1;
  }
  std::vector<std::uint64_t> words_;  // a power of two, or none
  std::uint64_t mask_ = 0;
};

}  // namespace rehearse
