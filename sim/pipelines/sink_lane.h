// The consumer side of a streaming pipeline: group members fetch from the topic, workers process, writers write a
// store.
//
// Models: fetching in append order, at most `max_poll_records` ahead of the workers; workers by key (a queue each) or
// shared (one queue, the earliest free worker; records are then handed on in the order of their partition, and one
// that others wait for is let into a full buffer); service
// times drawn by record and delivery; a speed that may change in mid-service; a buffer of `buffer` records before the
// writers, the ones being written included, that blocks workers after service while it is full (first come, first
// admitted); writers that flush a batch when it is full, or at the next tick of `flush_every`, each row taking
// `row_time`, all rows of a batch visible together at its end; offsets committed after the write (at least once) or at
// the fetch (at most once); a crash that drops what is under way and rewinds to the committed offsets.
// Leaves out: rebalances, transactions of the sink, retries, dead-letter queues.
//
// Inside it keeps a small set of next events and takes the earliest; ties: a flush ends, a worker finishes, a record is
// fetched, a flush starts; then the lower index. Fetches by key may go ahead of the others' turn while no limit can
// bind (see fetch()). Invariants: nothing later than the horizon has happened; every fetched record is in exactly one
// place; cutting an advance in two changes nothing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "sim/kernel/digest.h"
#include "sim/kernel/draw.h"
#include "sim/kernel/samplers.h"
#include "sim/pipelines/awaited.h"
#include "sim/pipelines/connector.h"
#include "sim/pipelines/earliest.h"
#include "sim/pipelines/latency.h"
#include "sim/pipelines/mapping.h"
#include "sim/pipelines/queue.h"
#include "sim/pipelines/settled.h"
#include "sim/pipelines/shown.h"
#include "sim/pipelines/topic.h"
#include "sim/rows/content.h"
#include "sim/rows/facts.h"
#include "sim/source/source.h"

namespace rehearse {

enum class Dispatch : std::uint8_t { by_key, shared };
enum class Delivery : std::uint8_t { at_least_once, at_most_once };
enum class WriteMode : std::uint8_t { append, upsert, upsert_if_newer };
enum class DeleteMode : std::uint8_t { hard, ignore };
enum class UnchangedMode : std::uint8_t { keep, set_null };

struct SinkOptions {
  std::uint32_t workers = 1;
  Dispatch dispatch = Dispatch::by_key;
  Sampler service_time;
  std::uint32_t buffer = 10'000;
  std::uint32_t max_poll_records = 500;
  Delivery delivery = Delivery::at_least_once;
  std::uint32_t writers = 1;
  WriteMode write = WriteMode::upsert;
  DeleteMode deletes = DeleteMode::hard;
  Duration row_time;
  Duration flush_every = second;  // 0 = a free writer flushes at once
  std::uint32_t flush_rows = 500;
  bool deduplicate = false;
  UnchangedMode unchanged = UnchangedMode::keep;
  SchemaMode schema_changes = SchemaMode::by_name;
  std::vector<Mistake> mistakes;               // without causes: the world names them
  std::vector<Duration> ages = {second * 60};  // beyond which a pending change is too old, for one reader or another
  bool follows_shown = false;                  // some reader needs to know what the store shows as a whole
};

// Why a sink built this way deviates, as named causes.
struct SinkDefects {
  CauseSet ignores_deletes = 0;
  CauseSet at_most_once = 0;
  CauseSet appends = 0;
  CauseSet nulls_unchanged = 0;
  CauseSet retention = 0;
  CauseSet order_lost = 0;
  CauseSet repaired_ahead = 0;  // a repair brought a newer write than the one that arrives
};

class SinkLane {
 public:
  SinkLane() = default;
  SinkLane(const SinkOptions& options, std::uint64_t seed, const std::string& name, StoreId store,
           const SinkDefects& defects, std::uint32_t partitions);

  struct Context {
    const Source& source;
    const Connector& connector;
    Topic& topic;
    std::vector<TableCopy>& tables;  // of the store it writes
    Facts& facts;
    MarkTable& marks;
    CauseTable& causes;
    const Content& content;
  };
  void advance(Time to, Context context);

