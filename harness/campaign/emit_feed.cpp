#include "harness/campaign/emit_feed.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "sim/capture/write_text.h"
#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

constexpr std::uint64_t first_lsn = 0x1000000;
constexpr std::uint64_t record_bytes = 64;
constexpr std::uint64_t commit_bytes = 32;  // from the last row's position to the commit's
constexpr std::uint64_t first_xid = 1'000;
constexpr std::size_t buffered_bytes = std::size_t{1} << 20;

std::unique_ptr<ChangeWriter> writer_of(EmitFormat format) {
  switch (format) {
    case EmitFormat::wal2json2:
      return make_change_writer(ChangeFormat::wal2json2);
    case EmitFormat::wal2json1:
      return make_change_writer(ChangeFormat::wal2json1);
    case EmitFormat::debezium:
      return make_change_writer(ChangeFormat::debezium);
    case EmitFormat::maxwell:
      return make_change_writer(ChangeFormat::maxwell);
    case EmitFormat::canal:
      return make_change_writer(ChangeFormat::canal);
    case EmitFormat::sql:
      return make_sql_writer();
  }
  REHEARSE_ASSERT(false, "a format has a writer");
}

}  // namespace

std::uint64_t emitted_lsn(std::uint64_t position) { return first_lsn + record_bytes * position; }

std::string schema_change_sql(const TableSchema& schema, std::uint16_t version) {
  const SchemaVersion& before = schema.versions[version - 1];
  const SchemaVersion& after = schema.versions[version];
  const std::string table = fmt::format("ALTER TABLE \"public\".{}", quoted_name(schema.name));
  std::string sql;
  for (const VersionColumn& column : before.columns)
    if (after.find(column.id) == nullptr) sql += fmt::format("{} DROP COLUMN {};\n", table, quoted_name(column.name));
  for (const VersionColumn& column : after.columns) {
    const VersionColumn* old = before.find(column.id);
    const std::string name = quoted_name(column.name);
    if (old == nullptr) {
      const Column& logical = schema.columns[column.id];
      sql += fmt::format("{} ADD COLUMN {} {}{};\n", table, name, printed_type(column.type),
                         logical.default_null ? "" : fmt::format(" DEFAULT '{}'", logical.default_value));
      continue;
    }
    if (old->name != column.name)
      sql += fmt::format("{} RENAME COLUMN {} TO {};\n", table, quoted_name(old->name), name);
    if (old->type != column.type)
      sql += fmt::format("{0} ALTER COLUMN {1} TYPE {2} USING {1}::{2};\n", table, name, printed_type(column.type));
  }
  return sql;
}

EmittedFeed::EmittedFeed(const World& world, PipelineId stream, const std::filesystem::path& file, EmitFormat format)
    : connector_(world, stream),
      file_(file, std::ios::binary),
      sql_(format == EmitFormat::sql),
      writer_(writer_of(format)),
      texts_(world),
      next_(world.streams[stream].topic.options.partitions, 0),
      shown_versions_(world.source.tables(), 0) {}

void EmittedFeed::collect(World& world, const SourceHistory& history) {
  connector_.follow(world);
  const Topic& topic = connector_.topic();
  for (;;) {
    const TopicRecord* first = nullptr;
    std::uint32_t from = 0;
    for (std::uint32_t p = 0; p < next_.size(); ++p) {
      const auto& records = topic.partitions[p].records;
      if (next_[p] == records.end()) continue;
      const TopicRecord& record = records[next_[p]];
      if (first == nullptr ||
          std::tuple(record.append, record.position()) < std::tuple(first->append, first->position())) {
        first = &record;
        from = p;
      }
    }
    if (first == nullptr) break;
    ++next_[from];
    if (!first->snapshot()) write(world, history, *first);
  }
  for (std::uint32_t p = 0; p < next_.size(); ++p) connector_.forget_before(p, next_[p]);
}

void EmittedFeed::write(World& world, const SourceHistory& history, const TopicRecord& record) {
  const Lsn lsn = record.position();
  const LogRecord& change = world.source.log()[lsn];
  const SourceHistory::Note& note = history.note(lsn);
  const TableId table = change.table();
  const std::uint16_t version = world.source.version_at(table, lsn);
  if (!open_ || note.transaction != transaction_ || lsn <= last_) enter(world, history, lsn);
  last_ = lsn;
  ChangeEvent event;
  event.kind = change.op() == Op::insert   ? EventKind::insert
               : change.op() == Op::update ? EventKind::update
                                           : EventKind::remove;
  event.xid = commit_.xid;
  event.lsn = emitted_lsn(note.position);
  event.schema = "public";
  event.table = world.source.schema(table).name;
  event.names_key = true;
  event.key = texts_.key(table, version);
  const RowTimes times{note.created, change.commit(), note.updated_before};
  if (change.op() != Op::remove)
    event.columns = texts_.row(table, version, {change.row, {change.write, record.mark(), 0}}, times);
  if (change.op() != Op::insert) {
    const Cell before{change.write - 1, world.marks.live(note.version_before), 0};
    event.old_columns =
        texts_.row(table, version, {change.row, before}, {note.created, note.updated_before, note.updated_before});
  }
  writer_->write(event, out_);
  ++records_;
  texts_.clear();
  if (out_.size() > buffered_bytes) flush();
}

void EmittedFeed::enter(World& world, const SourceHistory& history, Lsn lsn) {
  leave();
  const LogRecord& change = world.source.log()[lsn];
  if (sql_) alter_table(world, change.table(), world.source.version_at(change.table(), lsn));
  transaction_ = history.note(lsn).transaction;
  open_ = true;
  commit_.kind = EventKind::begin;
  commit_.xid = first_xid + transaction_;
  commit_.lsn = emitted_lsn(history.last_position_of_transaction(lsn)) + commit_bytes;
  commit_.time_unix_ns = world.start_unix_ns + change.commit().ns;
  writer_->write(commit_, out_);
}

void EmittedFeed::alter_table(const World& world, TableId table, std::uint16_t version) {
  for (std::uint16_t& shown = shown_versions_[table]; shown < version;)
    out_ += schema_change_sql(world.source.schema(table), ++shown);
}

void EmittedFeed::leave() {
  if (!open_) return;
  commit_.kind = EventKind::commit;
  writer_->write(commit_, out_);
  open_ = false;
}

void EmittedFeed::flush() {
  file_.write(out_.data(), static_cast<std::streamsize>(out_.size()));
  out_.clear();
}

void EmittedFeed::finish() {
  leave();
  flush();
  file_.close();
}

}  // namespace rehearse
