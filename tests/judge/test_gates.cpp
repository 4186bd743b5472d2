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

BOOST_AUTO_TEST_CASE(a_go_is_false_if_the_store_that_is_switched_to_is_unsafe_or_loading_at_that_instant) {
  BOOST_TEST(is_false([](Bench& b) { b.divergent(new_one, 1, h(0), h(20) + nanosecond); }));
  BOOST_TEST(!is_false([](Bench& b) { b.divergent(new_one, 1, h(0), h(20)); }));
  BOOST_TEST(is_false([](Bench& b) { b.truth.stores[new_one].loaded = h(20) + nanosecond; }));
  BOOST_TEST(!is_false([](Bench& b) { b.truth.stores[new_one].loaded = h(20); }));
}

BOOST_AUTO_TEST_CASE(a_go_is_false_if_a_reader_is_exposed_for_too_long_within_the_look_ahead) {
  BOOST_TEST(!is_false([](Bench& b) { b.divergent(new_one, 1, h(21), h(22)); }));  // the hour that is allowed
  BOOST_TEST(is_false([](Bench& b) { b.divergent(new_one, 1, h(21), h(22) + nanosecond); }));
  BOOST_TEST(is_false([](Bench& b) {  // in all
    b.divergent(new_one, 1, h(21), h(21) + minute * 40);
    b.divergent(new_one, 2, h(28), h(28) + minute * 40);
  }));
  BOOST_TEST(!is_false([](Bench& b) { b.divergent(new_one, 1, h(29), never); }));  // an hour of it lies within ten
  BOOST_TEST(is_false([](Bench& b) { b.divergent(new_one, 1, h(29) - minute, never); }));
}

