// Walking a table in the order of its rows as of a snapshot: shared by the parts of the read view, for nobody else.
#pragma once

#include <span>

#include "sim/rows/content.h"
#include "sim/rows/table_copy.h"
#include "sim/world/read_view.h"

namespace rehearse {

// Answers for ascending rows (a row may be asked for twice). Costs nothing where nothing has changed since the
// snapshot.
class Ascending {
 public:
  Ascending(const TableCopy& table, const AsOf& as_of) : table_(&table), changed_(as_of.changed_since()) {}
  Cell get(RowId row) { return at_changed(row) ? changed_.front().cell : table_->get(row); }
  std::uint32_t extra_copies(RowId row) { return at_changed(row) ? changed_.front().extra : table_->extra_copies(row); }
  AsOf::Seen at(RowId row) {
    return at_changed(row) ? changed_.front() : AsOf::Seen{row, table_->get(row), table_->extra_copies(row)};
  }

 private:
  bool at_changed(RowId row) {
    while (!changed_.empty() && changed_.front().row < row) changed_ = changed_.subspan(1);
    return !changed_.empty() && changed_.front().row == row;
  }
  const TableCopy* table_;
  std::span<const AsOf::Seen> changed_;  // from the last row asked for on
};

inline AsOf as_read(const TableCopy& table, const Reading& reading) {
  if (!reading.given) return {table, reading.snapshot};
  return {table, reading.snapshot, *reading.given, reading.others};
}

inline constexpr std::size_t batch_rows = 4096;

// Each(row, cell, copies) for every live row of the reading from `first` on that is not in `without`.
template <class Each>
void for_each_row(const TableCopy& table, const AsOf& as_of, const RowSet& without, Each each, RowId first = 0) {
  if (as_of.others() == AsOf::Others::left_out) {
    for (const AsOf::Seen& given : as_of.changed_since())
      if (given.row >= first && given.cell.live() && !without.contains(given.row))
        each(given.row, given.cell, 1 + given.extra);
    return;
  }
  Ascending rows(table, as_of);
  for (RowId row = first; row < as_of.slots(); ++row) {
    const Cell cell = rows.get(row);
    if (cell.live() && !without.contains(row)) each(row, cell, 1 + rows.extra_copies(row));
  }
}

// The same rows in batches: Each(rows, copies).
template <class Each>
void for_each_batch(const TableCopy& table, const AsOf& as_of, const RowSet& without, Each each) {
  std::vector<RowCell> rows;
  std::vector<std::uint32_t> copies;
  for_each_row(table, as_of, without, [&](RowId row, Cell cell, std::uint32_t n) {
    rows.push_back({row, cell});
    copies.push_back(n);
    if (rows.size() < batch_rows) return;
    each(rows, copies);
    rows.clear();
    copies.clear();
  });
  if (!rows.empty()) each(rows, copies);
}

}  // namespace rehearse
