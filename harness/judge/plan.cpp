#include "harness/judge/plan.h"

#include <algorithm>
#include <utility>

#include "harness/judge/parts.h"
#include "harness/judge/words.h"

namespace rehearse::judging {
namespace {

result::Phase::Left left_of(PhaseRecord::How how) {
  switch (how) {
    case PhaseRecord::How::not_entered:
      break;
    case PhaseRecord::How::still_in:
      return result::Phase::still_in;
    case PhaseRecord::How::passed:
      return result::Phase::passed;
    case PhaseRecord::How::rolled_back:
      return result::Phase::rolled_back;
  }
  return result::Phase::not_entered;
}

result::Gate::Status status_of(CriterionStatus status) {
  switch (status) {
    case CriterionStatus::not_reached:
      return result::Gate::not_reached;
    case CriterionStatus::no_data:
      return result::Gate::no_data;
    case CriterionStatus::broken:
      return result::Gate::broken;
    case CriterionStatus::holding:
      return result::Gate::holding;
    case CriterionStatus::met:
      break;
  }
  return result::Gate::met;
}

std::string comparison_of(const CriterionRecord& criterion) {
  switch (criterion.kind) {
    case CriterionRecord::Kind::metric:
      return criterion.comparison;
    case CriterionRecord::Kind::at_least:
      return "at_least";
    case CriterionRecord::Kind::soak:
      return "soak";
    case CriterionRecord::Kind::decided:
      return "decided";
    case CriterionRecord::Kind::observed:
      break;
  }
  return "observed";
}

void write_criterion(const std::string& phase, const CriterionRecord& criterion, result::Gate& out) {
  out.set_phase(phase);
  out.set_criterion(criterion.text);
  out.set_metric(criterion.metric);
  out.set_comparison(comparison_of(criterion));
  if (criterion.kind == CriterionRecord::Kind::metric) {
    if (criterion.bound) out.set_bound(shown_value(*criterion.bound, criterion.quantity));
    out.set_unit(rule_of(criterion.quantity).unit());
  }
  if (criterion.value) out.set_value(shown_value(*criterion.value, criterion.quantity));
  if (criterion.worst) out.set_worst(shown_value(*criterion.worst, criterion.quantity));
  out.set_for_ns(criterion.length.ns);
  out.set_status(status_of(criterion.status));
  if (criterion.holds_since) out.set_holds_since_at_ns(criterion.holds_since->ns);
  if (criterion.met_at) out.set_met_at_ns(criterion.met_at->ns);
  out.set_samples(criterion.samples);
  out.set_samples_missing(criterion.missing);
  for (const StatusChange& change : criterion.history) {
    result::GateChange& changed = *out.add_history();
    changed.set_at_ns(change.at.ns);
    changed.set_status(status_of(change.status));
    if (change.value) changed.set_value(shown_value(*change.value, criterion.quantity));
  }
}

std::string note_of(const TriggerRecord& trigger, const std::string& program) {
  if (trigger.fired_at) return "fired in " + trigger.fired_in;
  if (trigger.samples == 0) return trigger.missing == 0 ? "never armed, or never sampled" : "no sample had data";
  if (!program.empty() && trigger.metric == program) return "never said so";
  if (!trigger.longest_near_miss) return trigger.bound ? "never past its bound" : "no sample spoke for it";
  const NearMiss& miss = *trigger.longest_near_miss;
  if (miss.held < trigger.length) return duration(trigger.length - miss.held) + " short of firing in " + miss.phase;
  return "too few samples to fire in " + miss.phase;
}

}  // namespace

void write_phases(const Case& c, result::Result& result) {
  for (const PhaseRecord& phase : c.in.migration->phases) {
    result::Phase& out = *result.add_phases();
    out.set_name(phase.name);
    out.set_at_least_ns(phase.at_least.ns);
    if (phase.entered) out.set_entered_at_ns(phase.entered->ns);
    if (phase.left) out.set_left_at_ns(phase.left->ns);
    out.set_left(left_of(phase.how));
    if (phase.entered) *out.mutable_harm() = harm_between(c, *phase.entered, phase.left.value_or(Time::never()));
    for (const MoveRecord& move : phase.moved) {
      if (move.ok) out.add_moved(move.name);
      else result.add_warnings(move.name + " was not moved in " + phase.name + ": " + move.detail + ".");
    }
    for (const ActionRecord& action : phase.actions) out.add_did(action.ok ? action.text : action.text + " (failed)");
  }
}

void write_gates(const Case& c, result::Result& result) {
  for (const GateRecord& gate : c.in.migration->gates)
    for (const CriterionRecord& criterion : gate.criteria) write_criterion(gate.phase, criterion, *result.add_gates());
}

void write_triggers(const Case& c, result::Result& result) {
  for (const TriggerRecord& trigger : c.in.migration->triggers) {
    result::Trigger& out = *result.add_triggers();
    out.set_text(trigger.text);
    out.set_metric(trigger.metric);
    out.set_fired(trigger.fired_at.has_value());
    if (trigger.fired_at) out.set_fired_at_ns(trigger.fired_at->ns);
    if (trigger.bound) out.set_bound(shown_value(*trigger.bound, trigger.quantity));
    if (trigger.closest) out.set_closest(shown_value(*trigger.closest, trigger.quantity));
    if (trigger.closest_at) out.set_closest_at_ns(trigger.closest_at->ns);
    Duration longest = trigger.longest_near_miss ? trigger.longest_near_miss->held : Duration{};
    if (trigger.fired_at) longest = std::max(longest, trigger.length);
    out.set_longest_held_ns(longest.ns);
    out.set_for_ns(trigger.length.ns);
    out.set_unit(rule_of(trigger.quantity).unit());
    out.set_samples(trigger.samples);
    out.set_samples_missing(trigger.missing);
    out.set_note(note_of(trigger, c.in.migration->decide_program));
  }
}

bool anybody_moved(const MigrationRecord& plan) {
  return std::any_of(plan.phases.begin(), plan.phases.end(), [](const PhaseRecord& phase) {
    return std::any_of(phase.moved.begin(), phase.moved.end(), [](const MoveRecord& move) { return move.ok; });
  });
}

StoreId new_store(const Case& c) { return c.store_of_pipeline(c.in.migration->to).value_or(source_store); }
StoreId old_store(const Case& c) { return c.store_of_pipeline(c.in.migration->from).value_or(source_store); }

}  // namespace rehearse::judging
