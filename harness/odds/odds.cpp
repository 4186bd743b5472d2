// From the rows of a campaign's file to odds, distributions, detections and what was never put to the test.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "harness/odds/intervals.h"
#include "harness/odds/sweep.h"
#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

constexpr double confidence = 0.95;
constexpr int cases_most = 3, failures_most = 20;

// ---- cells of answers ----------------------------------------------------------------------------------------------

std::uint64_t whole(const CampaignValue& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  REHEARSE_ASSERT(number, "the column holds whole numbers");
  return static_cast<std::uint64_t>(*number);
}
std::optional<double> number(const CampaignValue& value) {
  if (const auto* n = std::get_if<std::int64_t>(&value)) return static_cast<double>(*n);
  if (const auto* n = std::get_if<double>(&value)) return *n;
  return std::nullopt;
}
std::string text(const CampaignValue& value) {
  const auto* said = std::get_if<std::string>(&value);
  return said ? *said : std::string();
}

// ---- what is asked -------------------------------------------------------------------------------------------------

// `sql` answers with point, seed, replay line, and 1 or 0: whether it happened; NULL: nobody can tell. A row for each
// of what is counted.
struct OddsQuestion {
  const char* name;
  const char* text;
  const char* of;
  const char* sql;
};

constexpr OddsQuestion odds_questions[] = {
    {"pass", "the verdict is pass", "runs",
     "SELECT point, seed, replay, verdict = 'pass' FROM o JOIN outcomes USING (job)"},
    {"inconclusive", "the verdict is inconclusive: data were missing", "runs",
     "SELECT point, seed, replay, verdict = 'inconclusive' FROM o JOIN outcomes USING (job)"},
    {"vacuous", "the verdict is vacuous: what should be tested never happened", "runs",
     "SELECT point, seed, replay, verdict = 'vacuous' FROM o JOIN outcomes USING (job)"},
    {"cut_over", "it cut over", "plans", "SELECT point, seed, replay, outcome = 'cut_over' FROM planned"},
    {"rolled_back", "it rolled back", "plans", "SELECT point, seed, replay, outcome = 'rolled_back' FROM planned"},
    {"stopped", "a trigger stopped it before anybody was moved", "plans",
     "SELECT point, seed, replay, outcome = 'stopped' FROM planned"},
    {"held", "it never came to its last phase", "plans", "SELECT point, seed, replay, outcome = 'held' FROM planned"},
    {"false_go", "a GO was false", "plans", R"(
       SELECT point, seed, replay, CASE
         WHEN EXISTS (SELECT 1 FROM judgements j WHERE j.job = p.job AND j.kind = 'go' AND j.was = 'wrong') THEN 1
         WHEN EXISTS (SELECT 1 FROM judgements j WHERE j.job = p.job AND j.kind = 'go' AND j.cut_short = 1) THEN NULL
         ELSE 0 END
       FROM planned p)"},
    {"bad_luck", "a right GO was followed by what had not struck by then", "plans", R"(
       SELECT point, seed, replay,
              EXISTS (SELECT 1 FROM judgements j WHERE j.job = p.job AND j.kind = 'go' AND j.bad_luck <> '')
       FROM planned p)"},
    {"missed_danger", "readers were exposed for too long, and no rollback had begun", "plans", R"(
       SELECT point, seed, replay,
              EXISTS (SELECT 1 FROM exposures e WHERE e.job = p.job AND e.by_plan = 1 AND e.missed_ns IS NOT NULL)
       FROM planned p)"},
    {"wrong_no_go", "a NO-GO was wrong: the new store was safe", "plans", R"(
       SELECT point, seed, replay,
              EXISTS (SELECT 1 FROM judgements j WHERE j.job = p.job AND j.kind = 'no_go' AND j.was = 'wrong')
       FROM planned p)"},
    {"no_data", "a gate stayed shut for lack of data", "plans", R"(
       SELECT point, seed, replay,
              EXISTS (SELECT 1 FROM judgements j WHERE j.job = p.job AND j.kind = 'no_go' AND j.no_data = 1)
       FROM planned p)"},
    {"rollback_wrong", "a rollback was wrong: there was no danger", "rollbacks", R"(
       SELECT point, seed, replay, CASE was WHEN 'wrong' THEN 1 WHEN 'right' THEN 0 END
       FROM o JOIN rollbacks USING (job))"},
    {"rollback_not_landed", "a rollback did not bring its readers to good data in time", "rollbacks", R"(
       SELECT point, seed, replay, CASE WHEN landed THEN 0 WHEN cut_short THEN NULL ELSE 1 END
       FROM o JOIN rollbacks USING (job))"},
    {"drill_not_landed", "the plan's rollback would not have landed from a GO", "plans with a GO", R"(
       SELECT point, seed, replay, CASE
         WHEN EXISTS (SELECT 1 FROM drills d WHERE d.job = o.job AND d.landed = 0 AND d.cut_short = 0) THEN 1
         WHEN EXISTS (SELECT 1 FROM drills d WHERE d.job = o.job AND d.landed = 0) THEN NULL
         ELSE 0 END
       FROM o WHERE EXISTS (SELECT 1 FROM drills d WHERE d.job = o.job))"},
    {"false_alarm", "a check raised a false alarm", "runs", R"(
       SELECT point, seed, replay, EXISTS (SELECT 1 FROM checks c WHERE c.job = o.job AND c.false_alarms > 0) FROM o)"},
};

