#include "harness/odds/sweep.h"

#include <stdexcept>

#include "harness/campaign/rehearsal.h"
#include "harness/campaign/replay.h"
#include "harness/campaign/version.h"
#include "sim/kernel/assert.h"
#include "sim/kernel/digest.h"

namespace rehearse {
namespace {

// A worker's: the inputs of a point are read once for all its seeds that come one after the other.
class Rehearser {
 public:
  Rehearser(const std::vector<GridPoint>& grid, const std::string& scenario_file)
      : grid_(grid), scenario_file_(scenario_file) {}

  std::string operator()(std::size_t point, std::uint64_t seed) {
    const GridPoint& at = grid_[point];
    if (point_ != point) {
      std::vector<Diagnostic> diagnostics;
      inputs_ = load_inputs(at.scenario, diagnostics);
      if (!inputs_) throw std::runtime_error(to_text(diagnostics));
      point_ = point;
    }
    LoadedScenario scenario = at.scenario;
    scenario.proto.set_seed(static_cast<std::int64_t>(seed));
    RehearsalOptions options;
    options.scenario_file = scenario_file_;
    options.replay = replay_line(scenario_file_, seed, at.values);
    set_replay_line(options.replay);
    return outcome_of(scenario.proto, rehearse(scenario, *inputs_, options)).SerializeAsString();
  }

 private:
  const std::vector<GridPoint>& grid_;
  const std::string& scenario_file_;
  std::optional<std::size_t> point_;
  std::optional<SharedInputs> inputs_;
};

}  // namespace

Campaign campaign_of(const std::vector<GridPoint>& grid, const std::string& scenario_file) {
  REHEARSE_ASSERT(!grid.empty(), "a grid has a point");
  Campaign campaign;
  campaign.version = version();
  campaign.name = grid.front().scenario.proto.name();
  campaign.scenario_file = scenario_file;
  Digest digest;
  for (const GridPoint& point : grid) {
    digest.add(point.digest);
    campaign.points.push_back({point.digest, point.values});
  }
  campaign.digest = digest.value().hex();
  return campaign;
}

void run_sweep(const std::vector<GridPoint>& grid, Seeds seeds, CampaignFile& file, const SweepOptions& options) {
  const std::uint64_t in_all = grid.size() * seeds.count();
  std::vector<std::uint64_t> jobs;
  for (std::size_t point = 0; point < grid.size(); ++point) {
    const std::set<std::uint64_t> done = file.done(point);
    for (std::uint64_t seed = seeds.first; seed <= seeds.last; ++seed)
      if (!done.contains(seed)) jobs.push_back(point * seeds.count() + (seed - seeds.first));
  }
  std::uint64_t done = in_all - jobs.size();
  const auto point_of = [&](std::uint64_t job) { return static_cast<std::size_t>(job / seeds.count()); };
  const auto seed_of = [&](std::uint64_t job) { return seeds.first + job % seeds.count(); };
  Rehearser rehearser(grid, options.scenario_file);
  run_jobs(
      jobs, [&](std::uint64_t job) { return rehearser(point_of(job), seed_of(job)); },
      [&](std::uint64_t job, JobEnd end) {
        const std::string replay = replay_line(options.scenario_file, seed_of(job), grid[point_of(job)].values);
        if (end.kind == JobEnd::Kind::answered) {
          jobs::Outcome outcome;
          const bool whole = outcome.ParseFromString(end.answer);
          REHEARSE_ASSERT(whole, "a worker's answer is whole");
          file.put(point_of(job), seed_of(job), replay, outcome);
        } else {
          file.put_failure(point_of(job), seed_of(job), replay, end);
        }
        if (options.progress) options.progress(++done, in_all);
      },
      options.pool);
}

}  // namespace rehearse
