// Pipelines, stores and consumers of a scenario.
#include <algorithm>

#include "faults/fault.h"
#include "harness/campaign/assembler.h"
#include "harness/reconcile/schedule.h"
#include "scenarios/needs.h"

namespace rehearse {
namespace {

// Nanoseconds an event takes at a rate given as events in 10^9 s.
Duration time_of_one(std::int64_t rate_nano) { return {rate_nano > 0 ? 1'000'000'000'000'000'000 / rate_nano : 0}; }

template <class Produces>
std::vector<bool> tables_of(const World& world, const Produces& produces) {
  std::vector<bool> tables(world.source.tables(), false);
  for (const std::string& name : produces)
    for (const Dataset& dataset : world.datasets)
      if (dataset.name == name) tables[dataset.table] = true;
  return tables;
}

BatchOptions batch_options(const scenario::Batch& given) {
  BatchOptions options;
  switch (given.extract().how_case()) {
    case scenario::Extract::kIncremental:
      options.extract = BatchOptions::Extract::incremental;
      options.overlap = {given.extract().incremental().overlap_ns()};
      break;
    case scenario::Extract::kVisible:
      options.extract = BatchOptions::Extract::visible;
      options.visible = *parse_snapshot(given.extract().visible().xids());
      break;
    case scenario::Extract::kUpToLsn:
      options.extract = BatchOptions::Extract::up_to_lsn;
      options.up_to_commit_lsn = static_cast<std::uint64_t>(given.extract().up_to_lsn());
      break;
    default:
      break;
  }
  if (given.load() == scenario::Batch::MERGE) options.load = BatchOptions::Load::merge;
  options.row_time = time_of_one(given.rate_nano());
  if (given.has_failures()) {
    const scenario::Failures& failures = given.failures();
    options.failure = chance(static_cast<std::uint64_t>(failures.chance_ppb()), 1'000'000'000);
    options.failing_cycles.assign(failures.cycles().begin(), failures.cycles().end());
    options.retry_after = {failures.retry_after_ns()};
    options.max_retries = static_cast<std::uint32_t>(failures.max_retries());
  }
  if (given.has_late_start()) options.late_start = sampler(given.late_start());
  options.catch_up = given.catch_up() == scenario::Batch::LATEST ? BatchOptions::CatchUp::latest
                     : given.catch_up() == scenario::Batch::ALL  ? BatchOptions::CatchUp::all
                                                                 : BatchOptions::CatchUp::none;
  options.keep_snapshots = static_cast<std::uint32_t>(given.keep_snapshots());
  return options;
}

ConnectorOptions connector_options(const scenario::Connector& given) {
  ConnectorOptions options;
  options.continuous = given.mode() == scenario::Connector::CONTINUOUS;
  options.poll_every = {given.poll_every_ns()};
  options.flush_offsets_every = {given.flush_offsets_every_ns()};
  options.initial_snapshot = given.snapshot() == scenario::Connector::INITIAL;
  options.max_batch = static_cast<std::uint32_t>(given.max_batch());
  if (given.has_rate_nano()) {
    options.record_gap = time_of_one(given.rate_nano());
    options.snapshot_rate = static_cast<std::uint64_t>(std::max<std::int64_t>(given.rate_nano() / 1'000'000'000, 1));
  }
  return options;
}

SinkOptions sink_options(const scenario::StreamPipeline& given) {
  const scenario::Processor& processor = given.processor();
  const scenario::Sink& sink = given.sink();
  SinkOptions options;
  options.workers = static_cast<std::uint32_t>(processor.workers());
  options.dispatch = processor.dispatch() == scenario::Processor::SHARED ? Dispatch::shared : Dispatch::by_key;
  options.service_time = sampler(processor.service_time());
  options.buffer = static_cast<std::uint32_t>(processor.buffer());
  options.max_poll_records = static_cast<std::uint32_t>(processor.max_poll_records());
  options.delivery =
      given.delivery() == scenario::StreamPipeline::AT_MOST_ONCE ? Delivery::at_most_once : Delivery::at_least_once;
  options.writers = static_cast<std::uint32_t>(sink.writers());
  options.write = sink.write() == scenario::Sink::APPEND            ? WriteMode::append
                  : sink.write() == scenario::Sink::UPSERT_IF_NEWER ? WriteMode::upsert_if_newer
                                                                    : WriteMode::upsert;
  options.deletes = sink.deletes() == scenario::Sink::IGNORE ? DeleteMode::ignore : DeleteMode::hard;
  options.row_time = {sink.row_time_ns()};
  options.flush_every = {sink.flush_every_ns()};
  options.flush_rows = static_cast<std::uint32_t>(sink.flush_rows());
  options.deduplicate = sink.deduplicate();
  options.unchanged = sink.on_unchanged() == scenario::Sink::SET_NULL ? UnchangedMode::set_null : UnchangedMode::keep;
  options.schema_changes = sink.schema_changes() == scenario::Sink::FOLLOW ? SchemaMode::follow : SchemaMode::by_name;
  return options;
}

TopicOptions topic_options(const scenario::Topic& given) {
  return {.partitions = static_cast<std::uint32_t>(given.partitions()),
          .retention = {given.retention_ns()},
          .partitioner =
              given.partitioner() == scenario::Topic::ROUND_ROBIN ? Partitioner::round_robin : Partitioner::by_key};
}

std::optional<StoreId> store_named(const World& world, const std::string& name) {
  for (StoreId store = 0; store < world.stores.size(); ++store)
    if (world.stores[store].name == name) return store;
  return std::nullopt;
}

// Where a dataset is read before any plan moves its readers: the migration's old store, or the first that holds it.
StoreId first_store(const World& world, const scenario::Scenario& s, const Dataset& dataset) {
  for (StoreId store = 1; store < world.stores.size(); ++store) {
    const Store& candidate = world.stores[store];
    const bool from = candidate.batch ? world.batches[*candidate.batch].name == s.migration().from()
                                      : world.streams[*candidate.stream].name == s.migration().from();
    if (from && candidate.holds[dataset.table]) return store;
  }
  for (StoreId store = 1; store < world.stores.size(); ++store)
    if (world.stores[store].holds[dataset.table]) return store;
  return source_store;
}

// Lint has seen to it that a column's name is that of one with such a role.
SortedBy sorted_by(const World& world, TableId table, const std::string& name) {
  const Dataset* dataset = world.dataset_of(table);
  const std::optional<ColumnId> column = name.empty() || !dataset ? std::nullopt : world.column(*dataset, name);
  if (!column) return SortedBy::nothing;
  switch (world.source.schema(table).role(*column)) {
    case ColumnRole::created_at:
      return SortedBy::created_at;
    case ColumnRole::updated_at:
      return SortedBy::updated_at;
    default:
      return SortedBy::nothing;
  }
}

void add_consumer(const scenario::Consumer& given, const scenario::Scenario& s, bool listed, World& world) {
  Consumer consumer;
  consumer.name = given.name();
  consumer.listed = listed;
  StoreId reads_from = source_store;
  for (std::uint32_t i = 0; i < world.datasets.size(); ++i)
    if (world.datasets[i].name == given.reads()) {
      consumer.dataset = i;
      consumer.table = world.datasets[i].table;
      reads_from = first_store(world, s, world.datasets[i]);
    }
  if (!consumer.dataset) {
    reads_from = store_named(world, given.reads()).value_or(source_store);
    const auto& holds = world.stores[reads_from].holds;
    consumer.table = static_cast<TableId>(std::find(holds.begin(), holds.end(), true) - holds.begin());
  }
  if (!given.fallback().empty()) consumer.fallback = store_named(world, given.fallback());
  consumer.reads = recurrence(given.runs(), world.start_unix_ns);
  consumer.tier = static_cast<Tier>(given.tier());
  const ReaderNeeds needs = needs_of(given);
  consumer.freshness = needs.freshness;
  consumer.needs_unique = needs.unique;
  consumer.needs_complete = needs.complete;
  consumer.needs_point_in_time = needs.point_in_time;
  consumer.needs_sorted = sorted_by(world, consumer.table, std::string(needs.sorted));
  if (given.pick().kind() == values::Distribution::ZIPF)
    consumer.zipf = static_cast<double>(given.pick().shape_ppb()) / 1e9;
  world.add_consumer(std::move(consumer), reads_from);
}

}  // namespace

void add_pipelines(const LoadedScenario& loaded, World& world) {
  const std::vector<Duration> ages = ages_needed(loaded.proto);
  const bool as_a_whole = needs_stores_as_a_whole(loaded.proto);
  for (const scenario::Pipeline& given : loaded.proto.pipelines()) {
    if (given.has_batch()) {
      const scenario::Batch& batch = given.batch();
      const StoreId store =
          world.add_store(batch.into(), tables_of(world, batch.produces()), {batch.freshness_ns()}, ages);
      BatchOptions options = batch_options(batch);
      options.mistakes = mistakes_of(loaded, given, world);
      options.own_rules = own_rules_of(given, world);
      for (int i = 0; i < loaded.proto.datasets_size(); ++i)
        options.forward_by_creation[world.datasets[static_cast<std::size_t>(i)].table] =
            says_creation(loaded.proto, loaded.proto.datasets(i).of(), batch.extract().incremental().cursor());
      world.add_batch(given.name(), store, recurrence(batch.runs(), world.start_unix_ns), options);
    } else {
      const scenario::StreamPipeline& stream = given.stream();
      const StoreId store =
          world.add_store(stream.into(), tables_of(world, stream.produces()), {stream.freshness_ns()}, ages);
      SinkOptions options = sink_options(stream);
      options.ages = {Duration{stream.freshness_ns()}};
      options.ages.insert(options.ages.end(), ages.begin(), ages.end());
      options.follows_shown = as_a_whole;
      options.mistakes = mistakes_of(loaded, given, world);
      ConnectorOptions connector = connector_options(stream.connector());
      connector.own_rules = own_rules_of(given, world);
      world.add_stream(given.name(), store, connector, topic_options(stream.topic()), options);
    }
  }
}

void add_consumers(const LoadedScenario& loaded, World& world) {
  for (const scenario::Consumer& given : loaded.proto.consumers()) add_consumer(given, loaded.proto, true, world);
  for (const scenario::Consumer& given : loaded.proto.world().consumers())
    add_consumer(given, loaded.proto, false, world);
}

}  // namespace rehearse
