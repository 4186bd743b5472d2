// What a reader knows without reading rows: names, schemas, positions, monitors. And opening and closing readings.
#include "sim/world/read_view.h"

#include <algorithm>

#include "sim/kernel/assert.h"
#include "sim/world/world.h"

namespace rehearse {

Time ReadView::now() const { return world_->now(); }

std::int64_t ReadView::start_unix_ns() const { return world_->start_unix_ns; }

std::optional<StoreId> ReadView::store(const std::string& name) const {
  for (std::size_t i = 0; i < world_->stores.size(); ++i)
    if (world_->stores[i].name == name) return static_cast<StoreId>(i);
  return std::nullopt;
}

std::string ReadView::store_name(StoreId store) const { return world_->stores[store].name; }

bool ReadView::holds(StoreId store, TableId table) const { return world_->stores[store].holds[table]; }

std::size_t ReadView::tables() const { return world_->source.tables(); }

std::optional<TableId> ReadView::dataset_table(const std::string& dataset) const {
  for (const Dataset& d : world_->datasets)
    if (d.name == dataset) return d.table;
  return std::nullopt;
}

std::string ReadView::dataset_name(TableId table) const {
  const Dataset* dataset = world_->dataset_of(table);
  return dataset ? dataset->name : schema(table).name;
}

const TableSchema& ReadView::schema(TableId table) const { return world_->source.schema(table); }

std::vector<ColumnId> ReadView::contract_columns(TableId table) const {
  if (const Dataset* dataset = world_->dataset_of(table)) return world_->contract_columns(*dataset);
  std::vector<ColumnId> columns;
  for (const VersionColumn& column : schema(table).current().columns) columns.push_back(column.id);
  return columns;
}

std::optional<ColumnId> ReadView::column(TableId table, const std::string& name) const {
  const Dataset* dataset = world_->dataset_of(table);
  return dataset ? world_->column(*dataset, name) : schema(table).column(name);
}

std::string ReadView::column_name(TableId table, ColumnId column) const { return world_->column_name(table, column); }

std::string ReadView::key_text(TableId table, RowId row) const {
  return world_->content.key_text(schema(table), table, row);
}

std::string ReadView::value_text(TableId table, const std::string& column, const Value& value) const {
  const auto id = this->column(table, column);
  return id ? world_->content.text(schema(table), *id, value) : std::string();
}

bool ReadView::knows_creation_times(TableId) const { return world_->source.captured() == nullptr; }

std::optional<ColumnId> ReadView::created_at_column(TableId table) const {
  const std::vector<ColumnId> columns = contract_columns(table);
  const auto found = std::find_if(columns.begin(), columns.end(), [&](ColumnId column) {
    return schema(table).role(column) == ColumnRole::created_at;
  });
  return found == columns.end() ? std::nullopt : std::optional(*found);
}

bool ReadView::numbered_keys(TableId table) const {
  const TableSchema& s = schema(table);
  const bool groups = s.derived && s.derived->kind == DerivedRows::Kind::groups;
  const bool more_in_key = s.has(ColumnSource::row_number) || s.has(ColumnSource::cut) || groups;
  return s.has(ColumnSource::position) || (world_->source.captured() == nullptr && !more_in_key);
}

Stream ReadView::draws(const std::string& name) const { return stream(world_->seed, name); }

// ---- readings ------------------------------------------------------------------------------------------------------

Reading ReadView::open(StoreId store, TableId table, Positions positions) {
  Reading reading;
  reading.store = store;
  reading.table = table;
  reading.at = now();
  reading.snapshot = world_->rows(store, table).open();
  reading.source_snapshot = world_->source.rows(table).open();
  reading.ready = world_->positioned(store);
  reading.source_end = world_->source.end();
  reading.lowest_position = world_->lowest_position(store);
  if (positions == Positions::unread || !reading.ready) return reading;

  // A batch store shows exactly what lies before its position, so that what is settled between two of them ends at a
  // position too.
  const auto which = world_->stores[store].batch ? UnreadChanges::Which::first : UnreadChanges::Which::newest;
  UnreadChanges& unread = world_->unread.try_emplace(store, which, world_->stores[store].holds).first->second;
  reading.behind = unread.before(world_->source.log(), world_->positions(store), reading.source_end);
  return reading;
}

void ReadView::close(const Reading& reading) {
  world_->rows(reading.store, reading.table).close(reading.snapshot);
  world_->source.rows(reading.table).close(reading.source_snapshot);
}

void ReadView::left_out(const Reading& reference, const Reading& trial, Scope scope, RowSet& out) const {
  out.clear();
  if (scope == Scope::all) return;
  if (scope == Scope::settled) {
    REHEARSE_ASSERT(reference.behind && trial.behind, "a comparison by positions reads them");
    // A batch store shows exactly what lies before its position; a stream, whose position is only what it shows for
    // certain, may show anything up to the source's end; so may a side that is the source itself.
    const auto exact = [&](const Reading& r) { return world_->stores[r.store].batch.has_value(); };
    const bool both_exact = exact(reference) && exact(trial);
    const Lsn shown_by_neither = both_exact ? std::max(reference.lowest_position, trial.lowest_position) : ~Lsn{0};
    for (const Reading* side : {&reference, &trial})
      for (const ChangedRow& change : of_table(side->behind, side->table))
        if (change.position < shown_by_neither) out.insert(change.row);
    if (both_exact && reference.source_end >= shown_by_neither) return;
  }
  const TableCopy& source = world_->source.rows(reference.table);
  const auto [from, until] = std::minmax(reference.source_snapshot, trial.source_snapshot);
  source.for_each_change(from, until, [&](const BeforeImage& image) { out.insert(image.row); });
}

// ---- what pipelines expose -----------------------------------------------------------------------------------------

bool ReadView::reports(StoreId store, SeenFrom from) const {
  const Store& s = world_->stores[store];
  if (from == SeenFrom::source) return true;
  const auto part = from == SeenFrom::connector ? Part::Kind::connector : Part::Kind::members;
  return s.stream && !world_->holds.held({part, *s.stream});
}

Duration ReadView::freshness(StoreId store, SeenFrom from) const {
  const Store& s = world_->stores[store];
  if (s.batch) return now() - world_->batches[*s.batch].pipeline.as_of();
  if (!s.stream) return {};
  const StreamPipeline& stream = world_->streams[*s.stream];
  const Time oldest = from == SeenFrom::connector ? stream.connector.oldest_unread(world_->source)
                      : from == SeenFrom::sink
                          ? stream.lane.oldest_in_topic(world_->source, stream.topic)
                          : stream.lane.oldest_not_visible(world_->source, stream.topic, stream.connector);
  return oldest == Time::never() ? Duration{} : now() - oldest;
}

std::uint64_t ReadView::lag_records(StoreId store, SeenFrom from) const {
  const Store& s = world_->stores[store];
  if (!s.stream) return 0;
  const StreamPipeline& stream = world_->streams[*s.stream];
  if (from == SeenFrom::connector) return stream.connector.unread(world_->source);
  if (from == SeenFrom::sink) return stream.lane.in_topic(stream.topic);
  return stream.lane.not_visible(world_->source, stream.topic, stream.connector);
}

const LatencyHistogram* ReadView::latency(StoreId store) const {
  const Store& s = world_->stores[store];
  return s.stream ? &world_->streams[*s.stream].lane.latency() : nullptr;
}

bool ReadView::ready(StoreId store) const { return world_->positioned(store); }

Lsn ReadView::source_end() const { return world_->source.end(); }

Lsn ReadView::lowest_position(StoreId store) const { return world_->lowest_position(store); }

std::uint64_t ReadView::batch_cycles_loaded(StoreId store) const {
  const Store& s = world_->stores[store];
  return s.batch ? world_->batches[*s.batch].pipeline.cycles_loaded() : 0;
}

std::uint64_t ReadView::restarts(StoreId store) const {
  const Store& s = world_->stores[store];
  return s.stream ? world_->streams[*s.stream].restarts : 0;
}

std::uint64_t ReadView::schema_changes() const {
  std::uint64_t changes = 0;
  for (TableId table = 0; table < world_->source.tables(); ++table)
    if (!schema(table).derived) changes += schema(table).versions.size() - 1;
  return changes;
}

}  // namespace rehearse
