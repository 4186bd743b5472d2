#include "reports/findings.h"

#include <fmt/core.h>

#include <algorithm>

#include "reports/format.h"
#include "reports/result/harm.h"

namespace rehearse::reports {
namespace {

using result::Result;

std::string caused_by(const google::protobuf::RepeatedPtrField<std::string>& causes) {
  return (causes.size() == 1 ? "Cause: " : "Causes: ") + joined(causes, ", ") + ".";
}

// --- decisions

void mark(const result::GateJudgement& judgement, Finding& finding) {
  const auto as = [&](Tone tone, const char* text) { finding.tone = tone, finding.mark = text; };
  if (judgement.was() == result::not_judged) as(Tone::idle, "not judged");
  else if (judgement.was() == result::wrong && judgement.no_data()) as(Tone::warn, "inconclusive");
  else if (judgement.was() == result::wrong) as(Tone::bad, "false");
  else if (!judgement.bad_luck().empty()) as(Tone::warn, "unlucky");
  else as(Tone::good, "right");
}

std::string what(const result::GateJudgement& judgement) {
  if (judgement.kind() == result::GateJudgement::no_go) return "NO-GO: held in " + judgement.phase();
  if (!judgement.moved().empty()) return fmt::format("move of {} in {}", judgement.moved(), judgement.phase());
  if (judgement.into() == judgement.phase()) return "GO into " + judgement.phase();
  return fmt::format("GO from {} to {}", judgement.phase(), judgement.into());
}

std::string shown(const result::Drill& drill) {
  if (drill.cut_short()) return "the capture ended before it could be told";
  if (!drill.has_landing_ns()) return "no good data";
  std::string text = "good data throughout";
  if (drill.landing_ns() > 0)
    text = fmt::format("good data {}after {}", drill.landed() ? "" : "only ", show_duration(drill.landing_ns()));
  if (drill.changes_no_longer_shown() > 0)
    text +=
        fmt::format(", without {} that had been shown", counted(drill.changes_no_longer_shown(), "change", "changes"));
  return text;
}

std::string drilled(const result::GateJudgement& judgement) {
  std::string text;
  for (const result::Drill& drill : judgement.drills()) {
    const std::int64_t later = drill.fired_at_ns() - judgement.at_ns();
    text += text.empty() ? "A rollback tried " : "; ";
    text += fmt::format("{}: {}", later == 0 ? "at once" : show_duration(later) + " later", shown(drill));
    if (!drill.failed_steps().empty()) text += " (failed: " + joined(drill.failed_steps(), ", ") + ")";
  }
  return text + ".";
}

Finding finding_of(const Result& result, const result::GateJudgement& judgement) {
  Finding finding;
  mark(judgement, finding);
  finding.title = what(judgement);
  if (judgement.kind() == result::GateJudgement::go) finding.title += " on " + show_instant(result, judgement.at_ns());
  finding.details.push_back(judgement.why());
  if (!judgement.causes().empty()) finding.details.push_back(caused_by(judgement.causes()));
  if (!judgement.bad_luck().empty()) finding.details.push_back("Bad luck afterwards: " + judgement.bad_luck());
  if (!judgement.drills().empty()) finding.details.push_back(drilled(judgement));
  if (judgement.time_lost_ns() > 0)
    finding.details.push_back("Time lost: " + show_duration(judgement.time_lost_ns()) + ".");
  return finding;
}

std::string landed(const result::Rollback& rollback) {
  std::string text =
      fmt::format("Good data for all (RTO): {}; readers sent back: {}; acknowledged writes lost (RPO): {}",
                  rollback.has_rto_ns() ? "after " + show_duration(rollback.rto_ns()) : "n/a",
                  rollback.has_routed_ns() ? "after " + show_duration(rollback.routed_ns()) : "n/a",
                  rollback.has_rpo_writes() ? show_count(rollback.rpo_writes()) : "n/a");
  text += "; changes no longer shown: " +
          (rollback.has_changes_no_longer_shown() ? show_count(rollback.changes_no_longer_shown()) : "n/a");
  if (rollback.has_divergence_left())
    text += fmt::format("; {} left", counted(rollback.divergence_left(), "divergent row", "divergent rows"));
  return text + ".";
}

Finding finding_of(const Result& result, const result::Rollback& rollback) {
  const bool stop = result.outcome().kind() == result::Outcome::stopped;
  const bool pass = rollback.was() == result::right && rollback.landed();
  Finding finding;
  finding.tone = rollback.was() == result::not_judged ? Tone::idle : pass ? Tone::good : Tone::bad;
  finding.mark = rollback.was() == result::not_judged ? "not judged"
                 : rollback.was() == result::right    ? "right"
                                                      : "false";
  if (rollback.was() == result::right && !rollback.landed()) finding.mark = "not landed";
  finding.title = fmt::format("{} in {} on {}, by {}", stop ? "stop" : "rollback", rollback.phase(),
                              show_instant(result, rollback.fired_at_ns()), rollback.trigger());
  finding.details.push_back(rollback.why());
  if (!rollback.causes().empty()) finding.details.push_back(caused_by(rollback.causes()));
  if (rollback.necessary_known() && !rollback.necessary().empty())
    finding.details.push_back("It would not have fired without: " + joined(rollback.necessary(), ", ") + ".");
  if (!rollback.landing().empty()) finding.details.push_back(rollback.landing());
  finding.details.push_back(landed(rollback));
  return finding;
}

// --- exposure

std::string ailments(const result::ExposedStore& store) {
  std::string text;
  const auto add = [&](bool was, const char* word) {
    if (was) text += (text.empty() ? "" : " and ") + std::string(word);
  };
  add(store.divergent(), "divergent");
  add(store.at_no_position(), "at no one position of the source");
  add(store.behind(), "behind what had been seen");
  add(store.stale(), "stale");
  return text;
}

std::string stores_text(const result::Exposure& exposure) {
  std::string text;
  for (const result::ExposedStore& store : exposure.stores())
    text += fmt::format("{}{} while it was {}", text.empty() ? "" : " and ", store.store(), ailments(store));
  return text;
}

std::string course_text(const Result& result, const result::Exposure& exposure) {
  std::string text;
  if (exposure.has_onset_at_ns())
    text = fmt::format("From onset on {} to trigger {}", show_instant(result, exposure.onset_at_ns()),
                       show_duration(exposure.trigger_at_ns() - exposure.onset_at_ns()));
  else text = "It began after the trigger";
  if (!exposure.has_good_at_ns()) return text + "; no good data up to the end.";
  return text + fmt::format("; from trigger to good data {}.",
                            show_duration(exposure.good_at_ns() - exposure.trigger_at_ns()));
}

std::string stretches_text(const Result& result, const result::Exposure& exposure) {
  const std::string longest = show_instant(result, exposure.longest_at_ns());
  if (exposure.stretches() == 1) return fmt::format("From {} on.", longest);
  return fmt::format("{} stretches, the longest of {} from {} on.", show_count(exposure.stretches()),
                     show_duration(exposure.longest_ns()), longest);
}

// "16 stale of 25 reads"; what was not found is not told.
std::string found_by_reads(const result::Harm& harm) {
  if (harm.reads() == 0) return "none";
  std::string found;
  for (const ReadOutcome outcome : result::followed_outcomes())
    if (const std::uint64_t reads = reads_of(harm, outcome); reads > 0)
      found += fmt::format("{}{} {}", found.empty() ? "" : ", ", show_count(reads), rule_of(outcome).words());
  return (found.empty() ? "none wrong or stale" : found) + " of " + counted(harm.reads(), "read", "reads");
}

std::string reads_text(const result::Exposure& exposure) {
  if (!exposure.has_trigger_at_ns()) return "Reads meanwhile: " + found_by_reads(exposure.before()) + ".";
  return fmt::format("Reads meanwhile: before the trigger {}; until good data {}; afterwards {}.",
                     found_by_reads(exposure.before()), found_by_reads(exposure.during()),
                     found_by_reads(exposure.after()));
}

google::protobuf::RepeatedPtrField<std::string> all_causes(const result::Exposure& exposure) {
  google::protobuf::RepeatedPtrField<std::string> all;
  for (const result::ExposedStore& store : exposure.stores())
    for (const std::string& cause : store.causes())
      if (std::find(all.begin(), all.end(), cause) == all.end()) *all.Add() = cause;
  return all;
}

Finding finding_of(const Result& result, const result::Exposure& exposure) {
  Finding finding;
  finding.tone = exposure.has_missed_at_ns() ? Tone::bad : exposure.by_plan() ? Tone::warn : Tone::idle;
  finding.title =
      fmt::format("{}{} read {}, for {} in all", exposure.reader(), exposure.listed() ? "" : " (on nobody's list)",
                  stores_text(exposure), show_duration(exposure.for_ns()));
  if (exposure.has_missed_at_ns())
    finding.details.push_back(
        fmt::format("Danger was missed: on {} more than is allowed within a day had passed, and no rollback had begun.",
                    show_instant(result, exposure.missed_at_ns())));
  if (exposure.has_trigger_at_ns()) finding.details.push_back(course_text(result, exposure));
  if (!exposure.has_onset_at_ns() || exposure.stretches() > 1)
    finding.details.push_back(stretches_text(result, exposure));
  finding.details.push_back(reads_text(exposure));
  if (const auto causes = all_causes(exposure); !causes.empty()) finding.details.push_back(caused_by(causes));
  if (!exposure.by_plan() && result.outcome().kind() != result::Outcome::checks_alone)
    finding.details.push_back(
        "No danger of the plan's: before its first GO, or on a store that it neither chose nor touched.");
  return finding;
}

// --- the capture

Finding replayed(const result::Capture& capture) {
  constexpr int told_most = 10;
  Finding finding;
  finding.tone = capture.left_out() == 0 ? Tone::good : capture.too_much_left_out() ? Tone::bad : Tone::warn;
  finding.title = fmt::format("{}: {}, {}", capture.stream(),
                              counted(capture.row_events(), "event about rows", "events about rows"),
                              capture.left_out() == 0 ? "none left out" : show_count(capture.left_out()) + " left out");
  for (int i = 0; i < std::min(told_most, capture.findings_size()); ++i)
    finding.details.push_back(capture.findings(i).text());
  if (capture.findings_size() > told_most)
    finding.details.push_back(fmt::format("And {} more in result.json.", capture.findings_size() - told_most));
  return finding;
}

Finding witnessed(const result::Capture& capture) {
  Finding finding;
  std::uint64_t rows = 0, differing = 0;
  for (const result::CaptureWitness& witness : capture.witnesses()) {
    rows += witness.rows();
    differing += witness.differing();
    if (witness.differing() > 0)
      finding.details.push_back(fmt::format("{}: {} of {} differ.", witness.table(), show_count(witness.differing()),
                                            counted(witness.rows(), "row", "rows")));
  }
  finding.tone = differing == 0 ? Tone::good : Tone::warn;
  const std::string of = fmt::format("{} in {}", counted(rows, "row", "rows"),
                                     counted(static_cast<std::uint64_t>(capture.witnesses_size()), "table", "tables"));
  finding.title = differing == 0 ? fmt::format("the second witness agrees: {}", of)
                                 : fmt::format("the second witness differs in {} of {}", show_count(differing), of);
  return finding;
}

// --- bottlenecks

std::string per_second(double rate) { return show_speed(rate) + "/s"; }

std::string shown(const result::Stage& stage) {
  std::string text =
      fmt::format("{}: {} came, {} served", stage.name(), per_second(stage.offered()), per_second(stage.served()));
  if (stage.waiting() > 0) text += fmt::format(", {} waiting at the end", show_count(stage.waiting()));
  return text + ".";
}

Finding finding_of(const Result& result, const result::Bottleneck& bottleneck) {
  Finding finding;
  finding.tone = bottleneck.late() ? Tone::warn : Tone::idle;
  const std::string how = !bottleneck.held_by().empty() ? "stood still, held by " + bottleneck.held_by()
                          : bottleneck.waits_to_flush() ? "waited for its next flush"
                                                        : "could not keep up";
  finding.title = fmt::format("{}: the {} {}", bottleneck.pipeline(), bottleneck.stage(), how);
  std::string text =
      fmt::format("{} for {} at the longest", bottleneck.late() ? "Late" : "Its buffer was full, and nothing late,",
                  show_duration(bottleneck.held_up_ns()));
  if (bottleneck.late() && bottleneck.buffer_full()) text += ", with a full buffer before the sink";
  finding.details.push_back(text + ".");
  if (bottleneck.stages().empty()) return finding;
  finding.details.push_back(
      fmt::format("It fell behind from {} on, for {}:", show_instant(result, bottleneck.from_at_ns()),
                  show_duration(bottleneck.until_at_ns() - bottleneck.from_at_ns())));
  for (const result::Stage& stage : bottleneck.stages())
    if (stage.offered() > 0 || stage.waiting() > 0) finding.details.push_back(shown(stage));
  return finding;
}

}  // namespace

std::vector<Finding> decisions(const Result& result) {
  std::vector<std::pair<std::int64_t, Finding>> all;
  for (const result::GateJudgement& judgement : result.judgements())
    all.emplace_back(judgement.at_ns(), finding_of(result, judgement));
  for (const result::Rollback& rollback : result.rollbacks())
    all.emplace_back(rollback.fired_at_ns(), finding_of(result, rollback));
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Finding> findings;
  for (auto& [at, finding] : all) findings.push_back(std::move(finding));
  return findings;
}

std::vector<Finding> exposures(const Result& result) {
  std::vector<Finding> all;
  for (const result::Exposure& exposure : result.exposures()) all.push_back(finding_of(result, exposure));
  return all;
}

std::vector<Finding> bottlenecks(const Result& result) {
  std::vector<Finding> all;
  for (const result::Bottleneck& bottleneck : result.bottlenecks()) all.push_back(finding_of(result, bottleneck));
  return all;
}

std::vector<Finding> capture(const Result& result) {
  if (!result.has_capture()) return {};
  std::vector<Finding> all{replayed(result.capture())};
  if (result.capture().witnesses_size() > 0) all.push_back(witnessed(result.capture()));
  return all;
}

std::vector<Finding> advice(const Result& result) {
  std::vector<Finding> all;
  for (const result::Advice& given : result.advice())
    all.push_back(
        {Tone::idle, "", fmt::format("{}: {} (now {})", given.path(), given.value(), given.now()), {given.why()}});
  return all;
}

std::string nobody_exposed(const Result& result) {
  return result.consumers().empty() || !result.exposures().empty() ? "" : "Nobody read a store that was unsafe.";
}

}  // namespace rehearse::reports
