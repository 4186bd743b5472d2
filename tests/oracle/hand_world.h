// A world of ten rows that is worked by hand: every change of the source is written down with its instant.
//
// As it comes, a change is visible in the stream's store the moment it commits; a test slows down what it is about.
// Seconds everywhere. Left out: workloads.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "faults/catalogue.h"
#include "faults/injector.h"
#include "harness/oracle/ledger.h"
#include "sim/world/through_time.h"
#include "sim/world/world.h"

namespace rehearse::oracle_test {

constexpr Time at(double seconds) { return {static_cast<std::int64_t>(seconds * 1e9 + 0.5)}; }
constexpr Duration lasting(double seconds) { return {at(seconds).ns}; }

struct HandOptions {
  ConnectorOptions connector;
  TopicOptions topic;
  SinkOptions sink;
  bool follow_new_columns = false;
  std::function<void(TableSchema&, Dataset&)> transforms;  // of the dataset's columns
  // Set: the dataset has these rows instead, and the pipeline may have a rule of its own. There is a second table then,
  // to look up in, whose status a joined dataset has as its column 3.
  std::optional<RowRule> rule, own_rule;
  bool changes = false;  // with an empty rule: the dataset has each change as a row
  bool batch = false;    // instead of the stream
  BatchOptions extract;
  Duration every;
  HandOptions() {
    connector.continuous = true;
    connector.flush_offsets_every = lasting(1000);
    sink.flush_every = {};
    sink.schema_changes = SchemaMode::by_name;
  }
};

// "row 3 [4, 12) mismatch by fault restart": what a test writes down.
using Expected = std::vector<std::string>;

class HandWorld {
 public:
  static constexpr RowId rows = 10;
  static constexpr TableId other = 1, chosen = 2, own = 3;  // tables, where the dataset has rows of its own
  explicit HandWorld(const HandOptions& options)
      : world(world_options(options)), store(world.add_store("trial", holds(options), lasting(60))) {
    BatchOptions extract = options.extract;
    ConnectorOptions connector = options.connector;
    if (options.own_rule)
      (options.batch ? extract.own_rules : connector.own_rules).push_back({"chosen", chosen, own, 32, 0});
    if (options.batch) world.add_batch("nightly", store, Recurrence::every(options.every, options.every), extract);
    else world.add_stream("cdc", store, connector, options.topic, options.sink);
  }
  // A fault of the catalogue, striking once.
  void fault(const std::string& name, const google::protobuf::Message& parameters, Time when) {
    const FaultEntry& entry = fault_entry(parameters);
    FaultPlan plan;
    plan.name = name;
    plan.kind = std::string(entry.kind);
    plan.fault = entry.make(parameters, 1, name);
    plan.at = when;
    plan.chance = chance(1, 1);
    plans_.push_back(std::move(plan));
  }
  void update(Time t, RowId row) { change(t, row, Op::update); }
  void remove(Time t, RowId row) { change(t, row, Op::remove); }
  void insert_again(Time t, RowId row) { change(t, row, Op::insert); }
  void change_other(Time t, RowId row, Op op) {
    run(t);
    world.source.change(other, row, op, t, t);
  }
  // The next new key: rows, rows + 1, …
  void insert(Time t) {
    run(t);
    world.source.insert(0, t, t);
  }
  // A change of a transaction that commits later than it was stated.
  void update_late(Time stated, Time committed, RowId row) {
    run(committed);
    world.source.change(0, row, Op::update, stated, committed);
  }
  void repair(Time t, RowId row) {
    run(t);
    run(t);
    world.repair_row(store, 0, row, world.source.rows(0)[row]);
    ledger.observe(world);
  }
  // Puts the batch store back to its load before the last `back` - 1.
  void restore(Time t, std::uint32_t back) {
    run(t);
    ledger.before_batch_event(world);
    world.batches[0].pipeline.restore(back, world.stores[store].tables);
    ledger.after_batch_event(world);
  }
  void run(Time to) {
    start();
    const auto advance = [&](Time next) {
      world.advance(next);
      ledger.observe(world);
    };
    through_time(world, to, advance, [&](const Event& event) {
      ledger.before_batch_event(world);
      event.actor == Actor::faults ? injector->handle(event, world) : world.handle(event);
      ledger.observe(world);
      ledger.after_batch_event(world);
      return GoOn::yes;
    });
  }
  Expected intervals(Time until) {
    run(until);
    Expected lines;
    for (const DivergentInterval& i : ledger.intervals()) {
      std::vector<std::string> names;
      for (const CauseId id : world.causes.members(i.causes)) names.push_back(world.causes.name(id));
      std::sort(names.begin(), names.end());
      static constexpr const char* kinds[] = {"missing", "extra", "duplicate", "mismatch"};
      const std::string end =
          i.until == Time::never() ? "…" : fmt::format("{:g}", static_cast<double>(i.until.ns) / 1e9);
      lines.push_back(fmt::format("row {} [{:g}, {}) {} by {}", i.row, static_cast<double>(i.from.ns) / 1e9, end,
                                  kinds[static_cast<int>(i.kind)], fmt::join(names, " + ")));
    }
    std::sort(lines.begin(), lines.end());
    return lines;
  }
  RowId divergent_now() const { return static_cast<RowId>(ledger.divergent_count(store)); }

