// Maxwell's JSON: one object a row change, the last one of a transaction with `commit: true`.
//
// `data` is the row (after an insert or update, before a delete), `old` the former values of the columns that an update
// changed. What it does not carry: types, fractions of a second of commit times (`ts` is in seconds), and, unless
// Maxwell was told to, positions and the primary key; the key is then the one declared for the table. A row without an
// xid (output_commit_info off, or a table of its own engine) is a transaction of its own. bootstrap-insert
// is a row of a snapshot. With a dropped table its rows are gone; other DDL is passed over, which is told: a schema
// change is declared in the scenario.

#include <fmt/format.h>

#include <charconv>

#include "sim/capture/change_event.h"
#include "sim/capture/change_fingerprint.h"
#include "sim/capture/json_tree.h"
#include "sim/capture/open_transaction.h"
#include "sim/capture/positions.h"

namespace rehearse {
namespace {

constexpr const char* format_expected = "Maxwell's JSON, one object a line";
constexpr std::int64_t ns_per_second = 1'000'000'000;
constexpr std::int64_t ns_per_millisecond = 1'000'000;
constexpr std::uint64_t ms_per_second = 1'000;
constexpr std::uint64_t seconds_max = 7'258'118'400;  // year 2200

class Maxwell : public ChangeParser {
 public:
  explicit Maxwell(const TableChoice& choice) : choice_(choice) {}
  void parse(std::string_view line, const TextInput& input, std::vector<ChangeEvent>& events) override {
    const JsonNode& root = tree_.parse(line, input);
    if (!root.is_object()) tree_.fail("the line is no JSON object", format_expected);
    const std::string_view type = tree_.need_string(root, "type", "insert, update, delete or bootstrap-insert");
    for (const auto& [word, kind] : {std::pair{"insert", EventKind::insert},
                                     {"update", EventKind::update},
                                     {"delete", EventKind::remove},
                                     {"bootstrap-insert", EventKind::snapshot_row}}) {
      if (type != word) continue;
      if (!chosen(root)) return pass_over(root, events);
      return kind == EventKind::snapshot_row ? snapshot_row(root, events) : row(root, kind, input, events);
    }
    if (type == "table-drop" || type == "database-drop") return drop(root, input, events);
    if (type == "table-create" || type == "table-alter") return statement(root, events);
    for (const char* passed : {"bootstrap-start", "bootstrap-complete", "database-create", "database-alter"})
      if (type == passed) return pass_over(passed, events);
    tree_.fail(*tree_.find(root, "type"), fmt::format("unknown type {}", shown_input(type)),
               "insert, update, delete, bootstrap-insert or DDL");
  }
  void finish(const TextInput& input, std::vector<ChangeEvent>&) override {
    if (!open_.open()) return;
    throw CaptureFailure({input.path(), open_.begin_line(), 0,
                          fmt::format("the file ends at line {} inside transaction {}, which begins here: it is cut "
                                      "short",
                                      input.line_number(), open_.id()),
                          "a row with \"commit\": true as the last of every transaction"});
  }

 private:
  bool chosen(const JsonNode& root) const {
    return choice_.has(tree_.need_string(root, "database", format_expected),
                       tree_.need_string(root, "table", format_expected));
  }
  void name(const JsonNode& root, EventKind kind, ChangeEvent& event) const {
    event.kind = kind;
    event.schema = tree_.need_string(root, "database", format_expected);
    if (tree_.find(root, "table") != nullptr) event.table = tree_.need_string(root, "table", format_expected);
  }

  static void pass_over(std::string_view what, std::vector<ChangeEvent>& events) {
    ChangeEvent& event = events.emplace_back();
    event.kind = EventKind::passed_over;
    event.content = what;
  }

  // A row of another table; it may be the last of a transaction.
  void pass_over(const JsonNode& root, std::vector<ChangeEvent>& events) {
    name(root, EventKind::other_table, events.emplace_back());
    const JsonNode* xid = tree_.find_value(root, "xid");
    const JsonNode* commit = tree_.find_value(root, "commit");
    if (open_.open() && xid != nullptr && commit != nullptr && open_.id() == xid->text && commit->text == "true")
      open_.end(events);
  }

  void statement(const JsonNode& root, std::vector<ChangeEvent>& events) const {
    if (chosen(root)) name(root, EventKind::ddl, events.emplace_back());
    else pass_over("statement about another table", events);
  }

