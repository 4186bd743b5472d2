// One side's table as it was read, for the user's own SQL, and the keys that it holds.
//
// Rows that the alignment leaves out are not there. Look-ups by key are direct where keys are numbers of rows, as in
// synthetic sources; of a captured source the keys are sorted once, when somebody first asks.
// Invariant: the reading stays open while the table is used.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/sql/table.h"
#include "sim/world/row_reader.h"

namespace rehearse {

// A key's parts as one text, as keys are shown everywhere.
std::string key_of_parts(const std::vector<Field>& parts);
std::string text_of(const Field& field);  // NULL is "NULL"

class SideTable : public SqlTable {
 public:
  // With the columns that `store` shows, which is the reading's own unless rows of one store stand for another's.
  SideTable(const ReadView& view, const Reading& reading, StoreId store, std::shared_ptr<const RowSet> left_out);

  std::uint64_t rows() const override { return rows_; }
  std::unique_ptr<SqlCursor> open() const override;

  const std::vector<SideColumn>& side_columns() const { return side_columns_; }
  RowReader reader() const { return probe_; }
  const RowSet& left_out() const { return *left_out_; }
  // The rows of this key that are there.
  std::vector<RowId> rows_of(const std::string& key) const;

 private:
  void index_keys() const;
  std::shared_ptr<const RowSet> left_out_;
  std::vector<SideColumn> side_columns_;
  std::uint64_t rows_;
  bool numbered_;  // keys are the numbers of rows, from 1
  mutable RowReader probe_;
  mutable bool indexed_ = false;
  mutable std::vector<std::pair<std::string, RowId>> by_key_;  // sorted
};

}  // namespace rehearse
