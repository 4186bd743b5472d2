// What the source's log does not say of a record by itself: its transaction, and the row as it was before.
//
// Follows the log record by record after every advance of the world, and keeps a note of each for as long as the log
// keeps the record. Positions and transactions are counted over the source's own tables: records of derived tables,
// which share the log, are nowhere in what a real source tells. Of a table: 8 bytes a row for the time of its last
// write and 8 for that of its insert, where a column shows them, and 2 for its schema version once the schema has
// changed. A derived row shows the times that its base's row had when it was last written.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "sim/world/world.h"

namespace rehearse {

class SourceHistory {
 public:
  explicit SourceHistory(const World& world);

  // Of a record of one of the source's own tables; that of a derived one is as the one before it.
  struct Note {
    std::uint64_t position = 0;     // among the records of the source's own tables
    std::uint64_t transaction = 0;  // numbered from 1
    Time created;                   // of the row
    Time updated_before;            // commit of the write before; of a row's first write meaningless
    std::uint16_t version_before = 0;
  };
  // To the end of the log. The log must not have forgotten what was not followed yet.
  void follow(const World& world);
  const Note& note(Lsn lsn) const { return notes_[lsn - base_]; }
  // The position of the last record of the transaction that `lsn` is in.
  std::uint64_t last_position_of_transaction(Lsn lsn) const;
  // The position from which on rows of a table are written under a version of its schema.
  std::uint64_t position_of_version(TableId table, std::uint16_t version) const {
    return tables_[table].version_positions[version];
  }

  // Of the row as the source holds it, once all of the log was followed.
  Time created(const World& world, TableId table, RowId row) const;
  Time updated(TableId table, RowId row) const;

 private:
  struct Table {
    std::optional<TableId> base;  // of a derived table
    RowId initial_rows = 0;
    bool shows_created = false, shows_updated = false;
    std::vector<Time> created;           // of rows beyond the initial ones; of a derived table, of all
    std::vector<Time> updated;           // by row; never: not written since the start
    std::vector<std::uint16_t> version;  // by row; empty while there is one version
    std::vector<std::uint64_t> version_positions;
  };
  Note noted(const World& world, const LogRecord& record, Lsn lsn);
  void set_times(const World& world, const LogRecord& record);

  std::vector<Table> tables_;
  std::deque<Note> notes_;  // of log positions from base_ on
  Lsn base_ = 0;
  Note last_;
  std::uint64_t own_records_ = 0;
  Time last_commit_ = Time::never();
  TableId last_table_ = 0;
};

}  // namespace rehearse
