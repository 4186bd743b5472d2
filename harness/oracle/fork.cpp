#include "harness/oracle/fork.h"

#include <algorithm>

#include "sim/kernel/assert.h"

namespace rehearse {

Time heal_and_drain(World& world, Injector& injector) {
  world.release_all_of(HoldOwner::Who::repair);
  injector.heal_all(world);
  world.stop_writes();
  Duration step = second;
  const Time limit = world.now() + day * 3650;
  while (!world.lanes_idle()) {
    REHEARSE_ASSERT(world.now() < limit, "lanes come to rest once writes have stopped");
    world.advance(world.now() + step);
    step = std::min(step * 2, day);
  }
  return world.now();
}

std::vector<std::vector<std::pair<TableId, RowId>>> divergent_after_fork(const World& world, const Injector& injector) {
  World fork = world;
  Injector healer = injector;
  heal_and_drain(fork, healer);
  std::vector<std::vector<std::pair<TableId, RowId>>> rows(fork.stores.size());
  for (StoreId store = 1; store < fork.stores.size(); ++store) {
    if (!fork.stores[store].stream) continue;
    for (TableId table = 0; table < fork.source.tables(); ++table) {
      const Dataset* dataset = fork.dataset_of(table);
      if (!fork.stores[store].holds[table] || !dataset) continue;
      const std::vector<ColumnId> columns = fork.contract_columns(*dataset);
      const TableCopy& expected = fork.source.rows(table);
      const TableCopy& actual = fork.stores[store].tables[table];
      for (RowId row = 0; row < std::max(expected.slots(), actual.slots()); ++row)
        if (actual.extra_copies(row) > 0 || !fork.content.equal(fork.source.schema(table), table, columns, fork.marks,
                                                                row, expected.get(row), actual.get(row)))
          rows[store].emplace_back(table, row);
    }
  }
  return rows;
}

}  // namespace rehearse
