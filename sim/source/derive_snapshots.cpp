// Snapshots of a source table: at each cut every row that is there becomes a row, in one transaction.
//
// A cut has what had committed by its instant. A mistaken version reads the table late: where a row has not changed in
// the meantime it is the same write; a row that came in the meantime is one too many, and one that went is missing.
#include "sim/kernel/assert.h"
#include "sim/source/source.h"

namespace rehearse {

void Source::cut_all_due() {
  const Time now = next_cut_;
  for (TableId meant_id = 0; meant_id < tables_.size(); ++meant_id) {
    std::vector<TableId> due;
    for (TableId id = meant_id; id < tables_.size(); ++id)
      if (meant(id) == meant_id && tables_[id].next_cut == now) due.push_back(id);
    if (due.empty()) continue;
    cut(meant_id, due);
    for (const TableId id : due) tables_[id].next_cut = now + tables_[id].rule.cuts->every;
  }
  next_cut_ = Time::never();
  for (const Table& table : tables_) next_cut_ = std::min(next_cut_, table.next_cut);
}

// The meant table is the first that is due, or none of them if they are late.
void Source::cut(TableId meant_id, const std::vector<TableId>& due) {
  Table& right = tables_[meant_id];
  DerivedRows& derived = *right.schema.derived;
  const Table& from = tables_[derived.base];
  const Time now = tables_[due.front()].next_cut;
  const bool begins = tables_[due.front()].rule.cuts->late.ns == 0;
  if (begins) {
    const auto first = static_cast<RowId>(derived.images.end());
    derived.cuts.push_back({.first = first, .end = first, .at = now});
    right.cut_late.clear();
  }
  for (RowId of = 0; of < from.rows.slots(); ++of) {
    if (!from.rows[of].live()) continue;
    const Change change{.table = derived.base,
                        .row = of,
                        .op = Op::insert,
                        .write = from.rows[of].write,
                        .before = 0,
                        .commit = now,
                        .partial = false};
    std::optional<SnapshotRow> made;
    for (const TableId id : due) {
      if (tables_[id].rule.rows(content_, from.schema, derived.base, from.version, of, change.write) == 0) continue;
      if (!made) made = begins ? next_snapshot_row(meant_id, change) : late_snapshot_row(meant_id, change);
      write_derived(id, made->row, Op::insert, made->write, change);
    }
  }
  if (begins) derived.cuts.back().end = static_cast<RowId>(derived.images.end());
}

Source::SnapshotRow Source::next_snapshot_row(TableId meant_id, const Change& change) {
  const Write write = next_image(meant_id, {.row = change.row, .write = change.write});
  return {.row = write - 1, .write = write};
}

// Of the latest cut, read late.
Source::SnapshotRow Source::late_snapshot_row(TableId meant_id, const Change& change) {
  Table& right = tables_[meant_id];
  const DerivedRows& derived = *right.schema.derived;
  REHEARSE_ASSERT(!derived.cuts.empty(), "a cut that is read late has been");
  RowId first = derived.cuts.back().first, end = derived.cuts.back().end;
  while (first < end) {
    const RowId middle = first + (end - first) / 2;
    if (derived.images[middle].row < change.row) first = middle + 1;
    else end = middle;
  }
  const bool there = first < derived.cuts.back().end && derived.images[first].row == change.row;
  if (there && derived.images[first].write == change.write) return {.row = first, .write = first + 1};
  SnapshotRow made = next_snapshot_row(meant_id, change);
  if (there) made.row = first;
  else made.row = right.cut_late.try_emplace(change.row, made.row).first->second;
  return made;
}

}  // namespace rehearse
