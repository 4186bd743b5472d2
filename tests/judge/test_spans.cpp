#include <boost/test/unit_test.hpp>

#include "harness/judge/divergences.h"
#include "harness/judge/spans.h"
#include "harness/judge/words.h"
#include "tests/judge/bench.h"

namespace rehearse::judging::test {

BOOST_AUTO_TEST_CASE(spans_that_touch_become_one) {
  const Spans spans = merged({{h(5), h(6)}, {h(1), h(2)}, {h(2), h(3)}, {h(4), h(4)}});
  BOOST_REQUIRE_EQUAL(spans.size(), 2U);
  BOOST_TEST((spans[0].until == h(3)));
  BOOST_TEST((spans[1].from == h(5)));
}

BOOST_AUTO_TEST_CASE(a_span_holds_its_first_instant_and_not_its_last) {
  const Spans spans{{h(2), h(4)}};
  BOOST_TEST(touches(spans, h(1), h(2)));
  BOOST_TEST(!touches(spans, h(0), h(1)));
  BOOST_TEST(!touches(spans, h(4), h(9)));
  BOOST_TEST(touches(spans, h(3), h(3)));
}

BOOST_AUTO_TEST_CASE(intersections_are_common_to_both) {
  const Spans common = intersected({{h(0), h(4)}, {h(6), h(9)}}, {{h(3), h(7)}, {h(8), never}});
  BOOST_REQUIRE_EQUAL(common.size(), 3U);
  BOOST_TEST((common[0].from == h(3) && common[0].until == h(4)));
  BOOST_TEST((common[1].from == h(6) && common[1].until == h(7)));
  BOOST_TEST((common[2].from == h(8) && common[2].until == h(9)));
}

BOOST_AUTO_TEST_CASE(without_leaves_what_lies_in_none_of_the_others) {
  const Spans rest = without({{h(0), h(4)}, {h(6), h(9)}}, {{h(1), h(2)}, {h(3), h(7)}, {h(8), never}});
  BOOST_REQUIRE_EQUAL(rest.size(), 3U);
  BOOST_TEST((rest[0].from == h(0) && rest[0].until == h(1)));
  BOOST_TEST((rest[1].from == h(2) && rest[1].until == h(3)));
  BOOST_TEST((rest[2].from == h(7) && rest[2].until == h(8)));
  BOOST_TEST(without({{h(1), h(2)}}, {}).size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_first_free_stretch_is_long_enough) {
  const Spans spans{{h(1), h(2)}, {h(4), h(5)}};
  BOOST_TEST((first_free(spans, h(0), hour * 1) == h(2)));  // [0, 1] touches
  BOOST_TEST((first_free(spans, h(0), hour * 3) == h(5)));  // [2, 5) is cut short at 4
  BOOST_TEST((first_free(spans, h(7), hour * 3) == h(7)));
  BOOST_TEST(!first_free({{h(1), never}}, h(0), hour).has_value());
}

BOOST_AUTO_TEST_CASE(divergent_rows_are_counted_at_each_instant) {
  Bench bench;
  bench.divergent(new_one, 1, h(1), h(3));
  bench.divergent(new_one, 1, h(3), h(4));  // goes on without a gap: one row at any time
  bench.divergent(new_one, 2, h(2), never);
  bench.divergent(old_one, 3, h(2), h(5));
  bench.divergent(new_one, 4, h(100), never);  // while the world drains: no longer the rehearsal
  const Divergences d(bench.truth, h(100));
  BOOST_TEST(d.rows_at(new_one, h(0)) == 0U);
  BOOST_TEST(d.rows_at(new_one, h(1)) == 1U);
  BOOST_TEST(d.rows_at(new_one, h(2)) == 2U);
  BOOST_TEST(d.rows_at(new_one, h(3)) == 2U);
  BOOST_TEST(d.rows_at(new_one, h(4)) == 1U);
  BOOST_TEST(d.most_rows(new_one) == 2U);
  BOOST_TEST(d.rows_ever(new_one) == 2U);
  BOOST_TEST(d.rows_at_end(new_one) == 1U);
  BOOST_TEST(d.rows_at_end(old_one) == 0U);
  BOOST_TEST(d.most_rows(source_store) == 0U);
}

BOOST_AUTO_TEST_CASE(times_and_numbers_read_well) {
  BOOST_TEST(when(h(18 * 24 + 10) + minute * 7) == "day 18, 10:07");
  BOOST_TEST(when(Time{} + millisecond * 2'500) == "2.5s after the start");
  BOOST_TEST(duration(hour * 76) == "3d 4h");
  BOOST_TEST(duration(minute * 71 + second * 29) == "1h 11m");
  BOOST_TEST(duration(minute * 71 + second * 30) == "1h 12m");  // rounded, as reports do
  BOOST_TEST(duration(hour * 24 - second) == "1d");
  BOOST_TEST(duration(millisecond * 1'600) == "2s");
  BOOST_TEST(duration({}) == "0s");
  BOOST_TEST(count(20'160'332) == "20,160,332");
  BOOST_TEST(percent(9'999'999, 10'000'000) == "99.9999%");
  BOOST_TEST(percent(1, 0) == "n/a");
}

}  // namespace rehearse::judging::test
