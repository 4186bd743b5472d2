#include "harness/oracle/divergence.h"

namespace rehearse {

void Contracts::start(const World& world) {
  versions_.resize(world.source.tables());
  columns_.resize(world.source.tables());
  for (TableId table = 0; table < versions_.size(); ++table) {
    versions_[table] = world.source.schema(table).current_version();
    follow(world, table);
  }
}

void Contracts::schema_changed(const World& world, TableId table) {
  ++versions_[table];
  follow(world, table);
}

void Contracts::follow(const World& world, TableId table) {
  if (const Dataset* dataset = world.dataset_of(table))
    columns_[table] = world.contract_columns(*dataset, versions_[table]);
}

bool Contracts::differs(const World& world, TableId table, RowId row, const RowState& state) const {
  if (!columns_[table]) return false;
  return state.extra > 0 || !world.content.equal(world.source.schema(table), table, *columns_[table], world.marks, row,
                                                 state.contract, state.cell);
}

}  // namespace rehearse
