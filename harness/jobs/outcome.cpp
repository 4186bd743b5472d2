#include "harness/jobs/outcome.h"

#include <fmt/format.h>

#include <optional>
#include <set>
#include <type_traits>

#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

using result::Result;
using scenario::Scenario;

// ---- rows ----------------------------------------------------------------------------------------------------------

template <class T>
void put(jobs::Row& row, const T& value) {
  jobs::Value& out = *row.add_values();
  if constexpr (std::is_same_v<T, std::optional<std::int64_t>>) {
    if (value) out.set_whole(*value);
  } else if constexpr (std::is_integral_v<T>) {
    out.set_whole(static_cast<std::int64_t>(value));
  } else if constexpr (std::is_floating_point_v<T>) {
    out.set_number(value);
  } else {
    out.set_text(value);
  }
}
template <class... Values>
void add(jobs::Rows& rows, const Values&... values) {
  jobs::Row& row = *rows.add_rows();
  (put(row, values), ...);
}

using Instant = std::optional<std::int64_t>;
Instant if_set(bool is_set, std::int64_t value) { return is_set ? Instant(value) : std::nullopt; }

const char* word(result::Rightness was) {
  return was == result::right ? "right" : was == result::wrong ? "wrong" : "not judged";
}

// ---- relations -----------------------------------------------------------------------------------------------------

void outcomes(const Scenario&, const Result& r, jobs::Rows& rows) {
  const result::Outcome& o = r.outcome();
  add(rows, Result::Verdict_Name(r.verdict()), result::Outcome::Kind_Name(o.kind()), o.phase(),
      if_set(o.has_since_at_ns(), o.since_at_ns()), r.reasons_size() > 0 ? r.reasons(0) : std::string(),
      r.figures().changes(), r.digests().outcome());
}

void judgements(const Scenario&, const Result& r, jobs::Rows& rows) {
  for (const result::GateJudgement& j : r.judgements())
    add(rows, j.at_ns(), result::GateJudgement::Kind_Name(j.kind()), j.phase(), j.into(), j.moved(), word(j.was()),
        j.bad_luck(), j.no_data(), j.cut_short(), if_set(j.has_time_lost_ns(), j.time_lost_ns()), j.why());
}

void judgement_causes(const Scenario&, const Result& r, jobs::Rows& rows) {
  for (int i = 0; i < r.judgements_size(); ++i)
    for (const std::string& cause : r.judgements(i).causes()) add(rows, i, cause);
}

void drills(const Scenario&, const Result& r, jobs::Rows& rows) {
  for (int i = 0; i < r.judgements_size(); ++i)
    for (const result::Drill& d : r.judgements(i).drills())
      add(rows, i, d.fired_at_ns(), d.landed(), d.cut_short(), if_set(d.has_landing_ns(), d.landing_ns()), d.why_not());
}

void rollbacks(const Scenario&, const Result& r, jobs::Rows& rows) {
  for (const result::Rollback& b : r.rollbacks())
    add(rows, b.trigger(), b.fired_at_ns(), b.phase(), word(b.was()), b.landed(), b.cut_short(),
        if_set(b.has_onset_at_ns(), b.onset_at_ns()), if_set(b.has_rto_ns(), b.rto_ns()),
        if_set(b.has_rpo_writes(), static_cast<std::int64_t>(b.rpo_writes())), b.why());
}

void exposures(const Scenario&, const Result& r, jobs::Rows& rows) {
  for (const result::Exposure& e : r.exposures())
    add(rows, e.reader(), e.tier(), e.listed(), e.by_plan(), e.for_ns(), e.longest_ns(),
        if_set(e.has_missed_at_ns(), e.missed_at_ns()));
}

void checks(const Scenario&, const Result& r, jobs::Rows& rows) {
  for (const result::Check& c : r.checks())
    add(rows, c.name(), c.kind(), c.judged(), c.runs(), c.runs_without_data(), c.rows_compared(), c.claims(), c.right(),
        c.late(), c.false_alarms(), c.untold(), c.too_short());
}

void detections(const Scenario&, const Result& r, jobs::Rows& rows) {
  for (const result::MatrixCell& cell : r.matrix())
    if (!cell.cause().empty())
      add(rows, cell.cause(), cell.check(), cell.divergences(), cell.caught(), cell.missed(), cell.untold(),
          cell.false_alarms(), if_set(cell.has_delay(), cell.delay().median_ns()));
}

void harms(const Scenario&, const Result& r, jobs::Rows& rows) {
  for (const result::Consumer& c : r.consumers())
    add(rows, c.name(), c.tier(), c.listed(), c.harm().reads(), c.harm().right(), c.harm().wrong(), c.harm().stale(),
        c.harm().broken_assumption());
}

