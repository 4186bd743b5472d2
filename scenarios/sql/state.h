// What the parts of the embedded database share; for nobody else.
#pragma once

#include <sqlite3.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "scenarios/sql/database.h"

namespace rehearse {

struct SqlDatabase::State {
  sqlite3* db = nullptr;
  sqlite3* beside = nullptr;                            // what SQLite's own format() is asked of
  std::map<int, sqlite3_stmt*> formats;                 // there, by how many values they take
  std::vector<std::shared_ptr<const SqlTable>> tables;  // by the number that CREATE VIRTUAL TABLE is given
  std::set<std::string> schemas;
  std::string denied;    // what the text last asked for and may not have
  std::string function;  // as SqlProblem::function
  std::uint64_t steps_left = 0;
  bool too_many_steps = false;
  bool ran_away = false;  // as SqlProblem::ran_away
};

void add_sql_format(SqlDatabase::State& state);

// The module through which SQLite reads a SqlTable.
extern const sqlite3_module side_module;

// Opens files nowhere and tells the time of the request.
const char* sql_vfs();
void set_sql_now(std::int64_t unix_ns);

}  // namespace rehearse
