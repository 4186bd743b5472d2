// Checks and repairs by the user's own SQL and programs, on a world of ten rows. Programs are shell one-liners.
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "tests/own_logic/trial.h"

using namespace rehearse;
using namespace rehearse::reconcile_test;

namespace {

// ---- SQL

constexpr const char* not_equal =
    "SELECT s.id FROM source.orders s JOIN stream_store t ON t.id = s.id WHERE s.amount <> t.amount";
constexpr const char* distinct =
    "SELECT s.id, 'amount,' AS columns FROM source.orders s JOIN stream_store t ON t.id = s.id "
    "WHERE s.amount IS DISTINCT FROM t.amount";

BOOST_AUTO_TEST_CASE(unequal_never_sees_a_null_and_is_distinct_from_does) {
  Trial a, b;
  for (Trial* trial : {&a, &b}) {
    trial->small.alter(2, amount, AlterationKind::shifted);
    trial->small.alter(4, amount, AlterationKind::null);
  }
  BOOST_TEST(claimed(a.sql(not_equal), scenario::MISMATCH) == std::vector<RowId>{2}, boost::test_tools::per_element());
  const CheckRun& run = b.sql(distinct);
  BOOST_TEST(claimed(run, scenario::MISMATCH) == (std::vector<RowId>{2, 4}), boost::test_tools::per_element());
  BOOST_TEST(run.claims.list()[0].names(amount));
  BOOST_TEST(run.problem == "");
}

BOOST_AUTO_TEST_CASE(an_anti_join_sees_one_direction_and_a_full_join_both) {
  Trial a, b;
  for (Trial* trial : {&a, &b}) {
    trial->small.lose(3);
    trial->small.world.source.change(orders, 5, Op::remove, trial->small.world.now(), trial->small.world.now());
    trial->small.world.advance(trial->small.world.now() + second * 30);
    trial->small.put(5, {1, trial->small.stream_cell(6).mark, 0});
  }
  BOOST_TEST(claimed(a.sql("SELECT s.id FROM source.orders s LEFT JOIN stream_store t ON t.id = s.id "
                           "WHERE t.id IS NULL",
                           "discrepancy: MISSING"),
                     scenario::MISSING) == std::vector<RowId>{3},
             boost::test_tools::per_element());
  const CheckRun& both = b.sql(
      "SELECT s.id, t.id, iif(s.id IS NULL, 'extra', 'missing') AS class "
      "FROM source.orders s FULL JOIN stream_store t ON t.id = s.id WHERE s.id IS NULL OR t.id IS NULL");
  BOOST_TEST(claimed(both, scenario::MISSING) == std::vector<RowId>{3}, boost::test_tools::per_element());
  BOOST_TEST(claimed(both, scenario::EXTRA) == std::vector<RowId>{5}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(extra_copies_are_rows) {
  Trial trial;
  trial.small.duplicate(7);
  BOOST_TEST(claimed(trial.sql("SELECT id, 'duplicate' AS class FROM stream_store GROUP BY id HAVING count(*) > 1"),
                     scenario::DUPLICATE) == std::vector<RowId>{7},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(counts_are_figures_and_beyond_the_tolerance_a_claim) {
  Trial a, b, c;
  for (Trial* trial : {&a, &b, &c}) trial->small.lose(1);
  const char* counts = "SELECT 'old', count(*) FROM source.orders UNION ALL SELECT 'new', count(*) FROM stream_store";
  const CheckRun& run = a.sql(counts);
  BOOST_TEST(*run.figure == 1.0);
  BOOST_TEST(run.found[scenario::AGGREGATE] == 1U);
  BOOST_TEST(run.claims.list()[0].row == no_key);
  BOOST_TEST(b.sql(counts, "tolerance { share_ppb: 100000000 }").discrepancies() == 0U);  // 10%
  BOOST_TEST(*c.sql("SELECT (SELECT count(*) FROM stream_store) - (SELECT count(*) FROM source.orders)").figure == 1.0);
}

BOOST_AUTO_TEST_CASE(a_sum_in_sql_is_of_the_same_numbers_as_the_built_in_one) {
  Trial trial;
  const World& world = trial.small.world;
  const std::int64_t cents =
      world.content.value(world.source.schema(orders), orders, amount, world.marks, {4, trial.small.source_cell(4)})
          .bits;
  trial.small.alter(4, amount, AlterationKind::garbled);  // 12.34 reads as -12.35
  const CheckRun& run =
      trial.sql("SELECT (SELECT sum(amount) FROM source.orders), (SELECT sum(amount) FROM stream_store)");
  BOOST_TEST(run.figure.value_or(0) == static_cast<double>(2 * cents + 1) / 100, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(run.found[scenario::AGGREGATE] == 1U);
}

BOOST_AUTO_TEST_CASE(times_in_sql_are_those_that_the_store_holds) {
  Trial trial;  // rows were created one an hour over the ten hours before 2026-03-02
  trial.small.alter(8, created_at, AlterationKind::shifted);
  trial.small.alter(9, created_at, AlterationKind::null);
  const CheckRun& run = trial.sql(
      "SELECT s.id FROM source.orders s JOIN stream_store t ON t.id = s.id WHERE s.created_at IS DISTINCT FROM "
      "t.created_at AND (t.created_at IS NULL OR unixepoch(t.created_at) - unixepoch(s.created_at) = 3600)");
  BOOST_TEST(run.problem == "");
  BOOST_TEST(claimed(run, scenario::MISMATCH) == (std::vector<RowId>{8, 9}), boost::test_tools::per_element());
}

// Row 3 has changed and is not visible yet; row 4 is damaged.
BOOST_AUTO_TEST_CASE(a_naive_reading_is_told_beside_what_lag_alone_makes_of_it) {
  WorldShape slow;
  slow.poll_every = minute * 7;
  const char* sums = "SELECT (SELECT sum(amount) FROM source.orders), (SELECT sum(amount) FROM stream_store)";
  Trial rows(slow), late(slow), both(slow);
  for (Trial* trial : {&rows, &late, &both}) trial->small.change(3);
  for (Trial* trial : {&rows, &both}) trial->small.alter(4, amount, AlterationKind::null);
  const CheckRun& by_row = rows.sql(distinct);
  BOOST_TEST(claimed(by_row, scenario::MISMATCH) == (std::vector<RowId>{3, 4}), boost::test_tools::per_element());
  BOOST_TEST(by_row.lag_claims == 1U);
  BOOST_TEST(late.sql(sums).found[scenario::AGGREGATE] == 1U);
  BOOST_TEST(late.small.reconciler->runs()[0].lag_claims == 1U);
  BOOST_TEST(both.sql(sums).found[scenario::AGGREGATE] == 1U);
  BOOST_TEST(both.small.reconciler->runs()[0].lag_claims == 0U);  // the damaged row alone makes it too
}

BOOST_AUTO_TEST_CASE(a_statement_that_cannot_be_run_to_its_end_has_no_data_and_names_its_line) {
  const auto problem = [](const std::string& text) {
    Trial trial;
    const CheckRun& run = trial.sql(text);
    BOOST_TEST(!run.data);
    BOOST_TEST(run.claims.empty());
    return run.problem;
  };
  const std::string no_column = problem("SELECT id FROM stream_store\nWHERE absent = 1");
  BOOST_TEST(contains(no_column, "x.sql:2:7: no such column: absent"), no_column);
  BOOST_TEST(contains(problem("SELECT 424242 AS \"key\""), "it claims the key `424242`, which neither side has"));
  BOOST_TEST(contains(problem("SELECT id, 'wrong' AS class FROM stream_store"), "there is no class `wrong`"));
  BOOST_TEST(contains(problem("SELECT NULL AS \"key\""), "a row's key is NULL"));
  BOOST_TEST(contains(problem("SELECT sum(amount) FROM stream_store WHERE 0"), "its figure is NULL"));
  BOOST_TEST(contains(problem("WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id FROM n) SELECT id FROM n"),
                      "it takes more than 1000000 steps"));
}

BOOST_AUTO_TEST_CASE(parameters_are_bound_and_times_are_texts_that_compare) {
  Trial trial({.rows = 10});
  const CheckRun& run = trial.sql(
      "SELECT id FROM stream_store WHERE created_at < :since AND id <= :most AND :until <= :now AND status LIKE :word",
      "parameters { name: 'most' value: '3' } parameters { name: 'word' value: 'status%' }");
  BOOST_TEST(run.problem == "");
  BOOST_TEST(run.claims.size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_recheck_withdraws_what_is_gone) {
  Trial trial({.rows = 10, .poll_every = minute * 7});
  trial.small.run(Time{} + minute * 59 + second * 58);
  trial.small.change(4);
  std::ofstream(trial.folder.path() + "/x.sql")
      << "SELECT s.id FROM source.orders s JOIN stream_store t ON t.id = s.id "
         "WHERE s.amount <> t.amount";
  const CheckRun& run = trial.run("sql { " + compared("NAIVE", "recheck { after_ns: 600000000000 times: 1 }") +
                                  "file: " + quoted(trial.folder.path() + "/x.sql") +
                                  " window_ns: 1000 tolerance { rows: 0 } at_most_steps: 1000000 }");
  BOOST_TEST(run.discrepancies() == 0U);
  BOOST_TEST(run.found[scenario::TIMING] == 1U);
}

// ---- programs

BOOST_AUTO_TEST_CASE(a_program_gets_both_sides_and_its_claims_are_taken) {
  Trial trial;
  trial.small.alter(4, amount, AlterationKind::null);
  const CheckRun& run = trial.command(
      R"(diff "$1" "$2" | sed -n 's/^> \([0-9]*\),.*/{"key": \1, "class": "mismatch", "columns": ["amount"]}/p')");
  BOOST_TEST(run.problem == "");
  BOOST_TEST(claimed(run, scenario::MISMATCH) == std::vector<RowId>{4}, boost::test_tools::per_element());
  BOOST_TEST(run.claims.list()[0].names(amount));
  BOOST_TEST((run.reported - run.last_read).ns >= (second * 5).ns);
}

BOOST_AUTO_TEST_CASE(what_is_written_for_it_is_csv_or_json_lines_with_null_told_from_an_empty_text) {
  Trial a, b;
  for (Trial* trial : {&a, &b}) trial->small.alter(0, amount, AlterationKind::null);
  BOOST_TEST(
      a.command(R"(head -1 "$2" | grep -qx id,amount,status,created_at && sed -n 2p "$2" | grep -q '^1,,status' )"
                R"(&& grep -q '"check": "c"' run.json && echo '{"figure": 0}')")
          .problem == "");
  BOOST_TEST(
      b.command(R"(sed -n 1p "$2" | grep -q '^{"id": 1, "amount": null, "status": "status' && echo '{"figure": 3}')",
                "format: JSON_LINES")
          .figure.value_or(-1) == 3.0);
}

BOOST_AUTO_TEST_CASE(a_program_that_crashes_lies_hangs_floods_or_babbles_has_no_data_and_is_named) {
  const auto problem = [](const std::string& script) {
    Trial trial;
    const CheckRun& run = trial.command(script);
    BOOST_TEST(!run.data);
    BOOST_TEST(run.claims.empty());
    BOOST_TEST(run.discrepancies() == 0U);
    return run.problem;
  };
  BOOST_TEST(contains(problem("echo '{\"key\": 1}'; kill -KILL $$"), "was ended by signal 9"));
  BOOST_TEST(contains(problem("echo '{\"key\": 1}'; echo why >&2; exit 1"), "ended with exit code 1: `why`"));
  BOOST_TEST(contains(problem("echo '{\"key\": 1}'; echo '{\"key\": 4711}'"),
                      "line 2 of its answer: it claims the key `4711`, which neither side has"));
  BOOST_TEST(contains(problem("echo all is well"), "line 1 of its answer: it is no JSON object"));
  BOOST_TEST(contains(problem("echo '{\"key\": 1, \"clas\": \"extra\"}'"), "nothing is called `clas`"));
  BOOST_TEST(contains(problem("yes '{\"key\": 1}'"), "wrote more than 64 MiB"));
}

BOOST_AUTO_TEST_CASE(a_program_that_answers_differently_the_second_time_is_not_deterministic) {
  Trial trial;
  const CheckRun& run = trial.command("echo \"{\\\"figure\\\": $$}\"");
  BOOST_TEST(!run.data);
  BOOST_TEST(contains(run.problem, "is not deterministic"));
}

BOOST_AUTO_TEST_CASE(a_program_repairs_only_what_was_claimed) {
  const std::string compare = R"(diff "$1" "$2" | sed -n 's/^> \([0-9]*\),.*/{"key": \1}/p')";
  const auto repair = [](const std::string& script) {
    return "repair { of: 'c' at_most { count: 10 } command { run: ['sh', '-c', " + quoted(script) +
           "] time_out_ns: 20000000000 takes_ns: 60000000000 } }";
  };
  Trial good, lying;
  for (Trial* trial : {&good, &lying}) trial->small.alter(4, amount, AlterationKind::null);
  good.command(compare, "", repair(R"(sed 's/, "class.*/, "action": "reload_from_source"}/')"));
  BOOST_TEST(good.small.stream_cell(4).same_content_as(good.small.source_cell(4)));
  const auto& audit = good.small.reconciler->audit();
  BOOST_REQUIRE(audit.size() == 1U);
  BOOST_TEST((audit[0].at - good.small.reconciler->runs()[0].reported).ns >= minute.ns);

  lying.command(compare, "", repair(R"(echo '{"key": "6", "action": "reload_from_source"}')"));
  BOOST_TEST(!lying.small.stream_cell(4).same_content_as(lying.small.source_cell(4)));
  BOOST_REQUIRE(lying.small.reconciler->audit().size() == 1U);
  BOOST_TEST((lying.small.reconciler->audit()[0].result == AuditEntry::Result::no_answer));
  BOOST_TEST(contains(lying.small.reconciler->audit()[0].problem, "the key `6` was not claimed"));
}

}  // namespace
