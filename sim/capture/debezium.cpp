// Debezium's JSON envelopes: before, after, op, source, with or without `schema` around them.
//
// A line is a value; {"key": …, "value": …}; or a key and a value with a tab between, as console consumers print them.
// A null value is a tombstone, and so is a line `null`: it tells compaction something, not the replay. Snapshot rows
// (op r) were there before the stream. Heartbeats and messages about schemas are passed over. Keys come from the
// message's key, without what a router adds to it that is no column, or are declared for the table. A value that is
// the placeholder for an unavailable one is a column that the event does not carry; any other column that a row lacks
// is gone. Either every envelope of a file has its schema or none: the same value is written otherwise without one.
//
// Transactions: by `transaction.id` (of PostgreSQL, what stands before its colon: the rest is the row's), else by the
// source's txId, gtid, commit_lsn, or binary log position, of neighbouring events; BEGIN and END events are checked
// against the rows between them. Positions are the source's `lsn` or file and offset. The log of PostgreSQL delivers
// rows in commit order but names their own positions, so a commit's is taken to be its highest row's, and one more than
// that of the commit before if it would go back. Order is seen by what PostgreSQL calls `sequence`, by file and offset,
// by commit_lsn (SQL Server, Db2) and by commit_scn (Oracle); with MySQL's gtid by its number of each server, since
// files begin again where another server takes over. Leaves out: envelopes that a transform has flattened, connectors
// whose rows have neither schema nor database.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "sim/capture/change_event.h"
#include "sim/capture/debezium_values.h"
#include "sim/capture/json_tree.h"
#include "sim/capture/open_transaction.h"
#include "sim/capture/positions.h"

