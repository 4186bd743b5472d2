// What pipelines did that a correct and uneventful one would not have done: the raw material of the truth ledger.
//
// A clean write of a row that nobody watches leaves no fact. Facts say what happened and in whose lineage, never whether
// the store is wrong by it: that is the oracle's to say. The logic on trial cannot reach them.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/kernel/time.h"
#include "sim/rows/types.h"

namespace rehearse {

struct Fact {
  enum class Kind : std::uint8_t {
    written,  // the store's cell of the row is now `cell`
    lost      // this delivery of the write will never reach the store
  };
  Time at;
  Time owed_since;   // since when a carrier held the record that was written (its commit, or its re-delivery's start)
  Write write = 0;   // the record's; the cell may hold another
  RowId row = 0;
  Cell cell;         // after a write
  std::uint32_t extra_copies = 0;
  StoreId store = 0;
  TableId table = 0;
  Kind kind = Kind::written;
  CauseSet causes = 0;
};

// In the order in which components advanced; within one store by time.
using Facts = std::vector<Fact>;

}  // namespace rehearse
