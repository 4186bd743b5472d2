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
  over.stale(new_one, h(49), h(50));  // over as it fired
  BOOST_TEST(rollback_of(over).was() == result::wrong);
  Bench old = rolled_back();
  old.stale(old_one, h(49), h(51));  // going back there would not help
  BOOST_TEST(rollback_of(old).was() == result::wrong);
}

BOOST_AUTO_TEST_CASE(a_rollback_is_wrong_if_nobody_had_moved) {
  Bench bench;
  bench.plan();
  bench.stale(new_one, h(49), h(51));
  bench.roll_back(h(50));
  BOOST_TEST(rollback_of(bench).was() == result::wrong);
  BOOST_TEST(!rollback_of(bench).has_rto_ns());
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
  bench.divergent(old_one, 1, h(60), never);
  bench.divergent(new_one, 2, h(60), never);  // nobody reads there any more
  bench.truth.consumers[0].by_day = {
      {h(0), {1, 0, 0, 9}}, {h(24), {2, 0, 3, 5}}, {h(50), {4, 0, 0, 6}}, {h(72), {8, 0, 0, 0}}};
  const result::Rollback judged = rollback_of(bench);
  BOOST_TEST(judged.rto_ns() == (minute * 3).ns);
  BOOST_TEST(judged.rpo_writes() == 0U);
  BOOST_TEST(judged.divergence_left() == 1U);
  BOOST_TEST(judged.harm_before().wrong() == 2U);  // of the stretch from 24 h to 50 h
  BOOST_TEST(judged.harm_before().stale() == 3U);
  BOOST_TEST(judged.harm_after().wrong() == 12U);
  BOOST_TEST(!judged.necessary_known());
  bench.necessary = std::vector<std::string>{"burst"};
  BOOST_TEST(rollback_of(bench).necessary(0) == "burst");
}

BOOST_AUTO_TEST_CASE(danger_longer_than_the_longest_trigger_is_missed_if_nothing_ended_it) {
  Bench bench;
  bench.plan();
  bench.go(1, h(20));
  bench.stale(new_one, h(40), h(42));  // just as long as the trigger's window
  BOOST_TEST(dangers(bench.judged()) == 0U);
  bench.stale(new_one, h(60), h(62) + nanosecond);
  BOOST_TEST(dangers(bench.judged()) == 1U);
  BOOST_TEST(bench.judged().verdict() == result::Result::fail);
}

BOOST_AUTO_TEST_CASE(danger_that_a_rollback_ended_or_that_nobody_read_was_not_missed) {
  Bench bench = rolled_back();
  bench.stale(new_one, h(45), h(80));
  bench.divergent(new_one, 1, h(60), never);  // after everybody was back
  bench.stale(new_one, h(5), h(12));          // before anybody had moved, and over before the GO's look-ahead
  BOOST_TEST(dangers(bench.judged()) == 0U);
  bench.stale(new_one, h(31), h(34));  // another one before
  BOOST_TEST(dangers(bench.judged()) == 1U);
}

}  // namespace rehearse::judging::test