void struck(const Scenario&, const Result& r, jobs::Rows& rows) {
  for (const result::Fault& f : r.faults())
    add(rows, f.name(), f.kind(), f.defect(), f.hits(), f.vacuous(),
        if_set(f.strikes_size() > 0, f.strikes_size() > 0 ? f.strikes(0).struck_at_ns() : 0));
}

void stores(const Scenario&, const Result& r, jobs::Rows& rows) {
  for (const result::Store& s : r.stores())
    add(rows, s.name(), s.pipeline(), s.divergent_intervals(), s.divergent_worst(), s.divergent_now(), s.stale_ns(),
        if_set(s.has_worst_age_ns(), s.worst_age_ns()));
}

// Parts of the plan, of the checks and of what may go wrong, and whether the rehearsal put them to the test.
void exercised(const Scenario& s, const Result& r, jobs::Rows& rows) {
  for (const result::Phase& phase : r.phases())
    add(rows, "phase", phase.name(), phase.left() != result::Phase::not_entered);
  for (const result::Gate& gate : r.gates())
    if (!gate.metric().empty()) add(rows, "criterion", gate.phase() + ": " + gate.criterion(), gate.samples() > 0);
  for (const result::Trigger& trigger : r.triggers()) add(rows, "trigger", trigger.text(), trigger.fired());
  if (s.has_migration() && s.migration().has_rollback()) {
    bool drilled = false;
    for (const result::GateJudgement& judgement : r.judgements()) drilled |= judgement.drills_size() > 0;
    add(rows, "rollback", "for good", r.rollbacks_size() > 0);
    add(rows, "rollback", "in a drill", drilled);
    std::set<std::string> carried_out;
    for (const result::Rollback& rollback : r.rollbacks())
      for (const result::RollbackStep& step : rollback.steps())
        if (step.has_started_at_ns()) carried_out.insert(step.name());
    for (const std::string& step : carried_out) add(rows, "rollback step", step, true);
  }
  std::set<std::string> repaired;
  for (const result::AuditEntry& entry : r.audit()) repaired.insert(entry.actor());
  std::set<std::string> rules;
  for (const scenario::RepairRule& rule : s.repair()) rules.insert(rule.of());
  for (const std::string& of : rules) add(rows, "repair", "of " + of, repaired.contains("repair of " + of));
  for (const result::Check& check : r.checks())
    if (check.judged()) add(rows, "check", check.name(), check.right() > 0);
  for (const result::Fault& fault : r.faults())
    add(rows, "fault", fault.name(), fault.strikes_size() > 0 && !fault.vacuous());
}

}  // namespace

