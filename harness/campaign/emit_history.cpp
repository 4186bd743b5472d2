#include "harness/campaign/emit_history.h"

#include <algorithm>

#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

constexpr Time before_start{-1};  // what rows that were there at the start show as updated_at

}  // namespace

SourceHistory::SourceHistory(const World& world) {
  for (TableId id = 0; id < world.source.tables(); ++id) {
    Table table;
    table.initial_rows = world.source.rows(id).slots();
    for (const Column& column : world.source.schema(id).columns) {
      table.shows_created = table.shows_created || column.role == ColumnRole::created_at;
      table.shows_updated = table.shows_updated || column.role == ColumnRole::updated_at;
    }
    tables_.push_back(std::move(table));
  }
}

void SourceHistory::follow(const World& world) {
  const SourceLog& log = world.source.log();
  for (Lsn lsn = base_ + notes_.size(); lsn < log.end(); ++lsn) {
    REHEARSE_ASSERT(lsn >= log.base(), "the log is followed before it forgets");
    notes_.push_back(noted(world, log[lsn], lsn));
  }
  for (; base_ < log.base(); ++base_) notes_.pop_front();
}

SourceHistory::Note SourceHistory::noted(const World& world, const LogRecord& record, Lsn lsn) {
  // A synthetic transaction is of one table; its records are adjacent and share its commit time.
  if (record.commit() != last_commit_ || record.table() != last_table_) {
    ++transactions_;
    last_commit_ = record.commit();
    last_table_ = record.table();
    last_begin_ = lsn;
  }
  Table& table = tables_[record.table()];
  const TableSchema& schema = world.source.schema(record.table());
  const RowId row = record.row;
  Note note{transactions_, last_begin_, record.commit(), updated(record.table(), row), 0};
  if (table.shows_created && row >= table.initial_rows) {
    const std::size_t at = row - table.initial_rows;
    if (at >= table.created.size()) table.created.resize(at + 1, Time::never());
    if (table.created[at] == Time::never()) table.created[at] = record.commit();
  }
  note.created = created(world, record.table(), row);
  if (table.shows_updated) {
    if (row >= table.updated.size()) table.updated.resize(std::size_t{row} + 1, Time::never());
    table.updated[row] = record.commit();
  }
  if (schema.versions.size() > 1) {
    if (row >= table.version.size()) table.version.resize(std::size_t{row} + 1, 0);
    note.version_before = table.version[row];
    table.version[row] = schema.version_at(lsn);
  }
  return note;
}

Lsn SourceHistory::end_of_transaction(Lsn lsn) const {
  const std::uint64_t transaction = note(lsn).transaction;
  while (lsn - base_ < notes_.size() && note(lsn).transaction == transaction) ++lsn;
  return lsn;
}

Time SourceHistory::created(const World& world, TableId table, RowId row) const {
  const Table& t = tables_[table];
  if (!t.shows_created) return before_start;
  if (row >= t.initial_rows) return t.created[row - t.initial_rows];
  return world.source.created_at(table, row);
}

Time SourceHistory::updated(TableId table, RowId row) const {
  const Table& t = tables_[table];
  if (row >= t.updated.size() || t.updated[row] == Time::never()) return before_start;
  return t.updated[row];
}

}  // namespace rehearse
