// wal2json format 2: one JSON object a line, one line a row change, B and C lines around each transaction.
//
// Values keep every digit that PostgreSQL printed (1.10, 38 digits, int8 beyond 2^53). JSON null is NULL, NaN or an
// infinity: see EvidenceKind::null_may_be_not_a_number. A column that is absent is an unchanged TOAST value.

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "sim/capture/change_event.h"
#include "sim/capture/json_tree.h"
#include "sim/capture/positions.h"

namespace rehearse {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr const char* format_expected = "wal2json format 2, one JSON object a line";

std::string_view trimmed(std::string_view token) {
  while (!token.empty() && (token.back() == ' ' || token.back() == '\t' || token.back() == '\r'))
    token.remove_suffix(1);
  return token;
}

enum class Action : std::uint8_t { begin, commit, insert, update, remove, truncate, message };

// One line, parsed.
struct Line {
  Action action = Action::begin;
  bool has_xid = false;
  std::uint64_t xid = 0;
  std::string_view timestamp;
  std::uint64_t lsn = 0;
  std::string_view schema;
  std::string_view table;
  std::vector<EventColumn> columns;
  std::vector<EventColumn> identity;
  std::vector<std::string_view> pk;
  bool transactional = false;
  std::string_view prefix;
  std::string_view content;
};

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

class LineParser {
 public:
  const Line& parse(std::string_view text, const TextInput& from);

 private:
  ondemand::parser parser;
  Line out;
  std::string prefixed;  // bytea texts with their \x; never larger than the line
  std::string_view line;
  const TextInput* input = nullptr;
  unsigned seen = 0;
  std::vector<std::string_view> skipped;  // keys of the line's object

  [[noreturn]] void fail(std::string message, std::string expected = {}) const {
    input->fail(0, std::move(message), std::move(expected));
  }
  [[noreturn]] void fail_at(std::string_view token, std::string message, std::string expected = {}) const {
    input->fail(static_cast<std::uint64_t>(token.data() - line.data()) + 1, std::move(message), std::move(expected));
  }
  std::string_view string_of(ondemand::value value, std::string_view key) {
    const std::string_view token = trimmed(value.raw_json_token());
    if (!token.starts_with('"')) fail_at(token, fmt::format("\"{}\" is {}", key, shown_input(token)), "a string");
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
      fail_at(token, fmt::format("\"xid\" is {}", shown_input(token)), "a transaction id");
    out.has_xid = true;
  }
  void read_lsn(ondemand::value value) {
    const std::string_view token = trimmed(value.raw_json_token());
    const std::string_view text = string_of(value, "lsn");
    const auto lsn = parse_lsn(text);
    if (!lsn)
      fail_at(token, fmt::format("\"lsn\" is {}", shown_input(token)), "a log sequence number such as \"0/1186F8A0\"");
    out.lsn = *lsn;
  }
  void read_schema(ondemand::value value) { out.schema = string_of(value, "schema"); }
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
      fail_at(token, fmt::format("unknown action {}", shown_input(token)), "B, C, I, U, D, T or M");
    out.action = static_cast<Action>(at);
  }

