// Writes changes as SQL: a transaction each, INSERT, UPDATE and DELETE by key, TRUNCATE.

#include <fmt/format.h>

#include "sim/capture/write_formats.h"
#include "sim/capture/write_text.h"
#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

std::string literal(const EventColumn& column) { return column.is_null ? "NULL" : quoted_text(column.text); }

class SqlWriter : public ChangeWriter {
 public:
  void write(const ChangeEvent& event, std::string& out) override {
    const std::string table = fmt::format("{}.{}", quoted_name(event.schema), quoted_name(event.table));
    switch (event.kind) {
      case EventKind::begin:
        out += fmt::format("BEGIN;  -- {} {}\n", event.xid, postgres_time(event.time_unix_ns));
        return;
      case EventKind::commit:
        out += "COMMIT;\n";
        return;
      case EventKind::insert: {
        std::vector<std::string> names, values;
        for (const EventColumn& column : event.columns) {
          names.push_back(quoted_name(column.name));
          values.push_back(literal(column));
        }
        out +=
            fmt::format("INSERT INTO {} ({}) VALUES ({});\n", table, fmt::join(names, ", "), fmt::join(values, ", "));
        return;
      }
      case EventKind::update: {
        std::vector<std::string> sets;
        for (const EventColumn& column : event.columns)
          sets.push_back(fmt::format("{} = {}", quoted_name(column.name), literal(column)));
        out += fmt::format("UPDATE {} SET {} WHERE {};\n", table, fmt::join(sets, ", "), where(event));
        return;
      }
      case EventKind::remove:
        out += fmt::format("DELETE FROM {} WHERE {};\n", table, where(event));
        return;
      case EventKind::truncate:
        out += fmt::format("TRUNCATE {};\n", table);
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
  static std::string where(const ChangeEvent& event) {
    std::vector<std::string> terms;
    for (const EventColumn& column : key_columns(event.key, event.old_columns))
      terms.push_back(column.is_null ? quoted_name(column.name) + " IS NULL"
                                     : fmt::format("{} = {}", quoted_name(column.name), literal(column)));
    return fmt::format("{}", fmt::join(terms, " AND "));
  }
};

}  // namespace

std::unique_ptr<ChangeWriter> make_sql_writer() { return std::make_unique<SqlWriter>(); }

std::unique_ptr<ChangeWriter> make_change_writer(ChangeFormat format) {
  switch (format) {
    case ChangeFormat::wal2json2:
      return make_wal2json2_writer();
    case ChangeFormat::wal2json1:
      return make_wal2json1_writer();
    case ChangeFormat::debezium:
      return make_debezium_writer();
    case ChangeFormat::maxwell:
      return make_maxwell_writer();
    case ChangeFormat::canal:
      return make_canal_writer();
    case ChangeFormat::goldengate:
      return make_goldengate_writer();
    case ChangeFormat::dms:
      return make_dms_writer();
  }
  REHEARSE_ASSERT(false, "a format has a writer");
}

}  // namespace rehearse
