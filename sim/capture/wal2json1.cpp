// wal2json format 1: one JSON object a transaction, its row changes in the array `change`.
//
// What it carries less than format 2: rows have no positions of their own, so every row has that of its transaction's
// end (`nextlsn`), which is also where declared schema changes are looked for. Leaves out: objects written over several
// lines (pretty-print, write-in-chunks), which are refused by name.

#include <fmt/format.h>

#include <algorithm>

#include "sim/capture/change_event.h"
#include "sim/capture/json_tree.h"
#include "sim/capture/positions.h"

namespace rehearse {
namespace {

constexpr const char* format_expected = "wal2json format 1, one JSON object a line";

class Wal2Json1 : public ChangeParser {
 public:
  explicit Wal2Json1(const TableChoice& choice) : choice_(choice) {}
  void parse(std::string_view line, const TextInput& input, std::vector<ChangeEvent>& events) override {
    const JsonNode& root = tree_.parse(line, input);
    const JsonNode* changes = tree_.find(root, "change");
    if (changes == nullptr || !changes->is_array()) tree_.fail(root, "there is no array \"change\"", format_expected);
    prefixed_.clear();
    prefixed_.reserve(2 * line.size());  // views point into it: it must not move
    ChangeEvent begin;
    begin.kind = EventKind::begin;
    begin.xid = number(root, "xid", "a capture made with include-xids=1");
    begin.lsn = lsn_of(root);
    begin.time_unix_ns = time_of(root);
    const bool only_messages = changes->children > 0 && all_messages(*changes);
    if (!only_messages) events.push_back(begin);
    tree_.for_each(*changes, [&](const JsonNode& change) { add_change(change, begin, !only_messages, events); });
    if (only_messages) return;
    begin.kind = EventKind::commit;
    events.push_back(begin);
  }
  void finish(const TextInput&, std::vector<ChangeEvent>&) override {}

 private:
  std::uint64_t number(const JsonNode& root, std::string_view key, const char* expected) const {
    const JsonNode* found = tree_.find_value(root, key);
    if (found == nullptr) tree_.fail(root, fmt::format("there is no \"{}\"", key), expected);
    return tree_.whole_number(*found, key);
  }
  std::uint64_t lsn_of(const JsonNode& root) const {
    const std::string_view text = tree_.need_string(root, "nextlsn", "a capture made with include-lsn=1");
    const auto lsn = parse_lsn(text);
    if (!lsn)
      tree_.fail(*tree_.find(root, "nextlsn"), fmt::format("\"nextlsn\" is {}", shown_input(text)),
                 "a log sequence number such as \"0/1186F8A0\"");
    return *lsn;
  }
  std::int64_t time_of(const JsonNode& root) const {
    const std::string_view text = tree_.need_string(root, "timestamp", "a capture made with include-timestamp=1");
    const auto time = parse_timestamp(text);
    if (!time)
      tree_.fail(*tree_.find(root, "timestamp"), fmt::format("\"timestamp\" is {}", shown_input(text)),
                 "a commit time with offset such as \"2026-03-02 01:35:10.368375+00\"");
    return *time;
  }
  // A message outside any transaction comes as an object of its own.
  bool all_messages(const JsonNode& changes) const {
    bool all = true;
    tree_.for_each(changes, [&](const JsonNode& change) {
      const JsonNode* kind = tree_.find(change, "kind");
      const JsonNode* inside = tree_.find(change, "transactional");
      all = all && kind != nullptr && kind->text == "message" && inside != nullptr && inside->text == "false";
    });
    return all;
  }

