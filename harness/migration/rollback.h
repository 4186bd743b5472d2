// The way back: the rollback's steps, one after another, each taking its time and acting at its end.
//
// A step that cannot be done (a version that is not kept, a pipeline without a switch, a store that does not hold what
// a consumer reads) is recorded as failed, and the next one follows.
// Left out: retries, steps side by side, undoing what was written to the new store.
// Invariant: only consumers that the plan moved are sent back, each to its declared fallback or where it read at the
// start.
#pragma once

#include <cstddef>
#include <vector>

#include "harness/migration/operations.h"
#include "harness/migration/plan.h"
#include "harness/migration/records.h"
#include "sim/kernel/time.h"

namespace rehearse {

class RollbackRun {
 public:
  // `moved`: the consumers that have moved so far, with where they came from.
  void start(const Plan& plan, std::vector<MoveRecord> moved, MigrationRecord& record, Time now);
  // Does what is due by now.
  void go_on(const Plan& plan, Operations& operations, MigrationRecord& record, Time now);
  Time next() const { return ends_; }  // when the present step ends; Time::never() when all are done

 private:
  void begin_step(const Plan& plan, MigrationRecord& record, Time now);
  void redirect(Operations& operations, RollbackRecord& rollback, StepRecord& step, Time now);

  std::vector<MoveRecord> moved_;
  std::size_t step_ = 0;
  Time ends_ = Time::never();
};

}  // namespace rehearse
