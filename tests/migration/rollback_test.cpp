// The way back: its steps, how long they take, and what they cannot do.
#include "harness/migration/rollback.h"

#include <boost/test/unit_test.hpp>

#include "tests/migration/fakes.h"

namespace rehearse::testing {
namespace {

using Kind = StepPlan::Kind;

// Rolls back on day 10, hour 1; everybody moves on day 1, day 3 and so on, low tiers first.
Plan doomed(std::vector<StepPlan> steps) {
  Plan plan = two_phases();
  plan.phases[0].at_least = day;
  plan.phases[1].rest = PhasePlan::Rest::by_tier;
  plan.phases[1].soak = 6 * day;
  plan.phases.push_back(phase("batch_paused"));
  plan.triggers = {always(rule("age", "above", 5, {}))};
  plan.steps = std::move(steps);
  return plan;
}

struct Doom : Stage {
  Doom() {
    operations.add_consumer("fraud_rules", 2);
    operations.add_consumer("dashboard", 0);
    operations.add_consumer("stock_monitor", 1);
    metrics.add("age", hour).fill({}, at(30 * day), [](Time t) { return t > at(10 * day) ? 9.0 : 0.0; });
  }
};

const Time fired = at(10 * day + hour);

}  // namespace

BOOST_AUTO_TEST_SUITE(rollbacks)

BOOST_AUTO_TEST_CASE(steps_follow_one_another_and_take_their_times) {
  Doom stage;
  const MigrationRecord& record = stage.run(doomed({{Kind::redirect_consumers, {}, 0, 30 * second},
                                                    {Kind::resume, "nightly", 0, {}},
                                                    {Kind::restore_snapshot, "nightly", 0, 10 * minute},
                                                    {Kind::open_incident, {}, 0, minute}}),
                                            at(30 * day));
  BOOST_REQUIRE(record.rollback.has_value());
  const RollbackRecord& rollback = *record.rollback;
  BOOST_TEST(rollback.started.ns == fired.ns);
  BOOST_TEST(rollback.phase == "canary");
  const std::vector<Duration> ends = {30 * second, 30 * second, 630 * second, 690 * second};
  BOOST_REQUIRE(rollback.steps.size() == ends.size());
  Time started = fired;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    BOOST_TEST(rollback.steps[i].started.ns == started.ns);
    BOOST_TEST(rollback.steps[i].ended->ns == (fired + ends[i]).ns);
    BOOST_TEST(rollback.steps[i].ok);
    started = *rollback.steps[i].ended;
  }
  BOOST_TEST(rollback.consumers_back_at->ns == (fired + 30 * second).ns);
  BOOST_TEST(rollback.finished->ns == (fired + 690 * second).ns);
  const std::vector<std::string> expected = {
      "1d: route dashboard 2",           "7d: route stock_monitor 2",       "10d1h: stop repairs",
      "10d1h30s: route dashboard 1",     "10d1h30s: route stock_monitor 1", "10d1h30s: resume nightly",
      "10d1h10m30s: restore 1 version 1"};
  BOOST_TEST(stage.operations.log == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(after_a_rollback_nothing_moves_forward_any_more) {
  Doom stage;
  const MigrationRecord& record = stage.run(doomed({{Kind::redirect_consumers, {}, 0, {}}}), at(30 * day));
  BOOST_TEST(stage.operations.reads("fraud_rules") == FakeOperations::old_store);  // it was to move on day 13
  BOOST_TEST(!record.phases[2].entered);
  BOOST_TEST((record.phases[1].how == PhaseRecord::How::rolled_back));
  BOOST_TEST(record.phases[1].left->ns == fired.ns);
  BOOST_TEST((record.decision == MigrationDecision::rolled_back));
  BOOST_TEST(stage.operations.log.back() == "10d1h: route stock_monitor 1");
}

BOOST_AUTO_TEST_CASE(repairs_are_told_to_stop_before_anything_else) {
  Doom stage;
  stage.run(doomed({{Kind::redirect_consumers, {}, 0, {}}}), at(30 * day));
  BOOST_TEST(stage.operations.repairs_stopped);
  BOOST_TEST(stage.operations.log.at(2) == "10d1h: stop repairs");
}

BOOST_AUTO_TEST_CASE(each_consumer_goes_to_its_fallback_or_where_it_came_from) {
  Doom stage;
  stage.operations.holding.insert(FakeOperations::other_store);
  stage.operations.known[1].fallback = FakeOperations::other_store;
  stage.operations.known[0].fallback = FakeOperations::other_store;  // it has not moved, so it stays
  const MigrationRecord& record = stage.run(doomed({{Kind::redirect_consumers, {}, 0, {}}}), at(30 * day));
  BOOST_TEST(stage.operations.reads("dashboard") == FakeOperations::other_store);
  BOOST_TEST(stage.operations.reads("stock_monitor") == FakeOperations::old_store);
  BOOST_TEST(stage.operations.reads("fraud_rules") == FakeOperations::old_store);
  BOOST_TEST(record.rollback->returned.size() == 2u);
}

BOOST_AUTO_TEST_CASE(steps_that_cannot_be_done_are_recorded_and_the_next_ones_follow) {
  Doom stage;
  stage.operations.versions_kept = 2;
  stage.operations.known[1].fallback = FakeOperations::other_store;  // which holds nothing
  const MigrationRecord& record = stage.run(doomed({{Kind::restore_snapshot, "nightly", 2, minute},
                                                    {Kind::restore_snapshot, "nowhere", 0, {}},
                                                    {Kind::resume, "cdc", 0, {}},
                                                    {Kind::pause, "cdc", 0, {}},
                                                    {Kind::redirect_consumers, {}, 0, {}},
                                                    {Kind::resume, "nightly", 0, {}}}),
                                            at(30 * day));
  const RollbackRecord& rollback = *record.rollback;
  BOOST_REQUIRE(rollback.steps.size() == 6);
  for (std::size_t i = 0; i < 5; ++i) {
    BOOST_TEST(!rollback.steps[i].ok);
    BOOST_TEST(!rollback.steps[i].detail.empty());
  }
  BOOST_TEST(rollback.steps[5].ok);
  BOOST_TEST(stage.operations.reads("dashboard") == FakeOperations::new_store);
  BOOST_TEST(stage.operations.reads("stock_monitor") == FakeOperations::old_store);
  BOOST_TEST(!rollback.consumers_back_at);  // not all of them
  BOOST_TEST(rollback.finished.has_value());
}

BOOST_AUTO_TEST_CASE(a_rollback_without_a_redirection_never_brings_consumers_back) {
  Doom stage;
  const MigrationRecord& record = stage.run(doomed({{Kind::resume, "nightly", 0, {}}}), at(30 * day));
  BOOST_TEST(!record.rollback->consumers_back_at);
  BOOST_TEST(stage.operations.reads("dashboard") == FakeOperations::new_store);
}

BOOST_AUTO_TEST_CASE(a_rollback_that_is_under_way_at_the_end_says_how_far_it_came) {
  Doom stage;
  const MigrationRecord& record = stage.run(
      doomed({{Kind::open_incident, {}, 0, hour}, {Kind::redirect_consumers, {}, 0, 30 * day}}), at(30 * day));
  BOOST_TEST(record.rollback->steps[0].ended.has_value());
  BOOST_TEST(!record.rollback->steps[1].ended);
  BOOST_TEST(!record.rollback->finished);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rehearse::testing
