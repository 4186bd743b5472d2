// Scores of checks in the words of the result.
#include <fmt/core.h>

#include "harness/judge/claims.h"
#include "harness/judge/words.h"
#include "scenarios/check_kinds.h"
#include "scenarios/lint_context.h"
#include "scenarios/units.h"

namespace rehearse::judging {
namespace {

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::string schedule_text(const scenario::Recurrence& runs) {
  if (!runs.cron().empty()) return "cron " + runs.cron();
  if (runs.has_every_ns()) {
    std::string text = "every " + format_duration(runs.every_ns());
    if (runs.offset_ns() > 0) text += ", shifted by " + format_duration(runs.offset_ns());
    return text;
  }
  std::vector<std::string> times;
  for (const scenario::Occasion& at : runs.at()) {
    if (at.has_after_ns()) times.push_back("at " + format_duration(at.after_ns()));
    else
      times.push_back(
          fmt::format("daily at {:02}:{:02}", at.daily_ns() / hour.ns, at.daily_ns() % hour.ns / minute.ns));
  }
  return joined(times);
}

std::string share_text(double share) {
  constexpr double million = 1e6;
  return percent(static_cast<std::uint64_t>(share * million + 0.5), 1'000'000);
}

std::uint64_t lag_claims(const Case& c, const CheckScore& score) {
  std::uint64_t claims = 0;
  for (const CheckRun& run : c.in.runs)
    if (run.check == score.check->index) claims += run.lag_claims;
  return claims;
}

std::string note_of(const Case& c, const CheckScore& score, const result::Check& out) {
  std::vector<std::string> notes;
  if (const std::uint64_t lag = lag_claims(c, score); lag > 0)
    notes.push_back(
        fmt::format("Lag alone makes {} of its claims: leave such rows out with another `align`, or look again with "
                    "`recheck`.",
                    count(lag)));
  if (score.problems > 0)
    notes.push_back(
        fmt::format("{} had no answer; the first: {}.", counted(score.problems, "run", "runs"), score.problem));
  if (score.judged && !score.reads_all_rows) notes.push_back("It reads a sample and does not tell which rows.");
  if (out.has_sample() && out.sample().clean_runs() > 0)
    notes.push_back(fmt::format(
        "Its last {} found nothing: a sample of {} would have missed 1 row that was wrong all the while with a "
        "probability of {}, and would have found one of {} with at least 95%.",
        counted(score.clean_runs, "run", "runs"), share_text(out.sample().share()),
        share_text(out.sample().one_wrong_row_missed()), count(out.sample().rows_found_at_95())));
  if (score.withdrawn > 0)
    notes.push_back(
        fmt::format("Re-checks withdrew {} as lag.", counted(score.withdrawn, "difference", "differences")));
  if (score.skipped_rows > 0)
    notes.push_back(fmt::format("{} left out because a change was under way.",
                                score.skipped_rows == 1 ? "1 row was" : count(score.skipped_rows) + " rows were"));
  if (score.late > 0)
    notes.push_back(
        fmt::format("{} no errors: a side was behind for longer than promised.",
                    score.late == 1 ? "1 claim was late and" : count(score.late) + " claims were late and"));
  if (score.untold > 0 || score.covering_untold > 0)
    notes.push_back(fmt::format(
        "What its figures saw is not known of {} and {}, which more second readings would tell.",
        counted(score.untold, "claim", "claims"), counted(score.covering_untold, "divergence", "divergences")));
  if (score.too_short > 0)
    notes.push_back(
        fmt::format("{} too short for any of its runs.",
                    score.too_short == 1 ? "1 divergence was" : count(score.too_short) + " divergences were"));
  if (score.most_rounds > 0)
    notes.push_back(fmt::format("It read {} in all, in up to {} a run; the longest run took {}.",
                                counted(score.rows_read, "row", "rows"), counted(score.most_rounds, "round", "rounds"),
                                format_duration(score.longest_run.ns)));
  if (score.runs_not_kept > 0)
    notes.push_back(fmt::format("Its first {} runs are kept one by one, all of them in its figures and its curve.",
                                count(score.runs - score.runs_not_kept)));
  std::string text;
  for (const std::string& note : notes) text += (text.empty() ? "" : " ") + note;
  return text;
}

// (1 - share)^(runs * rows), by repeated squaring: powers are nothing that machines agree on.
double all_missed(double share, std::uint64_t runs, std::uint64_t rows) {
  double power = 1, factor = 1 - share;
  for (std::uint64_t left = runs * rows; left > 0; left >>= 1, factor *= factor)
    if (left & 1) power *= factor;
  return power;
}

void write_sample(const Case& c, const CheckScore& score, result::Check& out) {
  constexpr double sure = 0.05;
  const double share = sampled_share(c.in.scenario.checks(static_cast<int>(score.check->index)));
  if (share >= 1) return;
  result::SampleProof& proof = *out.mutable_sample();
  proof.set_share(share);
  proof.set_clean_runs(score.clean_runs);
  proof.set_one_wrong_row_missed(all_missed(share, score.clean_runs, 1));
  if (score.clean_runs == 0) return;
  std::uint64_t rows = 1;
  while (all_missed(share, score.clean_runs, rows) > sure) ++rows;
  proof.set_rows_found_at_95(rows);
}

}  // namespace

const char* class_name(std::uint8_t kind) {
  static constexpr std::array<const char*, discrepancy_classes> names{"missing",   "extra",  "duplicate", "mismatch",
                                                                      "aggregate", "timing", "schema"};
  return names[kind];
}

void write_delay(const std::vector<Duration>& sorted, result::Delay& delay) {
  delay.set_shortest_ns(sorted.front().ns);
  delay.set_median_ns(sorted[(sorted.size() - 1) / 2].ns);
  delay.set_longest_ns(sorted.back().ns);
}

void write_checks(const Case& c, const std::vector<CheckScore>& scores, result::Result& result) {
  for (const CheckScore& score : scores) {
    const CheckDescription& check = *score.check;
    result::Check& out = *result.add_checks();
    out.set_name(check.name);
    out.set_kind(check.kind);
    if (check.reference) out.add_between(c.store_name(*check.reference));
    out.add_between(c.store_name(check.trial));
    out.set_severity(lower(scenario::Severity_Name(check.severity)));
    if (check.reference) out.set_alignment(lower(scenario::Align_Name(check.align)));
    out.set_schedule(schedule_text(runs_of(c.in.scenario.checks(static_cast<int>(check.index)))));
    out.set_runs(score.runs);
    out.set_runs_without_data(score.runs_without_data);
    out.set_rows_compared(score.rows_compared);
    out.set_judged(score.judged);
    if (score.judged) write_sample(c, score, out);
    out.set_note(note_of(c, score, out));
    if (!score.judged) continue;
    out.set_claims(score.claims);
    out.set_right(score.right);
    out.set_late(score.late);
    out.set_untold(score.untold);
    out.set_too_short(score.too_short);
    out.set_false_alarms(score.false_alarms_in_all());
    out.set_lag_claims(lag_claims(c, score));
    for (std::uint8_t kind = 0; kind < discrepancy_classes; ++kind) {
      ClassScore of_class = score.classes[kind];
      if (of_class.claims == 0) continue;
      result::ClassCount& count = *out.add_classes();
      count.set_name(class_name(kind));
      count.set_claims(of_class.claims);
      count.set_right(of_class.right);
      count.set_late(of_class.late);
    }
    out.mutable_recall_in_population()->set_numerator(score.covering_caught);
    out.mutable_recall_in_population()->set_denominator(score.covering);
    if (score.reads_all_rows) *out.mutable_recall_in_sample() = out.recall_in_population();
    if (!score.delays.empty()) write_delay(score.delays, *out.mutable_delay());
  }
}

}  // namespace rehearse::judging
