// How lag is, and is not, kept from looking like an error.
#include <boost/test/unit_test.hpp>

#include "tests/reconcile/fixture.h"

namespace rehearse::reconcile_test {
namespace {

// A world whose stream polls every ten minutes; row 3 changes a minute before the check at 1:00:00.5, row 5 while it
// runs (ten rows at ten a second: the reference is read at 1:00:00.5, the stream at 1:00:01.5).
std::vector<CheckRun> runs_with_lag(const std::string& align, const std::string& more = "") {
  WorldShape shape;
  shape.poll_every = minute * 7;
  Small small(shape);
  small.use(scenario_of("field_compare { comparison { between: ['source', 'stream_store'] align: " + align +
                        " runs { every_ns: 3600000000000 offset_ns: 3600500000000 } scan_rate_nano: 10000000000 " +
                        more + " } sample_ppb: 1000000000 }"));
  small.run(Time{0} + minute * 59);
  small.change(3);
  small.run(Time{0} + hour + second);
  small.change(5);
  small.run(Time{0} + hour + minute * 40);
  return small.reconciler->runs();
}

}  // namespace

BOOST_AUTO_TEST_CASE(naive_mistakes_lag_for_an_error) {
  const auto runs = runs_with_lag("NAIVE");
  BOOST_REQUIRE_EQUAL(runs.size(), 1U);
  BOOST_TEST(claimed(runs[0], scenario::MISMATCH) == std::vector<RowId>({3}), boost::test_tools::per_element());
  BOOST_TEST(runs[0].rows_compared == 10U);
  BOOST_TEST(runs[0].first_read.ns == (hour + millisecond * 500).ns);
  BOOST_TEST(runs[0].last_read.ns == (hour + millisecond * 1500).ns);
  BOOST_TEST(runs[0].reported.ns == (hour + millisecond * 2500).ns);
}

BOOST_AUTO_TEST_CASE(position_is_silent_about_lag_and_leaves_those_rows_out) {
  const auto runs = runs_with_lag("POSITION");
  BOOST_REQUIRE_EQUAL(runs.size(), 1U);
  BOOST_TEST(runs[0].data);
  BOOST_TEST(runs[0].discrepancies() == 0U);
  BOOST_TEST(runs[0].rows_unsettled == 2U);
  BOOST_TEST(runs[0].rows_compared == 8U);
}

BOOST_AUTO_TEST_CASE(as_of_is_silent_if_it_settles_for_longer_than_the_lag) {
  BOOST_TEST(runs_with_lag("AS_OF", "settle_ns: 600000000000").at(0).discrepancies() == 0U);
  const CheckRun early = runs_with_lag("AS_OF", "settle_ns: 600000000000").at(0);
  BOOST_TEST(early.first_read.ns == (minute * 50 + millisecond * 500).ns);
  const CheckRun late = runs_with_lag("AS_OF", "settle_ns: 10000000000").at(0);
  BOOST_TEST(claimed(late, scenario::MISMATCH) == std::vector<RowId>({3}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(quiesce_waits_until_the_stream_has_caught_up) {
  const auto runs = runs_with_lag("QUIESCE");
  BOOST_REQUIRE_EQUAL(runs.size(), 1U);
  BOOST_TEST(runs[0].data);
  BOOST_TEST(runs[0].discrepancies() == 0U);
  BOOST_TEST(runs[0].rows_compared == 10U);
  BOOST_TEST(runs[0].first_read.ns >= (hour + minute * 3).ns);  // the poll at 1:03:00
  BOOST_TEST(runs[0].first_read.ns < (hour + minute * 4).ns);
}

BOOST_AUTO_TEST_CASE(a_recheck_lets_lag_go_and_keeps_what_is_still_there) {
  const auto gone = runs_with_lag("NAIVE", "recheck { after_ns: 600000000000 times: 1 }");
  BOOST_REQUIRE_EQUAL(gone.size(), 1U);
  BOOST_TEST(gone[0].discrepancies() == 0U);
  BOOST_TEST(gone[0].found[scenario::TIMING] == 1U);
  BOOST_TEST(gone[0].reported.ns >= (hour + minute * 10).ns);
  const auto still = runs_with_lag("NAIVE", "recheck { after_ns: 1000000000 times: 3 }");
  BOOST_TEST(claimed(still.at(0), scenario::MISMATCH) == std::vector<RowId>({3}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(reread_forgives_what_the_source_has_by_now) {
  // Row 5 changes between the two reads and is visible at once: the reference shows the old row, the stream the new
  // one.
  const auto claims = [](const std::string& align) {
    WorldShape shape;
    shape.poll_every = millisecond;
    Small small(shape);
    small.use(scenario_of("keyed_hash { " + compared(align) + " }"));
    small.run(Time{0} + hour + millisecond * 200);
    small.change(5);
    small.run(Time{0} + hour + minute);
    return small.reconciler->runs().at(0).discrepancies();
  };
  BOOST_TEST(claims("NAIVE") == 1U);
  BOOST_TEST(claims("REREAD") == 0U);
}

// Ten rows at ten a second: the reference is read at 1:00:00.5, the stream at 1:00:01.5, and at 1:00:02.5 the source is
// asked for row 3 again, which takes 10 ms and 100 ms.
BOOST_AUTO_TEST_CASE(reread_asks_the_source_once_both_sides_are_read_and_takes_its_time) {
  const CheckRun run = runs_with_lag("REREAD").at(0);
  BOOST_TEST(claimed(run, scenario::MISMATCH) == std::vector<RowId>({3}), boost::test_tools::per_element());
  BOOST_TEST(run.last_read.ns == (hour + millisecond * 2500).ns);
  BOOST_TEST(run.reported.ns == (hour + millisecond * 2610).ns);
}

BOOST_AUTO_TEST_CASE(reread_goes_by_what_the_source_has_when_it_is_asked_again) {
  const auto claims = [](Duration gone_after) {
    WorldShape shape;
    shape.poll_every = minute * 7;
    Small small(shape);
    small.use(scenario_of("keyed_hash { " + compared("REREAD") + " }"));  // as above, from 1:00:00 on
    small.run(Time{0} + minute * 50);
    small.lose(3);
    small.run(Time{0} + hour + gone_after);
    small.change(3, Op::remove);
    small.run(Time{0} + hour + minute);
    return small.reconciler->runs().at(0).discrepancies();
  };
  // The stream is opened at 1:00:01, and its nine rows are read at 1:00:01.9, when the source is asked again.
  BOOST_TEST(claims(millisecond * 1800) == 0U);
  BOOST_TEST(claims(millisecond * 2100) == 1U);
}

BOOST_AUTO_TEST_CASE(window_cut_compares_the_rows_of_the_closed_window_alone) {
  // Ten rows, one an hour over the ten hours before the start: row 9 was created at -1 h, row 8 at -2 h, and so on.
  const auto count = [](const std::string& settle, const std::string& window, RowId lost) {
    Small small;
    small.use(scenario_of("row_count { " + compared("WINDOW_CUT", settle) + window + " }"));
    small.run(Time{0} + minute);
    small.lose(lost);
    small.run(Time{0} + hour + minute);
    return small.reconciler->runs().at(0);
  };
  const std::string four_hours = " of { column: 'created_at' last_ns: 14400000000000 }";  // [-3 h, 1 h) at 1:00
  BOOST_TEST(count("", four_hours, 9).discrepancies() == 1U);
  BOOST_TEST(count("", four_hours, 9).reference_rows == 3U);
  BOOST_TEST(count("", four_hours, 3).discrepancies() == 0U);
  const std::string settle = "settle_ns: 10800000000000";  // the window is [-6 h, -2 h)
  BOOST_TEST(count(settle, four_hours, 9).discrepancies() == 0U);
  BOOST_TEST(count(settle, four_hours, 6).discrepancies() == 1U);
  BOOST_TEST(count(settle, four_hours, 6).reference_rows == 4U);
}

BOOST_AUTO_TEST_CASE(a_batch_store_is_compared_on_what_its_extract_saw) {
  Small small;
  small.use(scenario_of(
      "keyed_hash { comparison { between: ['nightly_store', 'stream_store'] runs { every_ns: 86400000000000 "
      "offset_ns: 43200000000000 } scan_rate_nano: 10000000000 } }"));
  small.run(Time{0} + hour * 5);  // after the cycle at 2:00
  small.change(3);
  small.run(Time{0} + hour * 13);
  const CheckRun run = small.reconciler->runs().at(0);
  BOOST_TEST(run.discrepancies() == 0U);
  BOOST_TEST(run.rows_unsettled == 1U);
  small.lose(3);  // not compared before the next cycle
  small.lose(4);
  small.run(Time{0} + hour * 37);
  BOOST_TEST(claimed(small.reconciler->runs().at(1), scenario::MISSING) == std::vector<RowId>({3, 4}),
             boost::test_tools::per_element());
}

}  // namespace rehearse::reconcile_test
