// Runs the user's SQL unchanged, in an embedded SQLite, over tables that somebody else holds.
//
// A text may hold several statements; each may only read, and only its sides' tables. Of SQLite's functions it may call
// those that are listed (functions.h), whose answers depend on nothing but what they are given. The time of day ('now',
// CURRENT_TIMESTAMP) is the instant that the request says, and the machine's time zone is no zone. Bounded: steps of
// SQLite's virtual machine (not seconds, so that the end does not depend on the machine), rows returned, length of a
// value (1 MB) and of a pattern (1 kB), memory of all databases together (1 GiB). Left out: what one call of a function
// takes, which SQLite counts as one step; hence whoever asks a text again and again stops at one that ran away.
//
// Invariant: what a text returns is a pure function of the text, its parameters, the instant and the tables.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/sql/table.h"

namespace rehearse {

struct SqlProblem {
  std::string message;
  int line = 0;  // of the text, from 1; 0 = the text as a whole
  int column = 0;
  bool ran_away = false;  // it went beyond a bound, as it would again
  std::string function;   // that is not there, or may not be called
};

struct SqlStatement {
  std::vector<std::string> columns;  // of its result
  int line = 0;
};

struct SqlRequest {
  std::string_view text;
  std::vector<std::pair<std::string, Field>> parameters;  // by name, without the colon
  std::int64_t now_unix_ns = 0;
  std::uint64_t steps_max = 2'000'000'000;
  std::uint64_t rows_max = 1'000'000;
};

// What is told about a text; a sentence that is returned is a problem at the statement, and ends it.
struct SqlListener {
  std::function<std::optional<std::string>(const SqlStatement&)> statement;
  std::function<std::optional<std::string>(const std::vector<Field>& row)> row;
  std::function<std::optional<std::string>()> end_of_rows;
};

class SqlDatabase {
 public:
  SqlDatabase();
  ~SqlDatabase();
  SqlDatabase(const SqlDatabase&) = delete;
  SqlDatabase& operator=(const SqlDatabase&) = delete;

  // Tables are named schema.table, or by the table's name alone with an empty schema. Returns why SQLite does not take
  // one: it has no column, or two of one name whatever the case, or there are too many schemas.
  std::optional<std::string> add_table(const std::string& schema, const std::string& name,
                                       std::shared_ptr<const SqlTable> table);

  // Prepares every statement and runs none: what is wrong with the text whatever the rows are.
  std::optional<SqlProblem> look(const SqlRequest& request, const SqlListener& listener);
  std::optional<SqlProblem> run(const SqlRequest& request, const SqlListener& listener);

  struct State;

 private:
  enum class Depth { prepare, run };
  std::optional<SqlProblem> walk(const SqlRequest& request, const SqlListener& listener, Depth depth);
  std::unique_ptr<State> state_;
};

// The embedded SQLite's version, on which answers depend.
std::string sqlite_version();

}  // namespace rehearse
