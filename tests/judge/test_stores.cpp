#include <algorithm>
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

BOOST_AUTO_TEST_CASE(a_long_series_is_told_by_means_with_every_extreme_and_a_gap) {
  std::vector<Point> points;
  for (int i = 0; i < 100'000; ++i) points.push_back({Time{i}, 5});
  points[77'777].value = 900;
  points[12'345].value = -3;
  points[50'001].value = std::numeric_limits<double>::quiet_NaN();
  result::Series series;
  write_points(points, series);
  BOOST_TEST(series.values_size() <= 2'000);
  BOOST_REQUIRE_EQUAL(series.least_size(), series.values_size());
  BOOST_REQUIRE_EQUAL(series.greatest_size(), series.values_size());
  int gaps = 0;
  for (int i = 0; i < series.values_size(); ++i) {
    if (std::isnan(series.values(i))) {
      ++gaps;
      BOOST_TEST(series.times_ns(i) == 50'001);
    }
    // 64 samples in each: 100,000 by stretches of 32 would be 3,125 points.
    if (series.greatest(i) == 900) BOOST_TEST(series.values(i) == (63 * 5 + 900) / 64.0);
    if (series.least(i) == -3) BOOST_TEST(series.values(i) == (63 * 5 - 3) / 64.0);
    BOOST_REQUIRE((i == 0 || series.times_ns(i - 1) < series.times_ns(i)));
  }
  BOOST_TEST(gaps == 1);
  BOOST_TEST(*std::max_element(series.greatest().begin(), series.greatest().end()) == 900);
  BOOST_TEST(*std::min_element(series.least().begin(), series.least().end()) == -3);
  result::Series few;
  write_points({points.begin(), points.begin() + 2'000}, few);
  BOOST_TEST(few.values_size() == 2'000);
  BOOST_TEST(few.least_size() == 0);
}

// 4,000 times one row is wrong for a second and right for three: a quarter of a row on average, whatever is merged.
BOOST_AUTO_TEST_CASE(many_steps_are_told_by_means_over_time) {
  std::vector<Step> steps;
  for (int i = 0; i < 4'000; ++i) {
    steps.push_back({Time{} + second * (4 * i), 1});
    steps.push_back({Time{} + second * (4 * i + 1), 0});
  }
  result::Series series;
  write_steps(steps, Time{} + second * 16'000, series);
  BOOST_REQUIRE(series.values_size() > 100 && series.values_size() <= 2'000);
  for (int i = 1; i + 1 < series.values_size(); ++i) {
    BOOST_REQUIRE_CLOSE(series.values(i), 0.25, 1e-6);
    BOOST_REQUIRE_EQUAL(series.least(i), 0);
    BOOST_REQUIRE_EQUAL(series.greatest(i), 1);
  }
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
  n.fetched = 110, n.refetched = 7;  // 103 of 112: nine wait, one of which had been written before
  n.applied = 92, n.applied_again = 4, n.ignored = 4, n.abandoned = 6, n.under_way = 4;
  n.not_first = 1;  // the fifth of the replayed
  n.unread = 7;
  n.not_visible = 7 + 1 + 9 + 4 - 1;  // unread, held, waiting and under way
  in.streams = {n};
  const result::Result result = judge(in);
  const result::Conservation& c = result.conservation(0);
  BOOST_TEST(c.changes() == 100U + 10U + 7U);
  BOOST_TEST(c.in_flight() == 20U);
  BOOST_TEST(c.dropped() == 2U);
  BOOST_TEST(c.filtered() == 4U);  // one of them had come before
  BOOST_TEST(c.balanced());
}

}  // namespace rehearse::judging::test
