#include "sim/rows/table_copy.h"

#include "sim/kernel/assert.h"

namespace rehearse {

void TableCopy::grow(RowId row) {
  const std::size_t wanted = std::size_t{row} + 1;
  if (wanted > cells_.capacity())
    cells_.reserve(std::max<std::size_t>(wanted, cells_.capacity() + cells_.capacity() / 8));
  cells_.resize(wanted);
}

void TableCopy::set_extra_copies(RowId row, std::uint32_t extra) {
  const std::uint32_t before = extra_copies(row);
  if (before == extra) return;
  if (readers_ > 0) journal_.append({row, before, get(row)});
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

AsOf::AsOf(const TableCopy& table, TableCopy::Snapshot snapshot) : table_(&table) {
  const TableCopy::Snapshot now = table.position();
  if (snapshot == now) return;
  changed_.reserve(now - snapshot);
  for (TableCopy::Snapshot p = snapshot; p < now; ++p) {
    const BeforeImage& image = table.before_image(p);
    changed_.push_back({image.row, image.cell, image.extra});
  }
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
