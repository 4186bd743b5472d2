// rehearse check: runs the scenarios that have expectations or a baseline, one line each, and writes JUnit and Markdown
// for CI. With --update it shows what changed since the baselines, and why, and then writes them.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "harness/campaign/baseline.h"
#include "harness/cli/commands.h"
#include "harness/cli/files.h"
#include "harness/cli/options.h"
#include "harness/cli/session.h"
#include "reports/check_markdown.h"
#include "reports/junit.h"
#include "reports/terminal.h"

namespace rehearse::cli {
namespace {

constexpr std::size_t shown_most = 20;  // differences of one baseline

struct CheckedScenario {
  LoadedScenario scenario;
  std::string file;
  std::string baseline_path;
  std::string baseline_json;         // as it is on disk
  std::optional<Baseline> baseline;  // none: there is no such file
};

struct PendingBaseline {
  std::string path;
  std::string json;
};

// False after a baseline that is there and cannot be read, which is said.
bool read_baseline(CheckedScenario& checked) {
  checked.baseline_path = baseline_file(checked.file);
  std::error_code error;
  if (!std::filesystem::exists(checked.baseline_path, error)) return true;
  std::vector<Diagnostic> diagnostics;
  if (const auto json = read_file(checked.baseline_path, baseline_bytes_max)) {
    checked.baseline_json = *json;
    checked.baseline = parse_baseline(*json, checked.baseline_path, diagnostics);
  } else {
    Diagnostic problem;
    problem.file = checked.baseline_path;
    problem.message = "it cannot be read";
    diagnostics.push_back(problem);
  }
  fmt::print(stderr, "{}", to_text(diagnostics));
  return checked.baseline.has_value();
}

enum class Baselines { compare, update };

// The scenarios to run; none after something that is wrong, which is said.
std::optional<std::vector<CheckedScenario>> load(const std::vector<std::string>& files, Baselines baselines) {
  std::vector<CheckedScenario> all;
  bool readable = true;
  for (const std::string& file : files) {
    std::optional<LoadedScenario> loaded = load_or_explain(file, std::nullopt);
    if (!loaded) {
      readable = false;
      continue;
    }
    CheckedScenario checked{std::move(*loaded), file, {}, {}, {}};
    readable = read_baseline(checked) && readable;
    if (checked.scenario.proto.has_expect() || checked.baseline || baselines == Baselines::update)
      all.push_back(std::move(checked));
    else fmt::print("skip  {}: it has no `expect:` and no baseline\n", file);
  }
  if (!readable) return std::nullopt;
  return all;
}

void show_broken(const result::Result& result) {
  std::size_t broken = 0;
  for (const result::Expectation& expectation : result.expectations())
    if (expectation.status() != result::Expectation::held && ++broken <= shown_most)
      fmt::print("      {}: {}; it is {}\n", expectation.where(), expectation.text(), expectation.actual());
  if (broken > shown_most) fmt::print("      … and {} more\n", broken - shown_most);
}

// What an update would change, and why.
void show_update(const BaselineComparison& comparison) {
  const std::size_t count = comparison.values.size();
  fmt::print("      baseline: {}\n", count == 0   ? "every value is what it was"
                                     : count == 1 ? "1 value changed"
                                                  : fmt::format("{} values changed", count));
  for (std::size_t i = 0; i < std::min(count, shown_most); ++i)
    fmt::print("        {}\n", to_text(comparison.values[i]));
  if (count > shown_most) fmt::print("        … and {} more\n", count - shown_most);
  if (count > 0 || comparison.other_digest || !comparison.reasons.empty())
    fmt::print("        {}\n", reasons_text(comparison, shown_most));
}

// Compares with the baseline, or notes what is to be written. Returns why values differ, if they do.
std::string by_baseline(const CheckedScenario& checked, Baselines baselines, result::Result& result,
                        std::vector<PendingBaseline>& pending) {
  std::string why;
  if (result.has_stopped_at_ns()) return why;  // half a result is neither compared nor kept
  const Baseline now = baseline_of(checked.scenario, result);
  const bool has_expect = checked.scenario.proto.has_expect();
  if (baselines == Baselines::update) {
    if (checked.baseline) show_update(compare(*checked.baseline, now));
    else fmt::print("      baseline: a new one, of {} values\n", now.values.size());
    std::string json = to_json(now);
    if (json != checked.baseline_json) pending.push_back({checked.baseline_path, std::move(json)});
  } else if (checked.baseline) {
    const BaselineComparison comparison = compare(*checked.baseline, now);
    judge_by_baseline(comparison, checked.baseline_json, checked.baseline_path, has_expect, result);
    if (!comparison.values.empty()) why = reasons_text(comparison, shown_most);
  }
  return why;
}

int write_reports(const Options& options, const std::vector<result::Result>& results) {
  std::vector<const result::Result*> all;
  for (const result::Result& result : results) all.push_back(&result);
  if (options.has("--junit") && !write_file("check", options.value("--junit"), reports::render_junit(all)))
    return wrong_input;
  if (options.has("--markdown") &&
      !write_file("check", options.value("--markdown"), reports::render_check_markdown(all)))
    return wrong_input;
  return as_expected;
}

}  // namespace

int check_command(const std::vector<std::string>& arguments) {
  const Options options = parse_options(arguments, option_rules("check"));
  if (!options.error.empty()) return usage_error("check", options.error);
  if (options.positional.empty()) return usage_error("check", "give scenario files or folders");
  const Baselines baselines = options.has("--update") ? Baselines::update : Baselines::compare;
  std::vector<std::string> files;
  if (!scenario_files("check", options.positional, files)) return wrong_input;
  const std::optional<std::vector<CheckedScenario>> scenarios = load(files, baselines);
  if (!scenarios) return wrong_input;

  std::vector<result::Result> results;
  std::vector<PendingBaseline> pending;
  std::size_t passed = 0;
  for (const CheckedScenario& checked : *scenarios) {
    if (interrupted.load()) break;
    SessionOptions session;
    session.file = checked.file;
    std::optional<result::Result> result = run_scenario(checked.scenario, session);
    if (!result) return wrong_input;
    std::string why;
    if (baselines == Baselines::compare) why = by_baseline(checked, baselines, *result, pending);
    fmt::print("{}", reports::render_terminal_line(*result, {}));
    show_broken(*result);
    if (!why.empty()) fmt::print("      {}\n", why);
    if (baselines == Baselines::update) by_baseline(checked, baselines, *result, pending);
    const bool only_recorded = baselines == Baselines::update && !checked.scenario.proto.has_expect();
    passed += result->verdict() == result::Result::pass || only_recorded;
    results.push_back(std::move(*result));
  }
  fmt::print("{} of {} scenarios are as expected\n", passed, scenarios->size());
  for (const PendingBaseline& baseline : pending) {
    if (!write_file("check", baseline.path, baseline.json)) return wrong_input;
    fmt::print("written: {}\n", baseline.path);
  }
  if (const int problem = write_reports(options, results); problem != as_expected) return problem;
  if (scenarios->empty()) {
    fmt::print(stderr, "rehearse check: nothing was checked\n");
    return wrong_input;
  }
  return passed == scenarios->size() ? as_expected : not_as_expected;
}

}  // namespace rehearse::cli
