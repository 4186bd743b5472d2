// Walking a table in the order of its rows as of a snapshot: shared by the parts of the read view, for nobody else.
#pragma once

#include "sim/rows/table_copy.h"

namespace rehearse {

// Answers for ascending rows (a row may be asked for twice). Costs nothing where nothing has changed since the
// snapshot.
class Ascending {
 public:
  Ascending(const TableCopy& table, const AsOf& as_of) : table_(&table), changed_(&as_of.changed_since()) {}
  Cell get(RowId row) {
    skip_to(row);
    return at_changed(row) ? (*changed_)[next_].cell : table_->get(row);
  }
  std::uint32_t extra_copies(RowId row) {
    skip_to(row);
    return at_changed(row) ? (*changed_)[next_].extra : table_->extra_copies(row);
  }

 private:
  void skip_to(RowId row) {
    while (next_ < changed_->size() && (*changed_)[next_].row < row) ++next_;
  }
  bool at_changed(RowId row) const { return next_ < changed_->size() && (*changed_)[next_].row == row; }
  const TableCopy* table_;
  const std::vector<AsOf::Seen>* changed_;
  std::size_t next_ = 0;
};

}  // namespace rehearse
