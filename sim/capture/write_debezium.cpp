// Writes Debezium's envelopes as its PostgreSQL connector does with a JSON converter that includes schemas,
// decimal.handling.mode=string, column.propagate.source.type and provide.transaction.metadata: lines of
// {"key": …, "value": …}, BEGIN and END events around each transaction, a tombstone after each delete.
//
// REPLICA IDENTITY DEFAULT: `before` is null for an update, and the key for a delete. An update that moves a key is a
// delete and a create.

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "sim/capture/write_formats.h"
#include "sim/capture/write_text.h"
#include "sim/kernel/assert.h"
#include "sim/kernel/civil.h"

namespace rehearse {
namespace {

constexpr std::uint64_t before_first_row = 1;  // from the commit before to a transaction's first row, at least

std::string base64_of_hex(std::string_view hex) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto digit = [](char c) { return static_cast<std::uint32_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10); };
  std::string out;
  for (std::size_t at = 0; at + 1 < hex.size(); at += 6) {
    std::uint32_t group = 0;
    const std::size_t bytes = std::min<std::size_t>(3, (hex.size() - at) / 2);
    for (std::size_t i = 0; i < 3; ++i)
      group = group << 8 | (i < bytes ? digit(hex[at + 2 * i]) << 4 | digit(hex[at + 2 * i + 1]) : 0);
    for (std::size_t i = 0; i < 4; ++i) out += i <= bytes ? letters[group >> (18 - 6 * i) & 63U] : '=';
  }
  return out;
}

// What a type is in the message's schema, and how its values are written there.
struct Shape {
  std::string_view type;
  std::string_view name = {};
};
Shape shape_of(std::string_view type) {
  if (type == "smallint") return {"int16"};
  if (type == "integer") return {"int32"};
  if (type == "bigint") return {"int64"};
  if (type == "real") return {"float"};
  if (type == "double precision") return {"double"};
  if (type == "boolean") return {"boolean"};
  if (type == "bytea") return {"bytes"};
  if (type == "date") return {"int32", "io.debezium.time.Date"};
  if (type.starts_with("timestamp") && type.ends_with("without time zone"))
    return {"int64", "io.debezium.time.MicroTimestamp"};
  if (type.starts_with("timestamp")) return {"string", "io.debezium.time.ZonedTimestamp"};
  if (type == "uuid") return {"string", "io.debezium.data.Uuid"};
  if (type.starts_with("json")) return {"string", "io.debezium.data.Json"};
  return {"string"};
}

