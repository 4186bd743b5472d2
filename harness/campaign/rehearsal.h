// One rehearsal: load, build the world, run, judge, report.
//
// rehearse() reads like the whole job. A rehearsal is a pure function of (scenario, seed, version): nothing here reads
// a clock; the caller measures and adds what differs between machines.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/campaign/assembler.h"
#include "harness/judge/judge.h"
#include "reports/result/result.pb.h"
#include "scenarios/loader.h"

namespace rehearse {

inline constexpr std::int64_t progress_steps = 10'000;  // of simulated time, at most, in which a stage tells of itself

struct Progress {
  const char* stage = "running";
  Time now;  // of the stage, which ends at `end`
  Time end;
  std::uint64_t changes = 0;
  std::string phase;  // of the migration; empty without one
};

struct RehearsalOptions {
  AssemblyOptions assembly;
  bool paranoid = false;              // every read view answers twice and compares
  bool twins = true;                  // determine a rollback's necessary causes by paired reruns
  std::optional<Duration> cut_every;  // the longest advance; how long it is must change nothing
  std::function<void(const Progress&)> progress;
  const std::atomic<bool>* interrupted = nullptr;  // set: end now, with what is known
  bool is_interrupted() const { return interrupted && interrupted->load(); }
  std::string scenario_file;
  std::string replay;  // the command line that repeats this
};

// The scenario must have been loaded without errors, the inputs read for it. Whoever wants what was recorded judged
// otherwise, or more than once, gives a judge that does so; what it is handed is gone when it returns.
result::Result rehearse(const LoadedScenario& scenario, const SharedInputs& inputs,
                        const RehearsalOptions& options = {},
                        const std::function<result::Result(const JudgeInputs&)>& judge_of_it = judge);

}  // namespace rehearse
