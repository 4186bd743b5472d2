#include "sim/world/unread_changes.h"

#include <algorithm>

#include "sim/kernel/assert.h"

namespace rehearse {

namespace {

constexpr std::size_t fresh_least = 4'096;  // changes that are sorted at once

std::uint64_t key(const ChangedRow& change) { return std::uint64_t{change.table} << 32 | change.row; }

}  // namespace

std::span<const ChangedRow> of_table(const ChangedRows& rows, TableId table) {
  const auto first = std::ranges::lower_bound(*rows, table, {}, &ChangedRow::table);
  const auto after = std::ranges::upper_bound(*rows, table, {}, &ChangedRow::table);
  return {first, after};
}

ChangedRows UnreadChanges::before(const SourceLog& log, const ShownPositions& shown, Lsn end) {
  // The next change of a row whose first one is shown now may have been seen and dropped.
  const bool goes_on = shown_ && end >= end_ && (which_ == Which::newest ? shown.reach(*shown_) : shown == *shown_);
  if (!goes_on || shown.lowest() >= end_) begin_at(std::min(shown.lowest(), end));
  const bool as_before = goes_on && shown == *shown_ && end == end_;
  shown_ = shown;
  if (as_before) return rows_;
  follow(log, end);
  const auto is_shown = [&](const ChangedRow& change) { return change.position < shown.of(change.table, change.row); };
  if (std::ranges::any_of(*rows_, is_shown)) {
    auto behind = std::make_shared<std::vector<ChangedRow>>();
    std::ranges::remove_copy_if(*rows_, std::back_inserter(*behind), is_shown);
    rows_ = std::move(behind);
  }
  return rows_;
}

void UnreadChanges::begin_at(Lsn position) {
  end_ = position;
  if (!rows_->empty()) rows_ = std::make_shared<const std::vector<ChangedRow>>();
}

void UnreadChanges::follow(const SourceLog& log, Lsn end) {
  REHEARSE_ASSERT(log.base() <= end_, "the log is kept for the slowest reader's position");
  std::vector<ChangedRow> fresh;
  for (; end_ < end; ++end_) {
    const LogRecord& change = log[end_];
    if (!holds_[change.table()]) continue;
    if (which_ == Which::first && end_ < shown_->of(change.table(), change.row)) continue;
    fresh.push_back({change.table(), change.row, end_});
    if (fresh.size() >= std::max(fresh_least, rows_->size())) take_in(fresh);
  }
  take_in(fresh);
}

// Both by row; of a row that is in both, one entry is left.
void UnreadChanges::take_in(std::vector<ChangedRow>& fresh) {
  if (fresh.empty()) return;
  std::ranges::sort(fresh, [](const ChangedRow& a, const ChangedRow& b) {
    return key(a) != key(b) ? key(a) < key(b) : a.position < b.position;
  });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    const bool again = kept > 0 && key(fresh[kept - 1]) == key(fresh[i]);
    if (!again) fresh[kept++] = fresh[i];
    else if (which_ == Which::newest) fresh[kept - 1] = fresh[i];
  }
  fresh.resize(kept);

  auto all = std::make_shared<std::vector<ChangedRow>>();
  all->reserve(rows_->size() + fresh.size());
  auto known = rows_->begin();
  for (const ChangedRow& change : fresh) {
    const auto from = known;
    while (known != rows_->end() && key(*known) < key(change)) ++known;
    all->insert(all->end(), from, known);
    const bool again = known != rows_->end() && key(*known) == key(change);
    all->push_back(again && which_ == Which::first ? *known : change);
    known += again;
  }
  all->insert(all->end(), known, rows_->end());
  rows_ = std::move(all);
  fresh.clear();
}

}  // namespace rehearse
