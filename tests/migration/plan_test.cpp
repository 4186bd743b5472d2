// Reading a plan from a scenario; the runner as a value, its digest, and what a call costs.
#include "harness/migration/plan.h"

#include <boost/test/unit_test.hpp>

#include "tests/migration/fakes.h"

namespace rehearse::testing {
namespace {

scenario::Scenario scenario_with_everything() {
  scenario::Scenario scenario;
  scenario::Pipeline* nightly = scenario.add_pipelines();
  nightly->set_name("nightly");
  nightly->mutable_batch()->set_freshness_ns((26 * hour).ns);
  scenario::Pipeline* cdc = scenario.add_pipelines();
  cdc->set_name("cdc");
  cdc->mutable_stream()->set_freshness_ns((60 * second).ns);
  scenario::Migration& migration = *scenario.mutable_migration();
  migration.set_from("nightly");
  migration.set_to("cdc");
  scenario::Phase* shadow = migration.add_phases();
  shadow->set_name("shadow");
  shadow->set_at_least_ns((14 * day).ns);
  shadow->add_observed(scenario::Phase::WEEKEND);
  shadow->add_observed(scenario::Phase::RECOVERY);
  scenario::Criterion* criterion = shadow->add_exit();
  criterion->set_metric("bad_rows");
  criterion->mutable_test()->mutable_below()->set_share_ppb(1'000'000);
  criterion->set_for_ns((7 * day).ns);
  criterion->set_min_samples(3);
  scenario::Phase* ramp = migration.add_phases();
  ramp->set_name("ramp");
  ramp->mutable_move()->add_consumers("dashboard");
  ramp->mutable_move()->set_rest(scenario::Move::BY_TIER);
  ramp->set_soak_ns((7 * day).ns);
  ramp->add_actions()->set_pause("nightly");
  scenario::Trigger* trigger = migration.mutable_rollback()->add_triggers();
  trigger->set_metric("age");
  trigger->mutable_test()->mutable_above()->set_duration_ns((10 * minute).ns);
  trigger->set_for_ns((5 * minute).ns);
  trigger->set_min_samples(1);
  trigger->add_during("ramp");
  migration.mutable_rollback()->add_steps()->set_redirect_consumers_ns((30 * second).ns);
  scenario::RestoreSnapshot* restore = migration.mutable_rollback()->add_steps()->mutable_restore_snapshot();
  restore->set_pipeline("nightly");
  restore->set_cycles_back(1);
  restore->set_takes_ns((10 * minute).ns);
  return scenario;
}

// A plan in which something of everything happens.
Plan eventful() {
  Plan plan = two_phases();
  plan.phases[0].at_least = day;
  plan.phases[0].exit = {rule("bad_rows", "below", 5, 6 * hour)};
  plan.phases[1].move = {"dashboard"};
  plan.triggers = {always(rule("bad_rows", "above", 5, 3 * hour, 2))};
  plan.steps = {{StepPlan::Kind::redirect_consumers, {}, 0, 30 * second}};
  return plan;
}

void set_up(Stage& stage, Time bad_from) {
  stage.operations.add_consumer("dashboard", 0);
  stage.metrics.add("bad_rows", hour).fill({}, at(9 * day), [=](Time t) { return t >= bad_from ? 9.0 : 0.0; });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(plans)

BOOST_AUTO_TEST_CASE(a_plan_is_read_from_its_scenario) {
  const Plan plan = plan_of(scenario_with_everything(), 77);
  BOOST_TEST(plan.from == "nightly");
  BOOST_TEST(plan.to == "cdc");
  BOOST_TEST(plan.start_unix_ns == 77);
  BOOST_REQUIRE(plan.phases.size() == 2);
  BOOST_TEST(plan.phases[0].at_least.ns == (14 * day).ns);
  BOOST_TEST((plan.phases[0].observed == std::vector<Observable>{Observable::weekend, Observable::recovery}));
  const RulePlan& criterion = plan.phases[0].exit.at(0);
  BOOST_TEST(criterion.text == "bad_rows below 0.1% for 7d");
  BOOST_TEST(criterion.comparison == "below");
  BOOST_TEST(!criterion.window.limit().above);
  BOOST_TEST(criterion.window.limit().bound == 5.0 / 5000.0);  // as a sample of that share would be
  BOOST_TEST(criterion.window.min_samples == 3);
  BOOST_TEST(plan.phases[0].moves() == false);
  BOOST_TEST(plan.phases[1].move.at(0) == "dashboard");
  BOOST_TEST((plan.phases[1].rest == PhasePlan::Rest::by_tier));
  BOOST_TEST(plan.phases[1].actions.at(0).text() == "pause nightly");
  const RulePlan& trigger = plan.triggers.at(0);
  BOOST_TEST(trigger.text == "age above 10m for 5m");
  BOOST_TEST(trigger.window.limit().above);
  BOOST_TEST(trigger.window.limit().bound == 600e9);
  BOOST_TEST(trigger.during.at(0) == "ramp");
  BOOST_TEST(plan.steps.at(0).takes.ns == (30 * second).ns);
  BOOST_TEST((plan.steps.at(1).kind == StepPlan::Kind::restore_snapshot));
  BOOST_TEST(plan.steps.at(1).cycles_back == 1u);
  BOOST_TEST(plan.pipelines.at(0).freshness.ns == (26 * hour).ns);
  BOOST_TEST(plan.pipelines.at(1).freshness.ns == (60 * second).ns);
}

BOOST_AUTO_TEST_CASE(a_trigger_is_armed_from_the_first_phase_that_moves_somebody) {
  scenario::Scenario scenario = scenario_with_everything();
  scenario.mutable_migration()->add_phases()->set_name("full");
  scenario.mutable_migration()->mutable_rollback()->mutable_triggers(0)->clear_during();
  BOOST_TEST(plan_of(scenario, 0).triggers.at(0).during == (std::vector<std::string>{"ramp", "full"}),
             boost::test_tools::per_element());
  scenario.mutable_migration()->mutable_phases(1)->clear_move();
  BOOST_TEST(plan_of(scenario, 0).triggers.at(0).during.empty());
}

BOOST_AUTO_TEST_CASE(each_test_of_a_window_reads_as_what_it_asks) {
  scenario::Scenario scenario = scenario_with_everything();
  const auto read = [&](const auto& set) {
    scenario::Criterion& criterion = *scenario.mutable_migration()->mutable_phases(0)->mutable_exit(0);
    criterion.clear_test();
    set(*criterion.mutable_test());
    return plan_of(scenario, 0).phases[0].exit.at(0);
  };
  using Test = scenario::WindowTest;
  BOOST_TEST(read([](Test& t) { t.mutable_average()->mutable_below()->set_count(3); }).text ==
             "average of bad_rows below 3 for 7d");
  BOOST_TEST(read([](Test& t) { t.mutable_any()->mutable_above()->set_count(3); }).text ==
             "any bad_rows above 3 for 7d");
  const RulePlan rising = read([](Test& t) { t.set_rising(true); });
  BOOST_TEST(rising.text == "bad_rows rising for 7d");
  BOOST_TEST(!rising.bound.has_value());
  BOOST_TEST(rising.window.min_samples == 3);
  scenario.mutable_migration()->mutable_phases(0)->mutable_exit(0)->set_min_samples(1);
  BOOST_TEST(read([](Test& t) { t.set_rising(true); }).window.min_samples == 2);
  const RulePlan absent = read([](Test& t) { t.set_no_data(true); });
  BOOST_TEST(absent.text == "no data of bad_rows for 7d");
  BOOST_TEST(absent.window.min_samples == 0);
  const RulePlan failures = read([](Test& t) {
    t.mutable_failures()->set_at_most(1);
    t.mutable_failures()->set_of(10);
  });
  BOOST_TEST(failures.text == "at most 1 of 10 runs of bad_rows above 0");
  BOOST_TEST(failures.comparison == "failures");
}

// A bound of nothing fits every quantity, and is still one of the metric's own.
BOOST_AUTO_TEST_CASE(a_rule_is_about_the_quantity_that_its_metric_shows) {
  scenario::Scenario scenario = scenario_with_everything();
  const auto declare = [&](const std::string& name) {
    scenario::Check& check = *scenario.add_checks();
    check.set_name(name);
    scenario::Metric& metric = *scenario.add_metrics();
    metric.set_name(name);
    metric.add_from(name);
    return &check;
  };
  declare("age")->mutable_freshness();
  declare("behind")->mutable_lag();
  scenario::Trigger trigger;
  trigger.set_metric("behind");
  trigger.mutable_test()->mutable_above()->set_count(10);
  *scenario.mutable_migration()->mutable_rollback()->add_triggers() = trigger;
  trigger.set_metric("age");
  trigger.mutable_test()->mutable_above()->set_count(0);
  *scenario.mutable_migration()->mutable_rollback()->add_triggers() = trigger;
  const Plan plan = plan_of(scenario, 0);
  BOOST_TEST(plan.triggers.at(1).quantity == LAG);
  BOOST_TEST(rule_of(plan.triggers.at(1).quantity).unit() == "records");
  BOOST_TEST(plan.triggers.at(2).quantity == FRESHNESS);
  BOOST_TEST(rule_of(plan.triggers.at(2).quantity).unit() == "seconds");
}

BOOST_AUTO_TEST_CASE(the_same_samples_give_the_same_digest_and_other_decisions_another) {
  Stage first, second, later;
  set_up(first, at(3 * day));
  set_up(second, at(3 * day));
  set_up(later, at(4 * day));
  const Digest128 digest = digest_of(first.run(eventful(), at(9 * day)));
  BOOST_TEST((digest == digest_of(second.run(eventful(), at(9 * day)))));
  BOOST_TEST(!(digest == digest_of(later.run(eventful(), at(9 * day)))));
}

BOOST_AUTO_TEST_CASE(a_copied_runner_goes_on_alone) {
  Stage whole, stage;
  set_up(whole, at(3 * day));
  set_up(stage, at(3 * day));
  const Digest128 digest = digest_of(whole.run(eventful(), at(9 * day)));
  stage.go(eventful(), at(2 * day));
  Stage fork = stage;
  BOOST_TEST((fork.run(eventful(), at(9 * day)).decision == MigrationDecision::rolled_back));
  BOOST_TEST((stage.runner->record().decision == MigrationDecision::cut_over));
  BOOST_TEST((digest_of(fork.runner->record()) == digest));
}

BOOST_AUTO_TEST_CASE(calls_at_which_nothing_has_changed_change_nothing) {
  Stage quiet, busy;
  set_up(quiet, at(3 * day));
  set_up(busy, at(3 * day));
  for (Time t; t < at(9 * day); t += 7 * minute)
    busy.causes.emplace(t, [&busy, t](FakeOperations& operations) {
      if (busy.runner) busy.runner->on_event(t, busy.metrics, operations);
    });
  const Digest128 digest = digest_of(quiet.run(eventful(), at(9 * day)));
  BOOST_TEST((digest_of(busy.run(eventful(), at(9 * day))) == digest));
}

BOOST_AUTO_TEST_CASE(it_asks_to_be_woken_seldom) {
  Stage stage;  // 50,000 samples a metric, one of them bad every day
  const auto value = [](Time t) { return t.ns % day.ns == 0 ? 9.0 : 0.0; };
  stage.metrics.add("bad_rows", minute).fill({}, at(35 * day), value);
  stage.metrics.add("age", minute).fill({}, at(35 * day), value);
  Plan plan = two_phases();
  plan.phases[0].exit = {rule("bad_rows", "below", 5, 2 * day), rule("age", "below", 5, 2 * day)};
  plan.triggers = {always(rule("age", "above", 5, 5 * minute))};
  const MigrationRecord& record = stage.run(plan, at(35 * day));
  BOOST_TEST(!record.phases[1].entered);
  BOOST_TEST(record.triggers[0].near_misses == 35u);
  BOOST_TEST(stage.operations.wakes_asked <= 40u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rehearse::testing
