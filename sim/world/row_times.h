// When a row was created or updated, as one side's own column says, damage included: for windows, and for whoever reads
// times as a query would.
//
// A column of a store's row may be NULL, shifted, cut or mapped from another column; a window then finds the row
// elsewhere, or nowhere. Left out: of a key that came back only the latest insert's time is known, whatever a store
// still holds. An `updated_at` of an older version than the source's is known only to be earlier: it is one microsecond
// earlier for each version between.
#pragma once

#include <optional>

#include "sim/kernel/time.h"
#include "sim/rows/content.h"
#include "sim/rows/types.h"

namespace rehearse {

class World;

// The time that a value of a row's column shows; nothing for NULL and what is no time.
std::optional<Time> time_shown(const World& world, TableId table, ColumnId column, const Value& value, RowId row);

// Of the rows of one table, whichever side holds them.
class CreationTimes {
 public:
  // By the column `by`; without one, by when the source's rows were created.
  CreationTimes(const World& world, TableId table, std::optional<ColumnId> by);
  std::optional<Time> operator()(RowId row, Cell cell) const;
  bool within(RowId row, Cell cell, Time after, Time before) const {
    const std::optional<Time> created = (*this)(row, cell);
    return created && *created >= after && *created < before;
  }
  // A row such that none before it shows a time from `after` on.
  RowId first_from(Time after) const;

 private:
  const World* world_;
  TableId table_;
  std::optional<ColumnId> by_;
  bool as_committed_ = true;  // an unaltered row shows when the source's was created
};

}  // namespace rehearse
