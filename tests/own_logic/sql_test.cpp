// The embedded database by itself: what it denies, where it stops, what time it has, and where a mistake is.
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "scenarios/sql/answer.h"
#include "scenarios/sql/database.h"
#include "scenarios/sql/sides.h"

using namespace rehearse;

namespace {

// Rows 1 … n of one key column and a text, which counts how it was read.
class Numbers : public SqlTable {
 public:
  explicit Numbers(std::int64_t rows) : SqlTable({{"id", "bigint", true}, {"word", "text", false}}), rows_(rows) {}
  std::uint64_t rows() const override { return static_cast<std::uint64_t>(rows_); }
  std::unique_ptr<SqlCursor> open() const override;
  mutable std::int64_t steps = 0, look_ups = 0;

 private:
  friend class NumbersCursor;
  std::int64_t rows_;
};

class NumbersCursor : public SqlCursor {
 public:
  explicit NumbersCursor(const Numbers& table) : table_(&table) {}
  void scan() override {
    at_ = 1;
    end_ = table_->rows_;
  }
  void find(const std::vector<Field>& key) override {
    ++table_->look_ups;
    at_ = key[0].integer;
    end_ = at_ >= 1 && at_ <= table_->rows_ ? at_ : 0;
  }
  bool done() const override { return at_ > end_; }
  void next() override {
    ++table_->steps;
    ++at_;
  }
  Field field(std::size_t column) override {
    return column == 0 ? Field::of(at_) : Field::of("word " + std::to_string(at_));
  }
  std::int64_t row_id() const override { return at_; }

