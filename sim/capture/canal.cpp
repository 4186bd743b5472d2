// Canal's flat JSON: one object a statement's rows, every value a string.
//
// `data` holds the rows (after an insert or update, before a delete), `old` the former values of the columns that an
// update changed, row by row; an update without them is found by its key. Types are in `mysqlType`. `id` numbers what a
// server has sent and begins again with it, so that order is seen by `es` where the id goes back. What it does not
// carry: positions, and transactions unless there is a `gtid`: without one each object is taken for a transaction, so
// statements of one transaction become visible one after the other. `es` is in milliseconds. DDL, whatever `isDdl`
// says, is passed over, which is told (a schema change is declared in the scenario), but for TRUNCATE, and for the end
// of a table (ERASE) or of a database, with which its rows are gone. TiCDC writes the same form; its watermarks are
// passed over.

#include <fmt/format.h>

#include <regex>

#include "sim/capture/change_event.h"
#include "sim/capture/change_fingerprint.h"
#include "sim/capture/json_tree.h"
#include "sim/capture/open_transaction.h"

namespace rehearse {
namespace {

constexpr const char* format_expected = "Canal's flat JSON, one object a line";
constexpr std::size_t longest_beginning = 100;  // of a statement, by which it is told
constexpr std::int64_t ns_per_millisecond = 1'000'000;
constexpr std::uint64_t milliseconds_max = 7'258'118'400'000;  // year 2200

class Canal : public ChangeParser {
 public:
  explicit Canal(const TableChoice& choice) : choice_(choice) {}
  void parse(std::string_view line, const TextInput& input, std::vector<ChangeEvent>& events) override {
    const JsonNode& root = tree_.parse(line, input);
    if (!root.is_object()) tree_.fail("the line is no JSON object", format_expected);
    const std::string_view type = tree_.need_string(root, "type", "INSERT, UPDATE, DELETE, TRUNCATE or DDL");
    const JsonNode* ddl = tree_.find_value(root, "isDdl");
    if (ddl != nullptr && ddl->kind != JsonNode::Kind::truth)
      tree_.fail(*ddl, "\"isDdl\" is not a truth value", "true or false");
    const bool row = type == "INSERT" || type == "UPDATE" || type == "DELETE";
    const bool empties = type == "TRUNCATE" || type == "ERASE";
    if (!row && !empties) {
      const JsonNode* data = tree_.find_value(root, "data");
      if (data == nullptr && type == "TIDB_WATERMARK") return pass_over("watermark", events);
      if ((ddl != nullptr && ddl->text == "true") || (data == nullptr && tree_.find(root, "sql") != nullptr))
        return drops_database(root) ? drop_database(root, input, events) : statement(root, events);
      tree_.fail(*tree_.find(root, "type"), fmt::format("unknown type {}", shown_input(type)),
                 "INSERT, UPDATE, DELETE, TRUNCATE or DDL");
    }
    if (!choice_.has(tree_.need_string(root, "database", format_expected),
                     tree_.need_string(root, "table", format_expected)))
      return name(root, EventKind::other_table, events.emplace_back());
    check_order(root);
    begin(root, input, events);
    if (empties) last_fingerprint_ = 0;
    if (empties) name(root, type == "ERASE" ? EventKind::drop_table : EventKind::truncate, open_.row(0, events));
    else
      add_rows(root,
               type == "INSERT"   ? EventKind::insert
               : type == "UPDATE" ? EventKind::update
                                  : EventKind::remove,
               events);
    if (open_.id().empty()) open_.end(events);
  }
  void finish(const TextInput&, std::vector<ChangeEvent>& events) override {
    if (open_.open()) open_.end(events);
  }

 private:
  static void pass_over(std::string_view what, std::vector<ChangeEvent>& events) {
    ChangeEvent& event = events.emplace_back();
    event.kind = EventKind::passed_over;
    event.content = what;
  }
  void statement(const JsonNode& root, std::vector<ChangeEvent>& events) const {
    const JsonNode* database = tree_.find_value(root, "database");
    const JsonNode* table = tree_.find_value(root, "table");
    if (database == nullptr || table == nullptr || !choice_.has(database->text, table->text))
      return pass_over("statement about another table", events);
    ChangeEvent& event = events.emplace_back();
    event.kind = EventKind::ddl;
    event.schema = database->text;
    event.table = table->text;
  }

  // Which is told as a statement of no table.
  bool drops_database(const JsonNode& root) const {
    const JsonNode* sql = tree_.find_value(root, "sql");
    if (sql == nullptr) return false;
    static const std::regex drop(R"(\s*drop\s+(database|schema)\b)", std::regex::icase);
    const std::string statement(sql->text.substr(0, longest_beginning));
    return std::regex_search(statement, drop, std::regex_constants::match_continuous);
  }
  void drop_database(const JsonNode& root, const TextInput& input, std::vector<ChangeEvent>& events) {
    const std::string_view database = tree_.need_string(root, "database", format_expected);
    if (!choice_.has_some_of(database)) return;
    check_order(root);
    begin(root, input, events);
    ChangeEvent& event = open_.row(0, events);
    event.kind = EventKind::drop_table;
    event.schema = database;
    if (open_.id().empty()) open_.end(events);
  }

  void check_order(const JsonNode& root) {
    const JsonNode* id = tree_.find_value(root, "id");
    if (id == nullptr) return;
    const std::uint64_t number = tree_.whole_number(*id, "id");
    const JsonNode* es = tree_.find_value(root, "es");
    const std::uint64_t time = es == nullptr ? 0 : tree_.whole_number(*es, "es");
    if (number < last_id_ && time < last_es_)
      tree_.fail(*id, fmt::format("message {} comes after message {}, and its \"es\" goes back", number, last_id_),
                 "the order of the ids; messages delivered again must be taken out");
    last_id_ = number;
    last_es_ = time;
  }