  // Of a table, or of all tables of a database.
  void drop(const JsonNode& root, const TextInput& input, std::vector<ChangeEvent>& events) {
    const std::string_view database = tree_.need_string(root, "database", format_expected);
    if (tree_.find(root, "table") != nullptr ? !chosen(root) : !choice_.has_some_of(database)) return;
    if (open_.open())
      tree_.fail(root,
                 fmt::format("a table is dropped inside transaction {} of line {}", open_.id(), open_.begin_line()),
                 "a row with \"commit\": true first");
    open_.begin({.id = {}, .xid = {}, .time_unix_ns = statement_time(root), .position = position_of(root)}, input,
                events);
    name(root, EventKind::drop_table, open_.row(0, events));
    open_.end(events);
  }

  void row(const JsonNode& root, EventKind kind, const TextInput& input, std::vector<ChangeEvent>& events) {
    const JsonNode* xid = tree_.find_value(root, "xid");
    const std::string_view id = xid == nullptr ? std::string_view{} : xid->text;
    const std::uint64_t position = position_of(root);
    if (open_.open() && open_.id() != id)
      tree_.fail(root,
                 fmt::format("a row of {} inside transaction {} of line {}",
                             id.empty() ? "no transaction" : fmt::format("transaction {}", shown_input(id)), open_.id(),
                             open_.begin_line()),
                 "a row with \"commit\": true first");
    if (!open_.open()) {
      if (position != 0 && position < last_position_)
        tree_.fail(
            root, "the position goes back",
            "the order of the binary log; a row delivered again must be taken out, and partitions that stand one "
            "after the other merged by their positions");
      if (open_.count() > 0 && xid != nullptr && open_.id() == id)
        tree_.fail(*xid, fmt::format("transaction {} comes a second time", shown_input(id)), "each transaction once");
      std::optional<std::uint64_t> number;
      if (xid != nullptr) number = tree_.whole_number(*xid, "xid");
      open_.begin({.id = id, .xid = number, .time_unix_ns = time_of(root), .position = position}, input, events);
      last_offset_.reset();
    }
    last_position_ = std::max(last_position_, position);
    check_offset(root);
    ChangeEvent& event = open_.row(position, events);
    event.number = last_offset_;
    event.same_as_before = position == 0 && !last_offset_ && is_same_as_before(root);
    fill(root, kind, event);
    const JsonNode* commit = tree_.find_value(root, "commit");
    if (commit != nullptr && commit->kind != JsonNode::Kind::truth)
      tree_.fail(*commit, "\"commit\" is not a truth value", "true or false");
    if (xid == nullptr || (commit != nullptr && commit->text == "true")) open_.end(events);
  }

  bool is_same_as_before(const JsonNode& root) {
    const auto text = [&](const char* key) {
      const JsonNode* found = tree_.find(root, key);
      return found == nullptr ? std::string_view{} : found->text;
    };
    const std::uint64_t now = texts_fingerprint(
        {text("database"), text("table"), text("type"), text("ts"), text("xid"), text("data"), text("old")});
    const bool same = last_fingerprint_ == now;
    last_fingerprint_ = now;
    return same;
  }

  void snapshot_row(const JsonNode& root, std::vector<ChangeEvent>& events) {
    ChangeEvent& event = events.emplace_back();
    event.lsn = last_position_;
    fill(root, EventKind::snapshot_row, event);
  }

