#include "sim/world/world.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

constexpr std::uint64_t changes_between_forgetting = 1 << 16;
constexpr std::uint64_t most_changes_a_stride = 8192;
constexpr Lsn no_lsn = ~Lsn{0};
constexpr std::uint64_t reads_between_looks = 64;              // at what is on its way, of reads that are behind
constexpr std::uint32_t no_speed = 0, full_speed = 1'000'000;  // of a lane, in parts per million

}  // namespace

World::World(WorldOptions options)
    : datasets(std::move(options.datasets)), start_unix_ns(options.source.start_unix_ns), seed(options.source.seed) {
  std::shared_ptr<const CapturedImages> images;
  if (options.source.capture) images = captured_images(options.source.capture);
  content = Content(seed, start_unix_ns, std::move(images));
  source = Source(std::move(options.source), content, marks);
  Store self;
  self.name = "source";
  for (TableId table = 0; table < source.tables(); ++table) self.holds.push_back(source.meant(table) == table);
  stores.push_back(std::move(self));
}

StoreId World::add_store(std::string name, std::vector<bool> holds, Duration freshness,
                         std::vector<Duration> other_ages) {
  Store store;
  store.name = std::move(name);
  store.tables.resize(source.tables());
  store.holds = std::move(holds);
  store.freshness = freshness;
  store.other_ages = std::move(other_ages);
  stores.push_back(std::move(store));
  return static_cast<StoreId>(stores.size() - 1);
}

PipelineId World::add_stream(std::string name, StoreId store, const ConnectorOptions& connector,
                             const TopicOptions& topic, const SinkOptions& sink) {
  const auto defect = [&](const char* what) { return causes.named("defect " + name + "." + what); };
  SinkDefects defects;
  if (sink.deletes == DeleteMode::ignore) defects.ignores_deletes = defect("sink.deletes=ignore");
  if (sink.delivery == Delivery::at_most_once) defects.at_most_once = defect("delivery=at_most_once");
  if (sink.write == WriteMode::append) defects.appends = defect("sink.write=append");
  defects.nulls_unchanged =
      defect(sink.unchanged == UnchangedMode::set_null ? "sink.on_unchanged=null" : "sink.on_unchanged=keep");
  if (topic.partitioner == Partitioner::round_robin || sink.dispatch == Dispatch::shared)
    defects.order_lost = defect(topic.partitioner == Partitioner::round_robin ? "topic.partitioner=round_robin"
                                                                              : "processor.dispatch=shared");
  defects.repaired_ahead = causes.named("repair");
  defects.retention = causes.named("topic retention of " + name);
  ConnectorOptions reading = connector;
  reading.own_rules = with_causes(name, connector.own_rules);
  StreamPipeline stream{name, store, Topic(topic), Connector(reading, stores[store].holds),
                        SinkLane(sink, seed, name, store, defects, topic.partitions)};
  add_mistakes(name, sink.mistakes, stream.lane.mapping());
  stores[store].stream = static_cast<PipelineId>(streams.size());
  streams.push_back(std::move(stream));
  return static_cast<PipelineId>(streams.size() - 1);
}

PipelineId World::add_batch(std::string name, StoreId store, Recurrence schedule, const BatchOptions& options) {
  BatchOptions reading = options;
  reading.own_rules = with_causes(name, options.own_rules);
  BatchJob job{name, store, std::move(schedule), BatchPipeline(reading, seed, name, stores[store].holds)};
  add_mistakes(name, options.mistakes, job.pipeline.mapping());
  stores[store].batch = static_cast<PipelineId>(batches.size());
  batches.push_back(std::move(job));
  return static_cast<PipelineId>(batches.size() - 1);
}

void World::add_consumer(Consumer consumer, StoreId reads_from) {
  key_draws_.emplace_back(stream(seed, "consumer." + consumer.name + ".reads"), consumer.zipf, seed, consumer.table);
  routing.add(reads_from, now_);
  consumers.push_back(std::move(consumer));
}

