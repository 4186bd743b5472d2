// Oracle GoldenGate's JSON: one object an operation, with op_type, before and after.
//
// `after` holds the row, or of an update the columns that the trail carries: one that is not there did not change.
// `before` holds what the trail carries of the row before. Transactions are told by `xid` or `csn` where the handler
// was told to write them; without either each operation is one. `op_ts` is the commit's time, taken as UTC, and `pos`
// its place in the trail: ten digits of its file, ten of the offset. Leaves out: types, tokens.

#include <fmt/format.h>

#include <charconv>

#include "sim/capture/change_event.h"
#include "sim/capture/json_tree.h"
#include "sim/capture/open_transaction.h"
#include "sim/capture/positions.h"
#include "sim/kernel/civil.h"

namespace rehearse {
namespace {

constexpr const char* format_expected = "GoldenGate's JSON with table, op_type, op_ts, before and after";

class GoldenGate : public ChangeParser {
 public:
  explicit GoldenGate(const TableChoice& choice) : choice_(choice) {}
  void parse(std::string_view line, const TextInput& input, std::vector<ChangeEvent>& events) override {
    const JsonNode& root = tree_.parse(line, input);
    if (!root.is_object()) tree_.fail("the line is no JSON object", format_expected);
    const std::string_view name = tree_.need_string(root, "table", format_expected);
    const std::size_t dot = name.rfind('.');
    const std::string_view schema = dot == std::string_view::npos ? std::string_view{} : name.substr(0, dot);
    const std::string_view table = dot == std::string_view::npos ? name : name.substr(dot + 1);
    const EventKind kind = choice_.has(schema, table) ? kind_of(root) : EventKind::other_table;
    if (kind == EventKind::other_table) return fill_name(kind, schema, table, events.emplace_back());
    const std::uint64_t position = position_of(root);
    enter(root, position, input, events);
    ChangeEvent& event = open_.row(position, events);
    fill_name(kind, schema, table, event);
    if (kind != EventKind::truncate) fill(root, event);
    if (open_.id().empty()) open_.end(events);
  }
  void finish(const TextInput&, std::vector<ChangeEvent>& events) override {
    if (open_.open()) open_.end(events);
  }

 private:
  EventKind kind_of(const JsonNode& root) const {
    const std::string_view type = tree_.need_string(root, "op_type", "I, U, D or T");
    constexpr EventKind kinds[] = {EventKind::insert, EventKind::update, EventKind::remove, EventKind::truncate};
    const std::size_t at = type.size() == 1 ? std::string_view("IUDT").find(type[0]) : std::string_view::npos;
    if (at == std::string_view::npos)
      tree_.fail(*tree_.find(root, "op_type"), fmt::format("unknown op_type {}", shown_input(type)), "I, U, D or T");
    return kinds[at];
  }
  static void fill_name(EventKind kind, std::string_view schema, std::string_view table, ChangeEvent& event) {
    event.kind = kind;
    event.schema = schema;
    event.table = table;
    event.database = SourceDatabase::other;
  }

  void enter(const JsonNode& root, std::uint64_t position, const TextInput& input, std::vector<ChangeEvent>& events) {
    std::string_view id;
    for (const char* key : {"csn", "xid"})
      if (const JsonNode* found = tree_.find_value(root, key)) id = found->text;
    if (open_.open() && open_.id() == id) return;
    if (open_.open()) open_.end(events);
    if (position != 0 && position < last_position_)
      tree_.fail(root, "the position goes back",
                 "the order of the trail; what was delivered again must be taken out, and topics merged by `pos`");
    last_position_ = position;
    open_.begin({.id = id, .xid = {}, .time_unix_ns = time_of(root), .position = position}, input, events);
  }

  void fill(const JsonNode& root, ChangeEvent& event) {
    const JsonNode* after = tree_.find_value(root, "after");
    const JsonNode* before = tree_.find_value(root, "before");
    if (event.kind != EventKind::remove && (after == nullptr || !after->is_object()))
      tree_.fail(root, "there is no object \"after\"", format_expected);
    if (event.kind == EventKind::remove && (before == nullptr || !before->is_object()))
      tree_.fail(root, "a delete has no object \"before\"", format_expected);
    if (event.kind != EventKind::remove) add_columns(*after, event.columns);
    if (event.kind != EventKind::insert) {
      if (before != nullptr) add_columns(*before, event.old_columns);
      else event.old_columns = event.columns;
      if (before == nullptr) event.old_image = OldImage::of_new_row;
    }
    const JsonNode* key = tree_.find_value(root, "primary_keys");
    if (key == nullptr || !key->is_array()) return;
    event.names_key = true;
    tree_.for_each(*key, [&](const JsonNode& column) { event.key.push_back(tree_.string(column, "primary_keys")); });
  }
  void add_columns(const JsonNode& row, std::vector<EventColumn>& columns) const {
    tree_.for_each(row, [&](const JsonNode& value) {
      columns.push_back({value.key, {}, value.is_null(), value.is_null() ? std::string_view{} : value.text});
      if (value.kind == JsonNode::Kind::truth) columns.back().text = value.text.substr(0, 1);
    });
  }

  std::int64_t time_of(const JsonNode& root) const {
    const std::string_view text = tree_.need_string(root, "op_ts", "the commit's time");
    const auto at = parse_rfc3339(text.ends_with('Z') ? std::string(text) : std::string(text) + "Z");
    if (!at)
      tree_.fail(*tree_.find(root, "op_ts"), fmt::format("\"op_ts\" is {}", shown_input(text)),
                 "a time such as \"2026-03-02 01:35:10.368375\"");
    return *at;
  }
  std::uint64_t position_of(const JsonNode& root) const {
    constexpr std::size_t offset_digits = 10;
    const JsonNode* node = tree_.find_value(root, "pos");
    if (node == nullptr) return 0;
    const std::string_view text = tree_.string(*node, "pos");
    const std::size_t split = text.size() > offset_digits ? text.size() - offset_digits : 0;
    std::uint64_t file = 0;
    std::uint64_t offset = 0;
    const auto read = [](std::string_view digits, std::uint64_t& value) {
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
      return error == std::errc{} && end == digits.data() + digits.size();
    };
    if ((split > 0 && !read(text.substr(0, split), file)) || !read(text.substr(split), offset) || file >> 32 != 0)
      tree_.fail(*node, fmt::format("\"pos\" is {}", shown_input(text)), "a place in the trail, digits alone");
    return binlog_position(file, offset);
  }

  const TableChoice& choice_;
  JsonTree tree_;
  OpenTransaction open_;
  std::uint64_t last_position_ = 0;
};

}  // namespace

std::unique_ptr<ChangeParser> make_goldengate_parser(const TableChoice& choice) {
  return std::make_unique<GoldenGate>(choice);
}

}  // namespace rehearse
