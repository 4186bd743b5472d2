#include "sim/rows/table_copy.h"

#include <bit>

#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

std::uint64_t word(Cell cell) { return std::bit_cast<std::uint64_t>(cell); }
constexpr std::uint64_t content_of_word = std::bit_cast<std::uint64_t>(Cell{~Write{0}, static_cast<Mark>(~0), 0});
constexpr std::uint64_t mark_of_word = std::bit_cast<std::uint64_t>(Cell{0, static_cast<Mark>(~0), 0});

}  // namespace

// A cell is eight bytes: one word, and one test for what of it is content.
void TableCopy::put_run(RowId first, std::span<const Cell> cells) {
  while (!cells.empty() && first + cells.size() > cells_.size() && (word(cells.back()) & content_of_word) == 0)
    cells = cells.first(cells.size() - 1);  // rows that neither has
  if (cells.empty()) return;
  const auto last = static_cast<RowId>(first + cells.size() - 1);
  if (last >= cells_.size()) grow(last);
  if (readers_ > 0 || !untold_.empty()) {
    for (std::size_t i = 0; i < cells.size(); ++i)
      if (!holds_run(static_cast<RowId>(first + i), cells.subspan(i, 1))) put(static_cast<RowId>(first + i), cells[i]);
    return;
  }
  Cell* const to = &cells_[first];
  std::uint64_t more = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::uint64_t before = word(to[i]), after = word(cells[i]);
    more += static_cast<std::uint64_t>((after & mark_of_word) != 0);
    more -= static_cast<std::uint64_t>((before & mark_of_word) != 0);
    to[i] = std::bit_cast<Cell>((after & content_of_word) | (before & ~content_of_word));
  }
  live_ += more;
}

bool TableCopy::holds_run(RowId first, std::span<const Cell> cells) const {
  if (first + cells.size() > cells_.size()) return false;
  const Cell* const here = cells_.data() + first;
  std::uint64_t different = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) different |= (word(here[i]) ^ word(cells[i])) & content_of_word;
  return different == 0;
}

void TableCopy::keep_before_image(RowId row, Cell cell) { journal_.append({row, extra_copies(row), cell}); }

void TableCopy::set_extra_copies(RowId row, std::uint32_t extra) {
  const std::uint32_t before = extra_copies(row);
  if (before == extra) return;
  note_change(row, get(row));
  live_ += extra;
  live_ -= before;
  if (extra == 0) extra_.erase(row);
  else extra_[row] = extra;
}

void TableCopy::close(Snapshot snapshot) {
  const auto at = open_.find(snapshot);
  REHEARSE_ASSERT(at != open_.end(), "a snapshot is closed once");
  if (--at->second == 0) open_.erase(at);
  --readers_;
  journal_.forget_before(open_.empty() ? journal_.end() : open_.begin()->first);
}

TableCopy::Follower TableCopy::follow() {
  for (RowSet& untold : untold_) untold |= changed_;
  changed_.clear();
  untold_.emplace_back();
  return static_cast<Follower>(untold_.size() - 1);
}

void TableCopy::tell_changed(Follower follower, RowSet& rows) {
  for (RowSet& untold : untold_)
    if (&untold != &untold_[follower]) untold |= changed_;
  rows |= changed_;
  rows |= untold_[follower];
  changed_.clear();
  untold_[follower].clear();
}

AsOf::AsOf(const TableCopy& table, TableCopy::Snapshot snapshot) : table_(&table) {
  const TableCopy::Snapshot now = table.position();
  if (snapshot == now) return;
  changed_.reserve(now - snapshot);
  table.for_each_change(snapshot, now, [&](const BeforeImage& image) {
    changed_.push_back({image.row, image.cell, image.extra});
  });
  std::stable_sort(changed_.begin(), changed_.end(), [](const Seen& a, const Seen& b) { return a.row < b.row; });
  const auto last =
      std::unique(changed_.begin(), changed_.end(), [](const Seen& a, const Seen& b) { return a.row == b.row; });
  changed_.erase(last, changed_.end());
}

const AsOf::Seen* AsOf::find(RowId row) const {
  const auto at =
      std::lower_bound(changed_.begin(), changed_.end(), row, [](const Seen& s, RowId r) { return s.row < r; });
  return at != changed_.end() && at->row == row ? &*at : nullptr;
}

}  // namespace rehearse
