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

CauseSet Contracts::causes_of_alterations(World& world, TableId table, RowId row, const RowState& state) const {
  CauseSet causes = 0;
  if (!columns_[table] || !state.contract.live() || !state.cell.live() || world.marks.clean(state.cell.mark))
    return causes;
  const TableSchema& schema = world.source.schema(table);
  for (const Alteration& altered : world.marks[state.cell.mark].alterations)
    for (const ColumnId column : *columns_[table]) {
      if (schema.base(column) != altered.column && column != altered.column) continue;
      if (!world.content.equal(schema, table, std::span(&column, 1), world.marks, row, state.contract, state.cell))
        causes = world.causes.unite(causes, altered.causes);
    }
  return causes;
}

}  // namespace rehearse
