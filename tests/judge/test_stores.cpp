#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "harness/judge/parts.h"
#include "tests/judge/bench.h"

namespace rehearse::judging::test {

BOOST_AUTO_TEST_CASE(a_store_tells_how_many_how_long_and_by_what) {
  Bench bench;
  bench.divergent(new_one, 1, h(1), h(3), "fault burst");
  bench.divergent(new_one, 2, h(2), never, "defect cdc.sink.deletes");
  bench.stale(new_one, h(4), h(6));
  bench.stale(new_one, h(99), never);
  bench.truth.divergent_at_end[new_one] = 1;
  const result::Result result = bench.judged();
  BOOST_REQUIRE_EQUAL(result.stores_size(), 2);
  const result::Store& store = result.stores(1);
  BOOST_TEST(store.name() == "new");
  BOOST_TEST(store.dataset() == "orders");
  BOOST_TEST(store.divergent_intervals() == 2U);
  BOOST_TEST(store.divergent_now() == 1U);
  BOOST_TEST(store.divergent_worst() == 2U);
  BOOST_TEST(store.divergent_row_seconds() == (2U + 98U) * 3600U);
  BOOST_TEST(store.stale_intervals() == 2U);
  BOOST_TEST(store.stale_ns() == (hour * 3).ns);  // up to the end
  BOOST_TEST(!store.healed_equal());
  BOOST_TEST(result.stores(0).healed_equal());
  BOOST_REQUIRE_EQUAL(store.causes_size(), 2);
  BOOST_TEST(store.causes(0).cause() == "burst");
  BOOST_TEST(store.causes(0).now() == 0U);
  BOOST_TEST(store.causes(1).now() == 1U);
}

BOOST_AUTO_TEST_CASE(a_thinned_series_keeps_every_extreme_and_a_gap) {
  std::vector<Point> points;
  for (int i = 0; i < 100'000; ++i) points.push_back({Time{i}, 5});
  points[77'777].value = 900;
  points[12'345].value = -3;
  points[50'001].value = std::numeric_limits<double>::quiet_NaN();
  const std::vector<Point> thin = thinned(points);
  BOOST_TEST(thin.size() <= points_most);
  bool high = false, low = false, gap = false;
  for (std::size_t i = 0; i < thin.size(); ++i) {
    high |= thin[i].value == 900 && thin[i].at == Time{77'777};
    low |= thin[i].value == -3;
    gap |= std::isnan(thin[i].value);
    BOOST_REQUIRE((i == 0 || thin[i - 1].at < thin[i].at));
  }
  BOOST_TEST(high);
  BOOST_TEST(low);
  BOOST_TEST(gap);
  BOOST_TEST(thinned({points.begin(), points.begin() + 10}).size() == 10U);
}

BOOST_AUTO_TEST_CASE(the_series_of_a_store_is_its_step_function) {
  Bench bench;
  bench.divergent(new_one, 1, h(1), h(3));
  const result::Result result = bench.judged();
  const result::Series& series = result.series(1);
  BOOST_TEST(series.kind() == result::Series::divergent);
  const std::vector<double> values(series.values().begin(), series.values().end());
  const std::vector<double> expected{0, 0, 1, 1, 0, 0};
  BOOST_TEST(values == expected, boost::test_tools::per_element());
  BOOST_TEST(series.times_ns(5) == h(100).ns);
}

BOOST_AUTO_TEST_CASE(what_the_log_could_not_carry_is_counted_by_kind_of_loss) {
  Bench bench;
  JudgeInputs in = bench.inputs();
  WitnessComparison devices;
  devices.table = "devices";
  devices.rows_missing = 3;
  devices.rows_different = 4;
  devices.missing = {"(7)"};
  devices.differences = {{"(1)", "token", "a", "b"}};
  in.witness = std::vector{devices};
  const result::Result result = judge(in);
  BOOST_REQUIRE_EQUAL(result.source_log_incomplete_size(), 2);
  BOOST_TEST(result.source_log_incomplete(0).rows() == 3U);
  BOOST_TEST(result.source_log_incomplete(0).key() == "(7)");
  BOOST_TEST(result.source_log_incomplete(1).column() == "token");
  BOOST_TEST(result.source_log_incomplete(1).evidence() == "The stream shows nothing of it.");
}

BOOST_AUTO_TEST_CASE(every_change_went_somewhere) {
  Bench bench;
  JudgeInputs in = bench.inputs();
  StreamCounts n;
  n.pipeline = "cdc";
  n.read = 100, n.snapshot = 10, n.replayed = 5, n.tapped = 2, n.held = 1, n.appended = 112;
  n.fetched = 110, n.refetched = 3;  // 107 of 112: five wait
  n.applied = 91, n.applied_again = 5, n.ignored = 4, n.abandoned = 6, n.under_way = 4;
  in.streams = {n};
  const result::Result result = judge(in);
  const result::Conservation& c = result.conservation(0);
  BOOST_TEST(c.in_flight() == 1U + 5U + 4U);
  BOOST_TEST(c.dropped() == 2U);
  BOOST_TEST(c.changes() == c.applied() + c.in_flight() + c.filtered() + c.dropped());
  BOOST_TEST(c.balanced());
}

}  // namespace rehearse::judging::test