std::string value_of(const EventColumn& column) {
  if (column.is_null) return "null";
  const Shape shape = shape_of(column.type);
  if (column.type.starts_with("numeric")) return json_string(column.text);
  if (shape.type == "bytes") return json_string(base64_of_hex(column.text.substr(2)));
  if (shape.name == "io.debezium.time.Date" || shape.name == "io.debezium.time.MicroTimestamp") {
    const bool date = shape.type == "int32";
    const auto at = parse_rfc3339(std::string(column.text) + (date ? "T00:00:00Z" : "Z"));
    REHEARSE_ASSERT(at.has_value(), "a time that is written is one");
    return fmt::format("{}", *at / (date ? 86'400'000'000'000 : 1'000));
  }
  if (shape.name == "io.debezium.time.ZonedTimestamp") {
    std::string text(column.text.substr(0, column.text.size() - 3));  // without +00
    text[10] = 'T';
    return json_string(text + "Z");
  }
  return json_value(column);
}

std::string field_of(const EventColumn& column) {
  const Shape shape = shape_of(column.type);
  std::string out = fmt::format(R"({{"type":"{}","optional":true)", shape.type);
  if (!shape.name.empty()) out += fmt::format(R"(,"name":"{}","version":1)", shape.name);
  const std::size_t bracket = column.type.find('(');
  if (column.type.starts_with("numeric")) {
    out += R"(,"parameters":{"__debezium.source.column.type":"NUMERIC")";
    if (bracket != std::string_view::npos) {
      const std::string_view inside = column.type.substr(bracket + 1, column.type.size() - bracket - 2);
      const std::size_t comma = inside.find(',');
      out += fmt::format(R"(,"__debezium.source.column.length":"{}","__debezium.source.column.scale":"{}")",
                         inside.substr(0, comma), comma == std::string_view::npos ? "0" : inside.substr(comma + 1));
    }
    out += "}";
  }
  return out + fmt::format(R"(,"field":{}}})", json_string(column.name));
}

std::string fields_of(const std::vector<EventColumn>& columns) {
  std::vector<std::string> fields;
  for (const EventColumn& column : columns) fields.push_back(field_of(column));
  return fmt::format("[{}]", fmt::join(fields, ","));
}
std::string payload_of(const std::vector<EventColumn>& columns) {
  std::vector<std::string> fields;
  for (const EventColumn& column : columns) fields.push_back(json_string(column.name) + ":" + value_of(column));
  return fmt::format("{{{}}}", fmt::join(fields, ","));
}

class DebeziumWriter : public ChangeWriter {
 public:
  void write(const ChangeEvent& event, std::string& out) override {
    switch (event.kind) {
      case EventKind::begin:
        begin(event, out);
        return;
      case EventKind::commit:
        return end(out);
      case EventKind::insert:
        return row("c", event, event.columns, {}, out);
      case EventKind::update:
        return update(event, out);
      case EventKind::remove:
        return remove(event, out);
      case EventKind::truncate:
        return row("t", event, {}, {}, out);
      case EventKind::message:
      case EventKind::snapshot_row:
      case EventKind::drop_table:
      case EventKind::ddl:
      case EventKind::other_table:
      case EventKind::passed_over:
        REHEARSE_ASSERT(false, "a writer is given transactions and their rows only");
    }
  }

 private:
  void begin(const ChangeEvent& event, std::string& out) {
    xid_ = event.xid;
    us_ = event.time_unix_ns / 1'000;
    id_ = fmt::format("{}:{}", event.xid, event.lsn);
    events_ = 0;
    before_ = 0;
    counts_.clear();
    out += fmt::format(
        R"({{"key":{{"id":"{0}"}},"value":{{"status":"BEGIN","id":"{0}","ts_ms":{1},"event_count":null,"data_collections":null}}}})"
        "\n",
        id_, us_ / 1'000);
  }
  void end(std::string& out) const {
    std::vector<std::string> counts;
    for (const auto& [table, count] : counts_)
      counts.push_back(fmt::format(R"({{"data_collection":{},"event_count":{}}})", json_string(table), count));
    out += fmt::format(
        R"({{"key":{{"id":"{0}"}},"value":{{"status":"END","id":"{0}","ts_ms":{1},"event_count":{2},"data_collections":[{3}]}}}})"
        "\n",
        id_, us_ / 1'000, events_, fmt::join(counts, ","));
  }

  void update(const ChangeEvent& event, std::string& out) {
    const std::vector<EventColumn> old_key = key_columns(event.key, event.old_columns);
    const std::vector<EventColumn> new_key = key_columns(event.key, event.columns);
    bool moved = false;
    for (std::size_t i = 0; i < event.key.size(); ++i) moved = moved || !same_value(old_key[i], new_key[i]);
    if (!moved) return row("u", event, event.columns, {}, out);
    remove(event, out);
    row("c", event, event.columns, {}, out);
  }
  void remove(const ChangeEvent& event, std::string& out) {
    const std::vector<EventColumn> before = key_columns(event.key, event.old_columns);
    row("d", event, {}, before, out);
    if (!event.key.empty()) out += fmt::format("{{\"key\":{},\"value\":null}}\n", key_of(event, before));
  }

  static std::string key_of(const ChangeEvent& event, const std::vector<EventColumn>& row) {
    if (event.key.empty()) return "null";
    const std::vector<EventColumn> key = key_columns(event.key, row);
    return fmt::format(R"({{"schema":{{"type":"struct","fields":{},"optional":false}},"payload":{}}})", fields_of(key),
                       payload_of(key));
  }

  void row(const char* op, const ChangeEvent& event, const std::vector<EventColumn>& after,
           const std::vector<EventColumn>& before, std::string& out) {
    const std::vector<EventColumn>& shown = after.empty() ? before : after;
    if (before_ == 0) before_ = event.lsn - before_first_row;
    const std::uint64_t order = ++counts_[fmt::format("{}.{}", event.schema, event.table)];
    out += fmt::format(R"({{"key":{},"value":{{)", shown.empty() ? "null" : key_of(event, shown));
    if (!shown.empty())
      out += fmt::format(
          R"("schema":{{"type":"struct","fields":[{{"type":"struct","fields":{0},"optional":true,"field":"before"}},{{"type":"struct","fields":{0},"optional":true,"field":"after"}}],"optional":false}},)",
          fields_of(shown));
    else out += R"("schema":null,)";
    out += fmt::format(
        R"("payload":{{"before":{},"after":{},"source":{{"version":"rehearse","connector":"postgresql","name":"rehearse","ts_ms":{},"snapshot":"false","db":"rehearse","sequence":"[\"{}\",\"{}\"]","ts_us":{},"ts_ns":{},"schema":{},"table":{},"txId":{},"lsn":{},"xmin":null}},"transaction":{{"id":"{}","total_order":{},"data_collection_order":{}}},"op":"{}","ts_ms":{}}}}}}})"
        "\n",
        before.empty() ? "null" : payload_of(before), after.empty() ? "null" : payload_of(after), us_ / 1'000, before_,
        event.lsn, us_, us_ * 1'000, json_string(event.schema), json_string(event.table), xid_, event.lsn, id_,
        ++events_, order, op, us_ / 1'000);
  }

  std::uint64_t xid_ = 0;
  std::int64_t us_ = 0;
  std::string id_;
  std::uint64_t events_ = 0;
  std::uint64_t before_ = 0;                     // the position of the commit before, as far as it is known
  std::map<std::string, std::uint64_t> counts_;  // events of the open transaction by table
};

}  // namespace

std::unique_ptr<ChangeWriter> make_debezium_writer() { return std::make_unique<DebeziumWriter>(); }

}  // namespace rehearse
