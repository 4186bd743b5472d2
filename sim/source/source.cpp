#include "sim/source/source.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "sim/kernel/assert.h"

namespace rehearse {

Source::Source(SourceOptions options, const Content& content, MarkTable& marks) : content_(content) {
  REHEARSE_ASSERT(options.tables.size() <= max_tables, "a source has at most 16 tables");
  for (SourceTableOptions& given : options.tables) {
    Table table;
    table.schema = std::move(given.schema);
    table.initial_rows = given.rows;
    table.keep_created_at = given.keep_created_at;
    table.keep_updated_at = given.keep_updated_at;
    table.history = given.history;
    table.live_marks.push_back(marks.live(0));
    const auto id = static_cast<TableId>(tables_.size());
    meant_[id] = id;
    if (given.rule) {
      table.rule = std::move(*given.rule);
      meant_[id] = table.rule.instead.value_or(id);
      tables_[table.schema.derived->base].derived_from_it.push_back(id);
      if (table.rule.look_up && meant_[id] == id) tables_[table.rule.look_up->in].joined_to_it.push_back(id);
      if (const auto& cuts = table.rule.cuts) table.next_cut = Time{cuts->every.ns - cuts->offset.ns + cuts->late.ns};
      next_cut_ = std::min(next_cut_, table.next_cut);
      derives_ = true;
    }
    table.rows.fill(given.rows, {1, table.live_marks[0], 0});
    if (given.keep_updated_at) table.updated.assign(given.rows, Time{-1});
    tables_.push_back(std::move(table));
  }
  if (options.capture) {
    CapturedReplay replay(std::move(options.capture), options.start_unix_ns);
    for (TableId id = 0; id < tables_.size(); ++id)
      if (const auto& column = options.tables[id].forward_by) replay.forward_by(id, *column);
    for (TableId id = 0; id < tables_.size(); ++id)
      for (std::size_t version = 1; version < replay.stream().tables[base(id)].versions.size(); ++version)
        tables_[id].live_marks.push_back(marks.live(static_cast<std::uint16_t>(version)));
    for (TableId id = 0; id < tables_.size() && !derived(id); ++id)
      replay.for_each_initial_row(id, [&](RowId row) {
        tables_[id].rows.put(row, {1, tables_[id].live_marks[0], 0});
        if (tables_[id].keep_updated_at) {
          if (row >= tables_[id].updated.size()) tables_[id].updated.resize(row + 1, Time{-1});
          tables_[id].updated[row] = replay.updated_at(id, row, 1);
        }
      });
    feed_ = std::move(replay);
  } else {
    feed_ = SyntheticWorkload(options.seed, std::move(options.workload));
  }
  for (TableId id = 0; id < tables_.size(); ++id)
    if (derived(id)) fill_derived(id);
  for (Table& table : tables_) table.more = table.keep_created_at || table.keep_updated_at || derives_;
}

void Source::advance(Time to) {
  const auto feed_to = [&](Time until) { std::visit([&](auto& feed) { feed.advance(*this, until); }, feed_); };
  for (; next_cut_ <= to; cut_all_due()) feed_to(next_cut_);
  feed_to(to);
  digest_log();
}

void Source::stop_writes() {
  std::visit([](auto& feed) { feed.stop_writes(); }, feed_);
  next_cut_ = Time::never();
}

void Source::apply_schema_change(TableId table, const SchemaChange& change, MarkTable& marks, Time now) {
  Table& t = tables_[table];
  const bool fits = apply(t.schema, change, log_.end());
  REHEARSE_ASSERT(fits, "a schema change fits the table it is applied to");
  t.live_marks.push_back(marks.live(t.schema.current_version()));
  add_version(table, now);
  for (const TableId id : t.derived_from_it) {
    Table& derived = tables_[id];
    if (derived.schema.derived->kind == DerivedRows::Kind::groups) {  // which knows its columns by heart
      derived.schema.versions.push_back(derived.schema.current());
      derived.schema.versions.back().since = log_.end();
      derived.live_marks.push_back(marks.live(derived.schema.current_version()));
      add_version(id, now);
      continue;
    }
    apply(derived.schema, change, log_.end());
    if (change.kind == SchemaChange::Kind::add)
      derived.schema.columns.back().origin = {table, static_cast<ColumnId>(t.schema.columns.size() - 1), false};
    derived.live_marks.push_back(marks.live(derived.schema.current_version()));
    add_version(id, now);
  }
}

// Of the version that the table's schema has just got.
void Source::add_version(TableId table, Time now) {
  Table& t = tables_[table];
  t.schema.versions.back().at = now;
  t.version = t.schema.current_version();
  REHEARSE_ASSERT(t.version < t.live_marks.size(), "a table has a mark for each of its versions");
  tell(Fact::Kind::schema_changed, now, table, 0, {});
}

void Source::replay_schema_version(TableId table, SchemaVersion version, Time at) {
  Table& t = tables_[table];
  version.since = log_.end();
  for (const TableId id : t.derived_from_it) {
    Table& derived = tables_[id];
    const bool groups = derived.schema.derived->kind == DerivedRows::Kind::groups;  // which know their columns by heart
    SchemaVersion next = groups ? derived.schema.current() : version;
    next.since = version.since;
    for (const VersionColumn& column : derived.schema.current().columns)
      if (!groups && derived.schema.columns[column.id].source != ColumnSource::base) next.columns.push_back(column);
    derived.schema.versions.push_back(std::move(next));
    add_version(id, at);
  }
  t.schema.versions.push_back(std::move(version));
  add_version(table, at);
}

std::optional<LiveMarks> Source::live_marks_from(Lsn lsn) const {
  LiveMarks marks{};
  for (TableId id = 0; id < tables_.size(); ++id) {
    const Table& t = tables_[id];
    if (t.schema.versions.back().since > lsn) return std::nullopt;
    marks[id] = t.live_marks[t.schema.current_version()];
  }
  return marks;
}

Cell Source::cell_at(Lsn lsn) const {
  const LogRecord& record = log_[lsn];
  return {record.write, record.op() == Op::remove ? absent : live_mark_at(record.table(), lsn), 0};
}

Write Source::write_before(Lsn lsn) const {
  const LogRecord& record = log_[lsn];
  return derives_ ? writes_before_[lsn] : write_before(record.table(), record.row, record.write);
}

Write Source::write_before(TableId table, RowId row, Write write) const {
  return content_.write_before(tables_[table].schema, table, row, write);
}

Time Source::created_at(TableId table, RowId row) const {
  if (derived(table)) return created_at(base(table), tables_[table].schema.base_row(row));
  const Table& t = tables_[table];
  if (row < t.initial_rows) {
    const std::int64_t age = t.history.ns / std::max<std::int64_t>(t.initial_rows, 1);
    return {-static_cast<std::int64_t>(t.initial_rows - row) * age};
  }
  REHEARSE_ASSERT(t.keep_created_at, "whoever reads the rows' times has said so");
  return t.created[row - t.initial_rows];
}

// The initial rows have ages in their order; of the others a key may have come back later than the next was made.
RowId Source::first_created_from(TableId table, Time after) const {
  if (derived(table)) {
    const DerivedRows& rows = *tables_[table].schema.derived;
    const bool in_its_order = rows.kind == DerivedRows::Kind::chosen || rows.kind == DerivedRows::Kind::joined;
    return !in_its_order ? 0 : first_created_from(rows.base, after) * rows.per_row;
  }
  RowId first = 0, after_all = tables_[table].initial_rows;
  while (first < after_all) {
    const RowId middle = first + (after_all - first) / 2;
    if (created_at(table, middle) < after) first = middle + 1;
    else after_all = middle;
  }
  return first;
}

std::uint64_t Source::row_time_bytes() const {
  std::uint64_t bytes = 0;
  for (const Table& t : tables_) bytes += (t.created.capacity() + t.updated.capacity()) * sizeof(Time);
  return bytes;
}

void Source::replay(TableId table, RowId row, Op op, Write number, Time statement, Time commit, bool partial) {
  write(tables_[table], table, row, op, number, statement, commit, partial);
}

void Source::tell(Fact::Kind kind, Time at, TableId table, RowId row, Cell cell) {
  facts_.push_back({.at = at,
                    .record = cell,
                    .before = {},
                    .cell = cell,
                    .row = row,
                    .store = source_store,
                    .table = table,
                    .kind = kind});
}

void Source::write(Table& t, TableId id, RowId row, Op op, Write number, Time statement, Time commit, bool partial) {
  const Write before = t.rows.get(row).write;
  const Cell cell = t.rows.put(row, {number, op == Op::remove ? absent : t.live_mark(), 0});
  note(t, id, row, op, cell, before, statement, commit, partial);
}

void Source::note_more(Table& t, TableId id, RowId row, Op op, Write number, Write before, Time statement, Time commit,
                       bool partial) {
  if (derives_) writes_before_.append(before);
  if (t.keep_created_at && row >= t.initial_rows) {
    if (row - t.initial_rows >= t.created.size()) t.created.resize(row - t.initial_rows + 1);
    if (op == Op::insert) t.created[row - t.initial_rows] = statement;
  }
  if (t.keep_updated_at) {
    if (row >= t.updated.size()) t.updated.resize(std::size_t{row} + 1, Time{-1});
    if (op != Op::remove) t.updated[row] = statement;
  }
  if (derives_) [[unlikely]]
    derive({id, row, op, number, before, commit, partial});
}

// The digest takes the log by runs that lie together, after each advance: cheaper than a record as it is written.
void Source::add_log_to(Digest& digest) const {
  std::array<std::uint64_t, 256> fields;
  for (Lsn lsn = digested_; lsn < log_.end();) {
    const std::span<const LogRecord> run = log_.run(lsn);
    const std::size_t records = std::min(run.size(), fields.size() / 2);
    for (std::size_t i = 0; i < records; ++i) {
      fields[2 * i] = std::uint64_t{run[i].row} << 32 | run[i].write;
      fields[2 * i + 1] = run[i].packed;
    }
    digest.add(std::span<const std::uint64_t>(fields.data(), 2 * records));
    lsn += records;
  }
}

void Source::digest_log() {
  add_log_to(log_digest_);
  digested_ = log_.end();
}

void Source::forget_log_before(Lsn lsn) {
  digest_log();
  log_.forget_before(lsn);
  writes_before_.forget_before(lsn);
}

Digest128 Source::digest() const {
  Digest all = log_digest_;
  add_log_to(all);
  return all.value();
}

}  // namespace rehearse
