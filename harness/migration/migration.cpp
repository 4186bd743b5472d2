#include "harness/migration/migration.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

std::string by_phase(const PhasePlan& phase) { return "phase " + phase.name; }

bool do_action(const ActionPlan& action, const std::string& by, Operations& operations) {
  switch (action.kind) {
    case ActionPlan::Kind::pause:
      return operations.pause(action.pipeline, by);
    case ActionPlan::Kind::resume:
      return operations.resume(action.pipeline);
    case ActionPlan::Kind::run_now:
      return operations.run_now(action.pipeline);
  }
  return false;
}

}  // namespace

MigrationRunner::MigrationRunner(Plan plan) : plan_(std::make_shared<const Plan>(std::move(plan))) {
  REHEARSE_ASSERT(!plan_->phases.empty(), "a plan has at least one phase");
  record_.from = plan_->from;
  record_.to = plan_->to;
  record_.decision = MigrationDecision::held;
  for (const PhasePlan& phase : plan_->phases) {
    PhaseRecord record;
    record.name = phase.name;
    record.at_least = phase.at_least;
    record_.phases.push_back(std::move(record));
    record_.gates.push_back(gate_record_of(phase));
  }
  for (const RulePlan& rule : plan_->triggers) record_.triggers.push_back(trigger_record_of(rule));
  triggers_.resize(plan_->triggers.size());
  if (!plan_->decide) return;
  record_.decide_program = plan_->decide->program;
  for (GateRecord& gate : record_.gates) gate.criteria.push_back(decided_by(plan_->decide->program));
  if (plan_->steps.empty()) return;
  TriggerRecord by_program;  // the last of the triggers
  by_program.text = plan_->decide->program + " says roll_back";
  by_program.metric = plan_->decide->program;
  record_.triggers.push_back(std::move(by_program));
}

void MigrationRunner::start(Time now, const MetricSource& metrics, Operations& operations) {
  REHEARSE_ASSERT(!started_, "a migration is started once");
  started_ = true;
  enter(0, now, metrics, operations);
  go_forward(now, metrics, operations);
  plan_wake(now, operations);
}

void MigrationRunner::on_event(Time now, const MetricSource& metrics, Operations& operations) {
  if (!started_) return;
  const bool woken = now >= wake_;
  if (rolled_back()) {
    if (woken) rollback_.go_on(*plan_, operations, record_, now);
  } else {
    const bool fresh = pull(now, metrics);
    if (!fresh && !woken) return;
    const auto fired =
        std::find_if(triggers_.begin(), triggers_.end(), [](const TriggerWatch& t) { return t.fired(); });
    if (fired != triggers_.end()) {
      roll_back(static_cast<std::size_t>(fired - triggers_.begin()), now, operations);
    } else {
      decide(now, metrics, operations);
      if (!rolled_back()) go_forward(now, metrics, operations);
    }
  }
  if (woken) wake_ = Time::never();
  plan_wake(now, operations);
}

bool MigrationRunner::pull(Time now, const MetricSource& metrics) {
  bool fresh = gate_.pull(current_plan(), metrics, record_.gates[phase_], now);
  for (std::size_t i = 0; i < triggers_.size(); ++i) {
    fresh |= triggers_[i].pull(plan_->triggers[i], current_plan().name, metrics, record_.triggers[i], now);
  }
  return fresh;
}

bool MigrationRunner::decide(Time now, const MetricSource& metrics, Operations& operations) {
  if (!plan_->decide) return false;
  const std::size_t before = record_.decisions.size();
  if (!decision_.go_on(*plan_, current_plan().name, metrics, operations, record_, now)) return false;
  for (std::size_t i = before; i < record_.decisions.size(); ++i) {
    const ProgramDecision what = record_.decisions[i].decision.what;
    gate_.decided(what == ProgramDecision::none      ? CriterionStatus::no_data
                  : what == ProgramDecision::proceed ? CriterionStatus::met
                                                     : CriterionStatus::broken,
                  record_.gates[phase_], now);
    if (plan_->steps.empty()) continue;
    TriggerRecord& trigger = record_.triggers.back();
    what == ProgramDecision::none ? ++trigger.missing : ++trigger.samples;
    if (what != ProgramDecision::roll_back || rolled_back()) continue;
    trigger.fired_at = trigger.window_begin = trigger.window_end = now;
    trigger.fired_in = current_plan().name;
    roll_back(record_.triggers.size() - 1, now, operations);
  }
  return true;
}

