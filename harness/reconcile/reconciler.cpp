#include "harness/reconcile/reconciler.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "harness/reconcile/catalogue.h"
#include "sim/kernel/assert.h"

namespace rehearse {

Reconciler::Reconciler(const scenario::Scenario& scenario, const ReadView& view) {
  for (int i = 0; i < scenario.checks_size(); ++i) {
    State state;
    state.check = make_check(scenario.checks(i), static_cast<std::uint32_t>(i), view);
    descriptions_.push_back(state.check->description());
    states_.push_back(std::move(state));
  }
  metrics_ = MetricStore(scenario.metrics(), descriptions_);
  for (int i = 0; i < scenario.repair_size(); ++i)
    for (const CheckDescription& check : descriptions_)
      if (check.name == scenario.repair(i).of())
        repairs_.emplace_back(scenario.repair(i), static_cast<std::uint32_t>(i), check);
}

void Reconciler::start(const ReadView& view, Controls& controls) {
  for (std::uint32_t i = 0; i < states_.size(); ++i) schedule(i, view.now(), view.now(), controls);
}

void Reconciler::phase_entered(const std::string& phase, const ReadView& view, Controls& controls) {
  metrics_.phase_entered(phase, view.now());
  for (std::uint32_t i = 0; i < states_.size(); ++i)
    if (states_[i].idle) schedule(i, view.now() + states_[i].check->ahead(), view.now(), controls);
}

void Reconciler::schedule(std::uint32_t check, Time earliest, Time now, Controls& controls) {
  State& state = states_[check];
  const Time due = metrics_.occasions(check).next_at_or_after(earliest);
  state.idle = due == Time::never();
  if (state.idle) return;
  state.due = due;
  controls.schedule(std::max(now, due - state.check->ahead()), run_begins, check, state.runs + 1, false);
}

void Reconciler::schedule_next(std::uint32_t check, At at) {
  State& state = states_[check];
  const Time former = state.due;
  schedule(check, std::max(at.view.now() + state.check->ahead(), former + nanosecond), at.view.now(), at.controls);
  if (!state.idle) state.skipped += metrics_.occasions(check).between(former, state.due);
}

void Reconciler::handle(std::uint16_t code, std::uint32_t index, ReadView& view, Controls& controls,
                        Onlooker* onlooker) {
  const At at{view, controls, onlooker};
  switch (code) {
    case run_begins:
      return begin(index, at);
    case run_goes_on:
      return go_on(index, at);
    case repair_goes_on:
      return repair(index, at);
    case pause_ends:
      return repairs_[index].end_pause(controls);
    default:
      REHEARSE_ASSERT(false, "the reconciler knows its own events");
  }
}

Check::Context Reconciler::context_of(std::uint32_t check, At at) {
  State& state = states_[check];
  return {at.view, comparisons_, state.run, descriptions_[check].due.next_after(state.due), at.onlooker};
}

void Reconciler::begin(std::uint32_t check, At at) {
  State& state = states_[check];
  state.idle = !metrics_.occasions(check).active_at(state.due);
  if (state.idle) return;
  state.run = CheckRun{};
  state.run.check = check;
  state.run.due = state.due;
  state.run.number = ++state.runs;
  state.run.started = at.view.now();
  proceed(check, state.check->begin(context_of(check, at)), at);
}

void Reconciler::go_on(std::uint32_t check, At at) {
  proceed(check, states_[check].check->go_on(context_of(check, at)), at);
}

void Reconciler::proceed(std::uint32_t check, Check::Next next, At at) {
  if (next) at.controls.schedule(*next, run_goes_on, check, states_[check].runs, false);
  else report(check, at);
}

void Reconciler::report(std::uint32_t check, At at) {
  State& state = states_[check];
  state.run.reported = at.view.now();
  if (state.run.rows_compared == 0 && !state.run.found_anything() && !descriptions_[check].empty_agrees)
    state.run.data = false;
  state.run.claims.pack();
  if (at.onlooker) at.onlooker->has_reported(descriptions_[check], state.run);
  add_to_digest(state.run);
  metrics_.add(state.run);
  for (std::uint32_t i = 0; i < repairs_.size(); ++i)
    if (repairs_[i].check() == check)
      if (const auto next = repairs_[i].take(state.run, at.view, quarantine_, audit_))
        at.controls.schedule(*next, repair_goes_on, i, 0, false);
  keep(std::move(state.run));
  schedule_next(check, at);
}

void Reconciler::keep(CheckRun run) {
  RunsNotKept& of = states_[run.check].not_kept;
  if (run.number > 1) of.longest_apart = std::max(of.longest_apart, run.started - of.last_started);
  of.last_started = run.started;
  if (!descriptions_[run.check].monitor() || run.number <= monitor_runs_kept) {
    runs_.push_back(std::move(run));
    return;
  }
  ++of.runs;
  of.without_data += !run.data;
  of.rows_compared += run.rows_compared;
}

std::vector<RunsNotKept> Reconciler::runs_not_kept() const {
  std::vector<RunsNotKept> by_check;
  for (const State& state : states_) by_check.push_back(state.not_kept);
  return by_check;
}

void Reconciler::repair(std::uint32_t rule, At at) {
  if (const auto next = repairs_[rule].go_on(at.view.now(), at.controls, quarantine_, audit_))
    at.controls.schedule(*next, repair_goes_on, rule, 0, false);
  if (const auto end = repairs_[rule].take_pause_end()) at.controls.schedule(*end, pause_ends, rule, 0, false);
}

void Reconciler::stop_repairs(Time now) {
  for (RepairRuleAtWork& repair : repairs_) repair.stop(now, audit_);
}

void Reconciler::add_to_digest(const CheckRun& run) {
  digest_.add(run.check);
  digest_.add(run.number);
  for (const Time t : {run.started, run.first_read, run.last_read, run.reported})
    digest_.add(static_cast<std::uint64_t>(t.ns));
  digest_.add(run.data);
  digest_.add(run.rows_compared);
  digest_.add(run.rows_unsettled);
  for (const std::uint64_t count : run.found) digest_.add(count);
  run.claims.for_each([&](const Claim& claim) {
    digest_.add(std::uint64_t{claim.row} << 16 | std::uint64_t{claim.table} << 8 | claim.kind);
    digest_.add(claim.columns);
    if (claim.about != Claim::About::row)
      digest_.add(std::uint64_t{claim.other} << 16 | std::uint64_t{claim.other_table} << 8 |
                  static_cast<std::uint64_t>(claim.about));
  });
  digest_.add(run.reference_rows);
  digest_.add(run.trial_rows);
  digest_.add(run.changes);
  const auto* duration = run.measured ? std::get_if<Duration>(&*run.measured) : nullptr;
  if (run.measured && duration == nullptr) {
    const auto* count = std::get_if<std::uint64_t>(&*run.measured);
    digest_.add(count ? *count : std::bit_cast<std::uint64_t>(std::get<double>(*run.measured)));
  }
  if (run.rounds > 0) {
    digest_.add(run.rows_read);
    digest_.add(run.rounds);
  }
  // Three places: a duration of many changes and their mean, or one that stands alone.
  const Duration none{-1};
  const Duration of_many = duration && run.mean ? *duration : none, alone = duration && !run.mean ? *duration : none;
  for (const Duration d : {of_many, run.mean.value_or(none), alone}) digest_.add(static_cast<std::uint64_t>(d.ns));
  for (const AggregateFigure& figure : run.aggregates) {
    digest_.add(figure.group);
    digest_.add(std::bit_cast<std::uint64_t>(figure.reference));
    digest_.add(std::bit_cast<std::uint64_t>(figure.trial));
  }
  if (run.figure) digest_.add(std::bit_cast<std::uint64_t>(*run.figure));
  if (!run.problem.empty()) digest_.add(std::uint64_t{1});  // which one may be the machine's: a time-out
}

Digest128 Reconciler::digest() const {
  Digest all = digest_;
  for (const AuditEntry& entry : audit_) {
    all.add(static_cast<std::uint64_t>(entry.at.ns));
    all.add(std::uint64_t{entry.row} << 32 | std::uint64_t{entry.table} << 16 |
            static_cast<std::uint64_t>(entry.action) << 8 | static_cast<std::uint64_t>(entry.result));
    all.add(std::uint64_t{entry.store} << 32 | entry.rule);
    all.add(entry.rows);
  }
  return all.value();
}

}  // namespace rehearse
