// What pipelines did that a correct and uneventful one would not have done: the raw material of the truth ledger.
//
// A clean write of a row that nobody watches leaves no fact; a row that has one is watched from then on. Facts say what
// happened and in whose lineage, never whether the store is wrong by it: that is the oracle's to say. The logic on
// trial cannot reach them.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/kernel/time.h"
#include "sim/rows/types.h"

namespace rehearse {

struct Fact {
  enum class Kind : std::uint8_t {
    written,  // the store's cell of the row is now `cell`
    lost,     // this delivery of the write will never reach the store
    repaired  // somebody who is no pipeline wrote the store's cell; the record's own delivery may still come
  };
  Time at;
  Time owed_since;  // since when a carrier held the record (its commit, or its re-delivery's start)
  Cell record;      // what the record says: its write, and the mark of its row as it was committed
  Cell before;      // the store's cell before a write, and
  Cell cell;        // after it
  RowId row = 0;
  std::uint32_t extra_copies = 0;  // after a write
  StoreId store = 0;
  TableId table = 0;
  Kind kind = Kind::written;
  CauseSet causes = 0;
};

// In the order in which components advanced; whoever reads them sorts by time (stably).
using Facts = std::vector<Fact>;

}  // namespace rehearse
