// A rehearsal is a value: a copy that is made at any instant goes on alone, and knows nothing of the original.
#include <boost/test/unit_test.hpp>

#include "harness/campaign/run.h"
#include "tests/campaign/random_rehearsal.h"
#include "tests/worlds.h"

namespace rehearse {
namespace {

constexpr std::uint64_t rehearsals = random_worlds(2'000);

Run assembled(const Loaded& loaded, bool paranoid) {
  RehearsalOptions options;
  options.paranoid = paranoid;
  return Run(assemble(loaded.scenario, loaded.inputs), options);
}

Time end_of(const Loaded& loaded) { return Time{loaded.scenario.proto.duration_ns()}; }

// Takes part in everything that a copy can be made to do.
void meddle_with(Run& run, Picks& pick) {
  World& world = run.world;
  if (pick.one_in(2)) run.leave_out_coming_strikes();
  world.pause({Part::Kind::batch, 0}, {HoldOwner::Who::plan, 9}, "a stranger");
  world.pause({Part::Kind::members, 0}, {HoldOwner::Who::repair, 9}, "a stranger");
  const TableCopy& rows = world.source.rows(0);
  for (RowId row = 0; row < rows.slots(); row += 2) world.repair_row(2, 0, row, rows.get(rows.slots() - 1 - row));
  for (std::uint32_t consumer = 0; consumer < world.consumers.size(); ++consumer)
    if (world.consumers[consumer].dataset) Controls(world).route(consumer, 2, "a stranger");
  if (pick.one_in(3)) run.reconciler.stop_repairs(world.now());
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_copy_and_its_original_go_on_as_one_that_was_never_copied) {
  for (std::uint64_t number = 1; number <= rehearsals; ++number) {
    BOOST_TEST_INFO_SCOPE("rehearsal " << number);
    const Loaded loaded = random_rehearsal(number);
    Picks pick(number, "copies");
    const Time end = end_of(loaded);
    Run never_copied = assembled(loaded, false);
    never_copied.until(end);
    const std::vector<RunPart> expected = parts_of(never_copied);
    never_copied.finish();
    const std::vector<RunPart> expected_at_rest = parts_of(never_copied);

    Run original = assembled(loaded, number % 4 == 0);
    original.until(Time{pick.between(0, end.ns)});
    const std::vector<RunPart> then = parts_of(original);
    Run copy = original;
    {
      Run meddled = original;
      meddle_with(meddled, pick);
      meddled.until(end);
      meddled.finish();
    }
    BOOST_REQUIRE_EQUAL(difference(parts_of(original), then), "");
    // The two take turns, so that whatever they shared would be seen by both.
    const Time middle{pick.between(original.world.now().ns, end.ns)};
    copy.until(middle);
    original.until(end);
    copy.until(end);
    BOOST_REQUIRE_EQUAL(difference(parts_of(original), expected), "");
    BOOST_REQUIRE_EQUAL(difference(parts_of(copy), expected), "");
    copy.finish();
    BOOST_REQUIRE_EQUAL(difference(parts_of(original), expected), "");
    original.finish();
    BOOST_REQUIRE_EQUAL(difference(parts_of(original), expected_at_rest), "");
    BOOST_REQUIRE_EQUAL(difference(parts_of(copy), expected_at_rest), "");
  }
}

BOOST_AUTO_TEST_CASE(without_coming_strikes_those_at_work_go_on_and_so_do_readers_cycles_checks_and_people) {
  const Loaded loaded = with_inputs(load_scenario_text(R"yaml(
format: 1
name: on
start: 2026-03-02T00:00:00Z
duration: 12h
source:
  tables: {orders: {rows: 50, columns: {id: {type: bigint, key: true}}, workload: {peak_rate: 6/m, mix: {update: 100%}}}}
datasets: {orders: {of: orders}}
pipelines:
  hourly: {batch: {produces: orders, into: old, every: 1h, rate: 1k/s, freshness: 2h}}
  cdc: {stream: {produces: orders, into: new, freshness: 1m}}
consumers: {dash: {reads: orders, every: 10m, tier: low}}
checks: {age: {freshness: {of: new, every: 10m}}}
metrics: {age: {from: age}}
migration:
  from: hourly
  to: cdc
  phases: [{name: shadow, at_least: 6h}, {name: full, move: [dash], at_least: 1h, exit: [{metric: age, below: 1d, for: 30m}]}]
world:
  faults: [connector_restart: {pipeline: cdc, every: 2h, down_for: 30m}]
)yaml",
                                                       "test.yaml"));
  Run run = assembled(loaded, true);
  run.until(Time{0} + hour * 2 + minute);  // the first strike has just begun
  Run on = run;
  on.leave_out_coming_strikes();
  on.until(end_of(loaded));
  run.until(end_of(loaded));
  BOOST_TEST(run.injector.struck(0).size() == 6U);
  BOOST_REQUIRE(on.injector.struck(0).size() == 1U);
  BOOST_REQUIRE(on.world.holds.all().size() == 1U);
  BOOST_TEST(on.world.holds.all()[0].until->ns == (hour * 2 + minute * 30).ns);
  BOOST_TEST(on.world.batches[0].pipeline.cycles_loaded() == run.world.batches[0].pipeline.cycles_loaded());
  BOOST_TEST(on.reconciler.runs().size() == run.reconciler.runs().size());
  BOOST_TEST(on.oracle.consumers()[0].all.reads() == run.oracle.consumers()[0].all.reads());
  BOOST_TEST(on.world.routing.store(0) == on.world.streams[0].store);  // the plan moved its consumer in both
  BOOST_TEST(run.world.routing.store(0) == run.world.streams[0].store);
}

}  // namespace rehearse
