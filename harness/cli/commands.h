// The commands of the program: one file each, and what they share.
#pragma once

#include <string>
#include <vector>

#include "harness/cli/options.h"

namespace rehearse::cli {

// Exit codes: 0 all as expected; 1 an expectation or verdict failed; 2 the user's input is wrong; 3 we failed.
inline constexpr int as_expected = 0, not_as_expected = 1, wrong_input = 2, our_failure = 3;

struct OptionHelp {
  const char* name;
  const char* value;  // what it takes, as "N"; empty: nothing
  const char* help;
  bool repeats = false;  // may be given more than once
};

struct Example {
  const char* line;
  const char* says;  // what it is for
};

struct ExitHelp {
  int code;
  const char* means;
};

// What can stand where a command takes a word: what a shell offers for completion.
enum class Words { none, scenarios, paths, lists, things, shells };

// One entry of the table that help, manual page, completions and the parsing of options all come from.
struct Command {
  const char* name;
  const char* arguments;
  const char* summary;
  const char* help;  // paragraphs are separated by empty lines; lines that begin with a space are kept as they are
  int (*run)(const std::vector<std::string>& arguments);
  std::vector<OptionHelp> options{};
  std::vector<Example> examples{};
  std::vector<ExitHelp> exits{};
  Words words = Words::none;
};

const std::vector<Command>& commands();

int run_command(const std::vector<std::string>& arguments);
int sweep_command(const std::vector<std::string>& arguments);
int check_command(const std::vector<std::string>& arguments);
int test_rules_command(const std::vector<std::string>& arguments);
int fit_command(const std::vector<std::string>& arguments);
int emit_command(const std::vector<std::string>& arguments);
int lint_command(const std::vector<std::string>& arguments);
int list_command(const std::vector<std::string>& arguments);
int explain_command(const std::vector<std::string>& arguments);
int explain_row(const struct Options& options);  // `explain row TABLE KEY SCENARIO`
int schema_command(const std::vector<std::string>& arguments);
int new_command(const std::vector<std::string>& arguments);
int manual_command(const std::vector<std::string>& arguments);
int completion_command(const std::vector<std::string>& arguments);

// help.cpp: what `--help` prints.
std::string help_text();
std::string help_text(const Command& command);

// The options of a command, as the table has them, for parse_options.
std::vector<OptionRule> option_rules(const std::string& command);

// Prints a message and how the command is used; returns wrong_input.
int usage_error(const std::string& command, const std::string& message);

}  // namespace rehearse::cli
