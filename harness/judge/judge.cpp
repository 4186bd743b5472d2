#include "harness/judge/judge.h"

#include "harness/judge/case.h"
#include "harness/judge/claims.h"
#include "harness/judge/expect.h"
#include "harness/judge/gates.h"
#include "harness/judge/parts.h"
#include "harness/judge/plan.h"
#include "harness/judge/rollback.h"
#include "harness/judge/verdict.h"

namespace rehearse {
namespace {

// Goes up whenever the same events would be judged otherwise; docs/figures.md says what came with each.
constexpr std::uint32_t version_of_definitions = 2;

void write_head(const JudgeInputs& in, result::Result& out) {
  out.set_scenario(in.scenario.name());
  out.set_about(in.scenario.about());
  out.set_scenario_file(in.scenario_file);
  out.set_seed(in.seed);
  out.set_version(in.version);
  out.set_definitions(version_of_definitions);
  for (const auto& [name, value] : in.depends_on) {
    result::Setting& setting = *out.add_depends_on();
    setting.set_name(name);
    setting.set_value(value);
  }
  out.set_start_epoch_ns(in.start_unix_ns);
  out.set_duration_ns(in.horizon.ns);
  if (in.stopped_at) out.set_stopped_at_ns(in.stopped_at->ns);
  if (in.migration) {
    out.set_migrates_from(in.migration->from);
    out.set_migrates_to(in.migration->to);
  }
  out.set_replay(in.replay);
  for (const std::string& warning : in.warnings) out.add_warnings(warning);
  *out.mutable_digests() = in.digests;
  *out.mutable_figures() = in.figures;
}

void write_plan(const judging::Case& c, result::Result& out) {
  judging::write_phases(c, out);
  judging::write_gates(c, out);
  judging::write_triggers(c, out);
  for (result::GateJudgement& judgement : judging::judge_gates(c)) *out.add_judgements() = std::move(judgement);
  if (auto rollback = judging::judge_rollback(c)) *out.add_rollbacks() = std::move(*rollback);
}

}  // namespace

result::Result judge(const JudgeInputs& inputs) {
  const judging::Case c(inputs);
  result::Result out;
  write_head(inputs, out);
  judging::write_safety(c, out);
  if (inputs.migration) write_plan(c, out);
  out.set_decision(judging::decision_of(c));
  *out.mutable_outcome() = judging::outcome_of(c);

  const std::vector<judging::CheckScore> scores = judging::score_checks(c);
  judging::write_faults(c, out);
  judging::write_checks(c, scores, out);
  judging::write_matrix(c, scores, out);
  judging::write_stores(c, out);
  judging::write_consumers(c, out);
  judging::write_exposures(c, out);
  judging::write_bottlenecks(c, out);
  judging::write_advice(c, out);
  judging::write_source_log_incomplete(c, out);
  judging::write_capture(c, out);
  judging::write_conservation(c, out);
  judging::write_audit(c, out);
  judging::write_marks(c, out);
  judging::write_series(c, out);
  judging::write_classes(c, scores, out);
  judging::write_check_runs(c, scores, out);
  judging::write_pauses(c, out);
  judging::write_not_modelled(c, out);

  const judging::Opinion own = judging::own_opinion(c, scores, out);
  judging::write_expectations(c, scores, own, out);
  const judging::Opinion opinion = judging::overall_opinion(c, own, out);
  out.set_verdict(opinion.verdict);
  for (const judging::Reason& reason : opinion.reasons) {
    out.add_reasons(reason.text);
    if (!reason.told_apart) out.add_remarks(reason.text);
  }
  return out;
}

}  // namespace rehearse
