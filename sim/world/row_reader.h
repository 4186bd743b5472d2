// Reads the rows of a reading in batches or by key, with values as a query would return them.
//
// How values are shown: NULL is null; integers are integers; decimals are numbers (a decimal of more than 15 digits is
// its exact text); booleans are 0 and 1; times are texts, 2026-03-02T08:00:00.000000Z; everything else is text. A
// damaged number or time is another one (sim/rows/damage.h); a damaged text says that it is, and a placeholder is the
// text that Debezium writes. Captured values are shown by the type of their column in the same way, their times as they
// were captured. How an older version's `updated_at` is shown: row_times.h.
//
// Invariant: of a row, only what ReadView could have said; a reading must stay open while it is read.
#pragma once

#include <optional>
#include <vector>

#include "sim/rows/field.h"
#include "sim/world/read_view.h"

namespace rehearse {

class RowReader {
 public:
  RowReader(const ReadView& view, const Reading& reading);

  void rewind() { next_ = 0; }
  // The next rows that are there and not in `without`, in order; false: there are no more.
  bool next_batch(const RowSet& without);
  // The batch of one row; false: it is not there.
  bool find(RowId row);

  std::size_t size() const { return rows_.size(); }
  RowId row(std::size_t i) const { return rows_[i].row; }
  std::uint32_t copies(std::size_t i) const { return copies_[i]; }
  // Of the i-th row of the batch. Columns are read batch by batch, each when it is first asked for.
  Field field(std::size_t i, ColumnId column);

 private:
  const std::vector<Value>& values(ColumnId column);
  Field shown(ColumnId column, const Value& value, RowId row) const;
  Field time_of(ColumnId column, const Value& value, RowId row) const;

  const World* world_;
  const TableSchema* schema_;
  TableId table_;
  const TableCopy* copy_;
  AsOf as_of_;
  RowId next_ = 0;
  std::size_t seen_ = 0;  // of what has changed since: before next_
  std::vector<RowCell> rows_;
  std::vector<std::uint32_t> copies_;
  std::vector<std::vector<Value>> values_;  // by ColumnId; empty: not read yet
};

// A column of one side as a query sees it.
struct SideColumn {
  ColumnId id = 0;
  std::string name;
  std::string type;
  bool key = false;
};
// The columns of a side's table: the source's under their present names; a store's under those of its contract, as they
// were declared.
std::vector<SideColumn> side_columns(const ReadView& view, StoreId store, TableId table);

// An instant as a query's reader gets it.
std::string instant_text(const ReadView& view, Time at);

}  // namespace rehearse
