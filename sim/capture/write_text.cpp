#include "sim/capture/write_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/kernel/assert.h"
#include "sim/kernel/civil.h"

namespace rehearse {

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else out += c;
  }
  return out + '"';
}

std::string postgres_time(std::int64_t unix_ns) {
  std::string text = format_rfc3339(unix_ns, 0, Fraction::micros);
  text.pop_back();  // the Z
  text[text.find('T')] = ' ';
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text + "+00";
}

namespace {

std::string doubled(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote) out += quote;
    out += c;
  }
  return out + quote;
}

}  // namespace

std::string quoted_name(std::string_view name) { return doubled(name, '"'); }
std::string quoted_text(std::string_view text) { return doubled(text, '\''); }

bool is_number_type(std::string_view type) {
  for (const char* number : {"smallint", "integer", "bigint", "numeric", "real", "double precision"})
    if (type.starts_with(number)) return true;
  return false;
}

std::string json_value(const EventColumn& column) {
  if (column.is_null) return "null";
  if (is_number_type(column.type)) return std::string(column.text);
  if (column.type == "boolean") return column.text == "t" ? "true" : "false";
  return json_string(column.text);
}

const EventColumn* column_named(const std::vector<EventColumn>& columns, std::string_view name) {
  const auto found = std::ranges::find(columns, name, &EventColumn::name);
  return found == columns.end() ? nullptr : &*found;
}

std::vector<EventColumn> key_columns(const std::vector<std::string_view>& key,
                                     const std::vector<EventColumn>& columns) {
  if (key.empty()) return columns;
  std::vector<EventColumn> named;
  for (const std::string_view name : key) {
    const EventColumn* column = column_named(columns, name);
    REHEARSE_ASSERT(column != nullptr, "a row has the columns of its key");
    named.push_back(*column);
  }
  return named;
}

bool same_value(const EventColumn& a, const EventColumn& b) { return a.is_null == b.is_null && a.text == b.text; }

}  // namespace rehearse
