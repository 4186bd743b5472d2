// What happened to rows that somebody watches: the raw material of the truth ledger.
//
// A row is watched from the first time that something befalls it which a correct and uneventful pipeline would not have
// done: a write that deviates from its record, a loss, a record that is under way again. From then on every change of
// it is told, in the source and in the store, until the reader of the facts calls unwatch(). Facts say what happened
// and in whose lineage, never whether the store is wrong by it: that is the oracle's to say. The logic on trial cannot
// reach them.
// Invariant: of a watched row, each delivery of each write is told once when it ends, as written or lost; a further
// delivery (`copy`) is also told when it comes under way, and with the same `held` when it ends.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/kernel/time.h"
#include "sim/rows/types.h"

namespace rehearse {

struct Fact {
  enum class Kind : std::uint8_t {
    committed,       // the source has a new write of the row (store 0)
    schema_changed,  // the source's table has a new schema version (store 0)
    owed_again,      // a carrier of the store's pipeline took the record up once more
    written,         // a delivery of the record ended in the store, whose cell of the row is now `cell`
    lost,            // a delivery of the record ended and will never reach the store, as it was `held`
    reshaped,        // the store lacks a column that the source's table has got: its cell shows NULL there
    repaired         // somebody who is no pipeline wrote the store's cell; the record's own delivery may still come
  };
  Time at;
  Cell record;  // what the record says: its write, and the mark of its row as it was committed
  Cell before;  // the store's cell before, and
  Cell cell;    // after
  RowId row = 0;
  std::uint32_t extra_copies = 0;  // after a write
  StoreId store = 0;
  TableId table = 0;
  Kind kind = Kind::written;
  bool copy = false;    // not the record's first delivery
  Mark held = absent;   // what this delivery carries, which a tap may have altered
  CauseSet causes = 0;  // but for those of the marks, which say themselves why a column was altered
};

// In the order in which components advanced; whoever reads them sorts by time (stably).
using Facts = std::vector<Fact>;

}  // namespace rehearse
