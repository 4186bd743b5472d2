// The points of a sweep: a scenario with each combination of the values that its `vary:` names.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/diagnostics.h"
#include "scenarios/loader.h"

namespace rehearse {

inline constexpr std::size_t grid_points_max = 1'000;

struct GridPoint {
  std::vector<std::pair<std::string, std::string>> values;  // by path, as they would be written
  LoadedScenario scenario;
  // Of the scenario without seed and `vary:`, and of the files that it names: equal for what runs the same way.
  std::string digest;
};

// The last value varies fastest. None: some point cannot be run, as the diagnostics say; each of them once.
std::optional<std::vector<GridPoint>> load_grid(const std::string& file, std::vector<Diagnostic>& diagnostics);

}  // namespace rehearse
