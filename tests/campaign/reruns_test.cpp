// A rerun for decisions alone goes the way of the whole scenario: same world, same plan, with less to look at.
#include "harness/campaign/reruns.h"

#include <boost/test/unit_test.hpp>

#include "tests/campaign/loaded.h"

namespace rehearse {
namespace {

// Corruption that only a repair mends, and a burst that the sink cannot follow: the trigger fires in the second phase.
constexpr const char* rolled_back = R"yaml(
format: 1
name: rolled_back
start: 2026-03-02T00:00:00Z
duration: 8d
source:
  tables:
    orders:
      rows: 2k
      columns: {id: {type: bigint, key: true}, amount: {type: "decimal(12,2)"}, created_at: {type: timestamptz, role: created_at}}
      workload: {peak_rate: 1/s, mix: {insert: 10%, update: 80%, delete: 10%}, reinserts: 30%}
datasets: {orders: {of: orders}}
pipelines:
  nightly: {batch: {produces: orders, into: old, cron: "0 2 * * *", rate: 1k/s, freshness: 26h}}
  cdc: {stream: {produces: orders, into: new, freshness: 60s, topic: {partitions: 3}, processor: {workers: 3, buffer: 100, when_full: block}, sink: {row_time: 100ms}}}
consumers:
  service: {reads: orders, every: 1m, tier: high, needs: {unique: true}}
checks:
  counts: {row_count: {between: [old, new], of: {created_at: 24h}, align: window_cut, at: "04:00"}}
  sums: {aggregate: {between: [source, new], measures: [sum amount], every: 3h}}
  hashes: {sampled_hash: {between: [source, new], sample: 30%, every: 2h, severity: critical}}
  mended: {field_compare: {between: [source, new], every: 1h, offset: 7m}}
  age: {freshness: {of: new, every: 1m}}
metrics:
  bad_rows: {from: hashes, per: rows_compared}
  age: {from: age}
repair:
  - {of: mended, mismatch: reload_from_source}
migration:
  from: nightly
  to: cdc
  phases:
    - {name: shadow, at_least: 1d, exit: [{metric: bad_rows, below: 20%, for: 12h}]}
    - {name: full, move: {rest: together}, at_least: 1d}
  rollback:
    triggers: [{metric: age, above: 10m, for: 5m, during: [full]}]
    steps: [{redirect_consumers: 30s}]
world:
  consumers:
    report: {reads: old, every: 1h, tier: low}
  faults:
    - field_corruption: {pipeline: cdc, column: amount, how: garble, share: 40%, at: 4h, for: 6h}
    - burst: {table: orders, at: {phase: full, plus: 6h}, factor: 40, for: 2h}
)yaml";

struct Ended {
  Digest128 trajectory, plan;
  std::vector<std::uint64_t> cells;
  std::uint64_t events = 0, runs = 0;
  bool rolled_back = false;
};

Ended ended(const LoadedScenario& scenario, const SharedInputs& inputs, Time until) {
  Run run(assemble(scenario, inputs), {});
  run.until(until);
  Ended ended{run.world.trajectory(),       digest_of(run.migration->record()), {}, run.events,
              run.reconciler.runs().size(), run.migration->rolled_back()};
  for (StoreId store = 0; store < run.world.stores.size(); ++store)
    for (const Cell& cell : run.world.rows(store, 0).cells())
      ended.cells.push_back(std::uint64_t{cell.write} << 16 | cell.mark);
  return ended;
}

BOOST_AUTO_TEST_CASE(a_rerun_for_decisions_alone_goes_the_same_way_with_less_to_look_at) {
  const Loaded loaded = from_text(rolled_back);
  LoadedScenario alone = loaded.scenario;
  alone.proto = for_decisions_alone(alone.proto);
  BOOST_TEST(alone.proto.checks_size() == 3);
  for (const Duration until : {hour * 9, day, day * 8}) {
    const Ended whole = ended(loaded.scenario, loaded.inputs, Time{until.ns});
    const Ended spared = ended(alone, loaded.inputs, Time{until.ns});
    BOOST_TEST(whole.rolled_back == (until > day));
    BOOST_TEST((whole.trajectory == spared.trajectory));
    BOOST_TEST((whole.plan == spared.plan));
    BOOST_TEST((whole.cells == spared.cells));
    BOOST_TEST(spared.runs < whole.runs);
    BOOST_TEST(spared.events < whole.events - whole.runs);
  }
}

BOOST_AUTO_TEST_CASE(the_burst_alone_was_necessary_for_the_rollback) {
  const Loaded loaded = from_text(rolled_back);
  const result::Result r = rehearse(loaded.scenario, loaded.inputs);
  BOOST_REQUIRE(r.rollbacks_size() == 1);
  BOOST_REQUIRE(r.rollbacks(0).necessary_size() == 1);
  BOOST_TEST(r.rollbacks(0).necessary(0) == "burst");
}

}  // namespace
}  // namespace rehearse
