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

// What was found out about the claims of one check's runs while they read.
class Credits {
 public:
  Credits(const Case& c, std::uint32_t check) {
    if (!c.in.credit) return;
    for (const JudgedFigures& run : c.in.credit->figures)
      if (run.check == check) figures_[run.run] = &run;
    for (const OverdueClaims& claims : c.in.credit->overdue)
      if (claims.check == check) overdue_[{claims.run, claims.table}] = &claims;
    for (const FigureCatch& caught : c.in.credit->catches)
      if (caught.check == check) catches_.push_back(&caught);
    for (const UntoldCause& untold : c.in.credit->untold)
      if (untold.check == check) untold_.push_back(untold.cause);
  }
  // Of the n-th claim about a figure that the run made.
  FigureVerdict figure(const CheckRun& run, std::size_t n) const {
    const auto at = figures_.find(run.number);
    return at == figures_.end() || n >= at->second->claims.size() ? FigureVerdict::wrong : at->second->claims[n];
  }
  bool overdue(const CheckRun& run, TableId table, RowId row) const {
    const auto at = overdue_.find({run.number, table});
    return at != overdue_.end() && at->second->rows.contains(row);
  }
  const std::vector<const FigureCatch*>& catches() const { return catches_; }
  bool untold(CauseId cause) const { return std::find(untold_.begin(), untold_.end(), cause) != untold_.end(); }

 private:
  std::map<std::uint64_t, const JudgedFigures*> figures_;
  std::map<std::pair<std::uint64_t, TableId>, const OverdueClaims*> overdue_;
  std::vector<const FigureCatch*> catches_;
  std::vector<CauseId> untold_;
};

// Judges the claims of one check, run by run.
class Scorer {
 public:
  Scorer(const Case& c, const CheckDescription& check) : c_(c), credits_(c, check.index) {
    score_.check = &check;
    score_.judged = !check.monitor();
    score_.reads_all_rows = reads_all_rows(c.in.scenario.checks(static_cast<int>(check.index)));
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
    score_.clean_runs = run.claims.empty() ? score_.clean_runs + 1 : 0;
    std::uint64_t timing = 0;
    std::size_t figures = 0;
    FalseAlarms wrong{&run, 0, {}};
    run.claims.for_each([&](const Claim& claim) {
      timing += claim.kind == scenario::TIMING;
      judge(run, claim, figures, wrong);
      figures += claim.of_figure();
    });
    score_.withdrawn += run.found[scenario::TIMING] - timing;
    if (wrong.claims > 0) score_.false_alarms.push_back(wrong);
  }

  void take(const RunsNotKept& more) {
    REHEARSE_ASSERT(!score_.judged || more.runs == 0, "all runs of a check that claims something are kept");
    score_.runs += more.runs;
    score_.runs_without_data += more.without_data;
    score_.rows_compared += more.rows_compared;
    score_.runs_not_kept = more.runs;
  }

  CheckScore finish() {
    if (score_.judged) {
      catch_by_figures();
      note_covered_runs();
      count();
    }
    return std::move(score_);
  }

 private:
  enum class Verdict { right, late, untold, wrong };

  void add_scope(StoreId store, TableId table) {
    const auto [first, after] = c_.divergences.of_table(store, table);
    score_.sightings.push_back({store, table, first, std::vector<Sighting>(after - first)});
  }

  void judge(const CheckRun& run, const Claim& claim, std::size_t figure, FalseAlarms& wrong) {
    ClassScore& of_class = score_.classes[claim.kind];
    ++of_class.claims;
    if (claim.kind == scenario::TIMING && a_side_was_stale(run, *score_.check, c_.stale)) {
      ++of_class.right;
      return;
    }
    ++score_.claims;
    switch (claim.kind == scenario::TIMING ? Verdict::wrong : verdict(run, claim, figure)) {
      case Verdict::right:
        ++score_.right;
        ++of_class.right;
        break;
      case Verdict::late:
        ++score_.late;
        ++of_class.late;
        break;
      case Verdict::untold:
        ++score_.untold;
        break;
      case Verdict::wrong:
        ++wrong.claims;
        if (!wrong.example) wrong.example = claim;
    }
  }

