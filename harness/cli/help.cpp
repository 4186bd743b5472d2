// What `rehearse --help` and `rehearse COMMAND --help` print, from the table of commands.
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "harness/cli/commands.h"

namespace rehearse::cli {
namespace {

constexpr std::size_t width = 92;

// Words wrapped to the width behind `indent` spaces; paragraphs keep an empty line between them.
std::string wrapped(std::string_view text, std::size_t indent) {
  std::string out, line;
  const auto flush = [&] {
    if (!line.empty()) out += std::string(indent, ' ') + line + "\n";
    line.clear();
  };
  std::string word;
  const auto end_word = [&] {
    if (word.empty()) return;
    if (!line.empty() && indent + line.size() + 1 + word.size() > width) flush();
    line += (line.empty() ? "" : " ") + word;
    word.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) == "\n\n") {
      end_word(), flush();
      out += "\n";
      ++i;
    } else if (text[i] == ' ' || text[i] == '\n') {
      end_word();
    } else {
      word += text[i];
    }
  }
  end_word(), flush();
  return out;
}

// A name in a column, and its text behind it.
std::string entry(const std::string& name, std::string_view text, std::size_t column) {
  std::string out = wrapped(text, column);
  const std::string head = "  " + name;
  if (head.size() + 2 > column) return head + "\n" + out;
  return head + out.substr(std::min(head.size(), out.size()));
}

}  // namespace

std::string help_text() {
  std::string out =
      "Rehearse lets you rehearse a data migration before production sees it: from a batch pipeline to a\n"
      "streaming one, or from an old store to a new one. A scenario file describes the source, both\n"
      "pipelines, their readers, the plan with its checks, gates and rollback, and what may go wrong.\n"
      "Rehearse simulates weeks of it in seconds and says whether the plan did its job.\n"
      "\nFirst steps\n"
      "  rehearse new orders            writes orders.yaml, a small scenario with comments\n"
      "  rehearse run orders.yaml       rehearses it; open the report.html that it names\n"
      "  rehearse list faults           what may go wrong; add one below `world: faults:` and run again\n"
      "\nCommands\n";
  for (const Command& command : commands()) out += entry(command.name, command.summary, 15);
  out +=
      "\nA SCENARIO is a file, or the name of a shipped one where Rehearse is installed (rehearse list\n"
      "scenarios). rehearse COMMAND --help says more about a command, with examples; rehearse --version\n"
      "names version, commit and what results depend on.\n"
      "\nExit codes\n"
      "  0  all is as expected        2  the input is wrong\n"
      "  1  a verdict or expectation  3  Rehearse itself failed\n"
      "     is not as it should be\n";
  return out;
}

std::string help_text(const Command& command) {
  std::string out = fmt::format("rehearse {}{}{}\n\n{}", command.name, *command.arguments ? " " : "", command.arguments,
                                wrapped(command.help, 0));
  if (!command.options.empty()) out += "\nOptions\n";
  for (const OptionHelp& option : command.options)
    out += entry(fmt::format("{}{}{}", option.name, *option.value ? " " : "", option.value), option.help, 18);
  if (!command.examples.empty()) out += "\nExamples\n";
  for (const Example& example : command.examples) out += fmt::format("  {}\n      {}\n", example.line, example.says);
  if (!command.exits.empty()) out += "\nExit codes\n";
  for (const ExitHelp& exit : command.exits) out += fmt::format("  {}  {}\n", exit.code, exit.means);
  return out;
}

}  // namespace rehearse::cli
