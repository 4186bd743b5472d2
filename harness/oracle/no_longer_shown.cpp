#include "harness/oracle/no_longer_shown.h"

#include <memory>
#include <set>
#include <string>
#include <utility>

namespace rehearse {
namespace {

std::shared_ptr<const AwaitedChanges::Writes> writes_shown(const TableCopy& table) {
  auto writes = std::make_shared<AwaitedChanges::Writes>();
  writes->reserve(table.slots());
  for (const Cell& cell : table.cells()) writes->push_back(cell.write);
  return writes;
}

}  // namespace

void ChangesTakenBack::rollback_begins(World& world) {
  std::vector<std::string> sent_by(world.consumers.size());
  for (const Route& route : world.routing.history()) sent_by[route.consumer] = route.by;
  std::set<std::pair<StoreId, TableId>> shown;  // to readers that the plan has moved
  for (std::uint32_t i = 0; i < world.consumers.size(); ++i)
    if (!sent_by[i].empty()) shown.emplace(world.routing.store(i), world.consumers[i].table);
  for (const auto& [store, table] : shown) await(world, store, table);
}

void ChangesTakenBack::await(World& world, StoreId by, TableId table) {
  const auto writes = writes_shown(world.rows(by, table));
  for (StoreId store = 1; store < world.stores.size(); ++store) {
    const Store& other = world.stores[store];
    if (store == by || !other.holds[table]) continue;
    AwaitedChanges changes(writes, other.tables[table], world.now());
    if (other.batch) {
      const BatchPipeline& pipeline = world.batches[*other.batch].pipeline;
      batches_.push_back({by, table, store, std::move(changes), pipeline.cycles_loaded(), pipeline.restores()});
    } else {
      world.streams[*other.stream].lane.await({by, table}, std::move(changes));
    }
  }
}

void ChangesTakenBack::after_batch_event(const World& world) {
  for (Awaiting& awaiting : batches_) {
    const BatchPipeline& pipeline = world.batches[*world.stores[awaiting.store].batch].pipeline;
    if (awaiting.loads == pipeline.cycles_loaded() && awaiting.restores == pipeline.restores()) continue;
    awaiting.loads = pipeline.cycles_loaded();
    awaiting.restores = pipeline.restores();
    awaiting.changes.recount(world.rows(awaiting.store, awaiting.table), world.now());
  }
}

std::vector<NoLongerShown> ChangesTakenBack::told(const World& world) const {
  std::vector<NoLongerShown> all;
  for (const Awaiting& awaiting : batches_)
    all.push_back({awaiting.by, awaiting.table, awaiting.store, awaiting.changes.steps()});
  for (StoreId store = 1; store < world.stores.size(); ++store) {
    if (!world.stores[store].stream) continue;
    for (const auto& [of, changes] : world.streams[*world.stores[store].stream].lane.awaited())
      all.push_back({of.first, of.second, store, changes.steps()});
  }
  return all;
}

}  // namespace rehearse