void World::add_mistakes(const std::string& pipeline, const std::vector<Mistake>& mistakes, ColumnMapping& mapping) {
  for (Mistake mistake : mistakes) {
    const std::string& column = source.schema(mistake.table).columns[mistake.column].name;
    mistake.cause = causes.named("defect " + pipeline + ".mapping." + column);
    mapping.add(mistake);
  }
}

std::vector<OwnRule> World::with_causes(const std::string& pipeline, std::vector<OwnRule> rules) {
  for (OwnRule& own : rules) own.cause = causes.named("defect " + pipeline + ".rows." + own.dataset);
  return rules;
}

CauseSet World::cause_of_extract(PipelineId batch, TableId table) {
  const BatchJob& job = batches[batch];
  for (const OwnRule& own : job.pipeline.options().own_rules)
    if (own.meant == table) return own.cause;
  return causes.named("defect " + job.name + ".extract");
}

void World::start() {
  for (PipelineId i = 0; i < batches.size(); ++i) {
    batches[i].pipeline.preload(source, stores[batches[i].store].tables);
    this->schedule(batches[i].schedule.next_at_or_after(Time{0}), {Actor::world, cycle_due, i, 0});
  }
  for (StreamPipeline& stream : streams) {
    stream.connector.take_initial_snapshot(source);
    const bool skips = stream.connector.skips_initial_rows();
    for (TableId table = 0; table < source.tables(); ++table) {
      const TableId carried = stream.connector.carries_for(table);
      if (!stores[stream.store].holds[table] || (!skips && carried == table)) continue;
      const CauseSet why = skips ? causes.named("defect " + stream.name + ".connector.snapshot=none")
                                 : stream.connector.cause_of_rule(table);
      for (RowId row = 0; row < source.rows(table).slots(); ++row) {
        const Cell cell = source.rows(table)[row];
        if (!cell.live() || (!skips && source.rows(carried).get(row).same_content_as(cell))) continue;
        stores[stream.store].tables[table].watch(row);
        facts.push_back({.at = now_,
                         .record = cell,
                         .before = {},
                         .cell = {},
                         .row = row,
                         .extra_copies = 0,
                         .store = stream.store,
                         .table = table,
                         .kind = Fact::Kind::lost,
                         .causes = why});
      }
    }
  }
  for (std::uint32_t i = 0; i < consumers.size(); ++i) plan_read(consumers[i].reads.next_at_or_after(Time{0}), i, 0);
  if (source.captured()) expect_schema_changes(*source.captured());
}

// ---- time ----------------------------------------------------------------------------------------------------------

void World::advance(Time to) {
  REHEARSE_ASSERT(to >= now_, "time never goes back");
  // Before anything moves: what nobody can need has been told and observed by now.
  if (source.changes() - changes_at_forgetting_ >= changes_between_forgetting) forget();
  // In strides whose records fit the cache between one lane and the next. Where advances are cut changes nothing.
  while (to - now_ > stride_) {
    const std::uint64_t before = source.changes();
    advance_lanes(now_ + stride_);
    if (!keeps_topics) forget_topics();  // the memory of records that have been written is still in the cache
    const std::uint64_t changes = source.changes() - before;
    if (changes > most_changes_a_stride && stride_ > millisecond) stride_ = stride_ / 2;
    if (changes < most_changes_a_stride / 4) stride_ = stride_ * 2;
  }
  advance_lanes(to);
}

void World::advance_lanes(Time to) {
  source.advance(to);
  take_source_facts();
  for (StreamPipeline& stream : streams) {
    stream.connector.advance(to, connector_context(stream));
    stream.lane.advance(to, sink_context(stream));
  }
  now_ = to;
}

void World::take_source_facts() {
  const Facts told = source.take_facts();
  facts.insert(facts.end(), told.begin(), told.end());
}

Connector::Context World::connector_context(StreamPipeline& stream) {
  return {source, stream.topic, facts, marks, causes, stream.store, stores[stream.store].tables};
}

SinkLane::Context World::sink_context(StreamPipeline& stream) {
  return {source, stream.connector, stream.topic, stores[stream.store].tables, facts, marks, causes, content};
}

