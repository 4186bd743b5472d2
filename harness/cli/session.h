// Running one scenario from the command line: loading with diagnostics, progress, time, memory.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/campaign/rehearsal.h"
#include "harness/cli/progress.h"
#include "reports/result/result.pb.h"
#include "scenarios/diagnostics.h"
#include "scenarios/loader.h"

namespace rehearse::cli {

struct SessionOptions {
  std::string file;
  Overrides overrides;
  bool paranoid = false;
};

// How far a rehearsal is, for RehearsalOptions::progress.
std::function<void(const Progress&)> shown_on(ProgressLine& line);

// Loads and prints diagnostics to stderr; none if there are errors.
std::optional<LoadedScenario> load_or_explain(const std::string& file, const Overrides& overrides = {});

// Runs it, and shows how far it is. None: its inputs are wrong, and the diagnostics say how. Measures what differs
// between machines.
std::optional<result::Result> run_scenario(const LoadedScenario& scenario, const SessionOptions& options,
                                           std::vector<Diagnostic>& diagnostics);

bool on_a_terminal(int file_descriptor);
int terminal_width();

}  // namespace rehearse::cli
