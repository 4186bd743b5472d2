// rehearse test-rules: which failures a set of checks catches, misses and raises falsely, and which of them are enough.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "harness/campaign/rules.h"
#include "harness/cli/commands.h"
#include "harness/cli/files.h"
#include "harness/cli/interruption.h"
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
    std::optional<LoadedScenario> loaded = load_or_explain(file);
    all = all && loaded.has_value();
    if (loaded) worlds.push_back({std::move(*loaded), file});
  }
  return all;
}

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

  listen_to_interrupts();
  RuleTrialOptions trial_options;
  trial_options.interrupted = &interrupted;
  ProgressLine line("test-rules");
  std::size_t begun = 0;
  std::string stage;
  trial_options.begins = [&](const std::string& file) {
    stage = fmt::format("{} ({} of {})", file, ++begun, worlds.size());
  };
  trial_options.progress = [&](const Progress& progress) {
    const double of_this = progress.end.ns > 0 && progress.now < progress.end
                               ? static_cast<double>(progress.now.ns) / static_cast<double>(progress.end.ns)
                               : 0;
    line.show((static_cast<double>(begun - 1) + of_this) / static_cast<double>(worlds.size()), "running rules", stage);
  };
  std::vector<Diagnostic> diagnostics;
  const result::RuleTrial trial = try_rules(rules, worlds, diagnostics, trial_options);
  line.clear();
  fmt::print(stderr, "{}", to_text(diagnostics));
  if (has_errors(diagnostics)) return wrong_input;

  reports::TerminalOptions terminal;
  terminal.width = on_a_terminal(STDOUT_FILENO) ? terminal_width() : 120;
  terminal.colour = on_a_terminal(STDOUT_FILENO) && std::getenv("NO_COLOR") == nullptr;
  fmt::print("{}", reports::render_rules_terminal(trial, terminal));
  int unwritten = as_expected;
  if (options.has("--markdown"))
    unwritten = write_file(command, options.value("--markdown"), reports::render_rules_markdown(trial));
  if (options.has("--json"))
    unwritten = std::max(unwritten, write_file(command, options.value("--json"), reports::render_rules_json(trial)));
  if (unwritten != as_expected) return unwritten;
  if (interrupted.load()) fmt::print(stderr, "rehearse {}: interrupted; not every scenario was run\n", command);
  return as_it_should_be(trial) && !interrupted.load() ? as_expected : not_as_expected;
}

}  // namespace rehearse::cli