  Verdict verdict(const CheckRun& run, const Claim& claim, std::size_t figure) {
    if (claim.names_row()) {
      bool right = claim_row(run, claim, claim.table, claim.row);
      bool overdue = credits_.overdue(run, claim.table, claim.row);
      if (claim.about == Claim::About::pair) {
        right = claim_row(run, claim, claim.other_table, claim.other) || right;
        overdue = overdue || credits_.overdue(run, claim.other_table, claim.other);
      }
      return right ? Verdict::right : overdue ? Verdict::late : Verdict::wrong;
    }
    if (claim.kind == scenario::SCHEMA) return claim_schema(run, claim) ? Verdict::right : Verdict::wrong;
    if (claim.about == Claim::About::everything) return claim_losses(run, claim) ? Verdict::right : Verdict::wrong;
    switch (credits_.figure(run, figure)) {
      case FigureVerdict::right:
        return Verdict::right;
      case FigureVerdict::untold:
        return Verdict::untold;
      case FigureVerdict::wrong:
        break;
    }
    return a_side_was_stale(run, *score_.check, c_.stale) ? Verdict::late : Verdict::wrong;
  }

  // What the check compares in a table, as Claim::columns.
  std::uint64_t compared(TableId table) const {
    const CheckDescription& check = *score_.check;
    const auto at = std::find(check.tables.begin(), check.tables.end(), table) - check.tables.begin();
    return check.compares.empty() ? ~std::uint64_t{0} : check.compares.at(static_cast<std::size_t>(at));
  }

  // A claim about one row is right of whatever is divergent there, and catches the causes in the columns that it speaks
  // of, or that the check compares.
  bool claim_row(const CheckRun& run, const Claim& claim, TableId table, RowId row) {
    bool right = false;
    const bool says_columns = claim.kind == scenario::MISMATCH && claim.columns != 0 && table == claim.table;
    const std::uint64_t columns = says_columns ? claim.columns : compared(table);
    for (Sightings& s : score_.sightings) {
      if (s.table != table) continue;
      const auto [begin, end] = c_.divergences.of_row(s.range(), row);
      for (Divergences::Index i = begin; i < end; ++i) {
        if (!is_right_of(run, claim, c_.divergences[i])) continue;
        right = true;
        catch_in(s, i, columns, run, claim.kind);
      }
    }
    return right;
  }

  // Records that went missing left rows behind whose newest change is not there.
  bool claim_losses(const CheckRun& run, const Claim& claim) {
    return catch_all(
        run, claim, [](const DivergentInterval& d) { return d.state.cell.write < d.state.contract.write; },
        ~std::uint64_t{0}, std::nullopt);
  }

  // Columns that differ announce rows that will: right if a row of the table is divergent during the run or later.
  bool claim_schema(const CheckRun& run, const Claim& claim) {
    catch_all(
        run, claim, [](const DivergentInterval&) { return true; }, claim.columns, claim.table);
    return std::any_of(score_.sightings.begin(), score_.sightings.end(), [&](const Sightings& s) {
      return s.table == claim.table && touches(c_.divergences.any_of(s.store, s.table), run.first_read, c_.end);
    });
  }

  // Catches what is divergent during the run in a table, or in all, by these columns; whether there was anything.
  template <class Which>
  bool catch_all(const CheckRun& run, const Claim& claim, Which which, std::uint64_t columns,
                 std::optional<TableId> table) {
    bool any = false;
    for (Sightings& s : score_.sightings)
      for (std::size_t i = 0; (!table || s.table == *table) && i < s.seen.size(); ++i) {
        const DivergentInterval& interval = c_.divergences[s.first + i];
        if (interval.from > run.reported || interval.until <= run.first_read || !which(interval)) continue;
        any = true;
        catch_in(s, s.first + i, columns, run, claim.kind);
      }
    return any;
  }

