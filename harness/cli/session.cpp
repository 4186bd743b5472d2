#include "harness/cli/session.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>

#include "harness/campaign/rehearsal.h"
#include "harness/campaign/replay.h"
#include "harness/cli/interruption.h"
#include "harness/cli/shipped.h"
#include "scenarios/diagnostics.h"
#include "sim/kernel/assert.h"

namespace rehearse::cli {

bool on_a_terminal(int file_descriptor) { return isatty(file_descriptor) == 1; }

int terminal_width() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 100;
}

std::function<void(const Progress&)> shown_on(ProgressLine& line) {
  return [&line](const Progress& progress) {
    const double share =
        progress.end.ns > 0 ? static_cast<double>(progress.now.ns) / static_cast<double>(progress.end.ns) : 1;
    const bool moves = progress.now < progress.end;
    line.show(moves ? share : -1, progress.stage,
              !moves
                  ? std::string()
                  : fmt::format("day {} of {}  {:.1f} M changes  {}", progress.now.ns / day.ns,
                                progress.end.ns / day.ns, static_cast<double>(progress.changes) / 1e6, progress.phase));
  };
}

std::optional<LoadedScenario> load_or_explain(const std::string& file, const Overrides& overrides) {
  LoadResult loaded = load_scenario(found_file(file), overrides);
  fmt::print(stderr, "{}", to_text(loaded.diagnostics));
  return std::move(loaded.scenario);
}

std::optional<result::Result> run_scenario(const LoadedScenario& scenario, const SessionOptions& options,
                                           std::vector<Diagnostic>& diagnostics) {
  listen_to_interrupts();
  const auto began = std::chrono::steady_clock::now();
  const std::string replay =
      replay_line(options.file, static_cast<std::uint64_t>(scenario.proto.seed()), options.overrides.values);
  set_replay_line(replay);
  ProgressLine progress(options.file);
  progress.show(-1, "reading");
  const std::optional<SharedInputs> inputs = load_inputs(scenario, diagnostics);
  if (!inputs) return std::nullopt;
  RehearsalOptions rehearsal;
  rehearsal.paranoid = options.paranoid;
  rehearsal.scenario_file = options.file;
  rehearsal.replay = replay;
  rehearsal.interrupted = &interrupted;
  rehearsal.progress = shown_on(progress);
  result::Result result = rehearse(scenario, *inputs, rehearsal);

  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  result::Machine& machine = *result.mutable_machine();
  machine.set_wall_seconds(took.count());
  machine.set_changes_per_second(static_cast<double>(result.figures().changes() + result.figures().rerun_changes()) /
                                 took.count());
  machine.set_agenda_events_per_second(static_cast<double>(result.figures().agenda_events()) / took.count());
  machine.set_peak_memory_bytes(static_cast<std::uint64_t>(usage.ru_maxrss) * 1024);
  return result;
}

}  // namespace rehearse::cli