  void read_value(ondemand::value value, EventColumn& column, std::string_view& raw) {
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
      fail_at(raw, fmt::format("a column's value is {}", shown_input(raw)), "a string, a number, true, false or null");
    }
  }
  void read_columns(ondemand::value value, std::string_view key, std::vector<EventColumn>& columns) {
    const std::string_view token = trimmed(value.raw_json_token());
    if (!token.starts_with('['))
      fail_at(token, fmt::format("\"{}\" is {}", key, shown_input(token)), "an array of columns");
    for (auto element : value.get_array()) {
      EventColumn column;
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
  void prefix_bytea(EventColumn& column) {
    const std::size_t start = prefixed.size();
    prefixed += "\\x";
    prefixed += column.text;
    column.text = std::string_view(prefixed).substr(start);
  }
  void read_pk(ondemand::value value) {
    const std::string_view token = trimmed(value.raw_json_token());
    if (!token.starts_with('[')) fail_at(token, fmt::format("\"pk\" is {}", shown_input(token)), "an array of columns");
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
      if (field == Field::unknown || field == Field::ignored) {
        skipped.push_back(key);
        continue;
      }
      if (has(field)) fail(fmt::format("the line has \"{}\" twice", key));
      seen |= 1U << static_cast<unsigned>(field);
      read_field(field, key, entry.value());
    }
    if (document.current_location().error() != simdjson::OUT_OF_BOUNDS)
      fail("the line goes on after its JSON object", format_expected);
    std::ranges::sort(skipped);
    if (const auto twice = std::ranges::adjacent_find(skipped); twice != skipped.end())
      fail(fmt::format("the line has \"{}\" twice", shown_input(*twice)));
  }
  void need(Field field, std::string_view key, std::string_view option) const {
    if (has(field)) return;
    fail(fmt::format("the line has no \"{}\"", key),
         option.empty() ? std::string(format_expected) : fmt::format("a capture made with {}", option));
  }
  void check_complete() {
    need(Field::action, "action", "");
    need(Field::xid, "xid", "include-xids=1");
    need(Field::timestamp, "timestamp", "include-timestamp=1");
    need(Field::lsn, "lsn", "include-lsn=1");
    if (out.action == Action::message) return check_message();
    if (!out.has_xid) fail("\"xid\" is null", "a transaction id");
    if (out.action == Action::begin || out.action == Action::commit) return;
    need(Field::schema, "schema", "include-schemas=1");
    need(Field::table, "table", "");
    if (out.action == Action::truncate) return;
    need(Field::pk, "pk", "include-pk=1");
    if (out.action != Action::remove) need(Field::columns, "columns", "");
    if (out.action != Action::insert) need(Field::identity, "identity", "");
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
    skipped.clear();
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

const Line& LineParser::parse(std::string_view text, const TextInput& from) {
  check_brackets(text, from);
  reset(text, from);
  try {
    read_object();
  } catch (const simdjson::simdjson_error& error) {
    fail(fmt::format("the line is not valid JSON of this form: {}", simdjson::error_message(error.error())),
         format_expected);
  }
  check_complete();
  return out;
}

// The order of lines: rows between B and C of their transaction.
class Wal2Json2 : public ChangeParser {
 public:
  explicit Wal2Json2(const TableChoice& choice) : choice_(choice) {}
  void parse(std::string_view text, const TextInput& input, std::vector<ChangeEvent>& events) override {
    const Line& line = lines_.parse(text, input);
    ChangeEvent& event = events.emplace_back();
    event.xid = line.xid;
    event.lsn = line.lsn;
    event.has_position = true;
    switch (line.action) {
      case Action::begin:
        return begin(line, input, event);
      case Action::commit:
        return commit(line, input, event);
      case Action::message:
        return message(line, input, event);
      default:
        return row(line, input, event);
    }
  }
  void finish(const TextInput& input, std::vector<ChangeEvent>&) override {
    if (!open_) return;
    throw CaptureFailure({input.path(), begin_line_, 0,
                          fmt::format("the file ends at line {} inside transaction {}, which begins here: it is cut "
                                      "short",
                                      input.line_number(), xid_),
                          "a C line for every B line"});
  }

 private:
  void begin(const Line& line, const TextInput& input, ChangeEvent& event) {
    if (open_)
      input.fail(0, fmt::format("transaction {} begins inside transaction {} of line {}", line.xid, xid_, begin_line_),
                 "a C line first");
    const auto time = parse_timestamp(line.timestamp);
    if (!time)
      input.fail(0, fmt::format("\"timestamp\" is \"{}\"", cut_text(line.timestamp, 40)),
                 "a commit time with offset such as \"2026-03-02 01:35:10.368375+00\"");
    event.kind = EventKind::begin;
    event.time_unix_ns = *time;
    open_ = true;
    xid_ = line.xid;
    commit_lsn_ = line.lsn;
    begin_line_ = input.line_number();
  }
  void commit(const Line& line, const TextInput& input, ChangeEvent& event) {
    check_inside(line, input);
    if (line.lsn != commit_lsn_)
      input.fail(0, fmt::format("the commit has LSN {}, its begin in line {} has {}", format_lsn(line.lsn), begin_line_,
                                format_lsn(commit_lsn_)));
    event.kind = EventKind::commit;
    open_ = false;
  }
  void message(const Line& line, const TextInput& input, ChangeEvent& event) const {
    if (line.transactional) check_inside(line, input);
    event.kind = EventKind::message;
    event.transactional = line.transactional;
    event.prefix = line.prefix;
    event.content = line.content;
  }
  void row(const Line& line, const TextInput& input, ChangeEvent& event) const {
    check_inside(line, input);
    if (line.lsn > commit_lsn_)
      input.fail(
          0, fmt::format("the row's LSN {} is beyond its commit's {}", format_lsn(line.lsn), format_lsn(commit_lsn_)));
    event.kind = line.action == Action::insert   ? EventKind::insert
                 : line.action == Action::update ? EventKind::update
                 : line.action == Action::remove ? EventKind::remove
                                                 : EventKind::truncate;
    event.schema = line.schema;
    event.table = line.table;
    if (!choice_.has(line.schema, line.table)) {
      event.kind = EventKind::other_table;
      return;
    }
    event.columns = line.columns;
    event.old_columns = line.identity;
    event.names_key = line.action != Action::truncate;
    event.key = line.pk;
  }
  void check_inside(const Line& line, const TextInput& input) const {
    if (!open_)
      input.fail(0, fmt::format("a line of transaction {} outside any transaction", line.xid),
                 "a B line first (include-transaction=1)");
    if (line.xid != xid_)
      input.fail(0,
                 fmt::format("a line of transaction {} inside transaction {} of line {}", line.xid, xid_, begin_line_));
  }

  const TableChoice& choice_;
  LineParser lines_;
  bool open_ = false;
  std::uint64_t xid_ = 0;
  std::uint64_t commit_lsn_ = 0;
  std::uint64_t begin_line_ = 0;
};

}  // namespace

std::unique_ptr<ChangeParser> make_wal2json2_parser(const TableChoice& choice) {
  return std::make_unique<Wal2Json2>(choice);
}

}  // namespace rehearse
