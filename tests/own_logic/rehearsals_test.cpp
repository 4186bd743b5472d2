// Whole rehearsals with the user's own logic: the shipped scenarios, their determinism, mistakes that are found before,
// and programs that misbehave in a plan.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "harness/program/program.h"
#include "tests/campaign/loaded.h"
#include "tests/own_logic/small_plan.h"

namespace rehearse {
namespace {

std::string reasons(const result::Result& r) {
  std::string all;
  for (const std::string& reason : r.reasons()) all += reason + "\n";
  return all;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::uint64_t caught(const result::Result& r, const std::string& cause, const std::string& check, bool all = false) {
  std::uint64_t n = 0;
  for (const result::MatrixCell& cell : r.matrix())
    if (cell.check() == check && contains(cell.cause(), cause)) n += all ? cell.divergences() : cell.caught();
  return n;
}

BOOST_AUTO_TEST_CASE(the_playbooks_queries_run_unchanged_and_the_matrix_shows_what_they_miss) {
  const Loaded loaded = shipped("own_logic/playbook.yaml");
  const result::Result r = rehearse(loaded.scenario, loaded.inputs);
  BOOST_TEST(r.verdict() == result::Result::pass, reasons(r));
  BOOST_TEST(caught(r, "field_corruption", "unequal") == 0U);  // NULL <> a value
  BOOST_TEST(caught(r, "deletes", "anti_join") == 0U);         // rows too many
  for (const std::string cause : {"field_corruption", "deletes"}) {
    BOOST_TEST(caught(r, cause, "thorough") > 0U, cause);
    // Read as of a position, a wrong row whose next change is under way is not compared: there is one such.
    BOOST_TEST(caught(r, cause, "thorough") + 1 >= caught(r, cause, "thorough", true), cause);
    BOOST_TEST(caught(r, cause, "thorough") == caught(r, cause, "fields"), cause);
  }
}

BOOST_AUTO_TEST_CASE(sql_answers_are_part_of_the_outcome_and_the_same_however_time_is_cut) {
  const Loaded loaded = shipped("own_logic/playbook.yaml");
  RehearsalOptions cut;
  cut.cut_every = minute * 7;
  const result::Result a = rehearse(loaded.scenario, loaded.inputs), b = rehearse(loaded.scenario, loaded.inputs, cut);
  BOOST_TEST(a.digests().outcome() == b.digests().outcome());
  Loaded other = shipped("own_logic/playbook.yaml");
  for (scenario::Check& c : *other.scenario.proto.mutable_checks())
    if (c.name() == "counts") c.mutable_sql()->mutable_tolerance()->set_share_ppb(500'000'000);
  BOOST_TEST(a.digests().outcome() != rehearse(other.scenario, other.inputs).digests().outcome());
}

BOOST_AUTO_TEST_CASE(a_teams_programs_go_through_a_migration_like_built_in_ones) {
  if (std::system("python3 -c 1 2>/dev/null") != 0) {
    BOOST_TEST_MESSAGE("there is no python3, so its reconciler is not run");
    return;
  }
  const Loaded loaded = shipped("own_logic/programs.yaml");
  const result::Result r = rehearse(loaded.scenario, loaded.inputs);
  BOOST_TEST(r.verdict() == result::Result::pass, reasons(r));
  BOOST_TEST(r.rollbacks_size() == 1);
  BOOST_TEST(contains(r.rollbacks(0).trigger(), "policy.sh says roll_back"));
  BOOST_TEST(rehearse(loaded.scenario, loaded.inputs).digests().outcome() == r.digests().outcome());
}

// ---- a small plan whose files are written by the test

struct Files {
  ScratchFolder folder;
  void write(const std::string& name, const std::string& text) const {
    const std::string path = folder.path() + "/" + name;
    std::ofstream(path) << text;
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  }
  LoadResult load(const std::string& more) const {
    return load_scenario_text(small_plan + more, folder.path() + "/small.yaml");
  }
  result::Result rehearsed(const std::string& more) const {
    const Loaded loaded = with_inputs(load(more));
    return rehearse(loaded.scenario, loaded.inputs);
  }
};

const std::string plan = R"yaml(
checks: {age: {freshness: {of: new, every: 5m}}}
metrics: {age: {from: age}}
migration:
  from: nightly
  to: cdc
  phases:
    - {name: shadow, at_least: 6h}
    - {name: full, move: {rest: together}, at_least: 1d}
  decide: {run: [./decide.sh], every: 1h, metrics: [age], time_out: 2s}
  rollback: {triggers: [{metric: age, above: 1d, for: 1h}], steps: [{redirect_consumers: 30s}]}
)yaml";

BOOST_AUTO_TEST_CASE(the_programs_proceed_opens_the_gate_its_hold_keeps_it_shut_and_its_roll_back_goes_back) {
  Files files;
  files.write("decide.sh", "#!/bin/sh\necho proceed\n");
  BOOST_TEST(files.rehearsed(plan).decision() == result::Result::cut_over);
  files.write("decide.sh", "#!/bin/sh\necho hold\n");
  BOOST_TEST(files.rehearsed(plan).decision() == result::Result::held);
  files.write("decide.sh", "#!/bin/sh\ngrep -q '\"phase\": \"full\"' && echo roll_back || echo proceed\n");
  const result::Result r = files.rehearsed(plan);
  BOOST_TEST(r.decision() == result::Result::rolled_back);
  BOOST_TEST(r.rollbacks(0).phase() == "full");
}

BOOST_AUTO_TEST_CASE(a_program_that_decides_nothing_holds_and_is_named_and_is_no_pass) {
  Files files;
  for (const auto& [script, named] :
       std::vector<std::pair<std::string, std::string>>{{"exit 4", "ended with exit code 4"},
                                                        {"echo perhaps", "is neither proceed nor hold nor roll_back"},
                                                        {"true", "it said nothing"},
                                                        {"kill -ABRT $$", "was ended by signal 6"}}) {
    files.write("decide.sh", "#!/bin/sh\n" + script + "\n");
    const result::Result r = files.rehearsed(plan);
    BOOST_TEST(r.decision() == result::Result::held, script);
    BOOST_TEST(r.verdict() != result::Result::pass, script);
    BOOST_TEST(contains(reasons(r), named), reasons(r));
  }
}

const std::string program = R"yaml(
checks: {own: {command: {run: [./check.sh, "{reference}", "{trial}"], between: [source, new], every: 12h, time_out: 500ms}}}
)yaml";

BOOST_AUTO_TEST_CASE(a_check_that_hangs_is_named_and_the_verdict_is_inconclusive) {
  Files files;
  files.write("check.sh", "#!/bin/sh\nsleep 60\n");
  const result::Result r = files.rehearsed(program);
  BOOST_TEST(r.verdict() == result::Result::inconclusive);
  BOOST_TEST(contains(reasons(r), "did not answer before its time-out"), reasons(r));
  BOOST_TEST(check(r, "own").runs_without_data() == check(r, "own").runs());
  BOOST_TEST(contains(check(r, "own").note(), "had no answer"));
}

BOOST_AUTO_TEST_CASE(what_is_wrong_whatever_the_rows_are_is_found_before_and_at_its_place) {
  Files files;
  const auto diagnosed = [&](const std::string& more) {
    const LoadResult loaded = files.load(more);
    BOOST_TEST(!loaded.scenario.has_value(), more);
    return to_text(loaded.diagnostics);
  };
  const std::string sql = "checks: {own: {sql: {file: own.sql, between: [old, new], every: 1h}}}\n";
  BOOST_TEST(contains(diagnosed(sql), "there is no file"));
  files.write("own.sql", "SELECT o.id\nFROM old o JOIN new n ON n.id = o.idd\n");
  BOOST_TEST(contains(diagnosed(sql), "own.sql:2:33: checks.own.sql.file: no such column: o.idd"), diagnosed(sql));
  files.write("own.sql", "SELECT id FROM orders\n");
  BOOST_TEST(contains(diagnosed(sql), "write old.orders or new.orders"));
  files.write("own.sql", "SELECT amount, amount, amount, amount, amount FROM old\n");
  BOOST_TEST(contains(diagnosed(sql), "it returns no key"));
  files.write("own.sql", "SELECT id FROM old WHERE amount > :limit\n");
  BOOST_TEST(contains(diagnosed(sql), "no parameter :limit is given"));
  files.write("own.sql", "SELECT id FROM old WHERE amount > :limit; DELETE FROM old\n");
  const std::string with_limit =
      "checks: {own: {sql: {file: own.sql, between: [old, new], every: 1h, parameters: {limit: 3}}}}\n";
  BOOST_TEST(contains(diagnosed(with_limit), "may not be modified"), diagnosed(with_limit));
  BOOST_TEST(contains(diagnosed(program), "there is no file"));
  BOOST_TEST(contains(diagnosed(plan), "there is no file"));
}

}  // namespace
}  // namespace rehearse
