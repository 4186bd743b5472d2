// The program: finds the command and runs it. Whatever escapes is our failure: exit 3, with the line that replays it.
#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>
#include <system_error>
#include <vector>

#include "harness/campaign/version.h"
#include "harness/cli/commands.h"
#include "scenarios/diagnostics.h"
#include "sim/kernel/assert.h"
#include "sim/kernel/limit.h"

namespace rehearse::cli {

const std::vector<Command>& commands() {
  static const std::vector<ExitHelp> judged{{0, "the verdict is pass"},
                                            {1, "it is fail, inconclusive or vacuous"},
                                            {2, "the input is wrong; each mistake is printed with its place"},
                                            {3, "Rehearse itself failed; the line that replays it is printed"}};
  static const std::vector<ExitHelp> told{{0, "done"}, {2, "the input is wrong"}};
  static const std::vector<Command> all{
      {"run",
       "SCENARIO [--seed N] [--set PATH=VALUE] [--out DIR] [--paranoid]",
       "one rehearsal: a summary, and a run folder with every report",
       "Simulates the scenario, judges its checks, gates and rollback against the truth, prints a summary, and writes "
       "a "
       "run folder: report.html to read, result.json with everything, report.md for a pull request, junit.xml for CI, "
       "metrics.csv, metrics.openmetrics.txt and trace.json for other tools.\n\n"
       "The verdict judges decisions: a rollback that was right is a pass, a GO into a store that was not safe is a "
       "fail. Ctrl-C ends the rehearsal early with what is known.",
       run_command,
       {{"--seed", "N", "another seed than the file's"},
        {"--set", "PATH=VALUE", "another value than the file's for one field; may be given more than once", true},
        {"--out", "DIR", "where the reports go, instead of rehearsals/NAME-SEED; only a run folder is replaced"},
        {"--paranoid", "", "answer every comparison twice, by the shortcut and by a full scan, and compare (slow)"}},
       {{"rehearse run quickstart", "a shipped scenario, by its name"},
        {"rehearse run plans/orders.yaml --seed 7", "your own, with other luck"}},
       judged,
       Words::scenarios},
      {"sweep",
       "SCENARIO [--seeds A..B] [--workers N] [--time-out T] [--out DIR]",
       "many seeds of a scenario, and the grid of its `vary:`: how often what goes wrong",
       "Rehearses the scenario with each seed, and with each combination of the values that its `vary:` names, on "
       "every "
       "core. Says how often a GO is false, danger is missed, a rollback is right and lands, with intervals; what each "
       "check notices of each cause; and what no seed put to the test.\n\n"
       "Each rehearsal that has ended is kept in DIR/campaign.sqlite at once, and its reports (sweep.json, sweep.md) "
       "are "
       "made from that file alone. The same command goes on where it was ended or killed; a rehearsal that failed is "
       "tried again.",
       sweep_command,
       {{"--seeds", "A..B", "the seeds, both ends included, instead of 1..100"},
        {"--workers", "N", "how many rehearsals run at once, instead of one a core"},
        {"--time-out", "T", "a rehearsal that takes longer, as 10m, is ended and has failed"},
        {"--out", "DIR", "where the file and the reports go, instead of sweeps/NAME"}},
       {{"rehearse sweep quickstart --seeds 1..1000", "the odds of a shipped scenario"}},
       {{0, "every rehearsal has an outcome, whatever it is"},
        {1, "one failed, or was not run"},
        {2, "the input is wrong; each mistake is printed with its place"},
        {3, "Rehearse itself failed, or the disk is full; what had ended is kept"}},
       Words::scenarios},
      {"check",
       "PATH... [--update] [--junit FILE] [--markdown FILE]",
       "regression: run every scenario that has `expect:` or a baseline, and say what is broken",
       "Runs the scenarios that have `expect:` or a baseline among the files, and among the .yaml files below the "
       "folders, given. Prints a line for each, and for each broken expectation its file and line.\n\n"
       "The baseline of NAME.yaml is NAME.baseline.json beside it: every value in it is compared with the run's.",
       check_command,
       {{"--update", "", "show what changed since the baselines, and why, and then write them"},
        {"--junit", "FILE", "also write all of them as one JUnit XML"},
        {"--markdown", "FILE", "also write them as Markdown, short enough for a pull request"}},
       {{"rehearse check plans --junit out.xml",
         "in CI: every rule and threshold against the accidents it must catch"}},
       {{0, "every expectation holds and every value is as in its baseline"},
        {1, "one is not"},
        {2, "a file is wrong, which is one failure among the others; or there is nothing to check"},
        {3, "Rehearse itself failed"}},
       Words::paths},
      {"test-rules",
       "PATH... [--against PATH] [--markdown FILE] [--json FILE]",
       "which failures a set of checks catches, misses and raises falsely",
       "Runs the checks of the files given in every scenario given, and says of every fault which checks caught it, "
       "which check could be left out, and the cheapest set that is as good (cost: rows read a simulated day).",
       test_rules_command,
       {{"--against", "PATH",
         "the scenarios to run them in, a file or a folder; then a file of rules may hold nothing but `checks:`, whose "
         "stores and datasets are found by name"},
        {"--markdown", "FILE", "also write it as Markdown"},
        {"--json", "FILE", "also write it as JSON"}},
       {{"rehearse test-rules rules.yaml --against plans", "a file of checks in the world of every plan"}},
       {{0, "every failure is caught, without a false alarm"},
        {1, "one is not, or there is a false alarm"},
        {2, "the input is wrong"},
        {3, "Rehearse itself failed"}},
       Words::paths},
      {"fit",
       "CAPTURE [--from N] [--to N] [--metrics FILE] [--scenario FILE] [--out FILE]",
       "the workload of a captured stream, as a fragment of a scenario",
       "Prints tables with their workload (rates, mix, hot keys, sizes of transactions, columns, late commits), with "
       "95% intervals, and says where the workload changes. CAPTURE is a scenario that replays a "
       "stream, or the file of a stream that begins with empty tables. With metrics also service times, as the "
       "distribution that fits them best: constant, exponential, lognormal or empirical.",
       fit_command,
       {{"--from", "N", "only transactions from this one on, numbered from 1"},
        {"--to", "N", "only transactions up to and with this one"},
        {"--metrics", "FILE",
         "also fit service times to this OpenMetrics text or CSV (columns metric, value, unit): histograms, quantiles "
         "or "
         "samples, by the label pipeline"},
        {"--scenario", "FILE",
         "also run this scenario with the fitted workload, and with each parameter at the ends of its interval, and "
         "say which matter most; its tables are those of the same names"},
        {"--out", "FILE", "write the fragment there"}},
       {{"rehearse fit pgbench.yaml --out workload.yaml", "what `extends:` can build upon"}},
       told,
       Words::paths},
      {"emit",
       "SCENARIO --out DIR [--format FORMAT] [--seed N]",
       "the scenario's source and change streams as files, to feed a real pipeline with",
       "Runs the scenario's synthetic source and connectors, faults included, and writes a folder: schema.sql, "
       "initial.TABLE.csv, stream.PIPELINE.jsonl (what the connector delivers), final.TABLE.csv (what a right pipeline "
       "ends with), and capture.yaml, a source that replays them.",
       emit_command,
       {{"--out", "DIR", "the folder; an existing one is replaced only if this command wrote it"},
        {"--format", "FORMAT", "wal2json2 (if left out), wal2json1, debezium, maxwell, canal or sql"},
        {"--seed", "N", "another seed than the file's"}},
       {{"rehearse emit quickstart --out emitted --format debezium",
         "what the connector of a shipped scenario delivers"}},
       {{0, "it is written"},
        {1, "it was interrupted, and nothing is written"},
        {2, "the input is wrong"},
        {3, "Rehearse itself failed, or the disk is full"}},
       Words::scenarios},
      {"lint",
       "PATH...",
       "check scenario files without running them",
       "Reads each file and prints all of its mistakes at once, with file, line, column, what was expected, and the "
       "nearest name that is known.",
       lint_command,
       {},
       {{"rehearse lint plans/orders.yaml", "before a run, or in a pre-commit hook"}},
       {{0, "every file can be run"}, {2, "one cannot"}},
       Words::scenarios},
      {"list",
       "[faults | checks | scenarios]",
       "what there is to use in a scenario",
       "Lists the faults, the checks and the shipped scenarios with a line each.",
       list_command,
       {},
       {{"rehearse list faults", "what may go wrong"}},
       told,
       Words::lists},
      {"explain",
       "WORD | row TABLE KEY SCENARIO [--seed N] [--from T] [--until T]",
       "how a fault, a check or a field works, what a word of the reports means; or the life of one row",
       "Explains a fault, a check, any field of a scenario with its fields, units and defaults, any word that a field "
       "can "
       "be, and the words of the reports: what a verdict can be, what is said of decisions and of rows.\n\n"
       "With `row` it runs the scenario and tells the life of one row: every change, where each copy went, what was "
       "lost or repeated, what each check said of it, and when it was right.",
       explain_command,
       {{"--seed", "N", "with `row`: another seed than the file's"},
        {"--from", "T", "with `row`: tell from here on; a time since the start (2d04h), or an instant"},
        {"--until", "T", "with `row`: tell up to here"}},
       {{"rehearse explain burst", "a fault"},
        {"rehearse explain flush_every", "a field, wherever it occurs"},
        {"rehearse explain vacuous", "a word of the reports"},
        {"rehearse explain row orders 4711 plans/orders.yaml", "a row that a report names"}},
       told,
       Words::things},
      {"schema",
       "[--markdown]",
       "the scenario format as JSON Schema, for editors",
       "Prints the JSON Schema of scenario files: editors that know YAML complete and check with it.",
       schema_command,
       {{"--markdown", "", "the reference page of the format instead"}},
       {{"rehearse schema > rehearse.schema.json", "for the YAML support of an editor"}},
       told},
      {"new",
       "NAME",
       "a starter scenario",
       "Writes NAME.yaml, a small scenario with comments that runs as it stands, if there is no such file yet.",
       new_command,
       {},
       {{"rehearse new orders && rehearse run orders.yaml", "a first scenario of your own"}},
       told},
      {"manual",
       "",
       "the manual page, in roff",
       "Prints the manual page that the packages install.",
       manual_command,
       {},
       {{"rehearse manual | man -l -", "read it without installing it"}},
       told},
      {"completion",
       "bash | zsh | fish",
       "completion of commands, options and names for a shell",
       "Prints the completion script that the packages install.",
       completion_command,
       {},
       {{"source <(rehearse completion bash)", "for this shell only"}},
       told,
       Words::shells},
  };
  return all;
}

namespace {

int dispatch(const std::vector<std::string>& arguments) {
  if (arguments.size() > 1 && arguments[0] == "help") return dispatch({arguments[1], "--help"});
  if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "-h" || arguments[0] == "help") {
    fmt::print("{}", help_text());
    return arguments.empty() ? wrong_input : as_expected;
  }
  if (arguments[0] == "--version") {
    fmt::print("rehearse {}\n", version());
    for (const auto& [name, value] : what_determinism_depends_on())
      if (name != "version") fmt::print("  {:<11} {}\n", name, value);
    return as_expected;
  }
  std::vector<std::string> names;
  for (const Command& command : commands()) {
    names.push_back(command.name);
    if (arguments[0] != command.name) continue;
    const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
    for (const std::string& argument : rest)
      if (argument == "--help" || argument == "-h") {
        fmt::print("{}", help_text(command));
        return as_expected;
      }
    return command.run(rest);
  }
  const std::string nearest = nearest_name(arguments[0], names);
  fmt::print(stderr, "rehearse: there is no command {}{}\n", shown(arguments[0]),
             nearest.empty() ? "; see rehearse --help" : "; did you mean " + nearest + "?");
  return wrong_input;
}

}  // namespace

