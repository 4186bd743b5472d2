// The plan's own program: when it is asked, what it is told, and what its answers do.
#include "harness/migration/decision.h"

#include <boost/test/unit_test.hpp>

#include "tests/migration/fakes.h"

namespace rehearse::testing {
namespace {

Plan decided(Duration takes = {}) {
  Plan plan = two_phases();
  plan.steps = {{StepPlan::Kind::redirect_consumers, {}, 0, minute}};
  plan.phases[1].move = {"dashboard"};
  plan.decide.emplace();
  plan.decide->program = "policy.sh";
  plan.decide->due = Recurrence::every(hour, {});
  plan.decide->takes = takes;
  plan.decide->metrics = {{"bad_rows", CLAIMS}, {"age", FRESHNESS}};
  return plan;
}

struct DecisionStage : Stage {
  DecisionStage() {
    operations.add_consumer("dashboard", 0);
    metrics.add("bad_rows", hour * 2).fill({}, at(10 * day), [](Time) { return 7.0; });
    operations.program = [this](const std::string& question) {
      questions.push_back(question);
      return answer(operations.now);
    };
  }
  std::function<Decision(Time)> answer = [](Time) { return Decision{ProgramDecision::proceed, {}, {}}; };
  std::vector<std::string> questions;
};

Decision says(ProgramDecision what) { return {what, {}, {}}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(decisions)

BOOST_AUTO_TEST_CASE(proceed_opens_the_gate_when_the_answer_is_known_and_not_before) {
  DecisionStage stage;
  const MigrationRecord& record = stage.run(decided(minute), at(day));
  BOOST_REQUIRE(record.phases[1].entered.has_value());
  BOOST_TEST(record.phases[1].entered->ns == at(hour + minute).ns);
  BOOST_TEST(record.decisions[0].asked.ns == at(hour).ns);
  BOOST_TEST((record.gates[0].criteria.back().status == CriterionStatus::met));
}

BOOST_AUTO_TEST_CASE(a_gate_waits_for_an_answer_that_is_under_way) {
  DecisionStage stage;  // asked at 1:00 and 2:00, known at 1:10 and 2:10; the gate may open from 2:05 on
  Plan plan = decided(10 * minute);
  plan.phases[0].at_least = 125 * minute;
  stage.answer = [](Time now) { return says(now == at(2 * hour) ? ProgramDecision::hold : ProgramDecision::proceed); };
  const MigrationRecord& record = stage.run(plan, at(day));
  BOOST_TEST(record.phases[1].entered->ns == at(3 * hour + 10 * minute).ns);
}

BOOST_AUTO_TEST_CASE(hold_and_no_answer_keep_the_gate_shut) {
  for (const ProgramDecision what : {ProgramDecision::hold, ProgramDecision::none}) {
    DecisionStage stage;
    stage.answer = [what](Time) { return says(what); };
    const MigrationRecord& record = stage.run(decided(), at(day));
    BOOST_TEST((record.decision == MigrationDecision::held));
    BOOST_TEST((record.gates[0].criteria.back().status ==
                (what == ProgramDecision::hold ? CriterionStatus::broken : CriterionStatus::no_data)));
    BOOST_TEST(record.decisions.size() == 24U);
  }
}

BOOST_AUTO_TEST_CASE(a_proceed_of_one_phase_does_not_count_in_the_next) {
  DecisionStage stage;
  Plan plan = decided();
  plan.phases.push_back(phase("full"));
  stage.answer = [](Time now) { return says(now < at(2 * hour) ? ProgramDecision::proceed : ProgramDecision::hold); };
  const MigrationRecord& record = stage.run(plan, at(day));
  BOOST_TEST(record.phases[1].entered->ns == at(hour).ns);
  BOOST_TEST(!record.phases[2].entered.has_value());
}

BOOST_AUTO_TEST_CASE(roll_back_goes_back_at_once_and_it_is_never_asked_again) {
  DecisionStage stage;
  stage.answer = [](Time now) {
    return says(now < at(5 * hour) ? ProgramDecision::proceed : ProgramDecision::roll_back);
  };
  const MigrationRecord& record = stage.run(decided(), at(day));
  BOOST_TEST((record.decision == MigrationDecision::rolled_back));
  BOOST_REQUIRE(record.rollback.has_value());
  BOOST_TEST(record.rollback->started.ns == at(5 * hour).ns);
  BOOST_TEST(record.triggers[record.rollback->trigger].text == "policy.sh says roll_back");
  BOOST_TEST(stage.operations.reads("dashboard") == FakeOperations::old_store);
  BOOST_TEST(stage.questions.size() == 5U);
}

BOOST_AUTO_TEST_CASE(without_a_rollback_in_the_plan_roll_back_holds) {
  DecisionStage stage;
  Plan plan = decided();
  plan.steps.clear();
  stage.answer = [](Time) { return says(ProgramDecision::roll_back); };
  BOOST_TEST((stage.run(plan, at(day)).decision == MigrationDecision::held));
}

BOOST_AUTO_TEST_CASE(it_is_told_what_was_reported_and_no_data_is_null) {
  DecisionStage stage;
  stage.answer = [](Time) { return says(ProgramDecision::hold); };
  stage.run(decided(), at(5 * hour));
  BOOST_TEST(stage.questions[0] ==
             "{\"now\": \"2026-03-02T01:00:00.000000Z\", \"phase\": \"shadow\", \"entered\": "
             "\"2026-03-02T00:00:00.000000Z\", \"metrics\": {\"bad_rows\": {\"unit\": \"count\", \"value\": null, "
             "\"samples\": []}, \"age\": {\"unit\": \"seconds\", \"value\": null, \"samples\": []}}}\n");
  BOOST_TEST(stage.questions[2].find("\"value\": 7, \"samples\": [{\"at\": \"2026-03-02T02:00:00.000000Z\"") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_answer_is_a_word_or_an_object_and_nothing_else) {
  BOOST_TEST((read_decision("proceed\n").what == ProgramDecision::proceed));
  BOOST_TEST(
      (read_decision("\n{\"decision\": \"roll_back\", \"why\": \"too many\"}\n").what == ProgramDecision::roll_back));
  BOOST_TEST(read_decision("{\"decision\": \"hold\", \"why\": \"too many\"}").why == "too many");
  for (const char* wrong : {"", "go", "proceed\nhold\n", "{\"decision\": 1}", "{\"verdict\": \"hold\"}", "{"}) {
    BOOST_TEST((read_decision(wrong).what == ProgramDecision::none), wrong);
    BOOST_TEST(!read_decision(wrong).problem.empty(), wrong);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rehearse::testing
