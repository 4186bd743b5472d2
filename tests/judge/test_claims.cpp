#include <boost/test/unit_test.hpp>

#include "harness/judge/claims.h"
#include "tests/judge/bench.h"

namespace rehearse::judging::test {
namespace {

std::vector<CheckScore> scores_of(const Bench& bench) { return score_checks(Case(bench.inputs())); }

// Whether one claim about row 7, made by a run that reads at 10 h and reports at 12 h, is right.
bool claim_is_right(Time from, Time until, StoreId store = new_one) {
  Bench bench;
  bench.check();
  bench.divergent(store, 7, from, until);
  bench.run(0, h(10), h(12), {claim(7)});
  return scores_of(bench)[0].right == 1;
}

// Whether an interval counts for recall.
bool counts(Time from, Time until) {
  Bench bench;
  bench.check();
  bench.divergent(new_one, 7, from, until);
  bench.run(0, h(10), h(12));
  return scores_of(bench)[0].covering == 1;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_claim_is_right_if_its_row_was_divergent_at_some_moment_of_the_run) {
  BOOST_TEST(claim_is_right(h(11), h(11) + nanosecond));
  BOOST_TEST(claim_is_right(h(0), never));
  BOOST_TEST(claim_is_right(h(12), h(13)));                // at the report itself
  BOOST_TEST(claim_is_right(h(9), h(10) + nanosecond));    // at the first read itself
  BOOST_TEST(!claim_is_right(h(9), h(10)));                // right again when it was read
  BOOST_TEST(!claim_is_right(h(12) + nanosecond, h(13)));  // not yet when it was reported
}

BOOST_AUTO_TEST_CASE(a_claim_may_be_about_either_side_that_the_check_reads_and_no_other) {
  Bench bench;
  bench.check("field_compare", old_one, new_one);
  bench.divergent(old_one, 7, h(0), never);
  bench.run(0, h(10), h(12), {claim(7), claim(8)});
  BOOST_TEST(scores_of(bench)[0].right == 1U);
  BOOST_TEST(scores_of(bench)[0].false_alarms_in_all() == 1U);
  BOOST_TEST(!claim_is_right(h(0), never, old_one));  // that check compares the source with the new store
}

BOOST_AUTO_TEST_CASE(a_claim_without_a_row_is_right_if_any_row_of_its_table_was_divergent) {
  Bench bench;
  const auto counts = bench.check("row_count");
  bench.divergent(new_one, 3, h(11), h(13), "", Kind::missing);
  bench.run(counts, h(1), h(2), {claim_of_table()});
  bench.run(counts, h(10), h(12), {claim_of_table()});
  const CheckScore score = scores_of(bench)[0];
  BOOST_TEST(score.claims == 2U);
  BOOST_TEST(score.right == 1U);
  BOOST_REQUIRE_EQUAL(score.delays.size(), 1U);
  BOOST_TEST((score.delays[0] == hour * 1));
}

BOOST_AUTO_TEST_CASE(a_row_count_never_catches_a_mismatch) {
  Bench bench;
  const auto counts = bench.check("row_count");
  const auto sums = bench.check("aggregate");
  bench.divergent(new_one, 3, h(0), never, "", Kind::mismatch);
  bench.divergent(new_one, 4, h(0), never, "", Kind::missing);
  bench.run(counts, h(10), h(12), {claim_of_table()});
  bench.run(sums, h(10), h(12), {claim_of_table()});
  BOOST_TEST(scores_of(bench)[0].covering == 2U);
  BOOST_TEST(scores_of(bench)[0].covering_caught == 1U);
  BOOST_TEST(scores_of(bench)[1].covering_caught == 2U);
}

BOOST_AUTO_TEST_CASE(a_duplicate_is_right_only_of_a_row_that_is_there_too_often) {
  Bench bench;
  bench.check("duplicates", std::nullopt);
  bench.divergent(new_one, 1, h(0), never, "", Kind::duplicate);
  bench.divergent(new_one, 2, h(0), never, "", Kind::mismatch);
  bench.run(0, h(10), h(12), {claim(1, scenario::DUPLICATE), claim(2, scenario::DUPLICATE)});
  BOOST_TEST(scores_of(bench)[0].right == 1U);
}

BOOST_AUTO_TEST_CASE(a_claim_of_timing_is_excused_while_a_side_is_stale) {
  Bench bench;
  bench.check();
  bench.stale(new_one, h(9), h(11));
  bench.run(0, h(10), h(12), {claim(7, scenario::TIMING)});
  bench.run(0, h(11), h(13), {claim(7, scenario::TIMING)});  // the staleness ended just then
  const CheckScore score = scores_of(bench)[0];
  BOOST_TEST(score.claims == 1U);
  BOOST_TEST(score.false_alarms_in_all() == 1U);
  BOOST_TEST(score.classes[scenario::TIMING].claims == 2U);
  BOOST_TEST(score.classes[scenario::TIMING].right == 1U);
}

BOOST_AUTO_TEST_CASE(what_a_recheck_withdrew_is_no_claim) {
  Bench bench;
  bench.check();
  bench.run(0, h(10), h(12)).found[scenario::TIMING] = 5;
  const CheckScore score = scores_of(bench)[0];
  BOOST_TEST(score.claims == 0U);
  BOOST_TEST(score.withdrawn == 5U);
}

BOOST_AUTO_TEST_CASE(recall_is_over_intervals_that_covered_a_whole_run) {
  BOOST_TEST(counts(h(10), h(12) + nanosecond));  // from the first read itself
  BOOST_TEST(!counts(h(10) + nanosecond, never));
  BOOST_TEST(!counts(h(0), h(12)));  // right again at the report
  BOOST_TEST(counts(h(0), never));
}

BOOST_AUTO_TEST_CASE(any_run_that_lies_within_an_interval_counts) {
  Bench bench;
  bench.check();
  bench.divergent(new_one, 7, h(11), h(25));
  for (int i = 0; i < 5; ++i) bench.run(0, h(10 * i), h(10 * i + 2));  // 0, 10, 20, 30, 40
  BOOST_TEST(scores_of(bench)[0].covering == 1U);                      // by the one at 20 h
}

BOOST_AUTO_TEST_CASE(runs_without_data_neither_count_nor_claim) {
  Bench bench;
  bench.check();
  bench.divergent(new_one, 7, h(0), never);
  bench.run(0, h(10), h(12)).data = false;
  const CheckScore score = scores_of(bench)[0];
  BOOST_TEST(score.runs == 1U);
  BOOST_TEST(score.runs_without_data == 1U);
  BOOST_TEST(score.covering == 0U);
}

BOOST_AUTO_TEST_CASE(an_interval_is_caught_once_and_late) {
  Bench bench;
  bench.check();
  bench.divergent(new_one, 7, h(3), h(40));
  bench.divergent(new_one, 8, h(3), h(40));
  bench.run(0, h(10), h(12));
  bench.run(0, h(20), h(22), {claim(7)});
  bench.run(0, h(30), h(32), {claim(7)});
  const CheckScore score = scores_of(bench)[0];
  BOOST_TEST(score.right == 2U);
  BOOST_TEST(score.covering == 2U);
  BOOST_TEST(score.covering_caught == 1U);
  BOOST_REQUIRE_EQUAL(score.delays.size(), 1U);
  BOOST_TEST((score.delays[0] == hour * 19));  // to the first right claim's report
}

BOOST_AUTO_TEST_CASE(each_interval_of_a_row_is_its_own) {
  Bench bench;
  bench.check();
  bench.divergent(new_one, 7, h(0), h(15));
  bench.divergent(new_one, 7, h(18), h(40));
  bench.run(0, h(10), h(12));
  bench.run(0, h(20), h(22), {claim(7)});
  const CheckScore score = scores_of(bench)[0];
  BOOST_TEST(score.covering == 2U);
  BOOST_TEST(score.covering_caught == 1U);
}

BOOST_AUTO_TEST_CASE(a_check_in_the_result_tells_recall_only_where_it_can_be_told) {
  Bench bench;
  bench.check();
  bench.check("sampled_hash");
  bench.check("freshness", std::nullopt);
  bench.divergent(new_one, 7, h(0), never);
  for (std::uint32_t check = 0; check < 3; ++check) bench.run(check, h(10), h(12));
  const result::Result result = bench.judged();
  BOOST_TEST(result.checks(0).recall_in_sample().denominator() == 1U);
  BOOST_TEST(result.checks(1).recall_in_sample().denominator() == 0U);  // n/a
  BOOST_TEST(result.checks(1).recall_in_population().denominator() == 1U);
  BOOST_TEST(result.checks(1).judged());
  BOOST_TEST(!result.checks(2).judged());
  BOOST_TEST(!result.checks(0).has_delay());  // nothing was caught
}

BOOST_AUTO_TEST_CASE(many_intervals_runs_and_claims_are_judged_without_waiting) {
  Bench bench;
  bench.check();
  constexpr RowId rows = 300'000;
  for (RowId row = 0; row < rows; ++row)
    bench.truth.intervals.push_back(
        {new_one, orders, row, Time{row * 1'000}, Time{row * 1'000 + 50'000'000}, 0, Kind::mismatch});
  bench.runs.reserve(5'000);
  for (std::int64_t i = 0; i < 5'000; ++i) {
    std::vector<Claim> claims;
    for (RowId k = 0; k < 60; ++k) claims.push_back(claim(static_cast<RowId>(i) * 60 + k));
    CheckRun run;
    run.first_read = Time{i * 60'000};
    run.reported = Time{i * 60'000 + 60'000};
    run.data = true;
    run.claims = claims;
    bench.runs.push_back(run);
  }
  const CheckScore score = scores_of(bench)[0];
  BOOST_TEST(score.claims == 300'000U);
  BOOST_TEST(score.right == 300'000U);
  BOOST_TEST(score.covering_caught == score.covering);
}

BOOST_AUTO_TEST_CASE(a_claim_about_a_range_is_right_of_its_rows_and_catches_no_others) {
  const auto scored = [](RowId first, RowId last) {
    Bench bench;
    bench.check("checksum");
    bench.divergent(new_one, 7, h(0), never);
    bench.divergent(new_one, 9, h(0), never);
    Claim claim = claim_of_table();
    claim.about = Claim::About::range;
    claim.row = first;
    claim.other = last;
    bench.run(0, h(10), h(12), {claim});
    return scores_of(bench)[0];
  };
  BOOST_TEST(scored(5, 7).right == 1U);
  BOOST_TEST(scored(5, 7).covering_caught == 1U);
  BOOST_TEST(scored(5, 9).covering_caught == 2U);
  BOOST_TEST(scored(8, 8).right == 0U);
  BOOST_TEST(scored(8, 8).covering == 2U);
  BOOST_TEST(scored(10, no_key).right == 0U);
}

BOOST_AUTO_TEST_CASE(a_claim_about_an_orphan_is_right_if_the_child_or_the_parent_was_divergent) {
  const auto right = [](RowId child, RowId parent) {
    Bench bench;
    bench.check("referential");
    bench.divergent(new_one, 7, h(0), never);
    Claim pair = claim(child, scenario::MISSING);
    pair.about = Claim::About::pair;
    pair.other_table = orders;
    pair.other = parent;
    bench.run(0, h(10), h(12), {pair});
    return scores_of(bench)[0].right == 1;
  };
  BOOST_TEST(right(7, 3));
  BOOST_TEST(right(3, 7));
  BOOST_TEST(!right(3, 4));
}

BOOST_AUTO_TEST_CASE(a_claim_about_everything_is_right_if_any_row_of_the_checks_tables_was_divergent) {
  for (const auto& [from, right] : {std::pair{h(11), 1U}, std::pair{h(13), 0U}}) {
    Bench bench;
    bench.check("position_continuity", std::nullopt, new_one);
    bench.divergent(new_one, 7, from, never);
    Claim all = claim_of_table(scenario::MISSING);
    all.about = Claim::About::everything;
    bench.run(0, h(10), h(12), {all});
    BOOST_TEST(scores_of(bench)[0].right == right);
  }
}

BOOST_AUTO_TEST_CASE(a_claim_that_columns_differ_is_right_of_what_becomes_wrong_later_and_catches_it_only_then) {
  const auto scored = [](Time from, Time until) {
    Bench bench;
    bench.check("schema_compatibility", std::nullopt, new_one);
    bench.divergent(new_one, 7, from, until);
    bench.run(0, h(10), h(10), {claim_of_table(scenario::SCHEMA)});
    return scores_of(bench)[0];
  };
  BOOST_TEST(scored(h(20), never).right == 1U);
  BOOST_TEST(scored(h(20), never).delays.empty());
  BOOST_TEST(scored(h(5), never).right == 1U);
  BOOST_TEST(scored(h(5), never).delays.size() == 1U);
  BOOST_TEST(scored(h(1), h(9)).right == 0U);
}

}  // namespace rehearse::judging::test
