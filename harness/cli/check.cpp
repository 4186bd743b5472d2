// rehearse check: runs the scenarios that have expectations, one line each, and JUnit for CI.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/session.h"
#include "harness/cli/shipped.h"
#include "reports/junit.h"
#include "reports/terminal.h"

namespace rehearse::cli {
namespace {

// The scenario files among paths: files as they are, and of folders every .yaml below them, in order of their names.
bool scenario_files(const std::vector<std::string>& paths, std::vector<std::string>& files) {
  for (const std::string& named : paths) {
    const std::string path = found_file(named);
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path, error))
      if (entry.is_regular_file(error) && entry.path().extension() == ".yaml") found.push_back(entry.path().string());
    std::sort(found.begin(), found.end());
    if (found.empty()) {
      fmt::print(stderr, "rehearse check: there is no .yaml file in {}\n", path);
      return false;
    }
    files.insert(files.end(), found.begin(), found.end());
  }
  return true;
}

bool write_file(const std::string& path, const std::string& content) {
  const std::string temporary = path + ".part";
  std::ofstream out(temporary, std::ios::binary);
  out << content;
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(temporary, path, error);
  if (out && !error) return true;
  std::filesystem::remove(temporary, error);
  fmt::print(stderr, "rehearse check: cannot write {}\n", path);
  return false;
}

}  // namespace

int check_command(const std::vector<std::string>& arguments) {
  const Options options = parse_options(arguments, option_rules("check"));
  if (!options.error.empty()) return usage_error("check", options.error);
  if (options.positional.empty()) return usage_error("check", "give scenario files or folders");
  std::vector<std::string> files;
  if (!scenario_files(options.positional, files)) return wrong_input;

  std::vector<LoadedScenario> scenarios;
  std::vector<std::string> names;
  bool readable = true;
  for (const std::string& file : files) {
    std::optional<LoadedScenario> loaded = load_or_explain(file, std::nullopt);
    if (!loaded) {
      readable = false;
    } else if (loaded->proto.has_expect()) {
      scenarios.push_back(std::move(*loaded));
      names.push_back(file);
    } else {
      fmt::print("skip  {}: it has no `expect:`\n", file);
    }
  }
  if (!readable) return wrong_input;

  std::vector<result::Result> results;
  for (std::size_t i = 0; i < scenarios.size() && !interrupted.load(); ++i) {
    SessionOptions session;
    session.file = names[i];
    std::optional<result::Result> result = run_scenario(scenarios[i], session);
    if (!result) return wrong_input;
    fmt::print("{}", reports::render_terminal_line(*result, {}));
    for (const result::Expectation& expectation : result->expectations())
      if (expectation.status() != result::Expectation::held)
        fmt::print("      {}: {}; it is {}\n", expectation.where(), expectation.text(), expectation.actual());
    results.push_back(std::move(*result));
  }
  const auto passed =
      std::count_if(results.begin(), results.end(), [](const auto& r) { return r.verdict() == result::Result::pass; });
  fmt::print("{} of {} scenarios are as expected\n", passed, scenarios.size());
  if (options.has("--junit")) {
    std::vector<const result::Result*> all;
    for (const result::Result& result : results) all.push_back(&result);
    if (!write_file(options.value("--junit"), reports::render_junit(all))) return wrong_input;
  }
  if (scenarios.empty()) {
    fmt::print(stderr, "rehearse check: nothing was checked\n");
    return wrong_input;
  }
  return passed == static_cast<std::ptrdiff_t>(scenarios.size()) ? as_expected : not_as_expected;
}

}  // namespace rehearse::cli
