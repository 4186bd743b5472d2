// Runs a scenario's checks at their occasions, keeps what they report, feeds the metrics, and has claims repaired.
//
// Models: each check runs alone, one run after another; a run that is not over when the next one is due delays it to
// the first occasion after its end, and the occasions passed over are counted. Left out: the load that checks put on
// the stores. Invariants: runs are kept in the order of their reports; the world is reached through ReadView and
// Controls alone.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "harness/reconcile/check.h"
#include "harness/reconcile/metrics.h"
#include "harness/reconcile/repair.h"
#include "scenarios/schema/scenario.pb.h"
#include "sim/kernel/digest.h"

namespace rehearse {

class Reconciler {
 public:
  // Of a validated scenario. The world behind view and controls outlives the reconciler.
  Reconciler(const scenario::Scenario& scenario, ReadView view, Controls controls);

  void start();  // schedules the first runs
  // An event of Actor::reconcile, at its time.
  void handle(std::uint16_t code, std::uint32_t index, std::uint64_t argument);
  // Repairs end here, as at a rollback; checks go on.
  void stop_repairs();
  // Pipelines that repairs have paused go on: the rehearsal is over.
  void end_pauses();

  const std::vector<CheckDescription>& checks() const { return descriptions_; }  // in the scenario's order
  const std::vector<CheckRun>& runs() const { return runs_; }
  std::uint64_t skipped(std::uint32_t check) const { return states_[check].skipped; }  // occasions passed over
  const MetricStore& metrics() const { return metrics_; }
  const std::vector<AuditEntry>& audit() const { return audit_; }
  Digest128 digest() const;  // of every report and repair

 private:
  static constexpr std::uint16_t run_begins = 0, run_goes_on = 1, repair_goes_on = 2, pause_ends = 3;
  struct State {
    std::unique_ptr<Check> check;
    CheckRun run;  // under way
    std::uint64_t runs = 0;
    Time due;  // the occasion of the run under way, or of the next
    std::uint64_t skipped = 0;
  };
  void schedule_first(std::uint32_t check);
  void schedule_next(std::uint32_t check);
  void begin(std::uint32_t check);
  void proceed(std::uint32_t check, Check::Next next);
  void report(std::uint32_t check);
  void add_to_digest(const CheckRun& run);

  ReadView view_;
  Controls controls_;
  std::vector<State> states_;
  std::vector<CheckDescription> descriptions_;
  std::vector<CheckRun> runs_;
  MetricStore metrics_;
  std::vector<RepairRuleAtWork> repairs_;
  Quarantine quarantine_;
  std::vector<AuditEntry> audit_;
  Digest digest_;
};

}  // namespace rehearse
