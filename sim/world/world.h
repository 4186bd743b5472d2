// The world: source, stores, pipelines, consumers and routing, and the agenda of control events. A value: a copy is a
// fork that goes on alone.
//
// Knows no fault, check or score. Between control events every lane advances to the horizon; advance(t) in any number
// of steps leaves the same world. Whoever acts on the world does so at an agenda event, where all lanes stand at one
// instant. Invariant: stores change only through their pipeline, a repair or a restore; but a column that a store lacks
// shows nothing from the time on at which the source's table has it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/consumers/consumer.h"
#include "sim/consumers/key_draw.h"
#include "sim/consumers/pending_changes.h"
#include "sim/kernel/agenda.h"
#include "sim/kernel/digest.h"
#include "sim/kernel/recurrence.h"
#include "sim/kernel/time.h"
#include "sim/pipelines/batch.h"
#include "sim/pipelines/connector.h"
#include "sim/pipelines/sink_lane.h"
#include "sim/pipelines/topic.h"
#include "sim/routing/routing.h"
#include "sim/rows/content.h"
#include "sim/rows/facts.h"
#include "sim/rows/marks.h"
#include "sim/source/source.h"
#include "sim/world/holds.h"
#include "sim/world/shown_positions.h"
#include "sim/world/unread_changes.h"

namespace rehearse {

// Who handles an event, in the order in which ties at one instant are broken.
enum class Actor : std::uint8_t { faults, world, migration, reconcile, consumers, oracle };
struct Event {
  Actor actor = Actor::world;
  std::uint16_t code = 0;   // the actor's own
  std::uint32_t index = 0;  // of the component concerned
  std::uint64_t argument = 0;
};

// A logical output and its contract.
struct Dataset {
  std::string name;
  TableId table = 0;
  bool follow_new_columns = false;
  std::vector<ColumnId> columns;  // of the contract as declared, logical ids, some derived
};

struct Store {
  std::string name;
  std::vector<TableCopy> tables;     // by TableId; empty copies for tables that it does not hold
  std::vector<bool> holds;           // by TableId
  Duration freshness;                // that its pipeline promises
  std::vector<Duration> other_ages;  // beyond which a reader calls it stale that needs something else
  std::optional<PipelineId> stream;  // index into World::streams, or
  std::optional<PipelineId> batch;   // into World::batches
};

struct StreamPipeline {
  std::string name;
  StoreId store = 0;
  Topic topic;
  Connector connector;
  SinkLane lane;
  std::uint64_t restarts = 0;  // that are over
};

struct BatchJob {
  // Cycles asked for by hand have numbers of their own, so that they change no draw of those that were scheduled.
  static constexpr std::uint64_t first_by_hand = std::uint64_t{1} << 32;
  std::string name;
  StoreId store = 0;
  Recurrence schedule;
  BatchPipeline pipeline;
  std::uint64_t due = 0;    // cycles that were scheduled so far
  std::uint64_t cycle = 0;  // the latest that started: from 1, or of those asked for by hand from first_by_hand
  std::uint32_t attempt = 0;
  bool by_hand = false;         // the latest that started was asked for, so no hold keeps it from its retries
  bool retry_to_come = false;   // of the latest
  std::uint32_t asked_for = 0;  // by hand, and not started yet
  // Cycles that a hold kept from starting, or from their next attempt, and that `catch_up` will start: with which one.
  std::map<std::uint64_t, std::uint32_t> owed{};
  std::uint64_t started_by_hand = 0;
  std::uint64_t started = 0, failed = 0, given_up = 0,
                skipped = 0;  // cycles; skipped: held, or the last one still ran
  bool attempt_fails = false;
};

struct WorldOptions {
  SourceOptions source;
  std::vector<Dataset> datasets;
};

class World {
 public:
  explicit World(WorldOptions options);

  // --- assembly, before start()
  StoreId add_store(std::string name, std::vector<bool> holds, Duration freshness,
                    std::vector<Duration> other_ages = {});
  PipelineId add_stream(std::string name, StoreId store, const ConnectorOptions& connector, const TopicOptions& topic,
                        const SinkOptions& sink);
  PipelineId add_batch(std::string name, StoreId store, Recurrence schedule, const BatchOptions& options);
  void add_consumer(Consumer consumer, StoreId reads_from);
  void start();  // preloads batch stores, takes initial snapshots, schedules first cycles and reads

  // --- time
  // Brings every lane to `to`.
  void advance(Time to);
  Time now() const { return now_; }
  void handle(const Event& event);  // of Actor::world; lanes stand at now()
  void schedule(Time at, Event event) { agenda.at(at, static_cast<int>(event.actor), event.index, event); }

  // --- control, at now()
  void apply_schema_change(TableId table, const SchemaChange& change, CauseSet causes);
  void deploy_mappings(TableId table);  // every pipeline's mapping learns the present schema
  void stop_writes() { source.stop_writes(); }
  // A part runs while nobody holds it. Of a pause, work under way is kept; a crash of a stream's part throws it away.
  // Nothing is done if the owner holds the part already, or does not hold it.
  void pause(Part part, HoldOwner owner, std::string by);
  void crash(Part part, HoldOwner owner, std::string by, CauseSet causes);
  void release(Part part, HoldOwner owner);
  void release_all_of(HoldOwner::Who who);
  // Starts a cycle of a batch job although none is due and whoever holds the job: now, or when the attempt under way
  // has ended.
  void run_now(PipelineId batch);
  // A consumer's read, now; none if it reads the source, or a table that never had a row. Plans its next one.
  std::optional<Read> read(std::uint32_t consumer, std::uint64_t number);
  // Writes the source's row, as read at `source_cell`, into a store: what a repair does.
  void repair_row(StoreId store, TableId table, RowId row, Cell source_cell);
  void deduplicate_row(StoreId store, TableId table, RowId row);

