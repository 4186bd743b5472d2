// One change in the source's log, sixteen bytes: which row, which write, when it committed, what it was.
//
// The position (Lsn) is the record's offset in the log. Records lie in commit order; the records of one transaction are
// adjacent and share the commit time. Commit times fit 56 bits: rehearsals are shorter than two years.
#pragma once

#include <cstdint>

#include "sim/kernel/time.h"
#include "sim/rows/log.h"
#include "sim/rows/types.h"

namespace rehearse {

struct LogRecord {
  RowId row = 0;
  Write write = 0;
  std::uint64_t packed = 0;  // commit time 56 bits | table 4 | 0 | unchanged columns left out 1 | op 2

  static LogRecord make(TableId table, RowId row, Write write, Op op, Time commit, bool partial = false) {
    return {row, write,
            static_cast<std::uint64_t>(commit.ns) << 8 | std::uint64_t{table} << 4 | std::uint64_t{partial} << 2 |
                static_cast<std::uint64_t>(op)};
  }
  // The same, of another table.
  LogRecord of(TableId table) const {
    return {row, write, (packed & ~(std::uint64_t{15} << 4)) | std::uint64_t{table} << 4};
  }
  Time commit() const { return {static_cast<std::int64_t>(packed >> 8)}; }
  TableId table() const { return static_cast<TableId>(packed >> 4 & 15); }
  Op op() const { return static_cast<Op>(packed & 3); }
  bool partial() const { return packed & 4; }  // an update that leaves out unchanged large columns
};
static_assert(sizeof(LogRecord) == 16);

using SourceLog = Log<LogRecord>;

}  // namespace rehearse
