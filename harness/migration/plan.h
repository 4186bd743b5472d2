// A migration plan as plain options, and how it is read from a scenario.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/migration/windows.h"
#include "scenarios/annotations/quantities.h"
#include "scenarios/schema/scenario.pb.h"
#include "sim/kernel/recurrence.h"
#include "sim/kernel/time.h"

namespace rehearse {

// A criterion or a trigger.
struct RulePlan {
  WindowRule window;
  Quantity quantity = CLAIMS;                                            // that the metric shows
  std::string text;                                                      // "bad_rows below 0.1% for 7d"
  std::string comparison;                                                // "below", "average_below", "rising"
  std::optional<double> bound;                                           // none: the test has none
  enum class Since : std::uint8_t { phase, plan } since = Since::phase;  // of a criterion: how far its window may reach
  std::vector<std::string> during;  // of a trigger: the phases in which it is armed
};

enum class Observable : std::uint8_t { weekend, schema_change, recovery };

struct ActionPlan {
  enum class Kind : std::uint8_t { pause, resume, run_now } kind = Kind::pause;
  std::string pipeline;
  std::string text() const;
};

struct PhasePlan {
  std::string name;
  std::vector<std::string> move;  // these consumers, when the phase is entered
  enum class Rest : std::uint8_t { none, by_tier, together } rest = Rest::none;  // all that have not moved yet
  Duration soak;
  Duration at_least;
  std::vector<Observable> observed;
  std::vector<RulePlan> exit;
  std::vector<ActionPlan> actions;
  bool moves() const { return !move.empty() || rest != Rest::none; }
};

struct StepPlan {
  enum class Kind : std::uint8_t {
    redirect_consumers,
    resume,
    pause,
    restore_snapshot,
    open_incident,
    run_now
  } kind = Kind::pause;
  std::string pipeline;
  std::uint32_t cycles_back = 0;
  Duration takes;
  std::string text() const;
};

// A pipeline whose going down and catching up again counts as a recovery.
struct WatchedPipeline {
  std::string name;
  Duration freshness;  // that it promises
};

// A program that has a say in every gate, and may start the rollback.
struct WatchedMetric {
  std::string name;
  Quantity quantity = CLAIMS;
};
struct DecidePlan {
  std::string program;  // as it is shown
  Recurrence due;
  Duration takes;
  std::vector<WatchedMetric> metrics;
};

struct Plan {
  std::string from;
  std::string to;
  std::vector<PhasePlan> phases;  // at least one
  std::vector<RulePlan> triggers;
  std::vector<StepPlan> steps;
  std::vector<WatchedPipeline> pipelines;
  std::optional<DecidePlan> decide;
  std::int64_t start_unix_ns = 0;
};

// Of a scenario that has a migration and passed the linter. The start is given, since a captured source brings its own.
Plan plan_of(const scenario::Scenario& scenario, std::int64_t start_unix_ns);

}  // namespace rehearse
