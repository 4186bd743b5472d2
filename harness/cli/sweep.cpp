// rehearse sweep: many seeds of a scenario, and the grid of its `vary:`, on every core; the odds of what may come of
// it.
#include "harness/odds/sweep.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "harness/cli/commands.h"
#include "harness/cli/files.h"
#include "harness/cli/interruption.h"
#include "harness/cli/options.h"
#include "harness/cli/progress.h"
#include "harness/cli/session.h"
#include "harness/cli/shipped.h"
#include "reports/sweep.h"
#include "scenarios/units.h"

namespace rehearse::cli {
namespace {

constexpr const char* command = "sweep";
constexpr std::uint64_t jobs_max = 10'000'000;

// "1..100", or "7".
std::optional<Seeds> seeds_of(std::string_view text) {
  const std::size_t dots = text.find("..");
  const auto first = whole_number(text.substr(0, dots));
  const auto last = dots == std::string_view::npos ? first : whole_number(text.substr(dots + 2));
  if (!first || !last || *last < *first || *last > std::int64_t{1} << 62) return std::nullopt;
  return Seeds{static_cast<std::uint64_t>(*first), static_cast<std::uint64_t>(*last)};
}

struct Request {
  std::string named;  // the scenario's file, as the user named it
  Seeds seeds{1, 100};
  SweepOptions options;
  std::filesystem::path folder;
};

// What is wrong with the command line; empty if nothing.
std::string read_request(const Options& options, Request& request) {
  if (options.positional.size() != 1) return "give one scenario file";
  request.named = options.positional[0];
  request.options.scenario_file = request.named;
  if (options.has("--seeds")) {
    const auto seeds = seeds_of(options.value("--seeds"));
    if (!seeds) return "--seeds wants a number or a range such as 1..1000, not " + options.value("--seeds");
    request.seeds = *seeds;
  }
  request.options.pool.workers = processors();
  if (options.has("--workers")) {
    const auto workers = options.number("--workers");
    if (!workers || *workers < 1 || *workers > 1'024)
      return "--workers wants a number from 1 to 1024, not " + options.value("--workers");
    request.options.pool.workers = static_cast<unsigned>(*workers);
  }
  if (options.has("--time-out")) {
    const Parsed<std::int64_t> time = parse_duration(options.value("--time-out"));
    if (!time.value || *time.value <= 0)
      return "--time-out wants a duration such as 10m, not " + options.value("--time-out");
    request.options.pool.time_out_ns = *time.value;
  }
  request.options.pool.interrupted = &interrupted;
  if (options.has("--out")) request.folder = options.value("--out");
  return {};
}

int write_reports(const std::filesystem::path& folder, const result::Sweep& sweep) {
  const int json = write_file(command, (folder / "sweep.json").string(), reports::render_sweep_json(sweep));
  return std::max(json, write_file(command, (folder / "sweep.md").string(), reports::render_sweep_markdown(sweep)));
}

int run(const Request& request, const std::vector<GridPoint>& grid) {
  std::error_code error;
  std::filesystem::create_directories(request.folder, error);
  if (error) {
    fmt::print(stderr, "rehearse sweep: cannot make {}: {}\n", request.folder.string(), error.message());
    return wrong_input;
  }
  const std::string path = (request.folder / "campaign.sqlite").string();
  std::optional<CampaignFile> opened;
  try {
    opened.emplace(path, campaign_of(grid, request.named));
  } catch (const CampaignFileProblem& problem) {  // it is another's, or no such file
    fmt::print(stderr, "rehearse sweep: {}\n", problem.what());
    return wrong_input;
  }
  CampaignFile& file = *opened;
  ProgressLine line(request.named);
  line.show(0, "rehearsing");
  SweepOptions options = request.options;
  options.progress = [&](std::uint64_t done, std::uint64_t in_all) {
    line.show(static_cast<double>(done) / static_cast<double>(in_all), "rehearsing",
              fmt::format("{} of {}", done, in_all));
  };
  run_sweep(grid, request.seeds, file, options);
  line.clear();
  const result::Sweep sweep = odds_of(file, request.seeds);
  const int unwritten = write_reports(request.folder, sweep);
  reports::TerminalOptions terminal;
  terminal.width = on_a_terminal(STDOUT_FILENO) ? terminal_width() : 120;
  terminal.colour = on_a_terminal(STDOUT_FILENO) && std::getenv("NO_COLOR") == nullptr;
  fmt::print("{}\nReports: {}/sweep.md and sweep.json; every run: {}\n",
             reports::render_sweep_terminal(sweep, terminal), request.folder.string(), path);
  if (interrupted.load()) fmt::print(stderr, "rehearse sweep: interrupted; the same command goes on from here\n");
  return std::max(unwritten, sweep.failed() + sweep.missing() > 0 ? not_as_expected : as_expected);
}

}  // namespace

int sweep_command(const std::vector<std::string>& arguments) {
  const Options options = parse_options(arguments, option_rules(command));
  if (!options.error.empty()) return usage_error(command, options.error);
  Request request;
  if (const std::string problem = read_request(options, request); !problem.empty())
    return usage_error(command, problem);
  listen_to_interrupts();
  std::vector<Diagnostic> diagnostics;
  const auto grid = load_grid(found_file(request.named), diagnostics);
  // What is wrong with the files that it names is wrong with every seed.
  if (grid) load_inputs(grid->front().scenario, diagnostics);
  fmt::print(stderr, "{}", to_text(diagnostics));
  if (!grid || has_errors(diagnostics)) return wrong_input;
  if (request.seeds.count() > jobs_max / grid->size())
    return usage_error(command, fmt::format("{} seeds of {} points are more than {} rehearsals", request.seeds.count(),
                                            grid->size(), jobs_max));
  if (request.folder.empty()) request.folder = std::filesystem::path("sweeps") / grid->front().scenario.proto.name();
  try {
    return run(request, *grid);
  } catch (const CampaignFileProblem& problem) {
    fmt::print(stderr, "rehearse sweep: {}\n", problem.what());
    return our_failure;
  }
}

}  // namespace rehearse::cli
