#include "tests/oracle/random_world.h"

#include <algorithm>

#include "faults/burst/burst.pb.h"
#include "faults/connector_restart/connector_restart.pb.h"
#include "faults/duplicate_delivery/duplicate_delivery.pb.h"
#include "faults/field_corruption/field_corruption.pb.h"
#include "faults/out_of_order_deletes/out_of_order_deletes.pb.h"
#include "faults/schema_drift/schema_drift.pb.h"

namespace rehearse::oracle_test {
namespace {

constexpr Time whole{60 * second.ns};

std::string numbered(const char* name, std::size_t n) { return name + std::to_string(n); }

SourceTableOptions some_table(Chooser& choose, std::size_t index, bool with_updated_at) {
  SourceTableOptions table;
  TableSchema& schema = table.schema;
  schema.name = numbered("t", index);
  schema.columns.push_back({.name = "id", .type = "bigint", .role = ColumnRole::key});
  schema.columns.push_back({.name = "amount", .type = "decimal(12,2)", .value_type = ValueType::decimal});
  schema.columns.push_back({.name = "status",
                            .type = "text",
                            .value_type = ValueType::text,
                            .distinct = 2,
                            .null_share = choose.of({0U, 300'000U})});
  schema.columns.push_back(
      {.name = "region", .type = "text", .value_type = ValueType::text, .distinct = 3, .changes = false});
  if (with_updated_at)
    schema.columns.push_back({.name = "updated_at",
                              .type = "timestamptz",
                              .value_type = ValueType::timestamp,
                              .role = ColumnRole::updated_at});
  SchemaVersion version;
  for (ColumnId id = 0; id < schema.columns.size(); ++id)
    version.columns.push_back({id, schema.columns[id].name, schema.columns[id].type});
  schema.versions.push_back(std::move(version));
  table.rows = static_cast<RowId>(choose.between(2, 30));
  table.keep_updated_at = true;
  return table;
}

SyntheticTableOptions some_workload(Chooser& choose, RowId rows) {
  SyntheticTableOptions workload;
  workload.rows = rows;
  workload.calendar.peak_rate_nhz = static_cast<std::uint64_t>(choose.between(500'000'000, 6'000'000'000));
  workload.inserts_ppm = choose.of({0U, 100'000U, 300'000U});
  const std::uint32_t deletes = choose.of({0U, 100'000U, 300'000U});
  workload.updates_ppm = 1'000'000 - workload.inserts_ppm - deletes;
  workload.reinserts_ppm = choose.of({0U, 500'000U, 1'000'000U});
  workload.updates.zipf = choose.of({0.0, 0.9});
  workload.deletes.zipf = choose.of({0.0, 0.9});
  workload.geometric_sizes = choose.one_in(2);
  workload.mean_size = choose.of({1.0, 2.0, 4.0});
  if (!workload.geometric_sizes) workload.sizes = Sampler::constant({choose.between(1, 3)});
  if (choose.one_in(3)) {
    workload.long_share_ppm = 100'000;
    workload.long_hold = Sampler::uniform(millisecond * 100, second * 15);
  }
  return workload;
}

void add_tables(RandomWorld& world, Chooser& choose) {
  world.options.source.seed = world.number;
  const std::int64_t tables = choose.between(1, 3);
  for (std::int64_t i = 0; i < tables; ++i) {
    world.options.source.tables.push_back(some_table(choose, static_cast<std::size_t>(i), choose.one_in(2)));
    const SourceTableOptions& table = world.options.source.tables.back();
    world.options.source.workload.push_back(some_workload(choose, table.rows));
    if (i > 0 && choose.one_in(6)) continue;  // a table that no contract speaks of
    Dataset dataset;
    dataset.name = numbered("d", static_cast<std::size_t>(i));
    dataset.table = static_cast<TableId>(i);
    dataset.follow_new_columns = choose.one_in(2);
    for (ColumnId id = 0; id < table.schema.columns.size(); ++id)
      if (id == 0 || !choose.one_in(5)) dataset.columns.push_back(id);
    world.options.datasets.push_back(std::move(dataset));
  }
}

// ---- what datasets make of the source's columns
// -----------------------------------------------------------------------

constexpr ColumnId amount = 1, status = 2, region = 3;

Column derived(const char* name, const char* type, ValueForm form, std::vector<Derivation> ways) {
  Column column;
  column.name = name;
  column.type = type;
  column.value_type = form.type;
  column.derived = DerivedColumn{form, std::move(ways), {"none", "other"}};
  return column;
}

Column some_derived(Chooser& choose) {
  const ValueForm whole_number{.fixed = true}, text{.type = ValueType::text};
  const ValueForm hundredths{.type = ValueType::decimal, .unit = 100};
  const ValueForm tenths{.type = ValueType::decimal, .unit = 100, .step = 10, .fixed = true};
  const Value none{Value::Kind::text, 0, -1}, other{Value::Kind::text, 0, -2};
  const auto rounding = [&] { return choose.of({Rounding::half_up, Rounding::half_even, Rounding::down}); };
  Column column;
  switch (choose.between(0, 3)) {
    case 0:
      column = derived("total", "bigint", whole_number,
                       {{amount, whole_number, rounding(), {}},
                        {amount, whole_number, rounding(), {}},
                        {amount, tenths, rounding(), {Value::Kind::number, 0, 5}}});
      break;
    case 1:
      column =
          derived("price", "decimal(12,2)", hundredths,
                  {{amount, {}, {}, {}}, {amount, tenths, rounding(), {}}, {amount, whole_number, rounding(), {}}});
      break;
    case 2:
      column = derived("label", "text", text,
                       {{status, {}, {}, none}, {status, {}, {}, {}}, {status, {}, {}, other}, {region, {}, {}, none}});
      break;
    default:
      column = derived("place", "text", text, {{region, {}, {}, {}}, {status, {}, {}, {}}});
  }
  if (form_of(column).type != ValueType::text && choose.one_in(3))
    column.equality = {Equality::Kind::tolerance, choose.of({10'000'000, 500'000'000, 1'000'000'000})};
  return column;
}

// Draws of its own: worlds without transforms are what they would be if there were none.
void add_transforms(RandomWorld& world, const Features& features) {
  Chooser choose(world.number, "transforms");
  if (choose.one_in(2)) return;
  for (Dataset& dataset : world.options.datasets) {
    TableSchema& schema = world.options.source.tables[dataset.table].schema;
    if (schema.derived && schema.derived->kind == DerivedRows::Kind::groups) continue;  // has none of these columns
    for (std::int64_t n = choose.between(0, 2); n > 0; --n) {
      const Column column = some_derived(choose);
      const std::uint32_t ways = static_cast<std::uint32_t>(column.derived->ways.size());
      const auto id = static_cast<ColumnId>(schema.columns.size());
      schema.columns.push_back(column);
      dataset.columns.push_back(id);
      for (StoreDesign& store : world.stores) {
        if (!features.defects || !store.holds[dataset.table] || !choose.one_in(2)) continue;
        std::vector<Mistake>& mistakes = store.batch ? store.extract.mistakes : store.sink.mistakes;
        mistakes.push_back(
            {.table = dataset.table, .column = id, .way = static_cast<std::uint32_t>(choose.between(1, ways - 1))});
      }
    }
    if (choose.one_in(4))
      schema.columns[amount].equality = {Equality::Kind::tolerance,
                                         choose.of({std::int64_t{10'000'000}, std::int64_t{20'000'000'000}})};
  }
}

std::vector<bool> some_of_the_tables(RandomWorld& world, Chooser& choose) {
  std::vector<bool> holds;
  for (std::size_t i = 0; i < world.options.source.tables.size(); ++i) holds.push_back(i == 0 || !choose.one_in(4));
  return holds;
}

StoreDesign some_stream(RandomWorld& world, Chooser& choose, const Features& features) {
  StoreDesign store;
  store.name = numbered("cdc", world.stores.size());
  store.holds = some_of_the_tables(world, choose);
  store.connector.continuous = choose.one_in(3);
  store.connector.poll_every = choose.of({millisecond * 100, millisecond * 500, second * 3});
  store.connector.flush_offsets_every = choose.of({second, second * 7, second * 20});
  store.connector.snapshot_rate = choose.of({std::uint64_t{0}, std::uint64_t{5}, std::uint64_t{100}});
  store.connector.max_batch = choose.of({3U, 2048U});
  store.connector.record_gap = choose.of({Duration{}, millisecond * 20});
  store.topic.partitions = choose.of({1U, 1U, 2U, 5U});
  SinkOptions& sink = store.sink;
  sink.workers = choose.of({1U, 1U, 2U, 4U});
  sink.service_time = choose.of({Sampler::constant(Duration{}), Sampler::constant(millisecond * 10),
                                 Sampler::exponential(millisecond * 20), Sampler::exponential(millisecond * 100)});
  sink.buffer = choose.of({1U, 2U, 7U, 10'000U});
  sink.max_poll_records = choose.of({1U, 10U, 500U});
  sink.writers = choose.of({1U, 1U, 2U});
  sink.row_time = choose.of({Duration{}, millisecond, millisecond * 30});
  sink.flush_every = choose.of({Duration{}, millisecond * 200, second, second * 4});
  sink.flush_rows = choose.of({1U, 3U, 500U});
  sink.schema_changes = SchemaMode::follow;
  sink.write = choose.of({WriteMode::upsert, WriteMode::upsert, WriteMode::upsert_if_newer, WriteMode::append});
  const bool round_robin = choose.one_in(4), shared = choose.one_in(3);
  if (!features.by_key_only && round_robin) store.topic.partitioner = Partitioner::round_robin;
  if (!features.by_key_only && shared) sink.dispatch = Dispatch::shared;
  if (features.defects) {
    if (choose.one_in(4)) sink.schema_changes = SchemaMode::by_name;
    if (choose.one_in(5)) sink.deletes = DeleteMode::ignore;
    if (choose.one_in(4)) sink.delivery = Delivery::at_most_once;
    if (choose.one_in(5)) sink.deduplicate = true;
    if (choose.one_in(5)) store.topic.retention = choose.of({millisecond * 300, second, second * 5});
    if (choose.one_in(5)) store.connector.initial_snapshot = false;
  } else if (sink.write == WriteMode::append) {
    sink.write = WriteMode::upsert;
  }
  if (features.write) sink.write = *features.write;
  return store;
}

StoreDesign some_batch(RandomWorld& world, Chooser& choose, const Features& features) {
  StoreDesign store;
  store.name = numbered("nightly", world.stores.size());
  store.holds = some_of_the_tables(world, choose);
  store.batch = true;
  store.every = choose.of({second * 5, second * 11, second * 25});
  store.offset = choose.of({Duration{}, second * 2, Duration{second.ns / 3}});
  BatchOptions& batch = store.extract;
  batch.row_time = choose.of({Duration{}, millisecond, millisecond * 100, millisecond * 400});
  batch.failure = chance(choose.of({0U, 0U, 300U}), 1000);
  batch.retry_after = second * choose.between(1, 4);
  batch.max_retries = choose.of({0U, 3U});
  batch.keep_snapshots = choose.of({0U, 1U, 3U});
  if (choose.one_in(3)) batch.late_start = Sampler::uniform(Duration{}, second * 7);
  if (features.defects) {
    if (choose.one_in(2)) batch.extract = BatchOptions::Extract::incremental;
    if (choose.one_in(2)) batch.load = BatchOptions::Load::merge;
    batch.overlap = choose.of({Duration{}, second * 5});
    if (choose.one_in(3)) batch.schema_changes = SchemaMode::by_name;
  }
  return store;
}

// ---- faults --------------------------------------------------------------------------------------------------------

values::Distribution some_delay(Chooser& choose) {
  values::Distribution delay;
  delay.set_kind(choose.one_in(2) ? values::Distribution::EXPONENTIAL : values::Distribution::CONSTANT);
  delay.set_a(choose.of({Duration{}, millisecond * 700, second * 5, second * 15}).ns);
  return delay;
}

std::int64_t some_share(Chooser& choose) { return choose.of({20'000'000, 200'000'000, 1'000'000'000}); }

std::shared_ptr<const google::protobuf::Message> some_drift(RandomWorld& world, Chooser& choose) {
  auto drift = std::make_shared<faults::SchemaDrift>();
  drift->set_table(numbered("t", static_cast<std::size_t>(choose.between(
                                     0, static_cast<std::int64_t>(world.options.source.workload.size()) - 1))));
  const std::string column = choose.of({"amount", "status", "region"});
  switch (choose.between(0, 3)) {
    case 0: {
      auto& add = *drift->mutable_change()->mutable_add();
      add.set_column(choose.of({"discount", "state"}));
      add.mutable_type()->set_base(choose.of({values::ColumnType::DECIMAL, values::ColumnType::TEXT}));
      if (choose.one_in(2)) add.set_default_text("7");
      break;
    }
    case 1:
      drift->mutable_change()->set_drop(column);
      break;
    case 2:
      drift->mutable_change()->mutable_rename()->set_from(column);
      drift->mutable_change()->mutable_rename()->set_to(choose.of({"state", "amount2"}));
      break;
    default:
      drift->mutable_change()->mutable_retype()->set_column(column);
      drift->mutable_change()->mutable_retype()->mutable_to()->set_base(values::ColumnType::TEXT);
  }
  if (choose.one_in(2)) drift->set_fixed_after_ns(choose.duration({}, second * 20).ns);
  return drift;
}

std::shared_ptr<const google::protobuf::Message> some_corruption(const std::string& pipeline, Chooser& choose) {
  auto corruption = std::make_shared<faults::FieldCorruption>();
  corruption->set_pipeline(pipeline);
  corruption->set_column(choose.of({"amount", "status", "region"}));
  corruption->set_share_ppb(some_share(choose));
  corruption->set_how(
      choose.of({faults::FieldCorruption::NULL_VALUE, faults::FieldCorruption::TRUNCATE, faults::FieldCorruption::STALE,
                 faults::FieldCorruption::SHIFT, faults::FieldCorruption::GARBLE}));
  corruption->set_for_ns(choose.duration(second, second * 20).ns);
  return corruption;
}

template <class Tapping>
std::shared_ptr<const google::protobuf::Message> some_tapping(const std::string& pipeline, Chooser& choose) {
  auto tapping = std::make_shared<Tapping>();
  tapping->set_pipeline(pipeline);
  tapping->set_share_ppb(some_share(choose));
  *tapping->mutable_delay() = some_delay(choose);
  tapping->set_for_ns(choose.duration(second, second * 20).ns);
  return tapping;
}

std::shared_ptr<const google::protobuf::Message> some_restart(const std::string& pipeline, Chooser& choose) {
  auto restart = std::make_shared<faults::ConnectorRestart>();
  restart->set_pipeline(pipeline);
  restart->set_part(choose.one_in(2) ? faults::ConnectorRestart::SINK : faults::ConnectorRestart::SOURCE_CONNECTOR);
  restart->set_down_for_ns(choose.of({Duration{}, millisecond * 400, second * 3, second * 12}).ns);
  return restart;
}

void add_fault(RandomWorld& world, Chooser& choose, const Features& features) {
  FaultDesign fault;
  const StoreDesign& store =
      world.stores[static_cast<std::size_t>(choose.between(0, static_cast<std::int64_t>(world.stores.size()) - 1))];
  std::int64_t kind = choose.between(0, features.restarts_only ? 1 : features.delays_only ? 4 : 8);
  if (store.batch && kind != 4) kind = features.delays_only || features.restarts_only ? 4 : choose.of({5, 6});
  switch (kind) {
    case 0:
    case 1:
      fault.parameters = some_restart(store.name, choose);
      break;
    case 2:
      fault.parameters = some_tapping<faults::DuplicateDelivery>(store.name, choose);
      break;
    case 3:
      fault.parameters = some_tapping<faults::OutOfOrderDeletes>(store.name, choose);
      break;
    case 4: {
      auto burst = std::make_shared<faults::Burst>();
      burst->set_table("t0");
      burst->set_factor_ppb(choose.of({std::int64_t{1'500'000'000}, std::int64_t{4'000'000'000}}));
      burst->set_for_ns(choose.duration(second, second * 15).ns);
      fault.parameters = burst;
      break;
    }
    case 5:
      fault.parameters = some_drift(world, choose);
      break;
    case 6:
    case 7:
      fault.parameters = some_corruption(store.name, choose);
      break;
    default:
      fault.drops_of = store.name;
      fault.drops_for = choose.duration(second, second * 10);
  }
  fault.name = numbered("f", world.faults.size());
  switch (choose.between(0, 3)) {
    case 0:
      fault.every = choose.of({second * 2, second * 9, Duration{7'777'777'777}});
      break;
    case 1:
      fault.mean_gap = choose.of({second * 5, second * 15});
      break;
    default:
      fault.at = choose.instant({0}, whole);
  }
  if (choose.one_in(3)) fault.until = choose.instant({0}, whole);
  world.faults.push_back(std::move(fault));
}

void add_controls(RandomWorld& world, Chooser& choose) {
  const std::int64_t controls = choose.one_in(2) ? 0 : choose.between(1, 12);
  for (std::int64_t i = 0; i < controls; ++i) {
    Control control;
    control.at = choose.instant({0}, whole);
    control.store = static_cast<StoreId>(choose.between(1, static_cast<std::int64_t>(world.stores.size())));
    const StoreDesign& store = world.stores[control.store - 1];
    using Kind = Control::Kind;
    if (store.batch) control.kind = choose.of({Kind::pause_batch, Kind::resume_batch, Kind::restore, Kind::repair});
    else control.kind = choose.of({Kind::repair, Kind::repair, Kind::deduplicate, Kind::speed});
    do control.table = static_cast<TableId>(choose.between(0, static_cast<std::int64_t>(store.holds.size()) - 1));
    while (!store.holds[control.table]);
    control.row = static_cast<RowId>(choose.between(0, 40));
    control.later = choose.of({Duration{}, second, second * 6});
    control.value =
        control.kind == Kind::speed ? choose.of({100'000U, 400'000U, 1'000'000U}) : choose.of({1U, 1U, 2U, 3U});
    world.controls.push_back(control);
  }
}

}  // namespace

RandomWorld random_world(std::uint64_t number, const Features& features) {
  Chooser choose(number, "random world");
  RandomWorld world;
  world.number = number;
  world.end = whole;
  add_tables(world, choose);
  for (std::int64_t n = choose.of({1, 1, 1, 2}); n > 0; --n)
    world.stores.push_back(some_stream(world, choose, features));
  if (features.batches && choose.one_in(2)) world.stores.push_back(some_batch(world, choose, features));
  add_row_rules(world, features);  // made of the source's columns, whatever datasets make of them
  add_transforms(world, features);
  if (features.faults)
    for (std::int64_t n = choose.of({0, 1, 1, 2, 3, 6}); n > 0; --n) add_fault(world, choose, features);
  if (features.controls) add_controls(world, choose);
  return world;
}

std::vector<Time> random_cuts(std::uint64_t number, Time end) {
  Chooser choose(number, "cuts");
  std::vector<Time> cuts;
  for (std::int64_t n = choose.between(1, 40); n > 0; --n) cuts.push_back(choose.instant({0}, end));
  std::sort(cuts.begin(), cuts.end());
  return cuts;
}

}  // namespace rehearse::oracle_test
