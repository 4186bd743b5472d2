// What many rehearsals say: for a person, for a pull request, for a program.
//
// Of one point everything is shown; of a grid a table with a row a point, whose cells are the odds that say most. What
// no run put to the test, what failed and what is missing stands in all of them.
#pragma once

#include <string>

#include "reports/result/sweep.pb.h"
#include "reports/terminal.h"

namespace rehearse::reports {

std::string render_sweep_terminal(const result::Sweep& sweep, const TerminalOptions& options = {});
std::string render_sweep_markdown(const result::Sweep& sweep);
std::string render_sweep_json(const result::Sweep& sweep);

}  // namespace rehearse::reports
