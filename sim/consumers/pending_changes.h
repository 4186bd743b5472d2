// Since when a row of a store lacks a change that is on its way: asked of rows that a read has found behind.
//
// The part of the source's log that may be on its way is threaded by row, once, as far as it is asked for; of a store
// that keeps up, next to nothing. A look-up goes along the row's thread to the first change that is newer than what is
// shown; it does not begin at what an earlier look-up found, since a crash may bring back what was shown before.
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
  // When the first change of the row at or after the position `from` was committed that is newer than `shown`; none if
  // there is no such change. `kept`, which only grows: from there on the log is kept; before it nothing is on its way.
  std::optional<Time> first_after(const SourceLog& log, Lsn kept, Lsn from, TableId table, RowId row, Write shown);

 private:
  static constexpr std::uint32_t none = ~std::uint32_t{0};
  struct Thread {  // of a row: its changes by position from begin_; counts if it is of the present round
    std::uint32_t round = 0;
    std::uint32_t first = none, last = none;
  };
  void follow(const SourceLog& log, Lsn kept);
  void begin_anew_if_stale(const SourceLog& log, Lsn kept);
  Thread& thread(TableId table, RowId row);

  std::uint32_t round_ = 0;
  Lsn begin_ = 0, end_ = 0;                  // what is threaded
  std::vector<std::uint32_t> next_;          // by position from begin_: that of the row's next change
  std::vector<std::vector<Thread>> by_row_;  // by table and row
};

}  // namespace rehearse
