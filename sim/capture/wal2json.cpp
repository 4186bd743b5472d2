#include "sim/capture/wal2json.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "sim/capture/positions.h"

namespace rehearse {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr const char* format_expected = "wal2json format 2, one JSON object a line";

// Keys that other change formats have at their top level; seen where `action` is missing, they name the format.
struct ForeignKey {
  std::string_view key;
  std::string_view format;
};
constexpr ForeignKey foreign_keys[] = {
    {"change", "wal2json format 1 (set format-version=2)"},
    {"payload", "a Debezium envelope"},
    {"before", "a Debezium event"},
    {"after", "a Debezium event"},
    {"op", "a Debezium event"},
    {"isDdl", "Canal JSON"},
    {"mysqlType", "Canal JSON"},
    {"sqlType", "Canal JSON"},
    {"pkNames", "Canal JSON"},
    {"xoffset", "Maxwell JSON"},
    {"commit", "Maxwell JSON"},
    {"database", "Maxwell or Canal JSON"},
};

std::string_view foreign_text(std::string_view line) {
  if (line.starts_with("BEGIN") || line.starts_with("COMMIT") || line.starts_with("table "))
    return "text of test_decoding";
  if (line.starts_with("\xEF\xBB\xBF")) return "text with a byte order mark";
  if (line.starts_with("--") || line.starts_with("CREATE ") || line.starts_with("INSERT ")) return "SQL";
  if (line.starts_with("null")) return "a Kafka dump with tombstones (Debezium)";
  if (line.starts_with("[")) return "a JSON array";
  if (line.starts_with("<")) return "XML";
  if (line.starts_with("Obj\x01")) return "Avro";
  if (!line.empty() && (line[0] == '\0' || static_cast<unsigned char>(line[0]) >= 0x80)) return "binary data";
  return "text that is not JSON";
}

std::string_view trimmed(std::string_view token) {
  while (!token.empty() && (token.back() == ' ' || token.back() == '\t' || token.back() == '\r'))
    token.remove_suffix(1);
  return token;
}

std::size_t digits_from(std::string_view text, std::size_t at) {
  const std::size_t end = text.find_first_not_of("0123456789", at);
  return (end == std::string_view::npos ? text.size() : end) - at;
}

// RFC 8259, number. On-demand parsing gives the raw token, so its form is ours to check.
bool is_json_number(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const std::size_t whole = digits_from(text, at);
  if (whole == 0 || (whole > 1 && text[at] == '0')) return false;
  at += whole;
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = digits_from(text, at + 1);
    if (fraction == 0) return false;
    at += 1 + fraction;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const std::size_t exponent = digits_from(text, at);
    if (exponent == 0) return false;
    at += exponent;
  }
  return at == text.size();
}

enum class Field : std::uint8_t {
  action,
  xid,
  timestamp,
  lsn,
  schema,
  table,
  columns,
  identity,
  pk,
  transactional,
  prefix,
  content,
  ignored,
  unknown
};
struct FieldName {
  std::string_view key;
  Field field;
};
constexpr FieldName field_names[] = {
    {"action", Field::action},   {"xid", Field::xid},           {"timestamp", Field::timestamp},
    {"lsn", Field::lsn},         {"schema", Field::schema},     {"table", Field::table},
    {"columns", Field::columns}, {"identity", Field::identity}, {"pk", Field::pk},
    {"nextlsn", Field::ignored}, {"origin", Field::ignored},    {"transactional", Field::transactional},
    {"prefix", Field::prefix},   {"content", Field::content},
};

Field field_of(std::string_view key) {
  const auto* found = std::ranges::find(field_names, key, &FieldName::key);
  return found == std::end(field_names) ? Field::unknown : found->field;
}

}  // namespace

struct Wal2JsonParser::State {
  ondemand::parser parser;
  Wal2JsonLine out;
  std::string prefixed;  // bytea texts with their \x; never larger than the line
  std::string_view line;
  const TextInput* input = nullptr;
  unsigned seen = 0;
  std::string_view foreign;

  [[noreturn]] void fail(std::string message, std::string expected = {}) const {
    input->fail(0, std::move(message), std::move(expected));
  }
  [[noreturn]] void fail_at(std::string_view token, std::string message, std::string expected = {}) const {
    input->fail(static_cast<std::uint64_t>(token.data() - line.data()) + 1, std::move(message), std::move(expected));
  }
  // A short, printable piece of the input for a message.
  static std::string shown(std::string_view token) {
    constexpr std::size_t shown_bytes = 40;
    std::string text;
    for (const char c : token.substr(0, shown_bytes)) text += c >= 0x20 && c < 0x7f ? c : '?';
    return token.size() > shown_bytes ? text + "..." : text;
  }

