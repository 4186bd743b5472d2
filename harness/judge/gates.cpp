#include "harness/judge/gates.h"

#include <fmt/core.h>

#include <algorithm>

#include "harness/judge/plan.h"
#include "harness/judge/words.h"
#include "sim/kernel/assert.h"

namespace rehearse::judging {
namespace {

// A store that a GO depends on, and when it must not be depended on.
struct Stake {
  StoreId store = 0;
  bool fallback = false;
  Spans bad;
};

std::vector<Stake> stakes(const Case& c, StoreId target, const std::vector<std::string>& consumers) {
  std::vector<Stake> all{{target, false, c.unsafe(target)}};
  if (c.in.scenario.safety().rollback() != scenario::Safety::REQUIRED) return all;
  std::vector<StoreId> fallbacks;
  for (const std::string& name : consumers) {
    const scenario::Consumer* consumer = c.consumer(name);
    const std::optional<StoreId> declared =
        consumer && !consumer->fallback().empty() ? c.store_named(consumer->fallback()) : std::nullopt;
    fallbacks.push_back(declared.value_or(old_store(c)));
  }
  if (fallbacks.empty()) fallbacks.push_back(old_store(c));
  std::sort(fallbacks.begin(), fallbacks.end());
  fallbacks.erase(std::unique(fallbacks.begin(), fallbacks.end()), fallbacks.end());
  for (const StoreId store : fallbacks) all.push_back({store, true, c.not_a_fallback(store)});
  return all;
}

Spans all_bad(const std::vector<Stake>& stakes) {
  Spans bad;
  for (const Stake& stake : stakes) bad = united(bad, stake.bad);
  return bad;
}

std::string why_false(const Case& c, const Stake& stake, Time since, Time go, Duration look_ahead) {
  const Time t = std::max(since, go);
  std::string text = c.ailment(stake.store, t);
  text += t == go ? " at the GO"
                  : fmt::format(" from {} on, {} after the GO and within the look-ahead of {}", when(t),
                                duration(t - go), duration(look_ahead));
  return text + (stake.fallback ? ", so there was no working rollback." : ".");
}

std::string why_right(const Case& c, const std::vector<Stake>& stakes, Time go, Duration look_ahead) {
  const bool may_be_stale = c.in.scenario.safety().stale() == scenario::Safety::ALLOWED;
  std::vector<std::string> fallbacks;
  for (const Stake& stake : stakes)
    if (stake.fallback) fallbacks.push_back(c.store_name(stake.store));
  std::string text = fmt::format("Nothing that is unsafe was divergent in {}", c.store_name(stakes.front().store));
  if (!may_be_stale) text += ", and it was not stale,";
  text += fmt::format(" from the GO until {} later", duration(look_ahead));
  if (!fallbacks.empty()) text += fmt::format("; {} could be fallen back on", joined(fallbacks));
  if (later(go, look_ahead) > c.end) text += "; the rehearsal ended before that";
  return text + ".";
}

result::GateJudgement judge_go(const Case& c, const GoDecision& go) {
  const Duration look_ahead{c.in.scenario.safety().look_ahead_ns()};
  const std::vector<Stake> at_stake = stakes(c, go.store, go.consumers);
  result::GateJudgement out;
  out.set_at_ns(go.at.ns);
  out.set_kind(result::GateJudgement::go);
  out.set_phase(go.from_phase.empty() ? go.to_phase : go.from_phase);

  const Stake* first_bad = nullptr;
  const Span* span = nullptr;
  for (const Stake& stake : at_stake) {
    const Span* bad = first_touching(stake.bad, go.at, later(go.at, look_ahead));
    if (bad && (!span || std::max(bad->from, go.at) < std::max(span->from, go.at))) {
      first_bad = &stake;
      span = bad;
    }
  }
  const bool needs_rollback = c.in.scenario.safety().rollback() == scenario::Safety::REQUIRED;
  if (span) {
    out.set_was(result::wrong);
    out.set_why(why_false(c, *first_bad, span->from, go.at, look_ahead));
  } else if (needs_rollback && !c.in.scenario.migration().has_rollback()) {
    out.set_was(result::wrong);
    out.set_why("The plan has no rollback.");
    return out;
  } else {
    out.set_was(result::right);
    out.set_why(why_right(c, at_stake, go.at, look_ahead));
  }

  Time entered = go.at;
  for (const PhaseRecord& phase : c.in.migration->phases)
    if (phase.name == go.from_phase && phase.entered) entered = *phase.entered;
  const std::optional<Time> safe = first_free(all_bad(at_stake), entered, look_ahead);
  if (safe && *safe < c.end) out.set_earliest_safe_at_ns(safe->ns);
  if (safe && *safe <= go.at) out.set_time_lost_ns((go.at - *safe).ns);
  return out;
}

// When a gate could have opened at the earliest; none: not before the end.
std::optional<Time> earliest_opening(const PhaseRecord& phase, const GateRecord& gate) {
  Time earliest = later(*phase.entered, phase.at_least);
  for (const CriterionRecord& criterion : gate.criteria) {
    if (criterion.kind != CriterionRecord::Kind::soak) continue;
    if (!criterion.met_at) return std::nullopt;
    earliest = std::max(earliest, *criterion.met_at);
  }
  return earliest;
}

std::string what_held(const GateRecord& gate) {
  std::vector<std::string> unmet;
  for (const CriterionRecord& criterion : gate.criteria) {
    if (criterion.status == CriterionStatus::met) continue;
    unmet.push_back(criterion.text + (criterion.status == CriterionStatus::no_data ? " (no data)" : ""));
  }
  return unmet.empty() ? "nothing that is recorded" : joined(unmet);
}

std::optional<result::GateJudgement> judge_no_go(const Case& c, const PhaseRecord& phase, const GateRecord& gate,
                                                 const std::vector<std::string>& consumers) {
  const std::optional<Time> opening = earliest_opening(phase, gate);
  if (!opening || *opening >= c.end || c.in.stopped_at) return std::nullopt;
  const std::vector<Stake> at_stake = stakes(c, new_store(c), consumers);
  result::GateJudgement out;
  out.set_at_ns(c.end.ns);
  out.set_kind(result::GateJudgement::no_go);
  out.set_phase(phase.name);
  const std::optional<Time> safe = first_free(all_bad(at_stake), *opening, {c.in.scenario.safety().look_ahead_ns()});
  if (safe && *safe < c.end) out.set_earliest_safe_at_ns(safe->ns);
  for (const Stake& stake : at_stake)
    if (const Span* bad = first_touching(stake.bad, *opening, c.end)) {
      out.set_was(result::right);
      out.set_why(fmt::format("{} at {}, after the gate could have opened ({}).",
                              c.ailment(stake.store, std::max(bad->from, *opening)),
                              when(std::max(bad->from, *opening)), when(*opening)));
      return out;
    }
  out.set_was(result::wrong);
  out.set_time_lost_ns((c.end - *opening).ns);
  out.set_why(
      fmt::format("All was safe for {}, from {}, when the gate could have opened, to the end; what held it: {}.",
                  duration(c.end - *opening), when(*opening), what_held(gate)));
  return out;
}

}  // namespace

std::vector<result::GateJudgement> judge_gates(const Case& c) {
  const MigrationRecord& plan = *c.in.migration;
  REHEARSE_ASSERT(plan.gates.size() == plan.phases.size(), "each phase has one gate");
  std::vector<result::GateJudgement> judgements;
  for (const GoDecision& go : plan.gos) judgements.push_back(judge_go(c, go));
  for (std::size_t i = 0; i + 1 < plan.phases.size(); ++i) {
    if (plan.phases[i].how != PhaseRecord::How::still_in || !plan.phases[i].entered) continue;
    const auto& next = c.in.scenario.migration().phases(static_cast<int>(i) + 1).move().consumers();
    if (auto judged = judge_no_go(c, plan.phases[i], plan.gates[i], {next.begin(), next.end()}))
      judgements.push_back(std::move(*judged));
  }
  return judgements;
}

}  // namespace rehearse::judging