// `sql` answers with point and a value for each run; NULL: it has none.
struct FigureQuestion {
  const char* name;
  const char* text;
  const char* unit;
  const char* sql;
};

constexpr FigureQuestion figure_questions[] = {
    {"time_to_cut_over", "until it cut over", "ns",
     "SELECT point, CASE outcome WHEN 'cut_over' THEN since_ns END FROM planned"},
    {"exposure", "readers that the plan answers for were exposed, in all", "ns", R"(
       SELECT point, (SELECT coalesce(sum(for_ns), 0) FROM exposures e WHERE e.job = p.job AND e.by_plan = 1)
       FROM planned p)"},
    {"detection", "from the onset of what a rollback reacted to until it was fired", "ns", R"(
       SELECT point, (SELECT min(fired_ns - onset_ns) FROM rollbacks b WHERE b.job = p.job) FROM planned p)"},
    {"rto", "from a rollback's trigger to good data for all", "ns",
     "SELECT point, (SELECT max(rto_ns) FROM rollbacks b WHERE b.job = p.job) FROM planned p"},
    {"lost_writes", "acknowledged and lost by a rollback", "writes",
     "SELECT point, (SELECT sum(lost_writes) FROM rollbacks b WHERE b.job = p.job) FROM planned p"},
    {"wrong_reads_high", "wrong reads of consumers of high tier", "reads", R"(
       SELECT point, (SELECT sum(wrong) FROM harms h WHERE h.job = o.job AND h.tier = 'high') FROM o)"},
    {"wrong_reads_medium", "wrong reads of consumers of medium tier", "reads", R"(
       SELECT point, (SELECT sum(wrong) FROM harms h WHERE h.job = o.job AND h.tier = 'medium') FROM o)"},
    {"wrong_reads_low", "wrong reads of consumers of low tier", "reads", R"(
       SELECT point, (SELECT sum(wrong) FROM harms h WHERE h.job = o.job AND h.tier = 'low') FROM o)"},
    {"stale_reads", "stale reads of all consumers", "reads",
     "SELECT point, (SELECT sum(stale) FROM harms h WHERE h.job = o.job) FROM o"},
    {"divergent_worst", "divergent rows at one time, in the store where they were most", "rows",
     "SELECT point, (SELECT max(divergent_worst) FROM stores s WHERE s.job = o.job) FROM o"},
    {"worst_age", "the oldest change that was not visible, in the store where it was oldest", "ns",
     "SELECT point, (SELECT max(worst_age_ns) FROM stores s WHERE s.job = o.job) FROM o"},
};

// ---- answers -------------------------------------------------------------------------------------------------------

class Answers {
 public:
  Answers(const CampaignFile& file, Seeds seeds, result::Sweep& out) : file_(file), seeds_(seeds), out_(out) {}

  void write() {
    write_points();
    for (const OddsQuestion& question : odds_questions) write_odds(question);
    for (const FigureQuestion& question : figure_questions) write_distribution(question);
    write_detections();
    write_checks();
    write_not_exercised();
    write_failures();
  }

 private:
  // The runs that are spoken of: `o` all that have an outcome, `planned` those of them that had a plan.
  std::vector<CampaignRow> ask(const std::string& sql) const {
    return file_.ask(
        fmt::format("WITH o AS (SELECT point, seed, job, replay FROM runs WHERE campaign = ?1 AND state = 'done' "
                    "AND seed BETWEEN {} AND {}), "
                    "planned AS (SELECT o.*, outcome, since_ns FROM o JOIN outcomes USING (job) WHERE outcome <> "
                    "'checks_alone') {}",
                    seeds_.first, seeds_.last, sql));
  }
  result::SweepPoint& point(const CampaignValue& number) {
    return *out_.mutable_points(static_cast<int>(whole(number)));
  }

