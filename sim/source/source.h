// The source database: its tables as committed, and its log.
//
// Models: committed state only, one log for all tables, LSN = position in commit order, `updated_at` at statement time.
// Leaves out: locks, constraints, uncommitted reads. Fed by a synthetic workload or by a captured stream.
// Derived tables are the rows of datasets that are not a table's rows, as their contract wants them: a change of a row
// is followed in the log by what it does to each derived table of its table, in the same transaction.
// Invariant: advance(t) leaves exactly the transactions committed up to and with t, wherever earlier advances were cut.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "sim/kernel/digest.h"
#include "sim/kernel/time.h"
#include "sim/rows/facts.h"
#include "sim/rows/schema.h"
#include "sim/rows/table_copy.h"
#include "sim/rows/types.h"
#include "sim/source/captured.h"
#include "sim/source/log_record.h"
#include "sim/source/row_rule.h"
#include "sim/source/synthetic.h"

namespace rehearse {

struct SourceTableOptions {
  TableSchema schema;
  RowId rows = 0;                // initial rows of a synthetic table
  bool keep_created_at = false;  // somebody reads the rows' times: eight bytes a row each
  bool keep_updated_at = false;
  std::optional<ColumnId> forward_by;  // of a captured table: what holds a row's updated_at; by its role if left out
  Duration history = day * 365;        // initial synthetic rows were created evenly over this long before the start
  std::optional<RowRule> rule;         // of a derived table, which comes after its base
};

struct SourceOptions {
  std::uint64_t seed = 0;
  std::vector<SourceTableOptions> tables;
  std::vector<SyntheticTableOptions> workload;    // as many as tables that are not derived; none for a capture
  std::shared_ptr<const CapturedStream> capture;  // set: replayed instead of a workload
  std::int64_t start_unix_ns = 0;                 // what Time 0 is in the capture's clock
};

// The clean mark of a live row, by table.
using LiveMarks = std::array<Mark, max_tables>;

class Source {
 public:
  Source() = default;
  Source(SourceOptions options, const Content& content, MarkTable& marks);

  void advance(Time to);
  void stop_writes();
  // DDL now. The change must fit the table (asserted; who declares one checks it first).
  void apply_schema_change(TableId table, const SchemaChange& change, MarkTable& marks, Time now);

  std::size_t tables() const { return tables_.size(); }
  const TableSchema& schema(TableId table) const { return tables_[table].schema; }
  TableCopy& rows(TableId table) { return tables_[table].rows; }
  const TableCopy& rows(TableId table) const { return tables_[table].rows; }
  // The clean mark of a row that was there at the start, of a record of `table` at `lsn`, and of one written now.
  Mark initial_mark(TableId table) const { return tables_[table].live_marks[0]; }
  Mark live_mark(TableId table) const { return tables_[table].live_mark(); }
  // One a schema version until now: live rows have no others.
  std::span<const Mark> live_marks(TableId table) const {
    return std::span(tables_[table].live_marks).first(std::size_t{tables_[table].version} + 1);
  }
  Mark live_mark_at(TableId table, Lsn lsn) const {
    const Table& t = tables_[table];
    return t.live_marks.size() == 1 ? t.live_marks[0] : t.live_marks[t.schema.version_at(lsn)];
  }
  // Those of all records at `lsn` and later; none if some table gets another version after it.
  std::optional<LiveMarks> live_marks_from(Lsn lsn) const;
  std::uint16_t version_at(TableId table, Lsn lsn) const { return tables_[table].schema.version_at(lsn); }

  const SourceLog& log() const { return log_; }
  Lsn end() const { return log_.end(); }
  void forget_log_before(Lsn lsn);
  std::uint64_t changes() const { return log_.end() - derived_changes_; }  // of tables that are not derived

  // What the record at `lsn` says of its row, and the write before it of the same row (0 = none).
  Cell cell_at(Lsn lsn) const;
  Write write_before(Lsn lsn) const;
  Write write_before(TableId table, RowId row, Write write) const;