// Moves that are due, then as many gates as open at this instant.
void MigrationRunner::go_forward(Time now, const MetricSource& metrics, Operations& operations) {
  for (;;) {
    move_due(now, operations);
    if (now >= gate_.next_look()) gate_.look(operations, now);
    GateRecord& gate = record_.gates[phase_];
    if (!gate_.settle(current_plan(), gate, now) || decision_.awaits(now)) return;
    if (!gate.opened) gate.opened = now;
    if (phase_ + 1 == plan_->phases.size()) return;
    current().left = now;
    current().how = PhaseRecord::How::passed;
    enter(phase_ + 1, now, metrics, operations);
  }
}

void MigrationRunner::enter(std::size_t phase, Time now, const MetricSource& metrics, Operations& operations) {
  const std::string from = phase == 0 ? std::string{} : current_plan().name;
  phase_ = phase;
  const PhasePlan& plan = current_plan();
  current().entered = now;
  current().how = PhaseRecord::How::still_in;
  record_.marks.push_back({now, std::nullopt, MigrationMark::Kind::phase, plan.name});
  if (phase + 1 == plan_->phases.size()) record_.decision = MigrationDecision::cut_over;

  operations.phase_entered(plan.name);
  gate_.enter(*plan_, plan, metrics, operations, record_.gates[phase], *record_.phases.front().entered, now);
  for (std::size_t i = 0; i < triggers_.size(); ++i) {
    triggers_[i].enter(plan_->triggers[i], plan.name, metrics, record_.triggers[i], now);
  }
  if (plan_->decide) decision_.enter(*plan_->decide, now);
  act(plan, now, operations);
  plan_moves(plan, now, operations);

  if (phase > 0 || plan.moves()) {
    GoDecision go{now, from, plan.name, operations.store_of_pipeline(plan_->to).value_or(source_store), {}};
    for (const PlannedMove& planned : moves_) go.consumers.push_back(planned.consumer.name);
    record_.gos.push_back(std::move(go));
    record_.marks.push_back({now, std::nullopt, MigrationMark::Kind::decision, "GO " + plan.name});
  }
  if (moves_.empty()) gate_.moves_done(now);
}

void MigrationRunner::act(const PhasePlan& plan, Time now, Operations& operations) {
  for (const ActionPlan& action : plan.actions) {
    const bool ok = do_action(action, by_phase(plan), operations);
    ActionRecord record{now, action.text(), ok, {}};
    if (!ok) record.detail = fmt::format("pipeline `{}` has no cycles", action.pipeline);
    record_.marks.push_back(
        {now, std::nullopt, MigrationMark::Kind::action, ok ? record.text : record.text + " failed"});
    current().actions.push_back(std::move(record));
  }
}

