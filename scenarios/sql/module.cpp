// SQLite's virtual table over a SqlTable: scans, and point look-ups where a whole key is asked for.
#include <algorithm>
#include <cstring>
#include <new>

#include "scenarios/sql/state.h"
#include "sim/rows/schema.h"

namespace rehearse {
namespace {

constexpr int by_scan = 0, by_key = 1;
constexpr double cost_of_look_up = 4;
constexpr int exact_digits = 15;

struct Table {
  sqlite3_vtab base;  // first, as SQLite wants it
  const SqlTable* table;
};
struct Cursor {
  sqlite3_vtab_cursor base;  // first, as SQLite wants it
  std::unique_ptr<SqlCursor> rows;
};

std::string quoted(const std::string& name) {
  std::string text = "\"";
  for (const char c : name) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + '"';
}

// How SQLite compares values of a column. A decimal too wide for a double has no affinity, so that its exact text
// stays.
const char* affinity_of(const std::string& type) {
  switch (value_type(type).value_or(ValueType::text)) {
    case ValueType::boolean:
    case ValueType::integer:
      return " INTEGER";
    case ValueType::decimal: {
      if (type == "double precision" || type == "real") return " REAL";
      const std::size_t open = type.find('(');
      const int digits = open == std::string::npos ? 0 : std::atoi(type.c_str() + open + 1);
      return digits >= 1 && digits <= exact_digits ? " NUMERIC" : "";
    }
    default:
      return " TEXT";
  }
}

int connect(sqlite3* db, void* aux, int count, const char* const* arguments, sqlite3_vtab** out, char** error) {
  const auto& state = *static_cast<SqlDatabase::State*>(aux);
  if (count < 4) return SQLITE_ERROR;
  const SqlTable& table = *state.tables[static_cast<std::size_t>(std::atoi(arguments[3]))];
  std::string columns;
  for (const SqlColumn& column : table.columns())
    columns += (columns.empty() ? "" : ", ") + quoted(column.name) + affinity_of(column.type);
  const int declared = sqlite3_declare_vtab(db, ("CREATE TABLE t(" + columns + ")").c_str());
  if (declared != SQLITE_OK) {
    *error = sqlite3_mprintf("%s", sqlite3_errmsg(db));
    return declared;
  }
  *out = &(new Table{{}, &table})->base;
  return SQLITE_OK;
}

int disconnect(sqlite3_vtab* base) {
  delete reinterpret_cast<Table*>(base);
  return SQLITE_OK;
}

int best_index(sqlite3_vtab* base, sqlite3_index_info* info) {
  const SqlTable& table = *reinterpret_cast<Table*>(base)->table;
  if (const std::string refusal = table.refusal(); !refusal.empty()) {
    sqlite3_free(base->zErrMsg);
    base->zErrMsg = sqlite3_mprintf("%s", refusal.c_str());
    return SQLITE_ERROR;
  }
  const auto rows = static_cast<double>(table.rows());
  info->estimatedCost = rows * cost_of_look_up + 1;
  info->estimatedRows = static_cast<sqlite3_int64>(table.rows());
  const std::vector<std::size_t> key = table.key();
  std::vector<int> wanted(key.size(), -1);
  for (int i = 0; i < info->nConstraint; ++i) {
    const auto& constraint = info->aConstraint[i];
    if (!constraint.usable || constraint.op != SQLITE_INDEX_CONSTRAINT_EQ || constraint.iColumn < 0) continue;
    if (sqlite3_stricmp(sqlite3_vtab_collation(info, i), "BINARY") != 0) continue;
    const auto at = std::find(key.begin(), key.end(), static_cast<std::size_t>(constraint.iColumn));
    if (at != key.end()) wanted[static_cast<std::size_t>(at - key.begin())] = i;
  }
  if (key.empty() || std::count(wanted.begin(), wanted.end(), -1) > 0) return SQLITE_OK;
  // SQLite compares again what is found, so that a look-up may find too much and never says too little.
  for (std::size_t k = 0; k < wanted.size(); ++k) info->aConstraintUsage[wanted[k]].argvIndex = static_cast<int>(k) + 1;
  info->idxNum = by_key;
  info->estimatedCost = cost_of_look_up;
  info->estimatedRows = 1;
  return SQLITE_OK;
}

int open(sqlite3_vtab* base, sqlite3_vtab_cursor** out) {
  *out = &(new Cursor{{}, reinterpret_cast<Table*>(base)->table->open()})->base;
  return SQLITE_OK;
}

int close(sqlite3_vtab_cursor* base) {
  delete reinterpret_cast<Cursor*>(base);
  return SQLITE_OK;
}

Field field_of(sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
      return Field::of(static_cast<std::int64_t>(sqlite3_value_int64(value)));
    case SQLITE_FLOAT:
      return Field::of(sqlite3_value_double(value));
    case SQLITE_NULL:
      return {};
    default:
      break;
  }
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  return Field::of(std::string(text != nullptr ? text : "", static_cast<std::size_t>(sqlite3_value_bytes(value))));
}

int filter(sqlite3_vtab_cursor* base, int how, const char*, int count, sqlite3_value** arguments) {
  Cursor& cursor = *reinterpret_cast<Cursor*>(base);
  if (how == by_scan) {
    cursor.rows->scan();
    return SQLITE_OK;
  }
  std::vector<Field> key;
  for (int i = 0; i < count; ++i) key.push_back(field_of(arguments[i]));
  cursor.rows->find(key);
  return SQLITE_OK;
}

int next(sqlite3_vtab_cursor* base) {
  Cursor& cursor = *reinterpret_cast<Cursor*>(base);
  cursor.rows->next();
  return SQLITE_OK;
}

int done(sqlite3_vtab_cursor* base) { return reinterpret_cast<Cursor*>(base)->rows->done() ? 1 : 0; }

int column(sqlite3_vtab_cursor* base, sqlite3_context* context, int number) {
  const Field field = reinterpret_cast<Cursor*>(base)->rows->field(static_cast<std::size_t>(number));
  switch (field.kind) {
    case Field::Kind::null:
      sqlite3_result_null(context);
      break;
    case Field::Kind::integer:
      sqlite3_result_int64(context, field.integer);
      break;
    case Field::Kind::real:
      sqlite3_result_double(context, field.real);
      break;
    case Field::Kind::text:
      sqlite3_result_text64(context, field.text.data(), field.text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
      break;
  }
  return SQLITE_OK;
}

int row_id(sqlite3_vtab_cursor* base, sqlite3_int64* out) {
  *out = reinterpret_cast<Cursor*>(base)->rows->row_id();
  return SQLITE_OK;
}

sqlite3_module make_module() {
  sqlite3_module module;
  std::memset(&module, 0, sizeof module);
  module.xCreate = connect;
  module.xConnect = connect;
  module.xBestIndex = best_index;
  module.xDisconnect = disconnect;
  module.xDestroy = disconnect;
  module.xOpen = open;
  module.xClose = close;
  module.xFilter = filter;
  module.xNext = next;
  module.xEof = done;
  module.xColumn = column;
  module.xRowid = row_id;
  return module;
}

class NoRows : public SqlCursor {
  void scan() override {}
  void find(const std::vector<Field>&) override {}
  bool done() const override { return true; }
  void next() override {}
  Field field(std::size_t) override { return {}; }
  std::int64_t row_id() const override { return 0; }
};

}  // namespace

const sqlite3_module side_module = make_module();

std::vector<std::size_t> SqlTable::key() const {
  std::vector<std::size_t> key;
  for (std::size_t i = 0; i < columns_.size(); ++i)
    if (columns_[i].key) key.push_back(i);
  return key;
}

std::unique_ptr<SqlCursor> EmptySqlTable::open() const { return std::make_unique<NoRows>(); }

}  // namespace rehearse
