#include "harness/migration/gate.h"

#include <algorithm>

#include "scenarios/units.h"
#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

constexpr std::size_t history_max = 4096;

void change(CriterionRecord& record, CriterionStatus status, Time at) {
  if (record.status == status) return;
  record.status = status;
  if (status == CriterionStatus::met && !record.met_at) record.met_at = at;
  ++record.changes;
  if (record.history.size() < history_max) record.history.push_back({at, status, record.value});
}

CriterionStatus status_of(WindowStatus status) {
  switch (status) {
    case WindowStatus::no_data:
      return CriterionStatus::no_data;
    case WindowStatus::broken:
      return CriterionStatus::broken;
    case WindowStatus::holding:
      return CriterionStatus::holding;
    case WindowStatus::met:
      return CriterionStatus::met;
  }
  return CriterionStatus::no_data;
}

std::string words_for(Observable what) {
  switch (what) {
    case Observable::weekend:
      return "observed weekend";
    case Observable::schema_change:
      return "observed schema change";
    case Observable::recovery:
      return "observed recovery";
  }
  return {};
}

CriterionRecord condition(CriterionRecord::Kind kind, std::string text, Duration length = {}) {
  CriterionRecord record;
  record.kind = kind;
  record.text = std::move(text);
  record.length = length;
  return record;
}

void settle_condition(CriterionRecord& record, Time met_from, Time now) {
  if (now >= met_from) change(record, CriterionStatus::met, met_from);
}

void note_sample(const WindowRule& rule, const Window& window, const WindowSample& sample, CriterionRecord& record,
                 Time now) {
  const auto had = static_cast<std::int64_t>(record.samples), has = static_cast<std::int64_t>(window.samples());
  record.samples = window.samples();
  record.missing = window.missing();
  if (had < record.least_samples && has >= record.least_samples)
    record.covered_from = std::max(record.covered_from.value_or(now), now);
  if (!sample.has_data) return;
  record.value = sample.value;
  const bool worse =
      !record.worst || (rule.limit().above ? sample.value < *record.worst : sample.value > *record.worst);
  if (worse) record.worst = sample.value;
}

}  // namespace

GateRecord gate_record_of(const PhasePlan& phase) {
  GateRecord gate;
  gate.phase = phase.name;
  for (const RulePlan& rule : phase.exit) {
    CriterionRecord record = condition(CriterionRecord::Kind::metric, rule.text, rule.window.length);
    record.metric = rule.window.metric;
    record.comparison = rule.comparison;
    record.bound = rule.bound;
    record.quantity = rule.quantity;
    record.min_samples = rule.window.min_samples;
    const auto* runs = std::get_if<FailedRuns>(&rule.window.test);
    record.least_samples = runs ? runs->least_runs() : rule.window.min_samples;
    gate.criteria.push_back(std::move(record));
  }
  for (const Observable what : phase.observed) {
    gate.criteria.push_back(condition(CriterionRecord::Kind::observed, words_for(what)));
  }
  if (phase.at_least.ns > 0) {
    const std::string text = "at least " + format_duration(phase.at_least.ns);
    gate.criteria.push_back(condition(CriterionRecord::Kind::at_least, text, phase.at_least));
  }
  if (phase.moves() && phase.soak.ns > 0) {
    const std::string text = "soak " + format_duration(phase.soak.ns);
    gate.criteria.push_back(condition(CriterionRecord::Kind::soak, text, phase.soak));
  }
  return gate;
}

CriterionRecord decided_by(const std::string& program) {
  return condition(CriterionRecord::Kind::decided, program + " says proceed");
}

void Gate::decided(CriterionStatus status, GateRecord& record, Time now) const {
  for (CriterionRecord& criterion : record.criteria) {
    if (criterion.kind != CriterionRecord::Kind::decided) continue;
    status == CriterionStatus::no_data ? ++criterion.missing : ++criterion.samples;
    change(criterion, status, now);
  }
}