  void catch_in(Sightings& s, Divergences::Index i, std::uint64_t columns, const CheckRun& run, std::uint8_t kind) {
    const DivergentInterval& interval = c_.divergences[i];
    const std::vector<CauseId>& causes = c_.in.causes.members(interval.causes);
    std::uint64_t by = causes.empty() ? 0 : bits_of(causes, causes);
    if (columns != ~std::uint64_t{0} && !causes.empty()) {
      by = bits_of(causes, c_.in.names.causes_in_columns(interval, columns));
      if (by == 0) return;
    }
    note(s.seen[i - s.first], run, kind, by);
  }

  static std::uint64_t bits_of(const std::vector<CauseId>& all, const std::vector<CauseId>& some) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < std::min<std::size_t>(all.size(), 64); ++i)
      if (std::find(some.begin(), some.end(), all[i]) != some.end()) bits |= std::uint64_t{1} << i;
    return bits;
  }

  static void note(Sighting& sighting, const CheckRun& run, std::uint8_t kind, std::uint64_t by) {
    sighting.by |= by;
    if (run.reported >= sighting.claimed) return;
    sighting.claimed = run.reported;
    sighting.run = run.number;
    sighting.kind = kind;
  }

  void catch_by_figures() {
    std::map<std::uint64_t, const CheckRun*> runs;
    for (const CheckRun* run : runs_) runs[run->number] = run;
    for (const FigureCatch* caught : credits_.catches()) {
      const auto run = runs.find(caught->run);
      if (run == runs.end()) continue;
      for (Sightings& s : score_.sightings) {
        if (s.store != caught->store || s.table != caught->table) continue;
        const auto [begin, end] = c_.divergences.of_row(s.range(), caught->row);
        for (Divergences::Index i = begin; i < end; ++i) {
          const DivergentInterval& interval = c_.divergences[i];
          if (caught->since < interval.from || interval.until <= caught->since) continue;
          note(s.seen[i - s.first], *run->second, scenario::AGGREGATE,
               bits_of(c_.in.causes.members(interval.causes), c_.in.causes.members(caught->causes)));
        }
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
    for (Sightings& s : score_.sightings)
      for (std::size_t i = 0; i < s.seen.size(); ++i) {
        Sighting& seen = s.seen[i];
        const std::vector<CauseId>& causes = c_.in.causes.members(c_.divergences[s.first + i].causes);
        seen.untold = !seen.caught() &&
                      std::any_of(causes.begin(), causes.end(), [&](CauseId cause) { return credits_.untold(cause); });
        if (!seen.covers_run) ++score_.too_short;
        else if (seen.untold) ++score_.covering_untold;
        else ++score_.covering;
        score_.covering_caught += seen.covers_run && seen.caught();
        if (seen.caught()) score_.delays.push_back(seen.claimed - c_.divergences[s.first + i].from);
      }
    std::sort(score_.delays.begin(), score_.delays.end());
  }

  const Case& c_;
  Credits credits_;
  CheckScore score_;
  std::vector<const CheckRun*> runs_;  // with data
};

}  // namespace

std::vector<CheckScore> score_checks(const Case& c) {
  std::vector<std::vector<const CheckRun*>> runs(c.in.checks.size());
  for (const CheckRun& run : c.in.runs) runs[run.check].push_back(&run);
  std::vector<CheckScore> scores;
  for (const CheckDescription& check : c.in.checks) {
    Scorer scorer(c, check);
    for (const CheckRun* run : runs[scores.size()]) scorer.take(*run);
    if (!c.in.runs_not_kept.empty()) scorer.take(c.in.runs_not_kept[scores.size()]);
    scores.push_back(scorer.finish());
  }
  return scores;
}

}  // namespace rehearse::judging