  bool derived(TableId table) const { return tables_[table].schema.derived.has_value(); }
  const std::vector<TableId>& derived_from(TableId table) const { return tables_[table].derived_from_it; }
  // The table whose rows those of `table` are meant to be: itself, unless a mistaken rule makes it.
  TableId meant(TableId table) const { return meant_[table]; }

  Time created_at(TableId table, RowId row) const;
  // A row such that none before it was created at `after` or later.
  RowId first_created_from(TableId table, Time after) const;
  Time updated_at(TableId table, RowId row) const {
    const TableSchema& schema = tables_[table].schema;
    return tables_[base(table)].updated[schema.base_row(row)];
  }
  bool keeps_updated_at(TableId table) const { return tables_[base(table)].keep_updated_at; }
  std::uint64_t row_time_bytes() const;

  SyntheticWorkload* synthetic() { return std::get_if<SyntheticWorkload>(&feed_); }
  const SyntheticWorkload* synthetic() const { return std::get_if<SyntheticWorkload>(&feed_); }
  const CapturedReplay* captured() const { return std::get_if<CapturedReplay>(&feed_); }

  // How often rows that were dead came back: while it stays as it is, dead rows stay dead.
  std::uint64_t reinserts(TableId table) const { return tables_[table].reinserts; }

  // --- for the feeds: what a committed statement does
  void insert(TableId table, Time statement, Time commit);  // the next key of a synthetic table
  [[gnu::always_inline]] void change(TableId table, RowId row, Op op, Time statement, Time commit);
  class Changes;  // of rows of one table, one after another
  void replay(TableId table, RowId row, Op op, Write write, Time statement, Time commit, bool partial);
  void replay_schema_version(TableId table, SchemaVersion version, Time at);

  // What happened since the last call to rows that are watched here, and to schemas; in the order of commits.
  Facts take_facts() { return std::exchange(facts_, {}); }

  Digest128 digest() const;

