// A part runs while nobody holds it: whoever ends a hold ends his own, and the result tells of each.
#include <boost/test/unit_test.hpp>
#include <map>
#include <tuple>

#include "harness/campaign/run.h"
#include "tests/campaign/random_rehearsal.h"

namespace rehearse {
namespace {

constexpr const char* damaged = R"yaml(
format: 1
name: holds
start: 2026-03-02T00:00:00Z
duration: 24h
source:
  tables: {orders: {rows: 100, columns: {id: {type: bigint, key: true}, amount: {type: "decimal(12,2)"}}, workload: {peak_rate: 1/s, mix: {update: 100%}}}}
datasets: {orders: {of: orders}}
pipelines:
  hourly: {batch: {produces: orders, into: old, every: 1h, rate: 1k/s, freshness: 2h}}
  cdc: {stream: {produces: orders, into: new, freshness: 1m, topic: {partitions: 1}, processor: {workers: 1}}}
consumers: {dash: {reads: orders, every: 10m, tier: low}}
)yaml";

Run run_to_the_end(const std::string& more) {
  const Loaded loaded = with_inputs(load_scenario_text(damaged + more, "test.yaml"));
  Run run(assemble(loaded.scenario, loaded.inputs), {});
  run.until(Time{loaded.scenario.proto.duration_ns()});
  return run;
}

std::string spans_of(const Run& run) {
  std::string text;
  for (const Hold& hold : run.world.holds.all()) {
    text += hold.by + (hold.reason == Hold::Reason::crashed ? " crashed" : " paused") + " from " +
            std::to_string(hold.from.ns / minute.ns);
    text += hold.until ? " to " + std::to_string(hold.until->ns / minute.ns) + "\n" : " on\n";
  }
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_the_plan_paused_stays_paused_when_a_repairs_pause_runs_out) {
  const Run run = run_to_the_end(R"yaml(
checks: {of_old: {field_compare: {between: [source, old], at: ["9h30m"], align: naive, scan_rate: 1M/s}}, age: {freshness: {of: new, every: 10m}}}
metrics: {age: {from: age}}
repair: [{of: of_old, mismatch: pause_pipeline, pause_for: 3h, at_most: 1 per run, row_time: 0s}]
migration:
  from: hourly
  to: cdc
  phases: [{name: shadow, at_least: 10h}, {name: off, move: [dash], do: [pause hourly]}]
)yaml");
  BOOST_TEST(spans_of(run) == "repair[0] of of_old paused from 570 to 750\nphase off paused from 600 on\n");
  BOOST_TEST(run.world.batches[0].pipeline.cycles_loaded() == 10U);  // 0:00 to 9:00
  BOOST_TEST(run.world.batches[0].due == 25U);
}

BOOST_AUTO_TEST_CASE(the_first_of_two_pauses_to_end_does_not_end_the_other) {
  const Run run = run_to_the_end(R"yaml(
checks:
  a: {field_compare: {between: [source, new], at: ["2h"], align: naive, scan_rate: 1M/s}}
  b: {field_compare: {between: [source, new], at: ["2h10m"], align: naive, scan_rate: 1M/s}}
repair:
  - {of: a, mismatch: pause_pipeline, pause_for: 1h, at_most: 1 per run, row_time: 0s}
  - {of: b, mismatch: pause_pipeline, pause_for: 23h, at_most: 1 per run, row_time: 0s}
world: {faults: [field_corruption: {pipeline: cdc, column: amount, how: shift, share: 100%, at: 1h, for: 1d}]}
)yaml");
  BOOST_TEST(spans_of(run) == "repair[0] of a paused from 120 to 180\nrepair[1] of b paused from 130 on\n");
  const Time oldest = run.world.streams[0].lane.oldest_not_visible(run.world.source, run.world.streams[0].topic,
                                                                   run.world.streams[0].connector);
  BOOST_TEST(oldest.ns < (hour * 2).ns + minute.ns);
}

BOOST_AUTO_TEST_CASE(a_part_that_crashes_while_it_is_paused_starts_again_and_stays_paused) {
  const Run run = run_to_the_end(R"yaml(
checks: {a: {field_compare: {between: [source, new], at: ["2h"], align: naive, scan_rate: 1M/s}}}
repair: [{of: a, mismatch: pause_pipeline, pause_for: 4h, at_most: 1 per run, row_time: 0s}]
world:
  faults:
    - field_corruption: {pipeline: cdc, column: amount, how: shift, share: 100%, at: 1h, for: 1d}
    - connector_restart: {pipeline: cdc, part: sink, at: 3h, down_for: 10m}
)yaml");
  BOOST_TEST(spans_of(run) ==
             "repair[0] of a paused from 120 to 360\nfault connector_restart crashed from 180 to 190\n");
  BOOST_TEST(run.world.streams[0].restarts == 1U);
  BOOST_TEST(run.world.streams[0].lane.worst_age().ns >= (hour * 4).ns - minute.ns);
}

// Each of the world's parts against a set of (part, owner) pairs: it runs exactly while the set has none of it.
BOOST_AUTO_TEST_CASE(a_part_runs_exactly_while_it_has_no_owner_whoever_comes_and_goes) {
  const Loaded loaded = with_inputs(load_scenario_text(damaged, "test.yaml"));
  Run run(assemble(loaded.scenario, loaded.inputs), {});
  Picks pick(1, "holds");
  using Key = std::tuple<Part::Kind, HoldOwner::Who, std::uint32_t>;
  std::map<Key, Hold::Reason> held;
  for (int step = 0; step < 5'000; ++step) {
    World& world = run.world;
    run.until(world.now() + second);
    const Part part{static_cast<Part::Kind>(pick.between(0, 2)), 0};
    const HoldOwner owner{static_cast<HoldOwner::Who>(pick.between(0, 2)),
                          static_cast<std::uint32_t>(pick.between(0, 1))};
    const Key key{part.kind, owner.who, owner.index};
    const bool pauses = part.kind == Part::Kind::batch || (part.kind == Part::Kind::members && pick.one_in(2));
    if (pick.one_in(2)) {
      world.release(part, owner);
      held.erase(key);
    } else {
      if (pauses) world.pause(part, owner, "somebody");
      else world.crash(part, owner, "somebody", 0);
      held.emplace(key, pauses ? Hold::Reason::paused : Hold::Reason::crashed);
    }
    for (const Part::Kind kind : {Part::Kind::connector, Part::Kind::members, Part::Kind::batch}) {
      bool any = false, crashed = false;
      for (const auto& [of, reason] : held) {
        any = any || std::get<0>(of) == kind;
        crashed = crashed || (std::get<0>(of) == kind && reason == Hold::Reason::crashed);
      }
      BOOST_REQUIRE(world.holds.held({kind, 0}) == any);
      if (kind == Part::Kind::members) BOOST_REQUIRE(world.streams[0].lane.down() == crashed);
    }
  }
  BOOST_TEST(run.world.holds.all().size() > 1'000U);
}

BOOST_AUTO_TEST_CASE(the_result_tells_of_every_hold_by_part_reason_and_owner) {
  const Loaded loaded = with_inputs(load_scenario_text(std::string(damaged) + R"yaml(
checks: {a: {field_compare: {between: [source, new], at: ["2h"], align: naive, scan_rate: 1M/s}}}
repair: [{of: a, mismatch: pause_pipeline, pause_for: 4h, at_most: 1 per run, row_time: 0s}]
world:
  faults:
    - field_corruption: {pipeline: cdc, column: amount, how: shift, share: 100%, at: 1h, for: 1d}
    - connector_restart: {pipeline: cdc, at: 23h, down_for: 2h}
)yaml",
                                                       "test.yaml"));
  const result::Result r = rehearse(loaded.scenario, loaded.inputs);
  BOOST_REQUIRE(r.pauses_size() == 2);
  BOOST_TEST(r.pauses(0).by() == "repair[0] of a");
  BOOST_TEST(r.pauses(0).part() == "members");
  BOOST_TEST(r.pauses(0).until_at_ns() - r.pauses(0).from_at_ns() == (hour * 4).ns);
  BOOST_TEST(r.pauses(1).reason() == "crashed");
  BOOST_TEST(!r.pauses(1).has_until_at_ns());  // the healing after the end is no end of it
}

}  // namespace rehearse
