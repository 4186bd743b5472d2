// The connector of a stream as it would read the source's own tables: what a real one delivers.
//
// The world's connector carries the records of datasets, some of which have rows of their own. This one stands beside
// it, has the same options, goes down and comes back with it, and is struck by the same taps; it carries the records of
// the tables that the datasets are made of. Where every dataset is a table, it appends what the world's appends.
// Nothing reads its topic but whoever asks here, and the world does not know of it, but for marks that it may add.
#pragma once

#include <vector>

#include "sim/world/world.h"

namespace rehearse {

class TablesConnector {
 public:
  // The world has started and has not moved.
  TablesConnector(const World& world, PipelineId stream);

  // After every advance and every event of the world.
  void follow(World& world);
  const Topic& topic() const { return topic_; }
  void forget_before(std::uint32_t partition, std::uint64_t offset);

  bool reads(TableId table) const { return connector_.reads(table); }
  bool delivered(const World& world) const;  // everything that the source has committed
  Lsn needed_from() const;                   // the source's log

 private:
  PipelineId stream_;
  Connector connector_;
  Topic topic_;
  // What it tells is of no store.
  Facts facts_;
  std::vector<TableCopy> tables_;
};

}  // namespace rehearse
