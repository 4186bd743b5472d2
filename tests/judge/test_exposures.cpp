#include <boost/test/unit_test.hpp>

#include "tests/judge/bench.h"

namespace rehearse::judging::test {
namespace {

// GO to canary at 20 h, which moves the dashboard; rolled back at 50 h within a minute. The new store is stale from
// 30:00 to 30:20 and from 49:00 to 51:00. Everybody reads every minute.
Bench rolled_back() {
  Bench bench;
  bench.plan();
  bench.go(1, h(20));
  bench.stale(new_one, h(30), h(30) + minute * 20);
  bench.stale(new_one, h(49), h(51));
  bench.roll_back(h(50));
  return bench;
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_exposure_is_told_from_onset_to_trigger_to_good_data) {
  const result::Result result = rolled_back().judged();
  BOOST_REQUIRE_EQUAL(result.exposures_size(), 1);
  const result::Exposure& exposure = result.exposures(0);
  BOOST_TEST(exposure.reader() == "dashboard");
  BOOST_TEST(exposure.by_plan());
  BOOST_TEST(exposure.for_ns() == (minute * (20 + 61)).ns);
  BOOST_TEST(exposure.stretches() == 2U);
  BOOST_TEST(exposure.longest_ns() == (minute * 61).ns);
  BOOST_TEST(exposure.longest_at_ns() == h(49).ns);
  BOOST_TEST(exposure.onset_at_ns() == h(49).ns);
  BOOST_TEST(exposure.trigger_at_ns() == h(50).ns);
  BOOST_TEST(exposure.good_at_ns() == (h(50) + minute).ns);
  BOOST_TEST(exposure.missed_at_ns() == (h(49) + minute * 40 + nanosecond).ns);  // an hour in all, within a day
  BOOST_REQUIRE_EQUAL(exposure.stores_size(), 1);
  BOOST_TEST(exposure.stores(0).store() == "new");
  BOOST_TEST(exposure.stores(0).stale());
  BOOST_TEST(!exposure.stores(0).divergent());
}

BOOST_AUTO_TEST_CASE(reads_while_exposed_are_counted_once_each_before_the_trigger_until_good_data_and_afterwards) {
  Bench bench = rolled_back();
  bench.divergent(old_one, 1, h(80), h(80) + minute * 5);  // where the rollback sent it
  const result::Exposure exposure = bench.judged().exposures(0);
  BOOST_TEST(exposure.before().reads() == 20U + 60U);
  BOOST_TEST(exposure.during().reads() == 1U);
  BOOST_TEST(exposure.after().reads() == 5U);
  BOOST_REQUIRE_EQUAL(exposure.stores_size(), 2);
  BOOST_TEST(exposure.stores(0).store() == "new");
  BOOST_TEST(exposure.stores(1).store() == "old");
}

BOOST_AUTO_TEST_CASE(good_data_that_does_not_come_before_the_end_is_not_told) {
  Bench bench = rolled_back();
  bench.stale(old_one, h(40), never);
  BOOST_TEST(!bench.judged().exposures(0).has_good_at_ns());
}

BOOST_AUTO_TEST_CASE(what_the_plan_does_not_answer_for_is_an_exposure_of_its_own_and_comes_last) {
  Bench bench = rolled_back();
  bench.stale(old_one, h(2), h(10));  // before the first GO
  const result::Result result = bench.judged();
  BOOST_REQUIRE_EQUAL(result.exposures_size(), 4);
  BOOST_TEST(result.exposures(0).by_plan());
  for (int i = 1; i < 4; ++i) {
    BOOST_TEST(!result.exposures(i).by_plan());
    BOOST_TEST(result.exposures(i).for_ns() == (hour * 8).ns);
    BOOST_TEST(result.exposures(i).before().reads() == 480U);
    BOOST_TEST(!result.exposures(i).has_trigger_at_ns());
  }
  BOOST_TEST(!result.exposures(3).listed());
}

BOOST_AUTO_TEST_CASE(danger_that_was_missed_is_told_with_the_reader_and_when_the_allowed_time_was_over) {
  Bench bench;
  bench.plan();
  bench.go(1, h(20));
  bench.divergent(new_one, 1, h(60), h(62), "fault burst");
  const result::Exposure exposure = bench.judged().exposures(0);
  BOOST_TEST(exposure.missed_at_ns() == (h(61) + nanosecond).ns);
  BOOST_REQUIRE_EQUAL(exposure.stores(0).causes_size(), 1);
  BOOST_TEST(exposure.stores(0).causes(0) == "burst");
}

BOOST_AUTO_TEST_CASE(a_stale_store_names_the_faults_that_delay_and_whoever_held_its_pipeline) {
  Bench bench = rolled_back();
  bench.fault("restart", 1, h(49) - minute, h(50));
  bench.fault("long_ago", 1, h(20), h(21));
  bench.stale(old_one, h(60), h(70));
  bench.holds.push_back({"nightly", "batch job", "paused", "phase canary", h(40), h(65)});
  bench.holds.push_back(
      {"nightly", "batch job", "crashed", "fault restart", h(40), h(65)});  // the fault is named itself
  bench.holds.push_back({"cdc", "connector", "paused", "repair[0] of fields", h(80), h(81)});
  const result::Result result = bench.judged();
  BOOST_REQUIRE_EQUAL(result.stores(0).stale_causes_size(), 1);
  BOOST_TEST(result.stores(0).stale_causes(0) == "nightly paused by phase canary");
  BOOST_REQUIRE_EQUAL(result.stores(1).stale_causes_size(), 2);
  BOOST_TEST(result.stores(1).stale_causes(0) == "restart");
  BOOST_TEST(result.stores(1).stale_causes(1) == "the settings of cdc");  // of the stretch that nothing befell
}

}  // namespace rehearse::judging::test