  void write_points() {
    for (const CampaignRow& row : file_.ask("SELECT point FROM points WHERE campaign = ?1 ORDER BY point")) {
      REHEARSE_ASSERT(whole(row[0]) == static_cast<std::uint64_t>(out_.points_size()), "points are numbered");
      out_.add_points();
    }
    for (const CampaignRow& row :
         file_.ask("SELECT point, path, value FROM point_values WHERE campaign = ?1 ORDER BY point, number")) {
      result::Setting& setting = *point(row[0]).add_values();
      setting.set_name(text(row[1]));
      setting.set_value(text(row[2]));
    }
    std::uint64_t runs = 0;
    for (const CampaignRow& row : ask("SELECT point, count(*) FROM o GROUP BY point")) {
      point(row[0]).set_runs(whole(row[1]));
      runs += whole(row[1]);
    }
    out_.set_missing(seeds_.count() * static_cast<std::uint64_t>(out_.points_size()) - runs);
  }

  void write_odds(const OddsQuestion& question) {
    std::map<int, result::Odds> by_point;
    for (const CampaignRow& row : ask(fmt::format("SELECT * FROM ({}) ORDER BY 1, 2", question.sql))) {
      result::Odds& odds = by_point[static_cast<int>(whole(row[0]))];
      const std::optional<double> happened = number(row[3]);
      if (!happened) {
        odds.set_cut_short(odds.cut_short() + 1);
        continue;
      }
      odds.set_in(odds.in() + 1);
      if (*happened == 0) continue;
      odds.set_happened(odds.happened() + 1);
      if (odds.cases_size() == cases_most) continue;
      result::SweepCase& found = *odds.add_cases();
      found.set_seed(whole(row[1]));
      found.set_replay(text(row[2]));
    }
    for (auto& [at, odds] : by_point) {
      odds.set_name(question.name);
      odds.set_text(question.text);
      odds.set_of(question.of);
      if (odds.in() > 0) {
        const Interval within = wilson(odds.happened(), odds.in(), confidence);
        odds.set_share(static_cast<double>(odds.happened()) / static_cast<double>(odds.in()));
        odds.set_low(within.low);
        odds.set_high(within.high);
        odds.set_at_most(at_most(odds.happened(), odds.in(), confidence));
      }
      *out_.mutable_points(at)->add_odds() = std::move(odds);
    }
  }

  static result::QuantileOf quantile_of(std::span<const double> sorted, double share) {
    result::QuantileOf out;
    out.set_share(share);
    if (share == 0 || share == 1) {
      out.set_value(share == 0 ? sorted.front() : sorted.back());
      return out;
    }
    const Quantile found = quantile(sorted, share, confidence);
    out.set_value(found.value);
    if (found.within) out.set_low(found.within->low), out.set_high(found.within->high);
    return out;
  }

  void write_distribution(const FigureQuestion& question) {
    struct Found {
      std::vector<double> values;
      std::uint64_t without = 0;
    };
    std::map<int, Found> by_point;
    for (const CampaignRow& row : ask(question.sql)) {
      Found& found = by_point[static_cast<int>(whole(row[0]))];
      if (const auto value = number(row[1])) found.values.push_back(*value);
      else ++found.without;
    }
    for (auto& [at, found] : by_point) {
      if (found.values.empty()) continue;
      std::sort(found.values.begin(), found.values.end());
      result::Distribution& out = *out_.mutable_points(at)->add_distributions();
      out.set_name(question.name);
      out.set_text(question.text);
      out.set_unit(question.unit);
      out.set_values(found.values.size());
      out.set_without(found.without);
      for (const double share : {0.0, 0.05, 0.5, 0.95, 1.0}) *out.add_quantiles() = quantile_of(found.values, share);
    }
  }

  void write_detections() {
    struct Found {
      result::Detection sum;
      std::vector<double> recalls, delays;
    };
    std::map<int, std::map<std::pair<std::string, std::string>, Found>> by_point;
    for (const CampaignRow& row : ask("SELECT point, cause, check_name, divergences, caught, untold, delay_ns FROM o "
                                      "JOIN detections USING (job) WHERE divergences > 0 ORDER BY point, seed")) {
      Found& found = by_point[static_cast<int>(whole(row[0]))][{text(row[1]), text(row[2])}];
      const std::uint64_t divergences = whole(row[3]), caught = whole(row[4]), untold = whole(row[5]);
      found.sum.set_runs(found.sum.runs() + 1);
      found.sum.set_noticed(found.sum.noticed() + (caught > 0));
      found.sum.set_divergences(found.sum.divergences() + divergences);
      found.sum.set_caught(found.sum.caught() + caught);
      found.sum.set_untold(found.sum.untold() + untold);
      if (divergences > untold)
        found.recalls.push_back(static_cast<double>(caught) / static_cast<double>(divergences - untold));
      if (const auto delay = number(row[6])) found.delays.push_back(*delay);
    }
    for (auto& [at, cells] : by_point)
      for (auto& [names, found] : cells) {
        result::Detection& out = *out_.mutable_points(at)->add_detections();
        out = std::move(found.sum);
        out.set_cause(names.first);
        out.set_check(names.second);
        const Interval within = wilson(out.noticed(), out.runs(), confidence);
        out.set_low(within.low);
        out.set_high(within.high);
        std::sort(found.recalls.begin(), found.recalls.end());
        std::sort(found.delays.begin(), found.delays.end());
        if (!found.recalls.empty()) *out.mutable_recall() = quantile_of(found.recalls, 0.5);
        if (!found.delays.empty()) *out.mutable_delay_ns() = quantile_of(found.delays, 0.5);
      }
  }

