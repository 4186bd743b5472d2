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
  last_.reset();
  ++versions_[table];
  ++changes_;
  follow(world, table);
}

void Contracts::follow(const World& world, TableId table) {
  if (const Dataset* dataset = world.dataset_of(table))
    columns_[table] = world.contract_columns(*dataset, versions_[table]);
}

Difference Contracts::compare(World& world, TableId table, RowId row, const RowState& state) const {
  if (!columns_[table]) return {};
  if (state.contract.same_content_as(state.cell)) return {state.extra > 0, 0};
  if (state.contract.live() != state.cell.live()) return {true, 0};
  if (!last_ || last_->table != table || last_->row != row || !same(last_->state, state))
    last_ = Asked{table, row, state, compared(world, table, row, state)};
  return last_->difference;
}

// Two live rows.
Difference Contracts::compared(World& world, TableId table, RowId row, const RowState& state) const {
  const TableSchema& schema = world.source.schema(table);
  const auto differs_in = [&](std::span<const ColumnId> columns) {
    return !world.content.equal(schema, table, columns, world.marks, row, state.contract, state.cell);
  };
  Difference found{state.extra > 0, 0};
  bool altered = false;
  for (const Alteration& alteration : world.marks[state.cell.mark].alterations)
    for (const ColumnId column : *columns_[table]) {
      if (schema.base(column) != alteration.column && column != alteration.column) continue;
      if (!differs_in(std::span(&column, 1))) continue;
      altered = true;
      found.alterations = world.causes.unite(found.alterations, alteration.causes);
    }
  found.differs = found.differs || altered || differs_in(*columns_[table]);
  return found;
}

}  // namespace rehearse
