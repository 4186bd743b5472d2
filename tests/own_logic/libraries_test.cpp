// Checks, repairs and decisions by a shared library, well and badly behaved, on a world of ten rows and in a small
// plan.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "scenarios/own_library_file.h"
#include "tests/campaign/loaded.h"
#include "tests/own_logic/small_plan.h"
#include "tests/own_logic/trial.h"

using namespace rehearse;
using namespace rehearse::reconcile_test;

namespace {

BOOST_AUTO_TEST_CASE(it_sees_each_row_of_either_side_and_its_claims_are_taken) {
  Trial rows, nulls;
  rows.small.duplicate(7);
  rows.small.lose(3);
  BOOST_TEST(rows.library("rows").figure.value_or(0) == 10 + 100 * 10);  // nine rows of ten, one of them twice
  nulls.small.alter(4, amount, AlterationKind::null);
  const CheckRun& run = nulls.library("nulls");
  BOOST_TEST(run.problem == "");
  BOOST_TEST(claimed(run, scenario::MISMATCH) == std::vector<RowId>{4}, boost::test_tools::per_element());
  BOOST_TEST(run.claims.list()[0].names(amount));
  BOOST_TEST((run.reported - run.last_read).ns >= (second * 5).ns);
}

BOOST_AUTO_TEST_CASE(a_figure_beyond_the_tolerance_is_a_claim) {
  Trial trial;
  const CheckRun& run = trial.library("figure");
  BOOST_TEST(run.figure.value_or(0) == 0.5);
  BOOST_TEST(run.found[scenario::AGGREGATE] == 1U);
}

BOOST_AUTO_TEST_CASE(one_that_throws_crashes_lies_hangs_floods_or_leaves_has_no_data_and_is_named) {
  const auto problem = [](const std::string& what, int time_out_ms = 20'000) {
    Trial trial;
    const CheckRun& run = trial.library(what, "", time_out_ms);
    BOOST_TEST(!run.data, what);
    BOOST_TEST(run.claims.empty(), what);
    BOOST_TEST(contains(run.problem, "misbehaving.so"), what << ": " << run.problem);
    return run.problem;
  };
  const std::pair<const char*, const char*> said[] = {
      {"throw", "threw no luck today"},
      {"throw_other", "threw something that is no std::exception"},
      {"no_column", "threw there is no column absent"},
      {"crash", "was ended by signal 11"},
      {"abort", "was ended by signal 6"},
      {"exit", "ended its process instead of answering"},
      {"lie", "line 1 of its answer: it claims the key `424242`, which neither side has"},
      {"wrong_class", "there is no class `wrong`"},
      {"wrong_column", "there is no column `absent`"},
      {"wrong_dataset", "of a dataset `absent`, which the check does not read"},
      {"two_figures", "line 2 of its answer: it returns more than one figure"},
      {"flood", "wrote more than 64 MiB"},
      {"addresses", "is not deterministic"}};
  for (const auto& [what, words] : said) {
    const std::string text = problem(what);
    BOOST_TEST(contains(text, words), what << ": " << text);
  }
  BOOST_TEST(contains(problem("hang", 300), "did not answer before its time-out"));
}

// The sanitizer ends a process that runs out of memory by itself.
#ifndef __SANITIZE_ADDRESS__
BOOST_AUTO_TEST_CASE(memory_is_bounded) {
  Trial trial;
  BOOST_TEST(contains(trial.library("eat_memory").problem, "threw std::bad_alloc"));
}
#endif

BOOST_AUTO_TEST_CASE(nothing_is_remembered_between_two_questions_and_nothing_of_the_surroundings_is_seen) {
  ::setenv("REHEARSE_TEST_LEAK", "x", 1);
  for (const auto& [what, figure] : {std::pair{"remember", 1.0}, {"leave_a_trace", 0.0}, {"environment", 0.0}}) {
    Trial trial;
    const CheckRun& run = trial.library(what);
    BOOST_TEST(run.problem == "", what << run.problem);
    BOOST_TEST(run.figure.value_or(-1) == figure, what);
  }
}

BOOST_AUTO_TEST_CASE(what_it_prints_is_no_answer) {
  Trial trial;
  const CheckRun& run = trial.library("print");
  BOOST_TEST(run.problem == "");
  BOOST_TEST(!run.figure.has_value());
}

std::string repair(const std::string& what) {
  return "repair { of: 'c' at_most { count: 10 } library { file: " + quoted(REHEARSE_TEST_LIBRARY) +
         " parameters { name: 'do' value: " + quoted(what) + " } time_out_ns: 20000000000 takes_ns: 60000000000 } }";
}

BOOST_AUTO_TEST_CASE(it_repairs_only_what_was_claimed_and_with_actions_that_there_are) {
  Trial good;
  good.small.alter(4, amount, AlterationKind::null);
  good.library("nulls", repair(""));
  BOOST_TEST(good.small.stream_cell(4).same_content_as(good.small.source_cell(4)));
  const auto& audit = good.small.reconciler->audit();
  BOOST_REQUIRE(audit.size() == 1U);
  BOOST_TEST((audit[0].at - good.small.reconciler->runs()[0].reported).ns >= minute.ns);
  for (const auto& [what, words] : {std::pair{"lie", "the key `424242` was not claimed"},
                                    {"wrong_action", "there is no action `perhaps`"},
                                    {"throw", "threw no luck today"},
                                    {"crash", "was ended by signal 11"}}) {
    Trial bad;
    bad.small.alter(4, amount, AlterationKind::null);
    bad.library("nulls", repair(what));
    BOOST_TEST(!bad.small.stream_cell(4).same_content_as(bad.small.source_cell(4)), what);
    BOOST_REQUIRE(bad.small.reconciler->audit().size() == 1U);
    BOOST_TEST((bad.small.reconciler->audit()[0].result == AuditEntry::Result::no_answer), what);
    BOOST_TEST(contains(bad.small.reconciler->audit()[0].problem, words), bad.small.reconciler->audit()[0].problem);
  }
}

// ---- a small plan

const std::string plan = std::string(small_plan) + R"yaml(checks:
  age: {freshness: {of: new, every: 5m}}
metrics: {age: {from: age}}
migration:
  from: nightly
  to: cdc
  phases:
    - {name: shadow, at_least: 6h}
    - {name: full, move: {rest: together}, at_least: 1d}
  rollback: {triggers: [{metric: age, above: 1d, for: 1h}], steps: [{redirect_consumers: 30s}]}
)yaml";