  void write_checks() {
    for (const CampaignRow& row :
         ask("SELECT point, name, count(*), sum(false_alarms > 0), sum(claims), sum(right_claims), sum(late_claims), "
             "sum(false_alarms), sum(untold_claims) FROM o JOIN checks USING (job) WHERE judged = 1 "
             "GROUP BY point, name ORDER BY point, min(number)")) {
      result::CheckOdds& out = *point(row[0]).add_checks();
      out.set_check(text(row[1]));
      out.set_runs(whole(row[2]));
      out.set_with_false_alarm(whole(row[3]));
      const Interval within = wilson(out.with_false_alarm(), out.runs(), confidence);
      out.set_low(within.low);
      out.set_high(within.high);
      out.set_claims(whole(row[4]));
      out.set_right(whole(row[5]));
      out.set_late(whole(row[6]));
      out.set_false_alarms(whole(row[7]));
      out.set_untold(whole(row[8]));
    }
  }

  static std::string never(const std::string& kind, const std::string& name) {
    if (kind == "phase") return fmt::format("the phase {} was never entered", name);
    if (kind == "criterion") return fmt::format("the exit criterion {} never had a sample", name);
    if (kind == "trigger") return fmt::format("the trigger {} never fired", name);
    if (kind == "rollback")
      return name == "in a drill" ? "no GO had a drill of the rollback" : "the plan never rolled back";
    if (kind == "repair") return fmt::format("the repairs {} never repaired a row", name);
    if (kind == "check") return fmt::format("the check {} never found a divergent row", name);
    if (kind == "fault") return fmt::format("the fault {} never touched anything", name);
    return fmt::format("the {} {} never happened", kind, name);
  }

  void write_not_exercised() {
    for (const CampaignRow& row : ask("SELECT point, kind, name FROM o JOIN exercised USING (job) "
                                      "GROUP BY point, kind, name HAVING max(happened) = 0 "
                                      "ORDER BY point, min(number), kind, name")) {
      result::NotExercised& out = *point(row[0]).add_not_exercised();
      out.set_kind(text(row[1]));
      out.set_name(text(row[2]));
      out.set_text(never(out.kind(), out.name()));
    }
  }

  void write_failures() {
    for (const CampaignRow& row : file_.ask(fmt::format(
             "SELECT point, seed, state, problem, replay FROM runs WHERE campaign = ?1 AND state <> 'done' AND seed "
             "BETWEEN {} AND {} ORDER BY point, seed",
             seeds_.first, seeds_.last))) {
      out_.set_failed(out_.failed() + 1);
      if (out_.failures_size() == failures_most) continue;
      result::SweepFailure& out = *out_.add_failures();
      *out.mutable_values() = point(row[0]).values();
      out.set_seed(whole(row[1]));
      out.set_state(text(row[2]));
      out.set_problem(text(row[3]));
      out.set_replay(text(row[4]));
    }
    out_.set_missing(out_.missing() - out_.failed());
  }

  const CampaignFile& file_;
  Seeds seeds_;
  result::Sweep& out_;
};

}  // namespace

result::Sweep odds_of(const CampaignFile& file, Seeds seeds) {
  result::Sweep sweep;
  const std::vector<CampaignRow> campaign =
      file.ask("SELECT version, name, scenario_file FROM campaigns WHERE campaign = ?1");
  REHEARSE_ASSERT(campaign.size() == 1, "the file has its campaign");
  sweep.set_version(text(campaign[0][0]));
  sweep.set_scenario(text(campaign[0][1]));
  sweep.set_scenario_file(text(campaign[0][2]));
  sweep.set_first_seed(seeds.first);
  sweep.set_last_seed(seeds.last);
  sweep.set_confidence(confidence);
  Answers(file, seeds, sweep).write();
  return sweep;
}

}  // namespace rehearse
