#include <bit>

#include "harness/migration/records.h"

namespace rehearse {
namespace {

void add(Digest& digest, Time t) { digest.add(static_cast<std::uint64_t>(t.ns)); }
void add(Digest& digest, const std::optional<Time>& t) { add(digest, t.value_or(Time::never())); }
void add(Digest& digest, double value) { digest.add(std::bit_cast<std::uint64_t>(value)); }
template <class Enum>
void add_enum(Digest& digest, Enum value) {
  digest.add(static_cast<std::uint64_t>(value));
}

void add(Digest& digest, const std::vector<MoveRecord>& moves) {
  digest.add(moves.size());
  for (const MoveRecord& move : moves) {
    add(digest, move.at);
    digest.add(move.name);
    digest.add(move.from);
    digest.add(move.to);
    digest.add(move.ok);
  }
}

void add(Digest& digest, const PhaseRecord& phase) {
  digest.add(phase.name);
  add(digest, phase.entered);
  add(digest, phase.left);
  add_enum(digest, phase.how);
  add(digest, phase.moved);
  digest.add(phase.actions.size());
  for (const ActionRecord& action : phase.actions) {
    add(digest, action.at);
    digest.add(action.text);
    digest.add(action.ok);
  }
}

void add(Digest& digest, const GateRecord& gate) {
  add(digest, gate.opened);
  digest.add(gate.criteria.size());
  for (const CriterionRecord& criterion : gate.criteria) {
    digest.add(criterion.text);
    add_enum(digest, criterion.status);
    digest.add(criterion.changes);
    for (const StatusChange& change : criterion.history) {
      add(digest, change.at);
      add_enum(digest, change.status);
      add(digest, change.value.value_or(0));
    }
  }
}

void add(Digest& digest, const RollbackRecord& rollback) {
  digest.add(rollback.trigger);
  digest.add(rollback.phase);
  add(digest, rollback.started);
  digest.add(rollback.steps.size());
  for (const StepRecord& step : rollback.steps) {
    digest.add(step.text);
    add(digest, step.started);
    add(digest, step.ended);
    digest.add(step.ok);
  }
  add(digest, rollback.returned);
  add(digest, rollback.consumers_back_at);
  add(digest, rollback.finished);
}

}  // namespace

Digest128 digest_of(const MigrationRecord& record) {
  Digest digest;
  add_enum(digest, record.decision);
  for (const PhaseRecord& phase : record.phases) add(digest, phase);
  for (const GateRecord& gate : record.gates) add(digest, gate);
  digest.add(record.gos.size());
  for (const GoDecision& go : record.gos) {
    add(digest, go.at);
    digest.add(go.to_phase);
    digest.add(go.store);
    digest.add(go.consumers.size());
    for (const std::string& consumer : go.consumers) digest.add(consumer);
  }
  for (const TriggerRecord& trigger : record.triggers) {
    add(digest, trigger.fired_at);
    add(digest, trigger.fired_value);
    digest.add(trigger.near_misses);
    digest.add(trigger.samples);
    digest.add(trigger.missing);
  }
  for (const DecisionRecord& decision : record.decisions) {
    add(digest, decision.asked);
    add(digest, decision.known);
    add_enum(digest, decision.decision.what);
  }
  digest.add(record.rollback.has_value());
  if (record.rollback) add(digest, *record.rollback);
  return digest.value();
}

}  // namespace rehearse
