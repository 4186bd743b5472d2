// AWS DMS as it writes to Kafka and Kinesis: {"data": …, "metadata": …}, and "before-image" where it was told to.
//
// `data` is the row (after an insert or update, before a delete). Neighbours with one `transaction-id` are a
// transaction, and `timestamp` is its time. Rows of the full load (operation load) were there before the stream.
// Control records about a table are statements: one that drops or truncates it is replayed. What it does not carry:
// keys (they are declared), positions, types.

#include <fmt/format.h>

#include "sim/capture/change_event.h"
#include "sim/capture/json_tree.h"
#include "sim/capture/open_transaction.h"
#include "sim/kernel/civil.h"

namespace rehearse {
namespace {

constexpr const char* format_expected = "DMS's JSON with data and metadata";

class Dms : public ChangeParser {
 public:
  explicit Dms(const TableChoice& choice) : choice_(choice) {}
  void parse(std::string_view line, const TextInput& input, std::vector<ChangeEvent>& events) override {
    const JsonNode& root = tree_.parse(line, input);
    const JsonNode* metadata = tree_.find_value(root, "metadata");
    if (metadata == nullptr || !metadata->is_object())
      tree_.fail(root, "there is no object \"metadata\"", format_expected);
    const std::string_view operation = tree_.need_string(*metadata, "operation", "insert, update, delete or load");
    const bool control = tree_.need_string(*metadata, "record-type", "data or control") == "control";
    const JsonNode* table = tree_.find_value(*metadata, "table-name");
    if (control && table == nullptr) return pass_over(operation, events);
    const Name name{tree_.need_string(*metadata, "schema-name", format_expected),
                    tree_.need_string(*metadata, "table-name", format_expected)};
    if (!choice_.has(name.schema, name.table))
      return control ? pass_over("statement about another table", events)
                     : fill_name(EventKind::other_table, name, events.emplace_back());
    if (control && operation != "drop-table" && operation != "truncate-table")
      return fill_name(EventKind::ddl, name, events.emplace_back());
    if (operation == "load") return row(root, EventKind::snapshot_row, name, events.emplace_back());
    const EventKind kind = control ? (operation == "drop-table" ? EventKind::drop_table : EventKind::truncate)
                                   : kind_of(*metadata, operation);
    enter(*metadata, input, events);
    row(root, kind, name, open_.row(0, events));
    if (open_.id().empty()) open_.end(events);
  }
  void finish(const TextInput&, std::vector<ChangeEvent>& events) override {
    if (open_.open()) open_.end(events);
  }

 private:
  struct Name {
    std::string_view schema, table;
  };
  static void pass_over(std::string_view what, std::vector<ChangeEvent>& events) {
    ChangeEvent& event = events.emplace_back();
    event.kind = EventKind::passed_over;
    event.content = what;
  }
  static void fill_name(EventKind kind, const Name& name, ChangeEvent& event) {
    event.kind = kind;
    event.schema = name.schema;
    event.table = name.table;
    event.database = SourceDatabase::other;
  }
  EventKind kind_of(const JsonNode& metadata, std::string_view operation) const {
    for (const auto& [word, kind] :
         {std::pair{"insert", EventKind::insert}, {"update", EventKind::update}, {"delete", EventKind::remove}})
      if (operation == word) return kind;
    tree_.fail(*tree_.find(metadata, "operation"), fmt::format("unknown operation {}", shown_input(operation)),
               "insert, update, delete or load");
  }

  void enter(const JsonNode& metadata, const TextInput& input, std::vector<ChangeEvent>& events) {
    const JsonNode* transaction = tree_.find_value(metadata, "transaction-id");
    const std::string_view id = transaction == nullptr ? std::string_view{} : transaction->text;
    if (open_.open() && open_.id() == id) return;
    if (open_.open()) open_.end(events);
    std::optional<std::uint64_t> number;
    if (transaction != nullptr) number = tree_.whole_number(*transaction, "transaction-id");
    open_.begin({.id = id, .xid = number, .time_unix_ns = time_of(metadata)}, input, events);
  }

  void row(const JsonNode& root, EventKind kind, const Name& name, ChangeEvent& event) {
    fill_name(kind, name, event);
    if (kind == EventKind::truncate || kind == EventKind::drop_table) return;
    event.whole_row = true;
    event.absent_means = "DMS leaves out columns that are NULL where IncludeNullAndEmpty is false";
    const JsonNode* data = tree_.find_value(root, "data");
    if (data == nullptr || !data->is_object()) tree_.fail(root, "there is no object \"data\"", format_expected);
    add_columns(*data, kind == EventKind::remove ? event.old_columns : event.columns);
    if (kind != EventKind::update) return;
    const JsonNode* before = tree_.find_value(root, "before-image");
    if (before != nullptr) return add_columns(*before, event.old_columns);
    event.old_columns = event.columns;
    event.old_image = OldImage::of_new_row;
  }
  void add_columns(const JsonNode& row, std::vector<EventColumn>& columns) const {
    tree_.for_each(row, [&](const JsonNode& value) {
      columns.push_back({value.key, {}, value.is_null(), value.is_null() ? std::string_view{} : value.text});
      if (value.kind == JsonNode::Kind::truth) columns.back().text = value.text.substr(0, 1);
    });
  }
  std::int64_t time_of(const JsonNode& metadata) const {
    const std::string_view text = tree_.need_string(metadata, "timestamp", "the time of the transaction");
    const auto at = parse_rfc3339(text);
    if (!at)
      tree_.fail(*tree_.find(metadata, "timestamp"), fmt::format("\"timestamp\" is {}", shown_input(text)),
                 "a time such as \"2026-03-02T01:35:10.368375Z\"");
    return *at;
  }

  const TableChoice& choice_;
  JsonTree tree_;
  OpenTransaction open_;
};

}  // namespace

std::unique_ptr<ChangeParser> make_dms_parser(const TableChoice& choice) { return std::make_unique<Dms>(choice); }

}  // namespace rehearse
