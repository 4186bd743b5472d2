#include "harness/campaign/emit_history.h"

#include <algorithm>

#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

constexpr Time before_start{-1};  // what rows that were there at the start show as updated_at

void set(std::vector<Time>& times, std::size_t at, Time time) {
  if (at >= times.size()) times.resize(at + 1, Time::never());
  times[at] = time;
}

}  // namespace

SourceHistory::SourceHistory(const World& world) {
  for (TableId id = 0; id < world.source.tables(); ++id) {
    const TableSchema& schema = world.source.schema(id);
    Table table;
    if (schema.derived) table.base = schema.derived->base;
    else table.initial_rows = world.source.rows(id).slots();
    const bool printed = world.source.meant(id) == id;  // and not what a mistaken rule makes
    for (const Column& column : schema.columns) {
      table.shows_created = table.shows_created || (printed && column.role == ColumnRole::created_at);
      table.shows_updated = table.shows_updated || (printed && column.role == ColumnRole::updated_at);
    }
    table.version_positions.push_back(0);
    tables_.push_back(std::move(table));
  }
}

void SourceHistory::follow(const World& world) {
  const SourceLog& log = world.source.log();
  for (Lsn lsn = base_ + notes_.size(); lsn < log.end(); ++lsn) {
    REHEARSE_ASSERT(lsn >= log.base(), "the log is followed before it forgets");
    const LogRecord& record = log[lsn];
    if (!world.source.derived(record.table())) last_ = noted(world, record, lsn);
    set_times(world, record);
    notes_.push_back(last_);
  }
  for (; base_ < log.base(); ++base_) notes_.pop_front();
  for (TableId id = 0; id < tables_.size(); ++id)
    tables_[id].version_positions.resize(world.source.schema(id).versions.size(), own_records_);
}

SourceHistory::Note SourceHistory::noted(const World& world, const LogRecord& record, Lsn lsn) {
  Note note = last_;
  note.position = own_records_++;
  // A synthetic transaction is of one table; its records share its commit time, and no other's lie between them.
  if (record.commit() != last_commit_ || record.table() != last_table_) ++note.transaction;
  last_commit_ = record.commit();
  last_table_ = record.table();
  Table& table = tables_[record.table()];
  const TableSchema& schema = world.source.schema(record.table());
  const RowId row = record.row;
  note.updated_before = updated(record.table(), row);
  // An insert is what the row's next times are counted from.
  note.created =
      record.op() == Op::insert && row >= table.initial_rows ? record.commit() : created(world, record.table(), row);
  note.version_before = 0;
  if (schema.versions.size() > 1) {
    if (row >= table.version.size()) table.version.resize(std::size_t{row} + 1, 0);
    note.version_before = table.version[row];
    table.version[row] = schema.version_at(lsn);
  }
  return note;
}

void SourceHistory::set_times(const World& world, const LogRecord& record) {
  Table& table = tables_[record.table()];
  if (!table.shows_created && !table.shows_updated) return;
  if (table.base) {
    const RowId base_row = world.source.schema(record.table()).base_row(record.row);
    if (table.shows_created) set(table.created, record.row, created(world, *table.base, base_row));
    if (table.shows_updated) set(table.updated, record.row, updated(*table.base, base_row));
    return;
  }
  if (table.shows_created && record.row >= table.initial_rows)
    set(table.created, record.row - table.initial_rows, last_.created);
  if (table.shows_updated) set(table.updated, record.row, record.commit());
}

std::uint64_t SourceHistory::last_position_of_transaction(Lsn lsn) const {
  const std::uint64_t transaction = note(lsn).transaction;
  while (lsn + 1 - base_ < notes_.size() && note(lsn + 1).transaction == transaction) ++lsn;
  return note(lsn).position;
}

Time SourceHistory::created(const World& world, TableId table, RowId row) const {
  const Table& t = tables_[table];
  if (!t.shows_created) return before_start;
  const bool since_start = row >= t.initial_rows && row - t.initial_rows < t.created.size();
  if (since_start && t.created[row - t.initial_rows] != Time::never()) return t.created[row - t.initial_rows];
  return t.base ? created(world, *t.base, world.source.schema(table).base_row(row))
                : world.source.created_at(table, row);
}

Time SourceHistory::updated(TableId table, RowId row) const {
  const Table& t = tables_[table];
  if (row >= t.updated.size() || t.updated[row] == Time::never()) return before_start;
  return t.updated[row];
}

}  // namespace rehearse