std::vector<OptionRule> option_rules(const std::string& name) {
  std::vector<OptionRule> rules;
  for (const Command& command : commands())
    if (name == command.name)
      for (const OptionHelp& option : command.options)
        rules.push_back({option.name, *option.value != '\0', option.repeats});
  return rules;
}

int usage_error(const std::string& name, const std::string& message) {
  for (const Command& command : commands())
    if (name == command.name)
      fmt::print(stderr, "rehearse {}: {}\nusage: rehearse {} {}\n", name, message, name, command.arguments);
  return wrong_input;
}

}  // namespace rehearse::cli

namespace {

int failed(const std::string& why) {
  fmt::print(stderr, "rehearse failed: {}\n", why);
  return rehearse::cli::our_failure;
}

// What was said may still be on its way to a disk that is full.
int with_output_written(int code) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  return failed(fmt::format("standard output cannot be written: {}", std::strerror(errno)));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return with_output_written(rehearse::cli::dispatch(std::vector<std::string>(argv + 1, argv + argc)));
  } catch (const rehearse::LimitReached& limit) {
    fmt::print(stderr, "rehearse: {}\n", limit.what());
    return with_output_written(rehearse::cli::wrong_input);
  } catch (const std::system_error& error) {  // of a stream or a file: no rehearsal would replay it
    return failed(error.what());
  } catch (const std::exception& error) {
    const int code = failed(error.what());
    if (!rehearse::replay_line().empty()) fmt::print(stderr, "replay with: {}\n", rehearse::replay_line());
    return code;
  }
}
