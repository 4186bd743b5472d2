#include "sim/consumers/pending_changes.h"

#include <algorithm>

namespace rehearse {

PendingChanges::Thread& PendingChanges::thread(TableId table, RowId row) {
  if (table >= by_row_.size()) by_row_.resize(std::size_t{table} + 1);
  std::vector<Thread>& rows = by_row_[table];
  if (row >= rows.size()) rows.resize(std::max<std::size_t>(std::size_t{row} + 1, rows.size() + rows.size() / 2));
  Thread& thread = rows[row];
  if (thread.round != round_) thread = {round_, none, none};
  return thread;
}

// Where little of what is threaded is still on its way.
void PendingChanges::begin_anew_if_stale(const SourceLog& log, Lsn kept) {
  const bool apart = round_ == 0 || kept >= end_;
  if (!apart && kept - begin_ <= log.end() - kept) return;
  begin_ = end_ = kept;
  next_.clear();
  ++round_;
}

void PendingChanges::follow(const SourceLog& log, Lsn kept) {
  begin_anew_if_stale(log, kept);
  next_.resize(log.end() - begin_, none);
  for (; end_ < log.end(); ++end_) {
    const LogRecord& change = log[end_];
    Thread& row = thread(change.table(), change.row);
    const auto at = static_cast<std::uint32_t>(end_ - begin_);
    if (row.first == none) row.first = at;
    if (row.last != none) next_[row.last] = at;
    row.last = at;
  }
}

std::optional<Time> PendingChanges::first_after(const SourceLog& log, Lsn kept, Lsn from, TableId table, RowId row,
                                                Write shown) {
  follow(log, kept);
  Thread& of_row = thread(table, row);
  while (of_row.first != none && begin_ + of_row.first < kept) of_row.first = next_[of_row.first];
  for (std::uint32_t at = of_row.first; at != none; at = next_[at]) {
    const Lsn lsn = begin_ + at;
    if (lsn >= from && log[lsn].write > shown) return log[lsn].commit();
  }
  return std::nullopt;
}

}  // namespace rehearse