void World::handle(const Event& event) {
  const auto batch = static_cast<PipelineId>(event.index);
  switch (event.code) {
    case cycle_due: {
      BatchJob& job = batches[batch];
      schedule(job.schedule.next_after(now_), event);
      ++job.due;
      if (holds.held({Part::Kind::batch, batch})) miss(job, job.due, 0);
      else schedule(now_ + job.pipeline.late_start(job.due), {Actor::world, cycle_starts, batch, job.due});
      break;
    }
    case cycle_starts:
      start_scheduled(batch, event.argument);
      break;
    case attempt_ends:
      end_attempt(batch);
      break;
    case retry_due:
      retry(batch, event.argument);
      break;
    case waiting_starts:
      start_waiting(batch);
      break;
    case captured_schema_change: {
      const CapturedSchemaChange& change = source.captured()->stream().schema_changes[event.index];
      gain_columns(static_cast<TableId>(change.table), change.version);
      break;
    }
    default:
      REHEARSE_ASSERT(false, "the world knows its own events");
  }
}

void World::start_scheduled(PipelineId batch, std::uint64_t cycle) {
  BatchJob& job = batches[batch];
  if (holds.held({Part::Kind::batch, batch})) miss(job, cycle, 0);
  else if (job.pipeline.running()) ++job.skipped;
  else start_cycle(batch, cycle, 0, false);
}

void World::start_cycle(PipelineId batch, std::uint64_t cycle, std::uint32_t attempt, bool by_hand) {
  BatchJob& job = batches[batch];
  job.cycle = cycle;
  job.attempt = attempt;
  job.by_hand = by_hand;
  job.retry_to_come = false;
  if (attempt == 0) ++job.started;
  start_attempt(batch);
}

void World::start_attempt(PipelineId batch) {
  BatchJob& job = batches[batch];
  const BatchPipeline::Attempt attempt = job.pipeline.begin(job.cycle, job.attempt, now_, source, marks);
  job.attempt_fails = attempt.fails;
  schedule(now_ + attempt.takes, {Actor::world, attempt_ends, batch, 0});
}

void World::end_attempt(PipelineId batch) {
  BatchJob& job = batches[batch];
  if (!job.attempt_fails) {
    job.pipeline.load({source, stores[job.store].tables, marks, causes, content});
  } else {
    job.pipeline.fail(source);
    ++job.failed;
    job.retry_to_come = ++job.attempt <= job.pipeline.options().max_retries;
    if (job.retry_to_come)
      schedule(now_ + job.pipeline.options().retry_after, {Actor::world, retry_due, batch, job.cycle});
    else ++job.given_up;
  }
  wake_waiting(batch);
}

// A cycle that a later one has overtaken is not tried again.
void World::retry(PipelineId batch, std::uint64_t cycle) {
  BatchJob& job = batches[batch];
  if (!job.retry_to_come || job.cycle != cycle) return;
  job.retry_to_come = false;
  if (holds.held({Part::Kind::batch, batch}) && !job.by_hand) return miss(job, cycle, job.attempt);
  start_attempt(batch);
}

void World::miss(BatchJob& job, std::uint64_t cycle, std::uint32_t attempt) {
  ++job.skipped;
  if (job.pipeline.options().catch_up != BatchOptions::CatchUp::none) job.owed.emplace(cycle, attempt);
}

void World::run_now(PipelineId batch) {
  ++batches[batch].asked_for;
  wake_waiting(batch);
}

void World::catch_up(PipelineId batch) {
  BatchJob& job = batches[batch];
  if (job.pipeline.options().catch_up == BatchOptions::CatchUp::latest && !job.owed.empty())
    job.owed.erase(job.owed.begin(), std::prev(job.owed.end()));
  wake_waiting(batch);
}

// An attempt is started by an event of its own, so that whoever follows the job sees the former one end first.
void World::wake_waiting(PipelineId batch) {
  const BatchJob& job = batches[batch];
  if (job.asked_for > 0 || !job.owed.empty()) schedule(now_, {Actor::world, waiting_starts, batch, 0});
}

