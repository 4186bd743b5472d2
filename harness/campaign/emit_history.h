// What the source's log does not say of a record by itself: its transaction, and the row as it was before.
//
// Follows the log record by record after every advance of the world, and keeps a note of each for as long as the log
// keeps the record. Of a table: 8 bytes a row for the time of its last write and 8 for that of its first, where a
// column shows them, and 2 for its schema version once the schema has changed.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "sim/world/world.h"

namespace rehearse {

class SourceHistory {
 public:
  explicit SourceHistory(const World& world);

  struct Note {
    std::uint64_t transaction = 0;  // numbered from 1
    Lsn begin = 0;                  // of the transaction
    Time created;                   // of the row
    Time updated_before;            // commit of the write before; of a row's first write meaningless
    std::uint16_t version_before = 0;
  };
  // To the end of the log. The log must not have forgotten what was not followed yet.
  void follow(const World& world);
  const Note& note(Lsn lsn) const { return notes_[lsn - base_]; }
  // One past the last record of the transaction that `lsn` is in.
  Lsn end_of_transaction(Lsn lsn) const;

  // Of the row as the source holds it, once all of the log was followed.
  Time created(const World& world, TableId table, RowId row) const;
  Time updated(TableId table, RowId row) const;

 private:
  struct Table {
    RowId initial_rows = 0;
    bool shows_created = false, shows_updated = false;
    std::vector<Time> created;           // of rows beyond the initial ones
    std::vector<Time> updated;           // by row; never: not written since the start
    std::vector<std::uint16_t> version;  // by row; empty while there is one version
  };
  Note noted(const World& world, const LogRecord& record, Lsn lsn);

  std::vector<Table> tables_;
  std::deque<Note> notes_;  // of log positions from base_ on
  Lsn base_ = 0;
  std::uint64_t transactions_ = 0;
  Time last_commit_ = Time::never();
  TableId last_table_ = 0;
  Lsn last_begin_ = 0;
};

}  // namespace rehearse
