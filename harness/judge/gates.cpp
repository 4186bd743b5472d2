#include "harness/judge/gates.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <set>

#include "harness/judge/landing.h"
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
  std::vector<Stake> all{{target, false, c.course.unsafe(target)}};
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

// Readers that the plan concerns at an instant, which are those of its moves there too.
std::vector<std::uint32_t> concerned_at(const Course& course, Time t) {
  std::vector<std::uint32_t> readers;
  for (std::uint32_t reader = 0; reader < course.readers(); ++reader)
    if (at(course.concerned(reader), t)) readers.push_back(reader);
  return readers;
}

// Whether one of the causes is a fault that struck in the rehearsal and not in the copy.
bool is_luck(const Case& c, const ForkTruth& copy, const std::set<std::string>& causes) {
  const auto struck = [](const std::vector<FaultTruth>& faults, const std::string& name) {
    return std::any_of(faults.begin(), faults.end(),
                       [&](const FaultTruth& fault) { return fault.name == name && !fault.strikes.empty(); });
  };
  return std::any_of(causes.begin(), causes.end(), [&](const std::string& cause) {
    return struck(c.in.faults, cause) && !struck(copy.faults, cause);
  });
}

// A reader that is exposed for too long within the look-ahead, in a sentence; none if nobody is. With a copy: by what
// struck in the course and not there.
std::optional<std::string> too_long_exposed(const Case& c, const Course& course, Time go,
                                            const ForkTruth* copy = nullptr) {
  const scenario::Safety& safety = c.in.scenario.safety();
  const Span look_ahead{go, later(go, {safety.look_ahead_ns()})};
  for (std::uint32_t reader = 0; reader < course.readers(); ++reader) {
    const Spans exposed = intersected(course.exposed(reader), {look_ahead});
    if (!passes_within_a_day(exposed, {safety.max_exposure_ns()})) continue;
    const Time from = exposed.front().from;
    const StoreId store = course.store_of(reader, from);
    const std::set<std::string> causes = course.causes_of(store, from, exposed.back().until);
    if (copy && !is_luck(c, *copy, causes)) continue;
    return fmt::format("{} from {} on, {} after it, and {} read it for {} within the look-ahead of {}{}",
                       course.ailment(store, from), when(from), duration(from - go), course.reader_name(reader),
                       duration(total(exposed)), duration({safety.look_ahead_ns()}),
                       causes.empty() ? "" : " (" + joined({causes.begin(), causes.end()}) + ")");
  }
  return std::nullopt;
}

// A captured stream ended before it could be told whether the drill landed.
bool cut_short(const Case& c, const ForkTruth& fork) {
  return fork.end < *fork.fired + Duration{c.in.scenario.safety().restore_within_ns()} + day;
}

// Why a drill did not land, in a sentence; none if it did, or was not made.
std::optional<std::string> not_landed(const Case& c, ForkTruth::Kind kind, Time made) {
  const ForkTruth* fork = c.fork(kind, made);
  if (!fork || !fork->fired) return std::nullopt;
  const Course course(c.in, *fork);
  const Landing landed = landing(course, *fork->fired, {c.in.scenario.safety().restore_within_ns()});
  if (landed.in_time || cut_short(c, *fork)) return std::nullopt;
  std::string sentence =
      fmt::format("A rollback {} would not have landed: {}",
                  kind == ForkTruth::Kind::drill ? "at once" : "at the look-ahead's end", landed.why_not);
  if (!fork->failed_steps.empty()) sentence += " (failed: " + fork->failed_steps.front() + ")";
  return sentence;
}

// Why a decision at an instant was false, in a sentence; none if it was not.
std::optional<std::string> why_false(const Case& c, Time go) {
  const Course& course = c.course;
  for (const std::uint32_t reader : concerned_at(course, go)) {
    const StoreId store = course.store_of(reader, go);
    if (course.loading(store, go)) return c.store_name(store) + " was still loading";
    if (at(course.unsafe(store), go))
      return course.ailment(store, go) + " at the GO, and " + course.reader_name(reader) + " was to read it";
  }
  const ForkTruth* fork = c.fork(ForkTruth::Kind::as_decided, go);
  const std::optional<Course> copy = fork ? std::optional<Course>(std::in_place, c.in, *fork) : std::nullopt;
  if (auto exposed = too_long_exposed(c, copy ? *copy : course, go)) return exposed;
  if (c.in.scenario.safety().rollback() != scenario::Safety::REQUIRED) return std::nullopt;
  if (!c.in.scenario.migration().has_rollback()) return "The plan has no rollback";
  if (auto why = not_landed(c, ForkTruth::Kind::drill, go)) return why;
  return not_landed(c, ForkTruth::Kind::late_drill, go);
}

