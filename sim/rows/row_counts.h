// A number of some rows of a table, 0 of all others: found at once, and gone through in the order of rows.
//
// An array by row, in pages that exist where a row's number is not 0: four bytes a row there, and nothing elsewhere.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "sim/rows/types.h"

namespace rehearse {

class RowCounts {
 public:
  RowCounts() = default;
  RowCounts(const RowCounts& other) : rows_(other.rows_) {
    pages_.reserve(other.pages_.size());
    for (const auto& page : other.pages_) pages_.push_back(page ? std::make_unique<Page>(*page) : nullptr);
  }
  RowCounts& operator=(RowCounts other) noexcept {
    std::swap(pages_, other.pages_);
    std::swap(rows_, other.rows_);
    return *this;
  }
  RowCounts(RowCounts&&) noexcept = default;

  bool empty() const { return rows_ == 0; }
  std::uint32_t operator[](RowId row) const {
    const std::size_t page = row / page_rows;
    return page < pages_.size() && pages_[page] ? pages_[page]->counts[row % page_rows] : 0;
  }
  void prefetch(RowId row) const {
    const std::size_t page = row / page_rows;
    if (page < pages_.size() && pages_[page]) __builtin_prefetch(&pages_[page]->counts[row % page_rows]);
  }
  void set(RowId row, std::uint32_t count) {
    const std::size_t page = row / page_rows;
    if (pages_.size() <= page) {
      if (count == 0) return;
      pages_.resize(page + 1);
    }
    if (!pages_[page]) {
      if (count == 0) return;
      pages_[page] = std::make_unique<Page>();
    }
    std::uint32_t& there = pages_[page]->counts[row % page_rows];
    if (const bool was = there != 0; was != (count != 0)) {
      pages_[page]->rows += was ? -1 : 1;
      rows_ += was ? -1 : 1;
    }
    there = count;
    if (pages_[page]->rows == 0) pages_[page] = nullptr;
  }
  template <class Visit>  // Visit(RowId, count)
  void for_each(Visit visit) const {
    for (std::size_t page = 0; page < pages_.size(); ++page) {
      if (!pages_[page]) continue;
      for (RowId i = 0; i < page_rows; ++i)
        if (const std::uint32_t count = pages_[page]->counts[i]; count != 0)
          visit(static_cast<RowId>(page * page_rows + i), count);
    }
  }

 private:
  static constexpr RowId page_rows = 1024;
  struct Page {
    std::array<std::uint32_t, page_rows> counts{};
    std::int32_t rows = 0;  // whose number is not 0
  };
  std::vector<std::unique_ptr<Page>> pages_;
  std::int64_t rows_ = 0;
};

}  // namespace rehearse