// Who moves in this phase, and when: those that it names at once, the rest together or one `soak` after another.
void MigrationRunner::plan_moves(const PhasePlan& plan, Time now, const Operations& operations) {
  moves_.clear();
  if (!plan.moves()) return;
  const std::vector<KnownConsumer> known = operations.consumers();
  const std::optional<StoreId> target = operations.store_of_pipeline(plan_->to);
  for (const std::string& name : plan.move) {
    const auto consumer =
        std::find_if(known.begin(), known.end(), [&](const KnownConsumer& c) { return c.name == name; });
    if (consumer != known.end()) {
      moves_.push_back({now, *consumer});
    } else {
      current().moved.push_back({now, 0, name, 0, 0, false, "nobody on the team knows it"});
    }
  }
  if (plan.rest == PhasePlan::Rest::none || !target) return;
  std::vector<KnownConsumer> rest;
  for (const KnownConsumer& consumer : known) {
    const bool named = std::any_of(moves_.begin(), moves_.end(), [&](const PlannedMove& planned) {
      return planned.consumer.index == consumer.index;
    });
    const bool can = consumer.movable && consumer.store != *target && operations.holds(*target, consumer.table);
    if (can && !named) rest.push_back(consumer);
  }
  const bool one_by_one = plan.rest == PhasePlan::Rest::by_tier;
  if (one_by_one) {
    std::stable_sort(rest.begin(), rest.end(),
                     [](const KnownConsumer& a, const KnownConsumer& b) { return a.tier < b.tier; });
  }
  Time at = one_by_one && !moves_.empty() ? now + plan.soak : now;
  for (KnownConsumer& consumer : rest) {
    moves_.push_back({at, std::move(consumer)});
    if (one_by_one) at += plan.soak;
  }
}

void MigrationRunner::move_due(Time now, Operations& operations) {
  while (!moves_.empty() && moves_.front().at <= now) {
    move(moves_.front().consumer, now, operations);
    moves_.pop_front();
    if (moves_.empty()) gate_.moves_done(now);
  }
}

void MigrationRunner::move(const KnownConsumer& consumer, Time now, Operations& operations) {
  const std::optional<StoreId> target = operations.store_of_pipeline(plan_->to);
  MoveRecord record{now, consumer.index, consumer.name, consumer.store, target.value_or(source_store), true, {}};
  if (!target || !consumer.movable || !operations.holds(*target, consumer.table)) {
    record.ok = false;
    record.detail = fmt::format("pipeline `{}` does not produce what it reads", plan_->to);
  } else {
    operations.route(consumer.index, *target, by_phase(current_plan()));
    moved_.push_back(record);
  }
  record_.marks.push_back({now, std::nullopt, MigrationMark::Kind::move,
                           fmt::format("{} {}", consumer.name, record.ok ? "moves" : "cannot move")});
  current().moved.push_back(std::move(record));
}

void MigrationRunner::roll_back(std::size_t trigger, Time now, Operations& operations) {
  gate_.settle(current_plan(), record_.gates[phase_], now);
  current().left = now;
  current().how = PhaseRecord::How::rolled_back;
  for (std::size_t i = 0; i < triggers_.size(); ++i) triggers_[i].leave(record_.triggers[i]);
  moves_.clear();
  record_.decision = MigrationDecision::rolled_back;
  record_.marks.push_back(
      {now, std::nullopt, MigrationMark::Kind::decision, "rollback: " + record_.triggers[trigger].text});
  RollbackRecord& rollback = record_.rollback.emplace();
  rollback.trigger = trigger;
  rollback.phase = current_plan().name;
  rollback.started = now;
  operations.stop_repairs();
  rollback_.start(*plan_, moved_, record_, now);
  rollback_.go_on(*plan_, operations, record_, now);
}

void MigrationRunner::plan_wake(Time now, Operations& operations) {
  Time next = Time::never();
  const auto earliest = [&](Time t) {
    if (t > now) next = std::min(next, t);
  };
  if (rolled_back()) {
    earliest(rollback_.next());
  } else {
    if (!moves_.empty()) earliest(moves_.front().at);
    earliest(gate_.next_look());
    for (std::size_t i = 0; i < triggers_.size(); ++i) earliest(triggers_[i].fires_from(plan_->triggers[i], now));
    if (plan_->decide) earliest(decision_.next());
    if (!record_.gates[phase_].opened) earliest(gate_.opens_from(current_plan()));
  }
  if (next >= wake_) return;  // an earlier wake comes first and looks again
  wake_ = next;
  operations.wake_at(next);
}

void MigrationRunner::finish(Time now) {
  if (!started_ || rolled_back()) return;
  gate_.settle(current_plan(), record_.gates[phase_], now);
  for (std::size_t i = 0; i < triggers_.size(); ++i) triggers_[i].leave(record_.triggers[i]);
}

}  // namespace rehearse
