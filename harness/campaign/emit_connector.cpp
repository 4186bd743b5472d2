#include "harness/campaign/emit_connector.h"

#include <algorithm>

namespace rehearse {
namespace {

// The tables that a store's datasets are made of.
std::vector<bool> tables_beneath(const World& world, StoreId store) {
  std::vector<bool> beneath(world.source.tables(), false);
  for (TableId table = 0; table < world.source.tables(); ++table) {
    if (!world.stores[store].holds[table]) continue;
    const TableSchema& schema = world.source.schema(table);
    beneath[schema.derived ? schema.derived->base : table] = true;
    for (const Column& column : schema.columns)
      if (column.source == ColumnSource::other) beneath[column.origin.table] = true;
  }
  return beneath;
}

ConnectorOptions without_rules(ConnectorOptions options) {
  options.own_rules.clear();
  return options;
}

}  // namespace

TablesConnector::TablesConnector(const World& world, PipelineId stream)
    : stream_(stream),
      connector_(without_rules(world.streams[stream].connector.options()),
                 tables_beneath(world, world.streams[stream].store)),
      topic_(world.streams[stream].topic.options),
      tables_(world.source.tables()) {
  connector_.take_initial_snapshot(world.source);
}

void TablesConnector::follow(World& world) {
  const StreamPipeline& stream = world.streams[stream_];
  const Connector::Context context{world.source, topic_, facts_, world.marks, world.causes, stream.store, tables_};
  connector_.advance(world.now(), context);
  connector_.taps = stream.connector.taps;
  if (stream.connector.down() && !connector_.down()) connector_.crash(world.now(), 0, context);
  if (!stream.connector.down() && connector_.down()) connector_.resume(world.now());
  if (facts_.empty()) return;
  facts_.clear();
  tables_.assign(tables_.size(), {});
}

void TablesConnector::forget_before(std::uint32_t partition, std::uint64_t offset) {
  Partition& p = topic_.partitions[partition];
  p.records.forget_before(offset);
  p.notes.erase(p.notes.begin(), p.notes.lower_bound(offset));
}

bool TablesConnector::delivered(const World& world) const {
  return connector_.snapshot_done() && connector_.held() == 0 && connector_.position() >= world.source.end();
}

Lsn TablesConnector::needed_from() const {
  Lsn needed = connector_.needed_from();
  for (const Connector::Held& held : connector_.held_records())
    if (!held.record.snapshot()) needed = std::min(needed, held.record.position());
  return needed;
}

}  // namespace rehearse
