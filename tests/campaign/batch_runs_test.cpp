// When a batch job's cycles run beside its schedule: those that a pause kept from starting, and those asked for by
// hand.
//
// A cycle is due on each hour and takes ten minutes: 600 rows at one a second.
#include <fmt/format.h>

#include <boost/test/unit_test.hpp>

#include "harness/campaign/run.h"
#include "tests/campaign/random_rehearsal.h"

namespace rehearse {
namespace {

constexpr const char* world_of = R"yaml(
format: 1
name: batch
start: 2026-03-02T00:00:00Z
duration: 24h
source:
  tables: {{orders: {{rows: 600, columns: {{id: {{type: bigint, key: true}}, amount: {{type: "decimal(12,2)"}}}}, workload: {{peak_rate: 1/s, mix: {{update: 100%}}}}}}}}
datasets: {{orders: {{of: orders}}}}
pipelines:
  hourly: {{batch: {{produces: orders, into: old, every: 1h, rate: 1/s, freshness: 2h{}}}}}
  cdc: {{stream: {{produces: orders, into: new, freshness: 1m}}}}
consumers: {{dash: {{reads: orders, every: 10m, tier: low}}}}
migration:
  from: hourly
  to: cdc
  phases: [{}]
)yaml";

constexpr Time at(std::int64_t hours, std::int64_t minutes) { return Time{} + hour * hours + minute * minutes; }

struct Hourly {
  Hourly(const std::string& batch, const std::string& phases, const std::string& more = {})
      : loaded(with_inputs(load_scenario_text(fmt::format(world_of, batch, phases) + more, "test.yaml"))),
        run(assemble(loaded.scenario, loaded.inputs), {}) {}
  // "3 loads, of 2:00", once everything up to this instant has happened.
  std::string when(std::int64_t hours, std::int64_t minutes) {
    run.until(at(hours, minutes));
    const std::int64_t of = pipeline().as_of().ns / minute.ns;
    return fmt::format("{} loads, of {}:{:02}", pipeline().cycles_loaded(), of / 60, of % 60);
  }
  const BatchPipeline& pipeline() const { return job().pipeline; }
  const BatchJob& job() const { return run.world.batches[0]; }
  Loaded loaded;
  Run run;
};

// The cycles of 3:00, 4:00 and 5:00 are missed.
constexpr const char* paused_for_three_cycles =
    "{name: shadow, at_least: 150m}, {name: off, do: [pause hourly], at_least: 3h}, {name: on, do: [resume hourly]}";

}  // namespace

BOOST_AUTO_TEST_SUITE(catching_up)

BOOST_AUTO_TEST_CASE(with_none_the_next_cycle_is_the_next_of_the_schedule) {
  Hourly hourly("", paused_for_three_cycles);
  BOOST_TEST(hourly.when(5, 29) == "3 loads, of 2:00");
  BOOST_TEST(hourly.when(6, 9) == "3 loads, of 2:00");
  BOOST_TEST(hourly.when(6, 10) == "4 loads, of 6:00");
  BOOST_TEST(hourly.job().skipped == 3U);
}

BOOST_AUTO_TEST_CASE(with_latest_one_cycle_runs_at_once) {
  Hourly hourly(", catch_up: latest", paused_for_three_cycles);
  BOOST_TEST(hourly.when(5, 39) == "3 loads, of 2:00");
  BOOST_TEST(hourly.when(5, 40) == "4 loads, of 5:30");
  BOOST_TEST(hourly.job().cycle == 6U);  // that of 5:00
  BOOST_TEST(hourly.when(6, 9) == "4 loads, of 5:30");
  BOOST_TEST(hourly.when(6, 10) == "5 loads, of 6:00");
}

BOOST_AUTO_TEST_CASE(with_all_one_runs_after_the_other_and_reads_the_source_as_it_is_then) {
  Hourly hourly(", catch_up: all", paused_for_three_cycles);
  BOOST_TEST(hourly.when(5, 40) == "4 loads, of 5:30");
  BOOST_TEST(hourly.job().cycle == 5U);  // the next runs already
  BOOST_TEST(hourly.when(5, 50) == "5 loads, of 5:40");
  BOOST_TEST(hourly.when(6, 0) == "6 loads, of 5:50");
  BOOST_TEST(hourly.when(6, 10) == "7 loads, of 6:00");
  BOOST_TEST(hourly.when(7, 0) == "7 loads, of 6:00");
}