  void fill(const JsonNode& root, EventKind kind, ChangeEvent& event) {
    name(root, kind, event);
    event.database = SourceDatabase::mysql;
    event.whole_row = true;
    event.absent_means = "Maxwell with output_nulls=false leaves NULLs out, which cannot be told from a dropped column";
    const JsonNode* data = tree_.find(root, "data");
    if (data == nullptr || !data->is_object()) tree_.fail(root, "there is no object \"data\"", format_expected);
    const JsonNode* old = tree_.find_value(root, "old");
    if (kind == EventKind::update && (old == nullptr || !old->is_object()))
      tree_.fail(root, "an update has no object \"old\"", format_expected);
    std::vector<EventColumn>& whole = kind == EventKind::remove ? event.old_columns : event.columns;
    tree_.for_each(*data, [&](const JsonNode& value) { whole.push_back(column_of(value)); });
    if (kind == EventKind::update) {
      event.old_columns = event.columns;
      tree_.for_each(*old, [&](const JsonNode& value) { put_old(value, event.old_columns); });
    }
    const JsonNode* key = tree_.find_value(root, "primary_key_columns");
    if (key == nullptr) return;
    if (!key->is_array()) tree_.fail(*key, "\"primary_key_columns\" is no array", format_expected);
    event.names_key = true;
    tree_.for_each(*key, [&](const JsonNode& name) { event.key.push_back(tree_.string(name, key->key)); });
  }
  void put_old(const JsonNode& value, std::vector<EventColumn>& columns) const {
    for (EventColumn& column : columns)
      if (column.name == value.key) {
        column = column_of(value);
        return;
      }
    tree_.fail(value, fmt::format("\"old\" has a column {} that \"data\" does not have", shown_input(value.key)),
               "the columns of the row");
  }
  static EventColumn column_of(const JsonNode& value) {
    EventColumn column{value.key, {}, value.is_null(), value.text};
    if (value.kind == JsonNode::Kind::truth) column.text = value.text.substr(0, 1);
    if (column.is_null) column.text = {};
    return column;
  }

  // Of DDL, Maxwell says it in milliseconds.
  std::int64_t statement_time(const JsonNode& root) const {
    const JsonNode* ts = tree_.find_value(root, "ts");
    if (ts == nullptr) tree_.fail(root, "there is no \"ts\"", "the statement's time in milliseconds since 1970");
    const std::uint64_t milliseconds = tree_.whole_number(*ts, "ts");
    if (milliseconds > seconds_max * ms_per_second)
      tree_.fail(*ts, "\"ts\" lies after the year 2200", "a time in milliseconds since 1970");
    return static_cast<std::int64_t>(milliseconds) * ns_per_millisecond;
  }
  std::int64_t time_of(const JsonNode& root) const {
    const JsonNode* ts = tree_.find_value(root, "ts");
    if (ts == nullptr) tree_.fail(root, "there is no \"ts\"", "the commit time in seconds since 1970");
    const std::uint64_t seconds = tree_.whole_number(*ts, "ts");
    if (seconds > seconds_max) tree_.fail(*ts, "\"ts\" lies after the year 2200", "a time in seconds since 1970");
    return static_cast<std::int64_t>(seconds) * ns_per_second;
  }
  // "mysql-bin.000006:800911": the log's number and the offset in it; 0 if Maxwell does not say.
  std::uint64_t position_of(const JsonNode& root) const {
    const JsonNode* node = tree_.find_value(root, "position");
    if (node == nullptr) return 0;
    const std::string_view text = tree_.string(*node, "position");
    const std::size_t colon = text.rfind(':');
    const std::size_t dot = colon == std::string_view::npos ? colon : text.substr(0, colon).rfind('.');
    std::uint64_t file = 0;
    std::uint64_t offset = 0;
    const auto read = [](std::string_view digits, std::uint64_t& value) {
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
      return error == std::errc{} && end == digits.data() + digits.size();
    };
    if (dot == std::string_view::npos || !read(text.substr(dot + 1, colon - dot - 1), file) ||
        !read(text.substr(colon + 1), offset) || file >> 32 != 0)
      tree_.fail(*node, fmt::format("\"position\" is {}", shown_input(text)),
                 "a position such as \"binlog.000006:4711\"");
    return binlog_position(file, offset);
  }
  void check_offset(const JsonNode& root) {
    const JsonNode* node = tree_.find_value(root, "xoffset");
    if (node == nullptr) return;
    const std::uint64_t offset = tree_.whole_number(*node, "xoffset");
    if (last_offset_ && offset <= *last_offset_)
      tree_.fail(*node, fmt::format("row {} of the transaction comes after row {}", offset, *last_offset_),
                 "the rows of a transaction in their order");
    last_offset_ = offset;
  }

  const TableChoice& choice_;
  JsonTree tree_;
  OpenTransaction open_;
  std::uint64_t last_position_ = 0;
  std::uint64_t last_fingerprint_ = 0;  // of the row before
  std::optional<std::uint64_t> last_offset_;
};

}  // namespace

std::unique_ptr<ChangeParser> make_maxwell_parser(const TableChoice& choice) {
  return std::make_unique<Maxwell>(choice);
}

}  // namespace rehearse
