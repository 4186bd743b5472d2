// Many rehearsals of one scenario: over seeds, and over the grid of its `vary:`.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/jobs/campaign_file.h"
#include "harness/jobs/grid.h"
#include "harness/jobs/pool.h"
#include "reports/result/sweep.pb.h"

namespace rehearse {

struct Seeds {
  std::uint64_t first = 1, last = 1;  // both included
  std::uint64_t count() const { return last - first + 1; }
};

struct SweepOptions {
  PoolOptions pool;
  std::string scenario_file;                                               // as the user named it, for replay lines
  std::function<void(std::uint64_t done, std::uint64_t in_all)> progress;  // after each job
};

Campaign campaign_of(const std::vector<GridPoint>& grid, const std::string& scenario_file);

// Runs what the file does not have yet. An outcome that cannot be written ends it (CampaignFileProblem).
void run_sweep(const std::vector<GridPoint>& grid, Seeds seeds, CampaignFile& file, const SweepOptions& options);

// What the file says of these seeds: the same whatever order its jobs ended in. Nothing else is looked at.
result::Sweep odds_of(const CampaignFile& file, Seeds seeds);

}  // namespace rehearse
