#include "scenarios/sql/database.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "scenarios/sql/functions.h"
#include "scenarios/sql/state.h"
#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

constexpr int steps_between_looks = 10'000;
constexpr int length_max = 1'000'000;
constexpr int pattern_max = 1'000;
constexpr int statements_max = 100;

const char* word_of(int action) {
  switch (action) {
    case SQLITE_ATTACH:
      return "ATTACH";
    case SQLITE_DETACH:
      return "DETACH";
    case SQLITE_PRAGMA:
      return "PRAGMA";
    case SQLITE_INSERT:
      return "INSERT";
    case SQLITE_UPDATE:
      return "UPDATE";
    case SQLITE_DELETE:
      return "DELETE";
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
      return "a transaction";
    default:
      return "a change of tables";
  }
}

int authorize(void* user, int action, const char*, const char* second, const char*, const char*) {
  auto& state = *static_cast<SqlDatabase::State*>(user);
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
      return SQLITE_OK;
    case SQLITE_FUNCTION:
      if (is_sql_function(second)) return SQLITE_OK;
      state.function = second;
      state.denied =
          fmt::format("{}() is not allowed: its answer would differ from run to run or between machines", second);
      return SQLITE_DENY;
    default:
      if (state.denied.empty()) state.denied = fmt::format("it may only read, and {} is not allowed", word_of(action));
      return SQLITE_DENY;
  }
}

int count_steps(void* user) {
  auto& state = *static_cast<SqlDatabase::State*>(user);
  state.too_many_steps = state.steps_left < steps_between_looks;
  if (state.too_many_steps) return 1;
  state.steps_left -= steps_between_looks;
  return 0;
}

// Behind blanks and comments, where a statement really begins.
std::size_t begin_of(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    if (text.substr(at, 2) == "--") at = std::min(text.find('\n', at), text.size());
    else if (text.substr(at, 2) == "/*") at = std::min(text.find("*/", at), text.size() - 2) + 2;
    else if (std::string_view(" \t\r\n;").find(text[at]) != std::string_view::npos) ++at;
    else break;
  }
  return at;
}

SqlProblem problem_at(std::string_view text, std::size_t offset, std::string message) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const std::size_t line_end = before.rfind('\n');
  const std::size_t column = line_end == std::string_view::npos ? before.size() : before.size() - line_end - 1;
  SqlProblem problem;
  problem.message = std::move(message);
  problem.line = static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1;
  problem.column = static_cast<int>(column) + 1;
  return problem;
}

struct Finalizer {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalizer>;

std::optional<std::string> bind(sqlite3_stmt* statement, const SqlRequest& request) {
  for (int i = 1; i <= sqlite3_bind_parameter_count(statement); ++i) {
    const char* name = sqlite3_bind_parameter_name(statement, i);
    if (name == nullptr) return "a parameter has no name; write it as :name";
    const auto given = std::find_if(request.parameters.begin(), request.parameters.end(),
                                    [&](const auto& parameter) { return parameter.first == name + 1; });
    if (given == request.parameters.end()) return fmt::format("no parameter {} is given", name);
    const Field& value = given->second;
    if (value.kind == Field::Kind::integer) sqlite3_bind_int64(statement, i, value.integer);
    if (value.kind == Field::Kind::real) sqlite3_bind_double(statement, i, value.real);
    if (value.kind == Field::Kind::text)
      sqlite3_bind_text64(statement, i, value.text.data(), value.text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  }
  return std::nullopt;
}

Field field_of(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return Field::of(static_cast<std::int64_t>(sqlite3_column_int64(statement, column)));
    case SQLITE_FLOAT:
      return Field::of(sqlite3_column_double(statement, column));
    case SQLITE_NULL:
      return {};
    default:
      break;
  }
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
  return Field::of(
      std::string(text != nullptr ? text : "", static_cast<std::size_t>(sqlite3_column_bytes(statement, column))));
}

// Where the text is wrong. Of a name that is not there SQLite does not always say where it stands: it is looked for.
std::size_t place_of_error(sqlite3* db, std::string_view statement) {
  if (const int offset = sqlite3_error_offset(db); offset > 0) return static_cast<std::size_t>(offset);
  const std::string_view message = sqlite3_errmsg(db);
  const std::size_t colon = message.rfind(": ");
  if (!message.starts_with("no such ") || colon == std::string_view::npos) return 0;
  const std::size_t found = statement.find(message.substr(colon + 2));
  return found == std::string_view::npos ? 0 : found;
}

std::string reason(SqlDatabase::State& state, const SqlRequest& request) {
  if (!state.denied.empty()) return state.denied;
  const int code = sqlite3_errcode(state.db);
  state.ran_away = state.too_many_steps || code == SQLITE_NOMEM || code == SQLITE_TOOBIG;
  if (state.too_many_steps) return fmt::format("it takes more than {} steps", request.steps_max);
  if (code == SQLITE_NOMEM) return "it needs more than 1 GiB of memory";
  const std::string message = sqlite3_errmsg(state.db), head = "no such function: ";
  if (message.starts_with(head)) state.function = message.substr(head.size());
  return message;
}

std::optional<std::string> read_rows(SqlDatabase::State& state, sqlite3_stmt* statement, const SqlRequest& request,
                                     const SqlListener& listener, std::uint64_t& rows) {
  std::vector<Field> row(static_cast<std::size_t>(sqlite3_column_count(statement)));
  for (;;) {
    const int step = sqlite3_step(statement);
    if (step == SQLITE_DONE) return listener.end_of_rows();
    if (step != SQLITE_ROW) return reason(state, request);
    if (++rows > request.rows_max) {
      state.ran_away = true;
      return fmt::format("it returns more than {} rows", request.rows_max);
    }
    for (std::size_t i = 0; i < row.size(); ++i) row[i] = field_of(statement, static_cast<int>(i));
    if (auto problem = listener.row(row)) return problem;
  }
}

SqlProblem problem_in(const SqlDatabase::State& state, std::string_view text, std::size_t offset, std::string message) {
  SqlProblem problem = problem_at(text, offset, std::move(message));
  problem.ran_away = state.ran_away;
  problem.function = state.function;
  return problem;
}

std::string quoted(const std::string& name) {
  std::string text = "\"";
  for (const char c : name) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + '"';
}

bool execute(sqlite3* db, const std::string& sql) {
  return sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
}

}  // namespace

