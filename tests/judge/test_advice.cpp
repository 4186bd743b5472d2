#include <boost/test/unit_test.hpp>

#include "tests/judge/bench.h"

namespace rehearse::judging::test {
namespace {

std::string advised(const Bench& bench) {
  std::string all;
  const result::Result result = bench.judged();
  for (const result::Advice& advice : result.advice())
    all += advice.path() + ": " + advice.value() + " (now " + advice.now() + ")\n";
  return all;
}

// The dashboard moves at 20 h; what a drill of the rollback then finds the test says.
Bench drilled(const std::function<void(Bench&)>& change) {
  Bench bench;
  bench.plan();
  bench.go(1, h(20));
  bench.scenario.mutable_pipelines(0)->mutable_batch()->set_rate_nano(1'000'000'000);  // ten rows take ten seconds
  bench.fork(ForkTruth::Kind::drill, h(20), h(45), [&](Bench& copy) {
    copy.roll_back(h(20), minute * 5);
    change(copy);
  });
  return bench;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_window_that_made_a_trigger_late_is_told_how_long_it_may_be) {
  Bench bench;
  bench.plan();
  bench.go(1, h(20));
  bench.roll_back(h(50));
  Bench half_an_hour_late = bench, four_hours_late = bench, in_time = bench;
  half_an_hour_late.stale(new_one, h(48) + minute * 30, h(51));
  BOOST_TEST(advised(half_an_hour_late) == "migration.rollback.triggers[0].for: 1h30m or less (now 2h)\n");
  four_hours_late.stale(new_one, h(45), h(51));  // its whole window is two
  BOOST_TEST(advised(four_hours_late).empty());
  in_time.stale(new_one, h(49), h(51));
  BOOST_TEST(advised(in_time).empty());
}

BOOST_AUTO_TEST_CASE(a_window_that_was_too_long_for_the_danger_is_told_how_long_it_may_be) {
  Bench bench;
  bench.plan();
  bench.go(1, h(20));
  bench.divergent(new_one, 1, h(60), h(63));
  NearMiss miss;
  miss.since = h(60) + minute * 10;
  miss.held = minute * 100;
  bench.migration->triggers[0].longest_near_miss = miss;
  BOOST_TEST(advised(bench) == "migration.rollback.triggers[0].for: 50m or less (now 2h)\n");
  bench.migration->triggers[0].longest_near_miss->held = minute * 20;
  BOOST_TEST(advised(bench) == "migration.rollback.triggers[0].for: 20m or less (now 2h)\n");
  bench.migration->triggers[0].longest_near_miss->since = h(30);  // of something else
  BOOST_TEST(advised(bench).empty());
}

BOOST_AUTO_TEST_CASE(a_stale_fallback_that_a_cycle_would_bring_up_to_date_is_told_which_steps_are_missing) {
  const auto stale = [](Bench& copy) { copy.stale(old_one, h(20), h(30)); };
  BOOST_TEST(advised(drilled(stale)) == "migration.rollback.steps: with `run_now: nightly` (now without)\n");
  const auto paused = [&](Bench& copy) {
    stale(copy);
    copy.holds.push_back({"nightly", "batch job", "paused", "phase canary", h(20), std::nullopt});
  };
  BOOST_TEST(advised(drilled(paused)) ==
             "migration.rollback.steps: with `run_now: nightly` and `resume: nightly` (now without)\n");
  Bench has_both = drilled(paused);
  has_both.parse(R"(migration { rollback { steps { run_now: "nightly" } steps { resume: "nightly" } } })");
  BOOST_TEST(advised(has_both).empty());
  Bench too_slow = drilled(stale);
  too_slow.scenario.mutable_pipelines(0)->mutable_batch()->set_rate_nano(1'000'000);  // ten rows take 10,000 s
  BOOST_TEST(advised(too_slow).empty());
  BOOST_TEST(advised(drilled([](Bench& copy) { copy.divergent(old_one, 1, h(20), never); })).empty());
}

BOOST_AUTO_TEST_CASE(steps_before_the_redirection_that_take_too_long_are_told_what_is_left) {
  Bench bench = drilled([](Bench& copy) { copy.divergent(old_one, 1, h(20), h(22)); });
  bench.parse(R"(migration { rollback { steps { open_incident_ns: 1800000000000 }
                                        steps { redirect_consumers_ns: 2700000000000 } } })");
  BOOST_TEST(advised(bench) == "migration.rollback.steps[1].redirect_consumers: 30m or less (now 45m)\n");
}

BOOST_AUTO_TEST_CASE(a_gate_that_was_only_too_young_is_told_how_long_the_rehearsal_must_last) {
  Bench bench;
  bench.plan();
  CriterionRecord criterion;
  criterion.text = "bad_rows below 0.1% for 20h";
  criterion.length = hour * 20;
  criterion.status = CriterionStatus::holding;
  criterion.holds_since = h(90);
  bench.migration->gates[0].criteria.push_back(criterion);
  BOOST_TEST(advised(bench) == "duration: 4d14h or more (now 4d4h)\n");
  bench.migration->gates[0].criteria.back().status = CriterionStatus::broken;
  BOOST_TEST(advised(bench).empty());
}

}  // namespace rehearse::judging::test
