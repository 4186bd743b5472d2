// The highest value that each store shows of a column of times, for readers whose reads must be sorted by it: the
// commit of the newest row (created_at), or of the newest row or update (updated_at), that the store has visible.
//
// A stream's lane says what it has made visible; a batch job's store shows what was committed by the extract that its
// content is from, so a restore brings back the highest value of that load. Followed only for tables of which somebody
// asks.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "harness/oracle/truth_record.h"
#include "sim/world/world.h"

namespace rehearse {

class HighestShown {
 public:
  void start(const World& world);
  void advanced(const World& world);  // after every advance, while the log still has what it brought
  // Call around the handling of an event that may move a batch job.
  void before_batch_event(const World& world);
  void after_batch_event(const World& world);

  Time now(const World& world, StoreId store, TableId table, SortedBy column) const;
  std::vector<StoreTruth::Highest> of(const World& world, StoreId store) const;

 private:
  using ByTable = std::map<TableId, NewestCommits>;  // those that somebody asks for
  struct Content {                                   // of a batch job's store
    bool was_running = false;
    std::uint64_t loads = 0, restores = 0;  // seen
    ByTable extract;                        // of the attempt under way
    std::map<std::uint64_t, ByTable> by_load;
    std::vector<std::pair<Time, ByTable>> steps;
  };
  void show(const World& world, PipelineId batch);

  std::vector<std::pair<TableId, SortedBy>> asked_;  // each once
  ByTable at_source_;
  Lsn next_ = 0;                  // of the log, to be read
  std::vector<Content> batches_;  // by batch pipeline
};

}  // namespace rehearse
