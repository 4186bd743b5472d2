#include "tests/reconcile/fixture.h"

#include <google/protobuf/text_format.h>

#include <stdexcept>

namespace rehearse::reconcile_test {
namespace {

Column column(const char* name, const char* type, ValueType value_type, ColumnRole role = ColumnRole::none) {
  Column c;
  c.name = name;
  c.type = type;
  c.value_type = value_type;
  c.role = role;
  return c;
}

// Gives the orders a column that refers to customers, and adds those, which nobody changes.
void add_customers(WorldOptions& options, RowId rows) {
  SourceTableOptions& orders_table = options.source.tables.front();
  orders_table.schema.columns.push_back(column("customer_id", "bigint", ValueType::integer));
  orders_table.schema.columns[customer_id].distinct = rows;
  orders_table.schema.versions[0].columns.push_back({customer_id, "customer_id", "bigint"});
  SourceTableOptions table;
  table.schema.name = "customers";
  table.schema.columns = {column("id", "bigint", ValueType::integer, ColumnRole::key)};
  table.schema.versions.push_back({{{0, "id", "bigint"}}, 0});
  table.rows = rows;
  SyntheticTableOptions workload;
  workload.rows = rows;
  options.source.tables.push_back(table);
  options.source.workload.push_back(workload);
  options.datasets.front().columns.push_back(customer_id);
  options.datasets.push_back({.name = "customers", .table = customers, .follow_new_columns = false, .columns = {0}});
}

WorldOptions options_of(const WorldShape& shape) {
  SourceTableOptions table;
  table.schema.name = "orders";
  table.schema.columns = {column("id", "bigint", ValueType::integer, ColumnRole::key),
                          column("amount", "decimal(12,2)", ValueType::decimal),
                          column("status", "text", ValueType::text),
                          column("created_at", "timestamptz", ValueType::timestamp, ColumnRole::created_at)};
  table.schema.columns[status].distinct = 1000;
  SchemaVersion version;
  for (std::size_t i = 0; i < table.schema.columns.size(); ++i)
    version.columns.push_back({static_cast<ColumnId>(i), table.schema.columns[i].name, table.schema.columns[i].type});
  table.schema.versions.push_back(version);
  table.rows = shape.rows;
  table.keep_created_at = true;
  table.history = hour * 10;
  SyntheticTableOptions workload;
  workload.rows = shape.rows;
  workload.calendar.peak_rate_nhz = shape.changes_per_second * 1'000'000'000;
  workload.inserts_ppm = 100'000;
  workload.updates_ppm = 800'000;
  WorldOptions options;
  options.source.seed = shape.seed;
  options.source.tables.push_back(table);
  options.source.workload.push_back(workload);
  options.datasets.push_back(
      {.name = "orders", .table = orders, .follow_new_columns = false, .columns = {id, amount, status, created_at}});
  if (shape.customers > 0) add_customers(options, shape.customers);
  return options;
}

}  // namespace

Small::Small(const WorldShape& shape) : world(options_of(shape)) {
  const std::vector<bool> all(shape.customers > 0 ? 2 : 1, true);
  nightly = world.add_store("nightly_store", all, hour * 26);
  stream = world.add_store("stream_store", all, minute);
  BatchOptions batch;
  world.add_batch("nightly", nightly, Recurrence::every(day, hour * 2), batch);
  ConnectorOptions connector;
  connector.poll_every = shape.poll_every;
  connector.initial_snapshot = shape.initial_snapshot;
  TopicOptions topic;
  topic.partitions = shape.partitions;
  if (shape.retention) topic.retention = *shape.retention;
  SinkOptions sink;
  sink.workers = shape.workers;
  sink.delivery = shape.delivery;
  sink.service_time = Sampler::exponential(shape.service_time);
  sink.flush_every = millisecond * 100;
  world.add_stream("cdc", stream, connector, topic, sink);
  world.start();
}

void Small::run(Time end) {
  through_time(
      world, end, [&](Time to) { world.advance(to); },
      [&](const Event& event) {
        ReadView view(world, paranoid);
        Controls controls(world);
        if (event.actor == Actor::world) world.handle(event);
        if (event.actor == Actor::reconcile) reconciler->handle(event.code, event.index, view, controls);
        return GoOn::yes;
      });
}

void Small::use(const scenario::Scenario& scenario, bool scans_too) {
  paranoid = scans_too;
  reconciler = std::make_unique<Reconciler>(scenario, ReadView(world));
  Controls controls(world);
  reconciler->start(ReadView(world), controls);
}

void Small::add_consumer(const std::string& name) {
  Consumer consumer;
  consumer.name = name;
  consumer.dataset = 0;
  consumer.table = orders;
  world.add_consumer(consumer, stream);
}

void Small::alter(RowId row, ColumnId column, AlterationKind kind) {
  const Cell cell = stream_cell(row);
  put(row, {cell.write, world.marks.altered(cell.mark, {.column = column, .kind = kind}, world.causes), 0});
}

scenario::Scenario scenario_of(const std::string& check, const std::string& more) {
  scenario::Scenario scenario;
  if (!google::protobuf::TextFormat::ParseFromString("checks { name: 'c' " + check + " } " + more, &scenario))
    throw std::runtime_error("the test's scenario is no Protobuf text");
  return scenario;
}

std::string compared(const std::string& align, const std::string& more) {
  return "comparison { between: ['source', 'stream_store'] align: " + align +
         " runs { every_ns: 3600000000000 offset_ns: 3600000000000 } scan_rate_nano: 10000000000 " + more + " } ";
}

std::vector<RowId> claimed(const CheckRun& run, DiscrepancyClass kind) {
  std::vector<RowId> rows;
  for (const Claim& claim : run.claims.list())
    if (claim.discrepancy() == kind) rows.push_back(claim.row);
  return rows;
}

}  // namespace rehearse::reconcile_test
