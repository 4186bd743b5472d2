// SQLite's printf() and format(), but for those that write one thing over and over: "%.*c" repeats a character as often
// as it is told, without counting a step, long after the text is longer than a text may be.
//
// Everything else is asked of SQLite's own function, in a database beside the one that the user's SQL runs in.
#include <algorithm>
#include <string>
#include <string_view>

#include "scenarios/sql/state.h"

namespace rehearse {
namespace {

// Reads a format as far as widths and precisions go: the largest of them.
class Widths {
 public:
  Widths(std::string_view format, int count, sqlite3_value** values)
      : format_(format), count_(count), values_(values) {}

  std::int64_t largest() {
    while ((at_ = std::min(format_.find('%', at_), format_.size())) < format_.size()) {
      ++at_;
      take_while("-+ !0#,");
      take_number();
      if (at_ < format_.size() && format_[at_] == '.') {
        ++at_;
        take_number();
      }
      take_while("l");
      if (at_ < format_.size() && format_[at_] != '%') ++next_;
      ++at_;
    }
    return largest_;
  }

 private:
  void take_while(std::string_view these) {
    while (at_ < format_.size() && these.find(format_[at_]) != std::string_view::npos) ++at_;
  }
  void take_number() {
    std::int64_t number = 0;
    if (at_ < format_.size() && format_[at_] == '*') {
      ++at_;
      if (next_ < count_) number = sqlite3_value_int64(values_[next_++]);
    }
    constexpr std::int64_t enough = std::int64_t{1} << 40;
    for (; at_ < format_.size() && format_[at_] >= '0' && format_[at_] <= '9'; ++at_)
      number = std::min(number * 10 + (format_[at_] - '0'), enough);
    largest_ = std::max(largest_, number < 0 ? -std::max(number, -enough) : number);
  }

  std::string_view format_;
  int count_;
  sqlite3_value** values_;
  std::size_t at_ = 0;
  int next_ = 1;  // of the values, behind the format
  std::int64_t largest_ = 0;
};

sqlite3_stmt* own_format(SqlDatabase::State& state, int count) {
  sqlite3_stmt*& statement = state.formats[count];
  if (statement != nullptr) return statement;
  std::string text = "SELECT printf(";
  for (int i = 0; i < count; ++i) text += i == 0 ? "?" : ", ?";
  sqlite3_prepare_v2(state.beside, (text + ")").c_str(), -1, &statement, nullptr);
  return statement;
}

void format(sqlite3_context* context, int count, sqlite3_value** values) {
  auto& state = *static_cast<SqlDatabase::State*>(sqlite3_user_data(context));
  if (count == 0) return sqlite3_result_null(context);
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(values[0]));
  const std::string_view shape(text != nullptr ? text : "", static_cast<std::size_t>(sqlite3_value_bytes(values[0])));
  const int most = sqlite3_limit(state.beside, SQLITE_LIMIT_LENGTH, -1);
  if (Widths(shape, count, values).largest() > most) return sqlite3_result_error_toobig(context);
  sqlite3_stmt* statement = own_format(state, count);
  if (statement == nullptr) return sqlite3_result_error(context, "too many arguments", -1);
  for (int i = 0; i < count; ++i) sqlite3_bind_value(statement, i + 1, values[i]);
  if (sqlite3_step(statement) == SQLITE_ROW) sqlite3_result_value(context, sqlite3_column_value(statement, 0));
  else sqlite3_result_error_toobig(context);
  sqlite3_reset(statement);
}

}  // namespace

void add_sql_format(SqlDatabase::State& state) {
  constexpr int pure = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
  for (const char* name : {"printf", "format"})
    sqlite3_create_function_v2(state.db, name, -1, pure, &state, format, nullptr, nullptr, nullptr);
}

}  // namespace rehearse