BOOST_AUTO_TEST_CASE(as_many_divergent_rows_as_safety_lets_be_are_safe) {
  const auto three = [](Bench& b) {
    for (RowId row = 1; row <= 3; ++row) b.divergent(new_one, row, h(21), h(23));
  };
  BOOST_TEST(is_false([&](Bench& b) { three(b), b.scenario.mutable_safety()->mutable_max_divergence()->set_rows(2); }));
  BOOST_TEST(
      !is_false([&](Bench& b) { three(b), b.scenario.mutable_safety()->mutable_max_divergence()->set_rows(3); }));
  // 30% of ten keys are three rows.
  const auto share = [&](Bench& b, std::int64_t ppb) {
    three(b), b.scenario.mutable_safety()->mutable_max_divergence()->set_share_ppb(ppb);
  };
  BOOST_TEST(!is_false([&](Bench& b) { share(b, 300'000'000); }));
  BOOST_TEST(is_false([&](Bench& b) { share(b, 299'999'999); }));
  // Of the keys of that instant: that there are a thousand of them later is no excuse, that there were few before no
  // harm.
  BOOST_TEST(is_false([&](Bench& b) {
    share(b, 299'999'999);
    b.truth.stores[new_one].keys = {{h(0), 10}, {h(24), 1'000}};
  }));
  BOOST_TEST(!is_false([&](Bench& b) {
    share(b, 299'999'999);
    b.truth.stores[new_one].keys = {{h(0), 3}, {h(21), 1'000}};
  }));
}

BOOST_AUTO_TEST_CASE(a_go_is_false_if_the_new_store_is_stale_unless_that_is_allowed) {
  BOOST_TEST(is_false([](Bench& b) { b.stale(new_one, h(25), h(27)); }));
  BOOST_TEST(!is_false([](Bench& b) {
    b.stale(new_one, h(25), h(27));
    b.scenario.mutable_safety()->set_stale(scenario::Safety::ALLOWED);
  }));
}

BOOST_AUTO_TEST_CASE(what_comes_by_faults_that_had_not_struck_is_bad_luck_and_makes_no_go_false) {
  const auto exposed = [](Bench& b) { b.divergent(new_one, 1, h(21), h(25), "fault later"); };
  const auto unlucky = go_at_20([&](Bench& b) {
    b.fork(ForkTruth::Kind::as_decided, h(20), h(30));
    b.fault("later", 1, h(21), h(25));
    exposed(b);
  });
  BOOST_TEST(unlucky.was() == result::right);
  BOOST_TEST(unlucky.bad_luck().find("later") != std::string::npos, unlucky.bad_luck());
  const auto by_the_plan = go_at_20([&](Bench& b) {  // what no fault brought that struck later
    b.fork(ForkTruth::Kind::as_decided, h(20), h(30));
    exposed(b);
  });
  BOOST_TEST(by_the_plan.was() == result::right);
  BOOST_TEST(by_the_plan.bad_luck().empty());
  const auto wrong = go_at_20([&](Bench& b) { b.fork(ForkTruth::Kind::as_decided, h(20), h(30), exposed); });
  BOOST_TEST(wrong.was() == result::wrong);  // by what was at work, though the rehearsal itself came off
  BOOST_TEST(wrong.bad_luck().empty());
  BOOST_REQUIRE_EQUAL(wrong.causes_size(), 1);
  BOOST_TEST(wrong.causes(0) == "later");
}

BOOST_AUTO_TEST_CASE(a_go_tells_what_each_drill_of_it_came_to) {
  const auto judged = go_at_20([](Bench& b) {
    b.fork(ForkTruth::Kind::drill, h(20), h(45), [](Bench& copy) {
      copy.roll_back(h(20), minute * 5);
      copy.stale(old_one, h(20), h(20) + minute * 7);
    });
    b.holds.push_back({"nightly", "batch job", "paused", "phase canary", h(20), std::nullopt});
    b.fork(ForkTruth::Kind::late_drill, h(20), h(55), [](Bench& copy) {
      copy.roll_back(h(30), minute * 5);
      copy.stale(old_one, h(25), h(32));
    });
    b.forks.back().failed_steps = {"resume nightly"};
  });
  BOOST_TEST(judged.was() == result::wrong);
  BOOST_REQUIRE_EQUAL(judged.drills_size(), 2);
  BOOST_TEST(judged.drills(0).landed());
  BOOST_TEST(judged.drills(0).landing_ns() == (minute * 7).ns);
  BOOST_TEST(judged.drills(1).fired_at_ns() == h(30).ns);
  BOOST_TEST(!judged.drills(1).landed());
  BOOST_TEST(judged.drills(1).landing_ns() == (hour * 2).ns);
  BOOST_TEST(judged.drills(1).failed_steps(0) == "resume nightly");
  BOOST_REQUIRE_EQUAL(judged.causes_size(), 1);
  BOOST_TEST(judged.causes(0) == "nightly paused by phase canary");
}

BOOST_AUTO_TEST_CASE(a_go_is_false_if_a_drill_does_not_land_unless_no_rollback_is_required) {
  for (const auto kind : {ForkTruth::Kind::drill, ForkTruth::Kind::late_drill}) {
    const Time fired = kind == ForkTruth::Kind::drill ? h(20) : h(30);
    const auto drill = [&](const std::function<void(Bench&)>& change) {
      return [=](Bench& b) {
        b.fork(ForkTruth::Kind::as_decided, h(20), h(30));
        b.fork(kind, h(20), fired + hour * 25, [&](Bench& copy) {
          copy.roll_back(fired, minute * 5);
          change(copy);
        });
      };
    };
    BOOST_TEST(!is_false(drill([](Bench&) {})));
    BOOST_TEST(!is_false(drill([&](Bench& b) { b.stale(old_one, fired, fired + hour); })));
    const auto late = drill([&](Bench& b) { b.stale(old_one, fired, fired + hour + nanosecond); });
    BOOST_TEST(is_false(late));
    BOOST_TEST(is_false(drill([&](Bench& b) { b.divergent(old_one, 1, fired + hour * 20, never); })));  // within a day
    BOOST_TEST(!is_false(drill([&](Bench& b) { b.divergent(old_one, 1, fired + hour * 24 + minute * 6, never); })));
    const auto judged = go_at_20(late);
    BOOST_TEST(judged.why().find("old was stale") != std::string::npos, judged.why());
    BOOST_TEST(judged.why().find("dashboard reads it") != std::string::npos, judged.why());
    BOOST_TEST(!is_false([&](Bench& b) {
      late(b);
      b.scenario.mutable_safety()->set_rollback(scenario::Safety::OPTIONAL);
    }));
  }
  BOOST_TEST(is_false([](Bench& b) { b.scenario.mutable_migration()->clear_rollback(); }));
}

BOOST_AUTO_TEST_CASE(each_move_in_a_soak_is_a_go_and_a_go_that_moves_nobody_is_not_judged) {
  Bench bench;
  bench.plan();
  bench.go(1, h(20));
  bench.go(2, h(40));
  bench.migration->phases[2].moved[0].at = h(45);
  bench.migration->phases[1].moved.clear();
  const result::Result result = bench.judged();
  BOOST_REQUIRE_EQUAL(result.judgements_size(), 2);
  BOOST_TEST(result.judgements(0).at_ns() == h(40).ns);
  BOOST_TEST(result.judgements(1).at_ns() == h(45).ns);
  BOOST_TEST(result.judgements(1).phase() == "full");
  BOOST_TEST(result.judgements(0).into() == "full");
  BOOST_TEST(result.judgements(0).moved().empty());
  BOOST_TEST(result.judgements(1).into().empty());
  BOOST_TEST(result.judgements(1).moved() == "fraud");
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
  BOOST_TEST(!no_go([](Bench& b) {
    CriterionRecord observed;
    observed.kind = CriterionRecord::Kind::observed;
    b.migration->gates[0].criteria.push_back(observed);  // never seen
  }));
  BOOST_TEST(!no_go([](Bench& b) {
    CriterionRecord window;
    window.covered_from = h(100);
    b.migration->gates[0].criteria.push_back(window);
  }));
  BOOST_TEST(!no_go([](Bench& b) {
    CriterionRecord of_runs;
    of_runs.covered_from = h(1);
    of_runs.samples = 2;
    of_runs.least_samples = 3;
    b.migration->gates[0].criteria.push_back(of_runs);
  }));
}

BOOST_AUTO_TEST_CASE(what_went_wrong_before_the_windows_could_be_covered_is_no_reason_for_a_no_go) {
  const auto judged = no_go([](Bench& b) {
    CriterionRecord window;
    window.covered_from = h(40);
    b.migration->gates[0].criteria.push_back(window);
    b.divergent(new_one, 1, h(31), h(40));
  });
  BOOST_TEST(judged->was() == result::wrong);
  BOOST_TEST(judged->time_lost_ns() == (hour * 60).ns);
}

BOOST_AUTO_TEST_CASE(at_the_instant_at_which_a_store_reaches_an_age_it_is_not_older_yet) {
  BOOST_TEST(!is_false([](Bench& b) { b.stale(new_one, h(20), h(20) + minute); }));
  BOOST_TEST(is_false([](Bench& b) { b.stale(new_one, h(20) - nanosecond, h(20) + minute); }));
  BOOST_TEST(is_false([](Bench& b) { b.divergent(new_one, 1, h(20), h(20) + nanosecond); }));
}

}  // namespace rehearse::judging::test
