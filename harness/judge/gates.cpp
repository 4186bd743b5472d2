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

std::vector<Stake> stakes(const Case& c, StoreId target, const scenario::Safety& safety,
                          const std::vector<std::string>& consumers) {
  std::vector<Whom> readers;
  for (std::uint32_t reader = 0; reader < c.course.readers(); ++reader)
    if (std::count(consumers.begin(), consumers.end(), c.course.reader_name(reader)) > 0) readers.emplace_back(reader);
  if (readers.empty()) readers.emplace_back();
  std::vector<Stake> all;
  const auto add = [&](StoreId store, bool fallback, const Spans& bad) {
    for (Stake& stake : all) {
      if (stake.store != store || stake.fallback != fallback) continue;
      stake.bad = united(stake.bad, bad);
      return;
    }
    all.push_back({store, fallback, bad});
  };
  for (const Whom& whom : readers) add(target, false, c.course.unsafe(target, whom));
  if (safety.rollback() != scenario::Safety::REQUIRED) return all;
  for (const Whom& whom : readers) {
    const scenario::Consumer* consumer = whom ? c.consumer(c.course.reader_name(*whom)) : nullptr;
    const std::optional<StoreId> declared =
        consumer && !consumer->fallback().empty() ? c.store_named(consumer->fallback()) : std::nullopt;
    const StoreId store = declared.value_or(old_store(c));
    add(store, true, c.course.no_landing(store, whom));
  }
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

// What makes a decision false: in a sentence without a full stop, and by what.
struct Flaw {
  std::string why;
  std::vector<std::string> causes;
};

// Whether one of the causes is a fault that struck in the rehearsal and not in the copy.
bool is_luck(const Case& c, const ForkTruth& copy, const std::vector<std::string>& causes) {
  const auto struck = [](const std::vector<FaultTruth>& faults, const std::string& name) {
    return std::any_of(faults.begin(), faults.end(),
                       [&](const FaultTruth& fault) { return fault.name == name && !fault.strikes.empty(); });
  };
  return std::any_of(causes.begin(), causes.end(), [&](const std::string& cause) {
    return struck(c.in.faults, cause) && !struck(copy.faults, cause);
  });
}

// A reader that is exposed for too long within the look-ahead, by causes that count; none if nobody is.
template <class Counts>  // Counts(causes) -> bool
std::optional<Flaw> too_long_exposed(const Course& course, const scenario::Safety& safety, Time go, Counts counts) {
  const Span look_ahead{go, later(go, {safety.look_ahead_ns()})};
  for (std::uint32_t reader = 0; reader < course.readers(); ++reader) {
    const Spans exposed = intersected(course.exposed(reader), {look_ahead});
    if (!passes_within_a_day(exposed, {safety.max_exposure_ns()})) continue;
    const Time from = exposed.front().from;
    const StoreId store = course.store_of(reader, from);
    std::vector<std::string> causes = course.why_unsafe(store, from, exposed.back().until, reader);
    if (!counts(causes)) continue;
    return Flaw{fmt::format("{} from {} on, {} after it, and {} read it for {} within the look-ahead of {}",
                            course.ailment(store, from, reader), when(from), duration(from - go),
                            course.reader_name(reader), duration(total(exposed)), duration({safety.look_ahead_ns()})),
                std::move(causes)};
  }
  return std::nullopt;
}

struct DrillFound {
  result::Drill told;
  Flaw flaw;  // of one that did not land
};

std::optional<DrillFound> drill(const Case& c, const scenario::Safety& safety, ForkTruth::Kind kind, Time go) {
  const ForkTruth* fork = c.fork(kind, go);
  if (!fork || !fork->fired) return std::nullopt;
  const Course course(c.in, *fork);
  const Landing landed = landing(course, *fork->fired, {safety.restore_within_ns()});
  DrillFound found;
  found.told.set_fired_at_ns(fork->fired->ns);
  // The day by which a landing is confirmed may lie beyond what is known.
  found.told.set_cut_short(ended_too_early(landed, *fork, Duration{safety.restore_within_ns()} + day));
  for (const std::string& step : fork->failed_steps) found.told.add_failed_steps(step);
  if (landed.at) {
    found.told.set_landing_ns((*landed.at - *fork->fired).ns);
    if (const auto changes = course.no_longer_shown(*fork->fired, *landed.at))
      found.told.set_changes_no_longer_shown(*changes);
  }
  found.told.set_landed(landed.in_time);
  if (landed.in_time) return found;
  found.told.set_why_not(landed.why_not);
  found.flaw = {fmt::format("A rollback {} would not have landed: {}",
                            kind == ForkTruth::Kind::drill ? "at once" : "at the look-ahead's end", landed.why_not),
                landed.causes};
  if (!fork->failed_steps.empty()) found.flaw.why += " (failed: " + fork->failed_steps.front() + ")";
  return found;
}

std::vector<DrillFound> drills(const Case& c, const scenario::Safety& safety, Time go) {
  std::vector<DrillFound> all;
  for (const ForkTruth::Kind kind : {ForkTruth::Kind::drill, ForkTruth::Kind::late_drill})
    if (auto found = drill(c, safety, kind, go)) all.push_back(std::move(*found));
  return all;
}

// Why a decision at an instant was false; none if it was not.
std::optional<Flaw> flaw_of(const Case& c, const scenario::Safety& safety, Time go,
                            const std::vector<DrillFound>& drills) {
  const Course& course = c.course;
  for (const std::uint32_t reader : concerned_at(course, go)) {
    const StoreId store = course.store_of(reader, go);
    if (course.loading(store, go)) return Flaw{c.store_name(store) + " was still loading", {}};
    if (course.unsafe_at(store, go, reader))
      return Flaw{
          course.ailment(store, go, reader) + " at the GO, and " + course.reader_name(reader) + " was to read it",
          course.why_unsafe(store, go, go, reader)};
  }
  const ForkTruth* fork = c.fork(ForkTruth::Kind::as_decided, go);
  const std::optional<Course> copy = fork ? std::optional<Course>(std::in_place, c.in, *fork) : std::nullopt;
  if (auto exposed = too_long_exposed(copy ? *copy : course, safety, go, [](const auto&) { return true; }))
    return exposed;
  if (safety.rollback() != scenario::Safety::REQUIRED) return std::nullopt;
  if (!c.in.scenario.migration().has_rollback()) return Flaw{"The plan has no rollback", {}};
  for (const DrillFound& found : drills)
    if (!found.told.landed() && !found.told.cut_short()) return found.flaw;
  return std::nullopt;
}

// `phase` is the one whose gate it was, `entered` the one in which the plan is from then on.
result::GateJudgement judge_at(const Case& c, const std::string& phase, const std::string& entered, Time go) {
  const scenario::Safety safety = c.safety_in(entered);
  const std::vector<DrillFound> drilled = drills(c, safety, go);
  result::GateJudgement out;
  out.set_at_ns(go.ns);
  out.set_kind(result::GateJudgement::go);
  out.set_phase(phase);
  for (const DrillFound& found : drilled) *out.add_drills() = found.told;
  if (const auto flaw = flaw_of(c, safety, go, drilled)) {
    out.set_was(result::wrong);
    out.set_why(flaw->why + ".");
    for (const std::string& cause : flaw->causes) out.add_causes(cause);
    return out;
  }
  const ForkTruth* fork = c.fork(ForkTruth::Kind::as_decided, go);
  out.set_cut_short(fork != nullptr && fork->end < later(go, {safety.look_ahead_ns()}));
  if (out.cut_short()) {
    out.set_was(result::not_judged);
    out.set_why(fmt::format("What can be known ends {} after it, before its look-ahead of {} is over.",
                            duration(fork->end - go), duration({safety.look_ahead_ns()})));
    return out;
  }
  out.set_was(result::right);
  out.set_why(fmt::format("By what was at work then, no reader was exposed for more than {} within {}.",
                          duration({safety.max_exposure_ns()}), duration({safety.look_ahead_ns()})));
  if (fork == nullptr) return out;
  const auto is_luck_here = [&](const std::vector<std::string>& causes) { return is_luck(c, *fork, causes); };
  if (const auto luck = too_long_exposed(c.course, safety, go, is_luck_here))
    out.set_bad_luck(luck->why + " (" + joined(luck->causes) + ").");
  return out;
}

result::GateJudgement judge_move(const Case& c, const std::string& phase, const MoveRecord& move) {
  result::GateJudgement out = judge_at(c, phase, phase, move.at);
  out.set_moved(move.name);
  return out;
}

result::GateJudgement judge_go(const Case& c, const GoDecision& go) {
  const scenario::Safety safety = c.safety_in(go.to_phase);
  const Duration look_ahead{safety.look_ahead_ns()};
  const std::vector<Stake> at_stake = stakes(c, go.store, safety, go.consumers);
  result::GateJudgement out = judge_at(c, go.from_phase.empty() ? go.to_phase : go.from_phase, go.to_phase, go.at);
  out.set_into(go.to_phase);
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

// When a gate could have opened at the earliest, had every sample been good: once its windows can be covered, and what
// must have been observed has been. None: not before the end.
std::optional<Time> earliest_opening(const PhaseRecord& phase, const GateRecord& gate) {
  Time earliest = later(*phase.entered, phase.at_least);
  for (const CriterionRecord& criterion : gate.criteria) {
    using Kind = CriterionRecord::Kind;
    if (criterion.kind == Kind::soak || criterion.kind == Kind::observed) {
      if (!criterion.met_at) return std::nullopt;
      earliest = std::max(earliest, *criterion.met_at);
    }
    if (criterion.kind != Kind::metric || !criterion.covered_from) continue;
    // Samples that are missing altogether are no excuse for the gate; that there were too few as yet is one.
    if (criterion.samples > 0 && static_cast<std::int64_t>(criterion.samples) < criterion.least_samples)
      return std::nullopt;
    earliest = std::max(earliest, *criterion.covered_from);
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

// `next` is the phase that was not entered.
std::optional<result::GateJudgement> judge_no_go(const Case& c, const PhaseRecord& phase, const GateRecord& gate,
                                                 const scenario::Phase& next) {
  const std::optional<Time> opening = earliest_opening(phase, gate);
  if (!opening || *opening >= c.end || c.in.stopped_at) return std::nullopt;
  const auto& consumers = next.move().consumers();
  const scenario::Safety safety = c.safety_in(next.name());
  const std::vector<Stake> at_stake = stakes(c, new_store(c), safety, {consumers.begin(), consumers.end()});
  result::GateJudgement out;
  out.set_at_ns(c.end.ns);
  out.set_kind(result::GateJudgement::no_go);
  out.set_phase(phase.name);
  out.set_no_data(std::any_of(gate.criteria.begin(), gate.criteria.end(), [](const CriterionRecord& criterion) {
    return criterion.status == CriterionStatus::no_data &&
           (criterion.kind == CriterionRecord::Kind::metric || criterion.kind == CriterionRecord::Kind::decided);
  }));
  const std::optional<Time> safe = first_free(all_bad(at_stake), *opening, {safety.look_ahead_ns()});
  if (safe && *safe < c.end) out.set_earliest_safe_at_ns(safe->ns);
  for (const Stake& stake : at_stake)
    if (const Span* bad = first_touching(stake.bad, *opening, c.end)) {
      out.set_was(result::right);
      for (const std::string& cause : c.course.why_unsafe(stake.store, bad->from, bad->from)) out.add_causes(cause);
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
      if (move.ok && move.at > last) judgements.push_back(judge_move(c, phase.name, move));
      last = std::max(last, move.at);
    }
  }
  std::stable_sort(judgements.begin(), judgements.end(),
                   [](const auto& a, const auto& b) { return a.at_ns() < b.at_ns(); });
  for (std::size_t i = 0; i + 1 < plan.phases.size(); ++i) {
    if (plan.phases[i].how != PhaseRecord::How::still_in || !plan.phases[i].entered) continue;
    const scenario::Phase& next = c.in.scenario.migration().phases(static_cast<int>(i) + 1);
    if (auto judged = judge_no_go(c, plan.phases[i], plan.gates[i], next)) judgements.push_back(std::move(*judged));
  }
  return judgements;
}

}  // namespace rehearse::judging
