// Writes wal2json's formats 2 and 1, as with include-xids, -timestamp, -lsn, -pk and -types, and REPLICA IDENTITY
// DEFAULT: the old row is its key.

#include <fmt/format.h>

#include <algorithm>

#include "sim/capture/positions.h"
#include "sim/capture/write_formats.h"
#include "sim/capture/write_text.h"
#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

constexpr std::uint64_t commit_record_bytes = 16;  // from the commit's position to the next record's

// bytea comes without the \x that PostgreSQL prints elsewhere.
std::string value_of(const EventColumn& column) {
  if (column.type == "bytea" && !column.is_null && column.text.starts_with("\\x"))
    return json_string(column.text.substr(2));
  return json_value(column);
}

class Wal2Json2Writer : public ChangeWriter {
 public:
  void write(const ChangeEvent& event, std::string& out) override {
    if (event.kind == EventKind::begin) {
      time_ = postgres_time(event.time_unix_ns);
      xid_ = event.xid;
    }
    const auto head = [&](const char* action) {
      return fmt::format(R"({{"action":"{}","xid":{},"timestamp":"{}","lsn":"{}")", action, xid_, time_,
                         format_lsn(event.lsn));
    };
    switch (event.kind) {
      case EventKind::begin:
      case EventKind::commit:
        out += head(event.kind == EventKind::begin ? "B" : "C");
        out += fmt::format(R"(,"nextlsn":"{}"}})", format_lsn(event.lsn + commit_record_bytes));
        break;
      case EventKind::insert:
        out += head("I") + row(event) + list("columns", event.columns) + key(event, event.columns) + "}";
        break;
      case EventKind::update:
        out += head("U") + row(event) + list("columns", event.columns) +
               list("identity", key_columns(event.key, event.old_columns)) + key(event, event.columns) + "}";
        break;
      case EventKind::remove:
        out += head("D") + row(event) + list("identity", key_columns(event.key, event.old_columns)) +
               key(event, event.old_columns) + "}";
        break;
      case EventKind::truncate:
        out += head("T") + row(event) + "}";
        break;
      case EventKind::message:
      case EventKind::snapshot_row:
      case EventKind::drop_table:
      case EventKind::ddl:
      case EventKind::other_table:
      case EventKind::passed_over:
        REHEARSE_ASSERT(false, "a writer is given transactions and their rows only");
    }
    out += '\n';
  }

 private:
  static std::string row(const ChangeEvent& event) {
    return fmt::format(R"(,"schema":{},"table":{})", json_string(event.schema), json_string(event.table));
  }
  static std::string list(const char* name, const std::vector<EventColumn>& columns) {
    std::string out = fmt::format(R"(,"{}":[)", name);
    for (const EventColumn& column : columns)
      out += fmt::format(R"({}{{"name":{},"type":{},"value":{}}})", out.ends_with('[') ? "" : ",",
                         json_string(column.name), json_string(column.type), value_of(column));
    return out + "]";
  }
  static std::string key(const ChangeEvent& event, const std::vector<EventColumn>& columns) {
    std::string out = R"(,"pk":[)";
    for (const std::string_view name : event.key)
      out += fmt::format(R"({}{{"name":{},"type":{}}})", out.ends_with('[') ? "" : ",", json_string(name),
                         json_string(column_named(columns, name)->type));
    return out + "]";
  }

  std::string time_;
  std::uint64_t xid_ = 0;
};

class Wal2Json1Writer : public ChangeWriter {
 public:
  void write(const ChangeEvent& event, std::string& out) override {
    switch (event.kind) {
      case EventKind::begin:
        time_ = postgres_time(event.time_unix_ns);
        changes_.clear();
        return;
      case EventKind::commit:
        out += fmt::format(R"({{"xid":{},"nextlsn":"{}","timestamp":"{}","change":[{}]}})"
                           "\n",
                           event.xid, format_lsn(event.lsn), time_, changes_);
        return;
      case EventKind::insert:
        return add("insert", event, arrays("column", event.columns) + key(event, event.columns));
      case EventKind::update:
        return add("update", event, arrays("column", event.columns) + key(event, event.columns) + old(event));
      case EventKind::remove:
        return add("delete", event, key(event, event.old_columns) + old(event));
      case EventKind::truncate:
        return add("truncate", event, "");
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
  void add(const char* kind, const ChangeEvent& event, const std::string& rest) {
    changes_ += fmt::format(R"({}{{"kind":"{}","schema":{},"table":{}{}}})", changes_.empty() ? "" : ",", kind,
                            json_string(event.schema), json_string(event.table), rest);
  }
  static std::string arrays(const char* prefix, const std::vector<EventColumn>& columns) {
    std::vector<std::string> names, types, values;
    for (const EventColumn& column : columns) {
      names.push_back(json_string(column.name));
      types.push_back(json_string(column.type));
      values.push_back(value_of(column));
    }
    return fmt::format(R"(,"{0}names":[{1}],"{0}types":[{2}],"{0}values":[{3}])", prefix, fmt::join(names, ","),
                       fmt::join(types, ","), fmt::join(values, ","));
  }
  static std::string old(const ChangeEvent& event) {
    return R"(,"oldkeys":{)" + arrays("key", key_columns(event.key, event.old_columns)).substr(1) + "}";
  }
  static std::string key(const ChangeEvent& event, const std::vector<EventColumn>& columns) {
    std::vector<std::string> names, types;
    for (const std::string_view name : event.key) {
      names.push_back(json_string(name));
      types.push_back(json_string(column_named(columns, name)->type));
    }
    return fmt::format(R"(,"pk":{{"pknames":[{}],"pktypes":[{}]}})", fmt::join(names, ","), fmt::join(types, ","));
  }

  std::string time_;
  std::string changes_;  // of the open transaction
};

}  // namespace

std::unique_ptr<ChangeWriter> make_wal2json2_writer() { return std::make_unique<Wal2Json2Writer>(); }
std::unique_ptr<ChangeWriter> make_wal2json1_writer() { return std::make_unique<Wal2Json1Writer>(); }

}  // namespace rehearse
