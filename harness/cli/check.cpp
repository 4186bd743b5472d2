// rehearse check: runs the scenarios that have expectations or a baseline, one line each, and writes JUnit and Markdown
// for CI. With --update it shows what changed since the baselines, and why, and then writes them.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "harness/campaign/baseline.h"
#include "harness/campaign/version.h"
#include "harness/cli/commands.h"
#include "harness/cli/files.h"
#include "harness/cli/interruption.h"
#include "harness/cli/options.h"
#include "harness/cli/session.h"
#include "harness/cli/shipped.h"
#include "reports/check_markdown.h"
#include "reports/junit.h"
#include "reports/terminal.h"
#include "sim/kernel/limit.h"

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

// A file that cannot be run, as one failure among the others.
result::Result not_run(const std::string& file, const std::vector<Diagnostic>& diagnostics) {
  result::Result result;
  result.set_scenario(file);
  result.set_scenario_file(file);
  result.set_verdict(result::Result::fail);
  result.set_replay("rehearse lint " + file);
  result.set_version(version());
  for (const Diagnostic& diagnostic : diagnostics)
    if (diagnostic.level == Diagnostic::Level::error && result.reasons_size() < static_cast<int>(shown_most))
      result.add_reasons(to_text(diagnostic));
  return result;
}

struct PendingBaseline {
  std::string path;
  std::string json;
};

// What is wrong with a baseline that is there is added to the diagnostics.
void read_baseline(CheckedScenario& checked, std::vector<Diagnostic>& diagnostics) {
  checked.baseline_path = baseline_file(checked.file);
  std::error_code error;
  if (!std::filesystem::exists(checked.baseline_path, error)) return;
  if (const auto json = read_file(checked.baseline_path, baseline_bytes_max)) {
    checked.baseline_json = *json;
    checked.baseline = parse_baseline(*json, checked.baseline_path, diagnostics);
  } else {
    Diagnostic problem;
    problem.file = checked.baseline_path;
    problem.message = "it cannot be read";
    diagnostics.push_back(problem);
  }
}

enum class Baselines { compare, update };

// A scenario that can be run; nothing for one that cannot, as the diagnostics say, and for one without expectations.
std::optional<CheckedScenario> load(const std::string& file, Baselines baselines,
                                    std::vector<Diagnostic>& diagnostics) {
  LoadResult loaded = load_scenario(found_file(file), {});
  diagnostics = std::move(loaded.diagnostics);
  if (!loaded.scenario) return std::nullopt;
  CheckedScenario checked{std::move(*loaded.scenario), file, {}, {}, {}};
  read_baseline(checked, diagnostics);
  if (has_errors(diagnostics)) return std::nullopt;
  if (checked.scenario.proto.has_expect() || checked.baseline || baselines == Baselines::update) return checked;
  fmt::print("skip  {}: it has no `expect:` and no baseline\n", file);
  return std::nullopt;
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
  int code = as_expected;
  if (options.has("--junit")) code = write_file("check", options.value("--junit"), reports::render_junit(all));
  if (options.has("--markdown"))
    code = std::max(code, write_file("check", options.value("--markdown"), reports::render_check_markdown(all)));
  return code;
}

// The scenarios one after the other, and what came of them.
class CheckOfAll {
 public:
  explicit CheckOfAll(Baselines baselines) : baselines_(baselines) {}

  void check(const std::string& file) {
    std::vector<Diagnostic> diagnostics;
    const std::optional<CheckedScenario> checked = load(file, baselines_, diagnostics);
    std::optional<result::Result> result;
    if (checked) result = run(*checked, diagnostics);
    fmt::print(stderr, "{}", to_text(diagnostics));
    if (result) return take(*checked, std::move(*result));
    if (!has_errors(diagnostics)) return;  // it has no expectations
    bad_file_ = true;
    results_.push_back(not_run(file, diagnostics));
    fmt::print("{}", reports::render_terminal_line(results_.back(), {}));
  }

  int write_baselines() const {
    for (const PendingBaseline& baseline : pending_) {
      if (const int code = write_file("check", baseline.path, baseline.json); code != as_expected) return code;
      fmt::print("written: {}\n", baseline.path);
    }
    return as_expected;
  }

  const std::vector<result::Result>& results() const { return results_; }
  std::size_t passed() const { return passed_; }
  int code() const {
    if (bad_file_ || results_.empty()) return wrong_input;
    return passed_ == results_.size() ? as_expected : not_as_expected;
  }

 private:
  static std::optional<result::Result> run(const CheckedScenario& checked, std::vector<Diagnostic>& diagnostics) {
    SessionOptions session;
    session.file = checked.file;
    try {
      return run_scenario(checked.scenario, session, diagnostics);
    } catch (const LimitReached& limit) {
      Diagnostic& problem = diagnostics.emplace_back();
      problem.file = checked.file;
      problem.message = limit.what();
      return std::nullopt;
    }
  }

  void take(const CheckedScenario& checked, result::Result result) {
    std::string why;
    if (baselines_ == Baselines::compare) why = by_baseline(checked, baselines_, result, pending_);
    fmt::print("{}", reports::render_terminal_line(result, {}));
    show_broken(result);
    if (!why.empty()) fmt::print("      {}\n", why);
    if (baselines_ == Baselines::update) by_baseline(checked, baselines_, result, pending_);
    const bool only_recorded = baselines_ == Baselines::update && !checked.scenario.proto.has_expect();
    passed_ += result.verdict() == result::Result::pass || only_recorded;
    results_.push_back(std::move(result));
  }

  Baselines baselines_;
  std::vector<result::Result> results_;
  std::vector<PendingBaseline> pending_;
  std::size_t passed_ = 0;
  bool bad_file_ = false;
};

}  // namespace

int check_command(const std::vector<std::string>& arguments) {
  const Options options = parse_options(arguments, option_rules("check"));
  if (!options.error.empty()) return usage_error("check", options.error);
  if (options.positional.empty()) return usage_error("check", "give scenario files or folders");
  std::vector<std::string> files;
  if (!scenario_files("check", options.positional, files)) return wrong_input;
  listen_to_interrupts();

  CheckOfAll all(options.has("--update") ? Baselines::update : Baselines::compare);
  std::size_t begun = 0;
  for (; begun < files.size() && !interrupted.load(); ++begun) all.check(files[begun]);
  fmt::print("{} of {} scenarios are as expected\n", all.passed(), all.results().size());
  if (interrupted.load() && begun < files.size())
    fmt::print("interrupted: {} of {} files were not run\n", files.size() - begun, files.size());
  const int unwritten = std::max(all.write_baselines(), write_reports(options, all.results()));
  if (all.results().empty() && !interrupted.load()) fmt::print(stderr, "rehearse check: nothing was checked\n");
  const int code = interrupted.load() ? std::max(all.code(), not_as_expected) : all.code();
  return std::max(code, unwritten);
}

}  // namespace rehearse::cli
