#include "harness/migration/rollback.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

const std::string by_rollback = "rollback";

void fail(StepRecord& step, std::string detail) {
  step.ok = false;
  step.detail += (step.detail.empty() ? "" : "; ") + std::move(detail);
}

void restore(const StepPlan& plan, Operations& operations, StepRecord& step) {
  const std::optional<StoreId> store = operations.store_of_pipeline(plan.pipeline);
  if (!store) return fail(step, fmt::format("pipeline `{}` has no store", plan.pipeline));
  // The last completed cycle's version is number 1.
  if (!operations.restore_snapshot(*store, plan.cycles_back + 1)) {
    return fail(step,
                fmt::format("`{}` keeps no version {} cycles back", operations.store_name(*store), plan.cycles_back));
  }
  step.detail = fmt::format("`{}` restored", operations.store_name(*store));
}

}  // namespace

void RollbackRun::start(const Plan& plan, std::vector<MoveRecord> moved, MigrationRecord& record, Time now) {
  moved_ = std::move(moved);
  step_ = 0;
  begin_step(plan, record, now);
}

void RollbackRun::begin_step(const Plan& plan, MigrationRecord& record, Time now) {
  if (step_ == plan.steps.size()) {
    ends_ = Time::never();
    record.rollback->finished = now;
    return;
  }
  StepRecord step;
  step.text = plan.steps[step_].text();
  step.started = now;
  record.rollback->steps.push_back(std::move(step));
  ends_ = now + plan.steps[step_].takes;
}

void RollbackRun::go_on(const Plan& plan, Operations& operations, MigrationRecord& record, Time now) {
  while (ends_ <= now) {
    const StepPlan& plan_step = plan.steps[step_];
    RollbackRecord& rollback = *record.rollback;
    StepRecord& step = rollback.steps.back();
    switch (plan_step.kind) {
      case StepPlan::Kind::redirect_consumers:
        redirect(operations, rollback, step, now);
        break;
      case StepPlan::Kind::resume:
        if (!operations.resume(plan_step.pipeline))
          fail(step, fmt::format("`{}` cannot be resumed", plan_step.pipeline));
        break;
      case StepPlan::Kind::pause:
        if (!operations.pause(plan_step.pipeline, by_rollback))
          fail(step, fmt::format("`{}` cannot be paused", plan_step.pipeline));
        break;
      case StepPlan::Kind::restore_snapshot:
        restore(plan_step, operations, step);
        break;
      case StepPlan::Kind::run_now:
        if (!operations.run_now(plan_step.pipeline)) fail(step, fmt::format("`{}` cannot be run", plan_step.pipeline));
        break;
      case StepPlan::Kind::open_incident:
        break;
    }
    step.ended = now;
    const bool incident = plan_step.kind == StepPlan::Kind::open_incident;
    record.marks.push_back({step.started, now, incident ? MigrationMark::Kind::incident : MigrationMark::Kind::step,
                            step.ok ? step.text : step.text + " failed"});
    ++step_;
    begin_step(plan, record, now);
  }
}

void RollbackRun::redirect(Operations& operations, RollbackRecord& rollback, StepRecord& step, Time now) {
  const std::vector<KnownConsumer> known = operations.consumers();
  bool all = true;
  for (const MoveRecord& move : moved_) {
    const auto consumer =
        std::find_if(known.begin(), known.end(), [&](const KnownConsumer& c) { return c.index == move.consumer; });
    REHEARSE_ASSERT(consumer != known.end(), "a consumer that the plan moved stays known");
    MoveRecord back{
        now, move.consumer, move.name, consumer->store, consumer->fallback.value_or(consumer->first_store), true, {}};
    if (operations.holds(back.to, consumer->table)) {
      operations.route(back.consumer, back.to, by_rollback);
    } else {
      back.ok = all = false;
      back.detail = fmt::format("`{}` does not hold what it reads", operations.store_name(back.to));
      fail(step, fmt::format("`{}` stays: {}", back.name, back.detail));
    }
    rollback.returned.push_back(std::move(back));
  }
  if (all && !moved_.empty()) rollback.consumers_back_at = now;
}

}  // namespace rehearse
