// rehearse manual: the manual page in roff, from the same table that `--help` prints, so that the two cannot drift.
#include <fmt/format.h>

#include <cstdio>
#include <string_view>

#include "harness/campaign/version.h"
#include "harness/cli/commands.h"

namespace rehearse::cli {
namespace {

// Text as roff: no character of it is taken for a request or an escape, and hyphens can be copied.
std::string roff(std::string_view text) {
  std::string out;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && (c == '.' || c == '\'')) out += "\\&";
    line_begins = c == '\n';
    if (c == '\\') out += "\\e";
    else if (c == '-') out += "\\-";
    else if (c == '`') out += "\\(ga";
    else if (c == '\'') out += "\\(aq";
    else out += c;
  }
  return out;
}

std::string paragraphs(std::string_view text) {
  std::string out = roff(text);
  for (std::size_t at = out.find("\n\n"); at != std::string::npos; at = out.find("\n\n", at))
    out.replace(at, 2, "\n.PP\n");
  return out + "\n";
}

std::string tagged(const std::string& tag, std::string_view text) {
  return fmt::format(".TP\n{}\n{}\n", tag, roff(text));
}

std::string bold(std::string_view text) { return "\\fB" + roff(text) + "\\fR"; }

std::string command_section(const Command& command) {
  std::string out =
      fmt::format(".SS \"rehearse {} {}\"\n{}", roff(command.name), roff(command.arguments), paragraphs(command.help));
  for (const OptionHelp& option : command.options) {
    const std::string value = *option.value ? " \\fI" + roff(option.value) + "\\fR" : "";
    out += tagged(bold(option.name) + value, option.help);
  }
  for (const Example& example : command.examples)
    out += fmt::format(".PP\n{}:\n.PP\n.RS 4\n.nf\n{}\n.fi\n.RE\n", roff(example.says), roff(example.line));
  if (!command.exits.empty()) out += ".PP\nExit status:\n";
  for (const ExitHelp& exit : command.exits) out += tagged(bold(std::to_string(exit.code)), exit.means);
  return out;
}

std::string manual_page() {
  std::string out = fmt::format(".TH REHEARSE 1 \"\" \"Rehearse {}\" \"User Commands\"\n", roff(version()));
  out += ".SH NAME\nrehearse \\- rehearse a data migration before production sees it\n.SH SYNOPSIS\n";
  for (const Command& command : commands())
    out += fmt::format("\\fBrehearse {}\\fR {}\n.br\n", roff(command.name), roff(command.arguments));
  out +=
      "\\fBrehearse\\fR {\\fB\\-\\-help\\fR | \\fB\\-\\-version\\fR}\n.SH DESCRIPTION\n"
      "A scenario file describes a source, the pipelines that copy it, their readers, a migration plan with its "
      "checks, "
      "exit criteria and rollback triggers, and what may go wrong. Rehearse simulates weeks of it in seconds, knows of "
      "every row whether it is really right, and says whether the checks would have noticed, the gates would have "
      "held, "
      "and the rollback would have brought people back to good data. The same file with the same seed gives the same "
      "result everywhere.\n.PP\n"
      "A \\fISCENARIO\\fR is a file, or the name of a shipped one (\\fBrehearse list scenarios\\fR).\n"
      ".SH COMMANDS\n";
  for (const Command& command : commands()) out += command_section(command);
  out +=
      ".SH FILES\n"
      ".TP\n\\fIrehearsals/NAME\\-SEED/\\fR\nThe run folder of a rehearsal, in the folder where it was run. Another "
      "run of the same "
      "name and seed replaces it; a folder that is not a run folder is never replaced.\n"
      ".TP\n\\fIPREFIX/share/rehearse/scenarios/\\fR\nThe shipped scenarios and the captures that they replay.\n"
      ".TP\n\\fIPREFIX/share/doc/rehearse/\\fR\nThe scenario format, the faults, and what the simulation claims.\n"
      ".SH ENVIRONMENT\n.TP\n\\fBNO_COLOR\\fR\nIf set, the summary has no colours.\n";
  return out;
}

}  // namespace

int manual_command(const std::vector<std::string>& arguments) {
  if (!arguments.empty()) return usage_error("manual", "it takes no arguments");
  const std::string page = manual_page();
  std::fwrite(page.data(), 1, page.size(), stdout);
  return as_expected;
}

}  // namespace rehearse::cli
