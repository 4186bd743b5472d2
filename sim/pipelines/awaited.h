// Changes of one table's rows that another store showed at some instant, and how many of them a store does not show,
// over time. A store shows a change if it shows it or a later one of its row.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "sim/kernel/time.h"
#include "sim/rows/table_copy.h"
#include "sim/rows/types.h"

namespace rehearse {

class AwaitedChanges {
 public:
  using Writes = std::vector<Write>;  // by row
  using Steps = std::vector<std::pair<Time, std::uint64_t>>;

  AwaitedChanges(std::shared_ptr<const Writes> awaited, const TableCopy& table, Time at)
      : awaited_(std::move(awaited)) {
    recount(table, at);
  }
  void recount(const TableCopy& table, Time at) {
    std::uint64_t missing = 0;
    for (RowId row = 0; row < awaited_->size(); ++row) missing += this->missing(row, table.get(row).write);
    keep(at, missing);
  }
  // A row showed a write, and shows another one now.
  void changed(RowId row, Write before, Write now, Time at) {
    keep(at, steps_.back().second - missing(row, before) + missing(row, now));
  }
  const Steps& steps() const { return steps_; }

 private:
  std::uint64_t missing(RowId row, Write shown) const {
    const Write awaited = row < awaited_->size() ? (*awaited_)[row] : 0;
    return awaited > shown ? awaited - shown : 0;
  }
  void keep(Time at, std::uint64_t missing) {
    if (!steps_.empty() && steps_.back().second == missing) return;
    if (!steps_.empty() && steps_.back().first == at) steps_.back().second = missing;
    else steps_.emplace_back(at, missing);
  }

  std::shared_ptr<const Writes> awaited_;
  Steps steps_;
};

}  // namespace rehearse