void World::start_waiting(PipelineId batch) {
  BatchJob& job = batches[batch];
  if (job.pipeline.running()) return;
  if (job.asked_for > 0) {
    --job.asked_for;
    return start_cycle(batch, BatchJob::first_by_hand + job.started_by_hand++, 0, true);
  }
  if (job.owed.empty() || job.retry_to_come || holds.held({Part::Kind::batch, batch})) return;
  const auto [cycle, attempt] = *job.owed.begin();
  job.owed.erase(job.owed.begin());
  start_cycle(batch, cycle, attempt, false);
}

// ---- control -------------------------------------------------------------------------------------------------------

void World::pause(Part part, HoldOwner owner, std::string by) {
  if (!holds.begin(part, owner, Hold::Reason::paused, std::move(by), now_)) return;
  REHEARSE_ASSERT(part.kind != Part::Kind::connector, "a stream is paused at its members");
  if (part.kind == Part::Kind::members) streams[part.pipeline].lane.set_speed(now_, no_speed);
}

void World::crash(Part part, HoldOwner owner, std::string by, CauseSet why) {
  REHEARSE_ASSERT(part.kind != Part::Kind::batch, "a batch job fails by itself, in an attempt");
  const bool down =
      holds.held(part, Hold::Reason::crashed);  // what is down cannot crash again, but stays down for longer
  if (!holds.begin(part, owner, Hold::Reason::crashed, std::move(by), now_) || down) return;
  StreamPipeline& stream = streams[part.pipeline];
  if (part.kind == Part::Kind::connector) stream.connector.crash(now_, why, connector_context(stream));
  else stream.lane.crash(now_, why, sink_context(stream));
}

// The last hold of a kind that ends lets go of what that kind does: a crashed part starts again, a paused one goes on.
void World::release(Part part, HoldOwner owner) {
  const std::optional<Hold> ended = holds.end(part, owner, now_);
  if (!ended || holds.held(part, ended->reason)) return;
  if (part.kind == Part::Kind::batch) return catch_up(part.pipeline);
  StreamPipeline& stream = streams[part.pipeline];
  if (ended->reason == Hold::Reason::paused) return stream.lane.set_speed(now_, full_speed);
  part.kind == Part::Kind::connector ? stream.connector.resume(now_) : stream.lane.resume(now_);
  ++stream.restarts;
}

void World::release_all_of(HoldOwner::Who who) {
  for (const Hold& hold : holds.open())
    if (hold.owner.who == who) release(hold.part, hold.owner);
}

void World::repair_row(StoreId store, TableId table, RowId row, Cell source_cell) {
  REHEARSE_ASSERT(store != source_store, "a repair never writes the source");
  TableCopy& copy = stores[store].tables[table];
  const Cell before = copy.get(row);
  copy.put(row, {source_cell.write, source_cell.mark, 0});
  if (const auto& stream = stores[store].stream)
    streams[*stream].lane.repaired(now_, table, row, before.write, source_cell.write);
  note_change(Fact::Kind::repaired, store, table, row, source_cell, before, causes.named("repair"));
}

void World::deduplicate_row(StoreId store, TableId table, RowId row) {
  REHEARSE_ASSERT(store != source_store, "a repair never writes the source");
  TableCopy& copy = stores[store].tables[table];
  copy.set_extra_copies(row, 0);
  note_change(Fact::Kind::repaired, store, table, row, copy.get(row), copy.get(row), causes.named("repair"));
}

void World::note_change(Fact::Kind kind, StoreId store, TableId table, RowId row, Cell record, Cell before,
                        CauseSet why) {
  TableCopy& copy = stores[store].tables[table];
  copy.watch(row);
  facts.push_back({.at = now_,
                   .record = record,
                   .before = before,
                   .cell = copy[row],
                   .row = row,
                   .extra_copies = copy.extra_copies(row),
                   .store = store,
                   .table = table,
                   .kind = kind,
                   .causes = why});
}

// ---- readers -------------------------------------------------------------------------------------------------------

void World::plan_read(Time at, std::uint32_t consumer, std::uint64_t number) {
  schedule(at, {Actor::consumers, 0, consumer, number});
}

