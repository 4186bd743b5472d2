// What rules catch, miss and raise falsely: for a person, for a pull request, for a program.
//
// All three say the same: the rules with their cost, the failures with who catches them, the cheapest sets, and what
// could not be tried. Files are named in JSON alone.
#pragma once

#include <string>

#include "reports/result/rules.pb.h"
#include "reports/terminal.h"

namespace rehearse::reports {

std::string render_rules_terminal(const result::RuleTrial& trial, const TerminalOptions& options = {});
std::string render_rules_markdown(const result::RuleTrial& trial);
std::string render_rules_json(const result::RuleTrial& trial);

}  // namespace rehearse::reports
