// rehearse test-rules: which failures a set of checks catches, misses and raises falsely, and which of them are enough.
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "harness/campaign/rules.h"
#include "harness/cli/commands.h"
#include "harness/cli/files.h"
#include "harness/cli/options.h"
#include "harness/cli/session.h"
#include "reports/rules.h"

namespace rehearse::cli {
namespace {

constexpr const char* command = "test-rules";

bool gather_rules(const std::vector<std::string>& files, std::vector<Rule>& rules) {
  std::vector<Diagnostic> diagnostics;
  for (const std::string& file : files) add_rules(read_rules(file, diagnostics), file, rules);
  fmt::print(stderr, "{}", to_text(diagnostics));
  if (has_errors(diagnostics)) return false;
  if (rules.size() > rules_max) fmt::print(stderr, "rehearse {}: there are more than {} rules\n", command, rules_max);
  return rules.size() <= rules_max;
}

bool gather_worlds(const std::vector<std::string>& files, std::vector<RuleWorld>& worlds) {
  bool all = true;
  for (const std::string& file : files) {
    std::optional<LoadedScenario> loaded = load_or_explain(file, std::nullopt);
    all = all && loaded.has_value();
    if (loaded) worlds.push_back({std::move(*loaded), file});
  }
  return all;
}

void on_interrupt(int) { interrupted.store(true); }

}  // namespace

int test_rules_command(const std::vector<std::string>& arguments) {
  const Options options = parse_options(arguments, option_rules("test-rules"));
  if (!options.error.empty()) return usage_error(command, options.error);
  if (options.positional.empty()) return usage_error(command, "give files with checks");
  std::vector<std::string> rule_files, world_files;
  if (!scenario_files(command, options.positional, rule_files)) return wrong_input;
  if (!options.has("--against")) world_files = rule_files;
  else if (!scenario_files(command, {options.value("--against")}, world_files)) return wrong_input;
  std::vector<Rule> rules;
  std::vector<RuleWorld> worlds;
  if (!gather_rules(rule_files, rules) || !gather_worlds(world_files, worlds)) return wrong_input;

  std::signal(SIGINT, on_interrupt);
  RuleTrialOptions trial_options;
  trial_options.interrupted = &interrupted;
  const bool progress = on_a_terminal(STDERR_FILENO);
  if (progress) trial_options.begins = [](const std::string& file) { fmt::print(stderr, "\r  {}\x1b[K", file); };
  std::vector<Diagnostic> diagnostics;
  const result::RuleTrial trial = try_rules(rules, worlds, diagnostics, trial_options);
  if (progress) fmt::print(stderr, "\r\x1b[K");
  fmt::print(stderr, "{}", to_text(diagnostics));
  if (has_errors(diagnostics)) return wrong_input;

  reports::TerminalOptions terminal;
  terminal.width = on_a_terminal(STDOUT_FILENO) ? terminal_width() : 120;
  terminal.colour = on_a_terminal(STDOUT_FILENO) && std::getenv("NO_COLOR") == nullptr;
  fmt::print("{}", reports::render_rules_terminal(trial, terminal));
  if (options.has("--markdown") &&
      !write_file(command, options.value("--markdown"), reports::render_rules_markdown(trial)))
    return wrong_input;
  if (options.has("--json") && !write_file(command, options.value("--json"), reports::render_rules_json(trial)))
    return wrong_input;
  if (interrupted.load()) fmt::print(stderr, "rehearse {}: interrupted; not every scenario was run\n", command);
  return as_it_should_be(trial) && !interrupted.load() ? as_expected : not_as_expected;
}

}  // namespace rehearse::cli
