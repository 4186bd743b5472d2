// Carries out a migration plan: phases and their gates, moves of consumers, the kill switch, the rollback.
//
// The rehearsal calls on_event() after every report of a check and at every time that Operations::wake_at asked for; a
// call at which nothing can have changed costs a look at each metric's number of samples. The plan goes on at the
// earliest instant at which a gate's conditions hold together; at one instant triggers come before gates. The first
// trigger that fires starts the rollback at once, stops repairs, and nothing moves forward any more. The last phase has
// no next one: it is never left, and its triggers stay armed to the end.
// Left out: people; going back by one phase; a second attempt.
// Invariants: it knows the world only through MetricSource and Operations; a MigrationRunner is a value, and its
// records are a pure function of what those two said and when.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "harness/migration/decision.h"
#include "harness/migration/gate.h"
#include "harness/migration/metric_source.h"
#include "harness/migration/operations.h"
#include "harness/migration/plan.h"
#include "harness/migration/records.h"
#include "harness/migration/rollback.h"
#include "harness/migration/trigger.h"
#include "sim/kernel/time.h"

namespace rehearse {

class MigrationRunner {
 public:
  explicit MigrationRunner(Plan plan);

  // Enters the first phase. Once.
  void start(Time now, const MetricSource& metrics, Operations& operations);
  // Times never go back.
  void on_event(Time now, const MetricSource& metrics, Operations& operations);
  // From now on no gate opens, nobody moves and no trigger fires; a rollback under way goes on.
  void freeze() { frozen_ = true; }
  // The rollback without a trigger: a drill.
  void drill(Time now, const MetricSource& metrics, Operations& operations);
  // Brings the records up to the rehearsal's end; nothing is done any more.
  void finish(Time now);

  bool rolled_back() const { return record_.rollback.has_value(); }
  std::size_t phase() const { return phase_; }  // that it is in, or was rolled back from
  const MigrationRecord& record() const { return record_; }

 private:
  void enter(std::size_t phase, Time now, const MetricSource& metrics, Operations& operations);
  void act(const PhasePlan& plan, Time now, Operations& operations);
  void plan_moves(const PhasePlan& plan, Time now, const Operations& operations);
  void move_due(Time now, Operations& operations);
  void move(const KnownConsumer& consumer, Time now, Operations& operations);
  bool pull(Time now, const MetricSource& metrics);
  void roll_back(std::size_t trigger, const std::string& why, Time now, Operations& operations);
  // True if the own program answered; it may have rolled the plan back.
  bool decide(Time now, const MetricSource& metrics, Operations& operations);
  void go_forward(Time now, const MetricSource& metrics, Operations& operations);
  void plan_wake(Time now, Operations& operations);
  PhaseRecord& current() { return record_.phases[phase_]; }
  const PhasePlan& current_plan() const { return plan_->phases[phase_]; }

  std::shared_ptr<const Plan> plan_;
  MigrationRecord record_;
  bool started_ = false;
  bool frozen_ = false;
  std::size_t phase_ = 0;
  Gate gate_;
  std::vector<TriggerWatch> triggers_;
  DecisionWatch decision_;  // of a plan that has a program of its own
  struct PlannedMove {
    Time at;
    KnownConsumer consumer;
  };
  std::deque<PlannedMove> moves_;  // of the present phase, in order
  std::vector<MoveRecord> moved_;  // in all phases
  RollbackRun rollback_;
  Time wake_ = Time::never();  // the earliest time still to come that was asked for
};

}  // namespace rehearse
