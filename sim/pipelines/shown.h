// What a store that a stream writes shows as a whole, over time: the newest commits of each table, and whether it was
// at one position of the source. Kept only where some reader needs it.
//
// A store is at one position if all that it shows was committed before all that it does not: every change up to some
// commit is visible, and none after it. A transaction that is visible in part is no position, and neither is a row that
// has gone back behind what it had shown. A commit at the source never ends a position; only a flush does.
//
// Leaves out: a repair that writes a row ahead of the others.
// Invariant: spans are told in the order in which they end.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "sim/kernel/time.h"
#include "sim/rows/types.h"
#include "sim/source/log_record.h"

namespace rehearse {

// The newest commit that inserted a row of a table, and the newest that inserted or updated one, among some changes. A
// row that was there at the start counts as of the start.
struct NewestCommits {
  Time inserted, written;
  bool operator==(const NewestCommits&) const = default;
  void add(Op op, Time commit) {
    if (op == Op::remove) return;
    if (op == Op::insert) inserted = std::max(inserted, commit);
    written = std::max(written, commit);
  }
};

class Shown {
 public:
  struct Span {
    Time from;
    Time until;
  };
  using Steps = std::vector<std::pair<Time, NewestCommits>>;  // such from a time on; in order

  // A record is about to be written to a row that shows `had`.
  void before_write(const LogRecord& change, Write had) {
    if (change.write < had) behind_.try_emplace({change.table(), change.row}, had);
  }
  // It has been, or somebody else has written the row, which shows `has` now. Once all of an instant have been,
  // look() follows.
  void after_write(TableId table, RowId row, Write has) {
    if (behind_.empty()) return;
    const auto found = behind_.find({table, row});
    if (found != behind_.end() && has >= found->second) behind_.erase(found);
  }
  // A flush has ended that made these changes visible; `oldest`: of those that had not been, never if there is none.
  void flushed(Time at, Time oldest, Time newest, const std::map<TableId, NewestCommits>& by_table);
  void look(Time at);
  // A change that had not been visible is so now, or lost.
  void ended(Time commit, Time at);

  const Steps& newest_of(TableId table) const {
    static const Steps from_the_start{{Time{}, {}}};
    const auto found = by_table_.find(table);
    return found == by_table_.end() ? from_the_start : found->second;
  }
  // Now, if the oldest change that is committed and not visible is of that time (never: there is none).
  bool at_one_position(Time oldest_not_visible) const {
    return behind_.empty() && oldest_not_visible > newest_.back().second;
  }
  // When it was at none, up to now; what lasts has no end. In order and apart from each other.
  std::vector<Span> at_no_position(Time oldest_not_visible) const;

 private:
  Time first_showing(Time commit) const;  // it or a later one; never if none is shown yet
  void add(Span span, std::vector<Span>& to) const;

  std::vector<std::pair<Time, Time>> newest_{{Time{}, Time{}}};  // the newest commit that is visible, from a time on
  std::map<TableId, Steps> by_table_;
  std::map<std::pair<TableId, RowId>, Write> behind_;  // rows that had shown a write, and show an earlier one
  std::optional<Time> behind_since_;
  std::vector<Span> at_no_position_;  // those that are over
};

}  // namespace rehearse
