#include "harness/judge/divergences.h"

#include <algorithm>
#include <tuple>

#include "sim/kernel/assert.h"
#include "sim/kernel/sort_by_key.h"

namespace rehearse::judging {

void Divergences::add_steps_of(StoreId store) {
  struct Change {
    Time at;
    std::int32_t rows;
    DivergenceKind kind;
  };
  std::vector<Change> changes;
  const auto [first, after] = of_store(store);
  changes.reserve(2 * (after - first));
  for (Index i = first; i < after; ++i) {
    changes.push_back({intervals_[i].from, 1, intervals_[i].kind});
    if (intervals_[i].until < end_) changes.push_back({intervals_[i].until, -1, intervals_[i].kind});
  }
  sort_by_key(changes, [](const Change& change) { return in_order(change.at); });
  std::vector<Step>& in_all = steps_.emplace_back();
  std::array<std::vector<Step>, kinds>& by_kind = steps_by_kind_.emplace_back();
  std::array<std::int64_t, kinds> rows{};
  for (std::size_t i = 0; i < changes.size();) {
    const Time at = changes[i].at;
    std::array<bool, kinds> changed{};
    for (; i < changes.size() && changes[i].at == at; ++i) {
      const auto kind = static_cast<std::size_t>(changes[i].kind);
      rows[kind] += changes[i].rows;
      changed[kind] = true;
    }
    std::uint64_t sum = 0;
    for (std::size_t kind = 0; kind < kinds; ++kind) {
      REHEARSE_ASSERT(rows[kind] >= 0, "no more rows become right than were wrong");
      sum += static_cast<std::uint64_t>(rows[kind]);
      if (changed[kind]) by_kind[kind].push_back({at, static_cast<std::uint64_t>(rows[kind])});
    }
    in_all.push_back({at, sum});
  }
}

Divergences::Divergences(const TruthRecord& truth, Time end) : end_(end) {
  const auto key = [](const DivergentInterval& i) { return std::tuple(i.store, i.table, i.row); };
  const DivergentInterval* last = nullptr;
  for (const DivergentInterval& interval : truth.intervals) {
    REHEARSE_ASSERT(interval.store < truth.stores.size(), "intervals are of known stores");
    REHEARSE_ASSERT(
        !last || key(*last) < key(interval) || (key(*last) == key(interval) && last->until <= interval.from),
        "intervals are sorted, and those of a row are disjoint");
    last = &interval;
    if (interval.from < end && interval.from < interval.until) intervals_.push_back(interval);
  }
  for (StoreId store = 0; store < truth.stores.size(); ++store) add_steps_of(store);
  for (const DivergentInterval& interval : intervals_)
    any_[{interval.store, interval.table}].push_back({interval.from, interval.until});
  for (auto& [table, spans] : any_) spans = merged(std::move(spans));
}

std::pair<Divergences::Index, Divergences::Index> Divergences::of_table(StoreId store, TableId table) const {
  const auto before = [](const DivergentInterval& i, std::pair<StoreId, TableId> key) {
    return std::pair(i.store, i.table) < key;
  };
  const auto past = [](std::pair<StoreId, TableId> key, const DivergentInterval& i) {
    return key < std::pair(i.store, i.table);
  };
  const auto first = std::lower_bound(intervals_.begin(), intervals_.end(), std::pair(store, table), before);
  const auto after = std::upper_bound(first, intervals_.end(), std::pair(store, table), past);
  return {static_cast<Index>(first - intervals_.begin()), static_cast<Index>(after - intervals_.begin())};
}

std::pair<Divergences::Index, Divergences::Index> Divergences::of_store(StoreId store) const {
  const auto first = std::partition_point(intervals_.begin(), intervals_.end(),
                                          [&](const DivergentInterval& i) { return i.store < store; });
  const auto after =
      std::partition_point(first, intervals_.end(), [&](const DivergentInterval& i) { return i.store == store; });
  return {static_cast<Index>(first - intervals_.begin()), static_cast<Index>(after - intervals_.begin())};
}

std::pair<Divergences::Index, Divergences::Index> Divergences::of_row(std::pair<Index, Index> table, RowId row) const {
  return of_rows(table, row, row);
}

std::pair<Divergences::Index, Divergences::Index> Divergences::of_rows(std::pair<Index, Index> table, RowId from_row,
                                                                       RowId to_row) const {
  const auto begin = intervals_.begin();
  const auto from = begin + static_cast<std::ptrdiff_t>(table.first),
             to = begin + static_cast<std::ptrdiff_t>(table.second);
  const auto first = std::partition_point(from, to, [&](const DivergentInterval& i) { return i.row < from_row; });
  const auto after = std::partition_point(first, to, [&](const DivergentInterval& i) { return i.row <= to_row; });
  return {static_cast<Index>(first - begin), static_cast<Index>(after - begin)};
}

const Spans& Divergences::any_of(StoreId store, TableId table) const {
  static const Spans never;
  const auto found = any_.find({store, table});
  return found == any_.end() ? never : found->second;
}

std::uint64_t Divergences::rows_at(StoreId store, Time t) const {
  const std::vector<Step>& steps = steps_[store];
  const auto after = std::partition_point(steps.begin(), steps.end(), [&](const Step& step) { return step.from <= t; });
  return after == steps.begin() ? 0 : std::prev(after)->rows;
}

std::uint64_t Divergences::most_rows(StoreId store) const {
  std::uint64_t most = 0;
  for (const Step& step : steps_[store]) most = std::max(most, step.rows);
  return most;
}

std::uint64_t Divergences::rows_ever(StoreId store) const {
  const auto [first, after] = of_store(store);
  std::uint64_t rows = 0;
  for (Index i = first; i < after; ++i)
    rows += i == first || intervals_[i].row != intervals_[i - 1].row || intervals_[i].table != intervals_[i - 1].table;
  return rows;
}

std::uint64_t Divergences::rows_at_end(StoreId store) const {
  return steps_[store].empty() ? 0 : steps_[store].back().rows;
}

Spans Divergences::above(StoreId store, std::uint64_t most) const {
  Spans spans;
  const std::vector<Step>& steps = steps_[store];
  for (std::size_t i = 0; i < steps.size(); ++i)
    if (steps[i].rows > most)
      spans.push_back({steps[i].from, i + 1 < steps.size() ? steps[i + 1].from : Time::never()});
  return merged(std::move(spans));
}

}  // namespace rehearse::judging
