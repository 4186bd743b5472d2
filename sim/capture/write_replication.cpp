// Writes GoldenGate's JSON (with csn, positions and primary_keys) and that of AWS DMS (with before-image). Values print
// as PostgreSQL prints them.

#include <fmt/format.h>

#include "sim/capture/write_formats.h"
#include "sim/capture/write_text.h"
#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

std::string object(const std::vector<EventColumn>& columns) {
  std::vector<std::string> fields;
  for (const EventColumn& column : columns) fields.push_back(json_string(column.name) + ":" + json_value(column));
  return fmt::format("{{{}}}", fmt::join(fields, ","));
}

// "2026-03-02 01:35:10.368375", without its offset.
std::string bare_time(std::int64_t unix_ns) {
  std::string text = postgres_time(unix_ns);
  text.resize(text.size() - 3);
  return text;
}

class GoldenGateWriter : public ChangeWriter {
 public:
  void write(const ChangeEvent& event, std::string& out) override {
    switch (event.kind) {
      case EventKind::begin:
        time_ = bare_time(event.time_unix_ns);
        csn_ = event.lsn;
        return;
      case EventKind::commit:
        return;
      case EventKind::insert:
        return row('I', event, R"("after":)" + object(event.columns), out);
      case EventKind::update:
        return row('U', event, R"("before":)" + object(event.old_columns) + R"(,"after":)" + object(event.columns),
                   out);
      case EventKind::remove:
        return row('D', event, R"("before":)" + object(event.old_columns), out);
      case EventKind::truncate:
        return row('T', event, R"("after":null)", out);
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
  void row(char type, const ChangeEvent& event, const std::string& rows, std::string& out) {
    std::vector<std::string> key;
    for (const std::string_view name : event.key) key.push_back(json_string(name));
    out += fmt::format(
        R"({{"table":{},"op_type":"{}","op_ts":"{}","pos":"{:010}{:010}","csn":"{}","primary_keys":[{}],{}}})"
        "\n",
        json_string(fmt::format("{}.{}", event.schema, event.table)), type, time_, event.lsn >> 32,
        event.lsn & 0xFFFFFFFFU, csn_, fmt::join(key, ","), rows);
  }
  std::string time_;
  std::uint64_t csn_ = 0;
};

class DmsWriter : public ChangeWriter {
 public:
  void write(const ChangeEvent& event, std::string& out) override {
    switch (event.kind) {
      case EventKind::begin:
        time_ = bare_time(event.time_unix_ns) + "Z";
        time_[time_.find(' ')] = 'T';
        xid_ = event.xid;
        return;
      case EventKind::commit:
        return;
      case EventKind::insert:
        return row("data", "insert", event, R"("data":)" + object(event.columns) + ",", out);
      case EventKind::update:
        return row("data", "update", event,
                   R"("data":)" + object(event.columns) + R"(,"before-image":)" + object(event.old_columns) + ",", out);
      case EventKind::remove:
        return row("data", "delete", event, R"("data":)" + object(event.old_columns) + ",", out);
      case EventKind::truncate:
        return row("control", "truncate-table", event, "", out);
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
  void row(const char* type, const char* operation, const ChangeEvent& event, const std::string& rows,
           std::string& out) {
    out += fmt::format(
        R"({{{}"metadata":{{"timestamp":"{}","record-type":"{}","operation":"{}","schema-name":{},"table-name":{},"transaction-id":{}}}}})"
        "\n",
        rows, time_, type, operation, json_string(event.schema), json_string(event.table), xid_);
  }
  std::string time_;
  std::uint64_t xid_ = 0;
};

}  // namespace

std::unique_ptr<ChangeWriter> make_goldengate_writer() { return std::make_unique<GoldenGateWriter>(); }
std::unique_ptr<ChangeWriter> make_dms_writer() { return std::make_unique<DmsWriter>(); }

}  // namespace rehearse
