// A file of SQL: read whole, and named in what is said about it.
#pragma once

#include <optional>
#include <string>

#include "scenarios/sql/database.h"

namespace rehearse {

// Nothing if there is no such file, or it is larger than 1 MiB.
std::optional<std::string> read_sql(const std::string& file);

// "rules/orders.sql:3:8: "
std::string sql_place(const std::string& file, const SqlProblem& problem);

}  // namespace rehearse
