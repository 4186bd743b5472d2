#include "harness/judge/rollback.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "harness/judge/parts.h"
#include "harness/judge/plan.h"
#include "harness/judge/words.h"

namespace rehearse::judging {
namespace {

// When moved consumers read the new store and it was unsafe.
Spans exposed(const Case& c) { return intersected(c.unsafe(new_store(c)), moved_readers(c)); }

std::set<std::string> causes_of(const Case& c, StoreId store, Time onset, Time fired) {
  std::set<std::string> names;
  const auto [first, after] = c.divergences.of_store(store);
  for (Divergences::Index i = first; i < after; ++i) {
    if (c.divergences[i].from > fired || c.divergences[i].until <= onset) continue;
    for (const std::string& name : shown_causes(c.in.causes, c.divergences[i].causes)) names.insert(name);
  }
  if (!touches(c.stale[store], onset, fired)) return names;
  const Time since = onset - c.in.truth.stores[store].freshness;
  for (const FaultTruth& fault : c.in.faults)
    for (const FaultTruth::Strike& strike : fault.strikes)
      if (strike.at <= fired && strike.until.value_or(Time::never()) >= since) names.insert(fault.name);
  return names;
}

std::vector<std::string> readers_at(const Case& c, Time t) {
  std::vector<std::string> names;
  for (const Route& route : c.in.routing.history())
    if (!route.by.empty() && route.store == new_store(c) && route.since <= t)
      names.push_back(c.in.truth.consumers[route.consumer].name);
  return names;
}

std::string why(const Case& c, StoreId store, const Span* exposure, Time fired) {
  const std::vector<std::string> readers = readers_at(c, fired);
  if (exposure)
    return fmt::format("{} when the trigger fired, had been unsafe for {}, and {} read from it.",
                       c.ailment(store, fired), duration(fired - exposure->from), joined(readers));
  if (readers.empty())
    return fmt::format("No consumer had been moved to {} when the trigger fired.", c.store_name(store));
  return fmt::format("{} when the trigger fired.", c.ailment(store, fired));
}

std::set<StoreId> stores_read_at_end(const Case& c) {
  std::set<StoreId> stores;
  for (std::uint32_t i = 0; i < c.in.truth.consumers.size(); ++i) stores.insert(c.in.routing.store(i));
  return stores;
}

void write_steps(const RollbackRecord& rollback, result::Rollback& out) {
  for (const StepRecord& step : rollback.steps) {
    result::RollbackStep& to = *out.add_steps();
    to.set_name(step.text);
    to.set_started_at_ns(step.started.ns);
    if (step.ended) to.set_ended_at_ns(step.ended->ns);
    to.set_failed(!step.ok);
    to.set_detail(step.detail);
  }
}

}  // namespace

std::optional<result::Rollback> judge_rollback(const Case& c) {
  if (!c.in.migration->rollback) return std::nullopt;
  const RollbackRecord& rollback = *c.in.migration->rollback;
  const Time fired = rollback.started;
  const StoreId store = new_store(c);
  result::Rollback out;
  out.set_trigger(c.in.migration->triggers[rollback.trigger].text);
  out.set_fired_at_ns(fired.ns);
  out.set_phase(rollback.phase);
  out.set_by("automatic switch");

  const Spans exposures = exposed(c);
  const Span* exposure = at(exposures, fired);
  out.set_was(exposure ? result::right : result::wrong);
  out.set_why(why(c, store, exposure, fired));
  const Time onset = exposure ? exposure->from : fired;
  if (exposure) {
    out.set_onset_at_ns(onset.ns);
    for (const std::string& cause : causes_of(c, store, onset, fired)) out.add_causes(cause);
  }
  out.set_necessary_known(c.in.necessary.has_value());
  if (c.in.necessary)
    for (const std::string& fault : *c.in.necessary) out.add_necessary(fault);

  write_steps(rollback, out);
  if (rollback.consumers_back_at) out.set_rto_ns((*rollback.consumers_back_at - fired).ns);
  out.set_rpo_writes(0);
  std::uint64_t left = 0;
  for (const StoreId read : stores_read_at_end(c)) left += c.divergences.rows_at_end(read);
  out.set_divergence_left(left);
  *out.mutable_harm_before() = harm_between(c, onset, fired);
  *out.mutable_harm_after() = harm_between(c, fired, Time::never());
  return out;
}

Duration longest_trigger(const MigrationRecord& plan) {
  Duration longest;
  for (const TriggerRecord& trigger : plan.triggers) longest = std::max(longest, trigger.length);
  return longest;
}

std::vector<Danger> missed_dangers(const Case& c) {
  const MigrationRecord& plan = *c.in.migration;
  std::vector<Danger> missed;
  for (const Span& span : exposed(c)) {
    const Time rolled_back = plan.rollback ? plan.rollback->started : Time::never();
    if (span.until > rolled_back || span.until - span.from <= longest_trigger(plan)) continue;
    missed.push_back({span, new_store(c), c.ailment(new_store(c), span.from)});
  }
  return missed;
}

}  // namespace rehearse::judging
