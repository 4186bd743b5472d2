// What the oracle knows at the end of a rehearsal, as plain data: the judge reads this and nothing of the world.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/oracle/divergence.h"
#include "harness/oracle/read_history.h"
#include "sim/consumers/consumer.h"
#include "sim/kernel/time.h"
#include "sim/pipelines/latency.h"
#include "sim/rows/types.h"

namespace rehearse {

struct Span {
  Time from;
  Time until;  // not included; Time::never() while it lasts
};

// A measure of an aggregate, over all groups and in the one that is furthest off; in parts per 10^9.
struct MeasureTruth {
  std::string dataset, column;
  std::int64_t error_ppb = 0;  // the groups' distances from what is expected, in parts of all that is expected
  std::int64_t worst_ppb = 0;  // of the larger of the two, so 10^9 for a group that is missing or should not be there
  std::string worst_group;     // its key; empty if none is wrong
};

// A value from a time on, in order.
using TimeSteps = std::vector<std::pair<Time, Time>>;

struct StoreTruth {
  struct Older {
    Duration age;
    std::vector<Span> spans;
  };
  struct Highest {
    TableId table = 0;
    SortedBy column = SortedBy::nothing;
    TimeSteps steps;
  };
  std::string name;
  std::string pipeline;
  Duration freshness;          // promised
  std::vector<Span> stale;     // as a whole: some change pending for longer, or the last extract older; in order
  Duration worst_age;          // at one time, of its oldest change that was not visible, or of its extract
  std::optional<Time> loaded;  // when its first load was complete
  std::vector<std::pair<Time, std::uint64_t>> keys;  // expected or there, from the time on
  std::uint64_t rows = 0;                            // at the end
  std::uint64_t keys_expected = 0;                   // live at the source, of its datasets, at the end
  std::vector<Older> older{};  // as `stale`, for ages that readers need and the pipeline does not promise
  // Where a reader needs it: when it showed changes without all of those before them, whatever it had lost; in order.
  std::vector<Span> at_no_position{};
  std::vector<Highest> highest{};  // of columns by which readers need their reads to be sorted
};

// Changes of a table that one store showed when a rollback began and that another one does not show, over time.
struct NoLongerShown {
  StoreId by = 0;
  TableId table = 0;
  StoreId store = 0;
  std::vector<std::pair<Time, std::uint64_t>> steps{};  // so many from a time on; in order
};

struct ConsumerTruth {
  std::string name;
  int tier = 0;  // 0 low, 1 medium, 2 high
  bool listed = true;
  ReadCounts all{};
  ReadHistory history{};
  LatencyHistogram age{};  // of what its reads were shown
  Duration oldest{};
  std::uint64_t cut_off = 0;  // reads of a store whose pipeline was paused for good (outputs that no longer change)
  TableId table = 0;          // that it reads
  SortedBy sorted = SortedBy::nothing;
  TimeSteps seen{};  // if its reads must be sorted: the highest value so far
};

struct TruthRecord {
  std::vector<StoreTruth> stores;            // by StoreId; [0] is the source
  std::vector<DivergentInterval> intervals;  // sorted by store, table, row, from
  std::vector<ConsumerTruth> consumers;
  std::vector<NoLongerShown> no_longer_shown;  // of what readers that the plan had moved read, once a rollback begins
  // Rows that are divergent after everything was healed and drained, by StoreId.
  std::vector<std::uint64_t> divergent_at_end;
  std::vector<std::vector<MeasureTruth>> measures_at_end;  // by StoreId, of its aggregates
};

}  // namespace rehearse