  std::string_view string_of(ondemand::value value, std::string_view key) {
    const std::string_view token = trimmed(value.raw_json_token());
    if (!token.starts_with('"')) fail_at(token, fmt::format("\"{}\" is {}", key, shown(token)), "a string");
    return std::string_view(value.get_string());
  }
  std::string_view string_or_null(ondemand::value value, std::string_view key) {
    const std::string_view token = trimmed(value.raw_json_token());
    return token == "null" ? std::string_view{} : string_of(value, key);
  }

  void read_xid(ondemand::value value) {
    const std::string_view token = trimmed(value.raw_json_token());
    if (token == "null") return;
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), out.xid);
    if (error != std::errc{} || end != token.data() + token.size())
      fail_at(token, fmt::format("\"xid\" is {}", shown(token)), "a transaction id");
    out.has_xid = true;
  }
  void read_lsn(ondemand::value value) {
    const std::string_view token = trimmed(value.raw_json_token());
    const std::string_view text = string_of(value, "lsn");
    const auto lsn = parse_lsn(text);
    if (!lsn)
      fail_at(token, fmt::format("\"lsn\" is {}", shown(token)), "a log sequence number such as \"0/1186F8A0\"");
    out.lsn = *lsn;
  }
  void read_schema(ondemand::value value) {
    if (value.raw_json_token().starts_with('{')) fail("this is a Debezium envelope", format_expected);
    out.schema = string_of(value, "schema");
  }
  void read_transactional(ondemand::value value) {
    const std::string_view token = trimmed(value.raw_json_token());
    if (token != "true" && token != "false") fail_at(token, "\"transactional\" is not a truth value", "true or false");
    out.transactional = token == "true";
  }
  void read_action(ondemand::value value) {
    const std::string_view token = trimmed(value.raw_json_token());
    const std::string_view text = string_of(value, "action");
    constexpr std::string_view letters = "BCIUDTM";
    const std::size_t at = text.size() == 1 ? letters.find(text[0]) : std::string_view::npos;
    if (at == std::string_view::npos)
      fail_at(token, fmt::format("unknown action {}", shown(token)), "B, C, I, U, D, T or M");
    out.action = static_cast<Wal2JsonAction>(at);
  }

  void read_value(ondemand::value value, Wal2JsonColumn& column, std::string_view& raw) {
    raw = trimmed(value.raw_json_token());
    if (raw.starts_with('"')) {
      column.text = std::string_view(value.get_string());
    } else if (raw == "null") {
      column.is_null = true;
    } else if (raw == "true" || raw == "false") {
      column.text = raw.substr(0, 1);
    } else if (is_json_number(raw)) {
      column.text = raw;
    } else {
      fail_at(raw, fmt::format("a column's value is {}", shown(raw)), "a string, a number, true, false or null");
    }
  }
  void read_columns(ondemand::value value, std::string_view key, std::vector<Wal2JsonColumn>& columns) {
    const std::string_view token = trimmed(value.raw_json_token());
    if (!token.starts_with('[')) fail_at(token, fmt::format("\"{}\" is {}", key, shown(token)), "an array of columns");
    for (auto element : value.get_array()) {
      Wal2JsonColumn column;
      std::string_view raw;
      unsigned parts = 0;
      const auto once = [&](unsigned bit, std::string_view part) {
        if ((parts & bit) != 0) fail(fmt::format("a column has \"{}\" twice", part));
        parts |= bit;
      };
      for (auto field : element.get_object()) {
        const std::string_view part = field.unescaped_key();
        if (part == "name") {
          once(1, part);
          column.name = string_of(field.value(), part);
        } else if (part == "type") {
          once(2, part);
          column.type = string_of(field.value(), part);
        } else if (part == "value") {
          once(4, part);
          read_value(field.value(), column, raw);
        }
      }
      if (parts != 7)
        fail(fmt::format("a column of \"{}\" lacks its {}", key,
                         (parts & 1) == 0   ? "name"
                         : (parts & 2) == 0 ? "type (set include-types=1)"
                                            : "value"));
      if (column.type == "bytea" && !column.is_null) prefix_bytea(column);
      columns.push_back(column);
    }
  }
  void prefix_bytea(Wal2JsonColumn& column) {
    const std::size_t start = prefixed.size();
    prefixed += "\\x";
    prefixed += column.text;
    column.text = std::string_view(prefixed).substr(start);
  }
  void read_pk(ondemand::value value) {
    const std::string_view token = trimmed(value.raw_json_token());
    if (!token.starts_with('[')) fail_at(token, fmt::format("\"pk\" is {}", shown(token)), "an array of columns");
    for (auto element : value.get_array()) {
      std::string_view name;
      for (auto field : element.get_object())
        if (std::string_view(field.unescaped_key()) == "name") name = string_of(field.value(), "name");
      if (name.empty()) fail("a column of \"pk\" lacks its name");
      out.pk.push_back(name);
    }
  }

  void read_field(Field field, std::string_view key, ondemand::value value) {
    switch (field) {
      case Field::action:
        return read_action(value);
      case Field::xid:
        return read_xid(value);
      case Field::timestamp:
        out.timestamp = string_or_null(value, key);
        return;
      case Field::lsn:
        return read_lsn(value);
      case Field::schema:
        return read_schema(value);
      case Field::table:
        out.table = string_of(value, key);
        return;
      case Field::columns:
        return read_columns(value, key, out.columns);
      case Field::identity:
        return read_columns(value, key, out.identity);
      case Field::pk:
        return read_pk(value);
      case Field::transactional:
        return read_transactional(value);
      case Field::prefix:
        out.prefix = string_of(value, key);
        return;
      case Field::content:
        out.content = string_of(value, key);
        return;
      case Field::ignored:
      case Field::unknown:
        return;
    }
  }
  bool has(Field field) const { return (seen & 1U << static_cast<unsigned>(field)) != 0; }

  void read_object() {
    ondemand::document document = parser.iterate(line.data(), line.size(), line.size() + TextInput::padding);
    for (auto entry : document.get_object()) {
      const std::string_view key = entry.unescaped_key();
      const Field field = field_of(key);
      if (field == Field::unknown) {
        const auto* known = std::ranges::find(foreign_keys, key, &ForeignKey::key);
        if (known != std::end(foreign_keys) && foreign.empty()) foreign = known->format;
        continue;
      }
      if (field == Field::ignored) continue;
      if (has(field)) fail(fmt::format("the line has \"{}\" twice", key));
      seen |= 1U << static_cast<unsigned>(field);
      read_field(field, key, entry.value());
    }
    if (document.current_location().error() != simdjson::OUT_OF_BOUNDS)
      fail("the line goes on after its JSON object", format_expected);
  }
  void need(Field field, std::string_view key, std::string_view option) const {
    if (has(field)) return;
    fail(fmt::format("the line has no \"{}\"", key),
         option.empty() ? std::string(format_expected) : fmt::format("a capture made with {}", option));
  }
  void check_complete() {
    if (!has(Field::action))
      fail(foreign.empty() ? "the line has no \"action\"" : fmt::format("this is {}", foreign), format_expected);
    need(Field::xid, "xid", "include-xids=1");
    need(Field::timestamp, "timestamp", "include-timestamp=1");
    need(Field::lsn, "lsn", "include-lsn=1");
    if (out.action == Wal2JsonAction::message) return check_message();
    if (!out.has_xid) fail("\"xid\" is null", "a transaction id");
    if (out.action == Wal2JsonAction::begin || out.action == Wal2JsonAction::commit) return;
    need(Field::schema, "schema", "include-schemas=1");
    need(Field::table, "table", "");
    if (out.action == Wal2JsonAction::truncate) return;
    need(Field::pk, "pk", "include-pk=1");
    if (out.action != Wal2JsonAction::remove) need(Field::columns, "columns", "");
    if (out.action != Wal2JsonAction::insert) need(Field::identity, "identity", "");
  }
  void check_message() const {
    need(Field::transactional, "transactional", "");
    need(Field::prefix, "prefix", "");
    need(Field::content, "content", "");
    if (out.transactional && !out.has_xid) fail("a transactional message has no xid", "a transaction id");
  }
  void reset(std::string_view text, const TextInput& from) {
    line = text;
    input = &from;
    seen = 0;
    foreign = {};
    prefixed.clear();
    prefixed.reserve(text.size());  // views point into it: it must not move
    out.columns.clear();
    out.identity.clear();
    out.pk.clear();
    out.has_xid = false;
    out.xid = 0;
    out.timestamp = {};
    out.transactional = false;
  }
};

Wal2JsonParser::Wal2JsonParser() : state_(std::make_unique<State>()) {}
Wal2JsonParser::~Wal2JsonParser() = default;

const Wal2JsonLine& Wal2JsonParser::parse(std::string_view line, const TextInput& input) {
  State& state = *state_;
  state.reset(line, input);
  const std::size_t first = line.find_first_not_of(" \t\r");
  if (first == std::string_view::npos || line[first] != '{')
    input.fail(0, fmt::format("this is {}", foreign_text(line)), format_expected);
  if (trimmed(line.substr(first)) == "{")
    input.fail(0, "this is a JSON object over several lines (wal2json format 1, or printed for reading)",
               format_expected);
  try {
    state.read_object();
  } catch (const simdjson::simdjson_error& error) {
    input.fail(0, fmt::format("the line is not valid JSON of this form: {}", simdjson::error_message(error.error())),
               format_expected);
  }
  state.check_complete();
  return state.out;
}

}  // namespace rehearse
