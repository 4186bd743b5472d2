// What the logic on trial may see of the world: rows as of a read, positions that pipelines expose, monitors, routing.
//
// Never causes, alterations, marks, writes or anything else that only the simulator knows: a reader gets keys, columns'
// values and counts, as a query would. Costs in simulated time are the reader's to spend: a read takes rows / scan
// rate. A Reading is one snapshot of one table of one side, taken at the instant of open().
//
// How comparisons stay cheap without showing it: a Comparison remembers which rows differed at its last evaluation and
// looks again at those and at the rows that have changed on either side since; `paranoid` also scans all rows and
// asserts that the answer is the same. Where most rows have changed between two evaluations, it scans. Counts in
// windows, duplicates by columns and aggregates are plain scans in batches of rows.
//
// Leaves out: rows' times of captured sources; the order of rows; what extra copies of a row hold (all are alike).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/kernel/digest.h"
#include "sim/kernel/draw.h"
#include "sim/kernel/time.h"
#include "sim/kernel/wide.h"
#include "sim/pipelines/latency.h"
#include "sim/rows/content.h"
#include "sim/rows/row_set.h"
#include "sim/rows/table_copy.h"
#include "sim/rows/types.h"
#include "sim/world/unread_changes.h"

namespace rehearse {

class World;
class Comparison;

// Whether a reading also notes which rows the source has changed beyond what the side shows for certain.
enum class Positions : std::uint8_t { unread, read };

struct Reading {
  StoreId store = 0;
  TableId table = 0;
  Time at;
  TableCopy::Snapshot snapshot = 0;
  TableCopy::Snapshot source_snapshot = 0;  // of the source's copy of the table: tells what has changed there since
  bool ready = true;                        // false while a store's initial snapshot is being written: no data
  Lsn source_end = 0;                       // the source's position at that instant
  Lsn lowest_position = 0;                  // that the side exposed at that instant
  // The store's rows that changed at or beyond the position that the side exposed for them, before source_end; of a
  // batch store the position is that of the row's first such change. Null if not asked for.
  ChangedRows behind;
  // Rows that are read otherwise than the side holds them, beside the others or alone: for whoever asks what a reader
  // would say if they were so, or what part in a figure they have. Sorted by row. Null: none.
  std::shared_ptr<const std::vector<AsOf::Seen>> given;
  AsOf::Others others = AsOf::Others::as_held;
};

// Which rows two readings are compared on.
enum class Scope : std::uint8_t {
  all,       // every row, as each side holds it
  settled,   // not those with a change between the positions that the sides exposed; needs Positions::read
  unchanged  // not those that the source has changed between the two readings' instants
};

enum class KeyClass : std::uint8_t { missing, extra, mismatch, duplicate };

struct KeyDifference {
  RowId row = 0;  // stands for the key; key_text() prints it
  KeyClass kind = KeyClass::missing;
  std::vector<ColumnId> columns;  // of a mismatch
};

// Only rows created in [after, before), each side by its own column; synthetic sources only.
struct CreatedWindow {
  ColumnId by = 0;
  Time after, before;
};
// Only rows created before, each side by its own column; where a contract has none, by when the source created them.
struct CreatedCut {
  std::optional<ColumnId> by;
  Time before;
};

struct CompareRequest {
  std::vector<ColumnId> columns;  // empty: those of the dataset's contract
  Scope scope = Scope::settled;
  bool reread_source = false;    // a row that differs counts only if it differs from the source's row as it is now
  std::optional<Chance> sample;  // of keys
  Stream sample_stream;
  std::uint64_t sample_run = 0;  // names the draw: another number, another sample
  std::optional<CreatedCut> cut;
};

struct CompareAnswer {
  bool data = false;                       // false: a side was not ready, nothing was compared
  std::uint64_t rows_compared = 0;         // keys on either side, in the sample, in scope
  std::uint64_t rows_unsettled = 0;        // keys in the sample that the scope left out
  std::uint64_t rows_reread = 0;           // that the source was asked for again
  std::vector<KeyDifference> differences;  // by row, then kind: a row may both differ and be there twice
};

struct AggregateRequest {
  enum class Measure : std::uint8_t { sum, average, min, max, distinct, nulls, count } measure = Measure::sum;
  ColumnId column = 0;
  std::optional<ColumnId> group_by;
  std::optional<CreatedWindow> window;
};
// What rows have in the measures that are sums over rows, exactly, so that some rows' part can be taken out and put in.
struct AggregateParts {
  Signed128 sum = 0;
  std::uint64_t rows = 0, nulls = 0;
  AggregateParts& operator+=(const AggregateParts& more) {
    sum += more.sum, rows += more.rows, nulls += more.nulls;
    return *this;
  }
  AggregateParts& operator-=(const AggregateParts& less) {
    sum -= less.sum, rows -= less.rows, nulls -= less.nulls;
    return *this;
  }
  bool operator==(const AggregateParts&) const = default;
};
struct AggregateGroup {
  Value group;             // null without group_by
  double value = 0;        // in the column's own unit; of a text or time, in no unit at all
  std::uint64_t rows = 0;  // physical ones
  AggregateParts parts;
};
// Whether a measure is made of parts: not the extremes, nor how many values differ.
constexpr bool has_parts(AggregateRequest::Measure measure) {
  using Measure = AggregateRequest::Measure;
  return measure != Measure::min && measure != Measure::max && measure != Measure::distinct;
}
double of_parts(AggregateRequest::Measure measure, const AggregateParts& parts, double unit);

// One row as a checksum sees it.
struct HashedRow {
  RowId row = 0;
  std::uint32_t copies = 0;  // physical ones
  std::uint64_t hash = 0;
};
enum class KeyInHash : std::uint8_t { included, left_out };

struct RowValue {
  RowId row = 0;
  Value value;
};

// Counters that a stream exposes, since the start: the connector's own, and what the broker knows of its topic and of
// the members' offsets. What a crash threw away in the members nobody counts.
struct StreamCounters {
  std::uint64_t read = 0;       // changes that the connector has read from the log, each once
  std::uint64_t forwarded = 0;  // of those: put into the topic, or held back for it
  std::uint64_t passed = 0;     // topic records that the members' offsets have passed for good
  std::uint64_t expired = 0;    // of those: taken by retention before they were fetched
};

// Where what a pipeline says of itself comes from; nothing is said while that part is paused or down.
enum class SeenFrom : std::uint8_t {
  source,     // asked of source and store: all that is committed and not visible
  connector,  // committed and not read by the connector
  sink        // in the topic and not visible
};

// A column of a table, or of its dataset, that a store's pipeline does not write as the source has it now.
struct SchemaDifference {
  enum class How : std::uint8_t { absent, retyped } how = How::absent;
  ColumnId column = 0;
};

class ReadView {
 public:
  // For as long as one event is handled: whoever keeps a view keeps the address of one world.
  explicit ReadView(World& world, bool paranoid = false) : world_(&world), paranoid_(paranoid) {}

