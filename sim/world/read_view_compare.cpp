// Comparing two sides row by row, incrementally: the rows that differed last time and those that have changed since.
//
// Invariant: after an evaluation different_ and keys_ are what a scan of both readings would give; `paranoid` asserts
// it.
#include <algorithm>
#include <bit>
#include <limits>

#include "sim/kernel/assert.h"
#include "sim/world/read_view.h"
#include "sim/world/read_view_rows.h"
#include "sim/world/row_times.h"
#include "sim/world/world.h"

namespace rehearse {

// Both sides as of their readings.
class Comparison::Sides {
 public:
  Sides(World& world, const Reading& reference, const Reading& trial)
      : tables{&world.rows(reference.store, reference.table), &world.rows(trial.store, trial.table)},
        as_of{as_read(*tables[0], reference), as_read(*tables[1], trial)} {}

  // Visits rows in ascending order, for one walk.
  class Walk {
   public:
    explicit Walk(const Sides& sides)
        : reference_(*sides.tables[0], sides.as_of[0]), trial_(*sides.tables[1], sides.as_of[1]) {}
    Pair at(RowId row) {
      const AsOf::Seen reference = reference_.at(row), trial = trial_.at(row);
      return {row, reference.cell, trial.cell, reference.extra, trial.extra};
    }

   private:
    Ascending reference_, trial_;
  };
  RowId slots() const { return std::max(as_of[0].slots(), as_of[1].slots()); }

  TableCopy* tables[2];
  AsOf as_of[2];
};

// Which keys the request asks for: those of its sample that were created before its cut.
class Comparison::Selection {
 public:
  Selection(const World& world, TableId table, const CompareRequest& request)
      : source_(&world.source), table_(table), request_(&request) {
    if (request.cut) times_.emplace(world, table, request.cut->by);
  }
  bool all() const { return !request_->sample && !request_->cut; }
  bool sampled(RowId row) const {
    return !request_->sample ||
           request_->sample->hit(bits(request_->sample_stream, row, static_cast<std::uint32_t>(request_->sample_run)));
  }
  // By when the source created the row, as a side shows it that holds it undamaged.
  bool created(RowId row) const { return !request_->cut || source_->created_at(table_, row) < request_->cut->before; }
  // What each side has of a row before the cut, by its own column: a side that shows another time lacks the row.
  Pair before_cut(Pair pair) const {
    if (!times_) return pair;
    const auto out = [&](Cell cell) {
      return cell.live() &&
             !times_->within(pair.row, cell, Time{std::numeric_limits<std::int64_t>::min()}, request_->cut->before);
    };
    if (out(pair.reference)) pair.reference = Cell{}, pair.reference_extra = 0;
    if (out(pair.trial)) pair.trial = Cell{}, pair.trial_extra = 0;
    return pair;
  }
  // Those of 64 rows from `first` on: bit i stands for row first + i. The sample is drawn without a branch.
  std::uint64_t of(std::uint64_t rows, RowId first) const {
    const auto row_at = [&](std::uint64_t left) { return first + static_cast<RowId>(std::countr_zero(left)); };
    std::uint64_t selected = 0;
    for (std::uint64_t left = rows; left != 0; left &= left - 1)
      selected |= static_cast<std::uint64_t>(sampled(row_at(left))) << std::countr_zero(left);
    for (std::uint64_t left = selected; left != 0; left &= left - 1)
      if (!created(row_at(left))) selected &= ~(left & (~left + 1));
    return selected;
  }

