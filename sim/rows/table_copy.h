// One store's copy of one table: a dense array of cells, a journal of before-images while somebody reads, and a set of
// the rows that have changed while somebody follows.
//
// A snapshot is a position in the journal: the row as of a snapshot is its first before-image after that position, or
// else its current cell. Opening a snapshot therefore costs nothing, and reading one costs what changed since. Whoever
// only needs to know which rows have changed since it last asked follows instead: a bit a row, however often it
// changes. Invariant: live_rows() is the number of live cells plus the extra physical copies of an append sink.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "sim/kernel/assert.h"
#include "sim/rows/huge_array.h"
#include "sim/rows/log.h"
#include "sim/rows/row_counts.h"
#include "sim/rows/row_set.h"
#include "sim/rows/types.h"

namespace rehearse {

struct BeforeImage {
  RowId row = 0;
  std::uint32_t extra = 0;  // physical copies beyond the first, before the change
  Cell cell;
};
static_assert(sizeof(BeforeImage) == 16);

class TableCopy {
 public:
  using Snapshot = std::uint64_t;  // a position in the journal

  RowId slots() const { return static_cast<RowId>(cells_.size()); }
  std::uint64_t live_rows() const { return live_; }
  const Cell& operator[](RowId row) const { return cells_[row]; }
  std::span<const Cell> cells() const { return {cells_.data(), cells_.size()}; }
  Cell get(RowId row) const { return row < cells_.size() ? cells_[row] : Cell{}; }
  std::uint32_t extra_copies(RowId row) const { return extra_[row]; }
  const RowCounts& rows_with_extra_copies() const { return extra_; }
  void prefetch(RowId row) const {
    if (row < cells_.size()) __builtin_prefetch(&cells_[row], 1);
  }

  void prefetch_copies(RowId row) const { extra_.prefetch(row); }

  // Replaces the cell; keeps the watched flag of the old one. Returns the cell as it lies.
  const Cell& put(RowId row, Cell cell) {
    if (row >= cells_.size()) [[unlikely]]
      grow(row);
    Cell& old = cells_[row];
    note_change(row, old);
    live_ += static_cast<std::uint64_t>(cell.live()) - static_cast<std::uint64_t>(old.live());
    cell.flags = old.flags;
    return old = cell;
  }
  // put() of a write that is newer than what the row holds, if nobody watches the row; or else false, and nothing is
  // done.
  bool put_newer(RowId row, Cell cell) {
    if (row >= cells_.size()) [[unlikely]]
      grow(row);
    Cell& old = cells_[row];
    if (old.write >= cell.write || (old.flags & cell_watched)) [[unlikely]]
      return false;
    note_change(row, old);
    live_ += static_cast<std::uint64_t>(cell.live()) - static_cast<std::uint64_t>(old.live());
    cell.flags = old.flags;
    old = cell;
    return true;
  }
  // The next write of a row that is there. By value: read back from where its parts have just been stored, it stalls.
  Cell rewrite(RowId row, Mark mark) {
    const Cell old = cells_[row];
    note_change(row, old);
    live_ += static_cast<std::uint64_t>(mark != absent) - static_cast<std::uint64_t>(old.live());
    const Cell cell{old.write + 1, mark, old.flags};
    cells_[row] = cell;
    return cell;
  }
  bool notes_changes() const { return readers_ > 0 || !untold_.empty(); }
  // Rewrites many rows of a table that notes no changes. Until finish() nobody else writes to the table.
  class Rewriter {
   public:
    explicit Rewriter(TableCopy& table) : cells_(table.cells_.data()) {}
    const Cell& operator[](RowId row) const { return cells_[row]; }
    // As TableCopy::rewrite(), of a live row.
    Cell update(RowId row, Mark mark) { return next_write(row, first_mark * mark); }
    Cell remove(RowId row) {
      ++removed_;
      return next_write(row, 0);
    }
    void finish(TableCopy& table) const { table.live_ -= removed_; }

   private:
    // A cell is eight bytes, which are one word here.
    static constexpr auto one_write = std::bit_cast<std::uint64_t>(Cell{1, 0, 0});
    static constexpr auto first_mark = std::bit_cast<std::uint64_t>(Cell{0, 1, 0});
    Cell next_write(RowId row, std::uint64_t mark) {
      const std::uint64_t after = std::bit_cast<std::uint64_t>(cells_[row]) + one_write;
      return cells_[row] = std::bit_cast<Cell>((after & ~(first_mark * 0xffff)) | mark);
    }
    Cell* cells_;
    std::uint64_t removed_ = 0;
  };
  // As put() for each cell that differs from what the rows from `first` on hold.
  void put_run(RowId first, std::span<const Cell> cells);
  // Whether the rows from `first` on hold the same writes and marks.
  bool holds_run(RowId first, std::span<const Cell> cells) const;
  // Rows 0 … rows − 1 of an empty table, all alike and live.
  void fill(RowId rows, Cell cell) {
    cells_.resize(rows);
    std::fill_n(cells_.data(), rows, cell);
    live_ = rows;
  }
  void set_extra_copies(RowId row, std::uint32_t extra);
  void watch(RowId row) {
    if (row >= cells_.size()) grow(row);
    cells_[row].flags |= cell_watched;
  }
  void unwatch(RowId row) { cells_[row].flags &= static_cast<std::uint16_t>(~cell_watched); }
  bool watched(RowId row) const { return row < cells_.size() && (cells_[row].flags & cell_watched); }
  void reserve(RowId rows) { cells_.reserve(rows); }

