#include "harness/oracle/credit.h"

#include <algorithm>

#include "harness/oracle/put_right.h"
#include "sim/world/read_view_rows.h"

namespace rehearse {
namespace {

using Divergent = std::vector<std::vector<DivergentInterval>>;  // by position in the check's tables, by row

// The rows of a side that are divergent and were read as what they are now.
Divergent divergent_rows(const World& world, const Oracle& oracle, const std::vector<Reading>& side) {
  Divergent all;
  for (const Reading& reading : side) {
    std::vector<DivergentInterval> rows = oracle.divergent_now(reading.store, reading.table);
    if (!rows.empty()) {
      const AsOf read = as_read(world.rows(reading.store, reading.table), reading);
      std::erase_if(rows, [&](const DivergentInterval& d) {
        return !read.get(d.row).same_content_as(d.state.cell) || read.extra_copies(d.row) != d.state.extra;
      });
    }
    all.push_back(std::move(rows));
  }
  return all;
}

Otherwise otherwise(World& world, const std::vector<DivergentInterval>& rows, const Stays& stays) {
  Otherwise all;
  for (const DivergentInterval& row : rows) {
    const AsOf::Seen is = row_as_it_is(row), then = supposed_row(world, row, stays);
    if (is.cell.write == then.cell.write && is.cell.mark == then.cell.mark && is.extra == then.extra) continue;
    all.read.push_back(is);
    all.instead.push_back(then);
  }
  return all;
}

// One run's figures read a second time.
class Questions {
 public:
  Questions(World& world, const Oracle& oracle, const std::vector<Reading>& reference,
            const std::vector<Reading>& trial, SecondReading& second)
      : world_(&world),
        readings_(&reference),
        reference_(divergent_rows(world, oracle, reference)),
        trial_(divergent_rows(world, oracle, trial)),
        second_(&second) {
    for (const Divergent* side : {&reference_, &trial_})
      for (const auto& table : *side)
        for (const DivergentInterval& row : table) {
          nothing_known_ |= row.causes == 0;
          for (const CauseId id : world.causes.members(row.causes)) causes_.push_back(id);
        }
    std::sort(causes_.begin(), causes_.end());
    causes_.erase(std::unique(causes_.begin(), causes_.end()), causes_.end());
  }

  const std::vector<CauseId>& causes() const { return causes_; }
  bool nobody_known() const { return nothing_known_; }
  bool any() const { return nothing_known_ || !causes_.empty(); }
  const Divergent& reference() const { return reference_; }
  const Divergent& trial() const { return trial_; }

  // Whether each figure would be claimed with everything put right.
  std::optional<std::vector<bool>> all_right() const {
    return second_->claimed(supposition([](CauseSet) { return false; }));
  }
  // With what this cause did put right.
  std::optional<std::vector<bool>> without(std::optional<CauseId> cause) const {
    return second_->claimed(supposition([&](CauseSet causes) { return !did(cause, causes); }));
  }
  // With nothing wrong or late but what this cause did: the trial is what the reference is when it is right.
  std::optional<std::vector<bool>> alone(std::optional<CauseId> cause) const {
    const Stays stays = [&](CauseSet causes) { return did(cause, causes); };
    Supposition s;
    s.nothing_late = true;
    for (std::size_t i = 0; i < trial_.size(); ++i) {
      s.reference.push_back(otherwise(*world_, reference_[i], stays));
      s.trial.push_back(trial_like_reference(i, stays));
    }
    return second_->claimed(s);
  }
  bool did(std::optional<CauseId> cause, CauseSet causes) const {
    const std::vector<CauseId>& members = world_->causes.members(causes);
    return cause ? std::find(members.begin(), members.end(), *cause) != members.end() : members.empty();
  }

