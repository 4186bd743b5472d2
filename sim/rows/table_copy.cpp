#include "sim/rows/table_copy.h"

#include <cstddef>
#include <cstring>

#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

// Two cells beside each other as sixteen bytes, of which baseline x86-64 compares all lanes at once: two lanes of a
// cell are its write, one is its mark, one its flags.
using Lanes = std::int16_t __attribute__((vector_size(16)));
constexpr std::size_t cells_in_lanes = sizeof(Lanes) / sizeof(Cell);
constexpr std::size_t mark_lane = offsetof(Cell, mark) / sizeof(std::int16_t);
constexpr std::size_t lanes_of_cell = sizeof(Cell) / sizeof(std::int16_t);
constexpr Lanes content_lanes = {-1, -1, -1, 0, -1, -1, -1, 0};
constexpr std::size_t most_counted = 0x7fff * cells_in_lanes;  // cells, as a lane counts

Lanes load(const Cell* cells) {
  Lanes lanes;
  std::memcpy(&lanes, cells, sizeof lanes);
  return lanes;
}

bool same_content(Cell a, Cell b) { return a.write == b.write && a.mark == b.mark; }

// Puts writes and marks of `from` over those of `to`, at most `most_counted`; how many more are live then.
std::int64_t put_over(Cell* to, std::span<const Cell> from) {
  Lanes fewer = {};  // a comparison that holds is −1
  std::size_t i = 0;
  for (; i + cells_in_lanes <= from.size(); i += cells_in_lanes) {
    const Lanes before = load(to + i), after = load(from.data() + i);
    fewer += (before == 0) - (after == 0);
    const Lanes put = (after & content_lanes) | (before & ~content_lanes);
    std::memcpy(static_cast<void*>(to + i), &put, sizeof put);
  }
  std::int64_t more = -std::int64_t{fewer[mark_lane]} - fewer[mark_lane + lanes_of_cell];
  if (i < from.size()) {
    more += static_cast<std::int64_t>(from[i].live()) - static_cast<std::int64_t>(to[i].live());
    to[i] = {from[i].write, from[i].mark, to[i].flags};
  }
  return more;
}

}  // namespace

void TableCopy::put_run(RowId first, std::span<const Cell> cells) {
  while (!cells.empty() && first + cells.size() > cells_.size() && same_content(cells.back(), {}))
    cells = cells.first(cells.size() - 1);  // rows that neither has
  if (cells.empty()) return;
  const auto last = static_cast<RowId>(first + cells.size() - 1);
  if (last >= cells_.size()) grow(last);
  if (notes_changes()) {
    for (std::size_t i = 0; i < cells.size(); ++i)
      if (!same_content(cells_[first + i], cells[i])) put(static_cast<RowId>(first + i), cells[i]);
    return;
  }
  while (!cells.empty()) {
    const std::span<const Cell> some = cells.first(std::min(cells.size(), most_counted));
    live_ += static_cast<std::uint64_t>(put_over(&cells_[first], some));
    first += static_cast<RowId>(some.size());
    cells = cells.subspan(some.size());
  }
}

// Flags are seldom set: cells that are the same to the last bit are compared as bytes.
bool TableCopy::holds_run(RowId first, std::span<const Cell> cells) const {
  if (first + cells.size() > cells_.size()) return false;
  const Cell* const here = cells_.data() + first;
  if (cells.empty() || std::memcmp(here, cells.data(), cells.size_bytes()) == 0) return true;
  return std::equal(cells.begin(), cells.end(), here, same_content);
}

void TableCopy::keep_before_image(RowId row, Cell cell) { journal_.append({row, extra_copies(row), cell}); }

void TableCopy::set_extra_copies(RowId row, std::uint32_t extra) {
  const std::uint32_t before = extra_copies(row);
  if (before == extra) return;
  note_change(row, get(row));
  live_ += extra;
  live_ -= before;
  extra_.set(row, extra);
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

AsOf::AsOf(const TableCopy& table, TableCopy::Snapshot snapshot) : AsOf(table, snapshot, {}, Others::as_held) {}

AsOf::AsOf(const TableCopy& table, TableCopy::Snapshot snapshot, std::span<const Seen> given, Others others)
    : table_(&table), changed_(given.begin(), given.end()), others_(others) {
  const TableCopy::Snapshot now = table.position();
  if (snapshot == now || others == Others::left_out) return;
  changed_.reserve(given.size() + (now - snapshot));
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
