// What a row of a dataset with rows of its own was made of: the row of its table, and the one that was looked up.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/world/world.h"

namespace rehearse {

// A row of a source's table as a write of the dataset's row saw it.
struct MadeOf {
  TableId table = 0;
  bool looked_up = false;
  std::optional<RowId> row;  // none: nothing was found, or it is of many rows
  Write write = 0;
  std::string text;  // its key and what it said; how many rows it is of
};

// Of a row as a write left it. Empty for a table that is not derived, and for a row that is not there.
std::vector<MadeOf> made_of(const World& world, TableId table, RowId row, Cell cell);
// In a sentence: "made of row 42 of orders (write 3) and of row 26 of customers (write 5), looked up".
std::string made_of_text(const World& world, const std::vector<MadeOf>& origins);

}  // namespace rehearse
