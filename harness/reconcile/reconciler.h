// Runs a scenario's checks at their occasions, keeps what they report, feeds the metrics, and has claims repaired.
//
// Models: each check runs alone, one run after another; a run that is not over when the next one is due delays it to
// the first occasion after its end, and the occasions passed over are counted. Left out: the load that checks put on
// the stores. Invariants: runs are kept in the order of their reports; the world is reached through ReadView and
// Controls alone, which each call brings along; a reconciler is a value.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "harness/reconcile/check.h"
#include "harness/reconcile/metrics.h"
#include "harness/reconcile/repair.h"
#include "harness/reconcile/second_reading.h"
#include "scenarios/schema/scenario.pb.h"
#include "sim/kernel/digest.h"

namespace rehearse {

class Reconciler {
 public:
  // Of a validated scenario, and the world as it is at its start.
  Reconciler(const scenario::Scenario& scenario, const ReadView& view);

  void start(const ReadView& view, Controls& controls);  // schedules the first runs
  // An event of Actor::reconcile, at its time.
  void handle(std::uint16_t code, std::uint32_t index, ReadView& view, Controls& controls,
              Onlooker* onlooker = nullptr);
  // The plan has entered this phase: some checks run only in some.
  void phase_entered(const std::string& phase, const ReadView& view, Controls& controls);
  // Repairs end here, as at a rollback; checks go on.
  void stop_repairs(Time now);

  const std::vector<CheckDescription>& checks() const { return descriptions_; }  // in the scenario's order
  // Of a monitor, which claims nothing, the first; its samples are in the metrics.
  static constexpr std::uint64_t monitor_runs_kept = 4'096;
  const std::vector<CheckRun>& runs() const { return runs_; }
  std::vector<RunsNotKept> runs_not_kept() const;                                      // by check
  std::uint64_t skipped(std::uint32_t check) const { return states_[check].skipped; }  // occasions passed over
  const MetricStore& metrics() const { return metrics_; }
  const std::vector<AuditEntry>& audit() const { return audit_; }
  Digest128 digest() const;  // of every report and repair

 private:
  static constexpr std::uint16_t run_begins = 0, run_goes_on = 1, repair_goes_on = 2, pause_ends = 3;
  struct State {
    State() = default;
    State(const State& other)
        : check(other.check->clone()),
          run(other.run),
          runs(other.runs),
          due(other.due),
          idle(other.idle),
          skipped(other.skipped),
          not_kept(other.not_kept) {}
    State(State&&) noexcept = default;
    std::unique_ptr<Check> check;
    CheckRun run;  // under way
    std::uint64_t runs = 0;
    Time due;          // the occasion of the run under way, or of the next
    bool idle = true;  // no run is under way, and none is to come
    std::uint64_t skipped = 0;
    RunsNotKept not_kept;
  };
  struct At {  // where one call reaches the world
    ReadView& view;
    Controls& controls;
    Onlooker* onlooker = nullptr;
  };
  void schedule_next(std::uint32_t check, At at);
  // The first run due at `earliest` or after, if there is one.
  void schedule(std::uint32_t check, Time earliest, Time now, Controls& controls);
  void begin(std::uint32_t check, At at);
  void go_on(std::uint32_t check, At at);
  Check::Context context_of(std::uint32_t check, At at);
  void proceed(std::uint32_t check, Check::Next next, At at);
  void report(std::uint32_t check, At at);
  void repair(std::uint32_t rule, At at);
  void add_to_digest(const CheckRun& run);
  void keep(CheckRun run);

  std::vector<State> states_;
  Comparisons comparisons_;
  std::vector<CheckDescription> descriptions_;
  std::vector<CheckRun> runs_;
  MetricStore metrics_;
  std::vector<RepairRuleAtWork> repairs_;
  Quarantine quarantine_;
  std::vector<AuditEntry> audit_;
  Digest digest_;
};

}  // namespace rehearse
