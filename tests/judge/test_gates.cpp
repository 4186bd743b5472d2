#include <boost/test/unit_test.hpp>

#include "tests/judge/bench.h"

namespace rehearse::judging::test {
namespace {

// A GO out of shadow at 20 h; the look-ahead is 10 h.
result::GateJudgement go_at_20(const std::function<void(Bench&)>& change) {
  Bench bench;
  bench.plan();
  bench.go(1, h(20));
  change(bench);
  return bench.judged().judgements(0);
}
bool is_false(const std::function<void(Bench&)>& change) { return go_at_20(change).was() == result::wrong; }

// The NO-GO of shadow, which held to the end at 100 h.
std::optional<result::GateJudgement> no_go(const std::function<void(Bench&)>& change) {
  Bench bench;
  bench.plan();
  bench.migration->phases[0].at_least = hour * 30;
  change(bench);
  const result::Result result = bench.judged();
  if (result.judgements().empty()) return std::nullopt;
  return result.judgements(0);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_go_is_right_if_all_is_safe_for_the_look_ahead) {
  const auto judged = go_at_20([](Bench&) {});
  BOOST_TEST(judged.was() == result::right);
  BOOST_TEST(judged.kind() == result::GateJudgement::go);
  BOOST_TEST(judged.phase() == "shadow");
}

BOOST_AUTO_TEST_CASE(a_go_is_false_if_the_new_store_is_divergent_within_the_look_ahead) {
  BOOST_TEST(is_false([](Bench& b) { b.divergent(new_one, 1, h(0), h(20) + nanosecond); }));  // at the GO itself
  BOOST_TEST(is_false([](Bench& b) { b.divergent(new_one, 1, h(30), never); }));              // at its very end
  BOOST_TEST(!is_false([](Bench& b) { b.divergent(new_one, 1, h(0), h(20)); }));
  BOOST_TEST(!is_false([](Bench& b) { b.divergent(new_one, 1, h(30) + nanosecond, never); }));
}

BOOST_AUTO_TEST_CASE(as_many_divergent_rows_as_safety_lets_be_are_safe) {
  const auto three = [](Bench& b) {
    for (RowId row = 1; row <= 3; ++row) b.divergent(new_one, row, h(21), h(22));
  };
  BOOST_TEST(is_false([&](Bench& b) { three(b), b.scenario.mutable_safety()->mutable_max_divergence()->set_rows(2); }));
  BOOST_TEST(
      !is_false([&](Bench& b) { three(b), b.scenario.mutable_safety()->mutable_max_divergence()->set_rows(3); }));
  // 30% of ten keys are three rows.
  BOOST_TEST(!is_false(
      [&](Bench& b) { three(b), b.scenario.mutable_safety()->mutable_max_divergence()->set_share_ppb(300'000'000); }));
  BOOST_TEST(is_false(
      [&](Bench& b) { three(b), b.scenario.mutable_safety()->mutable_max_divergence()->set_share_ppb(299'999'999); }));
}

BOOST_AUTO_TEST_CASE(a_go_is_false_if_the_new_store_is_stale_unless_that_is_allowed) {
  BOOST_TEST(is_false([](Bench& b) { b.stale(new_one, h(25), h(26)); }));
  BOOST_TEST(!is_false([](Bench& b) {
    b.stale(new_one, h(25), h(26));
    b.scenario.mutable_safety()->set_stale(scenario::Safety::ALLOWED);
  }));
}

BOOST_AUTO_TEST_CASE(a_go_is_false_without_a_working_rollback_unless_none_is_required) {
  const auto stale_fallback = [](Bench& b) { b.stale(old_one, h(29), h(31)); };
  const auto divergent_fallback = [](Bench& b) { b.divergent(old_one, 4, h(10), h(21)); };
  BOOST_TEST(is_false(stale_fallback));
  BOOST_TEST(is_false(divergent_fallback));
  // A fallback must keep its promise even where a stale store is safe to read.
  BOOST_TEST(is_false(
      [&](Bench& b) { stale_fallback(b), b.scenario.mutable_safety()->set_stale(scenario::Safety::ALLOWED); }));
  BOOST_TEST(!is_false(
      [&](Bench& b) { stale_fallback(b), b.scenario.mutable_safety()->set_rollback(scenario::Safety::OPTIONAL); }));
  BOOST_TEST(is_false([](Bench& b) { b.scenario.mutable_migration()->clear_rollback(); }));
  const auto judged = go_at_20(stale_fallback);
  BOOST_TEST(judged.why().find("old was stale") != std::string::npos, judged.why());
  BOOST_TEST(judged.why().find("no working rollback") != std::string::npos, judged.why());
}

BOOST_AUTO_TEST_CASE(a_declared_fallback_takes_the_place_of_the_old_store) {
  BOOST_TEST(!is_false([](Bench& b) {
    b.stale(old_one, h(29), h(31));
    b.scenario.mutable_consumers(0)->set_fallback("source");
  }));
}

BOOST_AUTO_TEST_CASE(the_earliest_safe_time_is_where_a_whole_look_ahead_is_safe) {
  const auto judged = go_at_20([](Bench& b) {
    b.divergent(new_one, 1, h(1), h(2));
    b.divergent(new_one, 1, h(11), h(13));  // so [2, 12] is not safe
  });
  BOOST_TEST(judged.was() == result::right);
  BOOST_TEST(judged.earliest_safe_at_ns() == h(13).ns);
  BOOST_TEST(judged.time_lost_ns() == (hour * 7).ns);
  const auto early = go_at_20([](Bench& b) { b.divergent(new_one, 1, h(1), h(40)); });
  BOOST_TEST(early.earliest_safe_at_ns() == h(40).ns);
  BOOST_TEST(!early.has_time_lost_ns());
  BOOST_TEST(!go_at_20([](Bench& b) { b.divergent(new_one, 1, h(1), never); }).has_earliest_safe_at_ns());
}

BOOST_AUTO_TEST_CASE(a_gate_that_held_though_all_was_safe_is_a_false_no_go) {
  const auto judged = no_go([](Bench& b) {
    CriterionRecord criterion;
    criterion.text = "bad_rows below 0.1% for 7d";
    criterion.status = CriterionStatus::broken;
    b.migration->gates[0].criteria.push_back(criterion);
    b.divergent(new_one, 1, h(0), h(30));  // over when the gate could have opened
  });
  BOOST_REQUIRE(judged);
  BOOST_TEST(judged->kind() == result::GateJudgement::no_go);
  BOOST_TEST(judged->was() == result::wrong);
  BOOST_TEST(judged->time_lost_ns() == (hour * 70).ns);
  BOOST_TEST(judged->why().find("bad_rows below 0.1% for 7d") != std::string::npos, judged->why());
}

BOOST_AUTO_TEST_CASE(a_gate_that_held_for_a_reason_is_right) {
  BOOST_TEST(no_go([](Bench& b) { b.divergent(new_one, 1, h(0), h(30) + nanosecond); })->was() == result::right);
  BOOST_TEST(no_go([](Bench& b) { b.stale(old_one, h(99), never); })->was() == result::right);
}

BOOST_AUTO_TEST_CASE(a_gate_that_could_not_have_opened_is_not_judged) {
  BOOST_TEST(!no_go([](Bench& b) { b.migration->phases[0].at_least = hour * 100; }));
  BOOST_TEST(!no_go([](Bench& b) { b.stopped_at = h(90); }));
  BOOST_TEST(!no_go([](Bench& b) {
    CriterionRecord soak;
    soak.kind = CriterionRecord::Kind::soak;
    b.migration->gates[0].criteria.push_back(soak);  // never over
  }));
}

}  // namespace rehearse::judging::test