std::optional<Read> World::read(std::uint32_t index, std::uint64_t number) {
  const Consumer& consumer = consumers[index];
  plan_read(consumer.reads.next_after(now_), index, number + 1);
  const StoreId store = routing.store(index);
  const TableCopy& keys = source.rows(consumer.table);
  if (store == source_store || keys.slots() == 0) return std::nullopt;
  const TableCopy& shown = rows(store, consumer.table);
  const RowId row =
      key_draws_[index](number, keys.slots(), [&](RowId key) { return keys[key].live() || shown.get(key).live(); });
  return Read{now_, index, number, store, consumer.table, row, age_of(store, consumer.table, row)};
}

Duration World::age_of(StoreId store, TableId table, RowId row) {
  const Store& s = stores[store];
  if (s.batch) return now_ - batches[*s.batch].pipeline.as_of();
  if (!s.stream) return {};
  const Write shown = rows(store, table).get(row).write;
  if (!positioned(store)) return shown == 0 ? now_ - Time{0} : Duration{};
  if (source.rows(table).get(row).write <= shown) return {};
  if (pending_.size() < streams.size()) pending_.resize(streams.size());
  Pending& pending = pending_[*s.stream];
  if (pending.asked++ % reads_between_looks == 0) pending.from = needed_log_from(streams[*s.stream]);
  const StreamPipeline& stream = streams[*s.stream];
  const bool by_key = stream.topic.options.partitioner == Partitioner::by_key;
  const Lsn from = by_key ? on_its_way_from(stream, stream.topic.partition_of(table, row, 0)) : needed_log_from(stream);
  const std::optional<Time> since = pending.changes.first_after(source.log(), pending.from, from, table, row, shown);
  return since ? now_ - *since : Duration{};
}

// ---- state ---------------------------------------------------------------------------------------------------------

// Everything of a partition before its next unwritten record has been written; with none, everything that was read.
Lsn World::position(const StreamPipeline& stream, std::uint32_t partition) const {
  const auto& records = stream.topic.partitions[partition].records;
  const std::uint64_t next = stream.lane.next_unwritten(partition);
  Lsn reached = stream.lane.position(partition);
  if (next >= records.end()) reached = std::max(reached, stream.connector.position());
  else if (!records[next].snapshot()) reached = std::max(reached, records[next].position());
  return reached;
}

ShownPositions World::positions(StoreId store) const {
  const std::optional<PipelineId> stream = stores[store].stream;
  if (!stream || streams[*stream].topic.options.partitioner == Partitioner::round_robin)
    return ShownPositions(lowest_position(store));
  const Topic& topic = streams[*stream].topic;
  std::vector<Lsn> by_partition;
  for (std::uint32_t p = 0; p < topic.options.partitions; ++p) by_partition.push_back(position(streams[*stream], p));
  return ShownPositions(topic, std::move(by_partition));
}

Lsn World::lowest_position(StoreId store) const {
  const Store& s = stores[store];
  if (store == source_store) return source.end();
  if (s.batch) return batches[*s.batch].pipeline.position();
  const StreamPipeline& stream = streams[*s.stream];
  Lsn lowest = no_lsn;
  for (std::uint32_t p = 0; p < stream.topic.options.partitions; ++p) lowest = std::min(lowest, position(stream, p));
  return lowest;
}

bool World::positioned(StoreId store) const {
  const Store& s = stores[store];
  if (!s.stream) return true;
  const StreamPipeline& stream = streams[*s.stream];
  return stream.connector.snapshot_done() && stream.lane.snapshot_written(stream.connector.counts().snapshot);
}

bool World::lanes_idle() const {
  return std::all_of(streams.begin(), streams.end(), [&](const StreamPipeline& stream) {
    return stream.connector.snapshot_done() && stream.connector.held() == 0 &&
           stream.connector.position() >= source.end() && stream.lane.idle(stream.topic);
  });
}

std::vector<ColumnId> World::contract_columns(const Dataset& dataset) const {
  return contract_columns(dataset, source.schema(dataset.table).current_version());
}

