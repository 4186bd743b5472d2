// What the logic on trial may see of the world: rows as of a read, positions that pipelines expose, monitors, routing.
//
// Never causes, alterations, marks, writes or anything else that only the simulator knows: a reader gets keys, columns'
// values and counts, as a query would. Costs in simulated time are the reader's to spend: a read takes rows / scan rate.
// A Reading is one snapshot of one table of one side, taken at the instant of open().
//
// How comparisons stay cheap without showing it: a Comparison remembers which rows differed at its last evaluation and
// looks again at those and at the rows that either side's journal says have changed since; `paranoid` also scans all
// rows and asserts that the answer is the same.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/kernel/draw.h"
#include "sim/kernel/time.h"
#include "sim/pipelines/latency.h"
#include "sim/rows/content.h"
#include "sim/rows/table_copy.h"
#include "sim/rows/types.h"

namespace rehearse {

class World;

struct Reading {
  StoreId store = 0;
  TableId table = 0;
  Time at;
  TableCopy::Snapshot snapshot = 0;
  bool ready = true;          // false while a store's initial snapshot is being written: no data
  Lsn source_end = 0;         // the source's position at that instant
  std::vector<Lsn> positions; // that the side exposed at that instant: one, or one a partition
};

enum class KeyClass : std::uint8_t { missing, extra, duplicate, mismatch };

struct KeyDifference {
  RowId row = 0;                  // stands for the key; key_text() prints it
  KeyClass kind = KeyClass::missing;
  std::vector<ColumnId> columns;  // of a mismatch
};

struct CompareRequest {
  std::vector<ColumnId> columns;         // empty: those of the dataset's contract
  bool settled_only = true;              // leave out rows whose changes one side has not reached (by exposed positions)
  bool reread_source = false;            // a row that differs counts only if it differs from the source's row read now
  std::optional<Chance> sample;          // of keys
  Stream sample_stream;
  std::uint64_t sample_run = 0;          // names the draw: another number, another sample
  std::optional<Time> created_after, created_before;  // only rows created in [after, before); synthetic sources only
};

struct CompareAnswer {
  bool data = false;                     // false: a side was not ready, nothing was compared
  std::uint64_t rows_compared = 0;       // keys on either side, in the sample, settled
  std::uint64_t rows_unsettled = 0;      // left out because of their position
  std::vector<KeyDifference> differences;  // by row
};

struct AggregateRequest {
  enum class Measure : std::uint8_t { sum, average, min, max, distinct, nulls, count } measure = Measure::sum;
  ColumnId column = 0;
  std::optional<ColumnId> group_by;
};
struct AggregateGroup {
  Value group;           // null without group_by
  double value = 0;
  std::uint64_t rows = 0;
};

class ReadView {
 public:
  explicit ReadView(World& world, bool paranoid = false) : world_(&world), paranoid_(paranoid) {}

  Time now() const;
  std::int64_t start_unix_ns() const;
  std::optional<StoreId> store(const std::string& name) const;  // "source" is the source
  std::string store_name(StoreId store) const;
  bool holds(StoreId store, TableId table) const;
  std::size_t tables() const;
  std::optional<TableId> dataset_table(const std::string& dataset) const;
  const TableSchema& schema(TableId table) const;
  std::vector<ColumnId> contract_columns(TableId table) const;
  std::string key_text(TableId table, RowId row) const;

  // --- reading rows
  Reading open(StoreId store, TableId table);
  void close(const Reading& reading);
  std::uint64_t rows(const Reading& reading) const;  // physical rows, duplicates counted
  // Rows created in [after, before), duplicates counted. Synthetic sources only.
  std::uint64_t rows_created(const Reading& reading, Time after, Time before) const;
  // Keys that the side holds more than once; with columns, groups of equal values of those columns held more than once.
  std::vector<KeyDifference> duplicates(const Reading& reading, const std::vector<ColumnId>& columns) const;
  std::vector<AggregateGroup> aggregate(const Reading& reading, const AggregateRequest& request) const;  // by group
  Value value(const Reading& reading, RowId row, ColumnId column) const;
  bool present(const Reading& reading, RowId row) const;

  // --- what pipelines expose
  // Age of the oldest change that is not visible in the store yet (stream), or of the last load's extract (batch).
  Duration freshness(StoreId store) const;
  std::uint64_t lag_records(StoreId store) const;        // committed at the source, not yet visible; 0 for batch
  const LatencyHistogram* latency(StoreId store) const;  // commit to first visible, since the start; streams only
  Lsn source_end() const;
  Lsn lowest_position(StoreId store) const;              // that the store has reached for certain
  std::uint64_t batch_cycles_loaded(StoreId store) const;
  std::uint64_t restarts(StoreId store) const;           // of the store's streaming pipeline that are over
  std::uint64_t schema_changes() const;                  // DDL statements that the source has seen

 private:
  friend class Comparison;
  World* world_;
  bool paranoid_;
};

// The state of one recurring comparison of one table between two sides.
class Comparison {
 public:
  Comparison(StoreId reference, StoreId trial, TableId table) : reference_(reference), trial_(trial), table_(table) {}
  // The readings are of these two sides and this table, still open, and not older than those of the last evaluation.
  CompareAnswer evaluate(ReadView& view, const Reading& reference, const Reading& trial, const CompareRequest& request);
  // Looks again at the given keys only, each side as it is in these readings.
  CompareAnswer look_again(ReadView& view, const Reading& reference, const Reading& trial, const CompareRequest& request,
                           const std::vector<KeyDifference>& keys);

 private:
  StoreId reference_;
  StoreId trial_;
  TableId table_;
  bool started_ = false;
  TableCopy::Snapshot reference_seen_ = 0;  // kept open between evaluations
  TableCopy::Snapshot trial_seen_ = 0;
  std::vector<RowId> different_;            // rows whose cells differed at the last evaluation, sorted
  std::uint64_t keys_ = 0;                  // keys on either side at the last evaluation
};

// What control over the world the logic on trial has: what a migration's operators can do.
class Controls {
 public:
  explicit Controls(World& world) : world_(&world) {}

  // Consumers on the team's list.
  struct KnownConsumer {
    std::uint32_t index;
    std::string name;
    int tier;       // 0 low, 1 medium, 2 high
    bool movable;   // reads a dataset, not one store
    StoreId store;  // where it reads now
    std::optional<StoreId> fallback;
    TableId table;
  };
  std::vector<KnownConsumer> consumers() const;
  void route(std::uint32_t consumer, StoreId store);
  bool pause_batch(const std::string& pipeline);   // false: no such batch job
  bool resume_batch(const std::string& pipeline);
  // Puts the store's version `back` back (1 = the last load's content); false if it is not kept.
  bool restore_snapshot(StoreId store, std::uint32_t back);
  std::optional<StoreId> store_of_pipeline(const std::string& pipeline) const;

  // Repairs. A row is read at one time and written at another, so a repair may race with live changes.
  class RowImage {
    friend class Controls;
    TableId table = 0;
    RowId row = 0;
    Cell cell;
  };
  RowImage read_source_row(TableId table, RowId row) const;
  void write_row(StoreId store, const RowImage& image);
  void deduplicate_row(StoreId store, TableId table, RowId row);

  // Runs `event` at a simulated time.
  void schedule(Time at, std::uint16_t code, std::uint32_t index, std::uint64_t argument, bool for_migration);

 private:
  World* world_;
};

}  // namespace rehearse
