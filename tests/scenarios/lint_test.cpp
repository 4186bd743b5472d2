// Scenarios that parse but make no sense: each kind of mistake is found, at its place.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "scenarios/check_kinds.h"
#include "tests/scenarios/example.h"

using namespace rehearse;
using namespace rehearse::testing;

namespace {

struct Case {
  const char* from;
  const char* to;  // with @@ before the mistake
  const char* path;
  const char* message;  // a part of it
  const char* nearest;
};

const std::vector<Case> errors = {
    // names
    {"{of: orders}", "{of: @@ordres}", "datasets.orders.of", "no table is called `ordres`", "orders"},
    {"produces: orders, into: orders_nightly", "produces: @@order, into: orders_nightly",
     "pipelines.nightly.batch.produces[0]", "no dataset is called", "orders"},
    {"reads: orders,", "reads: @@orders_nightli,", "consumers.dashboard.reads", "no dataset or store is called",
     "orders_nightly"},
    {"[source, orders_streaming]", "[@@sorce, orders_streaming]", "checks.fields.field_compare.between[0]",
     "no store is called", "source"},
    {"{from: arrival}", "{from: @@arival}", "metrics.p95.from[0]", "no check is called", "arrival"},
    {"{metric: p95,", "{metric: @@p96,", "migration.rollback.triggers[0].metric", "no metric is called", "p95"},
    {"move: [dashboard]", "move: [@@dashbord]", "migration.phases[1].move.consumers[0]", "no consumer is called",
     "dashboard"},
    {"from: nightly", "from: @@nightli", "migration.from", "no pipeline is called", "nightly"},
    {"for: 10m}", "for: 10m, during: [@@shado]}", "migration.rollback.triggers[0].during[0]", "no phase is called",
     "shadow"},
    {"pipeline: cdc", "pipeline: @@cdd", "world.faults[0].connector_restart.pipeline", "no pipeline is called", "cdc"},
    {"at: 3d,", "at: {phase: @@canary},", "world.faults[0].connector_restart.at.phase", "no phase is called `canary`",
     ""},
    {"world:\n", "expect: {rollback: {necessary: [@@bust]}}\nworld:\n", "expect.rollback.necessary[0]",
     "no fault is called", ""},
    {"name: full", "name: @@shadow", "migration.phases[1].name", "another phase called `shadow`", ""},
    {"into: orders_streaming, fresh", "into: @@orders_nightly, fresh", "pipelines.cdc.stream.into",
     "another store called", ""},
    {"into: people_store", "into: @@source", "pipelines.people.batch.into", "the name of the source", ""},
    {"into: people_store", "into: @@orders", "pipelines.people.batch.into", "the name of a dataset", ""},
    {"world:\n", "world:\n  consumers:\n    @@dashboard: {reads: orders, every: 1d, tier: low}\n",
     "world.consumers.dashboard", "a consumer of this name", ""},
    {"steps: [", "steps: [{run_now: @@cdc}, ", "migration.rollback.steps[0].run_now",
     "pipeline `cdc` is a stream, which has no cycles", ""},
    {"name: full,", "name: full, do: [run_now @@cdc],", "migration.phases[1].do[0].run_now",
     "pipeline `cdc` is a stream, which has no cycles", ""},
    {"every: 15m, tier: low}", "every: 15m, tier: low, needs: {sorted: @@amount}}", "consumers.dashboard.needs.sorted",
     "`amount` of `orders` does not tell when the source's rows were written", ""},
    {"every: 15m, tier: low}", "every: 15m, tier: low, needs: {sorted: @@updatet_at}}",
     "consumers.dashboard.needs.sorted", "updatet_at", "updated_at"},
    // expectations about fields of the result
    {"world:\n", "expect: {result: {@@\"stores[orders_streaming].divergent_interval\": 0}}\nworld:\n",
     "expect.result.stores[orders_streaming].divergent_interval", "`stores` has no field `divergent_interval`",
     "divergent_intervals"},
    {"world:\n", "expect: {result: {@@\"stores[orders_steaming].rows\": 0}}\nworld:\n",
     "expect.result.stores[orders_steaming].rows", "nothing in `stores` will be called `orders_steaming`",
     "orders_streaming"},
    {"world:\n", "expect: {result: {figures.changes: {equals: @@1s}}}\nworld:\n",
     "expect.result.figures.changes.equals", "", ""},
    {"world:\n", "expect: {result: {decision: @@cut_ower}}\nworld:\n", "expect.result.decision.equals",
     "`cut_ower` is not a value", "cut_over"},
    {"world:\n", "expect: {result: {@@verdict: pass}}\nworld:\n", "expect.result.verdict", "cannot be expected", ""},
    {"world:\n", "expect: {result: {@@stores: 1}}\nworld:\n", "expect.result.stores", "is a list", ""},
    // tables
    {"{type: bigint, key: true}", "{type: bigint}", "source.tables.orders.columns", "no column is a key", ""},
    {"key: true}", "key: true, nullable: @@true}", "source.tables.orders.columns.id.nullable", "never NULL", ""},
    {"{type: timestamptz, role: updated_at}", "{type: @@bigint, role: updated_at}",
     "source.tables.orders.columns.updated_at.type", "holds a time", ""},
    {"peak_rate: 10/s", "peak_rate: 10/s, @@mix: {insert: 5%, update: 90%}", "source.tables.orders.workload.mix",
     "add up to 95%", ""},
    {"start: 2026-03-02T00:00:00Z\n", "", "start", "`start` is missing", ""},
    {"  tables:\n", "  capture: {stream: x, tables: {orders: {}}}\n  tables:\n", "source",
     "either captured or synthetic", ""},
    {"{of: orders}", "{of: orders, columns: [id, @@statuss]}", "datasets.orders.columns.statuss",
     "has no column `statuss`", "status"},
    {"{of: orders}", "{of: orders, columns: @@[amount, updated_at]}", "datasets.orders.columns",
     "key's column `id` is left out", ""},
    {"{of: orders}", "{of: orders, columns: [id, status, @@status]}", "datasets.orders.columns.status", "there twice",
     ""},
    {"{of: customers}", "{of: @@orders}", "datasets.customers.of", "of table `orders` already", ""},
    // what datasets and pipelines make of columns
    {"{of: orders}", "{of: orders, columns: {id: , total: {from: @@amuont}}}", "datasets.orders.columns.total.from",
     "has no column `amuont`", "amount"},
    {"{of: orders}", "{of: orders, columns: {id: , total: @@amuont}}", "datasets.orders.columns.total.from",
     "has no column `amuont`", "amount"},
    {"{of: orders}", "{of: orders, columns: {id: {cast: @@text}}}", "datasets.orders.columns.id.cast",
     "what rows are told apart by", ""},
    {"{of: orders}", "{of: orders, columns: {id: {default: @@0}}}", "datasets.orders.columns.id.default", "never NULL",
     ""},
    {"{of: orders}", "{of: orders, columns: {id: , @@again: id}}", "datasets.orders.columns.again", "is there twice",
     ""},
    {"{of: orders}", "{of: orders, columns: {id: , status: {cast: @@bigint}}}", "datasets.orders.columns.status.cast",
     "is no number and no time", ""},
    {"{of: orders}", "{of: orders, columns: {id: , amount: {cast: @@date}}}", "datasets.orders.columns.amount.cast",
     "holds a decimal, which is never a time", ""},
    {"{of: orders}", "{of: orders, columns: {id: , amount: {cast: @@varchar(3)}}}",
     "datasets.orders.columns.amount.cast", "not modelled", ""},
    {"{of: orders}", "{of: orders, columns: {id: , updated_at: {cast: @@date}}}",
     "datasets.orders.columns.updated_at.cast", "only the order is known", ""},
    {"{of: orders}", "{of: orders, columns: {id: , amount: {default: @@none}}}",
     "datasets.orders.columns.amount.default", "`none` is not a decimal", ""},
    {"{of: orders}", "{of: orders, columns: {id: , amount: {round: @@upp}}}", "datasets.orders.columns.amount.round",
     "", ""},
    {"{of: orders}", "{of: orders, equality: {@@amuont: {tolerance: 1}}}", "datasets.orders.equality.amuont",
     "has no column `amuont`", "amount"},
    {"{of: orders}", "{of: orders, equality: {@@id: normalised}}", "datasets.orders.equality.id",
     "what rows are told apart by", ""},
    {"{of: orders}", "{of: orders, equality: {status: {tolerance: @@1}}}", "datasets.orders.equality.status.tolerance",
     "holds a text", ""},
    {"{of: orders}", "{of: orders, equality: {amount: {tolerance: @@1s}}}", "datasets.orders.equality.amount.tolerance",
     "holds a decimal", ""},
    {"{of: orders}", "{of: orders, equality: {updated_at: {tolerance: @@1s}}}",
     "datasets.orders.equality.updated_at.tolerance", "is not known", ""},
    {"{of: orders}", "{of: orders, equality: {status: @@normalized}}", "datasets.orders.equality.status", "",
     "normalised"},
    {"into: orders_streaming,", "into: orders_streaming, mapping: {@@totl: amount},",
     "pipelines.cdc.stream.mapping.totl", "has no column `totl`", ""},
    {"into: orders_streaming,", "into: orders_streaming, mapping: {amount: @@amuont},",
     "pipelines.cdc.stream.mapping.amount.from", "has no column `amuont`", "amount"},
    {"into: orders_streaming,", "into: orders_streaming, mapping: {@@id: amount},", "pipelines.cdc.stream.mapping.id",
     "what rows are told apart by", ""},
    {"into: orders_streaming,", "into: orders_streaming, mapping: {@@amount: status},",
     "pipelines.cdc.stream.mapping.amount", "a text cannot be written into a column that holds a decimal", ""},
    {"into: orders_nightly,", "into: orders_nightly, mapping: {amount: {default: @@x}},",
     "pipelines.nightly.batch.mapping.amount.default", "is not a decimal", ""},
    // pipelines and consumers
    {", cron: \"0 2 * * *\"", "", "pipelines.nightly.batch", "when it runs is missing", ""},
    {"cron: \"0 2 * * *\"", "cron: \"0 2 * * *\", every: 1d", "pipelines.nightly.batch", "more than one of", ""},
    {"cron: \"0 2 * * *\"", "cron: \"0 2 * * *\", load: merge, extract: {incremental: {cursor: @@update_at}}",
     "pipelines.nightly.batch.extract.incremental.cursor", "has no column `update_at`", "updated_at"},
    {"cron: \"0 2 * * *\"", "cron: \"0 2 * * *\", extract: {up_to_lsn: @@\"0/1\"}",
     "pipelines.nightly.batch.extract.up_to_lsn", "only a captured source", ""},
    {"tier: low", "tier: low, fallback: @@people_store", "consumers.dashboard.fallback",
     "does not hold dataset `orders`", ""},
    // checks, metrics, repair
    {"[source, orders_streaming]", "@@[people_store, orders_streaming]", "checks.fields.field_compare.between",
     "never hold the same dataset", ""},
    {"[source, orders_streaming]", "@@[orders_streaming, orders_streaming]", "checks.fields.field_compare.between",
     "compared with itself", ""},
    {"[source, orders_streaming],", "[source, orders_streaming], columns: [@@ammount],",
     "checks.fields.field_compare.columns[0]", "has no column", "amount"},
    {"[source, orders_streaming],", "[source, orders_streaming], datasets: [@@customers],",
     "checks.fields.field_compare.datasets[0]", "never holds it", ""},
    {"[source, orders_streaming],", "[orders_nightly, orders_streaming], align: @@reread,",
     "checks.fields.field_compare.align", "from the source", ""},
    {"field_compare: {between: [source, orders_streaming],",
     "row_count: {between: [source, orders_streaming], align: @@window_cut,", "checks.fields.row_count.align",
     "there is none", ""},
    {"field_compare: {between: [source, orders_streaming],",
     "row_count: {between: [source, orders_streaming], of: {@@status: 24h},", "checks.fields.row_count.of.column",
     "`status` is no time", ""},
    {"field_compare: {between: [source, orders_streaming],",
     "aggregate: {between: [source, orders_streaming], measures: [sum @@status],",
     "checks.fields.aggregate.measures[0].sum", "holds no numbers", ""},
    {"p95: {from: arrival}", "@@p95: {from: arrival, per: rows_compared}", "metrics.p95", "measures a duration", ""},
    {"migration:\n", "repair: [{of: @@arrival, missing: reload_from_source}]\nmigration:\n", "repair[0].of",
     "names no rows", ""},
    {"field_compare: {between: [source, orders_streaming],",
     "checksum: {between: [source, orders_streaming], align: @@window_cut,", "checks.fields.checksum.align",
     "reads no times", ""},
    {"field_compare: {between: [source, orders_streaming],",
     "aggregate: {between: [source, orders_streaming], measures: [sum amount], align: @@window_cut,",
     "checks.fields.aggregate.align", "reads no times", ""},
    {"field_compare: {between: [source, orders_streaming],", "duplicates: {of: orders_streaming, columns: [@@amuont],",
     "checks.fields.duplicates.columns[0]", "has no column", "amount"},
    {"field_compare: {between: [source, orders_streaming],",
     "checksum: {between: [source, orders_streaming], @@chunks: {split: 2},", "checks.fields.checksum.chunks",
     "how many rows a chunk has", ""},
    {"field_compare: {between: [source, orders_streaming],",
     "checksum: {between: [source, orders_streaming], @@chunks: {like: data_diff, rows: 10},",
     "checks.fields.checksum.chunks", "a tool is named", ""},
    {"field_compare: {between: [source, orders_streaming],",
     "field_compare: {between: [source, orders_streaming], @@recheck: {times: 2},",
     "checks.fields.field_compare.recheck", "when to look again", ""},
    {"field_compare: {between: [source, orders_streaming],",
     "dual_read: {between: [source, orders_streaming], as: @@report,", "checks.fields.dual_read.as",
     "reads a store, not a dataset", ""},
    {"field_compare: {between: [source, orders_streaming],",
     "dual_read: {between: [source, orders_streaming], as: dashboard, latest: {@@status: 3},",
     "checks.fields.dual_read.latest.column", "holds no numbers", ""},
    {"field_compare: {between: [source, orders_streaming],",
     "referential: {between: [source, orders_streaming], child: orders, column: amount, parent: @@customers,",
     "checks.fields.referential.parent", "never holds", ""},
    {"latency: {of: orders_streaming,", "lag: {of: @@orders_nightly,", "checks.arrival.lag.of",
     "written by a batch job", ""},
    // the plan
    {"to: cdc", "to: @@nightly", "migration.to", "from a pipeline to itself", ""},
    {"to: cdc", "to: @@people", "migration.to", "no dataset in common", ""},
    {"move: [dashboard]", "move: [@@report]", "migration.phases[1].move.consumers[0]", "by name", ""},
    {"move: [dashboard]", "move: [dashboard, @@dashboard]", "migration.phases[1].move.consumers[1]",
     "has moved already", ""},
    {"move: [dashboard]", "@@move: {}", "migration.phases[1].move", "no consumer is named", ""},
    {"below: 1%", "below: @@30s", "migration.phases[0].exit[0].below", "measured in another unit", ""},
    {"above: 1h", "above: @@5%", "migration.rollback.triggers[0].above", "measured in another unit", ""},
    {"at_least: 5d", "at_least: 30d", "migration.phases[1]", "phase `full` is never entered", ""},
    {"for: 2d}", "for: 30d}", "migration.phases[1]", "phase `full` is never entered", ""},
    {"for: 10m}", "for: @@30s}", "migration.rollback.triggers[0].for", "sampled too rarely", ""},
    {"for: 10m}", "for: @@10m, min_samples: 11}", "migration.rollback.triggers[0].for", "may hold 10 samples only", ""},
    {"for: 2d}", "for: @@30m}", "migration.phases[0].exit[0].for", "may hold no sample", ""},
    // tests of windows
    {"below: 1%, for: 2d}", "below: 1%, @@above: 2%, for: 2d}", "migration.phases[0].exit[0].above",
     "cannot stand beside `below`", ""},
    {"{metric: bad_rows, below: 1%, for: 2d}", "@@{metric: bad_rows, below: 1%}", "migration.phases[0].exit[0]",
     "`for` is missing", ""},
    {"below: 1%, for: 2d}", "rising: @@false, for: 2d}", "migration.phases[0].exit[0].rising", "tests nothing", ""},
    {"below: 1%, for: 2d}", "rising: true, for: @@1h}", "migration.phases[0].exit[0].for", "may hold one sample only",
     ""},
    {"below: 1%, for: 2d}", "rising: true, for: @@0s}", "migration.phases[0].exit[0].for", "has one sample", ""},
    {"below: 1%, for: 2d}", "rising: true, @@below: 1%, for: 2d}", "migration.phases[0].exit[0].below",
     "cannot stand beside `rising`", ""},
    {"below: 1%, for: 2d}", "no_data: @@true, for: 2d}", "migration.phases[0].exit[0].no_data",
     "a gate does not wait for `no_data`", ""},
    {"above: 1h, for: 10m}", "no_data: true, for: @@1m}", "migration.rollback.triggers[0].for",
     "up to 1m pass between two samples", ""},
    {"above: 1h, for: 10m}", "no_data: true, for: 10m, min_samples: @@3}", "migration.rollback.triggers[0].min_samples",
     "does not count samples", ""},
    {"below: 1%, for: 2d}", "average: {below: @@30s}, for: 2d}", "migration.phases[0].exit[0].average.below",
     "measured in another unit", ""},
    {"below: 1%, for: 2d}", "failures: {at_most: 1, of: 10}, for: @@2d}", "migration.phases[0].exit[0].for",
     "the window of `failures` is of runs", ""},
    {"below: 1%, for: 2d}", "failures: {more_than: @@1, of: 10}}", "migration.phases[0].exit[0].failures.more_than",
     "does not wait for runs to fail", ""},
    {"above: 1h, for: 10m}", "failures: {at_most: @@1, of: 10, above: 1h}}",
     "migration.rollback.triggers[0].failures.at_most", "because few runs fail", ""},
    {"above: 1h, for: 10m}", "failures: {more_than: 3, of: @@3, above: 1h}}",
     "migration.rollback.triggers[0].failures.of", "3 runs are all of 3", ""},
    {"above: 1h, for: 10m}", "@@failures: {more_than: 1, of: 3}}", "migration.rollback.triggers[0].failures",
     "which runs of check `arrival` fail is not said", ""},
    {"above: 1h, for: 10m}", "failures: {more_than: 1, of: 3, above: @@1%}}",
     "migration.rollback.triggers[0].failures.above", "measured in another unit", ""},
    // checks that run in some phases only, and metrics of several
    {"every: 1h}}\n  arrival", "every: 1h, during: [@@shado]}}\n  arrival", "checks.fields.field_compare.during[0]",
     "no phase is called", "shadow"},
    {"every: 1h}}\n  arrival", "every: 1h, during: [full]}}\n  arrival", "migration.phases[0].exit[0].metric",
     "has no data in phase `shadow`", ""},
    {"every: 1m}}", "every: 1m, during: [shadow]}}", "migration.rollback.triggers[0].metric", "has no data in full",
     ""},
    {"every: 1m}}", "every: 1m, empty: @@agrees}}", "checks.arrival.latency.empty", "it measures a duration", ""},
    {"{from: fields, per", "{from: [fields, @@fields], per", "metrics.bad_rows.from[1]", "is named twice", ""},
    {"{from: fields, per", "{from: [fields, @@arrival], per", "metrics.bad_rows.from[1]", "cannot be added up", ""},
    {"{latency: {of: orders_streaming, every: 1m}}", "{latency: {of: orders_streaming, at: 40d}}",
     "migration.rollback.triggers[0].metric", "is never sampled", ""},
    {"{redirect_consumers: 30s}", "{redirect_consumers: 30s}, {restore_snapshot: {pipeline: @@cdc}}",
     "migration.rollback.steps[1].restore_snapshot.pipeline", "keeps no snapshots", ""},
    {"{redirect_consumers: 30s}",
     "{redirect_consumers: 30s}, {restore_snapshot: {pipeline: nightly, cycles_back: @@3}}",
     "migration.rollback.steps[1].restore_snapshot.cycles_back", "keeps 1 versions", ""},
    // faults and expectations
    {"pipeline: cdc", "pipeline: @@nightly", "world.faults[0].connector_restart.pipeline", "is a batch job", ""},
    {"    - connector_restart",
     "    - burst: {table: @@customers, at: 1d, factor: 2, for: 1h}\n    - connector_restart",
     "world.faults[0].burst.table", "has no workload", ""},
    {"    - connector_restart",
     "    - field_corruption: {pipeline: cdc, column: @@stats, at: 1d, how: null, for: 1h}\n    - connector_restart",
     "world.faults[0].field_corruption.column", "has no column", "status"},
    {"    - connector_restart",
     "    - schema_drift: {table: orders, at: 1d, change: {rename: {from: @@stat, to: state}}}\n    - "
     "connector_restart",
     "world.faults[0].schema_drift.change.rename.from", "has no column `stat`", "status"},
    {"    - connector_restart",
     "    - schema_drift: {table: orders, at: 1d, change: {drop: @@id}}\n    - connector_restart",
     "world.faults[0].schema_drift.change.drop", "key's column", ""},
    {"    - connector_restart",
     "    - schema_drift: {table: orders, at: 1d, change: {add: {column: @@status, type: text}}}\n    - "
     "connector_restart",
     "world.faults[0].schema_drift.change.add.column", "already", ""},
    {"    - connector_restart",
     "    - schema_drift: {table: orders, at: 1d, change: {add: {column: x, type: @@txt}}}\n    - connector_restart",
     "world.faults[0].schema_drift.change.add.type", "no type of a synthetic table", "text"},
    {"world:\n", "expect: {divergence: @@{store: orders_streaming}}\nworld:\n", "expect.divergence[0]",
     "nothing is expected", ""},
    {"world:\n", "expect: {@@source_log_incomplete: {orders: 3}}\nworld:\n", "expect.source_log_incomplete",
     "only a captured", ""},
};

const std::vector<Case> warnings = {
    {"full, move: [dashboard]", "full", "migration.rollback.triggers[0]", "never armed", ""},
    {"{redirect_consumers: 30s}", "{redirect_consumers: 30s}, {pause: @@cdc}", "migration.rollback.steps[1].pause",
     "is a stream, which no plan can pause or resume", ""},
    {"name: full,", "name: full, do: [resume @@cdc],", "migration.phases[1].do[0].resume",
     "is a stream, which no plan can pause or resume", ""},
    {"latency: {of: orders_streaming,", "freshness: {of: orders_nightly, seen_from: @@connector,",
     "checks.arrival.freshness.seen_from", "there is never any data", ""},
    {"into: orders_streaming,", "into: orders_streaming, mapping: {@@amount: amount},",
     "pipelines.cdc.stream.mapping.amount", "which is no defect", ""},
    {"{from: arrival}", "{from: arrival}\n  @@spare: {from: arrival}", "metrics.spare", "no gate and no trigger", ""},
    {"freshness: 26h}\n  people", "freshness: @@20h}\n  people", "pipelines.nightly.batch.freshness",
     "stale in between", ""},
    {"at: 3d,", "at: @@30d,", "world.faults[0].connector_restart.at", "before the fault strikes", ""},
    {"every: 15m", "@@every: 15m, offset: 31d", "consumers.dashboard", "never runs", ""},
    {"move: [dashboard]", "move: [dashboard], observed: [@@schema_change]", "migration.phases[1].observed[0]",
     "ever change here", ""},
    {"{redirect_consumers: 30s}", "{open_incident: 0s}", "migration.rollback.steps", "no step sends the consumers back",
     ""},
    {"cron: \"0 2 * * *\"", "cron: \"0 2 * * *\", extract: {incremental: {cursor: updated_at}}, load: @@replace",
     "pipelines.nightly.batch.load", "replaces the whole store", ""},
    {"{from: fields, per: rows_compared}", "{from: fields, per: rows_compared, classes: [@@aggregate]}",
     "metrics.bad_rows.classes[0]", "never reports", ""},
};

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

void expect_found(const Case& c, Diagnostic::Level level) {
  const Broken input = broken(base_scenario, c.from, c.to);
  const LoadResult result = load(input.text);
  const bool place_matters = std::string(c.path) != "consumers.dashboard";
  BOOST_TEST_CONTEXT(c.to << " at " << input.line << ":" << input.column << "\n" << to_text(result.diagnostics)) {
    BOOST_TEST(result.scenario.has_value() == (level == Diagnostic::Level::warning));
    const bool found = std::any_of(result.diagnostics.begin(), result.diagnostics.end(), [&](const Diagnostic& d) {
      const bool placed = input.line == 0 || !place_matters || (d.line == input.line && d.column == input.column);
      return placed && d.level == level && d.path == c.path && contains(d.message, c.message) && d.nearest == c.nearest;
    });
    BOOST_TEST(found);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_no_rehearsal_could_make_sense_of_is_an_error) {
  for (const Case& c : errors) expect_found(c, Diagnostic::Level::error);
}

BOOST_AUTO_TEST_CASE(a_checksum_of_a_column_with_a_tolerance_is_a_warning) {
  const Broken tolerant = broken(base_scenario, "{of: orders}", "{of: orders, equality: {amount: {tolerance: 1}}}");
  const Broken input = broken(tolerant.text, "field_compare: {between: [source, orders_streaming],",
                              "checksum: {between: [source, orders_streaming], columns: [status, @@amount],");
  const LoadResult result = load(input.text);
  BOOST_TEST_CONTEXT(to_text(result.diagnostics)) {
    BOOST_REQUIRE(result.scenario.has_value());
    BOOST_TEST(std::any_of(result.diagnostics.begin(), result.diagnostics.end(), [&](const Diagnostic& d) {
      return d.path == "checks.fields.checksum.columns[1]" && d.line == input.line && d.column == input.column &&
             contains(d.message, "knows no tolerance");
    }));
  }
}

BOOST_AUTO_TEST_CASE(what_merely_looks_odd_is_a_warning) {
  for (const Case& c : warnings) expect_found(c, Diagnostic::Level::warning);
}

BOOST_AUTO_TEST_CASE(names_are_checked_even_where_other_things_are_wrong) {
  std::string text = broken(base_scenario, "rows: 1k", "rows: 1z").text;
  text = broken(text, "{from: arrival}", "{from: arival}").text;
  const LoadResult result = load(text);
  BOOST_TEST_REQUIRE(result.diagnostics.size() == 2U, to_text(result.diagnostics));
  BOOST_TEST(result.diagnostics[1].nearest == "arrival");
}

BOOST_AUTO_TEST_CASE(a_name_that_is_missing_hides_no_other_mistake_and_makes_no_new_one) {
  const std::string odd = broken(base_scenario, "for: 10m}", "for: 30s}").text;
  const std::vector<std::pair<std::string, std::string>> renamed = {
      {"{of: orders}", "{of: nobody}"},
      {"produces: orders, into: orders_streaming", "produces: nobody, into: orders_streaming"},
      {"reads: orders,", "reads: nobody,"},
      {"[source, orders_streaming]", "[nobody, orders_streaming]"},
      {"{from: fields,", "{from: nobody,"},
      {"{metric: bad_rows,", "{metric: nobody,"},
      {"move: [dashboard]", "move: [nobody]"},
      {"pipeline: cdc", "pipeline: nobody"},
      {"[{redirect_consumers: 30s}]", "[{redirect_consumers: 30s}, {restore_snapshot: {pipeline: nobody}}]"}};
  for (const auto& [from, to] : renamed) {
    const LoadResult result = load(broken(odd, from, to).text);
    std::size_t count = 0;
    for (const Diagnostic& d : result.diagnostics) count += d.level == Diagnostic::Level::error ? 1 : 0;
    BOOST_TEST_CONTEXT(to << "\n" << to_text(result.diagnostics)) {
      BOOST_TEST(count >= 2U);
      BOOST_TEST(count <= 3U);
      BOOST_TEST(contains(to_text(result.diagnostics), "called `nobody`"));
      BOOST_TEST(contains(to_text(result.diagnostics), "sampled too rarely"));
    }
  }
}

namespace {

std::string with_two_datasets(const std::string& consumer, const std::string& streams, const std::string& check) {
  return R"yaml(format: 1
name: two
start: 2026-03-02T00:00:00Z
duration: 1d
source:
  tables:
    orders: {rows: 10, columns: {id: {type: bigint, key: true}, customer_id: {type: bigint}}}
    customers: {rows: 10, columns: {id: {type: bigint, key: true}}}
datasets: {orders: {of: orders}, customers: {of: customers}}
)yaml" + std::string("pipelines: {") +
         streams + "}\nconsumers: {" + consumer + "}\nchecks: {c: {" + check + "}}\n";
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_dataset_and_a_consumer_of_one_name_are_told_apart) {
  const LoadResult result = load(with_two_datasets(
      "orders: {reads: customers, every: 5m, tier: low}",
      "cdc: {stream: {produces: [orders, customers], into: new, freshness: 1m}}",
      "referential: {between: [source, new], child: orders, column: customer_id, parent: customers, every: 1h}"));
  BOOST_TEST(result.scenario.has_value(), to_text(result.diagnostics));
}

BOOST_AUTO_TEST_CASE(a_mirrored_consumer_reads_what_both_sides_hold) {
  const LoadResult result = load(with_two_datasets("service: {reads: orders, every: 5m, tier: low}",
                                                   "a: {stream: {produces: orders, into: one, freshness: 1m}}, "
                                                   "b: {stream: {produces: customers, into: other, freshness: 1m}}",
                                                   "shadow_consumer: {between: [one, other], as: service, every: 1h}"));
  BOOST_TEST(!result.scenario.has_value());
  BOOST_TEST(contains(to_text(result.diagnostics), "which one of the two sides never holds"));
}

BOOST_AUTO_TEST_CASE(the_plan_cannot_name_readers_that_only_the_world_knows) {
  const std::string hidden =
      broken(base_scenario, "world:\n", "world:\n  consumers: {month_end: {reads: orders, every: 1d, tier: low}}\n")
          .text;
  BOOST_TEST(load(hidden).scenario.has_value());
  BOOST_TEST(!load(broken(hidden, "move: [dashboard]", "move: [month_end]").text).scenario.has_value());
  const std::string expected =
      broken(hidden, "world:\n", "expect: {wrong_reads: {consumer: month_end, at_most: 0}}\nworld:\n").text;
  BOOST_TEST(load(expected).scenario.has_value());
}

BOOST_AUTO_TEST_CASE(own_logic_reads_naively_unless_it_says_otherwise_and_built_in_checks_by_position) {
  scenario::Check sql, command, library, counts;
  for (auto* of : {sql.mutable_sql()->mutable_comparison(), command.mutable_command()->mutable_comparison(),
                   library.mutable_library()->mutable_comparison(), counts.mutable_row_count()->mutable_comparison()})
    of->add_between("source");
  for (const scenario::Check* own : {&sql, &command, &library}) BOOST_TEST(align_of(*own) == scenario::NAIVE);
  BOOST_TEST(align_of(counts) == scenario::POSITION);
  sql.mutable_sql()->mutable_comparison()->set_align(scenario::POSITION);
  BOOST_TEST(align_of(sql) == scenario::POSITION);
  counts.mutable_row_count()->mutable_comparison()->set_align(scenario::NAIVE);
  BOOST_TEST(align_of(counts) == scenario::NAIVE);
}

BOOST_AUTO_TEST_CASE(a_column_that_the_schema_drifts_into_may_be_named) {
  const std::string drift =
      broken(base_scenario, "    - connector_restart",
             "    - schema_drift: {table: orders, at: 1d, change: {rename: {from: status, to: state}}}\n"
             "    - connector_restart")
          .text;
  const LoadResult result =
      load(broken(drift, "[source, orders_streaming],", "[source, orders_streaming], columns: [state],").text);
  BOOST_TEST(result.scenario.has_value(), to_text(result.diagnostics));
}

BOOST_AUTO_TEST_CASE(captures_that_are_not_there_are_found_before_a_run) {
  const std::string text = R"yaml(format: 1
name: captured
duration: 1h
source: {capture: {stream: no/such.jsonl, initial: no/initial., tables: {customers: {key: [id]}}}}
datasets: {customers: {of: customers}}
pipelines: {all: {batch: {produces: customers, into: mid, at: 10s, freshness: 1d}}}
)yaml";
  const LoadResult result = load(text);
  BOOST_TEST_REQUIRE(result.diagnostics.size() == 2U, to_text(result.diagnostics));
  BOOST_TEST(result.diagnostics[0].path == "source.capture.stream");
  BOOST_TEST(result.diagnostics[0].line == 4);
  BOOST_TEST(result.diagnostics[1].path == "source.capture.initial");
}

BOOST_AUTO_TEST_CASE(sql_over_a_table_that_is_not_there_is_one_mistake) {
  const std::string text = R"yaml(format: 1
name: misspelt
start: 2026-03-02T00:00:00Z
duration: 1h
source: {tables: {orders: {rows: 1, columns: {id: {type: bigint, key: true}}}}}
datasets: {orders: {of: ordres}}
pipelines: {cdc: {stream: {produces: orders, into: new, freshness: 1h}}}
checks: {s: {sql: {file: "/dev/null", between: [source, new], every: 1h}}}
)yaml";
  const LoadResult result = load(text);
  std::vector<Diagnostic> errors = result.diagnostics;
  std::erase_if(errors, [](const Diagnostic& d) { return d.level != Diagnostic::Level::error; });
  BOOST_TEST_REQUIRE(errors.size() == 1U, to_text(result.diagnostics));
  BOOST_TEST(errors[0].path == "datasets.orders.of");
  BOOST_TEST(errors[0].nearest == "orders");
}
