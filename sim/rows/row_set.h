// A set of rows of one table, a bit for each slot; rows are visited in order. Nothing but growth depends on which rows
// are put in, so that many can be, in no order.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "sim/rows/types.h"

namespace rehearse {

class RowSet {
 public:
  static constexpr RowId rows_in_word = 64;
  void insert(RowId row) {
    make_room_for(row);
    words_[row / rows_in_word] |= std::uint64_t{1} << row % rows_in_word;
  }
  void put(RowId row, bool in) {
    make_room_for(row);
    std::uint64_t& word = words_[row / rows_in_word];
    word &= ~(std::uint64_t{1} << row % rows_in_word);
    word |= static_cast<std::uint64_t>(in) << row % rows_in_word;
  }
  bool contains(RowId row) const { return word(row / rows_in_word) >> row % rows_in_word & 1; }
  // Bit i: row index * 64 + i is there. From words() on there are none.
  std::uint64_t word(std::size_t index) const { return index < words_.size() ? words_[index] : 0; }
  std::size_t words() const { return words_.size(); }
  std::uint64_t size() const {  // counts them
    std::uint64_t rows = 0;
    for (const std::uint64_t word : words_)
      if (word != 0) rows += static_cast<std::uint64_t>(std::popcount(word));
    return rows;
  }
  RowSet& operator|=(const RowSet& other) {
    if (words_.size() < other.words_.size()) words_.resize(other.words_.size());
    for (std::size_t i = 0; i < other.words_.size(); ++i) words_[i] |= other.words_[i];
    return *this;
  }
  void clear() { std::fill(words_.begin(), words_.end(), 0); }  // keeps its memory
  template <class Each>                                         // Each(row)
  void for_each(Each each) const {
    for (std::size_t i = 0; i < words_.size(); ++i)
      for (std::uint64_t word = words_[i]; word != 0; word &= word - 1)
        each(static_cast<RowId>(i * rows_in_word + static_cast<std::size_t>(std::countr_zero(word))));
  }
  bool operator==(const RowSet& other) const {
    for (std::size_t i = 0; i < std::max(words(), other.words()); ++i)
      if (word(i) != other.word(i)) return false;
    return true;
  }

 private:
  void make_room_for(RowId row) {
    if (row / rows_in_word >= words_.size()) [[unlikely]]
      words_.resize(row / rows_in_word + 1);
  }
  std::vector<std::uint64_t> words_;
};

}  // namespace rehearse