 private:
  Supposition supposition(const Stays& stays) const {
    Supposition s;
    for (std::size_t i = 0; i < trial_.size(); ++i) {
      s.reference.push_back(otherwise(*world_, reference_[i], stays));
      s.trial.push_back(otherwise(*world_, trial_[i], stays));
    }
    return s;
  }
  // What was done to an older version of a row, done to the one that the reference has: with nothing late, that one
  // would have come.
  AsOf::Seen brought_up(AsOf::Seen supposed, const DivergentInterval& row, const AsOf::Seen& reference) const {
    if (supposed.cell.write != row.state.contract.write || supposed.cell.write >= reference.cell.write) return supposed;
    if (!supposed.cell.live() || !reference.cell.live()) return reference;
    MarkInfo mark = world_->marks[reference.cell.mark];
    mark.alterations = world_->marks[supposed.cell.mark].alterations;
    supposed.cell = {reference.cell.write, world_->marks.intern(std::move(mark)), 0};
    return supposed;
  }
  // Rows that are divergent on either side, read in the reference's place.
  Otherwise trial_like_reference(std::size_t table, const Stays& stays) const {
    const Reading& reading = (*readings_)[table];
    const AsOf read = as_read(world_->rows(reading.store, reading.table), reading);
    const auto as_read_in_reference = [&](RowId row) { return AsOf::Seen{row, read.get(row), read.extra_copies(row)}; };
    std::map<RowId, AsOf::Seen> instead;
    for (const DivergentInterval& row : reference_[table]) instead[row.row] = row_put_right(row);
    for (const DivergentInterval& row : trial_[table]) {
      const auto reference = instead.try_emplace(row.row, as_read_in_reference(row.row)).first;
      reference->second = brought_up(supposed_row(*world_, row, stays), row, reference->second);
    }
    Otherwise all;
    for (const auto& [row, seen] : instead) {
      all.read.push_back(as_read_in_reference(row));
      all.instead.push_back(seen);
    }
    return all;
  }

  World* world_;
  const std::vector<Reading>* readings_;
  Divergent reference_, trial_;
  SecondReading* second_;
  std::vector<CauseId> causes_;
  bool nothing_known_ = false;  // of some row
};

// What the second readings of one run's figures told.
struct Findings {
  std::size_t figures = 0;
  std::optional<std::vector<bool>> claimed_when_right;  // none: not asked, or no answer
  // Of each cause that could be told (none: of rows whose causes nobody knows), which figures catch it.
  std::vector<std::pair<std::optional<CauseId>, std::vector<bool>>> catches;
  std::vector<CauseId> untold;
  bool some_untold = false;

