// What a migration decided and did: plain structs for the judge and the reports.
//
// Values of metrics are of the quantity that stands beside them: a count, a share as a fraction, or nanoseconds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/migration/operations.h"
#include "harness/migration/plan.h"
#include "harness/migration/windows.h"
#include "sim/kernel/digest.h"
#include "sim/kernel/time.h"
#include "sim/rows/types.h"

namespace rehearse {

enum class MigrationDecision : std::uint8_t {
  none,         // there was no plan
  held,         // a gate stayed shut to the end
  cut_over,     // the last phase was entered and nothing was rolled back
  rolled_back,  // a trigger fired
};

struct MoveRecord {
  Time at;
  std::uint32_t consumer = 0;
  std::string name;
  StoreId from = 0;
  StoreId to = 0;
  bool ok = true;
  std::string detail;  // why not
};

struct ActionRecord {
  Time at;
  std::string text;  // "pause nightly"
  bool ok = true;
  std::string detail;
};

struct PhaseRecord {
  enum class How : std::uint8_t { not_entered, still_in, passed, rolled_back };
  std::string name;
  Duration at_least;
  std::optional<Time> entered;
  std::optional<Time> left;  // the last phase is never left, only rolled back
  How how = How::not_entered;
  std::vector<MoveRecord> moved;
  std::vector<ActionRecord> actions;
};

enum class CriterionStatus : std::uint8_t { not_reached, no_data, broken, holding, met };

struct StatusChange {
  Time at;
  CriterionStatus status = CriterionStatus::not_reached;
  std::optional<double> value;  // of the latest sample
};

// One thing that a gate asks for: an exit criterion, or time, soak, something observed (those hold until they are met).
struct CriterionRecord {
  enum class Kind : std::uint8_t { metric, at_least, soak, observed, decided };
  Kind kind = Kind::metric;
  std::string text;  // "bad_rows below 0.1% for 7d", "at least 14d", "observed weekend"
  std::string metric;
  std::string comparison;       // "below", "average_below", "rising"
  std::optional<double> bound;  // none: the test has none
  Quantity quantity = CLAIMS;
  Duration length;  // `for`, `at_least`, `soak`
  std::int64_t min_samples = 1;
  std::int64_t least_samples = 1;  // without which it cannot hold
  // Since when its window can be covered: by time, and by that many samples once they are there.
  std::optional<Time> covered_from;

  CriterionStatus status = CriterionStatus::not_reached;  // when the phase was left, or at the end
  std::optional<double> value;                            // of the latest sample in the phase
  std::optional<double> worst;
  std::optional<Time> holds_since;
  std::optional<Time> met_at;  // first
  std::uint64_t samples = 0;
  std::uint64_t missing = 0;
  std::vector<StatusChange> history;
  std::uint64_t changes = 0;  // of status; the history keeps the first 4,096
};

struct GateRecord {
  std::string phase;
  std::vector<CriterionRecord> criteria;
  std::optional<Time> opened;
};

// The plan said GO to a phase. The first phase needs no GO; it has one (from_phase empty) if it moves consumers.
struct GoDecision {
  Time at;
  std::string from_phase;
  std::string to_phase;
  StoreId store = 0;                   // that consumers are switched to
  std::vector<std::string> consumers;  // that the phase is to move, at once or one after another
};

// A stretch in which every sample was past a trigger's bound, but not for long enough or in enough samples.
struct NearMiss {
  std::string phase;
  Time since;     // due time of its first sample
  Duration held;  // what counts against `for`
  std::uint64_t samples = 0;
  double furthest = 0;
};

struct TriggerRecord {
  std::string text;
  std::string metric;
  std::string comparison;       // "above", "average_above", "rising"
  std::optional<double> bound;  // none: the test has none
  Quantity quantity = CLAIMS;
  Duration length;
  std::int64_t min_samples = 1;
  std::vector<std::string> during;

  std::optional<Time> fired_at;
  std::string fired_in;  // phase
  double fired_value = 0;
  Time window_begin, window_end;  // (begin, end] of the window that fired it
  std::optional<double> closest;  // the sample nearest to the bound, or furthest beyond it, while armed
  std::optional<Time> closest_at;
  std::uint64_t near_misses = 0;
  std::optional<NearMiss> longest_near_miss;
  std::uint64_t samples = 0;  // while armed
  std::uint64_t missing = 0;
};

struct StepRecord {
  std::string text;
  Time started;
  std::optional<Time> ended;
  bool ok = true;
  std::string detail;
};

struct RollbackRecord {
  std::size_t trigger = 0;  // index into MigrationRecord::triggers
  std::string phase;
  Time started;
  std::vector<StepRecord> steps;
  std::vector<MoveRecord> returned;
  std::optional<Time> consumers_back_at;  // all that had moved; none if nobody had, or somebody did not get back
  std::optional<Time> finished;
};

// One question to the plan's own program.
struct DecisionRecord {
  Time asked;
  Time known;  // when its answer was there
  std::string phase;
  Decision decision;
};

struct MigrationMark {
  enum class Kind : std::uint8_t { phase, decision, move, action, step, incident };
  Time at;
  std::optional<Time> until;
  Kind kind = Kind::phase;
  std::string text;
};

struct MigrationRecord {
  std::string from, to;  // pipelines
  std::vector<PhaseRecord> phases;
  std::vector<GateRecord> gates;  // one a phase
  std::vector<GoDecision> gos;
  std::vector<TriggerRecord> triggers;
  std::optional<RollbackRecord> rollback;
  std::string decide_program;             // empty: the plan has none
  std::vector<DecisionRecord> decisions;  // in the order of their answers
  std::vector<MigrationMark> marks;
  MigrationDecision decision = MigrationDecision::none;
};

// Of every decision and its time, what was done, and every recorded change of a criterion's status.
Digest128 digest_of(const MigrationRecord& record);

}  // namespace rehearse