  void add_change(const JsonNode& change, const ChangeEvent& of, bool inside, std::vector<ChangeEvent>& events) {
    if (!change.is_object()) tree_.fail(change, "a change is no object", format_expected);
    const std::string_view kind = tree_.need_string(change, "kind", "insert, update, delete, truncate or message");
    ChangeEvent& event = events.emplace_back();
    event.xid = of.xid;
    event.lsn = of.lsn;
    if (kind == "message") return add_message(change, inside, event);
    event.schema = tree_.need_string(change, "schema", "a capture made with include-schemas=1");
    event.table = tree_.need_string(change, "table", format_expected);
    if (!choice_.has(event.schema, event.table)) {
      event.kind = EventKind::other_table;
      return;
    }
    if (kind == "truncate") {
      event.kind = EventKind::truncate;
      return;
    }
    add_key(change, event);
    if (kind == "insert") event.kind = EventKind::insert;
    else if (kind == "update") event.kind = EventKind::update;
    else if (kind == "delete") event.kind = EventKind::remove;
    else
      tree_.fail(*tree_.find(change, "kind"), fmt::format("unknown kind {}", shown_input(kind)),
                 "insert, update, delete, truncate or message");
    if (event.kind != EventKind::remove)
      add_columns(change, {"columnnames", "columntypes", "columnvalues"}, event.columns);
    if (event.kind == EventKind::insert) return;
    const JsonNode* old = tree_.find_value(change, "oldkeys");
    if (old != nullptr) add_columns(*old, {"keynames", "keytypes", "keyvalues"}, event.old_columns);
  }

  void add_message(const JsonNode& change, bool inside, ChangeEvent& event) const {
    event.kind = EventKind::message;
    const JsonNode* transactional = tree_.find(change, "transactional");
    if (transactional == nullptr || transactional->kind != JsonNode::Kind::truth)
      tree_.fail(change, "\"transactional\" is not a truth value", "true or false");
    event.transactional = inside && transactional->text == "true";
    const JsonNode* prefix = tree_.find(change, "prefix");
    const JsonNode* content = tree_.find(change, "content");
    if (prefix == nullptr || content == nullptr) tree_.fail(change, "a message lacks its prefix or content");
    event.prefix = tree_.string(*prefix, "prefix");
    event.content = tree_.string(*content, "content");
  }

  void add_key(const JsonNode& change, ChangeEvent& event) const {
    const JsonNode* key = tree_.find_value(change, "pk");
    if (key == nullptr) return;
    const JsonNode* names = tree_.find(*key, "pknames");
    if (names == nullptr || !names->is_array()) tree_.fail(*key, "\"pk\" has no array \"pknames\"", format_expected);
    event.names_key = true;
    tree_.for_each(*names, [&](const JsonNode& name) { event.key.push_back(tree_.string(name, "pknames")); });
  }

  struct Names {
    std::string_view names, types, values;
  };
  void add_columns(const JsonNode& of, const Names& keys, std::vector<EventColumn>& columns) {
    const JsonNode* names = tree_.find(of, keys.names);
    const JsonNode* types = tree_.find(of, keys.types);
    const JsonNode* values = tree_.find(of, keys.values);
    for (const auto& [key, node] : {std::pair{keys.names, names}, {keys.types, types}, {keys.values, values}})
      if (node == nullptr || !node->is_array())
        tree_.fail(of, fmt::format("there is no array \"{}\"", key),
                   key == keys.types ? "a capture made with include-types=1" : format_expected);
    if (names->children != values->children || names->children != types->children)
      tree_.fail(*names,
                 fmt::format("{} names, {} types and {} values", names->children, types->children, values->children),
                 "as many of each");
    tree_.for_each(*names, [&](const JsonNode& name) {
      columns.push_back({tree_.string(name, keys.names), {}, false, {}});
    });
    std::size_t at = columns.size() - names->children;
    tree_.for_each(*types, [&](const JsonNode& type) { columns[at++].type = tree_.string(type, keys.types); });
    at = columns.size() - names->children;
    tree_.for_each(*values, [&](const JsonNode& value) { set_value(value, columns[at++]); });
  }
  void set_value(const JsonNode& value, EventColumn& column) {
    if (value.is_object() || value.is_array())
      tree_.fail(value, fmt::format("a column's value is {}", shown_input(value.text)),
                 "a string, a number, true, false or null");
    column.is_null = value.is_null();
    column.text = value.kind == JsonNode::Kind::truth ? value.text.substr(0, 1) : value.text;
    if (column.is_null) column.text = {};
    if (column.type != "bytea" || column.is_null) return;
    const std::size_t start = prefixed_.size();
    prefixed_ += "\\x";
    prefixed_ += column.text;
    column.text = std::string_view(prefixed_).substr(start);
  }

  const TableChoice& choice_;
  JsonTree tree_;
  std::string prefixed_;  // bytea texts with their \x
};

}  // namespace

std::unique_ptr<ChangeParser> make_wal2json1_parser(const TableChoice& choice) {
  return std::make_unique<Wal2Json1>(choice);
}

}  // namespace rehearse
