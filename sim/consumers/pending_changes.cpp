#include "sim/consumers/pending_changes.h"

#include <bit>

#include "sim/kernel/draw.h"

namespace rehearse {

PendingChanges::Bucket& PendingChanges::bucket(TableId table, RowId row) {
  return buckets_[finalise(std::uint64_t{table} << 32 | row) & (buckets_.size() - 1)];
}

void PendingChanges::begin_at(Lsn lowest, Lsn end) {
  begin_ = end_ = lowest;
  next_.clear();
  buckets_.assign(std::bit_ceil((end - lowest) / 2 + 1), Bucket{});
}

void PendingChanges::follow(const SourceLog& log, Lsn lowest) {
  const Lsn on_its_way = log.end() - lowest;
  const bool mostly_shown = lowest >= end_ || lowest - begin_ > on_its_way;
  const bool crowded = log.end() - begin_ > buckets_.size() * 8;
  if (buckets_.empty() || mostly_shown || crowded) begin_at(lowest, log.end());
  next_.resize(log.end() - begin_, none);
  for (; end_ < log.end(); ++end_) {
    const LogRecord& change = log[end_];
    Bucket& rows = bucket(change.table(), change.row);
    const auto at = static_cast<std::uint32_t>(end_ - begin_);
    (rows.last == none ? rows.first : next_[rows.last]) = at;
    rows.last = at;
  }
}

std::optional<Time> PendingChanges::first_after(const SourceLog& log, Lsn lowest, Lsn from, TableId table, RowId row,
                                                Write shown) {
  const auto found = [&](const LogRecord& change) {
    return change.row == row && change.write > shown && change.table() == table;
  };
  if (log.end() - from <= few) {
    for (Lsn lsn = from; lsn < log.end(); ++lsn)
      if (found(log[lsn])) return log[lsn].commit();
    return std::nullopt;
  }
  follow(log, lowest);
  Bucket& rows = bucket(table, row);
  while (rows.first != none && begin_ + rows.first < lowest) rows.first = next_[rows.first];  // shown for good
  if (rows.first == none) rows.last = none;
  for (std::uint32_t at = rows.first; at != none; at = next_[at])
    if (begin_ + at >= from && found(log[begin_ + at])) return log[begin_ + at].commit();
  return std::nullopt;
}

}  // namespace rehearse
