// Checksums, by table, by chunk and by bisection, key coverage and distinct counts on a world of ten rows: what each
// finds, and what escapes it for the reason that it escapes it in a database.
#include <boost/test/unit_test.hpp>

#include "harness/reconcile/checksum.h"
#include "tests/reconcile/fixture.h"

namespace rehearse::reconcile_test {
namespace {

// Runs a check once over a world that `damage` has hurt before.
template <class Damage>
CheckRun run_over(const std::string& check, Damage damage) {
  Small small;
  small.use(scenario_of(check));
  small.run(Time{0} + minute);
  damage(small);
  small.run(Time{0} + hour * 1 + minute * 30);
  BOOST_REQUIRE_EQUAL(small.reconciler->runs().size(), 1U);
  BOOST_REQUIRE(small.reconciler->runs()[0].data);
  return small.reconciler->runs()[0];
}

std::string checksum(const std::string& more) { return "checksum { " + compared("POSITION") + more + " }"; }
std::string coverage(const std::string& direction) {
  return "key_coverage { " + compared("POSITION") + " look_for: " + direction + " }";
}
const std::string counts = "row_count { " + compared("POSITION") + " }";
const std::string duplicates =
    "duplicates { observation { of: 'stream_store' runs { every_ns: 3600000000000 offset_ns: 3600000000000 } } "
    "scan_rate_nano: 10000000000 }";

std::vector<RowId> rows(std::initializer_list<RowId> list) { return list; }

// One row missing, one changed, one there twice.
const auto three_kinds = [](Small& small) {
  small.lose(2);
  small.alter(7, amount, AlterationKind::shifted);
  small.duplicate(4);
};

}  // namespace

BOOST_AUTO_TEST_CASE(equal_sides_have_equal_sums) {
  for (const char* options :
       {"combine: SUM hash_key: true", "combine: XOR hash_key: false", "hash_key: true chunks { rows: 3 split: 1 }",
        "hash_key: true chunks { rows: 4 split: 2 down_to: 1 }"}) {
    const CheckRun run = run_over(checksum(options), [](Small&) {});
    BOOST_TEST(run.discrepancies() == 0U, options);
    BOOST_TEST(run.rows_compared == 10U, options);
    BOOST_TEST(run.rounds == 1U, options);
  }
}

BOOST_AUTO_TEST_CASE(a_checksum_of_a_table_is_one_claim_about_the_table) {
  const CheckRun run = run_over(checksum("hash_key: true"), three_kinds);
  BOOST_REQUIRE_EQUAL(run.claims.size(), 1U);
  BOOST_TEST(run.found[scenario::AGGREGATE] == 1U);
  BOOST_TEST(!run.claims.list()[0].names_row());
  BOOST_TEST((run.claims.list()[0].about == Claim::About::row));
}

// All rows have the same created_at. Two of them lose it: {A,A,…} and {C,C,…}.
BOOST_AUTO_TEST_CASE(an_exclusive_or_without_the_key_is_blind_to_an_even_number_of_equal_rows) {
  const auto two = [](Small& small) {
    small.alter(2, created_at, AlterationKind::null);
    small.alter(7, created_at, AlterationKind::null);
  };
  const auto three = [](Small& small) {
    for (const RowId row : {2U, 5U, 7U}) small.alter(row, created_at, AlterationKind::null);
  };
  const std::string column = "columns: 'created_at' ";
  BOOST_TEST(run_over(checksum(column + "combine: XOR hash_key: false"), two).discrepancies() == 0U);
  BOOST_TEST(run_over(checksum(column + "combine: XOR hash_key: false"), three).discrepancies() == 1U);
  BOOST_TEST(run_over(checksum(column + "combine: XOR hash_key: true"), two).discrepancies() == 1U);
  BOOST_TEST(run_over(checksum(column + "combine: SUM hash_key: false"), two).discrepancies() == 1U);
}

BOOST_AUTO_TEST_CASE(an_exclusive_or_counts_rows_so_that_a_copy_shows_all_the_same) {
  BOOST_TEST(run_over(checksum("combine: XOR hash_key: true"), [](Small& small) {
               small.duplicate(4);
             }).discrepancies() == 1U);
}

BOOST_AUTO_TEST_CASE(a_chunk_that_differs_is_one_claim_about_its_range) {
  const std::string chunked = checksum("hash_key: true chunks { rows: 3 split: 1 }");
  const CheckRun run = run_over(chunked, [](Small& small) { small.lose(9); });  // in the last, short chunk
  BOOST_REQUIRE_EQUAL(run.claims.size(), 1U);
  BOOST_TEST((run.claims.list()[0].about == Claim::About::range));
  BOOST_TEST(run.claims.list()[0].row <= 9U);
  BOOST_TEST(run.claims.list()[0].row > 6U);
  BOOST_TEST(run.claims.list()[0].other >= 9U);
  BOOST_TEST(run_over(chunked, three_kinds).discrepancies() == 3U);  // rows 2, 4 and 7 lie in three chunks
}

BOOST_AUTO_TEST_CASE(chunks_hold_every_key_once) {
  checksums::Rows reference;
  for (RowId row = 3; row < 40; row += 4) reference.push_back({row, 1, row * 7U});
  for (const std::uint64_t size : {1U, 3U, 9U, 10U, 11U}) {
    const std::vector<checksums::Range> chunks = checksums::chunks_of(reference, size);
    BOOST_TEST(chunks.size() == (reference.size() + size - 1) / size);
    BOOST_TEST(chunks.front().first == 0U);
    BOOST_TEST(chunks.back().last == no_key);
    for (std::size_t i = 1; i < chunks.size(); ++i) BOOST_TEST(chunks[i].first == chunks[i - 1].last + 1);
  }
}

BOOST_AUTO_TEST_CASE(bisection_goes_down_to_the_rows_that_a_comparison_by_key_finds) {
  const auto ghost_as_well = [](Small& small) {
    three_kinds(small);
    small.put(11, small.source_cell(1));  // a key beyond all that the source has
  };
  for (const char* options :
       {"hash_key: true chunks { rows: 10 split: 2 down_to: 1 }",
        "hash_key: true chunks { rows: 4 split: 3 down_to: 2 }", "hash_key: true chunks { like: DATA_DIFF }"}) {
    const CheckRun run = run_over(checksum(options), ghost_as_well);
    BOOST_TEST(claimed(run, scenario::MISSING) == rows({2}), boost::test_tools::per_element());
    BOOST_TEST(claimed(run, scenario::MISMATCH) == rows({7}), boost::test_tools::per_element());
    BOOST_TEST(claimed(run, scenario::DUPLICATE) == rows({4}), boost::test_tools::per_element());
    BOOST_TEST(claimed(run, scenario::EXTRA) == rows({11}), boost::test_tools::per_element());
    BOOST_TEST(run.discrepancies() == 4U);
  }
}

BOOST_AUTO_TEST_CASE(bisection_tells_what_it_costs_and_takes_the_time) {
  const std::string whole = checksum("hash_key: true");
  const std::string halves =
      checksum("hash_key: true chunks { rows: 100 split: 2 down_to: 1 round_trip_ns: 200000000 }");
  const auto one = [](Small& small) { small.alter(7, amount, AlterationKind::shifted); };
  const CheckRun once = run_over(whole, one);
  const CheckRun run = run_over(halves, one);
  BOOST_TEST(once.rows_read == 20U);
  BOOST_TEST(once.rounds == 1U);
  // 10 rows, 5 + 5, then of the half that differs 2 + 3, and so on, on both sides; at the end one row by itself.
  BOOST_TEST(run.rounds == 4U);
  BOOST_TEST(run.rows_read >= 20U + 20U + 10U + 4U + 2U);
  // The scan rate is ten rows a second.
  const Duration more = (run.reported - run.started) - (once.reported - once.started);
  BOOST_TEST(more.ns == static_cast<std::int64_t>(run.rows_read - 20) * 100'000'000 + 4 * 200'000'000);
}

BOOST_AUTO_TEST_CASE(a_recheck_of_a_bisection_asks_about_its_rows_again) {
  Small small;
  small.use(scenario_of("checksum { " + compared("POSITION", "recheck { after_ns: 60000000000 times: 1 }") +
                        "hash_key: true chunks { rows: 10 split: 2 down_to: 1 } }"));
  small.run(Time{0} + minute);
  const Cell right = small.stream_cell(3);
  small.lose(3);
  small.alter(7, amount, AlterationKind::shifted);
  small.run(Time{0} + hour + second * 30);
  small.put(3, right);
  small.run(Time{0} + hour + minute * 30);
  const CheckRun& run = small.reconciler->runs().at(0);
  BOOST_TEST(claimed(run, scenario::MISMATCH) == rows({7}), boost::test_tools::per_element());
  BOOST_TEST(run.discrepancies() == 1U);
  BOOST_TEST(run.found[scenario::TIMING] == 1U);
}

BOOST_AUTO_TEST_CASE(key_coverage_sees_keys_both_ways_and_nothing_else) {
  const auto damage = [](Small& small) {
    three_kinds(small);
    small.put(11, small.source_cell(1));
  };
  const CheckRun both = run_over(coverage("BOTH"), damage);
  BOOST_TEST(claimed(both, scenario::MISSING) == rows({2}), boost::test_tools::per_element());
  BOOST_TEST(claimed(both, scenario::EXTRA) == rows({11}), boost::test_tools::per_element());
  BOOST_TEST(both.discrepancies() == 2U);
}

BOOST_AUTO_TEST_CASE(an_anti_join_one_way_never_sees_what_lies_the_other_way) {
  const auto damage = [](Small& small) {
    small.lose(2);
    small.put(11, small.source_cell(1));
  };
  const CheckRun missing = run_over(coverage("ONLY_MISSING"), damage);
  const CheckRun extra = run_over(coverage("ONLY_EXTRA"), damage);
  BOOST_TEST(missing.found[scenario::MISSING] == 1U);
  BOOST_TEST(missing.discrepancies() == 1U);
  BOOST_TEST(extra.found[scenario::EXTRA] == 1U);
  BOOST_TEST(extra.discrepancies() == 1U);
  BOOST_TEST(run_over(counts, damage).discrepancies() == 0U);  // one missing and one too many cancel out
}

BOOST_AUTO_TEST_CASE(a_distinct_count_sees_a_value_that_is_gone_and_neither_copies_nor_keys) {
  const std::string distinct = "count_distinct { " + compared("POSITION") + " columns: 'status' }";
  const auto to_null = [](Small& small) { small.alter(5, status, AlterationKind::null); };
  const CheckRun run = run_over(distinct, to_null);
  BOOST_TEST(run.found[scenario::AGGREGATE] == 1U);
  BOOST_TEST(run.claims.list().at(0).names(status));
  BOOST_TEST(run_over(distinct, [](Small& small) { small.duplicate(4); }).discrepancies() == 0U);
  // The only one of these three that does.
  BOOST_TEST(run_over(counts, to_null).discrepancies() == 0U);
  BOOST_TEST(run_over(duplicates, to_null).discrepancies() == 0U);
}

BOOST_AUTO_TEST_CASE(a_recheck_may_be_named_after_the_tool_that_does_so) {
  struct Case {
    const char* tool;
    Duration waits;
  };
  for (const Case& given : {Case{"SYNC_DIFF_INSPECTOR", {}}, Case{"PT_TABLE_CHECKSUM", second},
                            Case{"SPIRIT", minute * 3}, Case{"AWS_DMS", second * 5}}) {
    Small small;
    small.use(
        scenario_of("key_coverage { " + compared("NAIVE", std::string("recheck { like: ") + given.tool + " }") + " }"));
    small.run(Time{0} + minute);
    small.lose(2);
    small.run(Time{0} + hour + minute * 30);
    const CheckRun& run = small.reconciler->runs().at(0);
    const int again = given.waits.ns == 0 ? 0 : given.waits.ns > minute.ns ? 3 : 1;
    BOOST_TEST(run.discrepancies() == 1U);
    // Ten rows on one side and nine on the other, then the row alone on both, at ten rows a second.
    BOOST_TEST((run.reported - run.started).ns == 1'900'000'000 + given.waits.ns + again * 200'000'000, given.tool);
  }
}

namespace {

std::int64_t cents_of(const Small& small, StoreId store, RowId row) {
  const TableCopy& rows = small.world.rows(store, orders);
  return small.world.content
      .value(small.world.source.schema(orders), orders, amount, small.world.marks, {row, rows.get(row)})
      .bits;
}

// The measure of amounts on both sides, with row 4 of the ten damaged, and that row's amount in cents.
struct Measured {
  double reference, trial;
  std::int64_t cents;
};
Measured measure_with(const std::string& of, AlterationKind how) {
  Measured measured{};
  const CheckRun run =
      run_over("aggregate { " + compared("POSITION") + " measures { " + of + ": 'amount' } }", [&](Small& small) {
        measured.cents = cents_of(small, source_store, 4);
        small.alter(4, amount, how);
      });
  BOOST_TEST(run.discrepancies() == 1U);
  BOOST_REQUIRE_EQUAL(run.aggregates.size(), 1U);
  measured.reference = run.aggregates[0].reference;
  measured.trial = run.aggregates[0].trial;
  return measured;
}

const auto close_to = boost::test_tools::tolerance(1e-9);

}  // namespace

BOOST_AUTO_TEST_CASE(a_sum_and_an_average_are_of_the_numbers_that_the_store_holds_damage_included) {
  const Measured shifted = measure_with("sum", AlterationKind::shifted);
  BOOST_TEST(shifted.trial == shifted.reference + 0.01, close_to);
  const Measured garbled = measure_with("sum", AlterationKind::garbled);  // 12.34 reads as -12.35
  BOOST_TEST(garbled.trial == garbled.reference - static_cast<double>(2 * garbled.cents + 1) / 100, close_to);
  const Measured lost = measure_with("sum", AlterationKind::null);
  BOOST_TEST(lost.trial == lost.reference - static_cast<double>(lost.cents) / 100, close_to);
  const Measured average = measure_with("average", AlterationKind::garbled);
  BOOST_TEST(average.trial == average.reference - static_cast<double>(2 * average.cents + 1) / 1000, close_to);
  const Measured least = measure_with("min", AlterationKind::garbled);
  BOOST_TEST(least.trial == static_cast<double>(-least.cents - 1) / 100, close_to);
}

// Ten rows, one an hour over the ten hours before the start: at 1:00 a window of four hours holds rows 7, 8 and 9.
BOOST_AUTO_TEST_CASE(a_window_on_the_target_is_of_the_times_that_the_target_holds) {
  const auto counted = [](const std::string& kind, RowId row, AlterationKind how) {
    return run_over(kind + " { " + compared("POSITION") + " of { column: 'created_at' last_ns: 14400000000000 }" +
                        (kind == "row_count" ? "" : " group_by: 'id'") + " }",
                    [&](Small& small) { small.alter(row, created_at, how); });
  };
  for (const char* kind : {"row_count", "event_counts"}) {
    BOOST_TEST(counted(kind, 8, AlterationKind::null).discrepancies() == 1U, kind);
    BOOST_TEST(counted(kind, 3, AlterationKind::null).discrepancies() == 0U, kind);     // outside, on either side
    BOOST_TEST(counted(kind, 6, AlterationKind::shifted).discrepancies() == 1U, kind);  // -4 h becomes -3 h: inside
    BOOST_TEST(counted(kind, 8, AlterationKind::shifted).discrepancies() == 0U, kind);  // -2 h becomes -1 h
    BOOST_TEST(counted(kind, 8, AlterationKind::garbled).discrepancies() == 1U, kind);
  }
  const CheckRun more = counted("row_count", 6, AlterationKind::shifted);
  BOOST_TEST(more.reference_rows == 3U);
  BOOST_TEST(more.trial_rows == 4U);
}

BOOST_AUTO_TEST_CASE(rows_before_a_cut_are_those_that_each_side_shows_before_it) {
  const CheckRun run = run_over(
      "key_coverage { " + compared("WINDOW_CUT", "settle_ns: 7200000000000") + " look_for: BOTH }", [](Small& small) {
        small.alter(2, created_at, AlterationKind::null);
        small.alter(8, created_at, AlterationKind::shifted);  // -2 h: out of the window [.., -1 h) with -1 h
        small.alter(5, amount, AlterationKind::null);
      });
  BOOST_TEST(claimed(run, scenario::MISSING) == rows({2, 8}), boost::test_tools::per_element());
  BOOST_TEST(run.discrepancies() == 2U);
  BOOST_TEST(run.rows_compared == 9U);  // row 9 is of -1 h
}

BOOST_AUTO_TEST_CASE(samples_are_drawn_apart_for_each_table) {
  WorldShape shape;
  shape.rows = shape.customers = 1000;
  Small small(shape);
  small.use(scenario_of(
      "sampled_hash { comparison { between: ['source', 'stream_store'] runs { every_ns: 3600000000000 offset_ns: "
      "3600000000000 } scan_rate_nano: 1000000000000000 } sample_ppb: 500000000 }"));
  small.run(Time{} + minute * 10);
  for (RowId row = 0; row < 1000; ++row) {
    small.lose(row);
    small.world.rows(small.stream, customers).put(row, Cell{});
  }
  small.run(Time{} + hour + minute);
  const CheckRun run = small.reconciler->runs().at(0);
  std::vector<RowId> drawn[2], both;
  for (const Claim& claim : run.claims.list()) drawn[claim.table].push_back(claim.row);
  std::set_intersection(drawn[0].begin(), drawn[0].end(), drawn[1].begin(), drawn[1].end(), std::back_inserter(both));
  // Of a thousand rows half are drawn in each table, and a quarter in both by chance: six standard deviations around
  // it.
  BOOST_TEST(drawn[0].size() > 400U);
  BOOST_TEST(drawn[1].size() > 400U);
  BOOST_TEST(both.size() > 165U);
  BOOST_TEST(both.size() < 335U);
}

}  // namespace rehearse::reconcile_test
