// rehearse run: one rehearsal, its summary and its run folder.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/session.h"
#include "reports/run_folder.h"
#include "reports/terminal.h"

namespace rehearse::cli {

int run_command(const std::vector<std::string>& arguments) {
  const Options options = parse_options(arguments, option_rules("run"));
  if (!options.error.empty()) return usage_error("run", options.error);
  if (options.positional.size() != 1) return usage_error("run", "give one scenario file");
  SessionOptions session;
  session.file = options.positional[0];
  if (options.has("--seed")) {
    session.overrides.seed = options.number("--seed");
    if (!session.overrides.seed)
      return usage_error("run", "--seed wants a number from 0 up, not " + options.value("--seed"));
  }
  for (const std::string& given : options.values("--set")) {
    const std::size_t equals = given.find('=');
    if (equals == std::string::npos || equals == 0)
      return usage_error("run", "--set wants a field's path and its value, PATH=VALUE, not " + given);
    session.overrides.values.emplace_back(given.substr(0, equals), given.substr(equals + 1));
  }
  session.paranoid = options.has("--paranoid");

  const std::optional<LoadedScenario> scenario = load_or_explain(session.file, session.overrides);
  if (!scenario) return wrong_input;
  const std::filesystem::path folder =
      options.has("--out")
          ? std::filesystem::path(options.value("--out"))
          : std::filesystem::path("rehearsals") / fmt::format("{}-{}", scenario->proto.name(), scenario->proto.seed());
  if (const auto problem = reports::check_writable(folder)) {
    fmt::print(stderr, "rehearse run: {}\n", *problem);
    return wrong_input;
  }
  std::vector<Diagnostic> diagnostics;
  const std::optional<result::Result> result = run_scenario(*scenario, session, diagnostics);
  fmt::print(stderr, "{}", to_text(diagnostics));
  if (!result) return wrong_input;
  if (const auto problem = reports::write_run_folder(*result, folder)) {
    fmt::print(stderr, "rehearse run: {}\n", *problem);
    return our_failure;  // it could be written when the run began
  }
  reports::TerminalOptions terminal;
  terminal.width = on_a_terminal(STDOUT_FILENO) ? terminal_width() : 100;
  terminal.colour = on_a_terminal(STDOUT_FILENO) && std::getenv("NO_COLOR") == nullptr;
  terminal.folder = folder.string();
  fmt::print("{}", reports::render_terminal(*result, terminal));
  return result->verdict() == result::Result::pass ? as_expected : not_as_expected;
}

}  // namespace rehearse::cli
