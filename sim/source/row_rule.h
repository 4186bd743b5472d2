// Which rows a derived table makes of a row of its base: none or one (a filter), several (one to many), one with
// columns of another table's row (a look-up join), one for each of its changes, one at each of a series of instants
// (snapshots), or one for each group of rows with counts and sums.
//
// Models: conditions that must all hold; a number of rows that a column of the base's row says, up to a bound; a left
// join by the other table's key, which follows both tables. A rule may be a pipeline's own, in place of the dataset's:
// a defect. Left out: schema changes of the other table.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/kernel/time.h"
#include "sim/rows/condition.h"
#include "sim/rows/content.h"
#include "sim/rows/schema.h"
#include "sim/rows/types.h"

namespace rehearse {

struct LookUp {
  TableId in = 0;
  ColumnId by = 0;  // the base's column that holds the other table's key
};

struct Grouping {
  std::optional<ColumnId> by = std::nullopt;
  bool windows = false;                              // of the time at which the row was created, or of
  std::optional<ColumnId> window_of = std::nullopt;  // a captured source's column; a row without a time has no group
  Duration every{};
  Duration offset{};                                    // of the start, in its window
  std::optional<Duration> closes_after = std::nullopt;  // a window's end: what commits later changes no group of it
  std::vector<ColumnId> sums{};                         // of these columns
};

// Snapshots of the rows at instants that lie evenly in time.
struct Cutting {
  Duration every;
  Duration offset;  // of the start, since the instant that would have come before it
  Duration late{};  // after the instant it reads what it takes for the rows as of it
};

struct RowRule {
  std::vector<Condition> where;
  std::optional<ColumnId> count;  // says how many rows; none: one
  RowId most = 1;                 // at most that many, and not more than the derived table has room for
  std::optional<LookUp> look_up;
  std::optional<Grouping> groups;
  std::optional<Cutting> cuts;
  bool forgets_leavers = false;    // a row whose base no longer satisfies the rule stays, until the base is deleted
  bool never_retracts = false;     // an update adds to its group, and neither it nor a delete takes anything out
  bool freezes_look_ups = false;   // what was looked up stays as it was when the row itself last changed
  std::optional<TableId> instead;  // the derived table that this rule is a mistaken version of

  // Of a live row of the base, written under a version of its schema.
  RowId rows(const Content& content, const TableSchema& base, TableId table, std::uint16_t version, RowId row,
             Write write) const;
};

// Which rows of a base refer to which rows of the table that they look up in.
class References {
 public:
  // The rows of the other table of a captured source, by their keys' texts.
  void name(std::string key, RowId other) { named_.emplace(std::move(key), other); }
  // What a write of the base's row refers to; nothing if it is NULL or no key.
  RowId referred(const Content& content, const TableSchema& base, TableId table, ColumnId by, std::uint16_t version,
                 RowId row, Write write) const;
  void refer(RowId row, RowId other);  // DerivedImage::no_row: to nothing any more
  RowId of(RowId row) const { return row < other_.size() ? other_[row] : DerivedImage::no_row; }
  std::vector<RowId> to(RowId other) const;

 private:
  std::map<std::string, RowId> named_;
  std::vector<RowId> other_;                // by row
  std::set<std::pair<RowId, RowId>> rows_;  // (other, row)
};

}  // namespace rehearse