 private:
  struct GroupKey {
    bool null = false;
    std::int64_t value = 0;
    Time window{};
    auto operator<=>(const GroupKey&) const = default;
  };
  struct Table {
    TableSchema schema;
    TableCopy rows;
    std::vector<Mark> live_marks;  // by schema version; of a capture: all that will come
    std::uint16_t version = 0;
    Mark live_mark() const { return live_marks[version]; }
    std::uint64_t reinserts = 0;
    RowId initial_rows = 0;
    bool keep_created_at = false;
    bool keep_updated_at = false;
    bool more = false;  // follows from its writes than records and facts
    Duration history;
    std::vector<Time> created;  // of rows beyond the initial ones
    std::vector<Time> updated;  // of all rows
    RowRule rule;               // of a derived table
    std::vector<TableId> derived_from_it;
    References references;              // of a joined table, from its base to the other
    std::vector<TableId> joined_to_it;  // derived tables that look up in it
    std::map<GroupKey, RowId> groups;   // of a table of groups
    std::vector<GroupTotals> totals;    // of it or its mistaken version, by row, as of now
    Time next_cut = Time::never();      // of snapshots: when it next reads its base
    std::map<RowId, RowId> cut_late;    // by the base's row: rows that only mistaken versions have of the latest cut
  };
  TableId base(TableId table) const {
    return tables_[table].schema.derived ? tables_[table].schema.derived->base : table;
  }
  void fill_derived(TableId table);
  // What one change of a table's row does to derived tables.
  struct Change {
    TableId table;
    RowId row;
    Op op;
    Write write;
    Write before;  // the write before, of the same row
    Time commit;
    bool partial;
  };
  void derive(const Change& change);
  void derive_rows(TableId meant, const Change& change);
  void derive_change(TableId id, const Change& change);
  void fill_groups(TableId id);
  void derive_groups(TableId meant, const Change& change);
  // What a row adds to its group.
  struct Share {
    RowId group = 0;
    GroupTotals totals;
  };
  std::optional<Share> share_of(TableId id, RowId row, Write write, Time commit);
  std::optional<Time> window_of(const Grouping& grouping, TableId table, RowId row, Write write) const;
  void follow_look_up(TableId meant, const Change& change);
  void cut_all_due();
  void cut(TableId meant, const std::vector<TableId>& due);
  struct SnapshotRow {
    RowId row;
    Write write;
  };
  SnapshotRow next_snapshot_row(TableId meant, const Change& change);
  SnapshotRow late_snapshot_row(TableId meant, const Change& change);
  Write next_image(TableId meant, const DerivedImage& image);
  DerivedImage image_of(TableId meant, RowId row, Write write, Op op) const;
  void write_derived(TableId id, RowId row, Op op, Write write, const Change& change);
  void add_version(TableId table, Time now);
  void write(Table& table, TableId id, RowId row, Op op, Write write, Time statement, Time commit, bool partial);
  // What follows from a write: its record, and a fact if somebody watches the row.
  [[gnu::always_inline]] void note(Table& table, TableId id, RowId row, Op op, Cell cell, Write before, Time statement,
                                   Time commit, bool partial = false);
  // What else follows in some worlds: times that somebody reads, and derived tables.
  void note_more(Table& table, TableId id, RowId row, Op op, Write write, Write before, Time statement, Time commit,
                 bool partial);
  void add_log_to(Digest& digest) const;  // what it does not hold yet
  void digest_log();
  std::vector<Table> tables_;
  void tell(Fact::Kind kind, Time at, TableId table, RowId row, Cell cell);
  Content content_;
  std::array<TableId, max_tables> meant_{};
  bool derives_ = false;               // there are derived tables
  Time next_cut_ = Time::never();      // of any table of snapshots
  std::uint64_t derived_changes_ = 0;  // among the log's
  Log<Write> writes_before_;           // by LSN, if there are derived tables: the write before of the same row
  SourceLog log_;
  Facts facts_;
  Digest log_digest_;
  Lsn digested_ = 0;  // the log's records before it are in the digest
  std::variant<SyntheticWorkload, CapturedReplay> feed_;
};

inline void Source::insert(TableId id, Time statement, Time commit) {
  Table& table = tables_[id];
  const RowId row = table.rows.slots();
  note(table, id, row, Op::insert, table.rows.put(row, {1, table.live_mark(), 0}), 0, statement, commit);
}

inline void Source::change(TableId id, RowId row, Op op, Time statement, Time commit) {
  Table& table = tables_[id];
  if (op == Op::insert) [[unlikely]]
    ++table.reinserts;
  const Cell cell = table.rows.rewrite(row, op == Op::remove ? absent : table.live_mark());
  note(table, id, row, op, cell, cell.write - 1, statement, commit);
}

inline void Source::note(Table& table, TableId id, RowId row, Op op, Cell cell, Write before, Time statement,
                         Time commit, bool partial) {
  log_.append(LogRecord::make(id, row, cell.write, op, commit, partial));
  if (cell.flags & cell_watched) [[unlikely]]
    tell(Fact::Kind::committed, commit, id, row, cell);
  if (table.more) [[unlikely]]
    note_more(table, id, row, op, cell.write, before, statement, commit, partial);
}

// Updates and deletes of live rows of a table, as long as nothing follows from them but their records. What is the same
// for all of them stays at hand, so until finish() nothing else looks at the source or writes to it.
class Source::Changes {
 public:
  Changes(Source& source, TableId id)
      : id_(id),
        plain_(!source.tables_[id].more && !source.tables_[id].rows.notes_changes()),
        live_mark_(source.tables_[id].live_mark()),
        rows_(source.tables_[id].rows),
        log_(source.log_) {}
  std::size_t room() const { return plain_ ? log_.room() : 0; }  // for so many, at least
  // Of a row that is there.
  bool takes(RowId row) const { return rows_[row].live() && (rows_[row].flags & cell_watched) == 0; }
  void change(RowId row, Op op, Time commit) {
    const Cell cell = op == Op::remove ? rows_.remove(row) : rows_.update(row, live_mark_);
    log_.append(LogRecord::make(id_, row, cell.write, op, commit));
  }
  void finish(Source& source) const {
    rows_.finish(source.tables_[id_].rows);
    log_.finish(source.log_);
  }

 private:
  TableId id_;
  bool plain_;
  Mark live_mark_;
  TableCopy::Rewriter rows_;
  SourceLog::Appender log_;
};

}  // namespace rehearse