  Time now() const;
  std::int64_t start_unix_ns() const;
  std::optional<StoreId> store(const std::string& name) const;  // "source" is the source
  std::string store_name(StoreId store) const;
  bool holds(StoreId store, TableId table) const;
  std::size_t tables() const;
  std::optional<TableId> dataset_table(const std::string& dataset) const;
  std::string dataset_name(TableId table) const;  // the table's own name if no dataset is made of it
  const TableSchema& schema(TableId table) const;
  std::vector<ColumnId> contract_columns(TableId table) const;
  // By a name of the dataset's columns, else by one that the source's has or had.
  std::optional<ColumnId> column(TableId table, const std::string& name) const;
  std::string column_name(TableId table, ColumnId column) const;
  std::string key_text(TableId table, RowId row) const;
  // A value as a reader would print it; `column` by a name that it has or had.
  std::string value_text(TableId table, const std::string& column, const Value& value) const;
  bool numbered_keys(TableId table) const;         // the key of a row is its number, from 1: synthetic sources
  bool knows_creation_times(TableId table) const;  // windows of created_at can be read
  std::optional<ColumnId> created_at_column(TableId table) const;  // of the dataset's, the one with that role
  Stream draws(const std::string& name) const;                     // for a reader's samples

  // --- reading rows
  Reading open(StoreId store, TableId table, Positions positions = Positions::unread);
  void close(const Reading& reading);
  // The rows that the scope leaves out of a comparison of two readings that are still open.
  void left_out(const Reading& reference, const Reading& trial, Scope scope, RowSet& out) const;
  std::uint64_t rows(const Reading& reading) const;  // physical rows, duplicates counted
  // Of rows created in [after, before) by what the side has in a column, duplicates counted, without those of
  // `without`.
  std::uint64_t rows_created(const Reading& reading, ColumnId by, Time after, Time before, const RowSet& without) const;
  std::uint64_t rows(const Reading& reading, const RowSet& without) const;
  // Keys that the side holds more than once; with columns, groups of equal values of those columns held more than once.
  std::vector<KeyDifference> duplicates(const Reading& reading, const std::vector<ColumnId>& columns) const;
  double unit(TableId table, ColumnId column) const;  // of the column's numbers, that make one
  // By group, in the order of groups.
  std::vector<AggregateGroup> aggregate(const Reading& reading, const AggregateRequest& request,
                                        const RowSet& without) const;
  // XXH3-64 over the explicit bytes of a row's values (kind, alteration, value; little endian) in the order of columns,
  // for all rows in order without those of `without`. Key columns are left out of `columns`; `key` says whether the key
  // begins the bytes.
  std::vector<HashedRow> row_hashes(const Reading& reading, const std::vector<ColumnId>& columns, KeyInHash key,
                                    const RowSet& without) const;
  // One column of all rows, in their order.
  std::vector<RowValue> column_values(const Reading& reading, ColumnId column) const;
  // What orders values of numeric columns; 0 for NULL.
  std::int64_t number(TableId table, ColumnId column, const Value& value) const;
  // The keys that a consumer's reads would ask for: drawn over the source's keys as that consumer draws, each once.
  std::vector<RowId> drawn_keys(const std::string& consumer, Stream draws, std::uint64_t run,
                                std::uint32_t reads) const;
  TableId table_read_by(const std::string& consumer) const;
  Value value(const Reading& reading, RowId row, ColumnId column) const;
  bool present(const Reading& reading, RowId row) const;