BOOST_AUTO_TEST_CASE(a_pause_that_no_cycle_fell_into_owes_nothing) {
  Hourly hourly(
      ", catch_up: all",
      "{name: shadow, at_least: 150m}, {name: off, do: [pause hourly], at_least: 20m}, {name: on, do: [resume "
      "hourly]}");
  BOOST_TEST(hourly.when(3, 9) == "3 loads, of 2:00");
  BOOST_TEST(hourly.when(3, 10) == "4 loads, of 3:00");
}

// The pause of 2:05 leaves the cycle of 2:00 alone, which still runs at 2:08; nothing was missed.
BOOST_AUTO_TEST_CASE(a_cycle_under_way_goes_on_through_a_pause) {
  Hourly hourly(", catch_up: latest",
                "{name: shadow, at_least: 125m}, {name: off, do: [pause hourly], at_least: 3m}, {name: on, do: [resume "
                "hourly]}");
  BOOST_TEST(hourly.when(2, 10) == "3 loads, of 2:00");
  BOOST_TEST(hourly.when(3, 9) == "3 loads, of 2:00");
}

// The cycle of 2:00 fails at 2:05 and would be tried again at 2:45, in a pause that ends at 2:50.
BOOST_AUTO_TEST_CASE(a_retry_that_a_pause_kept_from_starting_is_made_up_for) {
  Hourly hourly(
      ", catch_up: latest, failures: {cycles: 3, retry_after: 40m}",
      "{name: shadow, at_least: 150m}, {name: off, do: [pause hourly], at_least: 20m}, {name: on, do: [resume "
      "hourly]}");
  BOOST_TEST(hourly.when(2, 59) == "2 loads, of 1:00");
  BOOST_TEST(hourly.when(3, 0) == "3 loads, of 2:50");
}

BOOST_AUTO_TEST_CASE(nothing_is_caught_up_with_while_somebody_else_holds_the_job) {
  Hourly hourly(", catch_up: latest", paused_for_three_cycles);
  hourly.run.until(at(5, 0));
  const Part job{Part::Kind::batch, 0};
  hourly.run.world.pause(job, {HoldOwner::Who::repair}, "a repair");
  BOOST_TEST(hourly.when(6, 20) == "3 loads, of 2:00");
  hourly.run.world.release(job, {HoldOwner::Who::repair});
  BOOST_TEST(hourly.job().owed.size() == 1U);  // only the latest, that of 6:00
  BOOST_TEST(hourly.when(6, 30) == "4 loads, of 6:20");
  BOOST_TEST(hourly.job().cycle == 7U);
}

