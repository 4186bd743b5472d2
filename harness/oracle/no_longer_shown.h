// What a rollback takes from readers: changes that a moved reader's store showed when the rollback began, and that
// other stores, to which it may be sent back, do not show; until they do, if ever.
#pragma once

#include <vector>

#include "harness/oracle/truth_record.h"
#include "sim/pipelines/awaited.h"
#include "sim/world/world.h"

namespace rehearse {

class ChangesTakenBack {
 public:
  void rollback_begins(World& world);
  void after_batch_event(const World& world);
  std::vector<NoLongerShown> told(const World& world) const;

 private:
  struct Awaiting {  // of a batch job's store; a stream's lane counts by itself
    StoreId by = 0;
    TableId table = 0;
    StoreId store = 0;
    AwaitedChanges changes;
    std::uint64_t loads = 0, restores = 0;  // seen
  };
  void await(World& world, StoreId by, TableId table);
  std::vector<Awaiting> batches_;
};

}  // namespace rehearse
