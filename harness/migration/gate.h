// The gate of the phase that the plan is in: everything that must hold at one instant before the plan goes on.
//
// Exit criteria (windows.h), the phase's least length, the soak after its last move, and what must have been observed.
// Each keeps its status, and when it changed: at the instant of the cause, not when somebody looked.
// Left out: people; a gate opens by itself as soon as it may.
// Invariants: a criterion without data, or over a metric that nobody declared, is never met, and the gate stays shut
// while a run that is due has not reported; nothing of an earlier phase counts, unless a criterion reaches back to the
// plan's start.
#pragma once

#include <vector>

#include "harness/migration/metric_source.h"
#include "harness/migration/observed.h"
#include "harness/migration/operations.h"
#include "harness/migration/plan.h"
#include "harness/migration/records.h"
#include "harness/migration/windows.h"
#include "sim/kernel/time.h"

namespace rehearse {

// What the gate of a phase will ask for; nothing of it reached yet.
GateRecord gate_record_of(const PhasePlan& phase);
// One more thing that it asks for.
CriterionRecord decided_by(const std::string& program);

class Gate {
 public:
  void enter(const Plan& plan, const PhasePlan& phase, const MetricSource& source, const Operations& operations,
             GateRecord& record, Time plan_started, Time now);
  // The last consumer of the phase has moved.
  void moves_done(Time at) { soak_over_ = at + soak_; }

  // Takes what was reported since. True if there was anything.
  bool pull(const PhasePlan& phase, const MetricSource& source, GateRecord& record, Time now);
  void look(const Operations& operations, Time now);
  // The plan's own program has answered; the gate's record has a criterion of that kind.
  void decided(CriterionStatus status, GateRecord& record, Time now) const;
  // Brings every status up to `now`; true if all are met and no run that is due has yet to report.
  bool settle(const PhasePlan& phase, GateRecord& record, Time now);

  // The earliest time at which the gate opens if no sample breaks a criterion; Time::never() while a sample or
  // something observed is wanting.
  Time opens_from(const PhasePlan& phase) const;
  Time next_look() const { return next_look_; }

 private:
  struct Watched {
    Window window;
    Time settled;  // up to when its status follows from what has been reported
  };
  void settle_window(const WindowRule& rule, Watched& watched, CriterionRecord& record, Time now);
  void plan_look(Time now);

  std::vector<Watched> windows_;           // one an exit criterion
  std::vector<Observation> observations_;  // one a thing to observe
  Time entered_;
  Time least_length_over_;
  Duration soak_;
  Time soak_over_ = Time::never();
  Time next_look_ = Time::never();
  Time settled_;
};

}  // namespace rehearse