BOOST_AUTO_TEST_CASE(a_pause_in_the_midst_of_catching_up_lets_the_rest_wait) {
  Hourly hourly(", catch_up: all", paused_for_three_cycles);
  hourly.run.until(at(5, 35));
  const Part job{Part::Kind::batch, 0};
  hourly.run.world.pause(job, {HoldOwner::Who::repair}, "a repair");
  BOOST_TEST(hourly.when(5, 55) == "4 loads, of 5:30");
  hourly.run.world.release(job, {HoldOwner::Who::repair});
  BOOST_TEST(hourly.when(6, 5) == "5 loads, of 5:55");
  BOOST_TEST(hourly.when(6, 15) == "6 loads, of 6:05");  // the cycle of 6:00 is skipped: another ran
  BOOST_TEST(hourly.when(7, 10) == "7 loads, of 7:00");
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE(by_hand)

BOOST_AUTO_TEST_CASE(a_cycle_asked_for_runs_at_once_though_the_job_is_paused) {
  Hourly hourly("", "{name: shadow, at_least: 150m}, {name: off, do: [pause hourly, run_now hourly]}");
  BOOST_TEST(hourly.when(2, 39) == "3 loads, of 2:00");
  BOOST_TEST(hourly.when(2, 40) == "4 loads, of 2:30");
  BOOST_TEST(hourly.when(9, 0) == "4 loads, of 2:30");
}

BOOST_AUTO_TEST_CASE(a_cycle_asked_for_while_one_runs_follows_it) {
  Hourly hourly("", "{name: shadow, at_least: 125m}, {name: again, do: [run_now hourly]}");
  BOOST_TEST(hourly.when(2, 10) == "3 loads, of 2:00");
  BOOST_TEST(hourly.when(2, 19) == "3 loads, of 2:00");
  BOOST_TEST(hourly.when(2, 20) == "4 loads, of 2:10");
  BOOST_TEST(hourly.when(3, 10) == "5 loads, of 3:00");
}

// Attempts at 2:30, 2:40 and 2:50, each failing after five minutes; three attempts of each of three cycles before.
BOOST_AUTO_TEST_CASE(a_cycle_asked_for_is_tried_again_though_the_job_is_paused) {
  Hourly hourly(", failures: {chance: 100%, retry_after: 5m, max_retries: 2}",
                "{name: shadow, at_least: 150m}, {name: off, do: [pause hourly, run_now hourly]}");
  hourly.run.until(at(2, 54));
  BOOST_TEST(hourly.job().failed == 11U);
  hourly.run.until(at(2, 55));
  BOOST_TEST(hourly.job().failed == 12U);
  BOOST_TEST(hourly.job().given_up == 4U);
}

// The fourth cycle is that of 3:00, whatever else runs.
BOOST_AUTO_TEST_CASE(a_cycle_asked_for_has_no_number_of_the_schedule) {
  Hourly hourly(", failures: {cycles: 4}", "{name: shadow, at_least: 150m}, {name: again, do: [run_now hourly]}");
  BOOST_TEST(hourly.when(2, 40) == "4 loads, of 2:30");
  BOOST_TEST(hourly.job().failed == 0U);
  hourly.run.until(at(3, 5));
  BOOST_TEST(hourly.job().failed == 1U);
}

// The cycle of 2:00 fails at 2:05 and would be tried again at 2:45; by then the one asked for has loaded.
BOOST_AUTO_TEST_CASE(a_retry_that_a_later_cycle_has_overtaken_is_dropped) {
  Hourly hourly(", failures: {cycles: 3, retry_after: 40m}",
                "{name: shadow, at_least: 150m}, {name: again, do: [run_now hourly]}");
  BOOST_TEST(hourly.when(2, 40) == "3 loads, of 2:30");
  BOOST_TEST(hourly.when(3, 9) == "3 loads, of 2:30");
}

// The trigger fires at 8:00, when the first check has seen the damage of 7:30 (a scan of some milliseconds); the job
// has been paused since 3:00. Its cycle is asked for, lands at 8:10, and readers come back at 8:15 to the source of
// 8:00.
BOOST_AUTO_TEST_CASE(a_rollback_that_runs_the_paused_job_brings_readers_back_to_good_data) {
  const std::string plan = R"yaml(
  rollback: {triggers: [{metric: bad, above: 0, for: 0s}], steps: [{run_now: hourly}, {open_incident: 14m30s}, {redirect_consumers: 30s}]}
checks: {fields: {field_compare: {between: [source, new], every: 1h}}}
metrics: {bad: {from: fields}}
world: {faults: [field_corruption: {pipeline: cdc, column: amount, how: garble, share: 100%, at: 7h30m, for: 10h}]}
)yaml";
  Hourly hourly("", "{name: shadow, at_least: 3h}, {name: full, move: [dash], do: [pause hourly]}", plan);
  hourly.run.until(at(8, 9));
  const MigrationRecord* record = &hourly.run.migration->record();
  BOOST_REQUIRE(record != nullptr);
  BOOST_REQUIRE(record->rollback.has_value());
  BOOST_TEST(record->rollback->started.ns / minute.ns == at(8, 0).ns / minute.ns);
  BOOST_TEST(record->rollback->steps[0].text == "run hourly now");
  BOOST_TEST(record->rollback->steps[0].ok);
  const std::string landed = hourly.when(8, 11);
  BOOST_TEST(landed.substr(landed.find("of ")) == "of 8:00");
  hourly.run.until(at(8, 16));
  BOOST_REQUIRE(record->rollback->consumers_back_at.has_value());
  BOOST_TEST(hourly.run.world.routing.store(0) == hourly.run.world.batches[0].store);
  BOOST_TEST(record->rollback->consumers_back_at->ns / minute.ns == at(8, 15).ns / minute.ns);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rehearse
