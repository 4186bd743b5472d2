// What checks of many rows at once ask a side for: hashes of rows, one column of all rows, the rows that a consumer
// would ask for; and what a pipeline's counters and columns say of it.
#include <xxhash.h>

#include <array>

#include "sim/kernel/assert.h"
#include "sim/world/read_view.h"
#include "sim/world/read_view_rows.h"
#include "sim/world/world.h"

namespace rehearse {
namespace {

void put_little_endian(std::vector<unsigned char>& bytes, std::uint64_t value) {
  for (int shift = 0; shift < 64; shift += 8) bytes.push_back(static_cast<unsigned char>(value >> shift));
}

const Consumer& consumer_named(const World& world, const std::string& name) {
  for (const Consumer& consumer : world.consumers)
    if (consumer.name == name) return consumer;
  REHEARSE_ASSERT(false, "a validated scenario names only consumers that it has");
}

// The column's values; captured ones that the contract compares normalised stand for what is left of them.
void read_normalised(const World& world, TableId table, ColumnId id, const std::vector<RowCell>& rows, Value* out) {
  const TableSchema& schema = world.source.schema(table);
  world.content.values(schema, table, id, world.marks, rows, out);
  const Column& column = schema.columns[id];
  if (column.equality.kind != Equality::Kind::normalised || !world.content.captured()) return;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (out[i].kind != Value::Kind::pooled && out[i].kind != Value::Kind::text) continue;
    const std::string text = world.content.normalised_text(column, out[i]);
    out[i] = {Value::Kind::text, out[i].twist, static_cast<std::int64_t>(XXH3_64bits(text.data(), text.size()))};
  }
}

}  // namespace

std::vector<HashedRow> ReadView::row_hashes(const Reading& reading, const std::vector<ColumnId>& columns, KeyInHash key,
                                            const RowSet& without) const {
  const TableCopy& table = world_->rows(reading.store, reading.table);
  const TableSchema& s = schema(reading.table);
  std::vector<ColumnId> hashed;
  for (const ColumnId column : columns)
    if (s.role(column) != ColumnRole::key) hashed.push_back(column);
  std::vector<HashedRow> answer;
  answer.reserve(table.live_rows());
  std::vector<std::vector<Value>> values(hashed.size(), std::vector<Value>(batch_rows));
  std::vector<unsigned char> bytes;
  for_each_batch(table, as_read(table, reading), without,
                 [&](const std::vector<RowCell>& rows, const std::vector<std::uint32_t>& copies) {
                   for (std::size_t c = 0; c < hashed.size(); ++c)
                     read_normalised(*world_, reading.table, hashed[c], rows, values[c].data());
                   for (std::size_t i = 0; i < rows.size(); ++i) {
                     bytes.clear();
                     if (key == KeyInHash::included) put_little_endian(bytes, rows[i].row);
                     for (const std::vector<Value>& column : values) {
                       bytes.push_back(static_cast<unsigned char>(column[i].kind));
                       bytes.push_back(column[i].twist);
                       put_little_endian(bytes, static_cast<std::uint64_t>(column[i].bits));
                     }
                     answer.push_back({rows[i].row, copies[i], XXH3_64bits(bytes.data(), bytes.size())});
                   }
                 });
  return answer;
}

std::vector<RowValue> ReadView::column_values(const Reading& reading, ColumnId column) const {
  const TableCopy& table = world_->rows(reading.store, reading.table);
  std::vector<RowValue> answer;
  std::vector<Value> values(batch_rows);
  for_each_batch(table, as_read(table, reading), RowSet{},
                 [&](const std::vector<RowCell>& rows, const std::vector<std::uint32_t>&) {
                   world_->content.values(schema(reading.table), reading.table, column, world_->marks, rows,
                                          values.data());
                   for (std::size_t i = 0; i < rows.size(); ++i) answer.push_back({rows[i].row, values[i]});
                 });
  return answer;
}

std::int64_t ReadView::number(TableId table, ColumnId column, const Value& value) const {
  return world_->content.number(schema(table).columns[column], value);
}

TableId ReadView::table_read_by(const std::string& consumer) const { return consumer_named(*world_, consumer).table; }

std::vector<RowId> ReadView::drawn_keys(const std::string& consumer, Stream draws, std::uint64_t run,
                                        std::uint32_t reads) const {
  const Consumer& as = consumer_named(*world_, consumer);
  const TableCopy& keys = world_->source.rows(as.table);
  RowSet drawn;
  if (keys.slots() == 0) return {};
  KeyDraw draw(draws, as.zipf, world_->seed, as.table);
  for (std::uint32_t read = 0; read < reads; ++read) {
    const RowId row = draw(run << 20 | read, keys.slots(), [&](RowId key) { return keys[key].live(); });
    if (keys[row].live()) drawn.insert(row);
  }
  std::vector<RowId> rows;
  drawn.for_each([&](RowId row) { rows.push_back(row); });
  return rows;
}

// ---- what pipelines expose -----------------------------------------------------------------------------------------

std::optional<StreamCounters> ReadView::counters(StoreId store) const {
  const Store& s = world_->stores[store];
  if (!s.stream || !reports(store, SeenFrom::connector)) return std::nullopt;
  const StreamPipeline& stream = world_->streams[*s.stream];
  const Connector::Counts& connector = stream.connector.counts();
  const SinkLane::Counts& sink = stream.lane.counts();
  const std::uint64_t settled = sink.applied + sink.applied_again + sink.ignored + sink.deduplicated;
  return StreamCounters{.read = connector.read,
                        .forwarded = connector.read - connector.dropped,
                        .passed = settled + sink.expired + sink.dropped,
                        .expired = sink.expired};
}

// A mapping is asked what it makes of a row of the present version: what it would alter is where the two lists differ.
std::vector<SchemaDifference> ReadView::schema_differences(StoreId store, TableId table) const {
  const Store& s = world_->stores[store];
  if (!s.stream && !s.batch) return {};
  ColumnMapping mapping =
      s.stream ? world_->streams[*s.stream].lane.mapping() : world_->batches[*s.batch].pipeline.mapping();
  MarkTable marks = world_->marks;
  CauseTable causes = world_->causes;
  const Mark mapped = mapping.map(table, marks.live(schema(table).current_version()), schema(table), marks, causes);
  std::vector<SchemaDifference> differences;
  std::vector<ColumnId> derived;
  if (const Dataset* dataset = world_->dataset_of(table))
    for (const ColumnId id : dataset->columns)
      if (schema(table).columns[id].derived) derived.push_back(id);
  for (const Alteration& a : marks[mapped].alterations) {
    const auto how = a.kind == AlterationKind::null ? SchemaDifference::How::absent : SchemaDifference::How::retyped;
    differences.push_back({how, a.column});
    for (const ColumnId id : derived)
      if (schema(table).base(id) == a.column) differences.push_back({how, id});
  }
  return differences;
}

}  // namespace rehearse