  // Control, at the instant where lanes stand.
  void set_speed(Time at, std::uint32_t parts_per_million);  // of full speed; 0 = paused, work under way is kept
  void crash(Time at, CauseSet causes, Context context);
  void resume(Time at);
  bool down() const { return down_; }
  ColumnMapping& mapping() { return mapping_; }

  // --- what it has done
  bool idle(const Topic& topic) const;
  // LSN up to which a partition's records have been written, exclusive.
  Lsn position(std::uint32_t partition) const { return partitions_[partition].position; }
  bool snapshot_written(std::uint64_t rows) const { return snapshot_written_ >= rows; }
  // Offset of a partition's first record that is not written (or lost): everything before it is done with.
  std::uint64_t next_unwritten(std::uint32_t partition) const { return partitions_[partition].base; }
  // How many changes are committed and not visible: what is delivered again and is visible already is none of them.
  std::uint64_t not_visible(const Source& source, const Topic& topic, const Connector& connector) const;
  std::uint64_t in_topic(const Topic& topic) const;  // of them, those that the connector has brought
  // The commit time of the oldest change in the topic that is not visible, and of all; never if there is none.
  Time oldest_in_topic(const Source& source, const Topic& topic) const;
  Time oldest_not_visible(const Source& source, const Topic& topic, const Connector& connector) const;
  const LatencyHistogram& latency() const { return latency_; }
  // Spans during which some change had been pending for longer than the options' age of that number; closed ones, in
  // order.
  struct Span {
    Time from;
    Time until;
  };
  const std::vector<Span>& older_than(std::size_t age) const { return older_than_[age]; }
  // How old the oldest change was, of all those that are visible or lost by now.
  Duration worst_age() const { return worst_age_; }
  // What the store shows as a whole; none unless the options ask for it.
  const std::optional<Shown>& shown() const { return shown_; }
  // From now on counts changes that another store shows: `of` is for the caller to tell them apart.
  using AwaitedOf = std::pair<StoreId, TableId>;
  void await(AwaitedOf of, AwaitedChanges changes) { awaited_.emplace(of, std::move(changes)); }
  const std::map<AwaitedOf, AwaitedChanges>& awaited() const { return awaited_; }
  // Somebody else has written a row of the store, which showed one write and shows another one now.
  void repaired(Time at, TableId table, RowId row, Write before, Write now);

  // Each record that was fetched ended as one of these, or is under way.
  struct Counts {
    std::uint64_t fetched = 0;
    std::uint64_t applied = 0;        // written, for the first time
    std::uint64_t applied_again = 0;  // written: a copy, or fetched again after it had been settled
    std::uint64_t ignored = 0;        // deletes, by an ignoring sink
    std::uint64_t deduplicated = 0;   // or older than what is there, for upsert_if_newer
    std::uint64_t expired = 0;
    std::uint64_t dropped = 0;    // by a crash, at most once
    std::uint64_t abandoned = 0;  // by a crash, at least once: it is fetched again
    std::uint64_t refetched = 0;  // not an end: what a crash makes fetch again, abandoned or settled before
    // Of those ignored, deduplicated, expired and dropped: a copy, or fetched again after it had been settled.
    std::uint64_t not_first = 0;
  };
  const Counts& counts() const { return counts_; }
  std::uint64_t under_way() const { return under_way_; }
  std::uint64_t buffered() const { return buffered_; }  // of them, those that wait for a writer or are being written
  Digest128 digest() const { return digest_.value(); }
  // Little's law over the topic and this lane, for a run without losses: ∫N dt, and the sum of times in system.
  Topic::Integral number_integral(const Topic& topic, Time to) const;
  Topic::Integral time_in_system(const Topic& topic, Time to) const;

