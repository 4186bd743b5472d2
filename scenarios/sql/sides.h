// How the tables of the compared sides are named in the user's SQL.
//
// A side's tables are `side.table`; a side with one table is also called by the side's name alone; a table's name alone
// will do where only one side has it, and is refused where several have.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/sql/database.h"

namespace rehearse {

struct NamedSide {
  std::string name;
  std::vector<std::pair<std::string, std::shared_ptr<const SqlTable>>> tables;
};

// What is wrong with the names, if anything.
std::optional<std::string> add_sides(SqlDatabase& database, const std::vector<NamedSide>& sides);

}  // namespace rehearse
