// Writes Maxwell's JSON (with commit info, positions and primary_key_columns) and Canal's flat JSON (a message a row,
// transactions told apart by gtid). Values print as PostgreSQL prints them, types are PostgreSQL's.

#include <fmt/format.h>

#include "sim/capture/write_formats.h"
#include "sim/capture/write_text.h"
#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

constexpr std::int64_t ns_per_second = 1'000'000'000;
constexpr std::int64_t ns_per_millisecond = 1'000'000;

std::string names_of(const std::vector<std::string_view>& key) {
  std::vector<std::string> names;
  for (const std::string_view name : key) names.push_back(json_string(name));
  return fmt::format("[{}]", fmt::join(names, ","));
}

// The former values of the columns that an update changed.
std::vector<EventColumn> changed(const ChangeEvent& event) {
  std::vector<EventColumn> columns;
  for (const EventColumn& old : event.old_columns) {
    const EventColumn* now = column_named(event.columns, old.name);
    if (now != nullptr && !same_value(*now, old)) columns.push_back(old);
  }
  return columns;
}

template <typename Print>  // Print(column) gives the value's JSON
std::string object(const std::vector<EventColumn>& columns, Print&& print) {
  std::vector<std::string> fields;
  for (const EventColumn& column : columns) fields.push_back(json_string(column.name) + ":" + print(column));
  return fmt::format("{{{}}}", fmt::join(fields, ","));
}

class MaxwellWriter : public ChangeWriter {
 public:
  void write(const ChangeEvent& event, std::string& out) override {
    switch (event.kind) {
      case EventKind::begin:
        seconds_ = event.time_unix_ns / ns_per_second;
        xid_ = event.xid;
        rows_ = 0;
        return;
      case EventKind::commit:
        if (rows_ > 0) out += head_ + R"("commit":true,)" + tail_;
        return;
      case EventKind::insert:
        return row("insert", event, R"("data":)" + object(event.columns, json_value), out);
      case EventKind::update:
        return row("update", event,
                   R"("data":)" + object(event.columns, json_value) + R"(,"old":)" + object(changed(event), json_value),
                   out);
      case EventKind::remove:
        return row("delete", event, R"("data":)" + object(event.old_columns, json_value), out);
      case EventKind::truncate:  // as the DDL that it is for MySQL, Maxwell has no row event for it
      case EventKind::message:
      case EventKind::snapshot_row:
      case EventKind::drop_table:
      case EventKind::ddl:
      case EventKind::other_table:
      case EventKind::passed_over:
        REHEARSE_ASSERT(false, "a writer of Maxwell's JSON is given transactions and their rows only");
    }
  }

 private:
  // A row is written when the next event tells whether it was the transaction's last.
  void row(const char* type, const ChangeEvent& event, const std::string& data, std::string& out) {
    if (rows_ > 0) out += head_ + fmt::format(R"("xoffset":{},)", rows_ - 1) + tail_;
    ++rows_;
    head_ = fmt::format(R"({{"database":{},"table":{},"type":"{}","ts":{},"xid":{},)", json_string(event.schema),
                        json_string(event.table), type, seconds_, xid_);
    tail_ = fmt::format(R"("position":"binlog.{:06}:{}","primary_key_columns":{},{}}})"
                        "\n",
                        event.lsn >> 32, event.lsn & 0xFFFFFFFFU, names_of(event.key), data);
  }

  std::int64_t seconds_ = 0;
  std::uint64_t xid_ = 0;
  std::uint64_t rows_ = 0;  // of the open transaction
  std::string head_, tail_;
};

class CanalWriter : public ChangeWriter {
 public:
  void write(const ChangeEvent& event, std::string& out) override {
    switch (event.kind) {
      case EventKind::begin:
        milliseconds_ = event.time_unix_ns / ns_per_millisecond;
        xid_ = event.xid;
        return;
      case EventKind::commit:
        return;
      case EventKind::insert:
        return row("INSERT", event, event.columns, "null", out);
      case EventKind::update:
        return row("UPDATE", event, event.columns, "[" + object(changed(event), text) + "]", out);
      case EventKind::remove:
        return row("DELETE", event, event.old_columns, "null", out);
      case EventKind::truncate:
        out += head("TRUNCATE", event) + R"("isDdl":true,"mysqlType":null,"data":null,"old":null})" + "\n";
        return;
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
  static std::string text(const EventColumn& column) { return column.is_null ? "null" : json_string(column.text); }
  std::string head(const char* type, const ChangeEvent& event) {
    return fmt::format(
        R"({{"id":{},"database":{},"table":{},"type":"{}","es":{},"ts":{},"gtid":"00000000-0000-0000-0000-000000000001:{}","sql":"","sqlType":null,"pkNames":{},)",
        ++id_, json_string(event.schema), json_string(event.table), type, milliseconds_, milliseconds_, xid_,
        event.key.empty() ? "null" : names_of(event.key));
  }
  void row(const char* type, const ChangeEvent& event, const std::vector<EventColumn>& columns, const std::string& old,
           std::string& out) {
    out += head(type, event) + R"("isDdl":false,"mysqlType":)" +
           object(columns, [](const EventColumn& column) { return json_string(column.type); }) + R"(,"data":[)" +
           object(columns, text) + R"(],"old":)" + old + "}\n";
  }

  std::uint64_t id_ = 0;
  std::int64_t milliseconds_ = 0;
  std::uint64_t xid_ = 0;
};

}  // namespace

std::unique_ptr<ChangeWriter> make_maxwell_writer() { return std::make_unique<MaxwellWriter>(); }
std::unique_ptr<ChangeWriter> make_canal_writer() { return std::make_unique<CanalWriter>(); }

}  // namespace rehearse
