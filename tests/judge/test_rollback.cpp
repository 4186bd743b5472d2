#include <boost/test/unit_test.hpp>

#include "tests/judge/bench.h"

namespace rehearse::judging::test {
namespace {

// GO to canary at 20 h, rolled back at 50 h.
Bench rolled_back(Duration takes = minute) {
  Bench bench;
  bench.plan();
  bench.go(1, h(20));
  bench.roll_back(h(50), takes);
  return bench;
}
result::Rollback rollback_of(const Bench& bench) { return bench.judged().rollbacks(0); }

std::size_t dangers(const result::Result& result) {
  std::size_t n = 0;
  for (const std::string& reason : result.reasons()) n += reason.find("Danger was missed") != std::string::npos;
  return n;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_rollback_is_right_if_consumers_read_an_unsafe_store_when_it_fired) {
  Bench bench = rolled_back();
  bench.stale(new_one, h(49), h(51));
  BOOST_TEST(rollback_of(bench).was() == result::right);
  BOOST_TEST(rollback_of(bench).onset_at_ns() == h(49).ns);
}

BOOST_AUTO_TEST_CASE(a_rollback_is_right_even_if_its_redirection_takes_no_time) {
  Bench bench = rolled_back({});
  bench.stale(new_one, h(49), h(51));
  BOOST_TEST(rollback_of(bench).was() == result::right);
}

BOOST_AUTO_TEST_CASE(a_rollback_is_wrong_if_the_new_store_was_in_order) {
  BOOST_TEST(rollback_of(rolled_back()).was() == result::wrong);
  Bench over = rolled_back();
  over.stale(new_one, h(49), h(50) - minute * 15);
  BOOST_TEST(rollback_of(over).was() == result::wrong);
  Bench just_over = rolled_back();
  just_over.stale(new_one, h(49), h(50) - minute * 15 + nanosecond);
  BOOST_TEST(rollback_of(just_over).was() == result::right);
  Bench old = rolled_back();
  old.stale(old_one, h(49), h(51));  // going back there would not help
  BOOST_TEST(rollback_of(old).was() == result::wrong);
}

BOOST_AUTO_TEST_CASE(a_rollback_is_right_if_somebody_would_soon_be_exposed_without_it) {
  for (const bool soon : {true, false}) {
    Bench bench = rolled_back();
    const Time from = h(51) + (soon ? Duration{} : nanosecond);  // within the hour that people have
    bench.fork(ForkTruth::Kind::without_rollback, h(50), h(74), [&](Bench& copy) {
      copy.routing = {};
      for (const StoreId store : {old_one, old_one, old_one}) copy.routing.add(store, h(0));
      copy.routing.send(0, new_one, h(20), "phase canary");
      copy.stale(new_one, from, h(60));
    });
    BOOST_TEST((rollback_of(bench).was() == result::right) == soon);
  }
}

BOOST_AUTO_TEST_CASE(a_stop_before_anybody_moved_is_right_if_the_target_was_unsafe_and_loaded) {
  const auto stopped = [](const std::function<void(Bench&)>& change) {
    Bench bench;
    bench.plan();
    bench.stale(new_one, h(49), h(51));
    bench.roll_back(h(50));
    change(bench);
    BOOST_TEST(!rollback_of(bench).has_rpo_writes());
    return rollback_of(bench).was() == result::right;
  };
  BOOST_TEST(stopped([](Bench&) {}));
  BOOST_TEST(!stopped([](Bench& b) { b.truth.stores[new_one].stale.clear(); }));
  BOOST_TEST(!stopped([](Bench& b) { b.truth.stores[new_one].loaded = h(70); }));
}

BOOST_AUTO_TEST_CASE(a_rollback_that_was_right_and_did_not_land_is_a_fail) {
  Bench bench = rolled_back();
  bench.stale(new_one, h(49), h(80));
  BOOST_TEST(bench.judged().verdict() == result::Result::pass);
  BOOST_TEST(rollback_of(bench).landed());
  bench.stale(old_one, h(40), h(52));  // where they land
  BOOST_TEST(bench.judged().verdict() == result::Result::fail);
  BOOST_TEST(!rollback_of(bench).landed());
  BOOST_TEST(rollback_of(bench).rto_ns() == (hour * 2).ns);  // to good data
  BOOST_TEST(rollback_of(bench).landing().find("old was stale") != std::string::npos);
}

// When it fired the new store showed twelve changes that the old one did not; at 51 h it shows all but three of them.
BOOST_AUTO_TEST_CASE(changes_that_moved_readers_were_shown_and_are_not_where_they_land_are_counted) {
  Bench bench = rolled_back();
  bench.stale(new_one, h(49), h(80));
  bench.truth.no_longer_shown = {{new_one, orders, old_one, {{h(50), 12}, {h(51), 3}}},
                                 {new_one, orders + 1, old_one, {{h(50), 40}}},  // which nobody who was moved reads
                                 {old_one, orders, new_one, {{h(50), 70}}}};
  BOOST_TEST(rollback_of(bench).changes_no_longer_shown() == 12U);
  bench.fork(ForkTruth::Kind::drill, h(20), h(60));
  BOOST_REQUIRE_EQUAL(bench.judged().judgements(0).drills_size(), 1);
  BOOST_TEST(bench.judged().judgements(0).drills(0).changes_no_longer_shown() == 12U);
  bench.stale(old_one, h(40), h(52));
  BOOST_TEST(rollback_of(bench).changes_no_longer_shown() == 3U);
  bench.stale(old_one, h(52), h(100));  // no good data, so nothing is known of it
  BOOST_TEST(!rollback_of(bench).has_changes_no_longer_shown());
}

BOOST_AUTO_TEST_CASE(a_rollback_before_anybody_was_moved_takes_no_change_back) {
  Bench bench;
  bench.plan();
  bench.stale(new_one, h(49), h(51));
  bench.roll_back(h(50));
  BOOST_TEST(!rollback_of(bench).has_changes_no_longer_shown());
}

BOOST_AUTO_TEST_CASE(a_rollback_lands_by_what_was_at_work_when_it_fired) {
  Bench bench = rolled_back();
  bench.stale(new_one, h(49), h(80));
  bench.fork(ForkTruth::Kind::with_rollback, h(50), h(75));
  bench.stale(old_one, h(60), h(70));  // by a fault that had not struck
  BOOST_TEST(rollback_of(bench).landed());
}

BOOST_AUTO_TEST_CASE(the_onset_is_the_beginning_of_the_unbroken_stretch_in_which_consumers_read) {
  Bench bench = rolled_back();
  bench.divergent(new_one, 1, h(10), h(30), "fault a");  // before they moved, and on
  bench.divergent(new_one, 2, h(40), h(45), "fault b");
  bench.stale(new_one, h(45), h(60));
  BOOST_TEST(rollback_of(bench).onset_at_ns() == h(40).ns);
  bench.divergent(new_one, 3, h(30), h(40), "fault c");
  BOOST_TEST(rollback_of(bench).onset_at_ns() == h(20).ns);
}

BOOST_AUTO_TEST_CASE(for_how_long_a_store_had_been_unsafe_is_told_of_the_stretch_in_which_the_trigger_fired) {
  Bench bench = rolled_back();
  bench.stale(new_one, h(50) - minute * 12, h(50) - minute * 11);
  bench.stale(new_one, h(50) - minute * 10, h(51));
  const result::Rollback rollback = rollback_of(bench);
  BOOST_TEST(rollback.why().find("when the trigger fired, had been unsafe for 10m, ") != std::string::npos,
             rollback.why());
  BOOST_TEST(rollback.onset_at_ns() == (h(50) - minute * 12).ns);
}

BOOST_AUTO_TEST_CASE(causes_are_of_the_divergences_or_of_faults_at_work_while_it_was_stale) {
  Bench bench = rolled_back();
  bench.fault("burst", 5, h(47), h(48));
  bench.fault("restart", 5, h(30), h(31));
  bench.fault("later", 5, h(51), h(52));
  bench.stale(new_one, h(49), h(51));  // the promise is 1 h: what was at work from 48 h on counts
  result::Rollback judged = rollback_of(bench);
  BOOST_REQUIRE_EQUAL(judged.causes_size(), 1);
  BOOST_TEST(judged.causes(0) == "burst");
  bench.truth.stores[new_one].stale.clear();
  bench.divergent(new_one, 1, h(40), never, "fault restart");
  judged = rollback_of(bench);
  BOOST_REQUIRE_EQUAL(judged.causes_size(), 1);
  BOOST_TEST(judged.causes(0) == "restart");
}

BOOST_AUTO_TEST_CASE(what_a_rollback_cost_is_told) {
  Bench bench = rolled_back(minute * 3);
  bench.stale(new_one, h(49), h(51));
  bench.divergent(old_one, 1, h(75), never);
  bench.divergent(new_one, 2, h(60), never);  // nobody reads there any more
  const auto read = [&](Time at, StoreId store, ReadOutcome found) {
    bench.truth.consumers[0].history.add(at, store, found);
  };
  read(h(48), new_one, WRONG);  // before the onset
  read(h(49) + minute, new_one, WRONG);
  read(h(49) + minute * 2, new_one, STALE);
  read(h(50), new_one, WRONG);
  read(h(80), old_one, WRONG);
  const result::Rollback judged = rollback_of(bench);
  BOOST_TEST(judged.rto_ns() == (minute * 3).ns);
  BOOST_TEST(!judged.has_rpo_writes());  // nobody writes to the new store
  BOOST_TEST(judged.divergence_left() == 1U);
  BOOST_TEST(judged.harm_before().wrong() == 1U);
  BOOST_TEST(judged.harm_before().stale() == 1U);
  BOOST_TEST(judged.harm_after().wrong() == 2U);
  BOOST_TEST(!judged.necessary_known());
  bench.necessary = std::vector<std::string>{"burst"};
  BOOST_TEST(rollback_of(bench).necessary(0) == "burst");
}

BOOST_AUTO_TEST_CASE(danger_is_missed_if_exposures_of_a_day_add_up_to_more_than_is_allowed) {
  Bench bench;
  bench.plan();
  bench.go(1, h(20));
  bench.stale(new_one, h(40), h(41));  // the hour that is allowed
  BOOST_TEST(dangers(bench.judged()) == 0U);
  Bench longer = bench;
  longer.stale(new_one, h(70), h(71) + nanosecond);
  BOOST_TEST(dangers(longer.judged()) == 1U);
  BOOST_TEST(longer.judged().verdict() == result::Result::fail);
  Bench in_all = bench;  // a second more within the day
  in_all.stale(new_one, h(63), h(63) + second);
  BOOST_TEST(dangers(in_all.judged()) == 1U);
  Bench a_day_later = bench;
  a_day_later.stale(new_one, h(65), h(66));
  BOOST_TEST(dangers(a_day_later.judged()) == 0U);
}

// A trigger that never fires changes no judgement, however slow it is.
BOOST_AUTO_TEST_CASE(unused_triggers_excuse_no_danger) {
  Bench bench;
  bench.plan();
  bench.go(1, h(20));
  bench.stale(new_one, h(40), h(50));
  BOOST_TEST(dangers(bench.judged()) == 1U);
  bench.migration->triggers[0].length = hour * 200;
  BOOST_TEST(dangers(bench.judged()) == 1U);
  bench.migration->triggers.clear();
  BOOST_TEST(dangers(bench.judged()) == 1U);
}

BOOST_AUTO_TEST_CASE(danger_is_missed_of_whoever_reads_the_target_and_whoever_reads_a_store_that_the_plan_paused) {
  Bench bench;
  bench.plan();
  bench.go(1, h(20));
  bench.stale(old_one, h(40), h(60));
  BOOST_TEST(dangers(bench.judged()) == 0U);  // it is not the plan's doing
  bench.holds.push_back({"nightly", "batch job", "paused", "phase canary", h(20), std::nullopt});
  BOOST_TEST(dangers(bench.judged()) == 2U);  // fraud, which has not moved, and month_end, which nobody lists
}

BOOST_AUTO_TEST_CASE(who_reads_a_store_that_the_rollback_restored_is_concerned_from_then_on) {
  Bench bench = rolled_back();
  bench.stale(new_one, h(49), h(51));
  bench.divergent(old_one, 1, h(40), h(80), "fault a");  // with which those are content who are sent back
  bench.parse("safety { fallback { max_divergence { rows: 10 } } }");
  BOOST_TEST(rollback_of(bench).landed());
  bench.parse(R"(migration { rollback { steps { restore_snapshot { pipeline: "nightly" takes_ns: 60000000000 } } } })");
  BOOST_TEST(!rollback_of(bench).landed());  // for fraud, which has not moved, and month_end, which nobody lists
}

BOOST_AUTO_TEST_CASE(danger_that_a_rollback_ended_or_that_nobody_read_was_not_missed) {
  Bench bench = rolled_back();
  bench.stale(new_one, h(49) + minute * 30, h(80));
  bench.divergent(new_one, 1, h(60), never);  // after everybody was back
  bench.stale(new_one, h(5), h(12));          // before anybody had moved
  BOOST_TEST(dangers(bench.judged()) == 0U);
  bench.stale(new_one, h(31), h(34));  // another one before
  BOOST_TEST(dangers(bench.judged()) == 1U);
}

BOOST_AUTO_TEST_CASE(danger_that_adds_up_names_all_that_made_it_from_the_first_on) {
  Bench bench;
  bench.plan();
  bench.go(1, h(20));
  const Duration each = minute * 25;
  bench.divergent(new_one, 1, h(60), h(60) + each, "fault first");
  bench.divergent(new_one, 1, h(62), h(62) + each, "fault second");
  bench.divergent(new_one, 1, h(64), h(64) + each, "fault third");
  std::string said;
  const result::Result result = bench.judged();
  for (const std::string& reason : result.reasons())
    if (reason.find("Danger was missed") != std::string::npos) said = reason;
  BOOST_TEST(said.find("by first, second and third") != std::string::npos, said);
  BOOST_TEST(said.find("12:00 on and for 1h 15m in all, 3 times within that day") != std::string::npos, said);
}

}  // namespace rehearse::judging::test
