#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "harness/judge/parts.h"
#include "harness/judge/words.h"

namespace rehearse::judging {
namespace {

// Defects that made rows divergent, by name as shown, with how many intervals.
std::map<std::string, std::uint64_t> defects_at_work(const Case& c) {
  std::map<std::string, std::uint64_t> defects;
  for (StoreId store = 1; store < c.in.truth.stores.size(); ++store) {
    const auto [first, after] = c.divergences.of_store(store);
    for (Divergences::Index i = first; i < after; ++i)
      for (const CauseId id : c.in.causes.members(c.divergences[i].causes))
        if (c.in.causes.name(id).starts_with("defect ")) ++defects[shown_cause(c.in.causes.name(id))];
  }
  return defects;
}

result::Mark& add_mark(std::vector<result::Mark>& marks, Time at, result::Mark::Kind kind, const std::string& text) {
  result::Mark& mark = marks.emplace_back();
  mark.set_at_ns(at.ns);
  mark.set_kind(kind);
  mark.set_text(text);
  return mark;
}

result::Mark::Kind kind_of(const MigrationMark& mark) {
  switch (mark.kind) {
    case MigrationMark::Kind::phase:
      return result::Mark::phase;
    case MigrationMark::Kind::decision:
      return result::Mark::decision;
    case MigrationMark::Kind::incident:
      return result::Mark::incident;
    case MigrationMark::Kind::move:
    case MigrationMark::Kind::action:
    case MigrationMark::Kind::step:
      break;
  }
  return result::Mark::note;
}

}  // namespace

void write_faults(const Case& c, result::Result& result) {
  for (const FaultTruth& fault : c.in.faults) {
    result::Fault& out = *result.add_faults();
    out.set_name(fault.name);
    out.set_kind(fault.kind);
    out.set_target(fault.target);
    out.set_detail(fault.detail);
    out.set_hits(fault.hits);
    out.set_vacuous(!fault.struck());
    for (const FaultTruth::Strike& strike : fault.strikes) {
      result::Strike& struck = *out.add_strikes();
      struck.set_struck_at_ns(strike.at.ns);
      if (strike.until) struck.set_healed_at_ns(strike.until->ns);
      struck.set_hits(strike.hits);
    }
  }
  for (const auto& [name, intervals] : defects_at_work(c)) {
    result::Fault& out = *result.add_faults();
    out.set_name(name);
    out.set_kind("defect");
    out.set_defect(true);
    out.set_target(name.substr(0, name.find('.')));
    out.set_hits(intervals);
    out.set_detail("Built this way; hits are the divergences that it had a part in.");
  }
}

void write_marks(const Case& c, result::Result& result) {
  std::vector<result::Mark> marks = c.in.marks;
  for (const FaultTruth& fault : c.in.faults)
    for (const FaultTruth::Strike& strike : fault.strikes) {
      result::Mark& mark = add_mark(marks, strike.at, result::Mark::fault, fault.name);
      if (strike.until && *strike.until > strike.at) mark.set_until_at_ns(strike.until->ns);
    }
  if (c.in.migration)
    for (const MigrationMark& given : c.in.migration->marks) {
      result::Mark& mark = add_mark(marks, given.at, kind_of(given), given.text);
      if (given.until && *given.until > given.at) mark.set_until_at_ns(given.until->ns);
    }
  std::stable_sort(marks.begin(), marks.end(),
                   [](const result::Mark& a, const result::Mark& b) { return a.at_ns() < b.at_ns(); });
  for (result::Mark& mark : marks) *result.add_marks() = std::move(mark);
}

const char* decision_word(ProgramDecision decision) {
  switch (decision) {
    case ProgramDecision::proceed:
      return "says proceed";
    case ProgramDecision::hold:
      return "says hold";
    case ProgramDecision::roll_back:
      return "says roll_back";
    case ProgramDecision::none:
      break;
  }
  return "has no answer";
}

// One entry for all repairs of one run by one rule and with one result: a repair is a row, and there may be many.
void write_audit(const Case& c, result::Result& result) {
  static constexpr std::array<const char*, 7> actions{
      "ignore", "reload from source", "deduplicate", "re-apply transform", "delete", "pause pipeline", "quarantine"};
  static constexpr std::array<const char*, 4> outcomes{"done", "left to people", "cancelled", "no answer"};
  std::vector<result::AuditEntry> entries;
  std::map<std::tuple<std::uint32_t, std::uint64_t, int, int>, std::size_t> places;
  if (c.in.repairs)
    for (const AuditEntry& repair : *c.in.repairs) {
      const auto key =
          std::tuple(repair.rule, repair.run, static_cast<int>(repair.action), static_cast<int>(repair.result));
      const auto [place, fresh] = places.try_emplace(key, entries.size());
      if (!fresh) {
        entries[place->second].set_rows(entries[place->second].rows() + repair.rows);
        continue;
      }
      result::AuditEntry& out = entries.emplace_back();
      out.set_at_ns(repair.at.ns);
      out.set_actor("repair of " + c.in.checks[repair.check].name);
      out.set_action(actions[static_cast<std::size_t>(repair.action)]);
      out.set_rows(repair.rows);
      out.set_detail(std::string(outcomes[static_cast<std::size_t>(repair.result)]) + ", in " +
                     c.store_name(repair.store) + ", claims of run " + count(repair.run) +
                     (repair.problem.empty() ? "" : ": " + repair.problem));
    }
  if (c.in.migration) {
    std::optional<ProgramDecision> before;  // what the program says again is not told again
    for (const DecisionRecord& decision : c.in.migration->decisions) {
      if (before == decision.decision.what) continue;
      before = decision.decision.what;
      result::AuditEntry& out = entries.emplace_back();
      out.set_at_ns(decision.known.ns);
      out.set_actor(c.in.migration->decide_program);
      out.set_action(decision_word(decision.decision.what));
      out.set_detail(decision.decision.problem.empty() ? decision.decision.why : decision.decision.problem);
    }
    for (const PhaseRecord& phase : c.in.migration->phases)
      for (const ActionRecord& action : phase.actions) {
        result::AuditEntry& out = entries.emplace_back();
        out.set_at_ns(action.at.ns);
        out.set_actor("migration");
        out.set_action(action.text);
        out.set_detail(action.ok ? "phase " + phase.name : action.detail);
      }
    if (c.in.migration->rollback)
      for (const StepRecord& step : c.in.migration->rollback->steps) {
        result::AuditEntry& out = entries.emplace_back();
        out.set_at_ns(step.ended.value_or(step.started).ns);
        out.set_actor("rollback");
        out.set_action(step.text);
        out.set_detail(step.detail);
      }
  }
  std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.at_ns() < b.at_ns(); });
  for (result::AuditEntry& entry : entries) *result.add_audit() = std::move(entry);
}

}  // namespace rehearse::judging