LoadResult load(const std::string& decide) {
  return load_scenario_text(plan + "  decide: {" + decide + "every: 1h, metrics: [age]}\n", "/tmp/small.yaml");
}

result::Result decided(const std::string& what) {
  const Loaded loaded = with_inputs(load("library: " + std::string(REHEARSE_TEST_LIBRARY) + ", time_out: " +
                                         (what == "hang" ? "20ms" : "20s") + ", parameters: {do: " + what + "}, "));
  return rehearse::rehearse(loaded.scenario, loaded.inputs);
}

BOOST_AUTO_TEST_CASE(its_proceed_opens_the_gate_its_hold_keeps_it_shut_and_its_roll_back_goes_back) {
  const result::Result proceeds = decided("go");
  BOOST_TEST(proceeds.decision() == result::Result::cut_over);
  BOOST_TEST(proceeds.digests().outcome() == decided("go").digests().outcome());
  BOOST_TEST(decided("hold").decision() == result::Result::held);
  const result::Result back = decided("full");
  BOOST_TEST(back.decision() == result::Result::rolled_back);
  BOOST_TEST(back.rollbacks(0).phase() == "full");
  BOOST_TEST(contains(back.rollbacks(0).trigger(), "misbehaving.so says roll_back"));
  BOOST_TEST(back.digests().outcome() != proceeds.digests().outcome());
}

BOOST_AUTO_TEST_CASE(one_that_decides_nothing_holds_and_is_named_and_is_no_pass) {
  for (const auto& [what, words] : {std::pair{"throw", "threw no luck today"},
                                    {"crash", "was ended by signal 11"},
                                    {"hang", "did not answer before its time-out"}}) {
    const result::Result r = decided(what);
    std::string reasons;
    for (const std::string& reason : r.reasons()) reasons += reason + "\n";
    BOOST_TEST(r.decision() == result::Result::held, what);
    BOOST_TEST(r.verdict() != result::Result::pass, what);
    BOOST_TEST(contains(reasons, words), reasons);
  }
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_decision_is_found_before_and_at_its_place) {
  const auto diagnosed = [](const std::string& decide) {
    const LoadResult loaded = load(decide);
    BOOST_TEST(!loaded.scenario.has_value(), decide);
    return to_text(loaded.diagnostics);
  };
  BOOST_TEST(contains(diagnosed(""), "/tmp/small.yaml:28:3: migration.decide: it has neither `run` nor `library`"),
             diagnosed(""));
  BOOST_TEST(contains(diagnosed("run: [sh], library: x.so, "), "it has both `run` and `library`"));
  BOOST_TEST(contains(diagnosed("library: x.so, "),
                      "/tmp/small.yaml:28:21: migration.decide.library: there is no file `/tmp/x.so`"),
             diagnosed("library: x.so, "));
  BOOST_TEST(contains(diagnosed("run: [sh], parameters: {a: 1}, "), "a program is given its parameters as arguments"));
}

// ---- looking into files

BOOST_AUTO_TEST_CASE(a_library_is_told_from_what_is_none) {
  BOOST_TEST(library_problem(REHEARSE_TEST_LIBRARY, "check") == "");
  BOOST_TEST(library_problem(REHEARSE_TEST_LIBRARY, "decision") == "");
  BOOST_TEST(contains(library_problem("/proc/self/exe", "check"), "has no check (no REHEARSE_OWN_CHECK)"));
  BOOST_TEST(contains(library_problem("/tmp", "check"), "there is no file `/tmp`"));
  BOOST_TEST(contains(library_problem(REHEARSE_SOURCE_DIR "/README.md", "check"), "is no shared library"));
}

// Each byte of the header and of the tables' sizes is damaged in turn: it may be refused, and nothing else.
BOOST_AUTO_TEST_CASE(a_damaged_library_is_refused_and_harms_nobody) {
  const ScratchFolder folder;
  const std::string damaged = folder.path() + "/damaged.so";
  std::ifstream in(REHEARSE_TEST_LIBRARY, std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(in), {}};
  const auto with = [&](const std::string& bytes) {
    std::ofstream(damaged, std::ios::binary) << bytes;
    return library_problem(damaged, "check");
  };
  BOOST_TEST(with(whole) == "");
  for (std::size_t size = 0; size < whole.size(); size += whole.size() / 7 + 1)
    BOOST_TEST(with(whole.substr(0, size)) != "", size);
  constexpr std::size_t header = 64;
  std::size_t refused = 0;
  for (std::size_t at = 0; at < header; ++at)
    for (const char bit : {'\x01', '\x40', '\xff'}) {
      std::string bytes = whole;
      bytes[at] = static_cast<char>(bytes[at] ^ bit);
      refused += with(bytes).empty() ? 0 : 1;
    }
  BOOST_TEST(refused >= 20U);
}

}  // namespace
