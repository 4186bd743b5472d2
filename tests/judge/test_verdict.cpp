#include <boost/test/unit_test.hpp>

#include "tests/judge/bench.h"

namespace rehearse::judging::test {
namespace {

using Result = result::Result;

// Cut over: canary at 20 h, full at 40 h; one check with a run.
Bench cut_over() {
  Bench bench;
  bench.check();
  bench.run(0, h(10), h(12));
  bench.plan();
  bench.go(1, h(20));
  bench.go(2, h(40));
  return bench;
}
bool says(const Result& result, const std::string& part) {
  for (const std::string& reason : result.reasons())
    if (reason.find(part) != std::string::npos) return true;
  return false;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_safe_cut_over_passes) {
  const Result result = cut_over().judged();
  BOOST_TEST(result.verdict() == Result::pass);
  BOOST_TEST(result.decision() == Result::cut_over);
  BOOST_TEST(result.reasons_size() == 3);
  BOOST_TEST(result.reasons(2) == "Looser than by default: look_ahead 10h.");
  BOOST_REQUIRE_EQUAL(result.remarks_size(), 1);  // the two GOs are told as judgements
  BOOST_TEST(result.remarks(0) == result.reasons(2));
  BOOST_TEST(result.outcome().kind() == result::Outcome::cut_over);
  BOOST_TEST(result.outcome().phase() == "full");
  BOOST_TEST(result.outcome().since_at_ns() == h(40).ns);
}

BOOST_AUTO_TEST_CASE(a_false_go_fails_and_is_the_first_reason) {
  Bench bench = cut_over();
  bench.divergent(new_one, 1, h(41), h(43));
  const Result result = bench.judged();
  BOOST_TEST(result.verdict() == Result::fail);
  BOOST_TEST(result.reasons(0).find(
                 "The GO out of canary on day 1, 16:00 was false: new had 1 divergent row from day 1, 17:00") == 0U,
             result.reasons(0));
}

BOOST_AUTO_TEST_CASE(the_outcome_tells_a_stop_from_a_rollback_and_a_plan_that_held) {
  Bench bench;
  bench.plan();
  BOOST_TEST(bench.judged().outcome().kind() == result::Outcome::held);
  BOOST_TEST(bench.judged().outcome().since_at_ns() == 0);
  Bench stopped = bench;
  stopped.roll_back(h(5));
  BOOST_TEST(stopped.judged().outcome().kind() == result::Outcome::stopped);
  BOOST_TEST(stopped.judged().outcome().since_at_ns() == h(5).ns);
  bench.go(1, h(20));
  bench.roll_back(h(50));
  BOOST_TEST(bench.judged().outcome().kind() == result::Outcome::rolled_back);
  BOOST_TEST(bench.judged().outcome().phase() == "canary");
  BOOST_TEST(Bench{}.judged().outcome().kind() == result::Outcome::checks_alone);
}

BOOST_AUTO_TEST_CASE(a_right_rollback_passes_and_a_wrong_one_fails) {
  Bench bench;
  bench.plan();
  bench.go(1, h(20));
  bench.roll_back(h(50));
  BOOST_TEST(bench.judged().verdict() == Result::fail);
  bench.stale(new_one, h(49), h(51));
  const Result result = bench.judged();
  BOOST_TEST(result.verdict() == Result::pass);
  BOOST_TEST(result.decision() == Result::rolled_back);
  BOOST_TEST(says(result, "All readers had good data 1m later."));
}

BOOST_AUTO_TEST_CASE(holding_passes_for_a_reason_and_fails_without_one) {
  Bench bench;
  bench.plan();
  BOOST_TEST(bench.judged().verdict() == Result::fail);
  bench.divergent(new_one, 1, h(3), h(4));
  BOOST_TEST(bench.judged().verdict() == Result::pass);
  BOOST_TEST(bench.judged().decision() == Result::held);
}

BOOST_AUTO_TEST_CASE(holding_for_want_of_data_or_time_is_inconclusive) {
  Bench bench;
  bench.plan();
  CriterionRecord criterion;
  criterion.text = "bad_rows below 0.1% for 7d";
  criterion.status = CriterionStatus::no_data;
  bench.migration->gates[0].criteria.push_back(criterion);
  BOOST_TEST(bench.judged().verdict() == Result::inconclusive);
  BOOST_TEST(says(bench.judged(), "bad_rows below 0.1% for 7d had no data"));
  Bench too_short;
  too_short.plan();
  too_short.migration->phases[0].at_least = hour * 200;
  BOOST_TEST(too_short.judged().verdict() == Result::inconclusive);
}

BOOST_AUTO_TEST_CASE(a_trigger_without_data_leaves_a_cut_over_inconclusive) {
  Bench bench = cut_over();
  bench.migration->triggers[0].samples = 0;
  BOOST_TEST(bench.judged().verdict() == Result::inconclusive);
  bench.migration->triggers[0].during = {"decommissioned"};  // never armed
  BOOST_TEST(bench.judged().verdict() == Result::pass);
}

BOOST_AUTO_TEST_CASE(an_interrupted_rehearsal_is_inconclusive) {
  Bench bench = cut_over();
  bench.stopped_at = h(90);
  BOOST_TEST(bench.judged().verdict() == Result::inconclusive);
  BOOST_TEST(bench.judged().stopped_at_ns() == h(90).ns);
}

BOOST_AUTO_TEST_CASE(a_fault_that_never_struck_makes_a_pass_vacuous_and_is_named) {
  Bench bench = cut_over();
  bench.fault("rename_status", 0);
  const Result result = bench.judged();
  BOOST_TEST(result.verdict() == Result::vacuous);
  BOOST_TEST(says(result, "The fault rename_status never struck"));
  BOOST_TEST(result.faults(0).vacuous());
  bench.divergent(new_one, 1, h(41), h(43));
  BOOST_TEST(bench.judged().verdict() == Result::fail);  // what is wrong stays wrong
}

BOOST_AUTO_TEST_CASE(a_fault_that_is_expected_not_to_strike_is_not_vacuous) {
  Bench bench = cut_over();
  bench.fault("rare", 0);
  bench.parse(R"(expect { hits { fault: "rare" bounds { at_most: 3 } } })");
  BOOST_TEST(bench.judged().verdict() == Result::pass);
}

BOOST_AUTO_TEST_CASE(checks_alone_report_and_do_not_fail) {
  Bench bench;
  BOOST_TEST(bench.judged().verdict() == Result::inconclusive);  // nothing was put to the test
  bench.check();
  bench.divergent(new_one, 1, h(0), never);
  bench.run(0, h(10), h(12)).data = false;
  BOOST_TEST(bench.judged().verdict() == Result::inconclusive);
  bench.run(0, h(20), h(22), {claim(5)});  // misses one, and claims another that is right
  const Result result = bench.judged();
  BOOST_TEST(result.verdict() == Result::pass);
  BOOST_TEST(result.decision() == Result::none);
  BOOST_TEST(says(result, "fields made 1 claim, 0 of them right; it caught 0 of 1 divergence"));
}

BOOST_AUTO_TEST_CASE(a_broken_expectation_fails_what_would_pass) {
  Bench bench = cut_over();
  bench.parse("expect { decision: HELD }");
  const Result result = bench.judged();
  BOOST_TEST(result.verdict() == Result::fail);
  BOOST_TEST(result.reasons(0) == "An expectation is broken: the decision is held; it was cut over.");
}

BOOST_AUTO_TEST_CASE(expectations_that_hold_do_not_hide_a_false_go) {
  Bench bench = cut_over();
  bench.divergent(new_one, 1, h(41), h(43));
  bench.parse("expect { decision: CUT_OVER }");
  BOOST_TEST(bench.judged().verdict() == Result::fail);
}

BOOST_AUTO_TEST_CASE(a_verdict_that_is_expected_passes_if_the_judge_gives_it) {
  Bench bench = cut_over();
  bench.divergent(new_one, 1, h(41), h(43));
  bench.parse("expect { verdict: FAIL }");
  const Result result = bench.judged();
  BOOST_TEST(result.verdict() == Result::pass);
  BOOST_TEST(says(result, "the judge's own verdict is fail"));
  BOOST_TEST(says(result, "was false"));  // and why
  bench.truth.intervals.clear();
  BOOST_TEST(bench.judged().verdict() == Result::fail);
}

BOOST_AUTO_TEST_CASE(expectations_that_cannot_be_told_or_tested_are_no_pass) {
  Bench bench = cut_over();
  bench.parse(R"(expect { source_log_incomplete { table: "orders" bounds { equals: 0 } } })");
  BOOST_TEST(bench.judged().verdict() == Result::inconclusive);
  Bench idle = cut_over();
  idle.parse(R"(expect { checks { check: "fields" recall { at_least_ppb: 1 } } })");
  BOOST_TEST(idle.judged().verdict() == Result::vacuous);
}

}  // namespace rehearse::judging::test
