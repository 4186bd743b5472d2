#include "harness/judge/verdict.h"

#include <fmt/core.h>

#include <algorithm>

#include "harness/judge/looser.h"
#include "harness/judge/plan.h"
#include "harness/judge/words.h"
#include "scenarios/units.h"

namespace rehearse::judging {
namespace {

using Verdict = result::Result::Verdict;

// Reasons for each verdict that might be given; the worst that has any is the verdict.
struct Reasons {
  std::vector<Reason> fail, vacuous, inconclusive, pass;
};

Opinion worst(Reasons reasons, std::vector<Reason> beside) {
  Opinion opinion;
  std::vector<Reason>* first = &reasons.pass;
  if (!reasons.fail.empty()) {
    opinion.verdict = result::Result::fail;
    first = &reasons.fail;
  } else if (!reasons.vacuous.empty()) {
    opinion.verdict = result::Result::vacuous;
    first = &reasons.vacuous;
  } else if (!reasons.inconclusive.empty()) {
    opinion.verdict = result::Result::inconclusive;
    first = &reasons.inconclusive;
  }
  opinion.reasons = *first;
  for (auto* list : {&reasons.vacuous, &reasons.inconclusive, &reasons.pass, &beside})
    if (list != first) opinion.reasons.insert(opinion.reasons.end(), list->begin(), list->end());
  if (opinion.reasons.empty()) opinion.reasons.push_back({"Nothing was to be decided, and nothing was wrong."});
  return opinion;
}

bool may_have_no_hits(const Case& c, const std::string& fault) {
  for (const scenario::HitsExpectation& hits : c.in.scenario.expect().hits()) {
    if (hits.fault() != fault) continue;
    const scenario::CountBounds& bounds = hits.bounds();
    return bounds.at_least() <= 0 && bounds.equals() <= 0;
  }
  return false;
}

void faults(const Case& c, Reasons& reasons) {
  for (const FaultTruth& fault : c.in.faults)
    if (!fault.struck() && !may_have_no_hits(c, fault.name))
      reasons.vacuous.push_back(
          {"The fault " + fault.name +
           (fault.strikes.empty() ? " never struck"
                                  : " struck and touched nothing that a dataset reads, and no part that had work") +
           ", so that what it was to put to the test was not."});
}

// "The GO out of shadow on day 14, 00:00"; a first phase that moves consumers has a GO into itself.
std::string decision_text(const result::GateJudgement& judged) {
  if (judged.kind() == result::GateJudgement::no_go) return "The NO-GO of " + judged.phase();
  const std::string at = when(Time{judged.at_ns()});
  if (!judged.moved().empty()) return fmt::format("The move of {} in {} on {}", judged.moved(), judged.phase(), at);
  return fmt::format("The GO {} {} on {}", judged.into() == judged.phase() ? "into" : "out of", judged.phase(), at);
}

std::string what_drills_showed(const result::GateJudgement& judged) {
  if (judged.drills().empty()) return "";
  if (judged.drills().rbegin()->cut_short())
    return " The capture ended before it could be told whether a rollback at the look-ahead's end would have landed.";
  return " A rollback would have landed at once and at the look-ahead's end.";
}

void judgements(const result::Result& result, Reasons& reasons) {
  for (const result::GateJudgement& judged : result.judgements()) {
    if (judged.was() == result::not_judged) {
      reasons.inconclusive.push_back(
          {fmt::format("{} cannot be judged: {}", decision_text(judged), judged.why()), true});
      continue;
    }
    if (judged.was() == result::right) {
      std::string sentence =
          fmt::format("{} was right: {}{}", decision_text(judged), judged.why(), what_drills_showed(judged));
      if (!judged.bad_luck().empty()) sentence += " Bad luck came afterwards: " + judged.bad_luck();
      reasons.pass.push_back({std::move(sentence), true});
      continue;
    }
    std::string sentence = fmt::format("{} was false: {}", decision_text(judged), judged.why());
    if (!judged.causes().empty())
      sentence += " Caused by " + joined({judged.causes().begin(), judged.causes().end()}) + ".";
    (judged.no_data() ? reasons.inconclusive : reasons.fail).push_back({std::move(sentence), true});
  }
}

void dangers(const Case& c, Reasons& reasons) {
  for (const Danger& danger : missed_dangers(c))
    reasons.fail.push_back(
        {fmt::format("Danger was missed: {} read {} while it was unsafe ({}), from {} on and for {} in all{}; the "
                     "{} that are allowed within a day were over on {}, and no rollback had begun.",
                     danger.reader, c.store_name(danger.store), danger.what, when(danger.first),
                     duration(danger.in_all),
                     danger.stretches > 1 ? fmt::format(", {} times within that day", danger.stretches) : std::string(),
                     duration(danger.allowed), when(danger.passed)),
         true});
}

void rollback(const result::Result& result, Reasons& reasons) {
  for (const result::Rollback& rollback : result.rollbacks()) {
    const std::string what =
        fmt::format("The rollback on {} ({}) was", when(Time{rollback.fired_at_ns()}), rollback.trigger());
    if (rollback.was() == result::wrong) {
      reasons.fail.push_back({fmt::format("{} wrong: {}", what, rollback.why()), true});
      continue;
    }
    std::string sentence = fmt::format("{} right: {}", what, rollback.why());
    if (rollback.cut_short()) {
      reasons.inconclusive.push_back({sentence + " " + rollback.landing(), true});
      continue;
    }
    if (!rollback.landed()) {
      reasons.fail.push_back({sentence + " " + rollback.landing(), true});
      continue;
    }
    if (rollback.has_rto_ns())
      sentence += fmt::format(" All readers had good data {} later.", duration({rollback.rto_ns()}));
    reasons.pass.push_back({std::move(sentence), true});
  }
}

// Phases in which a trigger was armed that were entered.
bool was_armed(const MigrationRecord& plan, const TriggerRecord& trigger) {
  return std::any_of(plan.phases.begin(), plan.phases.end(), [&](const PhaseRecord& phase) {
    const auto& during = trigger.during;
    return phase.entered && (during.empty() || std::find(during.begin(), during.end(), phase.name) != during.end());
  });
}

void data(const Case& c, const result::Result& result, Reasons& reasons) {
  const MigrationRecord& plan = *c.in.migration;
  if (plan.decision == MigrationDecision::rolled_back) return;
  for (const TriggerRecord& trigger : plan.triggers)
    if (trigger.samples == 0 && was_armed(plan, trigger))
      reasons.inconclusive.push_back(
          {fmt::format("The trigger {} was armed and never had a sample with data.", trigger.text)});
  if (plan.decision != MigrationDecision::held) return;
  const bool judged = std::any_of(result.judgements().begin(), result.judgements().end(),
                                  [](const auto& j) { return j.kind() == result::GateJudgement::no_go; });
  if (!judged && !c.in.stopped_at)
    reasons.inconclusive.push_back({"The rehearsal ended before the gate that the plan was in could have opened."});
  for (const GateRecord& gate : plan.gates)
    for (const CriterionRecord& criterion : gate.criteria)
      if (criterion.samples == 0 && criterion.status == CriterionStatus::no_data &&
          criterion.kind == CriterionRecord::Kind::metric)
        reasons.inconclusive.push_back(
            {fmt::format("The plan held in {}: {} had no data.", gate.phase, criterion.text)});
}

// What the user's own logic could not answer is never a pass.
void own_logic(const Case& c, const std::vector<CheckScore>& scores, Reasons& reasons) {
  const auto unanswered = [&](const std::string& who, std::uint64_t times, const std::string& first) {
    if (times > 0)
      reasons.inconclusive.push_back(
          {fmt::format("{} had no answer {}; the first: {}.", who, counted(times, "time", "times"), first)});
  };
  for (const CheckScore& score : scores) unanswered("The check " + score.check->name, score.problems, score.problem);
  std::uint64_t times = 0;
  std::string first;
  const auto note = [&](const std::string& problem) {
    if (!problem.empty() && times++ == 0) first = problem;
  };
  if (c.in.repairs)
    for (const AuditEntry& entry : *c.in.repairs) note(entry.problem);
  unanswered("The program that repairs", times, first);
  times = 0;
  if (!c.in.migration) return;
  for (const DecisionRecord& decision : c.in.migration->decisions) note(decision.decision.problem);
  unanswered("The program that decides", times, first);
}

// What a stream could not tell nobody can know.
void capture(const Case& c, const result::Result& result, Reasons& reasons) {
  if (!result.has_capture()) return;
  const result::Capture& read = result.capture();
  if (read.changes_within() == 0 && !c.in.stopped_at)
    reasons.vacuous.push_back(
        {"No change of the captured stream was replayed between the start and the end of the rehearsal, so that "
         "nothing "
         "was put to the test."});
  const std::string allowed = percent(static_cast<std::uint64_t>(read.max_left_out_ppb()), 1'000'000'000);
  if (read.too_much_left_out())
    reasons.inconclusive.push_back({fmt::format(
        "Of {} about rows in the captured stream, {} ({}) cannot be replayed as the source made them, and {} may be "
        "left out: what the source held is not known.",
        counted(read.row_events(), "event", "events"), count(read.left_out()),
        percent(read.left_out(), read.row_events()), allowed)});
  for (const result::CaptureWitness& witness : read.witnesses())
    if (witness.too_much())
      reasons.inconclusive.push_back(
          {fmt::format("The second witness of {} differs from what was replayed in {} of {} ({}), and {} may.",
                       witness.table(), count(witness.differing()), counted(witness.rows(), "row", "rows"),
                       percent(witness.differing(), witness.rows()), allowed)});
}

void checks_alone(const std::vector<CheckScore>& scores, Reasons& reasons) {
  if (scores.empty())
    reasons.inconclusive.push_back({"There is no migration and no check, so nothing was put to the test."});
  for (const CheckScore& score : scores) {
    const std::string& name = score.check->name;
    if (score.runs == score.runs_without_data) {
      reasons.inconclusive.push_back({fmt::format("The check {} never had a run with data.", name)});
    } else if (score.judged) {
      std::string recall = "nothing was divergent throughout a run of it";
      if (score.covering > 0)
        recall = fmt::format("it caught {} of {} that were there throughout a run", count(score.covering_caught),
                             counted(score.covering, "divergence", "divergences"));
      reasons.pass.push_back({fmt::format("{} made {}, {} of them right; {}.", name,
                                          counted(score.claims, "claim", "claims"), count(score.right), recall),
                              true});
    }
  }
}

}  // namespace

result::Result::Decision decision_of(const Case& c) {
  if (!c.in.migration) return result::Result::none;
  switch (c.in.migration->decision) {
    case MigrationDecision::none:
      break;
    case MigrationDecision::held:
      return result::Result::held;
    case MigrationDecision::cut_over:
      return result::Result::cut_over;
    case MigrationDecision::rolled_back:
      return result::Result::rolled_back;
  }
  return result::Result::none;
}

result::Outcome outcome_of(const Case& c) {
  result::Outcome out;
  if (!c.in.migration || c.in.migration->decision == MigrationDecision::none) return out;
  const MigrationRecord& plan = *c.in.migration;
  std::optional<Time> since;
  for (const PhaseRecord& phase : plan.phases) {
    if (!phase.entered) continue;
    out.set_phase(phase.name);
    since = phase.entered;
  }
  out.set_kind(plan.decision == MigrationDecision::cut_over ? result::Outcome::cut_over : result::Outcome::held);
  if (plan.rollback) {
    out.set_kind(anybody_moved(plan) ? result::Outcome::rolled_back : result::Outcome::stopped);
    since = plan.rollback->started;
  }
  if (since) out.set_since_at_ns(since->ns);
  return out;
}

const char* word(result::Result::Decision decision) {
  switch (decision) {
    case result::Result::cut_over:
      return "cut over";
    case result::Result::rolled_back:
      return "rolled back";
    case result::Result::held:
      return "held";
    default:
      return "none";
  }
}

const char* word(Verdict verdict) {
  switch (verdict) {
    case result::Result::pass:
      return "pass";
    case result::Result::fail:
      return "fail";
    case result::Result::vacuous:
      return "vacuous";
    default:
      return "inconclusive";
  }
}

Opinion own_opinion(const Case& c, const std::vector<CheckScore>& scores, const result::Result& result) {
  Reasons reasons;
  if (c.in.stopped_at)
    reasons.inconclusive.push_back({fmt::format("The rehearsal was interrupted on {}.", when(*c.in.stopped_at)), true});
  faults(c, reasons);
  own_logic(c, scores, reasons);
  capture(c, result, reasons);
  if (c.in.migration) {
    rollback(result, reasons);
    judgements(result, reasons);
    dangers(c, reasons);
    data(c, result, reasons);
    const std::vector<std::string> looser = looser_than_by_default(c.in);
    if (!looser.empty()) reasons.pass.push_back({"Looser than by default: " + joined(looser) + "."});
  } else {
    checks_alone(scores, reasons);
  }
  return worst(std::move(reasons), {});
}

Opinion overall_opinion(const Case& c, const Opinion& own, const result::Result& result) {
  if (!c.in.scenario.has_expect()) return own;
  Reasons reasons;
  std::uint64_t held = 0;
  for (const result::Expectation& expectation : result.expectations()) {
    const std::string& text = expectation.text();
    switch (expectation.status()) {
      case result::Expectation::broken:
        reasons.fail.push_back(
            {fmt::format("An expectation is broken: {}; it was {}.", text, expectation.actual()), true});
        break;
      case result::Expectation::vacuous:
        reasons.vacuous.push_back(
            {fmt::format("An expectation was not put to the test: {}; {}.", text, expectation.actual()), true});
        break;
      case result::Expectation::unknown:
        reasons.inconclusive.push_back(
            {fmt::format("It cannot be told whether {}: {}.", text, expectation.actual()), true});
        break;
      default:
        ++held;
    }
  }
  if (c.in.scenario.expect().has_verdict()) {
    if (held == static_cast<std::uint64_t>(result.expectations_size()))
      reasons.pass.push_back(
          {fmt::format("All expectations hold, among them that the judge's own verdict is {}.", word(own.verdict))});
    return worst(std::move(reasons), own.reasons);
  }
  switch (own.verdict) {  // what the judge says by itself comes after what was expected
    case result::Result::fail:
      reasons.fail.insert(reasons.fail.end(), own.reasons.begin(), own.reasons.end());
      break;
    case result::Result::vacuous:
      reasons.vacuous.insert(reasons.vacuous.end(), own.reasons.begin(), own.reasons.end());
      break;
    case result::Result::pass:
      reasons.pass = own.reasons;
      break;
    default:
      reasons.inconclusive.insert(reasons.inconclusive.end(), own.reasons.begin(), own.reasons.end());
  }
  if (reasons.fail.empty() && reasons.vacuous.empty() && reasons.inconclusive.empty() && held > 0)
    reasons.pass.push_back(
        {held == 1 ? "The one expectation holds." : fmt::format("All {} expectations hold.", held), true});
  return worst(std::move(reasons), {});
}

}  // namespace rehearse::judging
