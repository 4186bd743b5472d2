// How many rows each table of the source had, at every instant of a rehearsal: what shares of a stream's store are of.
//
// Told by the log alone, change by change, so that it does not hang on when anybody looks. A step is kept where the
// number is another than at the last one by more than one in 4,096: exact in small tables, and never further off than
// that in large ones, whose steps would otherwise be as many as their inserts and deletes.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "sim/kernel/time.h"
#include "sim/rows/types.h"
#include "sim/world/world.h"

namespace rehearse {

using KeySteps = std::vector<std::pair<Time, std::uint64_t>>;  // so many from a time on; in order

// The sum of two, at each instant.
KeySteps sum_of(const KeySteps& a, const KeySteps& b);

class LiveRows {
 public:
  void start(const World& world);
  void advanced(const World& world);  // after every advance, while the log still has what it brought
  const KeySteps& of(TableId table) const { return tables_[table].steps; }

 private:
  struct Table {
    std::uint64_t now = 0;
    KeySteps steps;
  };
  static void keep(Table& table, Time at);
  std::vector<Table> tables_;
  Lsn next_ = 0;  // of the log, to be read
};

}  // namespace rehearse
