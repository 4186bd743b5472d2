// rehearse fit: the workload of a captured stream, and service times from metrics, as a fragment of a scenario.
#include "harness/campaign/fit.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "harness/campaign/assembler.h"
#include "harness/campaign/fit_metrics.h"
#include "harness/campaign/fit_sensitivity.h"
#include "harness/cli/commands.h"
#include "harness/cli/files.h"
#include "harness/cli/interruption.h"
#include "harness/cli/options.h"
#include "harness/cli/session.h"

namespace rehearse::cli {
namespace {

constexpr std::uintmax_t metrics_bytes_max = 1U << 30;
constexpr std::size_t lost_at_most = 1'000;  // one in so many changes may be of an unknown row

// A scenario's capture with what is declared beside it, or a stream alone.
std::shared_ptr<const CapturedStream> read_capture(const std::string& path) {
  if (path.ends_with(".yaml")) {
    const std::optional<LoadedScenario> scenario = load_or_explain(path);
    if (!scenario) return nullptr;
    std::vector<Diagnostic> diagnostics;
    const std::optional<SharedInputs> inputs = load_inputs(*scenario, diagnostics);
    fmt::print(stderr, "{}", to_text(diagnostics));
    if (inputs && !inputs->capture) fmt::print(stderr, "rehearse fit: the source of {} is not captured\n", path);
    return inputs ? inputs->capture : nullptr;
  }
  CaptureOptions options;
  options.stream_path = path;
  CaptureResult<CapturedStream> read = load_capture(options);
  if (!read) fmt::print(stderr, "{}\n", read.error.text());
  return read ? std::make_shared<const CapturedStream>(std::move(*read.value)) : nullptr;
}

// What the outcome of a scenario hangs on, as comments; none after something that is wrong, which is said.
std::optional<std::string> sensitivity(const Fit& fit, const MetricsFit& metrics, const std::string& file) {
  const std::optional<LoadedScenario> scenario = load_or_explain(file);
  if (!scenario) return std::nullopt;
  std::vector<Diagnostic> diagnostics;
  const std::optional<SharedInputs> inputs = load_inputs(*scenario, diagnostics);
  fmt::print(stderr, "{}", to_text(diagnostics));
  if (!inputs) return std::nullopt;
  const std::optional<Sensitivity> found = sensitivity_of(fit, metrics, *scenario, *inputs, &interrupted);
  if (found) return sensitivity_text(*found, file);
  std::vector<std::string> names;
  for (const FittedTable& table : fit.tables) names.push_back(table.name);
  fmt::print(
      stderr,
      "rehearse fit: {} has no synthetic table with a workload under a name of the capture; expected one of {}\n", file,
      fmt::join(names, ", "));
  return std::nullopt;
}

std::optional<MetricsFit> read_service_times(const std::string& file) {
  std::vector<Diagnostic> diagnostics;
  std::error_code error;
  std::optional<MetricsFit> fit;
  std::ifstream in;
  const bool regular = std::filesystem::is_regular_file(file, error);  // a pipe would be waited for
  if (regular && std::filesystem::file_size(file, error) <= metrics_bytes_max) in.open(file, std::ios::binary);
  if (!in.is_open())
    diagnostics.push_back({Diagnostic::Level::error, file, 0, 0, {}, "there is no such file of at most 1 GiB", {}, {}});
  else fit = fit_metrics(std::string(std::istreambuf_iterator<char>(in), {}), file, diagnostics);
  fmt::print(stderr, "{}", to_text(diagnostics));
  return fit;
}

// Changes that could not be replayed: of rows that nothing told of before.
std::uint64_t changes_not_replayed(const CapturedStream& capture) {
  std::uint64_t count = 0;
  for (const CaptureEvidence& evidence : capture.evidence)
    if (evidence.kind == EvidenceKind::update_of_unknown_row || evidence.kind == EvidenceKind::delete_of_unknown_row)
      count += evidence.count;
  return count;
}

}  // namespace

int fit_command(const std::vector<std::string>& arguments) {
  const Options options = parse_options(arguments, option_rules("fit"));
  if (!options.error.empty()) return usage_error("fit", options.error);
  if (options.positional.size() != 1) return usage_error("fit", "give one captured stream, or a scenario that has one");
  FitOptions fit_options;
  for (const auto& [name, bound] : {std::pair{"--from", &fit_options.first}, {"--to", &fit_options.last}}) {
    if (!options.has(name)) continue;
    const auto number = options.number(name);
    if (!number || *number == 0)
      return usage_error("fit", fmt::format("{} wants a transaction's number, from 1", name));
    *bound = static_cast<std::uint64_t>(*number);
  }
  listen_to_interrupts();
  const std::shared_ptr<const CapturedStream> capture = read_capture(options.positional[0]);
  if (!capture) return wrong_input;
  const std::uint64_t lost = changes_not_replayed(*capture);
  if (lost > capture->changes.size() / lost_at_most) {
    fmt::print(stderr,
               "rehearse fit: {} changes in {} are of rows that neither the stream nor a table before it shows; give a "
               "scenario whose `source.capture` names the `initial` tables\n",
               lost, options.positional[0]);
    return wrong_input;
  }
  const std::optional<Fit> fit = fit_capture(*capture, fit_options);
  if (!fit) {
    fmt::print(stderr, "rehearse fit: there are not two transactions with changes at different times\n");
    return wrong_input;
  }
  std::string yaml = fit_yaml(*fit, options.positional[0]);
  MetricsFit metrics;
  if (options.has("--metrics")) {
    auto read = read_service_times(options.value("--metrics"));
    if (!read) return wrong_input;
    metrics = std::move(*read);
    yaml += metrics_yaml(metrics, options.value("--metrics"));
  }
  if (options.has("--scenario")) {
    const std::optional<std::string> found = sensitivity(*fit, metrics, options.value("--scenario"));
    if (!found) return wrong_input;
    yaml += *found;
  }
  if (options.has("--out")) return write_file("fit", options.value("--out"), yaml);
  fmt::print("{}", yaml);
  return as_expected;
}

}  // namespace rehearse::cli