void Gate::enter(const Plan& plan, const PhasePlan& phase, const MetricSource& source, const Operations& operations,
                 GateRecord& record, Time plan_started, Time now) {
  *this = Gate{};
  entered_ = settled_ = now;
  least_length_over_ = now + phase.at_least;
  soak_ = phase.moves() ? phase.soak : Duration{};
  windows_.resize(phase.exit.size());
  for (std::size_t i = 0; i < windows_.size(); ++i) {
    const RulePlan& rule = phase.exit[i];
    const Time from = rule.since == RulePlan::Since::plan ? plan_started : now;
    windows_[i].window.enter(rule.window, source, from);
    const Duration covered = rule.window.takes_whole_window() ? rule.window.length : Duration{};
    record.criteria[i].covered_from = std::max(now, from + covered);
    windows_[i].settled = now;
  }
  observations_.resize(phase.observed.size());
  for (std::size_t i = 0; i < observations_.size(); ++i) {
    observations_[i].enter(phase.observed[i], plan, operations, now);
  }
  for (CriterionRecord& criterion : record.criteria) {
    const bool metric =
        criterion.kind == CriterionRecord::Kind::metric || criterion.kind == CriterionRecord::Kind::decided;
    change(criterion, metric ? CriterionStatus::no_data : CriterionStatus::holding, now);
    if (!metric) criterion.holds_since = now;
  }
  plan_look(now);
}

bool Gate::pull(const PhasePlan& phase, const MetricSource& source, GateRecord& record, Time now) {
  bool any = false;
  for (std::size_t i = 0; i < windows_.size(); ++i) {
    CriterionRecord& criterion = record.criteria[i];
    const WindowRule& rule = phase.exit[i].window;
    settle_window(rule, windows_[i], criterion, now);  // what time alone had changed by then
    any |= windows_[i].window.pull(rule, source, [&](const WindowSample& sample) {
      note_sample(rule, windows_[i].window, sample, criterion, now);
      settle_window(rule, windows_[i], criterion, now);
    });
  }
  return any;
}

void Gate::look(const Operations& operations, Time now) {
  for (Observation& observation : observations_) observation.look(operations, now);
  plan_look(now);
}

void Gate::plan_look(Time now) {
  next_look_ = Time::never();
  for (const Observation& observation : observations_) {
    if (observation.seen()) continue;
    next_look_ = std::min(next_look_, observation.seen_from());
    const Duration every = observation.look_every();
    if (every.ns > 0) next_look_ = std::min(next_look_, now + every);
    if (!observation.seen()) next_look_ = std::min(next_look_, observation.seen_from());
  }
}

// A criterion that is met stays so while a run that is due is awaited; the gate waits all the same.
void Gate::settle_window(const WindowRule& rule, Watched& watched, CriterionRecord& record, Time now) {
  const Window& window = watched.window;
  const Time since = std::min(watched.settled, now);
  watched.settled = now;
  record.holds_since = window.holds_since();
  const Time no_data_from = window.no_data_from(rule);
  if (record.status == CriterionStatus::holding || record.status == CriterionStatus::broken) {
    const Time from = window.supported_from(rule, since + nanosecond, now + nanosecond);
    if (from <= now && from < no_data_from && !window.awaits(from)) change(record, CriterionStatus::met, from);
  }
  const CriterionStatus status = status_of(window.status(rule, now));
  const bool awaited = status == CriterionStatus::holding && window.supported(rule, now) && window.awaits(now);
  if (awaited && record.status == CriterionStatus::met) return;
  const bool by_time = status == CriterionStatus::no_data && window.latest() && window.latest()->has_data;
  change(record, status, by_time ? std::clamp(no_data_from, since, now) : now);
}

bool Gate::settle(const PhasePlan& phase, GateRecord& record, Time now) {
  bool open = true;
  std::size_t observation = 0;
  for (std::size_t i = 0; i < record.criteria.size(); ++i) {
    CriterionRecord& criterion = record.criteria[i];
    switch (criterion.kind) {
      case CriterionRecord::Kind::metric:
        settle_window(phase.exit[i].window, windows_[i], criterion, now);
        open = open && !windows_[i].window.awaits(now);
        break;
      case CriterionRecord::Kind::at_least:
        settle_condition(criterion, least_length_over_, now);
        break;
      case CriterionRecord::Kind::soak:
        settle_condition(criterion, soak_over_, now);
        break;
      case CriterionRecord::Kind::observed: {
        const std::optional<Time> seen = observations_[observation++].seen();
        settle_condition(criterion, seen.value_or(Time::never()), now);
        break;
      }
      case CriterionRecord::Kind::decided:
        break;
    }
    open = open && criterion.status == CriterionStatus::met;
  }
  settled_ = now;
  return open;
}

Time Gate::opens_from(const PhasePlan& phase) const {
  Time from = std::max({entered_, least_length_over_, soak_over_});
  for (const Observation& observation : observations_) {
    if (!observation.seen()) from = std::max(from, observation.seen_from());
  }
  for (std::size_t i = 0; i < windows_.size(); ++i) {
    const Window& window = windows_[i].window;  // from its next run on the gate waits for that
    from = std::max(from, window.supported_from(phase.exit[i].window, settled_, window.awaits_from()));
  }
  return from;
}

}  // namespace rehearse
