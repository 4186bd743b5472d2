// How far into the source's log a store shows the changes of each row at one instant, exclusive; the source shows all.
#pragma once

#include <algorithm>
#include <vector>

#include "sim/pipelines/topic.h"
#include "sim/rows/types.h"

namespace rehearse {

class ShownPositions {
 public:
  explicit ShownPositions(Lsn of_all) : lowest_(of_all) {}
  // The topic outlives this. Its partitions' positions, in their order; at least one.
  ShownPositions(const Topic& topic, std::vector<Lsn> by_partition)
      : topic_(&topic), by_partition_(std::move(by_partition)), lowest_(*std::ranges::min_element(by_partition_)) {}

  Lsn of(TableId table, RowId row) const {
    return topic_ ? by_partition_[topic_->partition_of(table, row, 0)] : lowest_;
  }
  Lsn lowest() const { return lowest_; }
  // Of the same store, be it in a copy of the world.
  bool operator==(const ShownPositions& other) const {
    return lowest_ == other.lowest_ && by_partition_ == other.by_partition_;
  }
  // Whether no row is shown less far than by `before`, positions of the same store.
  bool reach(const ShownPositions& before) const {
    return lowest_ >= before.lowest_ && std::ranges::equal(by_partition_, before.by_partition_, std::greater_equal{});
  }

 private:
  const Topic* topic_ = nullptr;  // null: all rows are shown as far
  std::vector<Lsn> by_partition_;
  Lsn lowest_ = 0;
};

}  // namespace rehearse
