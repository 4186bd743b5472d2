// Running one scenario from the command line: loading with diagnostics, progress, time, memory.
#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "reports/result/result.pb.h"
#include "scenarios/loader.h"

namespace rehearse::cli {

struct SessionOptions {
  std::string file;
  std::optional<std::int64_t> seed;
  bool paranoid = false;
  bool progress = false;  // a live line on stderr
};

// Loads and prints diagnostics to stderr; none if there are errors.
std::optional<LoadedScenario> load_or_explain(const std::string& file, std::optional<std::int64_t> seed);

// Runs it. None: its inputs are wrong, which has been said. Measures what differs between machines.
std::optional<result::Result> run_scenario(const LoadedScenario& scenario, const SessionOptions& options);

std::string replay_command(const LoadedScenario& scenario, const std::string& file);

bool on_a_terminal(int file_descriptor);
int terminal_width();

// Set by Ctrl-C, once run_scenario has installed its handler.
extern std::atomic<bool> interrupted;

}  // namespace rehearse::cli