  // --- what pipelines expose
  bool reports(StoreId store, SeenFrom from) const;  // a batch store's age is seen from the source alone
  // Age of the oldest change that is not visible in the store yet (stream), or of the last load's extract (batch).
  Duration freshness(StoreId store, SeenFrom from = SeenFrom::source) const;
  // Changes that are committed at the source and not yet visible; 0 for batch.
  std::uint64_t lag_records(StoreId store, SeenFrom from = SeenFrom::source) const;
  const LatencyHistogram* latency(StoreId store) const;  // commit to first visible, since the start; streams only
  bool ready(StoreId store) const;                       // false while its initial snapshot is being written
  Lsn source_end() const;
  Lsn lowest_position(StoreId store) const;  // that the store has reached for certain
  std::uint64_t batch_cycles_loaded(StoreId store) const;
  std::uint64_t restarts(StoreId store) const;  // of the store's streaming pipeline that are over
  std::uint64_t schema_changes() const;         // DDL statements that the source has seen
  // None for a store that no stream writes, and while the connector is paused or down.
  std::optional<StreamCounters> counters(StoreId store) const;
  // By column: what comparing the columns that the store's pipeline maps with the source's present ones shows.
  std::vector<SchemaDifference> schema_differences(StoreId store, TableId table) const;