namespace rehearse {
namespace {

constexpr const char* format_expected = "a Debezium envelope with before, after, op and source";
constexpr const char* order_expected =
    "commit order; what was delivered again must be taken out, and topics or partitions that stand one after the other "
    "merged by their positions";
constexpr std::int64_t time_max_ns = 7'258'118'400'000'000'000;  // year 2200

std::string_view blanks_cut(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// PostgreSQL's connector writes "701:1000140", the transaction and the row's position.
std::string_view transaction_of(std::string_view id) {
  const std::size_t colon = id.find(':');
  if (colon == std::string_view::npos || !all_digits(id.substr(0, colon)) || !all_digits(id.substr(colon + 1)))
    return id;
  return id.substr(0, colon);
}

class Debezium : public ChangeParser {
 public:
  explicit Debezium(const TableChoice& choice) : choice_(choice) {}
  void parse(std::string_view line, const TextInput& input, std::vector<ChangeEvent>& events) override {
    values_.clear();
    line = blanks_cut(line);
    if (line == "null") return;
    const std::size_t tab = line.find('\t');  // inside JSON text a tab is escaped
    if (tab != std::string_view::npos && tab + 1 < line.size() && (line[tab + 1] == '{' || line[tab + 1] == 'n')) {
      const JsonNode& key = keys_.parse(line.substr(0, tab), input);
      const std::string_view value = line.substr(tab + 1);
      if (value == "null") return;
      return take(tree_.parse(value, input), {&keys_, &key}, input, events);
    }
    const JsonNode& root = tree_.parse(line, input);
    if (!root.is_object()) tree_.fail("the line is no JSON object", format_expected);
    const JsonNode* key = tree_.find(root, "key");
    const JsonNode* value = tree_.find(root, "value");
    if (key != nullptr && value != nullptr && tree_.find(root, "op") == nullptr) {
      if (!value->is_null()) take(*value, {&tree_, key}, input, events);
      return;
    }
    take(root, {}, input, events);
  }

  void finish(const TextInput& input, std::vector<ChangeEvent>& events) override {
    if (!open_.open()) return;
    if (!marked_.empty())
      throw CaptureFailure({input.path(), marked_line_, 0,
                            fmt::format("the file ends at line {} inside transaction {}, which begins here: it is cut "
                                        "short",
                                        input.line_number(), marked_),
                            "an END event for every BEGIN"});
    open_.end(events);
  }

 private:
  struct Key {
    const JsonTree* tree = nullptr;
    const JsonNode* node = nullptr;  // null: the line has none
  };

  // The inside of a {schema, payload} pair, or the node itself.
  static const JsonNode& payload_of(const JsonTree& tree, const JsonNode& node) {
    const JsonNode* payload = tree.find(node, "payload");
    return payload == nullptr ? node : *payload;
  }

  void take(const JsonNode& value, Key key, const TextInput& input, std::vector<ChangeEvent>& events) {
    const JsonNode& payload = payload_of(tree_, value);
    if (payload.is_null()) return;
    if (tree_.find(payload, "op") == nullptr && tree_.find_value(payload, "status") != nullptr)
      return marker(payload, input, events);
    if (tree_.find(payload, "op") == nullptr && passed_over(payload, events)) return;
    const std::string_view op = tree_.need_string(payload, "op", format_expected);
    const JsonNode* source = tree_.find_value(payload, "source");
    if (source == nullptr || !source->is_object()) tree_.fail(payload, "there is no \"source\"", format_expected);
    schema_ = &payload == &value ? nullptr : tree_.find_value(value, "schema");
    if (op != "m") {
      const auto [schema, table] = name_of(*source);
      if (!choice_.has(schema, table)) {
        ChangeEvent& event = events.emplace_back();
        event.kind = EventKind::other_table;
        event.schema = schema;
        event.table = table;
        return;
      }
      check_schema(payload, input);
    }
    if (op == "r" || (op == "c" && snapshot(*source))) {
      ChangeEvent& event = events.emplace_back();
      event.kind = EventKind::snapshot_row;
      event.lsn = position_of(*source);
      return fill(payload, *source, key, event);
    }
    const std::size_t at = op.size() == 1 ? std::string_view("cudtm").find(op[0]) : std::string_view::npos;
    if (at == std::string_view::npos)
      tree_.fail(*tree_.find(payload, "op"), fmt::format("unknown op {}", shown_input(op)), "c, u, d, r, t or m");
    constexpr EventKind kinds[] = {EventKind::insert, EventKind::update, EventKind::remove, EventKind::truncate,
                                   EventKind::message};
    if (kinds[at] == EventKind::message && transaction_id(payload, *source).empty()) {
      ChangeEvent& event = events.emplace_back();
      event.kind = EventKind::message;
      event.lsn = position_of(*source);
      return fill_message(payload, event);
    }
    enter(payload, *source, input, events);
    ChangeEvent& event = open_.row(position_in_order(*source), events);
    event.number = number_of(payload, *source);
    event.kind = kinds[at];
    if (event.kind == EventKind::message) {
      event.transactional = true;
      return fill_message(payload, event);
    }
    fill(payload, *source, key, event);
    check_collection(payload, event);
  }

  static void pass_over(std::string_view what, std::vector<ChangeEvent>& events) {
    ChangeEvent& event = events.emplace_back();
    event.kind = EventKind::passed_over;
    event.content = what;
  }

  // A message of Debezium's own that is no change of a row.
  bool passed_over(const JsonNode& payload, std::vector<ChangeEvent>& events) {
    if (tree_.find(payload, "tableChanges") != nullptr || tree_.find(payload, "ddl") != nullptr) {
      statement(payload, events);
      return true;
    }
    if (payload.children == 1 && tree_.find(payload, "ts_ms") != nullptr) {
      pass_over("heartbeat", events);
      return true;
    }
    if (tree_.find(payload, "aggregate_type") != nullptr && tree_.find(payload, "additional_data") != nullptr) {
      pass_over("notification", events);
      return true;
    }
    return false;
  }

  void statement(const JsonNode& payload, std::vector<ChangeEvent>& events) const {
    const JsonNode* source = tree_.find_value(payload, "source");
    const JsonNode* schema = tree_.find_value(payload, "schemaName");
    if (schema == nullptr) schema = tree_.find_value(payload, "databaseName");
    const JsonNode* table = source == nullptr ? nullptr : tree_.find_value(*source, "table");
    if (schema == nullptr || table == nullptr || !choice_.has(schema->text, table->text))
      return pass_over("statement about another table", events);
    ChangeEvent& event = events.emplace_back();
    event.kind = EventKind::ddl;
    event.schema = schema->text;
    event.table = table->text;
  }

  // ---- transactions

  static bool snapshot_word(std::string_view word) {
    return word == "true" || word == "first" || word == "last" || word == "first_in_data_collection" ||
           word == "last_in_data_collection";
  }
  bool snapshot(const JsonNode& source) const {
    const JsonNode* mark = tree_.find_value(source, "snapshot");
    return mark != nullptr && snapshot_word(mark->text);
  }

  std::string_view transaction_id(const JsonNode& payload, const JsonNode& source) {
    if (const JsonNode* transaction = tree_.find_value(payload, "transaction"))
      return transaction_of(tree_.need_string(*transaction, "id", "the transaction's id"));
    for (const char* key : {"txId", "gtid", "commit_lsn"})
      if (const JsonNode* id = tree_.find_value(source, key)) return id->text;
    const JsonNode* file = tree_.find_value(source, "file");
    const JsonNode* pos = tree_.find_value(source, "pos");
    if (file == nullptr || pos == nullptr) return {};
    place_ = fmt::format("{}:{}", file->text, pos->text);
    return place_;
  }

  void enter(const JsonNode& payload, const JsonNode& source, const TextInput& input,
             std::vector<ChangeEvent>& events) {
    const std::string_view id = transaction_id(payload, source);
    if (!marked_.empty() && id != marked_)
      tree_.fail(payload,
                 fmt::format("a row of transaction {} inside transaction {} of line {}", shown_input(id),
                             shown_input(marked_), marked_line_),
                 "an END event first");
    if (!open_.open() || id.empty() || open_.id() != id) begin(id, source, input, events);
    check_total_order(payload);
  }

  void begin(std::string_view id, const JsonNode& source, const TextInput& input, std::vector<ChangeEvent>& events) {
    if (open_.open()) open_.end(events);
    if (!id.empty() && id == ended_)
      tree_.fail(source, fmt::format("transaction {} comes a second time", shown_input(id)), "each transaction once");
    check_order(source);
    std::optional<std::uint64_t> xid;
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
    if (error == std::errc{} && (end == id.data() + id.size() || *end == ':')) xid = number;
    open_.begin({.id = id, .xid = xid, .time_unix_ns = time_of(source), .position = position_in_order(source)}, input,
                events);
    last_total_ = 0;
    collections_.clear();
  }

  // The position of the last commit before this transaction (PostgreSQL), or its place in the binary log (MySQL).
  void check_order(const JsonNode& source) {
    std::uint64_t reached = 0;
    if (const JsonNode* sequence = tree_.find_value(source, "sequence"); sequence != nullptr && sequence->is_string()) {
      const std::size_t first = sequence->text.find_first_of("0123456789");
      const std::string_view before = sequence->text.substr(0, std::min(first, sequence->text.size()));
      if (before == "[\"")  // not [null,"…"], which the first transaction has
        std::from_chars(sequence->text.data() + first, sequence->text.data() + sequence->text.size(), reached);
    } else if (const JsonNode* gtid = tree_.find_value(source, "gtid"); gtid != nullptr && gtid->is_string()) {
      check_gtid(*gtid);
    } else if (tree_.find_value(source, "file") != nullptr) {
      reached = position_of(source);
    } else if (const JsonNode* scn = tree_.find_value(source, "commit_scn"); scn != nullptr && all_digits(scn->text)) {
      std::from_chars(scn->text.data(), scn->text.data() + scn->text.size(), reached);
    }
    if (const JsonNode* lsn = tree_.find_value(source, "commit_lsn")) check_commit_lsn(*lsn);
    if (reached == 0) return;
    if (reached < reached_) tree_.fail(source, "the transaction's position goes back", order_expected);
    reached_ = reached;
  }

  // MySQL's "server:17" and MariaDB's "0-1-17" number what one server, or one domain, has committed.
  void check_gtid(const JsonNode& gtid) {
    const std::size_t sign = gtid.text.find_last_of(":-");
    std::uint64_t number = 0;
    if (sign == std::string_view::npos || !all_digits(gtid.text.substr(sign + 1))) return;
    std::from_chars(gtid.text.data() + sign + 1, gtid.text.data() + gtid.text.size(), number);
    const bool mariadb = gtid.text[sign] == '-';
    std::uint64_t& last = last_of_server_[std::string(gtid.text.substr(0, mariadb ? gtid.text.find('-') : sign))];
    if (number < last)
      tree_.fail(gtid, fmt::format("transaction {} comes after number {} of its server", shown_input(gtid.text), last),
                 order_expected);
    last = number;
  }

  // Three hexadecimal numbers of fixed width, so that texts compare as positions do.
  void check_commit_lsn(const JsonNode& node) {
    const std::string_view lsn = tree_.string(node, "commit_lsn");
    const bool as_written = lsn.find_first_not_of("0123456789abcdefABCDEF:") == std::string_view::npos;
    if (!as_written || (!commit_lsn_.empty() && lsn.size() != commit_lsn_.size()))
      tree_.fail(node, fmt::format("\"commit_lsn\" is {}", shown_input(lsn)),
                 "a position such as \"00000031:00000100:0005\"");
    std::string lower(lsn);
    for (char& c : lower) c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    if (lower < commit_lsn_)
      tree_.fail(node, fmt::format("the commit's position {} goes back behind {}", lsn, commit_lsn_), order_expected);
    commit_lsn_ = std::move(lower);
  }

  // A decimal or a date with its schema and the same one without are different texts, and nothing would tell.
  void check_schema(const JsonNode& payload, const TextInput& input) {
    const bool has = schema_ != nullptr;
    if (rows_line_ == 0) {
      rows_line_ = input.line_number();
      rows_have_schema_ = has;
    }
    if (has == rows_have_schema_) return;
    tree_.fail(payload,
               fmt::format("the envelope has {} schema, and that of line {} has {}", has ? "a" : "no", rows_line_,
                           rows_have_schema_ ? "one" : "none"),
               "a schema with every envelope of a file, or with none");
  }

  void check_total_order(const JsonNode& payload) {
    const JsonNode* transaction = tree_.find_value(payload, "transaction");
    const JsonNode* order = transaction == nullptr ? nullptr : tree_.find_value(*transaction, "total_order");
    if (order == nullptr) return;
    const std::uint64_t number = tree_.whole_number(*order, "total_order");
    if (number <= last_total_)
      tree_.fail(*order, fmt::format("event {} of the transaction comes after event {}", number, last_total_),
                 "the events of a transaction in their order, each once");
    last_total_ = number;
  }

  // Whatever topics are in the file: the events of one table in one transaction are numbered without gaps.
  void check_collection(const JsonNode& payload, const ChangeEvent& event) {
    const JsonNode* transaction = tree_.find_value(payload, "transaction");
    const JsonNode* order = transaction == nullptr ? nullptr : tree_.find_value(*transaction, "data_collection_order");
    if (order == nullptr) return;
    const std::uint64_t number = tree_.whole_number(*order, "data_collection_order");
    std::uint64_t& last = collections_[fmt::format("{}.{}", event.schema, event.table)];
    if (number != last + 1)
      tree_.fail(*order,
                 fmt::format("event {} of table {} in the transaction comes after event {}", number, event.table, last),
                 "every event of the table");
    last = number;
  }

  void marker(const JsonNode& payload, const TextInput& input, std::vector<ChangeEvent>& events) {
    const std::string_view status = tree_.need_string(payload, "status", "BEGIN or END");
    const std::string_view id = transaction_of(tree_.need_string(payload, "id", "the transaction's id"));
    if (status == "BEGIN") {
      if (!marked_.empty())
        tree_.fail(payload,
                   fmt::format("transaction {} begins inside transaction {} of line {}", shown_input(id),
                               shown_input(marked_), marked_line_),
                   "an END event first");
      if (open_.open()) open_.end(events);
      marked_.assign(id);
      marked_line_ = input.line_number();
      return;
    }
    if (status != "END")
      tree_.fail(*tree_.find(payload, "status"), fmt::format("unknown status {}", shown_input(status)), "BEGIN or END");
    if (!marked_.empty() && id != marked_)
      tree_.fail(payload,
                 fmt::format("transaction {} ends inside transaction {} of line {}", shown_input(id),
                             shown_input(marked_), marked_line_),
                 "the END event of the transaction that was begun");
    marked_.clear();
    if (!open_.open() || open_.id() != id) return;  // none of its rows is in the file
    check_counts(payload);
    ended_.assign(id);
    open_.end(events);
  }

  void check_counts(const JsonNode& payload) const {
    const JsonNode* counts = tree_.find_value(payload, "data_collections");
    if (counts == nullptr || !counts->is_array()) return;
    tree_.for_each(*counts, [&](const JsonNode& count) {
      const JsonNode* collection = tree_.find_value(count, "data_collection");
      const JsonNode* number = tree_.find_value(count, "event_count");
      if (collection == nullptr || number == nullptr) return;
      for (const auto& [table, last] : collections_)
        if (collection->text == table || collection->text.ends_with("." + table))
          if (tree_.whole_number(*number, "event_count") != last)
            tree_.fail(*number,
                       fmt::format("the transaction has {} events of table {}, {} of them are here", number->text,
                                   table, last),
                       "every event of the table");
    });
  }

  std::int64_t time_of(const JsonNode& source) const {
    constexpr std::pair<const char*, std::int64_t> units[] = {{"ts_ns", 1}, {"ts_us", 1'000}, {"ts_ms", 1'000'000}};
    for (const auto& [key, unit] : units) {
      const JsonNode* found = tree_.find_value(source, key);
      if (found == nullptr) continue;
      const std::uint64_t count = tree_.whole_number(*found, key);
      if (count > static_cast<std::uint64_t>(time_max_ns / unit))
        tree_.fail(*found, fmt::format("\"{}\" lies after the year 2200", key), "a time since 1970");
      return static_cast<std::int64_t>(count) * unit;
    }
    tree_.fail(source, "there is no \"ts_ms\"", "the commit time in source.ts_ms, ts_us or ts_ns");
  }

  std::uint64_t position_of(const JsonNode& source) const {
    if (const JsonNode* lsn = tree_.find_value(source, "lsn"); lsn != nullptr && lsn->kind == JsonNode::Kind::number)
      return tree_.whole_number(*lsn, "lsn");
    const JsonNode* file = tree_.find_value(source, "file");
    const JsonNode* pos = tree_.find_value(source, "pos");
    if (file == nullptr || pos == nullptr) return 0;
    const std::string_view name = tree_.string(*file, "file");
    std::uint64_t number = 0;
    const std::size_t dot = name.rfind('.');
    if (dot != std::string_view::npos) std::from_chars(name.data() + dot + 1, name.data() + name.size(), number);
    const std::uint64_t offset = tree_.whole_number(*pos, "pos");
    if (number >> 32 != 0) tree_.fail(*file, "the binary log's position is out of range", "a file's number below 2^32");
    return binlog_position(number, offset);
  }

  // None where another server's log is read, whose files are numbered otherwise.
  std::uint64_t position_in_order(const JsonNode& source) {
    const std::uint64_t position = position_of(source);
    if (tree_.find_value(source, "gtid") != nullptr && position < highest_) return 0;
    highest_ = std::max(highest_, position);
    return position;
  }

  // Which of its position's changes a row is, where the source or the connector numbers them.
  std::optional<std::uint64_t> number_of(const JsonNode& payload, const JsonNode& source) const {
    const JsonNode* transaction = tree_.find_value(payload, "transaction");
    const JsonNode* number = transaction == nullptr ? nullptr : tree_.find_value(*transaction, "total_order");
    if (number == nullptr && tree_.find_value(source, "file") != nullptr) number = tree_.find_value(source, "row");
    if (number == nullptr || number->kind != JsonNode::Kind::number) return std::nullopt;
    return tree_.whole_number(*number, "row");
  }

  // PostgreSQL fills up the old row of which its log holds no more than the key; the others log all of it.
  static bool fills_up(SourceDatabase database) { return database == SourceDatabase::postgresql; }
  SourceDatabase database_of(const JsonNode& source) const {
    const JsonNode* connector = tree_.find_value(source, "connector");
    if (connector == nullptr || connector->text == "postgresql") return SourceDatabase::postgresql;
    return connector->text == "mysql" || connector->text == "mariadb" || connector->text == "tidb" ||
                   connector->text == "TiCDC"
               ? SourceDatabase::mysql
               : SourceDatabase::other;
  }

  // ---- rows

  struct Name {
    std::string_view schema, table;
  };
  Name name_of(const JsonNode& source) const {
    const JsonNode* schema = tree_.find_value(source, "schema");
    return {
        schema != nullptr ? tree_.string(*schema, "schema") : tree_.need_string(source, "db", "a schema or database"),
        tree_.need_string(source, "table", format_expected)};
  }

  void fill(const JsonNode& payload, const JsonNode& source, Key key, ChangeEvent& event) {
    const auto [schema, table] = name_of(source);
    event.schema = schema;
    event.table = table;
    if (event.kind == EventKind::truncate) return;
    event.database = database_of(source);
    values_.of_database(event.database);
    event.whole_row = true;
    const JsonNode* after = tree_.find_value(payload, "after");
    const JsonNode* before = tree_.find_value(payload, "before");
    for (const JsonNode* row : {after, before})
      if (row != nullptr && !row->is_object()) tree_.fail(*row, "a row is no object", format_expected);
    if (event.kind != EventKind::remove) {
      if (after == nullptr) tree_.fail(payload, "there is no row \"after\"", format_expected);
      add_columns(*after, "after", event.columns);
    }
    const bool by_key = add_key(key, after != nullptr ? after : before, event);
    if (event.kind != EventKind::update && event.kind != EventKind::remove) return;
    if (before != nullptr) add_columns(*before, "before", by_key ? event.before : event.old_columns);
    if (before != nullptr && fills_up(event.database)) event.old_image = OldImage::key_only;
    if (by_key || before != nullptr) return;
    if (event.kind == EventKind::update) {
      event.old_columns = event.columns;
      event.old_image = OldImage::of_new_row;
    }
  }

  // Whether the message's key says which row an update or delete is about. A router adds to keys what is no column.
  bool add_key(Key key, const JsonNode* row, ChangeEvent& event) {
    if (key.node == nullptr) return false;
    const JsonNode& columns = payload_of(*key.tree, *key.node);
    if (!columns.is_object()) return false;
    const JsonNode* fields = nullptr;
    if (const JsonNode* schema = &columns == key.node ? nullptr : key.tree->find_value(*key.node, "schema"))
      fields = key.tree->find_value(*schema, "fields");
    const bool addressed = event.kind == EventKind::update || event.kind == EventKind::remove;
    key.tree->for_each(columns, [&](const JsonNode& value) {
      if (row != nullptr && tree_.find(*row, value.key) == nullptr) return;
      event.key.push_back(value.key);
      if (addressed)
        event.old_columns.push_back(values_.column(*key.tree, value, field_named(*key.tree, fields, value.key)));
    });
    event.names_key = !event.key.empty();
    return addressed && event.names_key;
  }

  static const JsonNode* field_named(const JsonTree& tree, const JsonNode* fields, std::string_view name) {
    const JsonNode* found = nullptr;
    if (fields == nullptr) return found;
    tree.for_each(*fields, [&](const JsonNode& field) {
      const JsonNode* of = tree.find(field, "field");
      if (of != nullptr && of->text == name) found = &field;
    });
    return found;
  }

  void add_columns(const JsonNode& row, std::string_view part, std::vector<EventColumn>& columns) {
    const JsonNode* fields = nullptr;
    if (schema_ != nullptr)
      if (const JsonNode* envelope = tree_.find_value(*schema_, "fields"))
        if (const JsonNode* of = field_named(tree_, envelope, part)) fields = tree_.find_value(*of, "fields");
    tree_.for_each(row, [&](const JsonNode& value) {
      if (DebeziumValues::unavailable(tree_, value)) columns.push_back({value.key, {}, false, {}, true});
      else columns.push_back(values_.column(tree_, value, field_named(tree_, fields, value.key)));
    });
  }

  void fill_message(const JsonNode& payload, ChangeEvent& event) {
    const JsonNode* message = tree_.find_value(payload, "message");
    if (message == nullptr) tree_.fail(payload, "there is no \"message\"", format_expected);
    if (const JsonNode* prefix = tree_.find_value(*message, "prefix")) event.prefix = tree_.string(*prefix, "prefix");
    if (const JsonNode* content = tree_.find_value(*message, "content")) event.content = values_.bytes(tree_, *content);
  }

  const TableChoice& choice_;
  JsonTree tree_;
  JsonTree keys_;  // of lines that hold the key apart
  DebeziumValues values_;
  const JsonNode* schema_ = nullptr;  // of the line's envelope
  OpenTransaction open_;
  std::string marked_;  // the transaction whose BEGIN was read and whose END was not
  std::uint64_t marked_line_ = 0;
  std::string ended_;
  std::string place_;
  std::uint64_t last_total_ = 0;
  std::uint64_t reached_ = 0;
  std::uint64_t highest_ = 0;                            // position of a row
  std::map<std::string, std::uint64_t> last_of_server_;  // by the part of a gtid before its number
  std::string commit_lsn_;                               // of the transaction before
  std::uint64_t rows_line_ = 0;                          // of the first row
  bool rows_have_schema_ = false;
  std::map<std::string, std::uint64_t> collections_;  // rows of the open transaction by table
};

}  // namespace

std::unique_ptr<ChangeParser> make_debezium_parser(const TableChoice& choice) {
  return std::make_unique<Debezium>(choice);
}

}  // namespace rehearse
