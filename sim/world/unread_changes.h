// The rows of a store that the source has changed beyond what the store shows: asked again and again, as checks do.
//
// What was found is kept and carried on: the log is gone through once, however long a store stands still, and each
// answer costs a step for each row in it. Where the store has gone on beyond all that was seen, which is the usual
// case, what lies between its position and the end is gone through, and nothing else. In memory there is an entry for
// each row that is behind, never one for each change.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "sim/rows/types.h"
#include "sim/source/log_record.h"
#include "sim/world/shown_positions.h"

namespace rehearse {

struct ChangedRow {
  TableId table = 0;
  RowId row = 0;
  Lsn position = 0;  // of a change
};
using ChangedRows = std::shared_ptr<const std::vector<ChangedRow>>;  // each row once, by table and number
std::span<const ChangedRow> of_table(const ChangedRows& rows, TableId table);

class UnreadChanges {
 public:
  // Which change of a row stands in the answer: the first, or the newest, of those that the store does not show.
  enum class Which : std::uint8_t { first, newest };
  // `holds`, by table: those that the store holds.
  UnreadChanges(Which which, std::vector<bool> holds) : which_(which), holds_(std::move(holds)) {}

  // The rows with a change at or beyond what is shown of them and before `end`. Positions may move either way from one
  // question to the next.
  ChangedRows before(const SourceLog& log, const ShownPositions& shown, Lsn end);

 private:
  void begin_at(Lsn position);
  void follow(const SourceLog& log, Lsn end);
  void take_in(std::vector<ChangedRow>& fresh);

  Which which_;
  std::vector<bool> holds_;
  std::optional<ShownPositions> shown_;                                   // when last asked
  Lsn end_ = 0;                                                           // what has been gone through
  ChangedRows rows_ = std::make_shared<const std::vector<ChangedRow>>();  // of what was gone through
};

}  // namespace rehearse