std::vector<ColumnId> World::contract_columns(const Dataset& dataset, std::uint16_t number) const {
  const TableSchema& schema = source.schema(dataset.table);
  const SchemaVersion& version = schema.versions[number];
  std::vector<ColumnId> columns;
  for (const ColumnId id : dataset.columns)
    if (version.find(schema.base(id))) columns.push_back(id);
  // A column that the source gains stands under its own name, unless the dataset has one of that name.
  for (const VersionColumn& column : version.columns) {
    const bool gained = dataset.follow_new_columns && schema.columns[column.id].added_in > 0;
    const bool known = std::any_of(dataset.columns.begin(), dataset.columns.end(), [&](ColumnId id) {
      return id == column.id || (schema.columns[id].derived && schema.columns[id].name == column.name);
    });
    if (gained && !known) columns.push_back(column.id);
  }
  return columns;
}

std::optional<ColumnId> World::column(const Dataset& dataset, const std::string& name) const {
  const TableSchema& schema = source.schema(dataset.table);
  for (const ColumnId id : dataset.columns)
    if (schema.columns[id].derived && schema.columns[id].name == name) return id;
  return schema.column(name);
}

std::string World::column_name(TableId table, ColumnId id) const {
  const TableSchema& schema = source.schema(table);
  const VersionColumn* present = schema.columns[id].derived ? nullptr : schema.current().find(id);
  return present ? present->name : schema.columns[id].name;
}

const Dataset* World::dataset_of(TableId table) const {
  const auto at = std::find_if(datasets.begin(), datasets.end(), [&](const Dataset& d) { return d.table == table; });
  return at == datasets.end() ? nullptr : &*at;
}

Digest128 World::trajectory() const {
  std::vector<std::pair<std::string, Digest128>> parts{{"source", source.digest()}};
  for (const StreamPipeline& stream : streams) parts.emplace_back("stream " + stream.name, stream.lane.digest());
  for (const BatchJob& job : batches) {
    Digest digest;
    digest.add(job.pipeline.position());
    digest.add(static_cast<std::uint64_t>(job.pipeline.as_of().ns));
    for (const TableCopy& table : stores[job.store].tables)
      for (RowId row = 0; row < table.slots(); ++row)
        digest.add(std::uint64_t{table[row].write} << 24 | marks.identity(table[row].mark));
    parts.emplace_back("batch " + job.name, digest.value());
  }
  return combine(std::move(parts));
}

// The lowest position of what a partition may still deliver: everything before it is written, or lost.
Lsn World::on_its_way_from(const StreamPipeline& stream, std::uint32_t p) const {
  Lsn from = position(stream, p);
  const Partition& partition = stream.topic.partitions[p];
  const std::uint64_t next = stream.lane.next_unwritten(p);
  const auto delivers = [&](const TopicRecord& record) {
    if (!record.snapshot()) from = std::min(from, record.position());
  };
  if (next < partition.records.end()) delivers(partition.records[next]);
  from = std::min(from, partition.lowest_noted.from(next));
  for (const Connector::Held& held : stream.connector.held_records())
    if (held.partition == p) delivers(held.record);
  return from;
}

Lsn World::needed_log_from(const StreamPipeline& stream) const {
  Lsn needed = stream.connector.needed_from();
  for (std::uint32_t p = 0; p < stream.topic.options.partitions; ++p)
    needed = std::min(needed, on_its_way_from(stream, p));
  return needed;
}

void World::forget() {
  changes_at_forgetting_ = source.changes();
  Lsn needed = std::min(source.end(), kept_from);
  pending_.resize(streams.size());
  for (PipelineId i = 0; i < streams.size(); ++i) {
    pending_[i].from = needed_log_from(streams[i]);
    needed = std::min(needed, pending_[i].from);
  }
  forget_topics();
  for (const BatchJob& job : batches) needed = std::min(needed, job.pipeline.needed_from());
  source.forget_log_before(needed);
}

void World::forget_topics() {
  for (StreamPipeline& stream : streams) {
    for (std::uint32_t p = 0; p < stream.topic.options.partitions; ++p) {
      Partition& partition = stream.topic.partitions[p];
      const std::uint64_t next = stream.lane.next_unwritten(p);
      partition.records.forget_before(next);
      partition.notes.erase(partition.notes.begin(), partition.notes.lower_bound(next));
      partition.lowest_noted.forget_before(next);
    }
  }
}

}  // namespace rehearse