 private:
  struct Place {
    std::uint32_t partition;
    std::uint32_t offset;  // its lower half
  };
  // A fetched record: what the topic and the log say of it, and where it lies in the topic.
  struct Item {
    LogRecord change;   // of a row of the snapshot: an insert at time 0
    TopicRecord entry;  // with `item_again`
    Place place;
    bool again() const { return entry.packed & item_again; }
    // The record as it was committed, whole, and nothing more to be known of it.
    bool plain() const { return (entry.packed & (item_again | TopicRecord::special)) == 0 && !change.partial(); }
    bool removes() const { return entry.mark() == absent; }
  };
  static constexpr std::uint64_t item_again = std::uint64_t{1} << 19;  // a bit that the topic leaves free
  struct alignas(64) Task {  // a size that is found by a shift, as are those of workers and partitions
    Item item;
    Time since;         // when it was fetched; once in service, the instant that `work` speaks of
    std::int64_t work;  // left, in ns at full speed
  };

  struct alignas(64) Worker {
    Queue<Task> tasks;  // the first is in service, or waits for room in the buffer
    bool blocked = false;
    bool busy() const { return !tasks.empty() && !blocked; }
  };
  struct Writer {
    Queue<Item> pending;  // the first `in_flight` are being written
    std::uint32_t in_flight = 0;
    Time next = Time::never();  // the end of the flush under way, or the start of the next one
    std::int64_t work_left = 0;
    Time since;
    bool flushing = false;
  };
  struct alignas(64) PartitionState {
    std::uint64_t fetched = 0;  // next offset to fetch
    std::uint64_t base = 0;     // everything before is settled; moved on where an advance ends
    SettledOffsets done;        // of those from `base` on
    TopicRecord head, second;   // the next to fetch, and the one after it; appended never if there is none
    bool settled(std::uint64_t offset) const { return offset < base || (offset < fetched && done.contains(offset)); }
    Lsn position = 0;
    // After a crash, from offset `again_from` on: whether a record had been settled before and is under way again.
    std::uint64_t again_from = 0;
    std::uint64_t again_until = 0;
    std::vector<bool> again;
    CauseSet again_causes = 0;
    bool under_way_again(std::uint64_t offset) const {
      return offset >= again_from && offset < again_until && again[offset - again_from];
    }
    bool waits_to_be_visible(std::uint64_t offset, const Partition& partition) const {
      if (settled(offset) || under_way_again(offset)) return false;
      const auto note = partition.notes.find(offset);
      return note == partition.notes.end() || !note->second.copy;
    }
    TopicRecord entry(std::uint64_t offset, TopicRecord record) const;  // with `item_again`
    // Shared workers: finished records that wait for earlier ones of the partition.
    std::map<std::uint64_t, Item> waiting;
    std::uint64_t next_released = 0;
  };