 private:
  const Numbers* table_;
  std::int64_t at_ = 1, end_ = 0;
};

std::unique_ptr<SqlCursor> Numbers::open() const { return std::make_unique<NumbersCursor>(*this); }

struct Outcome {
  std::vector<std::vector<Field>> rows;
  std::optional<SqlProblem> problem;
  std::string message() const { return problem ? problem->message : "no problem"; }
};

Outcome run(const std::string& text, SqlRequest request = {}, std::int64_t rows = 10) {
  SqlDatabase database;
  const auto numbers = std::make_shared<Numbers>(rows);
  BOOST_REQUIRE(!add_sides(database, {{"a", {{"numbers", numbers}}}, {"b", {{"numbers", numbers}}}}));
  Outcome outcome;
  request.text = text;
  const SqlListener listener{[](const SqlStatement&) { return std::nullopt; },
                             [&](const std::vector<Field>& row) -> std::optional<std::string> {
                               outcome.rows.push_back(row);
                               return std::nullopt;
                             },
                             [] { return std::nullopt; }};
  outcome.problem = database.run(request, listener);
  return outcome;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

BOOST_AUTO_TEST_CASE(tables_are_named_by_side_and_table_by_the_side_alone_and_never_ambiguously) {
  BOOST_TEST(run("SELECT count(*) FROM a.numbers").rows[0][0].integer == 10);
  BOOST_TEST(run("SELECT count(*) FROM b").rows[0][0].integer == 10);
  BOOST_TEST(contains(run("SELECT * FROM numbers").message(), "`numbers` is on several sides: write a.numbers or b"));
}

BOOST_AUTO_TEST_CASE(everything_that_is_not_reading_is_denied_and_named) {
  for (const char* text :
       {"ATTACH 'x' AS x", "PRAGMA user_version", "CREATE TEMP TABLE t(x)", "INSERT INTO a.numbers VALUES (1, 'x')",
        "BEGIN", "CREATE TABLE t AS SELECT 1", "SELECT * FROM pragma_table_info('numbers')", "DROP TABLE a.numbers"})
    BOOST_TEST(contains(run(text).message(), "not allowed"), text << ": " << run(text).message());
}

BOOST_AUTO_TEST_CASE(sides_cannot_be_changed_and_what_returns_nothing_is_not_run) {
  BOOST_TEST(contains(run("DELETE FROM a.numbers").message(), "may not be modified"));
  BOOST_TEST(run("VACUUM INTO 'x'").message() == "it returns nothing");
}

BOOST_AUTO_TEST_CASE(nothing_that_differs_between_runs_or_machines_is_answered) {
  for (const char* text :
       {"SELECT random()", "SELECT hex(randomblob(4))", "SELECT exp(1.5)", "SELECT pow(id, 2) FROM a"})
    BOOST_TEST(contains(run(text).message(), "would differ"), text << ": " << run(text).message());
  BOOST_TEST(run("SELECT datetime('now', 'localtime')").problem.has_value());
}

BOOST_AUTO_TEST_CASE(functions_and_tables_are_those_of_a_list) {
  for (const char* text :
       {"SELECT hex(fts3_tokenizer('simple'))", "SELECT sqlite_source_id()", "SELECT FTS5_source_id()",
        "SELECT name FROM pragma_function_list", "SELECT opcode FROM bytecode('SELECT 1')"})
    BOOST_TEST(run(text).problem.has_value(), text);
  const Outcome unknown = run("SELECT id,\n  lenght(word) FROM a");
  BOOST_REQUIRE(unknown.problem.has_value());
  BOOST_TEST(unknown.problem->function == "lenght");
  BOOST_TEST(unknown.problem->line == 2);
  // abs(-3) + 2 keys of the object + the highest of ten rows + the third of three words
  const Outcome answered =
      run("SELECT ABS(-3), (SELECT count(*) FROM json_each('{\"a\": 1, \"b\": 2}')), max(id), iif(1, 'x', 'y') FROM a");
  BOOST_TEST(answered.message() == "no problem");
  BOOST_REQUIRE(answered.rows.size() == 1U);
  BOOST_TEST(answered.rows[0][0].integer == 3);
  BOOST_TEST(answered.rows[0][1].integer == 2);
  BOOST_TEST(answered.rows[0][2].integer == 10);
  BOOST_TEST(answered.rows[0][3].text == "x");
}

BOOST_AUTO_TEST_CASE(what_goes_beyond_a_bound_has_run_away_and_what_is_a_mistake_has_not) {
  for (const char* text : {"SELECT length(printf('%.*c', 1000000000, 'x'))", "SELECT length(format('%2000000d', 1))",
                           "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"}) {
    const Outcome outcome = run(text);
    BOOST_REQUIRE_MESSAGE(outcome.problem, text);
    BOOST_TEST(outcome.problem->ran_away, text);
  }
  BOOST_TEST(!run("SELECT nothing FROM a").problem->ran_away);
  const Outcome printed = run("SELECT printf('%5.2f|%-4d|%*s|%%|%.3c', 2.5, 7, 3, 'z', 'y'), printf()");
  BOOST_REQUIRE(printed.rows.size() == 1U);
  BOOST_TEST(printed.rows[0][0].text == " 2.50|7   |  z|%|yyy");
  BOOST_TEST((printed.rows[0][1].kind == Field::Kind::null));
}

BOOST_AUTO_TEST_CASE(a_side_that_is_no_table_of_sqlite_is_a_sentence) {
  SqlDatabase database;
  const auto why = [&](const char* name, std::vector<SqlColumn> columns) {
    return add_sides(database, {{name, {{"t", std::make_shared<EmptySqlTable>(std::move(columns))}}}}).value_or("");
  };
  BOOST_TEST(contains(why("none", {}), "does not take the table `t`"));
  const std::string twice = why("twice", {{"a", "text", true}, {"A", "text", false}});
  BOOST_TEST(contains(twice, "duplicate column name"), twice);
  BOOST_TEST(why("fine", {{"a", "text", true}}).empty());
}

BOOST_AUTO_TEST_CASE(now_is_the_instant_of_the_request) {
  SqlRequest request;
  request.now_unix_ns = 1'772'413'200'000'000'000;  // 2026-03-02T01:00:00Z
  BOOST_TEST(run("SELECT datetime('now', '-1 hour')", request).rows[0][0].text == "2026-03-02 00:00:00");
  BOOST_TEST(run("SELECT CURRENT_TIMESTAMP", request).rows[0][0].text == "2026-03-02 01:00:00");
}

BOOST_AUTO_TEST_CASE(a_query_without_end_is_stopped_after_so_many_steps_whatever_the_machine) {
  const char* endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
  SqlRequest request;
  request.steps_max = 1'000'000;
  BOOST_TEST(run(endless, request).message() == "it takes more than 1000000 steps");
}

BOOST_AUTO_TEST_CASE(a_flood_of_rows_and_of_memory_is_stopped) {
  SqlRequest request;
  request.rows_max = 5;
  BOOST_TEST(run("SELECT id FROM a", request).message() == "it returns more than 5 rows");
  BOOST_TEST(run("SELECT zeroblob(100000000)").problem.has_value());
  BOOST_TEST(run("SELECT group_concat(hex(zeroblob(900000))) FROM a").problem.has_value());
}

BOOST_AUTO_TEST_CASE(a_mistake_has_its_line_and_column) {
  const Outcome unknown = run("-- a comment\nSELECT id\nFROM a\nWHERE idd = 1");
  BOOST_TEST(unknown.message() == "no such column: idd");
  BOOST_TEST(unknown.problem->line == 4);
  BOOST_TEST(unknown.problem->column == 7);
  const Outcome second = run("SELECT 1;\n\nSELEC 2");
  BOOST_TEST(second.problem->line == 3);
  BOOST_TEST(run(" -- nothing\n").message() == "it has no statement");
  BOOST_TEST(run("SELECT :limit").message() == "no parameter :limit is given");
}

BOOST_AUTO_TEST_CASE(a_join_on_the_key_looks_keys_up_and_scans_once) {
  SqlDatabase database;
  const auto a = std::make_shared<Numbers>(1000), b = std::make_shared<Numbers>(900);
  BOOST_REQUIRE(!add_sides(database, {{"a", {{"numbers", a}}}, {"b", {{"numbers", b}}}}));
  std::int64_t rows = 0;
  const SqlListener listener{[](const SqlStatement&) { return std::nullopt; },
                             [&](const std::vector<Field>&) -> std::optional<std::string> {
                               ++rows;
                               return std::nullopt;
                             },
                             [] { return std::nullopt; }};
  SqlRequest request;
  request.text = "SELECT a.id FROM a LEFT JOIN b ON b.id = a.id WHERE b.id IS NULL";
  BOOST_TEST(!database.run(request, listener).has_value());
  BOOST_TEST(rows == 100);
  BOOST_TEST(a->steps == 1000);
  BOOST_TEST(b->look_ups == 1000);
  BOOST_TEST(b->steps <= 1000);
}

BOOST_AUTO_TEST_CASE(a_result_is_discrepancies_by_its_key_or_else_figures) {
  const std::vector<AnswerDataset> orders{{"orders", {"id"}}};
  const auto shape = [&](const std::vector<std::string>& columns) { return answer_shape(columns, orders); };
  BOOST_TEST(!std::get<AnswerShape>(shape({"ID", "x"})).figures);
  BOOST_TEST(!std::get<AnswerShape>(shape({"key", "class", "columns"})).figures);
  BOOST_TEST(std::get<AnswerShape>(shape({"id", "id"})).key[0].size() == 2U);
  BOOST_TEST(std::get<AnswerShape>(shape({"count(*)"})).figures);
  BOOST_TEST(std::holds_alternative<std::string>(shape({"class", "n"})));
  BOOST_TEST(std::holds_alternative<std::string>(answer_shape({"key"}, {{"a", {"id"}}, {"b", {"id"}}})));
}

}  // namespace
