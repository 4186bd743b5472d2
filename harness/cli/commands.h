// The commands of the program: one file each, and what they share.
#pragma once

#include <string>
#include <vector>

namespace rehearse::cli {

// Exit codes: 0 all as expected; 1 an expectation or verdict failed; 2 the user's input is wrong; 3 we failed.
inline constexpr int as_expected = 0, not_as_expected = 1, wrong_input = 2, our_failure = 3;

struct Command {
  const char* name;
  const char* arguments;
  const char* summary;
  const char* help;
  int (*run)(const std::vector<std::string>& arguments);
};

const std::vector<Command>& commands();

int run_command(const std::vector<std::string>& arguments);
int check_command(const std::vector<std::string>& arguments);
int test_rules_command(const std::vector<std::string>& arguments);
int fit_command(const std::vector<std::string>& arguments);
int lint_command(const std::vector<std::string>& arguments);
int list_command(const std::vector<std::string>& arguments);
int explain_command(const std::vector<std::string>& arguments);
int schema_command(const std::vector<std::string>& arguments);
int new_command(const std::vector<std::string>& arguments);

// Prints a message and how the command is used; returns wrong_input.
int usage_error(const std::string& command, const std::string& message);

}  // namespace rehearse::cli
