// What a copy of a whole rehearsal costs, in its middle: the time to make it, and the memory that it takes. Run
// `bench_copies [SCENARIO]`; without one it is the quickstart.
#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <string>

#include "harness/campaign/run.h"
#include "scenarios/loader.h"

using namespace rehearse;

namespace {

constexpr int copies = 20;

double resident_mib() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t size = 0, resident = 0;
  file >> size >> resident;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1 << 20);
}

double milliseconds_since(std::chrono::steady_clock::time_point then) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - then).count();
}

}  // namespace

int main(int argc, char** argv) {
  const LoadResult loaded = load_scenario(argc > 1 ? argv[1] : REHEARSE_SOURCE_DIR "/scenarios/quickstart.yaml");
  std::vector<Diagnostic> diagnostics;
  const auto inputs = loaded.scenario ? load_inputs(*loaded.scenario, diagnostics) : std::nullopt;
  if (!inputs) return 2;
  Run run(assemble(*loaded.scenario, *inputs), {});
  const auto began = std::chrono::steady_clock::now();
  run.until(Time{loaded.scenario->proto.duration_ns() / 2});
  fmt::print("half of the rehearsal: {:.0f} ms, {} changes, {} reports\n", milliseconds_since(began),
             run.world.source.changes(), run.reconciler.runs().size());
  const double before = resident_mib();
  std::vector<Run> all;
  all.reserve(copies);
  double least = 0, sum = 0;
  for (int i = 0; i < copies; ++i) {
    const auto then = std::chrono::steady_clock::now();
    all.push_back(run);
    const double took = milliseconds_since(then);
    least = i == 0 ? took : std::min(least, took);
    sum += took;
  }
  fmt::print("a copy: {:.2f} ms (the quickest {:.2f}), {:.1f} MiB\n", sum / copies, least,
             (resident_mib() - before) / copies);
}
