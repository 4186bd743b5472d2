#include "scenarios/sql/functions.h"

#include <sqlite3.h>

#include <algorithm>
#include <vector>

namespace rehearse {

std::span<const std::string> sql_functions() {
  static const std::vector<std::string> names{
      // of single values; of mathematics what every machine computes alike
      "abs", "ceil", "ceiling", "char", "coalesce", "concat", "concat_ws", "degrees", "floor", "format", "glob", "hex",
      "if", "ifnull", "iif", "instr", "length", "like", "likelihood", "likely", "lower", "ltrim", "max", "min", "mod",
      "nullif", "octet_length", "pi", "printf", "quote", "radians", "replace", "round", "rtrim", "sign", "soundex",
      "sqrt", "substr", "substring", "trim", "trunc", "typeof", "unhex", "unicode", "unlikely", "upper", "zeroblob",
      // of times
      "current_date", "current_time", "current_timestamp", "date", "datetime", "julianday", "strftime", "time",
      "timediff", "unixepoch",
      // of groups and windows
      "avg", "count", "cume_dist", "dense_rank", "first_value", "group_concat", "lag", "last_value", "lead",
      "nth_value", "ntile", "percent_rank", "rank", "row_number", "string_agg", "sum", "total",
      // of JSON
      "->", "->>", "json", "json_array", "json_array_length", "json_error_position", "json_extract", "json_group_array",
      "json_group_object", "json_insert", "json_object", "json_patch", "json_pretty", "json_quote", "json_remove",
      "json_replace", "json_set", "json_type", "json_valid"};
  return names;
}

bool is_sql_function(std::string_view name) {
  const std::string asked(name);
  const std::span<const std::string> all = sql_functions();
  return std::any_of(all.begin(), all.end(),
                     [&](const std::string& known) { return sqlite3_stricmp(known.c_str(), asked.c_str()) == 0; });
}

}  // namespace rehearse
