// What the parts of the embedded database share; for nobody else.
#pragma once

#include <sqlite3.h>

#include <set>
#include <string>
#include <vector>

#include "scenarios/sql/database.h"

namespace rehearse {

struct SqlDatabase::State {
  sqlite3* db = nullptr;
  std::vector<std::shared_ptr<const SqlTable>> tables;  // by the number that CREATE VIRTUAL TABLE is given
  std::set<std::string> schemas;
  std::string denied;  // what the text last asked for and may not have
  std::uint64_t steps_left = 0;
  bool too_many_steps = false;
};

// The module through which SQLite reads a SqlTable.
extern const sqlite3_module side_module;

// Opens files nowhere and tells the time of the request.
const char* sql_vfs();
void set_sql_now(std::int64_t unix_ns);

}  // namespace rehearse
