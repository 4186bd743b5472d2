// Which rows a derived table makes of a row of its base: none or one (a filter), or several (one to many).
//
// Models: conditions that must all hold, and a number of rows that a column of the base's row says, up to a bound.
// A rule may be a pipeline's own, in place of the dataset's: a defect.
#pragma once

#include <optional>
#include <vector>

#include "sim/rows/condition.h"
#include "sim/rows/content.h"
#include "sim/rows/schema.h"
#include "sim/rows/types.h"

namespace rehearse {

struct RowRule {
  std::vector<Condition> where;
  std::optional<ColumnId> count;   // says how many rows; none: one
  RowId most = 1;                  // at most that many, and not more than the derived table has room for
  bool forgets_leavers = false;    // a row whose base no longer satisfies the rule stays, until the base is deleted
  std::optional<TableId> instead;  // the derived table that this rule is a mistaken version of

  // Of a live row of the base, written under a version of its schema.
  RowId rows(const Content& content, const TableSchema& base, TableId table, std::uint16_t version, RowId row,
             Write write) const;
};

}  // namespace rehearse
