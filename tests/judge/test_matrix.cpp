#include <boost/test/unit_test.hpp>

#include "tests/judge/bench.h"

namespace rehearse::judging::test {
namespace {

const result::MatrixCell* cell(const result::Result& result, const std::string& cause, const std::string& check) {
  for (const result::MatrixCell& cell : result.matrix())
    if (cell.cause() == cause && cell.check() == check) return &cell;
  return nullptr;
}

}  // namespace

BOOST_AUTO_TEST_CASE(each_cause_has_its_row_and_a_shared_interval_stands_in_both) {
  Bench bench;
  bench.check();
  bench.fault("burst", 10);
  bench.fault("idle", 0);
  bench.divergent(new_one, 1, h(0), never, "fault burst");
  bench.divergent(new_one, 2, h(0), never, "defect cdc.sink.deletes");
  bench.divergent(new_one, 3, h(0), never, "fault burst");
  bench.truth.intervals.back().causes =
      bench.causes.unite(bench.causes.named("fault burst"), bench.causes.named("repair"));
  bench.run(0, h(10), h(12), {claim(1)});
  const result::Result result = bench.judged();
  BOOST_REQUIRE(cell(result, "burst", "fields"));
  BOOST_TEST(cell(result, "burst", "fields")->divergences() == 2U);
  BOOST_TEST(cell(result, "burst", "fields")->caught() == 1U);
  BOOST_TEST(cell(result, "burst", "fields")->missed() == 1U);
  BOOST_TEST(cell(result, "burst", "fields")->delay().median_ns() == (hour * 12).ns);
  BOOST_REQUIRE(cell(result, "cdc.sink.deletes", "fields"));
  BOOST_TEST(cell(result, "cdc.sink.deletes", "fields")->missed() == 1U);
  BOOST_REQUIRE(cell(result, "repair", "fields"));
  BOOST_TEST(!cell(result, "idle", "fields"));  // it never struck
  BOOST_TEST(!cell(result, "", "fields"));      // no false alarm
}

BOOST_AUTO_TEST_CASE(what_did_not_cover_a_run_is_not_in_the_matrix) {
  Bench bench;
  bench.check();
  bench.fault("burst", 1);
  bench.divergent(new_one, 1, h(3), h(4), "fault burst");
  bench.run(0, h(10), h(12));
  BOOST_TEST(cell(bench.judged(), "burst", "fields")->divergences() == 0U);
}

BOOST_AUTO_TEST_CASE(a_false_alarm_stands_with_the_faults_then_at_work_or_with_none) {
  Bench bench;
  bench.check();
  bench.fault("restart", 1, h(9), h(10));
  bench.run(0, h(10), h(12), {claim(5)});  // it ended as the run began
  bench.run(0, h(20), h(22), {claim(5), claim(6)});
  const result::Result result = bench.judged();
  BOOST_TEST(cell(result, "restart", "fields")->false_alarms() == 1U);
  BOOST_TEST(cell(result, "", "fields")->false_alarms() == 2U);
  BOOST_TEST(cell(result, "", "fields")->examples(0).false_alarm());
}

BOOST_AUTO_TEST_CASE(examples_show_what_was_missed_and_one_that_was_caught) {
  Bench bench;
  bench.check();
  bench.fault("burst", 9);
  for (RowId row = 1; row <= 9; ++row) bench.divergent(new_one, row, h(1), h(50), "fault burst");
  bench.run(0, h(10), h(12), {claim(2)});
  const result::Result result = bench.judged();
  const result::MatrixCell& seen = *cell(result, "burst", "fields");
  BOOST_REQUIRE_EQUAL(seen.examples_size(), 5);
  BOOST_TEST(!seen.examples(0).caught());
  BOOST_TEST(seen.examples(0).key() == "id=1");
  BOOST_TEST(seen.examples(0).until_at_ns() == h(50).ns);
  BOOST_TEST(seen.examples(0).fields(0).expected() == "1.50");
  BOOST_TEST(seen.examples(4).caught());
  BOOST_TEST(seen.examples(4).claim() == "mismatch (run 1, reported day 0, 12:00)");
}

}  // namespace rehearse::judging::test