const std::vector<KeptRelation>& kept_relations() {
  static const std::vector<KeptRelation> all{
      {"outcomes",
       "How each rehearsal ended.",
       {{"verdict", "TEXT", "pass, fail, inconclusive or vacuous"},
        {"outcome", "TEXT", "checks_alone, cut_over, rolled_back, stopped or held"},
        {"phase", "TEXT", "the phase in which it ended"},
        {"since_ns", "INTEGER", "when it cut over, turned back, or came to where it held"},
        {"reason", "TEXT", "the weightiest reason of the verdict"},
        {"changes", "INTEGER", "that the source committed"},
        {"digest", "TEXT", "of the outcome; the same for the same rehearsal, wherever it ran"}},
       outcomes},
      {"judgements",
       "Each GO and NO-GO, and whether it was right.",
       {{"at_ns", "INTEGER", "when"},
        {"kind", "TEXT", "go or no_go"},
        {"phase", "TEXT", "that was, or was not, left"},
        {"entered", "TEXT", "the phase that it led into"},
        {"moved", "TEXT", "the consumer of a move in a soak"},
        {"was", "TEXT", "right, wrong or not judged"},
        {"bad_luck", "TEXT", "of a right GO: what faults brought that had not struck by then"},
        {"no_data", "INTEGER", "1: a NO-GO for lack of data"},
        {"cut_short", "INTEGER", "1: the rehearsal ended before it could be told"},
        {"time_lost_ns", "INTEGER", "against the earliest safe time"},
        {"why", "TEXT", "in a sentence"}},
       judgements},
      {"judgement_causes",
       "What made a GO false.",
       {{"judgement", "INTEGER", "its number in judgements"}, {"cause", "TEXT", "a fault or defect"}},
       judgement_causes},
      {"drills",
       "The plan's own rollback, carried out in a copy that went on from a GO.",
       {{"judgement", "INTEGER", "the GO's number in judgements"},
        {"fired_ns", "INTEGER", "when"},
        {"landed", "INTEGER", "1: in time"},
        {"cut_short", "INTEGER", "1: the copy ended too early to tell"},
        {"landing_ns", "INTEGER", "from the trigger to good data for all"},
        {"why_not", "TEXT", "whom it left behind"}},
       drills},
      {"rollbacks",
       "Rollbacks that happened.",
       {{"trigger_text", "TEXT", "what fired"},
        {"fired_ns", "INTEGER", "when"},
        {"phase", "TEXT", "in which"},
        {"was", "TEXT", "right, wrong or not judged"},
        {"landed", "INTEGER", "1: in time"},
        {"cut_short", "INTEGER", "1: the rehearsal ended before it had to land"},
        {"onset_ns", "INTEGER", "of what it reacted to"},
        {"rto_ns", "INTEGER", "from the trigger to good data for all"},
        {"lost_writes", "INTEGER", "acknowledged and lost"},
        {"why", "TEXT", "in a sentence"}},
       rollbacks},
      {"exposures",
       "Readers that were sent to stores that were unsafe for them.",
       {{"reader", "TEXT", "the consumer"},
        {"tier", "TEXT", "low, medium or high"},
        {"listed", "INTEGER", "1: on the team's list"},
        {"by_plan", "INTEGER", "1: the plan answers for it"},
        {"for_ns", "INTEGER", "in all"},
        {"longest_ns", "INTEGER", "at a stretch"},
        {"missed_ns", "INTEGER", "when it became a missed danger"}},
       exposures},
      {"checks",
       "What each check did.",
       {{"name", "TEXT", "the check's"},
        {"kind", "TEXT", "row_count, field_compare, …"},
        {"judged", "INTEGER", "0: a monitor"},
        {"runs", "INTEGER", "of it"},
        {"without_data", "INTEGER", "of these"},
        {"rows_compared", "INTEGER", "its cost"},
        {"claims", "INTEGER", "discrepancies that it claimed"},
        {"right_claims", "INTEGER", "of these: of divergent rows"},
        {"late_claims", "INTEGER", "of what was only behind"},
        {"false_alarms", "INTEGER", "of neither"},
        {"untold_claims", "INTEGER", "of which nobody knows"},
        {"too_short", "INTEGER", "divergences that covered no run"}},
       checks},
      {"detections",
       "What each check caught of each fault or defect.",
       {{"cause", "TEXT", "the fault or defect"},
        {"check_name", "TEXT", "the check"},
        {"divergences", "INTEGER", "rows by that cause in its scope"},
        {"caught", "INTEGER", "of these"},
        {"missed", "INTEGER", "of these"},
        {"untold", "INTEGER", "of these: nobody knows"},
        {"false_alarms", "INTEGER", "while the cause was at work"},
        {"delay_ns", "INTEGER", "from onset to first right claim, the median"}},
       detections},
      {"harms",
       "What consumers' reads found.",
       {{"consumer", "TEXT", "by name"},
        {"tier", "TEXT", "low, medium or high"},
        {"listed", "INTEGER", "1: on the team's list"},
        {"reads", "INTEGER", "in all"},
        {"right_reads", "INTEGER", "of these"},
        {"wrong", "INTEGER", "the row was divergent"},
        {"stale", "INTEGER", "older than promised"},
        {"broken", "INTEGER", "something else that the reader needs was not so"}},
       harms},
      {"faults",
       "What struck.",
       {{"name", "TEXT", "the fault's or defect's"},
        {"kind", "TEXT", "its kind"},
        {"defect", "INTEGER", "1: built wrong"},
        {"hits", "INTEGER", "what it touched"},
        {"vacuous", "INTEGER", "1: it touched nothing"},
        {"struck_ns", "INTEGER", "first"}},
       struck},
      {"stores",
       "What was true of each store.",
       {{"name", "TEXT", "the store's"},
        {"pipeline", "TEXT", "that writes it"},
        {"divergent_intervals", "INTEGER", "of rows"},
        {"divergent_worst", "INTEGER", "rows at one time"},
        {"divergent_at_end", "INTEGER", "rows"},
        {"stale_ns", "INTEGER", "in all"},
        {"worst_age_ns", "INTEGER", "of its oldest change that was not visible, or of its extract"}},
       stores},
      {"exercised",
       "Parts of plan, checks and faults, and whether the rehearsal put them to the test.",
       {{"kind", "TEXT", "phase, criterion, trigger, rollback, rollback step, repair, check or fault"},
        {"name", "TEXT", "which"},
        {"happened", "INTEGER", "1: it was entered, had samples, fired, was carried out, repaired, was right, struck"}},
       exercised}};
  return all;
}

jobs::Outcome outcome_of(const Scenario& scenario, const Result& result) {
  jobs::Outcome outcome;
  for (const KeptRelation& relation : kept_relations()) {
    jobs::Rows& rows = *outcome.add_relations();
    rows.set_relation(relation.name);
    relation.rows(scenario, result, rows);
    for (const jobs::Row& row : rows.rows())
      REHEARSE_ASSERT(row.values_size() == static_cast<int>(relation.columns.size()), "a row has a value a column");
  }
  return outcome;
}

}  // namespace rehearse
