// Each kind of check on a world of ten rows: what it must find, and what must escape it.
#include <boost/test/unit_test.hpp>

#include "tests/reconcile/fixture.h"

namespace rehearse::reconcile_test {
namespace {

constexpr Time after_two_runs = Time{0} + hour * 2 + minute * 30;

// Runs a check twice over a world that `damage` has hurt before; the second run's report.
template <class Damage>
CheckRun second_run(const std::string& check, Damage damage) {
  Small small;
  small.use(scenario_of(check));
  small.run(Time{0} + minute);
  damage(small);
  small.run(after_two_runs);
  BOOST_REQUIRE_EQUAL(small.reconciler->runs().size(), 2U);
  BOOST_REQUIRE(small.reconciler->runs()[0].found == small.reconciler->runs()[1].found);
  return small.reconciler->runs()[1];
}

const std::string counts = "row_count { " + compared("POSITION") + " }";
const std::string fields = "field_compare { " + compared("POSITION") + " sample_ppb: 1000000000 }";
const std::string hashes = "keyed_hash { " + compared("POSITION") + " }";
const std::string observed =
    "observation { of: 'stream_store' runs { every_ns: 3600000000000 offset_ns: 3600000000000 } } ";
const std::string duplicates = "duplicates { " + observed + " scan_rate_nano: 10000000000 }";

std::string sums(const std::string& measures, const std::string& more = "") {
  return "aggregate { " + compared("POSITION") + measures + more + " }";
}

const auto one_missing_one_twice = [](Small& small) {
  small.lose(2);
  small.duplicate(7);
};

std::vector<RowId> rows(std::initializer_list<RowId> list) { return list; }

}  // namespace

BOOST_AUTO_TEST_CASE(no_check_claims_anything_of_equal_sides) {
  for (const std::string& check : {counts, fields, hashes, duplicates, sums("measures { sum: 'amount' }")}) {
    const CheckRun run = second_run(check, [](Small&) {});
    BOOST_TEST(run.data);
    BOOST_TEST(run.discrepancies() == 0U);
    BOOST_TEST(run.rows_compared == 10U);
  }
}

BOOST_AUTO_TEST_CASE(a_count_sees_rows_that_are_missing) {
  const CheckRun run = second_run(counts, [](Small& small) { small.lose(2), small.lose(9); });
  BOOST_TEST(run.found[scenario::AGGREGATE] == 2U);
  BOOST_TEST(run.claims.size() == 1U);
  BOOST_TEST(run.reference_rows == 10U);
  BOOST_TEST(run.trial_rows == 8U);
}

BOOST_AUTO_TEST_CASE(one_missing_and_one_twice_cancel_in_a_count_and_in_no_other_check) {
  BOOST_TEST(second_run(counts, one_missing_one_twice).discrepancies() == 0U);
  for (const std::string& check : {fields, hashes}) {
    const CheckRun run = second_run(check, one_missing_one_twice);
    BOOST_TEST(claimed(run, scenario::MISSING) == rows({2}), boost::test_tools::per_element());
    BOOST_TEST(claimed(run, scenario::DUPLICATE) == rows({7}), boost::test_tools::per_element());
    BOOST_TEST(run.discrepancies() == 2U);
  }
  BOOST_TEST(claimed(second_run(duplicates, one_missing_one_twice), scenario::DUPLICATE) == rows({7}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_count_tolerates_what_it_is_told_to) {
  const auto lose_one = [](Small& small) { small.lose(4); };
  BOOST_TEST(second_run("row_count { " + compared("POSITION") + " tolerance { rows: 1 } }", lose_one).discrepancies() ==
             0U);
  BOOST_TEST(second_run("row_count { " + compared("POSITION") + " tolerance { share_ppb: 100000000 } }", lose_one)
                 .discrepancies() == 0U);
  BOOST_TEST(second_run("row_count { " + compared("POSITION") + " tolerance { share_ppb: 99999999 } }", lose_one)
                 .discrepancies() == 1U);
}

BOOST_AUTO_TEST_CASE(null_against_a_value_is_a_difference_and_a_field_compare_names_its_column) {
  const auto to_null = [](Small& small) { small.alter(5, status, AlterationKind::null); };
  const CheckRun run = second_run(fields, to_null);
  BOOST_TEST(claimed(run, scenario::MISMATCH) == rows({5}), boost::test_tools::per_element());
  BOOST_TEST(run.claims.list()[0].names(status));
  BOOST_TEST(!run.claims.list()[0].names(amount));
  BOOST_TEST(second_run(hashes, to_null).claims.list()[0].columns == 0U);
  BOOST_TEST(second_run(counts, to_null).discrepancies() == 0U);
}

BOOST_AUTO_TEST_CASE(a_check_of_some_columns_is_blind_to_the_others) {
  const auto shift = [](Small& small) { small.alter(5, amount, AlterationKind::shifted); };
  const std::string of_status = "keyed_hash { " + compared("POSITION") + " columns: 'status' }";
  const std::string of_amount = "keyed_hash { " + compared("POSITION") + " columns: 'amount' }";
  BOOST_TEST(second_run(of_status, shift).discrepancies() == 0U);
  BOOST_TEST(second_run(of_amount, shift).found[scenario::MISMATCH] == 1U);
}

BOOST_AUTO_TEST_CASE(a_row_that_the_source_no_longer_has_is_extra) {
  Small small;
  small.use(scenario_of(fields));
  small.run(Time{0} + minute);
  const Cell ghost = small.source_cell(6);
  small.change(6, Op::remove);
  small.run(Time{0} + minute * 2);
  small.put(6, ghost);
  small.run(after_two_runs);
  BOOST_TEST(claimed(small.reconciler->runs()[0], scenario::EXTRA) == rows({6}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_fixed_pace_of_fresh_samples_misses_a_rare_fault_mostly_but_not_for_ever) {
  WorldShape shape;
  shape.rows = 1000;
  Small small(shape);
  small.use(scenario_of("sampled_hash { " + compared("POSITION") + " sample_ppb: 100000000 }"));
  small.run(Time{0} + minute);
  small.lose(500);
  small.run(Time{0} + hour * 100 + minute * 30);
  std::uint64_t found = 0, compared_rows = 0;
  for (const CheckRun& run : small.reconciler->runs()) {
    found += run.discrepancies();
    compared_rows += run.rows_compared;
  }
  BOOST_REQUIRE_EQUAL(small.reconciler->runs().size(), 100U);
  BOOST_TEST(found > 0U);   // 0.9^100: not once in 37,000 worlds
  BOOST_TEST(found < 25U);  // about 10 of 100
  BOOST_TEST(compared_rows > 9'000U);
  BOOST_TEST(compared_rows < 11'000U);
}

BOOST_AUTO_TEST_CASE(an_aggregate_sees_what_changes_its_sum_and_is_blind_to_what_does_not) {
  const auto shift = [](Small& small) { small.alter(5, amount, AlterationKind::shifted); };
  const auto to_null = [](Small& small) { small.alter(5, status, AlterationKind::null); };
  const CheckRun run = second_run(sums("measures { sum: 'amount' }"), shift);
  BOOST_TEST(run.found[scenario::AGGREGATE] == 1U);
  BOOST_REQUIRE_EQUAL(run.aggregates.size(), 1U);
  BOOST_TEST(run.aggregates[0].trial - run.aggregates[0].reference == 0.01, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(second_run(sums("measures { sum: 'amount' }"), to_null).discrepancies() == 0U);
  BOOST_TEST(second_run(sums("measures { nulls: 'status' }"), to_null).discrepancies() == 1U);
  BOOST_TEST(second_run(sums("measures { sum: 'amount' }", " tolerance_ppb: 100000000"), shift).discrepancies() == 0U);
  BOOST_TEST(second_run(sums("measures { sum: 'amount' } measures { max: 'id' } measures { distinct: 'id' }",
                             "group_by: 'id'"),
                        shift)
                 .discrepancies() == 1U);
}

BOOST_AUTO_TEST_CASE(columns_that_ought_to_be_unique_are_grouped_by_their_values) {
  Small small;
  small.run(Time{0} + minute);
  ReadView view(small.world);
  const Reading reading = view.open(small.stream, orders);
  BOOST_TEST(view.duplicates(reading, {id}).empty());
  BOOST_TEST(view.duplicates(reading, {created_at}).size() ==
             9U);  // all alike: every row but the first is one too many
  view.close(reading);
}

BOOST_AUTO_TEST_CASE(a_store_whose_initial_snapshot_is_being_written_gives_no_data) {
  WorldShape shape;
  shape.service_time = hour;
  for (const std::string& check :
       {counts, fields, duplicates, "freshness { " + observed + " }", sums("measures { sum: 'amount' }")}) {
    Small small(shape);
    small.use(scenario_of(check, "metrics { name: 'm' from: 'c' }"));
    small.run(Time{0} + hour + minute);
    BOOST_REQUIRE_EQUAL(small.reconciler->runs().size(), 1U);
    BOOST_TEST(!small.reconciler->runs()[0].data);
    BOOST_TEST(!small.reconciler->metrics().series(0).samples[0].data);
  }
}

BOOST_AUTO_TEST_CASE(latency_is_of_the_interval_and_freshness_of_the_instant) {
  WorldShape shape;
  shape.poll_every = minute * 7;
  Small small(shape);
  small.use(scenario_of("latency { " + observed + " percentile_ppb: 950000000 }",
                        "checks { name: 'age' freshness { " + observed +
                            " } } metrics { name: 'p95' from: 'c' } metrics { name: 'age' from: 'age' }"));
  small.run(Time{0} + minute * 57);
  small.change(3);  // polled at 1:03:00, and visible then
  small.run(Time{0} + minute * 119 + second * 30);
  small.change(4);  // polled at 2:06:00
  small.run(Time{0} + hour * 3 + minute);
  const MetricStore& metrics = small.reconciler->metrics();
  const auto& p95 = metrics.series(*metrics.find("p95")).samples;
  const auto& age = metrics.series(*metrics.find("age")).samples;
  BOOST_REQUIRE_EQUAL(p95.size(), 3U);
  BOOST_REQUIRE_EQUAL(age.size(), 3U);
  BOOST_TEST(!p95[0].data);  // nothing had become visible by 1:00:00
  BOOST_TEST(age[0].value == 180e9);
  BOOST_TEST(p95[1].data);
  BOOST_TEST(p95[1].value >= 360e9);
  BOOST_TEST(p95[1].value < 370e9);
  BOOST_TEST(age[1].value == 30e9);
  for (const CheckRun& run : small.reconciler->runs())
    if (run.check == 0 && run.number > 1) BOOST_TEST(run.changes == 1U);
  BOOST_TEST(p95[2].value >= 390e9);  // without the change of the interval before
  BOOST_TEST(age[2].value == 0);
}

}  // namespace rehearse::reconcile_test
