// Counts and sums over groups of a source table's rows, kept as its rows change.
//
// A change takes what the row was out of its group and adds what it is to its own: one or two writes. A mistaken
// version keeps totals of its own; where they come to those of the right one, it is the same write. A window that has
// closed stays as it is.
#include <algorithm>

#include "sim/kernel/assert.h"
#include "sim/source/source.h"

namespace rehearse {

// When the window begins that a row belongs to.
std::optional<Time> Source::window_of(const Grouping& grouping, TableId table, RowId row, Write write) const {
  const Table& from = tables_[table];
  const std::optional<Time> time =
      grouping.window_of ? content_.time_in(from.schema, table, *grouping.window_of, from.version, row, write)
                         : std::optional(created_at(table, row));
  if (!time) return std::nullopt;
  return *time - Duration{floor_mod(time->ns + grouping.offset.ns, grouping.every.ns)};
}

// Nothing for a row of no group, or of one that had closed when the change committed.
std::optional<Source::Share> Source::share_of(TableId id, RowId row, Write write, Time commit) {
  Table& right = tables_[meant(id)];
  const TableId from_id = base(id);
  const Table& from = tables_[from_id];
  const RowRule& rule = tables_[id].rule;
  const Grouping& grouping = *rule.groups;
  if (rule.rows(content_, from.schema, from_id, from.version, row, write) == 0) return std::nullopt;
  GroupKey key;
  if (grouping.by) {
    const std::optional<std::int64_t> value =
        content_.bits_in(from.schema, from_id, *grouping.by, from.version, row, write);
    key.null = !value;
    key.value = value.value_or(0);
  }
  if (grouping.windows) {
    const std::optional<Time> window = window_of(grouping, from_id, row, write);
    if (!window) return std::nullopt;
    key.window = *window;
    if (grouping.closes_after && commit > key.window + grouping.every + *grouping.closes_after) return std::nullopt;
  }
  const auto [at, fresh] = right.groups.try_emplace(key, static_cast<RowId>(right.groups.size()));
  if (fresh) right.schema.derived->groups.push_back({row, write, key.window});
  Share share{at->second, {}};
  share.totals.rows = 1;
  for (std::size_t i = 0; i < grouping.sums.size(); ++i)
    share.totals.sums[i] = content_.number_in(from.schema, from_id, grouping.sums[i], from.version, row, write);
  return share;
}

namespace {

void add(GroupTotals& to, const GroupTotals& share, std::int64_t times) {
  to.rows += times * share.rows;
  for (std::size_t i = 0; i < share.sums.size(); ++i) to.sums[i] += times * share.sums[i];
}

}  // namespace

void Source::fill_groups(TableId id) {
  Table& t = tables_[id];
  const TableCopy& rows = tables_[base(id)].rows;
  for (RowId row = 0; row < rows.slots(); ++row) {
    if (!rows[row].live()) continue;
    const std::optional<Share> share = share_of(id, row, rows[row].write, Time::before_all());
    if (!share) continue;
    if (share->group >= t.totals.size()) t.totals.resize(share->group + 1);
    add(t.totals[share->group], share->totals, 1);
  }
  Table& right = tables_[meant(id)];
  Log<GroupTotals, 10>& written = right.schema.derived->totals;
  for (RowId group = 0; group < t.totals.size(); ++group) {
    if (t.totals[group].rows == 0) continue;
    const Write known = meant(id) == id ? 0 : right.rows.get(group).write;
    const bool same = known > 0 && written[known - 1].same_as(t.totals[group]);
    if (!same) written.append(t.totals[group]);
    t.totals[group].before = same ? known : static_cast<Write>(written.end());
    t.rows.put(group, {t.totals[group].before, t.live_marks[0], 0});
  }
}

void Source::derive_groups(TableId meant_id, const Change& change) {
  Log<GroupTotals, 10>& written = tables_[meant_id].schema.derived->totals;
  const std::uint64_t before_change = written.end();
  for (const TableId id : tables_[change.table].derived_from_it) {
    if (meant(id) != meant_id) continue;
    Table& t = tables_[id];
    std::optional<Share> was, is;
    if (change.op != Op::insert && !t.rule.never_retracts) was = share_of(id, change.row, change.before, change.commit);
    if (change.op != Op::remove) is = share_of(id, change.row, change.write, change.commit);
    std::vector<RowId> groups;
    for (const auto& share : {was, is})
      if (share && std::find(groups.begin(), groups.end(), share->group) == groups.end())
        groups.push_back(share->group);
    std::sort(groups.begin(), groups.end());
    for (const RowId group : groups) {
      if (group >= t.totals.size()) t.totals.resize(group + 1);
      GroupTotals& totals = t.totals[group];
      const GroupTotals before = totals;
      if (was && was->group == group) add(totals, was->totals, -1);
      if (is && is->group == group) add(totals, is->totals, 1);
      if (totals.same_as(before)) continue;
      const Cell cell = t.rows.get(group);
      const Write of_right = id == meant_id ? 0 : tables_[meant_id].rows.get(group).write;
      Write write = of_right > before_change && written[of_right - 1].same_as(totals) ? of_right : 0;
      if (write == 0) {
        written.append(totals);
        write = static_cast<Write>(written.end());
        REHEARSE_ASSERT(written.end() < ~Write{0}, "a derived table has fewer than 2^32 writes");
      }
      totals.before = write;  // of the next one
      write_derived(id, group, totals.rows == 0 ? Op::remove : cell.live() ? Op::update : Op::insert, write, change);
    }
  }
}

}  // namespace rehearse
