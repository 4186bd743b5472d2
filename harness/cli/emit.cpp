// rehearse emit: the scenario's synthetic source and what its connectors deliver, as files for a real pipeline.
#include "harness/campaign/emit.h"

#include <fmt/format.h>

#include <filesystem>

#include "harness/cli/commands.h"
#include "harness/cli/interruption.h"
#include "harness/cli/options.h"
#include "harness/cli/session.h"
#include "reports/output_folder.h"
#include "scenarios/diagnostics.h"
#include "sim/kernel/assert.h"

namespace rehearse::cli {
namespace {

constexpr reports::OutputKind emitted_folder{".rehearse-emit",
                                             "Written by Rehearse: the same command replaces this folder.\n",
                                             "a folder of output", "was not written by this command"};

std::optional<EmitFormat> format_named(const std::string& name) {
  for (const EmitFormatName& known : emit_formats())
    if (name == known.name) return known.format;
  return std::nullopt;
}

std::string size_text(std::uint64_t bytes) {
  constexpr double mega = 1e6, giga = 1e9;
  const auto size = static_cast<double>(bytes);
  return size < giga ? fmt::format("{:.0f} MB", size / mega) : fmt::format("{:.1f} GB", size / giga);
}

int say(const std::string& problem) {
  fmt::print(stderr, "rehearse emit: {}\n", problem);
  return wrong_input;
}

}  // namespace

int emit_command(const std::vector<std::string>& arguments) {
  const Options options = parse_options(arguments, option_rules("emit"));
  if (!options.error.empty()) return usage_error("emit", options.error);
  if (options.positional.size() != 1) return usage_error("emit", "give one scenario file");
  if (!options.has("--out")) return usage_error("emit", "give a folder with --out");
  EmitOptions emission;
  emission.interrupted = &interrupted;
  if (options.has("--format")) {
    const auto format = format_named(options.value("--format"));
    if (!format) {
      std::vector<std::string> names;
      for (const EmitFormatName& known : emit_formats()) names.emplace_back(known.name);
      const std::string near = nearest_name(options.value("--format"), names);
      return usage_error("emit",
                         fmt::format("there is no format {}, but {}{}", shown(options.value("--format")),
                                     fmt::join(names, ", "), near.empty() ? "" : "; did you mean " + near + "?"));
    }
    emission.format = *format;
  }
  std::optional<std::int64_t> seed;
  if (options.has("--seed")) {
    seed = options.number("--seed");
    if (!seed) return usage_error("emit", "--seed wants a number from 0 up, not " + options.value("--seed"));
  }
  const std::string& file = options.positional[0];
  const std::optional<LoadedScenario> scenario = load_or_explain(file, {.seed = seed, .values = {}});
  if (!scenario) return wrong_input;
  if (const auto refusal = refuse_to_emit(*scenario))
    return say(fmt::format("{} cannot be emitted: {}", file, *refusal));
  set_replay_line(
      fmt::format("rehearse emit {} --seed {} --out {}", file, scenario->proto.seed(), options.value("--out")));

  reports::OutputFolder folder(options.value("--out"), emitted_folder);
  if (const auto problem = folder.begin()) return say(*problem);
  listen_to_interrupts();
  constexpr std::uint64_t worth_telling = 100'000'000;
  if (const std::uint64_t bytes = about_bytes(*scenario, emission.format); bytes >= worth_telling)
    fmt::print(stderr, "rehearse emit: about {} will be written\n", size_text(bytes));
  ProgressLine line(file);
  emission.progress = [&](Time now, Time end) {
    line.show(static_cast<double>(now.ns) / static_cast<double>(end.ns), "writing",
              fmt::format("day {} of {}", now.ns / day.ns, end.ns / day.ns));
  };
  const Emitted emitted = emit(*scenario, {}, folder.temporary(), emission);
  line.clear();
  if (emitted.problem) say(*emitted.problem);
  if (emitted.problem) return interrupted.load() ? not_as_expected : our_failure;
  if (const auto problem = folder.commit()) {
    say(*problem);
    return our_failure;
  }
  for (const EmittedFile& written : emitted.files)
    fmt::print("  {:<28} {}{}\n", written.name, written.what,
               written.rows > 0 ? fmt::format(" ({} rows)", written.rows) : "");
  fmt::print("{} is written\n", options.value("--out"));
  return as_expected;
}

}  // namespace rehearse::cli
