// Since when a row of a store lacks a change that is on its way: asked of rows that a read has found behind.
//
// Where little is on its way the log is gone through from there. Where much is, that part of it is threaded once,
// bucket by bucket of rows, as far as it is asked for; so that all look-ups together cost a step for each record of the
// log, and each of them a step for each change of its bucket that is shown already beyond `lowest`. A look-up does not
// begin at what an earlier one found, since a crash may bring back what was shown before.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/kernel/time.h"
#include "sim/rows/types.h"
#include "sim/source/source.h"

namespace rehearse {

class PendingChanges {
 public:
  PendingChanges() = default;
  PendingChanges(const PendingChanges&) {}  // what is threaded can be threaded again, and most copies never ask
  PendingChanges& operator=(const PendingChanges&) = delete;
  PendingChanges(PendingChanges&&) noexcept = default;
  PendingChanges& operator=(PendingChanges&&) noexcept = default;

  // When the first change of the row at or after the position `from` was committed that is newer than `shown`; none if
  // there is no such change. `lowest` <= from: before it nothing of any row is on its way; it only grows.
  std::optional<Time> first_after(const SourceLog& log, Lsn lowest, Lsn from, TableId table, RowId row, Write shown);

 private:
  static constexpr std::uint32_t none = ~std::uint32_t{0};
  static constexpr Lsn few = 4'096;
  struct Bucket {  // its changes, by position from begin_
    std::uint32_t first = none, last = none;
  };
  void follow(const SourceLog& log, Lsn lowest);
  void begin_at(Lsn lowest, Lsn end);
  Bucket& bucket(TableId table, RowId row);

  Lsn begin_ = 0, end_ = 0;          // what is threaded
  std::vector<std::uint32_t> next_;  // by position from begin_: that of the bucket's next change
  std::vector<Bucket> buckets_;      // a power of two of them
};

}  // namespace rehearse