 private:
  friend class Comparison;
  friend class RowReader;
  World* world_;
  bool paranoid_;
};

// The recurring comparison of one table between two sides. All that it keeps are the rows that differ and the keys, of
// whatever readings it saw last, so that it makes no difference whose they were.
class Comparison {
 public:
  Comparison(StoreId reference, StoreId trial, TableId table) : reference_(reference), trial_(trial), table_(table) {}
  // Takes the readings over, and closes them. They are of these two sides and this table; they may be older than those
  // of the last evaluation.
  CompareAnswer evaluate(ReadView& view, Reading&& reference, Reading&& trial, const CompareRequest& request);
  // Looks again at the given keys only, each side as it is in these readings, which stay the caller's. A key that is
  // out of scope this time is not among the differences.
  CompareAnswer look_again(const ReadView& view, const Reading& reference, const Reading& trial,
                           const CompareRequest& request, const std::vector<KeyDifference>& keys);

 private:
  friend class Comparisons;
  struct Pair {  // a row as the two sides hold it
    RowId row;
    Cell reference, trial;
    std::uint32_t reference_extra, trial_extra;
    bool key() const { return reference.live() || trial.live(); }
    bool differs() const { return !reference.same_content_as(trial) || reference_extra != trial_extra; }
  };
  class Sides;
  class Selection;
  void scan(Sides& sides);
  void follow(Sides& sides);
  void assert_same_as_scan(Sides& sides) const;
  void count_rows(const Selection& selection, CompareAnswer& answer) const;
  void classify(const ReadView& view, const CompareRequest& request, std::vector<Pair>& pairs,
                CompareAnswer& answer) const;

  StoreId reference_;
  StoreId trial_;
  TableId table_;
  bool started_ = false;
  TableCopy::Follower followers_[2] = {};
  std::vector<RowId> changed_since_;  // between the readings of the last evaluation and itself
  std::vector<RowId> different_;      // rows whose cells differed at the last evaluation, sorted
  RowSet keys_;                       // on either side at the last evaluation
  std::uint64_t key_count_ = 0;       // of keys_
  // Scratch, kept for its memory.
  std::vector<Pair> pairs_;  // of different_
  std::vector<RowId> candidate_rows_;
  RowSet left_out_, candidates_;
};

// The comparisons of a rehearsal's checks. A value: a copy goes on with comparisons of its own.
class Comparisons {
 public:
  // Of a table between two sides. Checks that compare the same share it, which none of them can tell. Stays where it is
  // until another is asked for.
  Comparison& of(StoreId reference, StoreId trial, TableId table);

 private:
  std::vector<Comparison> all_;
};

// What control over the world the logic on trial has: what a migration's operators can do.
class Controls {
 public:
  explicit Controls(World& world) : world_(&world) {}

  // Consumers on the team's list.
  struct KnownConsumer {
    std::uint32_t index;
    std::string name;
    int tier;             // 0 low, 1 medium, 2 high
    bool movable;         // reads a dataset, not one store
    StoreId store;        // where it reads now
    StoreId first_store;  // where it read at the start
    std::optional<StoreId> fallback;
    TableId table;
  };
  std::vector<KnownConsumer> consumers() const;
  void route(std::uint32_t consumer, StoreId store, std::string by);
  // The plan's own hold of a batch job, begun and ended; false: there is no such batch job.
  bool pause_batch(const std::string& pipeline, std::string by);
  bool resume_batch(const std::string& pipeline);
  // Starts a cycle that nobody scheduled; false: there is no such batch job.
  bool run_batch_now(const std::string& pipeline);
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
  void delete_row(StoreId store, TableId table, RowId row);
  // The row as the store's pipeline would write it with its present mapping.
  RowImage mapped(StoreId store, const RowImage& image);
  // A repair rule's hold of what writes the store: a stream's members (their work under way is kept), or a batch job's
  // coming cycles.
  void pause_pipeline_of(StoreId store, std::uint32_t rule, std::string by);
  void resume_pipeline_of(StoreId store, std::uint32_t rule);
  Digest128 source_digest() const;  // of everything the source has committed

  // Runs `event` at a simulated time.
  void schedule(Time at, std::uint16_t code, std::uint32_t index, std::uint64_t argument, bool for_migration);

 private:
  World* world_;
};

}  // namespace rehearse
