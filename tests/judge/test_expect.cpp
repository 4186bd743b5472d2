// Each kind of expectation held and broken.
#include <boost/test/unit_test.hpp>

#include "tests/judge/bench.h"

namespace rehearse::judging::test {
namespace {

using E = result::Expectation;

// A rehearsal with something of everything: canary at 20 h, rolled back at 50 h while the new store was stale.
Bench full_bench() {
  Bench bench;
  bench.check();
  bench.check("row_count", old_one);
  bench.divergent(new_one, 7, h(5), h(9));
  bench.divergent(new_one, 7, h(11), h(13));
  bench.divergent(new_one, 8, h(5), h(9));
  bench.run(0, h(6), h(7), {claim(7), claim(9)});
  bench.plan();
  bench.go(1, h(20));
  bench.roll_back(h(50));
  bench.stale(new_one, h(49), h(51));
  bench.fault("burst", 5, h(47), h(48));
  bench.fault("idle", 0);
  bench.truth.consumers[0].all = reads({{WRONG, 3}, {STALE, 12}, {RIGHT, 85}});
  bench.truth.consumers[1].all = reads({{WRONG, 1}, {RIGHT, 9}});
  bench.truth.divergent_at_end[new_one] = 4;
  return bench;
}

E expectation(
    const std::string& text, const std::function<void(Bench&)>& change = [](Bench&) {}) {
  Bench bench = full_bench();
  change(bench);
  bench.parse("expect { " + text + " }");
  bench.read_every_minute(bench.horizon);
  JudgeInputs in = bench.inputs();
  in.where = [](const std::string& path) { return "file.yaml:" + path; };
  const result::Result result = judge(in);
  BOOST_REQUIRE_EQUAL(result.expectations_size(), 1);
  return result.expectations(0);
}
E::Status status(
    const std::string& text, const std::function<void(Bench&)>& change = [](Bench&) {}) {
  return expectation(text, change).status();
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_expectation_tells_what_was_expected_what_it_was_and_where_it_stands) {
  const E e = expectation(R"(stale_reads { consumer: "dashboard" bounds { at_least: 20 at_most: 30 } })");
  BOOST_TEST(e.text() == "the number of stale reads of dashboard is at least 20 and at most 30");
  BOOST_TEST(e.expected() == "at least 20 and at most 30");
  BOOST_TEST(e.actual() == "12");
  BOOST_TEST(e.path() == "expect.stale_reads[0]");
  BOOST_TEST(e.where() == "file.yaml:expect.stale_reads[0]");
}

BOOST_AUTO_TEST_CASE(expected_decision) {
  BOOST_TEST(status("decision: ROLLED_BACK") == E::held);
  BOOST_TEST(status("decision: CUT_OVER") == E::broken);
}

BOOST_AUTO_TEST_CASE(expected_verdict) {
  BOOST_TEST(status("verdict: VACUOUS") == E::held);  // one fault never struck
  BOOST_TEST(status("verdict: PASS") == E::broken);
}

BOOST_AUTO_TEST_CASE(expected_rollback_was_right) {
  BOOST_TEST(status("rollback { was_right: true }") == E::held);
  BOOST_TEST(status("rollback { was_right: false }") == E::broken);
  BOOST_TEST(status("rollback { was_right: false }", [](Bench& b) { b.truth.stores[new_one].stale.clear(); }) ==
             E::held);
  const auto none = [](Bench& b) { b.migration->rollback.reset(); };
  BOOST_TEST(status("rollback { was_right: true }", none) == E::broken);
  BOOST_TEST(expectation("rollback { was_right: true }", none).actual() == "nothing, since there was no rollback");
}

BOOST_AUTO_TEST_CASE(expected_necessary_causes) {
  const std::string text = R"(rollback { necessary: "burst" necessary: "a" })";
  BOOST_TEST(status(text) == E::unknown);
  BOOST_TEST(status(text, [](Bench& b) { b.necessary = std::vector<std::string>{"a", "burst"}; }) == E::held);
  BOOST_TEST(status(text, [](Bench& b) { b.necessary = std::vector<std::string>{"burst"}; }) == E::broken);
  BOOST_TEST(status(R"(rollback { necessary: "idle" })", [](Bench& b) { b.migration->rollback.reset(); }) ==
             E::vacuous);
}

BOOST_AUTO_TEST_CASE(expected_times_and_losses_of_a_rollback) {
  BOOST_TEST(status("rollback { rto { at_most_ns: 60000000000 } }") == E::held);
  BOOST_TEST(status("rollback { rto { at_most_ns: 59999999999 } }") == E::broken);
  BOOST_TEST(status("rollback { rpo { at_most: 0 } }") == E::vacuous);  // nobody writes to the new store
  BOOST_TEST(status(R"(rollback { metric: "age" })") == E::held);
  BOOST_TEST(status(R"(rollback { metric: "bad_rows" })") == E::broken);
}

BOOST_AUTO_TEST_CASE(expected_reads) {
  BOOST_TEST(status(R"(stale_reads { consumer: "dashboard" bounds { equals: 12 } })") == E::held);
  BOOST_TEST(status(R"(stale_reads { consumer: "dashboard" bounds { equals: 13 } })") == E::broken);
  BOOST_TEST(status(R"(stale_reads { consumer: "fraud" bounds { at_most: 0 } })") == E::held);
  BOOST_TEST(status("wrong_reads { bounds { equals: 4 } }") == E::held);  // of all consumers together
  BOOST_TEST(status("wrong_reads { bounds { at_most: 3 } }") == E::broken);
}

BOOST_AUTO_TEST_CASE(expected_divergence) {
  BOOST_TEST(status(R"(divergence { store: "new" bounds { equals: 2 } when: PEAK })") == E::held);
  BOOST_TEST(status(R"(divergence { store: "new" bounds { at_most: 1 } when: PEAK })") == E::broken);
  BOOST_TEST(status(R"(divergence { store: "new" bounds { equals: 2 } when: EVER })") ==
             E::held);  // rows, not intervals
  BOOST_TEST(status(R"(divergence { store: "new" bounds { equals: 4 } when: END })") == E::held);
  BOOST_TEST(status(R"(divergence { store: "new" bounds { at_most: 3 } when: END })") == E::broken);
  BOOST_TEST(status(R"(divergence { store: "old" bounds { at_most: 0 } when: EVER })") == E::held);
}

BOOST_AUTO_TEST_CASE(expected_of_checks) {
  // Two intervals covered the run, one was claimed: 50%.
  BOOST_TEST(status(R"(checks { check: "fields" recall { at_least_ppb: 500000000 } })") == E::held);
  BOOST_TEST(status(R"(checks { check: "fields" recall { at_least_ppb: 500000001 } })") == E::broken);
  BOOST_TEST(status(R"(checks { check: "fields" recall { at_most_ppb: 499999999 } })") == E::broken);
  BOOST_TEST(status(R"(checks { check: "fields" false_alarms { equals: 1 } })") == E::held);
  BOOST_TEST(status(R"(checks { check: "fields" false_alarms { at_most: 0 } })") == E::broken);
  BOOST_TEST(status(R"(checks { check: "fields" claims { equals: 2 } })") == E::held);
  BOOST_TEST(status(R"(checks { check: "fields" claims { at_least: 3 } })") == E::broken);
  BOOST_TEST(status(R"(checks { check: "row_count1" claims { equals: 0 } })") == E::unknown);  // it never ran
  BOOST_TEST(status(R"(checks { check: "fields" recall { at_least_ppb: 1 } })",
                    [](Bench& b) { b.truth.intervals.clear(); }) == E::vacuous);
}

BOOST_AUTO_TEST_CASE(expected_phases) {
  BOOST_TEST(status(R"(go_at { phase: "canary" bounds { equals_ns: 72000000000000 } })") == E::held);
  BOOST_TEST(status(R"(go_at { phase: "canary" bounds { at_most_ns: 71999999999999 } })") == E::broken);
  BOOST_TEST(status(R"(go_at { phase: "full" bounds { at_least_ns: 0 } })") == E::broken);
  BOOST_TEST(status(R"(reached: "canary")") == E::held);
  BOOST_TEST(status(R"(reached: "full")") == E::broken);
  BOOST_TEST(status("time_to_go { at_most_ns: 360000000000000 }") == E::broken);  // never entered
  const auto cut_over = [](Bench& b) { b.enter(2, h(60)); };
  BOOST_TEST(status("time_to_go { at_most_ns: 216000000000000 }", cut_over) == E::held);
  BOOST_TEST(status("time_to_go { at_most_ns: 215999999999999 }", cut_over) == E::broken);
}

BOOST_AUTO_TEST_CASE(expected_hits) {
  BOOST_TEST(status(R"(hits { fault: "burst" bounds { at_least: 5 } })") == E::held);
  BOOST_TEST(status(R"(hits { fault: "burst" bounds { at_least: 6 } })") == E::broken);
  BOOST_TEST(status(R"(hits { fault: "idle" bounds { at_least: 1 } })") == E::vacuous);
  BOOST_TEST(status(R"(hits { fault: "idle" bounds { equals: 0 } })") == E::held);
}

BOOST_AUTO_TEST_CASE(expected_losses_of_the_log) {
  const std::string text = R"(expect { source_log_incomplete { table: "orders" bounds { equals: 5 } } })";
  for (const std::uint64_t missing : {2, 3}) {
    Bench bench = full_bench();
    bench.parse(text);
    JudgeInputs in = bench.inputs();
    WitnessComparison comparison;
    comparison.table = "orders";
    comparison.rows_different = 3;
    comparison.rows_missing = missing;
    in.witness = std::vector{comparison};
    BOOST_TEST(judge(in).expectations(0).status() == (missing == 2 ? E::held : E::broken));
  }
  BOOST_TEST(status(R"(source_log_incomplete { table: "orders" bounds { equals: 0 } })") == E::unknown);
}

// ---- any field of the result

std::string field_text(const std::string& path, const std::string& bounds) {
  return "result { path: \"" + path + "\" " + bounds + " }";
}

BOOST_AUTO_TEST_CASE(an_expected_field_tells_its_path_what_was_expected_and_what_it_is) {
  const E e = expectation(field_text("stores[new].divergent_intervals", "at_least: '1' at_most: '2'"));
  BOOST_TEST(e.status() == E::broken);
  BOOST_TEST(e.text() == "stores[new].divergent_intervals is at least 1 and at most 2");
  BOOST_TEST(e.actual() == "3");
  BOOST_TEST(e.path() == "expect.result.stores[new].divergent_intervals");
  BOOST_TEST(e.where() == "file.yaml:expect.result.stores[new].divergent_intervals");
}

BOOST_AUTO_TEST_CASE(an_expected_field_is_a_count_a_duration_a_share_a_word_or_true_and_false) {
  const auto of = [](const std::string& path, const std::string& bounds) { return status(field_text(path, bounds)); };
  BOOST_TEST(of("stores[new].divergent_intervals", "equals: '3'") == E::held);
  BOOST_TEST(of("stores[new].divergent_intervals", "equals: '4'") == E::broken);
  BOOST_TEST(of("rollbacks[0].rto_ns", "at_most: '1m'") == E::held);
  BOOST_TEST(of("rollbacks[0].rto_ns", "at_most: '59s'") == E::broken);
  BOOST_TEST(of("checks[fields].recall_in_population", "equals: '50%'") == E::held);
  BOOST_TEST(of("checks[fields].recall_in_population", "at_least: '50.1%'") == E::broken);
  BOOST_TEST(of("rollbacks[0].was", "equals: 'right'") == E::held);
  BOOST_TEST(of("rollbacks[0].was", "equals: 'wrong'") == E::broken);
  BOOST_TEST(of("faults[idle].vacuous", "equals: 'true'") == E::held);
  BOOST_TEST(of("faults[idle].vacuous", "equals: 'false'") == E::broken);
  BOOST_TEST(of("rollbacks.size", "equals: '1'") == E::held);
  BOOST_TEST(of("consumers[dashboard].harm.stale", "equals: '12'") == E::held);
}

BOOST_AUTO_TEST_CASE(an_expected_field_that_is_not_there_is_broken_and_a_share_of_nothing_vacuous) {
  const E gone = expectation(field_text("rollbacks[1].rto_ns", "at_most: '1m'"));
  BOOST_TEST(gone.status() == E::broken);
  BOOST_TEST(gone.actual() == "`rollbacks` has 1 elements");
  BOOST_TEST(expectation(field_text("faults[gone].hits", "equals: '1'")).actual() ==
             "nothing in `faults` has name `gone`");
  BOOST_TEST(status(field_text("checks[row_count1].recall_in_population", "at_least: '1%'")) == E::vacuous);
}

}  // namespace rehearse::judging::test