std::string why_right(const Case& c, Time go) {
  const scenario::Safety& safety = c.in.scenario.safety();
  std::string text = fmt::format("By what was at work then, no reader was exposed for more than {} within {}",
                                 duration({safety.max_exposure_ns()}), duration({safety.look_ahead_ns()}));
  if (const ForkTruth* fork = c.fork(ForkTruth::Kind::late_drill, go); fork && fork->fired)
    text += cut_short(c, *fork) ? "; the capture ended before it could be told whether a rollback would have landed"
                                : ", and a rollback would have landed at once and at its end";
  return text + ".";
}

result::GateJudgement judge_at(const Case& c, const std::string& phase, Time go) {
  result::GateJudgement out;
  out.set_at_ns(go.ns);
  out.set_kind(result::GateJudgement::go);
  out.set_phase(phase);
  if (const auto why = why_false(c, go)) {
    out.set_was(result::wrong);
    out.set_why(*why + ".");
  } else {
    out.set_was(result::right);
    out.set_why(why_right(c, go));
    if (const ForkTruth* fork = c.fork(ForkTruth::Kind::as_decided, go))
      if (const auto luck = too_long_exposed(c, c.course, go, fork)) out.set_bad_luck(*luck + ".");
  }
  return out;
}

result::GateJudgement judge_go(const Case& c, const GoDecision& go) {
  const Duration look_ahead{c.in.scenario.safety().look_ahead_ns()};
  const std::vector<Stake> at_stake = stakes(c, go.store, go.consumers);
  result::GateJudgement out = judge_at(c, go.from_phase.empty() ? go.to_phase : go.from_phase, go.at);
  Time entered = go.at;
  for (const PhaseRecord& phase : c.in.migration->phases)
    if (phase.name == go.from_phase && phase.entered) entered = *phase.entered;
  const std::optional<Time> safe = first_free(all_bad(at_stake), entered, look_ahead);
  if (safe && *safe < c.end) out.set_earliest_safe_at_ns(safe->ns);
  if (safe && *safe <= go.at) out.set_time_lost_ns((go.at - *safe).ns);
  return out;
}

// Whether it moved anybody, or did anything to a pipeline.
bool matters(const Case& c, const GoDecision& go) {
  for (const PhaseRecord& phase : c.in.migration->phases)
    if (phase.name == go.to_phase && (!phase.actions.empty() || !phase.moved.empty())) return true;
  return false;
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
                              c.course.ailment(stake.store, std::max(bad->from, *opening)),
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
  for (const GoDecision& go : plan.gos)
    if (matters(c, go)) judgements.push_back(judge_go(c, go));
  for (const PhaseRecord& phase : plan.phases) {
    Time last = phase.entered.value_or(Time{0});
    for (const MoveRecord& move : phase.moved) {  // in a soak
      if (move.ok && move.at > last) judgements.push_back(judge_at(c, phase.name, move.at));
      last = std::max(last, move.at);
    }
  }
  std::stable_sort(judgements.begin(), judgements.end(),
                   [](const auto& a, const auto& b) { return a.at_ns() < b.at_ns(); });
  for (std::size_t i = 0; i + 1 < plan.phases.size(); ++i) {
    if (plan.phases[i].how != PhaseRecord::How::still_in || !plan.phases[i].entered) continue;
    const auto& next = c.in.scenario.migration().phases(static_cast<int>(i) + 1).move().consumers();
    if (auto judged = judge_no_go(c, plan.phases[i], plan.gates[i], {next.begin(), next.end()}))
      judgements.push_back(std::move(*judged));
  }
  return judgements;
}

}  // namespace rehearse::judging
