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

BOOST_AUTO_TEST_CASE(a_claim_about_a_figure_is_what_its_second_readings_told) {
  Bench bench;
  const auto counts = bench.check("row_count");
  bench.divergent(new_one, 3, h(11), h(23), "", Kind::missing);
  bench.divergent(new_one, 4, h(0), h(23), "", Kind::mismatch);  // which no count sees
  bench.run(counts, h(1), h(2), {claim_of_table()});
  bench.figures(bench.run(counts, h(12), h(13), {claim_of_table(), claim_of_table()}),
                {FigureVerdict::right, FigureVerdict::untold});
  bench.caught(bench.runs.back(), 3, h(11));
  const CheckScore score = scores_of(bench)[0];
  BOOST_TEST(score.claims == 3U);
  BOOST_TEST(score.right == 1U);
  BOOST_TEST(score.untold == 1U);
  BOOST_TEST(score.false_alarms_in_all() == 1U);  // the first: nothing was found out about it
  BOOST_TEST(score.covering == 2U);
  BOOST_TEST(score.covering_caught == 1U);
  BOOST_REQUIRE_EQUAL(score.delays.size(), 1U);
  BOOST_TEST((score.delays[0] == hour * 2));
}

BOOST_AUTO_TEST_CASE(a_claim_about_a_figure_that_lag_moved_is_late_while_a_side_is_stale_and_a_false_alarm_else) {
  Bench bench;
  const auto counts = bench.check("row_count");
  bench.stale(new_one, h(9), h(13));
  bench.figures(bench.run(counts, h(10), h(12), {claim_of_table()}), {FigureVerdict::wrong});
  bench.figures(bench.run(counts, h(20), h(22), {claim_of_table()}), {FigureVerdict::wrong});
  const CheckScore score = scores_of(bench)[0];
  BOOST_TEST(score.late == 1U);
  BOOST_TEST(score.false_alarms_in_all() == 1U);
  BOOST_TEST(score.classes[scenario::AGGREGATE].late == 1U);
}

BOOST_AUTO_TEST_CASE(a_claim_about_a_row_that_was_overdue_is_neither_right_nor_false) {
  Bench bench;
  bench.check();
  bench.divergent(new_one, 8, h(0), never);
  bench.run(0, h(10), h(12), {claim(7), claim(8), claim(9)});
  bench.credit.overdue.push_back({0, 1, orders, PackedRows({7, 8})});
  const CheckScore score = scores_of(bench)[0];
  BOOST_TEST(score.claims == 3U);
  BOOST_TEST(score.right == 1U);  // 8: late does not excuse what is divergent
  BOOST_TEST(score.late == 1U);   // 7
  BOOST_TEST(score.false_alarms_in_all() == 1U);
}

BOOST_AUTO_TEST_CASE(a_claim_catches_the_causes_in_the_columns_that_the_check_compares) {
  const auto by = [](std::uint64_t compares, std::uint64_t claimed) {
    Bench bench;
    bench.check();
    bench.checks[0].compares = {compares};
    bench.divergent(new_one, 7, h(0), never, "fault a");
    bench.truth.intervals.back().causes =
        bench.causes.unite(bench.causes.named("fault a"), bench.causes.named("fault b"));
    Claim said = claim(7);
    said.columns = claimed;
    bench.run(0, h(10), h(12), {said});
    const CheckScore score = scores_of(bench)[0];
    BOOST_TEST(score.right == 1U);  // the key was divergent, whatever the check looks at
    BOOST_TEST(score.covering_caught == (score.sightings[0].seen[0].by != 0 ? 1U : 0U));
    return score.sightings[0].seen[0].by;
  };
  BOOST_TEST(by(0b01, 0) == 0b01U);
  BOOST_TEST(by(0b10, 0) == 0b10U);
  BOOST_TEST(by(0b11, 0) == 0b11U);
  BOOST_TEST(by(0b100, 0) == 0U);
  BOOST_TEST(by(~std::uint64_t{0}, 0b10) == 0b10U);  // it says which columns differ
}

BOOST_AUTO_TEST_CASE(what_is_too_short_for_any_run_stands_beside_recall) {
  Bench bench;
  bench.check();
  bench.divergent(new_one, 1, h(13), h(19));
  bench.divergent(new_one, 2, h(0), never);
  bench.run(0, h(10), h(12));
  bench.run(0, h(20), h(22), {claim(2)});
  BOOST_TEST(scores_of(bench)[0].too_short == 1U);
  const result::Result result = bench.judged();
  BOOST_TEST(result.checks(0).too_short() == 1U);
  BOOST_TEST(result.checks(0).recall_in_population().denominator() == 1U);
  BOOST_TEST(result.checks(0).note().find("1 divergence was too short") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(clean_runs_of_a_sample_say_how_many_wrong_rows_they_would_have_missed) {
  Bench bench;
  bench.check("sampled_hash");  // of 5%
  for (int i = 0; i < 3; ++i) bench.run(0, h(10 * i), h(10 * i + 1));
  bench.run(0, h(30), h(31), {claim(7)});
  bench.run(0, h(40), h(41)).data = false;  // nothing was looked at
  for (int i = 5; i < 7; ++i) bench.run(0, h(10 * i), h(10 * i + 1));
  const result::SampleProof proof = bench.judged().checks(0).sample();
  BOOST_TEST(proof.clean_runs() == 2U);
  BOOST_TEST(proof.one_wrong_row_missed() == 0.9025, boost::test_tools::tolerance(1e-12));  // 0.95^2
  BOOST_TEST(proof.rows_found_at_95() == 30U);  // 0.95^58 = 5.1%, 0.95^60 = 4.6%
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
    CheckRun run;
    for (RowId k = 0; k < 60; ++k) run.claim(claim(static_cast<RowId>(i) * 60 + k));
    run.claims.pack();
    run.first_read = Time{i * 60'000};
    run.reported = Time{i * 60'000 + 60'000};
    run.data = true;
    bench.runs.push_back(run);
  }
  const CheckScore score = scores_of(bench)[0];
  BOOST_TEST(score.claims == 300'000U);
  BOOST_TEST(score.right == 300'000U);
  BOOST_TEST(score.covering_caught == score.covering);
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

BOOST_AUTO_TEST_CASE(a_claim_of_lost_records_is_right_of_rows_whose_newest_change_never_came_and_catches_no_others) {
  for (const auto& [from, right] : {std::pair{h(11), 1U}, std::pair{h(13), 0U}}) {
    Bench bench;
    bench.check("position_continuity", std::nullopt, new_one);
    bench.divergent(new_one, 7, from, never);
    bench.truth.intervals.back().state = {{5, 1, 0}, {4, 1, 0}, 0};  // the fifth write, and the fourth
    bench.divergent(new_one, 8, h(11), never);
    bench.truth.intervals.back().state = {{5, 1, 0}, {5, 2, 0}, 0};  // damaged
    Claim all = claim_of_table(scenario::MISSING);
    all.about = Claim::About::everything;
    bench.run(0, h(10), h(12), {all});
    const CheckScore score = scores_of(bench)[0];
    BOOST_TEST(score.right == right);
    BOOST_TEST(score.delays.size() == right);
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