 private:
  const Source* source_;
  TableId table_;
  const CompareRequest* request_;
  std::optional<CreationTimes> times_;
};

Comparison& Comparisons::of(StoreId reference, StoreId trial, TableId table) {
  const auto known = std::find_if(all_.begin(), all_.end(), [&](const Comparison& c) {
    return c.reference_ == reference && c.trial_ == trial && c.table_ == table;
  });
  return known != all_.end() ? *known : all_.emplace_back(reference, trial, table);
}

CompareAnswer Comparison::evaluate(ReadView& view, Reading&& reference, Reading&& trial,
                                   const CompareRequest& request) {
  REHEARSE_ASSERT(
      reference.store == reference_ && trial.store == trial_ && reference.table == table_ && trial.table == table_,
      "a comparison is of the same two sides each time");
  World& world = *view.world_;
  CompareAnswer answer;
  if (!reference.ready || !trial.ready) {
    view.close(reference);
    view.close(trial);
    return answer;
  }
  Sides sides(world, reference, trial);
  if (started_) {
    follow(sides);
  } else {
    scan(sides);
    for (int side = 0; side < 2; ++side) followers_[side] = sides.tables[side]->follow();
    started_ = true;
  }
  changed_since_.clear();
  for (const AsOf& as_of : sides.as_of)
    for (const AsOf::Seen& then : as_of.changed_since()) changed_since_.push_back(then.row);
  if (view.paranoid_) assert_same_as_scan(sides);

  view.left_out(reference, trial, request.scope, left_out_);
  const Selection selection(world, table_, request);
  answer.data = true;
  count_rows(selection, answer);
  std::erase_if(pairs_, [&](Pair& pair) {
    if (left_out_.contains(pair.row) || !selection.sampled(pair.row)) return true;
    const bool counted = pair.key() && selection.created(pair.row);
    pair = selection.before_cut(pair);
    answer.rows_compared += static_cast<std::uint64_t>(pair.key());
    answer.rows_compared -= static_cast<std::uint64_t>(counted);
    return !pair.key();
  });
  classify(view, request, pairs_, answer);
  view.close(reference);
  view.close(trial);
  return answer;
}

CompareAnswer Comparison::look_again(const ReadView& view, const Reading& reference, const Reading& trial,
                                     const CompareRequest& request, const std::vector<KeyDifference>& keys) {
  CompareAnswer answer;
  if (!reference.ready || !trial.ready) return answer;
  const Sides sides(*view.world_, reference, trial);
  view.left_out(reference, trial, request.scope, left_out_);
  answer.data = true;
  candidates_.clear();
  for (const KeyDifference& key : keys) candidates_.insert(key.row);
  const Selection selection(*view.world_, table_, request);
  std::vector<Pair> pairs;
  Sides::Walk walk(sides);
  candidates_.for_each([&](RowId row) {
    if (left_out_.contains(row)) {
      ++answer.rows_unsettled;
      return;
    }
    ++answer.rows_compared;
    const Pair pair = selection.before_cut(walk.at(row));
    if (pair.differs()) pairs.push_back(pair);
  });
  classify(view, request, pairs, answer);
  return answer;
}

// ---- which rows differ ---------------------------------------------------------------------------------------------

void Comparison::scan(Sides& sides) {
  different_.clear();
  pairs_.clear();
  keys_.clear();
  key_count_ = 0;
  Sides::Walk walk(sides);
  for (RowId row = 0; row < sides.slots(); ++row) {
    const Pair pair = walk.at(row);
    keys_.put(row, pair.key());
    key_count_ += pair.key();
    if (!pair.differs()) continue;
    different_.push_back(row);
    pairs_.push_back(pair);
  }
}

// Looks at the rows that have changed between the last evaluation's readings and now; these may be older than those.
void Comparison::follow(Sides& sides) {
  candidates_.clear();
  for (int side = 0; side < 2; ++side) sides.tables[side]->tell_changed(followers_[side], candidates_);
  for (const AsOf& as_of : sides.as_of)
    for (const AsOf::Seen& then : as_of.changed_since()) candidates_.insert(then.row);
  for (const std::vector<RowId>* rows : {&changed_since_, &different_})
    for (const RowId row : *rows) candidates_.insert(row);
  candidate_rows_.clear();
  candidates_.for_each([&](RowId row) { candidate_rows_.push_back(row); });
  if (candidate_rows_.size() > sides.slots() / 2) return scan(sides);

  constexpr std::size_t ahead = 16;  // rows lie too far apart for the machine to guess the next
  different_.clear();
  pairs_.clear();
  Sides::Walk walk(sides);
  for (std::size_t i = 0; i < candidate_rows_.size(); ++i) {
    if (i + ahead < candidate_rows_.size())
      for (const TableCopy* table : sides.tables) table->prefetch(candidate_rows_[i + ahead]);
    const RowId row = candidate_rows_[i];
    const Pair pair = walk.at(row);
    key_count_ += static_cast<std::uint64_t>(pair.key());
    key_count_ -= static_cast<std::uint64_t>(keys_.contains(row));
    keys_.put(row, pair.key());
    if (!pair.differs()) continue;
    different_.push_back(row);
    pairs_.push_back(pair);
  }
}

void Comparison::assert_same_as_scan(Sides& sides) const {
  Comparison other(reference_, trial_, table_);
  other.scan(sides);
  REHEARSE_ASSERT(other.different_ == different_, "the maintained set of differing rows is what a scan finds");
  REHEARSE_ASSERT(other.keys_ == keys_, "the maintained set of keys is what a scan finds");
  REHEARSE_ASSERT(other.key_count_ == key_count_, "the maintained number of keys is what a scan counts");
}

void Comparison::count_rows(const Selection& selection, CompareAnswer& answer) const {
  const auto rows_of = [](std::uint64_t word) {
    return word == 0 ? std::uint64_t{0} : static_cast<std::uint64_t>(std::popcount(word));
  };
  if (selection.all()) {
    for (std::size_t i = 0; i < left_out_.words(); ++i)
      answer.rows_unsettled += rows_of(keys_.word(i) & left_out_.word(i));
    answer.rows_compared = key_count_ - answer.rows_unsettled;
    return;
  }
  for (std::size_t i = 0; i < keys_.words(); ++i) {
    const std::uint64_t selected = selection.of(keys_.word(i), static_cast<RowId>(i * RowSet::rows_in_word));
    const std::uint64_t unsettled = selected & left_out_.word(i);
    answer.rows_unsettled += rows_of(unsettled);
    answer.rows_compared += rows_of(selected ^ unsettled);
  }
}

// ---- how they differ -----------------------------------------------------------------------------------------------

void Comparison::classify(const ReadView& view, const CompareRequest& request, std::vector<Pair>& pairs,
                          CompareAnswer& answer) const {
  const World& world = *view.world_;
  if (request.reread_source) {
    const TableCopy& source = world.source.rows(table_);
    answer.rows_reread += pairs.size();
    for (Pair& pair : pairs) {
      if (reference_ == source_store) pair.reference = source.get(pair.row);
      if (trial_ == source_store) pair.trial = source.get(pair.row);
    }
  }
  // Of the rows that both sides have: which columns differ, column by column over all of them.
  std::vector<RowCell> cells[2];
  for (const Pair& pair : pairs) {
    if (!pair.reference.live() || !pair.trial.live() || pair.reference.same_content_as(pair.trial)) continue;
    cells[0].push_back({pair.row, pair.reference});
    cells[1].push_back({pair.row, pair.trial});
  }
  std::vector<std::vector<ColumnId>> differing(cells[0].size());
  if (!cells[0].empty()) {
    const TableSchema& schema = world.source.schema(table_);
    std::vector<Value> values[2];
    for (const ColumnId column : request.columns.empty() ? view.contract_columns(table_) : request.columns) {
      for (int side = 0; side < 2; ++side) {
        values[side].resize(cells[side].size());
        world.content.values(schema, table_, column, world.marks, cells[side], values[side].data());
      }
      for (std::size_t i = 0; i < differing.size(); ++i)
        if (!world.content.same(schema.columns[column], values[0][i], values[1][i])) differing[i].push_back(column);
    }
  }
  std::size_t next = 0;
  for (const Pair& pair : pairs) {
    const bool compared = next < cells[0].size() && cells[0][next].row == pair.row;
    std::vector<ColumnId> columns;
    if (compared) columns = std::move(differing[next++]);
    if (pair.reference.live() && !pair.trial.live()) answer.differences.push_back({pair.row, KeyClass::missing, {}});
    else if (!pair.reference.live() && pair.trial.live()) answer.differences.push_back({pair.row, KeyClass::extra, {}});
    else if (!columns.empty()) answer.differences.push_back({pair.row, KeyClass::mismatch, std::move(columns)});
    if (pair.reference.live() && pair.trial_extra > pair.reference_extra && pair.trial.live())
      answer.differences.push_back({pair.row, KeyClass::duplicate, {}});
  }
}

}  // namespace rehearse