  std::uint64_t unfinished() const { return under_way_ - buffered_; }  // fetched, not yet in the buffer
  void look_for_heads(const Topic& topic);
  void pass_head(std::uint32_t partition, const Topic& topic);
  void fetch(Time at, Time to, Context& context);
  // What a topic record says of its row.
  static LogRecord change_behind(const TopicRecord& entry, const Context& context);
  static LogRecord special_change_behind(const TopicRecord& entry, const Context& context);
  Item read(std::uint32_t partition, std::uint64_t offset, const Context& context) const;
  Time dropped_at(const Topic& topic) const;
  void expire(Time at, Context& context);
  void lose(Time at, const Item& item, CauseSet causes, Context& context);
  void dispatch_shared(const Task& task);
  void finish(Time until);
  void leave(Time at, std::uint32_t worker);
  bool awaited(Place place) const;
  void hand_to_writer(Time at, const Item& item);
  void hand_on_in_order(Time at, const Item& item);
  void admit_blocked(Time at);
  void plan_flush(Time at, Writer& writer);
  void start_flush(Time at, Writer& writer);
  void end_flush(Time at, Writer& writer, Context& context);
  // What a flush asks of a table and a mark once: most of its records have one mark.
  struct Kind {
    TableId table = max_tables;  // none yet
    Mark mark = absent;
    bool usual = false;  // a newer record of it is written as it is
    std::uint32_t identity = 0;
    TableCopy* rows = nullptr;
  };
  struct Flush {                  // what came of its records
    Time oldest = Time::never();  // of the changes that become visible for the first time
    std::uint64_t applied = 0;    // as a matter of course
    WideSum appends{};            // of their append times
  };
  Kind kind_of(TableId table, Mark mark, Context& context) const;
  Flush write(Time at, std::span<const Item> items, Context& context);
  // What a row shows, of those of a flush: each once, in order.
  struct RowShown {
    std::pair<TableId, RowId> row;
    Write write;
  };
  void row_changed(Time at, TableId table, RowId row, Write before, Write now);
  std::vector<RowShown> look_before(std::span<const Item> items, const Context& context);
  void look_after(Time at, std::span<const Item> items, std::vector<RowShown> before, Time oldest,
                  const Context& context);
  void apply(Time at, const Item& item, Cell old, bool again, Context& context);
  void apply_append(const Item& item, Cell cell, TableCopy& table);
  void settle(Place place) { partitions_[place.partition].done.add(place.offset); }
  void move_bases(const Topic& topic);
  std::uint64_t offset_of(Place place) const {
    const std::uint64_t base = partitions_[place.partition].base;
    return base + static_cast<std::uint32_t>(place.offset - static_cast<std::uint32_t>(base));
  }
  Mark stored_mark(const Item& item, Cell old, Context& context);
  Mark with_unchanged_columns(Mark mark, const Item& item, Cell old, Context& context);
  static Cell record_of(const Item& item, const Context& context);
  void tell(Fact::Kind kind, Time at, const Item& item, Cell before, CauseSet causes, Context& context);
  CauseSet causes_of(const Item& item, Context& context) const;
  bool copy(const Item& item, const Context& context) const {  // not the first delivery of its change
    return (item.entry.packed & item_again) != 0 || (item.entry.noted() && note_of(item, context).copy);
  }
  const RecordNote& note_of(const Item& item, const Context& context) const;
  static constexpr std::uint32_t full_speed = 1'000'000;
  // At the present speed; never later than Earliest::never.
  Time after_work(Time at, std::int64_t work) const {
    const std::int64_t takes = speed_ppm_ == full_speed ? work : scaled(work);
    return {std::min(at.ns + takes, Earliest::never.ns)};
  }
  std::int64_t scaled(std::int64_t work) const;
  std::int64_t work_done(Time since, Time until) const;
  void next_flush();
  void note_staleness(Time commit, Time visible);

  SinkOptions options_;
  Stream service_;
  StoreId store_ = 0;
  SinkDefects defects_;
  std::vector<PartitionState> partitions_;
  std::vector<Worker> workers_;
  Earliest finishes_;  // by worker; never: idle, blocked or paused
  Queue<Task> shared_queue_;
  std::vector<Writer> writers_;
  std::vector<std::uint32_t> blocked_;  // workers, in the order in which they finished
  std::uint32_t occupied_ = 0;          // workers with a task; the other tasks are queued
  std::uint32_t buffered_ = 0;
  std::uint64_t under_way_ = 0;
  std::uint32_t speed_ppm_ = full_speed;
  bool down_ = false;
  Time now_;  // of the latest event, fetches aside
  Time first_flush_end_ = Time::never(), first_flush_start_ = Time::never();
  std::uint32_t ending_writer_ = 0, starting_writer_ = 0;
  Earliest heads_;  // append times of each partition's next record
  unsigned crashes_ = 0;
  std::uint64_t snapshot_written_ = 0;
  ColumnMapping mapping_;
  LatencyHistogram latency_;
  std::vector<std::vector<Span>> older_than_;  // by age
  Duration worst_age_;
  std::optional<Shown> shown_;
  std::map<AwaitedOf, AwaitedChanges> awaited_;
  Counts counts_;
  Digest digest_;
  std::uint64_t written_records_ = 0;
  Topic::Integral written_times_ = 0;    // Σ written
  Topic::Integral written_appends_ = 0;  // Σ appended, of the same records
};

}  // namespace rehearse
