// A set of rows of one table that does not change any more, in as little memory as it can be: a list where the rows are
// few among the table's, a bit for each slot where they are many.
#pragma once

#include <algorithm>
#include <vector>

#include "sim/rows/row_set.h"

namespace rehearse {

class PackedRows {
 public:
  PackedRows() = default;
  explicit PackedRows(std::vector<RowId> rows) {  // in any order; each counts once
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    size_ = rows.size();
    constexpr std::size_t row_bits = 8 * sizeof(RowId);
    if (rows.empty() || rows.size() * row_bits <= std::size_t{rows.back()} + 1) {
      list_ = std::move(rows);
      list_.shrink_to_fit();
    } else {
      RowSet bits;
      bits.insert(rows.back());  // room for all at once
      for (const RowId row : rows) bits.insert(row);
      bits_ = std::move(bits);
    }
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  bool contains(RowId row) const {
    return list_.empty() ? bits_.contains(row) : std::binary_search(list_.begin(), list_.end(), row);
  }
  template <class Each>  // Each(row), in order
  void for_each(Each each) const {
    for (const RowId row : list_) each(row);
    bits_.for_each(each);
  }
  std::size_t bytes() const { return list_.capacity() * sizeof(RowId) + bits_.words() * sizeof(std::uint64_t); }

 private:
  std::vector<RowId> list_;  // sorted; empty if the rows are in bits_
  RowSet bits_;
  std::size_t size_ = 0;
};

}  // namespace rehearse
