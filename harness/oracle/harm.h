// Harm: what consumers' reads found. The world draws a read and says how old its answer was (sim/consumers); here it is
// judged by the ledger.
//
// Counted once, under the first that applies: *wrong* – the row was divergent; *broken assumption* – what the consumer
// takes for granted did not hold of it; *stale* – right, but older than the store's pipeline promises.
#pragma once

#include <vector>

#include "harness/oracle/ledger.h"
#include "harness/oracle/truth_record.h"
#include "sim/world/world.h"

namespace rehearse {

// Whether a store as a whole is stale now: some change, or the last extract, is older than promised.
bool stale_now(const World& world, StoreId store);

class Harm {
 public:
  void start(const World& world);
  void saw(const Read& read, const World& world, const Ledger& ledger);
  const std::vector<ConsumerTruth>& consumers() const { return consumers_; }

 private:
  std::vector<ConsumerTruth> consumers_;
};

}  // namespace rehearse