  std::vector<FigureVerdict> verdicts() const {
    std::vector<FigureVerdict> all;
    for (std::size_t i = 0; i < figures; ++i) {
      const bool catches_one =
          std::any_of(catches.begin(), catches.end(), [&](const auto& cause) { return cause.second[i]; });
      const bool right = catches_one || (claimed_when_right && !(*claimed_when_right)[i]);
      all.push_back(right ? FigureVerdict::right : some_untold ? FigureVerdict::untold : FigureVerdict::wrong);
    }
    return all;
  }
};

// `readings`: how many were made for the check so far.
Findings ask(const Questions& questions, const SecondReading& second, std::size_t& readings) {
  Findings findings;
  findings.figures = second.figures();
  if (!questions.any()) return findings;
  const bool bounded = second.reads_all_again();
  const auto may = [&](std::size_t more) {
    if (bounded && readings + more > second_readings_most) return false;
    readings += more;
    return true;
  };
  if (may(1)) findings.claimed_when_right = questions.all_right();
  findings.some_untold = !findings.claimed_when_right;
  std::vector<std::optional<CauseId>> causes(questions.causes().begin(), questions.causes().end());
  if (questions.nobody_known()) causes.push_back(std::nullopt);
  for (std::size_t i = 0; i < causes.size(); ++i) {
    std::optional<std::vector<bool>> without, alone;
    if ((!bounded || i < causes_read_most) && may(2)) {
      without = questions.without(causes[i]);
      alone = questions.alone(causes[i]);
    }
    if (without && alone) {
      std::vector<bool> by_figure;
      for (std::size_t f = 0; f < findings.figures; ++f) by_figure.push_back(!(*without)[f] || (*alone)[f]);
      findings.catches.emplace_back(causes[i], std::move(by_figure));
    } else {
      findings.some_untold = true;
      if (causes[i]) findings.untold.push_back(*causes[i]);
    }
  }
  return findings;
}

// Whether what the cause did to the row has a part in a figure that catches the cause.
bool moves_one_of(const std::vector<bool>& figures, const SecondReading& second, std::size_t table,
                  const DivergentInterval& row, const Questions& questions, std::optional<CauseId> cause,
                  World& world) {
  if (std::find(figures.begin(), figures.end(), true) == figures.end()) return false;
  const AsOf::Seen without = supposed_row(world, row, [&](CauseSet causes) { return !questions.did(cause, causes); });
  const auto moved = second.moved(table, row_as_it_is(row), without);
  if (!moved) return true;
  return std::any_of(moved->begin(), moved->end(), [&](std::size_t figure) { return figures[figure]; });
}

}  // namespace

void CreditingOnlooker::has_read(const CheckDescription& check, const CheckRun&) {
  Credit::UnderWay& run = credit_->under_way_[check.index];
  run = {};
  const SourceLog& log = world_->source.log();
  std::vector<StoreId> stores{check.trial};
  if (check.reference) stores.push_back(*check.reference);
  for (const StoreId store : stores) {
    if (store == source_store || !world_->positioned(store)) continue;
    const ShownPositions shown = world_->positions(store);
    const Time due = world_->now() - world_->stores[store].freshness;
    Lsn end = shown.lowest();  // of what was due by then; commits are in the order of time
    for (Lsn beyond = log.end(); end < beyond;) {
      const Lsn middle = end + (beyond - end) / 2;
      if (log[middle].commit() < due) end = middle + 1;
      else beyond = middle;
    }
    UnreadChanges& unread =
        credit_->unread_.try_emplace(store, UnreadChanges::Which::newest, world_->stores[store].holds).first->second;
    run.overdue.push_back(unread.before(log, shown, end));
  }
}

void CreditingOnlooker::claims_figures(const CheckDescription& check, const CheckRun& run,
                                       const std::vector<Reading>& reference, const std::vector<Reading>& trial,
                                       SecondReading& second) {
  Credit::UnderWay& under_way = credit_->under_way_[check.index];
  const Questions questions(*world_, *oracle_, reference, trial, second);
  const Findings findings = ask(questions, second, credit_->readings_[check.index]);
  under_way.figures = findings.verdicts();
  under_way.catches.clear();
  under_way.untold.clear();
  const auto& known = credit_->caught_[check.index];
  for (const Divergent* side : {&questions.reference(), &questions.trial()})
    for (std::size_t table = 0; table < side->size(); ++table)
      for (const DivergentInterval& row : (*side)[table]) {
        const auto at = known.find({row.store, {row.table, row.row}});
        const CauseSet already = at != known.end() && at->second.since == row.from ? at->second.causes : 0;
        FigureCatch caught{check.index, run.number, row.store, row.table, row.row, row.from, 0};
        bool by_nobody_known = false;
        for (const auto& [cause, by_figure] : findings.catches) {
          if (!questions.did(cause, row.causes) || (cause && questions.did(cause, already))) continue;
          if (!moves_one_of(by_figure, second, table, row, questions, cause, *world_)) continue;
          if (cause) caught.causes = world_->causes.unite(caught.causes, world_->causes.single(*cause));
          else by_nobody_known = at == known.end() || at->second.since != row.from;
        }
        if (caught.causes != 0 || by_nobody_known) under_way.catches.push_back(caught);
        for (const CauseId cause : findings.untold)
          if (questions.did(cause, row.causes) && !questions.did(cause, already))
            under_way.untold.push_back({check.index, cause});
      }
}

void CreditingOnlooker::has_reported(const CheckDescription& check, const CheckRun& run) {
  const auto at = credit_->under_way_.find(check.index);
  if (at == credit_->under_way_.end()) return;
  Credit::UnderWay& under_way = at->second;
  CreditRecord& record = credit_->record_;
  std::map<TableId, std::vector<RowId>> overdue;
  std::size_t of_figures = 0;
  run.claims.for_each([&](const Claim& claim) {
    of_figures += claim.of_figure();
    const auto is_overdue = [&](const ChangedRows& rows) {
      return std::ranges::binary_search(of_table(rows, claim.table), claim.row, {}, &ChangedRow::row);
    };
    if (claim.names_row() && std::ranges::any_of(under_way.overdue, is_overdue))
      overdue[claim.table].push_back(claim.row);
  });
  for (auto& [table, rows] : overdue)
    record.overdue.push_back({check.index, run.number, table, PackedRows(std::move(rows))});
  if (of_figures > 0 && of_figures == under_way.figures.size()) {
    record.figures.push_back({check.index, run.number, std::move(under_way.figures)});
    auto& caught = credit_->caught_[check.index];
    for (const FigureCatch& c : under_way.catches) {
      Credit::Caught& row = caught[{c.store, {c.table, c.row}}];
      if (row.since != c.since) row = {c.since, 0};
      row.causes = world_->causes.unite(row.causes, c.causes);
      record.catches.push_back(c);
    }
    record.untold.insert(record.untold.end(), under_way.untold.begin(), under_way.untold.end());
    std::sort(record.untold.begin(), record.untold.end());
    record.untold.erase(std::unique(record.untold.begin(), record.untold.end()), record.untold.end());
  }
  credit_->under_way_.erase(at);
}

}  // namespace rehearse