  // --- reading as of an instant -----------------------------------------------------------------------------------
  // While a snapshot is open, changes keep their before-images. Each open() is paired with one close() of its value.
  Snapshot open() {
    ++readers_;
    ++open_[journal_.end()];
    return journal_.end();
  }
  void close(Snapshot snapshot);
  Snapshot position() const { return journal_.end(); }
  // Each(before-image) of the changes between two positions, in their order.
  template <class Each>
  void for_each_change(Snapshot from, Snapshot until, Each each) const {
    while (from < until) {
      const std::span<const BeforeImage> run = journal_.run(from);
      const std::span<const BeforeImage> images = run.first(std::min<std::size_t>(run.size(), until - from));
      for (const BeforeImage& image : images) each(image);
      from += images.size();
    }
  }
  // --- following --------------------------------------------------------------------------------------------------
  using Follower = std::uint32_t;
  Follower follow();  // for good
  // Adds to `rows` those that have changed since the follower was last told, or began.
  void tell_changed(Follower follower, RowSet& rows);
  std::uint64_t journal_bytes() const { return journal_.kept_bytes(); }
  std::uint64_t cell_bytes() const { return cells_.capacity() * sizeof(Cell); }

 private:
  void grow(RowId row) { cells_.resize(std::size_t{row} + 1); }
  void note_change(RowId row, Cell before) {
    if (readers_ > 0) [[unlikely]]
      keep_before_image(row, before);
    if (!untold_.empty()) changed_.insert(row);
  }
  void keep_before_image(RowId row, Cell cell);
  HugeArray<Cell> cells_;
  std::uint64_t live_ = 0;
  RowCounts extra_;
  Log<BeforeImage, 12> journal_;
  std::map<Snapshot, std::uint32_t> open_;
  std::uint32_t readers_ = 0;
  RowSet changed_;              // rows that no follower has been told of
  std::vector<RowSet> untold_;  // by follower: of which another has been told
};

// A table as of a snapshot. Built once per reading: it walks what changed between the snapshot and now.
class AsOf {
 public:
  struct Seen {
    RowId row;
    Cell cell;
    std::uint32_t extra;
  };
  AsOf(const TableCopy& table, TableCopy::Snapshot snapshot);
  // Some rows, sorted, are as they are given here, whatever the table has held; the others are as of the snapshot, or
  // not there at all.
  enum class Others : std::uint8_t { as_held, left_out };
  AsOf(const TableCopy& table, TableCopy::Snapshot snapshot, std::span<const Seen> given, Others others);
  Cell get(RowId row) const {
    if (changed_.empty()) return table_->get(row);
    const Seen* seen = find(row);
    return seen ? seen->cell : table_->get(row);
  }
  std::uint32_t extra_copies(RowId row) const {
    const Seen* seen = changed_.empty() ? nullptr : find(row);
    return seen ? seen->extra : table_->extra_copies(row);
  }
  // Each(first row, cells) for the runs of rows that lie together, of all slots in order: much cheaper than get() for
  // each.
  template <class Each>
  void for_each_run(Each each) const {
    const std::span<const Cell> now = table_->cells();
    RowId row = 0;
    for (const Seen& seen : changed_) {
      REHEARSE_ASSERT(seen.row < now.size(), "runs are of what the table has held");
      if (row < seen.row) each(row, now.subspan(row, seen.row - row));
      each(seen.row, std::span<const Cell>(&seen.cell, 1));
      row = seen.row + 1;
    }
    if (row < now.size()) each(row, now.subspan(row));
  }
  // Sorted by row, as of the snapshot; what was given is among it.
  const std::vector<Seen>& changed_since() const { return changed_; }
  Others others() const { return others_; }
  RowId slots() const { return std::max(table_->slots(), changed_.empty() ? RowId{0} : changed_.back().row + 1); }

 private:
  const Seen* find(RowId row) const;
  const TableCopy* table_;
  std::vector<Seen> changed_;
  Others others_ = Others::as_held;
};

}  // namespace rehearse
