// The program: finds the command and runs it. Whatever escapes is our failure: exit 3, with the line that replays it.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "harness/campaign/version.h"
#include "harness/cli/commands.h"
#include "scenarios/diagnostics.h"
#include "sim/kernel/assert.h"

namespace rehearse::cli {

const std::vector<Command>& commands() {
  static const std::vector<Command> all{
      {"run", "SCENARIO [--seed N] [--out DIR] [--paranoid]",
       "one rehearsal: a summary, and a run folder with every report",
       "Simulates the scenario, judges checks, gates and rollback against the truth, prints a summary and writes a "
       "run\n"
       "folder (rehearsals/NAME-SEED unless --out): report.html, result.json, report.md, junit.xml, metrics.csv.\n"
       "  --seed N      another seed than the file's\n"
       "  --out DIR     where the reports go; an existing folder is replaced only if it is a run folder\n"
       "  --paranoid    answer every comparison twice, by the shortcut and by a full scan, and compare (slow)\n"
       "Exit 0: the verdict is pass. 1: fail, inconclusive or vacuous. 2: the input is wrong.",
       run_command},
      {"check", "PATH... [--update] [--junit FILE] [--markdown FILE]",
       "regression: run every scenario that has `expect:` or a baseline, and say what is broken",
       "Runs the scenarios that have `expect:` or a baseline among the files and folders given, one line each. The\n"
       "baseline of NAME.yaml is NAME.baseline.json beside it: every value in it is compared with the run's.\n"
       "  --update         show what changed since the baselines, and why, and then write them\n"
       "  --junit FILE     also write all of them as one JUnit XML\n"
       "  --markdown FILE  also write them as Markdown, short enough for a pull request\n"
       "Exit 0: every expectation holds and every value is as in its baseline. 1: one is not.",
       check_command},
      {"test-rules", "PATH... [--against PATH] [--markdown FILE] [--json FILE]",
       "which failures a set of checks catches, misses and raises falsely",
       "Runs the checks of the files given in every scenario given, and says of every fault which checks caught it,\n"
       "which check could be left out, and the cheapest set that is as good (cost: rows read a simulated day).\n"
       "  --against PATH   the scenarios to run them in, a file or a folder; then a file of rules may hold nothing "
       "but\n"
       "                   `checks:`, whose stores and datasets are found by name\n"
       "  --markdown FILE  also write it as Markdown\n"
       "  --json FILE      also write it as JSON\n"
       "Exit 0: every failure is caught, without a false alarm. 1: not so.",
       test_rules_command},
      {"fit", "CAPTURE [--from N] [--to N] [--scenario FILE] [--out FILE]",
       "the workload of a captured stream, as a fragment of a scenario",
       "Prints tables with their workload (rates, mix, hot keys, sizes of transactions, columns, late commits), with\n"
       "95% intervals, and says where the workload changes. CAPTURE is a scenario that replays a stream, "
       "or\nthe file of a stream that begins with empty tables.\n"
       "  --from N, --to N  only these transactions, numbered from 1\n"
       "  --scenario FILE   also run this scenario with the fitted workload, and with each parameter at the ends of "
       "its\n"
       "                    interval, and say which matter most; its tables are those of the same names\n"
       "  --out FILE        write the fragment there",
       fit_command},
      {"lint", "PATH...", "check scenario files without running them",
       "Reads each file, and prints all its mistakes with file, line, column and what was expected. Exit 2 if there is "
       "one.",
       lint_command},
      {"list", "[faults | checks]", "what there is to use in a scenario", "Lists faults and checks with a line each.",
       list_command},
      {"explain", "WORD", "how a fault, a check or a field works",
       "Explains a fault, a check, or any field of a scenario, such as `burst`, `field_compare` or `flush_every`.",
       explain_command},
      {"schema", "[--markdown]", "the scenario format as JSON Schema, for editors",
       "Prints the JSON Schema of scenario files; with --markdown the reference page instead.", schema_command},
      {"new", "NAME", "a starter scenario",
       "Writes NAME.yaml, a small scenario with comments, if there is no such file yet.", new_command},
  };
  return all;
}

namespace {

void print_help() {
  fmt::print("Rehearse lets you rehearse a data migration before production sees it.\n\nrehearse COMMAND …\n");
  for (const Command& command : commands())
    fmt::print("  {} {}\n      {}\n", command.name, command.arguments, command.summary);
  fmt::print(
      "\nrehearse COMMAND --help says more about a command; rehearse --version names version and commit.\n"
      "A first rehearsal: rehearse run scenarios/quickstart.yaml\n");
}

int dispatch(const std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "-h" || arguments[0] == "help") {
    print_help();
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
        fmt::print("rehearse {} {}\n\n{}\n", command.name, command.arguments, command.help);
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

int usage_error(const std::string& name, const std::string& message) {
  for (const Command& command : commands())
    if (name == command.name)
      fmt::print(stderr, "rehearse {}: {}\nusage: rehearse {} {}\n", name, message, name, command.arguments);
  return wrong_input;
}

}  // namespace rehearse::cli

int main(int argc, char** argv) {
  try {
    return rehearse::cli::dispatch(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& error) {
    fmt::print(stderr, "rehearse failed: {}\n", error.what());
    if (!rehearse::replay_line().empty()) fmt::print(stderr, "replay with: {}\n", rehearse::replay_line());
    return rehearse::cli::our_failure;
  }
}
