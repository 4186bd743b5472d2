// The summary that a person understands at a glance: verdict first, then why, then what happened.
//
// Leaves out what needs a page (history of gates, examples, the audit log, time series); it names the folder that has
// it.
#pragma once

#include <string>

#include "reports/result/result.pb.h"

namespace rehearse::reports {

struct TerminalOptions {
  int width = 100;      // columns; lines are wrapped or shortened to it, 40 at least
  bool colour = false;  // ANSI colours; the caller knows about terminals and NO_COLOR
  std::string folder;   // where the reports were written, to be named in the summary; empty: nowhere
};

std::string render_terminal(const result::Result& result, const TerminalOptions& options = {});
// One line for lists of many rehearsals: "pass  name (seed 1): rolled back; first reason".
std::string render_terminal_line(const result::Result& result, const TerminalOptions& options = {});

}  // namespace rehearse::reports
