#include "harness/judge/claims.h"

#include <algorithm>
#include <map>

#include "scenarios/check_kinds.h"
#include "sim/kernel/assert.h"

namespace rehearse::judging {

bool is_right_of(const CheckRun& run, const Claim& claim, const DivergentInterval& interval) {
  using Kind = DivergentInterval::Kind;
  if (claim.kind == scenario::TIMING || interval.from > run.reported || interval.until <= run.first_read) return false;
  if (claim.kind != scenario::DUPLICATE) return true;
  return interval.kind == Kind::duplicate || interval.kind == Kind::extra;
}

bool a_side_was_stale(const CheckRun& run, const CheckDescription& check, const std::vector<Spans>& stale) {
  return touches(stale[check.trial], run.first_read, run.reported) ||
         (check.reference && touches(stale[*check.reference], run.first_read, run.reported));
}

namespace {

// The ways in which a row is divergent are the first classes of discrepancies.
using Kind = DivergentInterval::Kind;
static_assert(static_cast<int>(Kind::missing) == scenario::MISSING && static_cast<int>(Kind::extra) == scenario::EXTRA);
static_assert(static_cast<int>(Kind::duplicate) == scenario::DUPLICATE &&
              static_cast<int>(Kind::mismatch) == scenario::MISMATCH);

// Judges the claims of one check, run by run.
class Scorer {
 public:
  Scorer(const Case& c, const CheckDescription& check) : c_(c) {
    score_.check = &check;
    score_.judged = !check.monitor();
    const scenario::Check& given = c.in.scenario.checks(static_cast<int>(check.index));
    score_.reads_all_rows = reads_all_rows(given);
    for (const int blind : kind_of(given).blind_to()) blind_to_ |= 1U << blind;
    std::vector<StoreId> stores{check.trial};
    if (check.reference && *check.reference != check.trial) stores.push_back(*check.reference);
    for (const StoreId store : stores)
      for (const TableId table : check.tables) add_scope(store, table);
  }

  void take(const CheckRun& run) {
    REHEARSE_ASSERT(runs_.empty() || runs_.back()->reported <= run.reported,
                    "a check's runs come in the order of their reports");
    ++score_.runs;
    score_.rows_compared += run.rows_compared;
    score_.skipped_rows += run.rows_unsettled;
    if (!run.problem.empty() && score_.problems++ == 0) score_.problem = run.problem;
    score_.rows_read += run.rows_read;
    score_.most_rounds = std::max(score_.most_rounds, run.rounds);
    if (run.rounds > 0) score_.longest_run = std::max(score_.longest_run, run.reported - run.started);
    if (!run.data) {
      ++score_.runs_without_data;
      return;
    }
    if (!score_.judged) return;
    runs_.push_back(&run);
    std::uint64_t kept_timing = 0;
    FalseAlarms wrong{&run, 0, nullptr};
    for (const Claim& claim : run.claims) {
      if (claim.kind == scenario::TIMING) ++kept_timing;
      judge(run, claim, wrong);
    }
    score_.withdrawn += run.found[scenario::TIMING] - kept_timing;
    if (run.claims.size() >= claims_kept_per_run)
      score_.not_kept += run.discrepancies() - (run.claims.size() - kept_timing);
    if (wrong.claims > 0) score_.false_alarms.push_back(wrong);
  }

  CheckScore finish() {
    if (score_.judged) {
      for (const auto& [table, runs] : table_claims_) catch_whole_table(table, runs);
      note_covered_runs();
      count();
    }
    return std::move(score_);
  }

 private:
  void add_scope(StoreId store, TableId table) {
    const auto [first, after] = c_.divergences.of_table(store, table);
    score_.sightings.push_back({store, table, first, std::vector<Sighting>(after - first)});
  }

  void judge(const CheckRun& run, const Claim& claim, FalseAlarms& wrong) {
    ClassScore& of_class = score_.classes[claim.kind];
    ++of_class.claims;
    if (claim.kind == scenario::TIMING && a_side_was_stale(run, *score_.check, c_.stale)) {
      ++of_class.right;
      return;
    }
    ++score_.claims;
    const bool right = claim.kind != scenario::TIMING && is_right(run, claim);
    if (right) {
      ++score_.right;
      ++of_class.right;
    } else {
      ++wrong.claims;
      if (!wrong.example) wrong.example = &claim;
    }
  }

  bool is_right(const CheckRun& run, const Claim& claim) {
    switch (claim.about) {
      case Claim::About::pair: {
        const bool child = claim_rows(run, claim, claim.table, claim.row, claim.row);
        return claim_rows(run, claim, claim.other_table, claim.other, claim.other) || child;
      }
      case Claim::About::range:
        return claim_rows(run, claim, claim.table, claim.row, claim.other);
      case Claim::About::everything: {
        bool right = false;
        for (const TableId table : score_.check->tables) right |= claim_table(run, claim, table);
        return right;
      }
      case Claim::About::row:
        break;
    }
    if (claim.names_row()) return claim_rows(run, claim, claim.table, claim.row, claim.row);
    if (claim.kind == scenario::SCHEMA) return claim_schema(run, claim);
    return claim_table(run, claim, claim.table);
  }

