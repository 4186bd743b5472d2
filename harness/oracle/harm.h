// Harm: what consumers' reads found. The world draws a read and says how old its answer was (sim/consumers); here it is
// judged by the ledger.
//
// Counted once, under the first that applies: *broken assumption* – the key is there twice, or has been missing for
// longer than the reader's freshness, or the store is at no one position of the source, or it shows a lower highest
// value than the reader has seen, and the reader needs otherwise; *wrong* – the row was divergent; *stale* – right,
// but older than the reader needs, which is what the store's pipeline promises unless it says otherwise.
#pragma once

#include <vector>

#include "harness/oracle/highest.h"
#include "harness/oracle/ledger.h"
#include "harness/oracle/truth_record.h"
#include "sim/world/world.h"

namespace rehearse {

class Harm {
 public:
  void start(const World& world);
  void saw(const Read& read, const World& world, const Ledger& ledger, const HighestShown& highest);
  const std::vector<ConsumerTruth>& consumers() const { return consumers_; }

 private:
  // Whether the store shows less than the reader has seen; remembers what it sees now.
  bool behind_what_was_seen(const Read& read, const World& world, const HighestShown& highest);
  std::vector<ConsumerTruth> consumers_;
};

}  // namespace rehearse
