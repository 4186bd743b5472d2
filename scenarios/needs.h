// What a consumer of a scenario needs of the stores that it reads, wherever its file says so.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "scenarios/schema/scenario.pb.h"
#include "sim/kernel/time.h"

namespace rehearse {

struct ReaderNeeds {
  std::optional<Duration> freshness{};          // none: what the store's pipeline promises
  const scenario::Amount* tolerance = nullptr;  // null: `safety.max_divergence`
  bool unique = false, complete = false, point_in_time = false;
  std::string_view sorted{};  // by a column; empty: by none

  bool operator==(const ReaderNeeds& other) const;
};
// Points into `consumer`.
ReaderNeeds needs_of(const scenario::Consumer& consumer);

// Of the plan's or of the world's; null if none has the name.
const scenario::Consumer* consumer_named(const scenario::Scenario& scenario, std::string_view name);

// Whether some reader needs to know what a store shows as a whole, wherever it may be sent.
bool needs_stores_as_a_whole(const scenario::Scenario& scenario);

// Every age beyond which some reader calls a store stale, wherever it may be sent: each once, the smallest first.
std::vector<Duration> ages_needed(const scenario::Scenario& scenario);

}  // namespace rehearse
