// The truth's intervals, ready to be asked: by row, by table, by store, over time.
//
// Invariants: intervals of one row of one store are disjoint; what begins at or after the rehearsal's end (while the
// world is healed and drained) is left out, and what lasts beyond it counts as lasting at the end.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "harness/judge/spans.h"
#include "harness/oracle/truth_record.h"
#include "sim/kernel/time.h"
#include "sim/rows/types.h"

namespace rehearse::judging {

// How many rows of a store are divergent from a time on.
struct Step {
  Time from;
  std::uint64_t rows = 0;
};

class Divergences {
 public:
  // The intervals must be sorted by store, table, row, from (asserted).
  Divergences(const TruthRecord& truth, Time end);

  using Index = std::size_t;
  const DivergentInterval& operator[](Index i) const { return intervals_[i]; }
  // Intervals of one table of one store: [first, second).
  std::pair<Index, Index> of_table(StoreId store, TableId table) const;
  std::pair<Index, Index> of_store(StoreId store) const;
  // Of one row within [first, second) of its table.
  std::pair<Index, Index> of_row(std::pair<Index, Index> table, RowId row) const;

  // Of the rows from `from` to `to`, both included.
  std::pair<Index, Index> of_rows(std::pair<Index, Index> table, RowId from, RowId to) const;

  // When any row of the table is divergent.
  const Spans& any_of(StoreId store, TableId table) const;
  // Steps in order, the first at or before the first interval; nothing if no row ever was divergent.
  const std::vector<Step>& steps(StoreId store) const { return steps_[store]; }
  // Of those that are divergent in one way.
  const std::vector<Step>& steps(StoreId store, DivergenceKind kind) const {
    return steps_by_kind_[store][static_cast<std::size_t>(kind)];
  }
  std::uint64_t rows_at(StoreId store, Time t) const;
  std::uint64_t most_rows(StoreId store) const;
  std::uint64_t rows_ever(StoreId store) const;  // distinct
  std::uint64_t rows_at_end(StoreId store) const;
  // When more than `most` rows are divergent.
  Spans above(StoreId store, std::uint64_t most) const;
  Time end() const { return end_; }

 private:
  std::vector<DivergentInterval> intervals_;
  static constexpr std::size_t kinds = 4;
  void add_steps_of(StoreId store);                                  // the next
  std::vector<std::vector<Step>> steps_;                             // by store
  std::vector<std::array<std::vector<Step>, kinds>> steps_by_kind_;  // by store
  std::map<std::pair<StoreId, TableId>, Spans> any_;
  Time end_;
};

}  // namespace rehearse::judging