  // A claim about the rows from `first` to `last`.
  bool claim_rows(const CheckRun& run, const Claim& claim, TableId table, RowId first, RowId last) {
    bool right = false;
    for (Sightings& s : score_.sightings) {
      if (s.table != table) continue;
      const auto [begin, end] = c_.divergences.of_rows(s.range(), first, last);
      for (Divergences::Index i = begin; i < end; ++i) {
        const DivergentInterval& interval = c_.divergences[i];
        if (!is_right_of(run, claim, interval)) continue;
        right = true;
        note(s.seen[i - s.first], run, claim.kind);
      }
    }
    return right;
  }

  bool claim_table(const CheckRun& run, const Claim& claim, TableId table) {
    bool right = false;
    for (const Sightings& s : score_.sightings)
      right |= s.table == table && touches(c_.divergences.any_of(s.store, s.table), run.first_read, run.reported);
    auto& runs = table_claims_[table];
    if (right && (runs.empty() || runs.back().first != &run)) runs.emplace_back(&run, claim.kind);
    return right;
  }

  // Columns that differ announce rows that will: right if a row of the table is divergent during the run or later.
  bool claim_schema(const CheckRun& run, const Claim& claim) {
    if (claim_table(run, claim, claim.table)) return true;
    return std::any_of(score_.sightings.begin(), score_.sightings.end(), [&](const Sightings& s) {
      return s.table == claim.table && touches(c_.divergences.any_of(s.store, s.table), run.first_read, c_.end);
    });
  }

  static void note(Sighting& sighting, const CheckRun& run, std::uint8_t kind) {
    if (run.reported >= sighting.claimed) return;
    sighting.claimed = run.reported;
    sighting.run = run.number;
    sighting.kind = kind;
  }

  // Runs with a right claim about a whole table catch whatever was divergent in it meanwhile.
  void catch_whole_table(TableId table, const std::vector<std::pair<const CheckRun*, std::uint8_t>>& runs) {
    for (Sightings& s : score_.sightings) {
      if (s.table != table) continue;
      for (std::size_t i = 0; i < s.seen.size(); ++i) {
        const DivergentInterval& interval = c_.divergences[s.first + i];
        if (blind_to_ >> static_cast<int>(interval.kind) & 1) continue;
        const auto run = std::partition_point(runs.begin(), runs.end(),
                                              [&](const auto& r) { return r.first->reported < interval.from; });
        if (run != runs.end() && run->first->first_read < interval.until) note(s.seen[i], *run->first, run->second);
      }
    }
  }

  // An interval covers some run if, of the runs that begin to read at or after its onset, the first to end is over
  // before it is.
  void note_covered_runs() {
    std::vector<std::pair<Time, Time>> windows;
    for (const CheckRun* run : runs_) windows.emplace_back(run->first_read, run->reported);
    std::sort(windows.begin(), windows.end());
    for (std::size_t i = windows.size(); i-- > 1;)
      windows[i - 1].second = std::min(windows[i - 1].second, windows[i].second);
    for (Sightings& s : score_.sightings)
      for (std::size_t i = 0; i < s.seen.size(); ++i) {
        const DivergentInterval& interval = c_.divergences[s.first + i];
        const auto first = std::partition_point(windows.begin(), windows.end(),
                                                [&](const auto& window) { return window.first < interval.from; });
        s.seen[i].covers_run = first != windows.end() && first->second < interval.until;
      }
  }

  void count() {
    for (const Sightings& s : score_.sightings)
      for (std::size_t i = 0; i < s.seen.size(); ++i) {
        score_.covering += s.seen[i].covers_run;
        score_.covering_caught += s.seen[i].covers_run && s.seen[i].caught();
        if (s.seen[i].caught()) score_.delays.push_back(s.seen[i].claimed - c_.divergences[s.first + i].from);
      }
    std::sort(score_.delays.begin(), score_.delays.end());
  }

  const Case& c_;
  CheckScore score_;
  std::uint32_t blind_to_ = 0;         // bit by DiscrepancyClass: what a claim about a whole table says nothing of
  std::vector<const CheckRun*> runs_;  // with data
  std::map<TableId, std::vector<std::pair<const CheckRun*, std::uint8_t>>> table_claims_;  // runs with right ones
};

}  // namespace

std::vector<CheckScore> score_checks(const Case& c) {
  std::vector<std::vector<const CheckRun*>> runs(c.in.checks.size());
  for (const CheckRun& run : c.in.runs) runs[run.check].push_back(&run);
  std::vector<CheckScore> scores;
  for (const CheckDescription& check : c.in.checks) {
    Scorer scorer(c, check);
    for (const CheckRun* run : runs[scores.size()]) scorer.take(*run);
    scores.push_back(scorer.finish());
  }
  return scores;
}

}  // namespace rehearse::judging