  World world;
  StoreId store;
  Ledger ledger;
  std::unique_ptr<Injector> injector;

 private:
  static WorldOptions world_options(const HandOptions& options) {
    WorldOptions made;
    made.source.seed = 7;
    SourceTableOptions table;
    table.schema.name = "orders";
    table.schema.columns.push_back({.name = "id", .type = "bigint", .role = ColumnRole::key});
    table.schema.columns.push_back({.name = "amount", .type = "decimal(12,2)", .value_type = ValueType::decimal});
    table.schema.columns.push_back({.name = "status", .type = "text", .value_type = ValueType::text});
    table.schema.versions.push_back({{{0, "id", "bigint"}, {1, "amount", "decimal(12,2)"}, {2, "status", "text"}}, 0});
    table.rows = rows;
    table.keep_created_at = table.keep_updated_at = true;
    Dataset dataset{"orders", 0, options.follow_new_columns, {0, 1, 2}};
    if (options.transforms) options.transforms(table.schema, dataset);
    made.source.tables.push_back(table);
    made.source.workload.resize(1);  // no changes of its own
    made.source.workload[0].rows = rows;
    if (options.rule) {
      table.schema.name = "other";
      made.source.tables.push_back(std::move(table));
      made.source.workload.push_back(made.source.workload[0]);
    }
    for (const std::optional<RowRule>* rule : {&options.rule, &options.own_rule}) {
      if (!*rule) continue;
      SourceTableOptions derived;
      const bool several = (*rule)->count.has_value();
      DerivedShape shape{.per_row = several ? options.rule->most : 1, .numbered = several ? "number" : ""};
      if (options.changes) shape.kind = DerivedRows::Kind::changes;
      if ((*rule)->cuts) {
        shape.kind = DerivedRows::Kind::snapshots;
        shape.cut = "as_of";
        dataset.columns = {0, 1, 2, 3};
      }
      if ((*rule)->groups) {  // by status or window, with how many there are and the sum of their amounts
        shape.kind = DerivedRows::Kind::groups;
        shape.by = (*rule)->groups->by;
        shape.window = (*rule)->groups->windows ? "window" : "";
        shape.sums = {{"orders", {}}, {"total", 1}};
      }
      if ((*rule)->look_up) {
        shape.kind = DerivedRows::Kind::joined;
        shape.other = other;
        shape.looked_up = {{"other_status", 2}};
        dataset.columns = {0, 1, 2, 3};
      }
      derived.schema = derived_schema(made.source.tables[0].schema, shape, "chosen", &made.source.tables[1].schema);
      derived.rule = *rule;
      if (rule == &options.own_rule) derived.rule->instead = chosen;
      dataset.table = chosen;
      made.source.tables.push_back(std::move(derived));
    }
    made.datasets.push_back(std::move(dataset));
    return made;
  }
  static std::vector<bool> holds(const HandOptions& options) {
    return options.rule ? std::vector<bool>{false, false, true, false} : std::vector<bool>{true};
  }
  void start() {
    if (injector) return;
    injector = std::make_unique<Injector>(1, std::move(plans_));
    world.start();
    injector->start(world);
    ledger.start(world);
  }
  void change(Time t, RowId row, Op op) {
    run(t);
    world.source.change(0, row, op, t, t);
  }
  std::vector<FaultPlan> plans_;
};

}  // namespace rehearse::oracle_test