SqlDatabase::SqlDatabase() : state_(std::make_unique<State>()) {
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX;
  for (sqlite3** db : {&state_->db, &state_->beside}) {
    const int opened = sqlite3_open_v2(":memory:", db, flags, sql_vfs());
    REHEARSE_ASSERT(opened == SQLITE_OK, "a database in memory opens");
    sqlite3_limit(*db, SQLITE_LIMIT_LENGTH, length_max);
    sqlite3_limit(*db, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, pattern_max);
  }
  // A file in memory: sorting goes by runs that fit the processor's cache, not by one list over all of memory.
  const bool sorts_by_runs = execute(state_->db, "PRAGMA temp_store = FILE");
  REHEARSE_ASSERT(sorts_by_runs, "a database in memory takes its settings");
  // Tables that SQLite makes up when they are first named are there from now on; no other may be made then.
  const bool takes_json_apart = execute(state_->db, "SELECT 1 FROM json_each('[]'), json_tree('[]')");
  REHEARSE_ASSERT(takes_json_apart, "SQLite takes JSON apart");
  sqlite3_create_module_v2(state_->db, "side", &side_module, state_.get(), nullptr);
  add_sql_format(*state_);
}

SqlDatabase::~SqlDatabase() {
  for (const auto& [count, statement] : state_->formats) sqlite3_finalize(statement);
  sqlite3_close_v2(state_->beside);
  sqlite3_close_v2(state_->db);
}

std::optional<std::string> SqlDatabase::add_table(const std::string& schema, const std::string& name,
                                                  std::shared_ptr<const SqlTable> table) {
  sqlite3_set_authorizer(state_->db, nullptr, nullptr);
  const bool known = schema.empty() || state_->schemas.count(schema) > 0;
  if (!known && !execute(state_->db, "ATTACH ':memory:' AS " + quoted(schema)))
    return fmt::format("no side can be called `{}`: {}", schema, sqlite3_errmsg(state_->db));
  if (!schema.empty()) state_->schemas.insert(schema);
  state_->tables.push_back(std::move(table));
  const std::string create =
      fmt::format("CREATE VIRTUAL TABLE {}.{} USING side({})", schema.empty() ? "main" : quoted(schema), quoted(name),
                  state_->tables.size() - 1);
  if (execute(state_->db, create)) return std::nullopt;
  return fmt::format("SQLite does not take the table `{}`: {}", name, sqlite3_errmsg(state_->db));
}

std::optional<SqlProblem> SqlDatabase::look(const SqlRequest& request, const SqlListener& listener) {
  return walk(request, listener, Depth::prepare);
}

std::optional<SqlProblem> SqlDatabase::run(const SqlRequest& request, const SqlListener& listener) {
  return walk(request, listener, Depth::run);
}

std::optional<SqlProblem> SqlDatabase::walk(const SqlRequest& request, const SqlListener& listener, Depth depth) {
  State& state = *state_;
  const std::string_view text = request.text;
  state.steps_left = request.steps_max;
  state.too_many_steps = state.ran_away = false;
  set_sql_now(request.now_unix_ns);
  sqlite3_set_authorizer(state.db, authorize, &state);
  sqlite3_progress_handler(state.db, steps_between_looks, count_steps, &state);
  std::uint64_t rows = 0;
  int statements = 0;
  for (std::size_t at = begin_of(text, 0); at < text.size();) {
    state.denied.clear();
    state.function.clear();
    sqlite3_stmt* prepared = nullptr;
    const char* tail = nullptr;
    const int length = static_cast<int>(text.size() - at);
    const int result = sqlite3_prepare_v2(state.db, text.data() + at, length, &prepared, &tail);
    const Statement statement(prepared);
    if (result != SQLITE_OK) {
      const std::size_t offset = place_of_error(state.db, std::string_view(text).substr(at));
      return problem_in(state, text, at + offset, reason(state, request));
    }
    if (!statement) break;
    if (++statements > statements_max) return problem_at(text, at, "it has more than 100 statements");
    if (sqlite3_column_count(prepared) == 0) return problem_at(text, at, "it returns nothing");
    SqlStatement described;
    described.line = problem_at(text, at, {}).line;
    for (int i = 0; i < sqlite3_column_count(prepared); ++i)
      described.columns.emplace_back(sqlite3_column_name(prepared, i));
    std::optional<std::string> problem = bind(prepared, request);
    if (!problem) problem = listener.statement(described);
    if (!problem && depth == Depth::run) problem = read_rows(state, prepared, request, listener, rows);
    if (problem) return problem_in(state, text, at, std::move(*problem));
    at = begin_of(text, static_cast<std::size_t>(tail - text.data()));
  }
  if (statements == 0) return SqlProblem{.message = "it has no statement", .function = {}};
  return std::nullopt;
}

}  // namespace rehearse
