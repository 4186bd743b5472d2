// Interning: each distinct text once (ValuePool), each distinct row of values once (TuplePool), with dense ids in order
// of first appearance. Equal content has equal ids, so a change of a row is a change of one 32-bit number.
//
// Invariants: ids never change once given; ids do not depend on the hash, only on the order of interning. Three values
// are not text: SQL NULL, `unknown` (the log does not say), and `dropped` (the cell of a column that no longer exists).
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace rehearse {

using ValueId = std::uint32_t;
using ImageId = std::uint32_t;

inline constexpr ValueId null_value = 0;
inline constexpr ValueId unknown_value = 1;
inline constexpr ValueId dropped_value = 2;
inline constexpr ValueId first_text_value = 3;
inline constexpr ImageId no_image = 0xFFFFFFFFU;

// Open addressing over dense ids; the pools own the content and compare it. Load factor at most one half. The upper
// half of the hash both places a cell and tells most strangers apart, so growing needs no content.
class IdTable {
 public:
  static constexpr std::uint32_t no_id = 0xFFFFFFFFU;

  // The id for which `equal(id)` holds among those with this hash, or no_id.
  template <typename Equal>
  std::uint32_t find(std::uint64_t hash, Equal&& equal) const {
    if (cells_.empty()) return no_id;
    const std::uint32_t tag = tag_of(hash);
    for (std::size_t at = tag & mask();; at = (at + 1) & mask()) {
      const Cell& cell = cells_[at];
      if (cell.id == no_id) return no_id;
      if (cell.tag == tag && equal(cell.id)) return cell.id;
    }
  }
  void insert(std::uint64_t hash, std::uint32_t id) {
    if (2 * (size_ + 1) > cells_.size()) {
      std::vector<Cell> old(cells_.empty() ? 64 : cells_.size() * 2);
      old.swap(cells_);
      for (const Cell& cell : old)
        if (cell.id != no_id) place(cell);
    }
    place({id, tag_of(hash)});
    ++size_;
  }

 private:
  struct Cell {
    std::uint32_t id = no_id;
    std::uint32_t tag = 0;
  };
  static std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }
  std::size_t mask() const { return cells_.size() - 1; }
  void place(Cell cell) {
    std::size_t at = cell.tag & mask();
    while (cells_[at].id != no_id) at = (at + 1) & mask();
    cells_[at] = cell;
  }
  std::vector<Cell> cells_;
  std::size_t size_ = 0;
};

class ValuePool {
 public:
  ValueId intern(std::string_view text);
  std::optional<ValueId> find(std::string_view text) const;
  // The text of a value; a view that lives as long as the pool. Empty for the three values that are not text.
  std::string_view text(ValueId id) const {
    if (id < first_text_value) return {};
    const Entry& entry = entries_[id - first_text_value];
    return {chunks_[entry.chunk].get() + entry.offset, entry.length};
  }
  static bool is_text(ValueId id) { return id >= first_text_value; }
  // Ids in use: 0 .. size() - 1.
  std::uint32_t size() const { return static_cast<std::uint32_t>(entries_.size()) + first_text_value; }
  std::uint64_t bytes() const { return bytes_; }

  ValuePool() = default;
  ValuePool(ValuePool&&) = default;
  ValuePool& operator=(ValuePool&&) = default;
  ValuePool(const ValuePool&) = delete;
  ValuePool& operator=(const ValuePool&) = delete;

 private:
  struct Entry {
    std::uint32_t chunk = 0;
    std::uint32_t offset = 0;
    std::uint32_t length = 0;
  };
  std::vector<std::unique_ptr<char[]>> chunks_;
  std::size_t chunk_used_ = 0;
  std::size_t chunk_size_ = 0;
  std::vector<Entry> entries_;
  IdTable table_;
  std::uint64_t bytes_ = 0;
};

// Rows of value ids of any width: full row images, and keys.
class TuplePool {
 public:
  std::uint32_t intern(std::span<const ValueId> values);
  std::optional<std::uint32_t> find(std::span<const ValueId> values) const;
  std::span<const ValueId> operator[](std::uint32_t id) const {
    return {values_.data() + ends_[id], static_cast<std::size_t>(ends_[id + 1] - ends_[id])};
  }
  std::uint32_t size() const { return static_cast<std::uint32_t>(ends_.size()) - 1; }

 private:
  std::vector<ValueId> values_;
  std::vector<std::uint64_t> ends_{0};  // image i is values_[ends_[i] .. ends_[i + 1])
  IdTable table_;
};

using ImagePool = TuplePool;

}  // namespace rehearse
