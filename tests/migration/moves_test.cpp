// Moves of consumers and actions at a phase's entry.
#include <boost/test/unit_test.hpp>

#include "tests/migration/fakes.h"

namespace rehearse::testing {
namespace {

void add_consumers(FakeOperations& operations) {
  operations.add_consumer("fraud_rules", 2);
  operations.add_consumer("dashboard", 0);
  operations.add_consumer("stock_monitor", 1);
  operations.add_consumer("weekly_mail", 0);
}

std::vector<std::string> names(const std::vector<MoveRecord>& moves) {
  std::vector<std::string> all;
  for (const MoveRecord& move : moves) all.push_back(move.name);
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(moves)

BOOST_AUTO_TEST_CASE(named_consumers_move_when_the_phase_is_entered) {
  Stage stage;
  add_consumers(stage.operations);
  Plan plan = two_phases();
  plan.phases[0].at_least = 3 * day;
  plan.phases[1].move = {"dashboard", "stock_monitor"};
  const MigrationRecord& record = stage.run(plan, at(9 * day));
  BOOST_TEST(names(record.phases[1].moved) == (std::vector<std::string>{"dashboard", "stock_monitor"}),
             boost::test_tools::per_element());
  for (const MoveRecord& move : record.phases[1].moved) BOOST_TEST(move.at.ns == at(3 * day).ns);
  BOOST_TEST(record.gos[0].consumers == (std::vector<std::string>{"dashboard", "stock_monitor"}),
             boost::test_tools::per_element());
  BOOST_TEST(stage.operations.reads("dashboard") == FakeOperations::new_store);
  BOOST_TEST(stage.operations.reads("fraud_rules") == FakeOperations::old_store);
}

BOOST_AUTO_TEST_CASE(the_rest_moves_by_tier_with_a_soak_between_and_after) {
  Stage stage;
  add_consumers(stage.operations);
  Plan plan = two_phases();
  plan.phases[0].move = {"weekly_mail"};
  plan.phases[1].rest = PhasePlan::Rest::by_tier;
  plan.phases[1].soak = 7 * day;
  plan.phases.push_back(phase("batch_paused"));
  const MigrationRecord& record = stage.run(plan, at(60 * day));
  const std::vector<MoveRecord>& moved = record.phases[1].moved;
  BOOST_TEST(names(moved) == (std::vector<std::string>{"dashboard", "stock_monitor", "fraud_rules"}),
             boost::test_tools::per_element());
  for (std::size_t i = 0; i < moved.size(); ++i) BOOST_TEST(moved[i].at.ns == at(static_cast<int>(i) * 7 * day).ns);
  BOOST_TEST(record.phases[2].entered->ns == at(21 * day).ns);
  BOOST_TEST(record.gos.size() == 3u);  // the first phase moves somebody, so it has one
}

BOOST_AUTO_TEST_CASE(within_a_tier_the_order_is_that_of_the_file) {
  Stage stage;
  add_consumers(stage.operations);
  Plan plan = two_phases();
  plan.phases[0].rest = PhasePlan::Rest::by_tier;
  const MigrationRecord& record = stage.run(plan, at(day));
  BOOST_TEST(names(record.phases[0].moved) ==
                 (std::vector<std::string>{"dashboard", "weekly_mail", "stock_monitor", "fraud_rules"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(after_named_ones_the_rest_waits_for_the_first_soak) {
  Stage stage;
  add_consumers(stage.operations);
  Plan plan = two_phases();
  plan.phases[0].move = {"stock_monitor", "dashboard"};
  plan.phases[0].rest = PhasePlan::Rest::by_tier;
  plan.phases[0].soak = 2 * day;
  const MigrationRecord& record = stage.run(plan, at(30 * day));
  const std::vector<MoveRecord>& moved = record.phases[0].moved;
  BOOST_REQUIRE(moved.size() == 4);
  BOOST_TEST(moved[1].at.ns == 0);
  BOOST_TEST(moved[2].name == "weekly_mail");
  BOOST_TEST(moved[2].at.ns == at(2 * day).ns);
  BOOST_TEST(moved[3].at.ns == at(4 * day).ns);
  BOOST_TEST(record.phases[1].entered->ns == at(6 * day).ns);
}

BOOST_AUTO_TEST_CASE(together_moves_the_rest_at_once_and_soaks_once) {
  Stage stage;
  add_consumers(stage.operations);
  Plan plan = two_phases();
  plan.phases[0].rest = PhasePlan::Rest::together;
  plan.phases[0].soak = 2 * day;
  const MigrationRecord& record = stage.run(plan, at(30 * day));
  BOOST_TEST(record.phases[0].moved.size() == 4u);
  for (const MoveRecord& move : record.phases[0].moved) BOOST_TEST(move.at.ns == 0);
  BOOST_TEST(record.phases[1].entered->ns == at(2 * day).ns);
}

BOOST_AUTO_TEST_CASE(a_broken_criterion_during_a_ramp_keeps_the_gate_shut) {
  Stage stage;
  add_consumers(stage.operations);
  stage.metrics.add("bad_rows", hour).fill({}, at(60 * day), [](Time t) { return t == at(19 * day) ? 5.0 : 0.0; });
  Plan plan = two_phases();
  plan.phases[0].rest = PhasePlan::Rest::by_tier;
  plan.phases[0].soak = 5 * day;
  plan.phases[0].exit = {rule("bad_rows", "below", 1, 3 * day)};
  BOOST_TEST(stage.run(plan, at(60 * day)).phases[1].entered->ns == at(22 * day).ns);
}

BOOST_AUTO_TEST_CASE(consumers_that_cannot_move_stay_and_are_not_counted_in_the_rest) {
  Stage stage;
  add_consumers(stage.operations);
  stage.operations.known[0].movable = false;
  Plan plan = two_phases();
  plan.phases[0].move = {"hidden_report"};  // on nobody's list
  plan.phases[1].rest = PhasePlan::Rest::together;
  const MigrationRecord& record = stage.run(plan, at(day));
  BOOST_REQUIRE(record.phases[0].moved.size() == 1);
  BOOST_TEST(!record.phases[0].moved[0].ok);
  BOOST_TEST(record.phases[1].moved.size() == 3u);
  BOOST_TEST(stage.operations.reads("fraud_rules") == FakeOperations::old_store);
}

BOOST_AUTO_TEST_CASE(entering_a_phase_does_what_it_says_before_anybody_moves) {
  Stage stage;
  add_consumers(stage.operations);
  Plan plan = two_phases();
  plan.phases[0].at_least = day;
  plan.phases[1].actions = {
      {ActionPlan::Kind::pause, "nightly"}, {ActionPlan::Kind::pause, "cdc"}, {ActionPlan::Kind::run_now, "nightly"}};
  plan.phases[1].move = {"dashboard"};
  const MigrationRecord& record = stage.run(plan, at(2 * day));
  const std::vector<std::string> expected = {"1d: pause nightly", "1d: pause cdc in vain", "1d: run_now nightly",
                                             "1d: route dashboard 2"};
  BOOST_TEST(stage.operations.log == expected, boost::test_tools::per_element());
  BOOST_REQUIRE(record.phases[1].actions.size() == 3);
  BOOST_TEST(record.phases[1].actions[0].ok);
  BOOST_TEST(record.phases[1].actions[0].text == "pause nightly");
  BOOST_TEST(!record.phases[1].actions[1].ok);
  BOOST_TEST(record.phases[1].actions[2].text == "run nightly now");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rehearse::testing
