// Changes of a source table's columns: what pipelines that match columns by name make of them, and why.
#include <fmt/format.h>

#include "sim/world/world.h"

namespace rehearse {

void World::apply_schema_change(TableId table, const SchemaChange& change, CauseSet why) {
  source.apply_schema_change(table, change, marks, now_);
  take_source_facts();
  const std::uint16_t version = source.schema(table).current_version();
  blame(table, version, why);
  gain_columns(table, version);
}

void World::blame(TableId table, std::uint16_t version, CauseSet why) {
  for_each_made_of(table, [&](TableId made) {
    for_each_mapping([&](ColumnMapping& mapping) { mapping.blame(made, version, why); });
  });
}

// Rows that were there show the default of a column that their table has got, if a contract wants such columns at all.
void World::gain_columns(TableId table, std::uint16_t version) {
  for_each_made_of(table, [&](TableId made) {
    const Dataset* dataset = dataset_of(made);
    if (!dataset || !dataset->follow_new_columns) return;
    const std::vector<Column>& columns = source.schema(made).columns;
    for (ColumnId id = 0; id < columns.size(); ++id)
      if (columns[id].added_in == version && !columns[id].default_null) gain(made, id);
  });
}

// What a store holds of a stream is expected to be as the source is now. What a batch job has loaded is as of its
// extract, which did not have the column.
void World::gain(TableId table, ColumnId column) {
  for_each_mapping([&](ColumnMapping& mapping) { mapping.gain(table, column); });
  const TableSchema& schema = source.schema(table);
  for (StreamPipeline& stream : streams) {
    if (!stores[stream.store].holds[table] || !stream.lane.mapping().lacks_defaults(table)) continue;
    TableCopy& copy = stores[stream.store].tables[table];
    for (RowId row = 0; row < copy.slots(); ++row) {
      const Cell before = copy.get(row);
      const Mark mark = stream.lane.mapping().held(table, before.mark, schema, marks, causes);
      if (mark == before.mark) continue;
      copy.put(row, {before.write, mark, 0});
      note_change(Fact::Kind::reshaped, stream.store, table, row, before, before, 0);
    }
  }
}

void World::deploy_mappings(TableId table) {
  const std::uint16_t version = source.schema(table).current_version();
  for_each_made_of(
      table, [&](TableId made) { for_each_mapping([&](ColumnMapping& mapping) { mapping.deploy(made, version); }); });
}

void World::for_each_mapping(const std::function<void(ColumnMapping&)>& each) {
  for (StreamPipeline& stream : streams) each(stream.lane.mapping());
  for (BatchJob& job : batches) each(job.pipeline.mapping());
}

void World::for_each_made_of(TableId table, const std::function<void(TableId)>& each) const {
  each(table);
  for (const TableId derived : source.derived_from(table)) each(derived);
}

void World::expect_schema_changes(const CapturedReplay& replay) {
  const std::vector<std::optional<Time>> times = replay.schema_change_times();
  for (std::uint32_t i = 0; i < times.size(); ++i) {
    const CapturedSchemaChange& change = replay.stream().schema_changes[i];
    const auto table = static_cast<TableId>(change.table);
    blame(table, change.version, causes.named(fmt::format("ddl of {}: {}", source.schema(table).name, change.what)));
    if (times[i] && *times[i] >= now_) schedule(*times[i], {Actor::world, captured_schema_change, i, 0});
  }
}

}  // namespace rehearse
