// Harm: what consumers' reads found. A read draws a row as its consumer does, from the store that routing sends it to.
//
// Counted once, under the first that applies: *wrong* – the row was divergent; *broken assumption* – what the consumer
// takes for granted did not hold of it; *stale* – right, but older than the store's pipeline promises. For a batch
// store the extract's age decides; for a stream, whether the row has a change that has been pending for longer than
// promised. Left out: reads of aggregates, response times, errors. Invariant: a read's row is a keyed draw over the
// source's keys: (consumer, read, attempt).
#pragma once

#include <cstdint>
#include <vector>

#include "harness/oracle/ledger.h"
#include "harness/oracle/truth_record.h"
#include "sim/kernel/zipf.h"
#include "sim/world/world.h"

namespace rehearse {

// Which rows of a stream's store have had a change pending for longer than the pipeline promises. It follows the
// source's log at the promised distance and keeps, by row, the latest write that should be visible by now. It looks
// only while the store is stale, and then the log is still kept from the oldest change that is not visible.
class OverdueRows {
 public:
  bool overdue(const World& world, StoreId store, TableId table, RowId row);

 private:
  void follow(const World& world, Duration freshness);
  Lsn next_ = 0;
  std::vector<std::vector<Write>> due_;  // by table and row
};

// Whether a store as a whole is stale now: some change, or the last extract, is older than promised.
bool stale_now(const World& world, StoreId store);

class Harm {
 public:
  void start(const World& world);
  void read(const World& world, const Ledger& ledger, std::uint32_t consumer, std::uint64_t number);
  const std::vector<ConsumerTruth>& consumers() const { return consumers_; }

 private:
  RowId draw(const World& world, std::uint32_t consumer, std::uint64_t number);
  struct Draws {
    Stream stream;
    Zipf zipf{1, 0};
    KeyPermutation permutation;
    RowId covers = 0;
  };
  std::vector<ConsumerTruth> consumers_;
  std::vector<Draws> draws_;
  std::vector<OverdueRows> overdue_;  // by store
};

}  // namespace rehearse