  // --- state
  const TableCopy& rows(StoreId store, TableId table) const {
    return store == source_store ? source.rows(table) : stores[store].tables[table];
  }
  TableCopy& rows(StoreId store, TableId table) {
    return store == source_store ? source.rows(table) : stores[store].tables[table];
  }
  ShownPositions positions(StoreId store) const;  // now
  Lsn lowest_position(StoreId store) const;
  // False while a stream's initial snapshot is still being written, or a row's position says nothing.
  bool positioned(StoreId store) const;
  bool lanes_idle() const;
  // The columns that a dataset's contract compares now.
  std::vector<ColumnId> contract_columns(const Dataset& dataset) const;
  std::vector<ColumnId> contract_columns(const Dataset& dataset, std::uint16_t version) const;  // of the table's schema
  const Dataset* dataset_of(TableId table) const;
  // Why a batch job's load may differ from its extract's instant, where no row says it.
  CauseSet cause_of_extract(PipelineId batch, TableId table);
  // A column by a name of the dataset's, else by one that the source's has or had.
  std::optional<ColumnId> column(const Dataset& dataset, const std::string& name) const;
  std::string column_name(TableId table, ColumnId id) const;  // now

  Digest128 trajectory() const;
  // Forgets logs that nobody can read again. Changes no result.
  void forget();
  Lsn kept_from = ~Lsn{0};    // of the source's log, for somebody beside the world; to begin with for nobody
  bool keeps_topics = false;  // what came during an advance, until the next, for somebody beside the world

  Connector::Context connector_context(StreamPipeline& stream);
  SinkLane::Context sink_context(StreamPipeline& stream);

  Source source;
  std::vector<Dataset> datasets;
  std::vector<Store> stores;  // [0] stands for the source
  std::vector<StreamPipeline> streams;
  std::vector<BatchJob> batches;
  std::vector<Consumer> consumers;
  Routing routing;  // of the consumers, by their index
  Holds holds;
  MarkTable marks;
  CauseTable causes;
  Content content;
  Facts facts;                              // since somebody last took them
  std::map<StoreId, UnreadChanges> unread;  // of the stores whose readers ask for positions
  Agenda<Event> agenda;
  std::int64_t start_unix_ns = 0;
  std::uint64_t seed = 0;

  // Codes of Actor::world.
  static constexpr std::uint16_t cycle_due = 0, cycle_starts = 1, attempt_ends = 2, retry_due = 3, waiting_starts = 4,
                                 captured_schema_change = 5;  // of the capture's number `index`

 private:
  void add_mistakes(const std::string& pipeline, const std::vector<Mistake>& mistakes, ColumnMapping& mapping);
  std::vector<OwnRule> with_causes(const std::string& pipeline, std::vector<OwnRule> rules);
  void expect_schema_changes(const CapturedReplay& replay);
  void blame(TableId table, std::uint16_t version, CauseSet why);
  void gain_columns(TableId table, std::uint16_t version);
  void gain(TableId table, ColumnId column);
  void for_each_mapping(const std::function<void(ColumnMapping&)>& each);
  void for_each_made_of(TableId table, const std::function<void(TableId)>& each) const;  // itself first
  // Somebody who is no pipeline changed the store's row.
  void note_change(Fact::Kind kind, StoreId store, TableId table, RowId row, Cell record, Cell before, CauseSet why);
  void advance_lanes(Time to);
  void forget_topics();
  Duration stride_ = minute;
  void take_source_facts();
  void start_cycle(PipelineId batch, std::uint64_t cycle, std::uint32_t attempt, bool by_hand);
  void start_scheduled(PipelineId batch, std::uint64_t cycle);
  void start_waiting(PipelineId batch);
  void retry(PipelineId batch, std::uint64_t cycle);
  static void miss(BatchJob& job, std::uint64_t cycle, std::uint32_t attempt);
  void catch_up(PipelineId batch);
  void wake_waiting(PipelineId batch);
  void start_attempt(PipelineId batch);
  void end_attempt(PipelineId batch);
  void plan_read(Time at, std::uint32_t consumer, std::uint64_t number);
  Duration age_of(StoreId store, TableId table, RowId row);
  Time now_;
  Lsn needed_log_from(const StreamPipeline& stream) const;
  Lsn on_its_way_from(const StreamPipeline& stream, std::uint32_t partition) const;
  Lsn position(const StreamPipeline& stream, std::uint32_t partition) const;
  std::uint64_t changes_at_forgetting_ = 0;
  std::vector<KeyDraw> key_draws_;  // by consumer
  struct Pending {
    PendingChanges changes;
    Lsn from = 0;  // before it nothing was on its way when somebody last looked
    std::uint64_t asked = 0;
  };
  std::vector<Pending> pending_;  // by stream
};

}  // namespace rehearse