  void begin(const JsonNode& root, const TextInput& input, std::vector<ChangeEvent>& events) {
    const JsonNode* gtid = tree_.find_value(root, "gtid");
    const std::string_view id = gtid == nullptr ? std::string_view{} : tree_.string(*gtid, "gtid");
    if (open_.open() && open_.id() == id) return;
    if (open_.open()) open_.end(events);
    const JsonNode* es = tree_.find_value(root, "es");
    if (es == nullptr) tree_.fail(root, "there is no \"es\"", "the commit time in milliseconds since 1970");
    const std::uint64_t time = tree_.whole_number(*es, "es");
    if (time > milliseconds_max) tree_.fail(*es, "\"es\" lies after the year 2200", "milliseconds since 1970");
    open_.begin({.id = id, .xid = {}, .time_unix_ns = static_cast<std::int64_t>(time) * ns_per_millisecond}, input,
                events);
  }

  void name(const JsonNode& root, EventKind kind, ChangeEvent& event) const {
    event.kind = kind;
    event.schema = tree_.need_string(root, "database", format_expected);
    event.table = tree_.need_string(root, "table", format_expected);
    if (kind != EventKind::insert && kind != EventKind::update && kind != EventKind::remove) return;
    event.database = SourceDatabase::mysql;
    event.whole_row = true;
    const JsonNode* key = tree_.find_value(root, "pkNames");
    if (key == nullptr) return;
    if (!key->is_array()) tree_.fail(*key, "\"pkNames\" is no array", format_expected);
    event.names_key = true;
    tree_.for_each(*key, [&](const JsonNode& column) { event.key.push_back(tree_.string(column, "pkNames")); });
  }

  void add_rows(const JsonNode& root, EventKind kind, std::vector<ChangeEvent>& events) {
    const JsonNode* data = tree_.find(root, "data");
    if (data == nullptr || !data->is_array() || data->children == 0)
      tree_.fail(root, "there is no array of rows \"data\"", format_expected);
    const JsonNode* old = tree_.find_value(root, "old");
    const bool tells_old = kind == EventKind::update && old != nullptr;
    if (tells_old && (!old->is_array() || old->children != data->children))
      tree_.fail(root, "an update's \"old\" does not have a row for each of \"data\"", format_expected);
    const JsonNode* types = tree_.find_value(root, "mysqlType");
    const bool same_as_before = is_same_as_before(root);
    std::vector<const JsonNode*> former;
    if (tells_old) tree_.for_each(*old, [&](const JsonNode& row) { former.push_back(&row); });
    std::size_t number = 0;
    tree_.for_each(*data, [&](const JsonNode& row) {
      if (!row.is_object()) tree_.fail(row, "a row is no object", format_expected);
      ChangeEvent& event = open_.row(0, events);
      name(root, kind, event);
      event.same_as_before = same_as_before;
      std::vector<EventColumn>& whole = kind == EventKind::remove ? event.old_columns : event.columns;
      tree_.for_each(row, [&](const JsonNode& value) { whole.push_back(column_of(value, types)); });
      if (kind != EventKind::update) return;
      event.old_columns = event.columns;
      if (!tells_old || former[number]->is_null()) event.old_image = OldImage::of_new_row;
      if (!tells_old) return;
      const JsonNode& before = *former[number++];
      if (before.is_null()) return;
      if (!before.is_object()) tree_.fail(before, "a row of \"old\" is no object", format_expected);
      tree_.for_each(before, [&](const JsonNode& value) { put_old(value, types, event.old_columns); });
    });
  }
  // But for its number and when it was sent, which are others where it is sent again.
  bool is_same_as_before(const JsonNode& root) {
    const auto text = [&](const char* key) {
      const JsonNode* found = tree_.find(root, key);
      return found == nullptr ? std::string_view{} : found->text;
    };
    const std::uint64_t now = texts_fingerprint(
        {text("database"), text("table"), text("type"), text("es"), text("gtid"), text("data"), text("old")});
    const bool same = last_fingerprint_ == now;
    last_fingerprint_ = now;
    return same;
  }
  void put_old(const JsonNode& value, const JsonNode* types, std::vector<EventColumn>& columns) const {
    for (EventColumn& column : columns)
      if (column.name == value.key) {
        column = column_of(value, types);
        return;
      }
    tree_.fail(value, fmt::format("\"old\" has a column {} that \"data\" does not have", shown_input(value.key)),
               "the columns of the row");
  }
  EventColumn column_of(const JsonNode& value, const JsonNode* types) const {
    if (!value.is_string() && !value.is_null())
      tree_.fail(value, fmt::format("a column's value is {}", shown_input(value.text)), "a string or null");
    EventColumn column{value.key, {}, value.is_null(), value.is_null() ? std::string_view{} : value.text};
    const JsonNode* type = types == nullptr ? nullptr : tree_.find_value(*types, value.key);
    if (type != nullptr) column.type = tree_.string(*type, "mysqlType");
    return column;
  }

  const TableChoice& choice_;
  JsonTree tree_;
  OpenTransaction open_;
  std::uint64_t last_id_ = 0;
  std::uint64_t last_es_ = 0;
  std::uint64_t last_fingerprint_ = 0;  // of the message of rows before
};

}  // namespace

std::unique_ptr<ChangeParser> make_canal_parser(const TableChoice& choice) { return std::make_unique<Canal>(choice); }

}  // namespace rehearse
