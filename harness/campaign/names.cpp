#include "harness/campaign/names.h"

#include <algorithm>

#include "harness/campaign/made_of.h"

namespace rehearse {
namespace {

std::vector<Names::Origin> origins_of(const World& world, TableId table, RowId row, const RowState& state) {
  std::vector<Names::Origin> origins;
  const auto side = [&](Cell cell, std::optional<std::string> Names::Origin::*text) {
    if (!cell.live()) return;
    const std::vector<MadeOf> all = made_of(world, table, row, cell);
    origins.resize(std::max(origins.size(), all.size()));
    for (std::size_t i = 0; i < all.size(); ++i) {
      origins[i].table = world.source.schema(all[i].table).name;
      origins[i].looked_up = all[i].looked_up;
      origins[i].*text = all[i].text;
    }
  };
  side(state.contract, &Names::Origin::expected);
  side(state.cell, &Names::Origin::actual);
  return origins;
}

}  // namespace

RowState WorldNames::at_end(StoreId store, TableId table, RowId row) const {
  const TableCopy& copy = world_->rows(store, table);
  return {world_->source.rows(table).get(row), copy.get(row), copy.extra_copies(row)};
}

std::optional<Names::RowTexts> WorldNames::row(TableId table, RowId row, const RowState& state) const {
  const Dataset* dataset = world_->dataset_of(table);
  if (!dataset) return std::nullopt;
  const TableSchema& schema = world_->source.schema(table);
  const Cell expected = state.contract, actual = state.cell;
  RowTexts texts;
  texts.expected_absent = !expected.live();
  texts.actual_absent = !actual.live();
  for (const ColumnId id : world_->contract_columns(*dataset)) {
    const auto text = [&](Cell cell) -> std::optional<std::string> {
      if (!cell.live()) return std::nullopt;
      const Value value = world_->content.value(schema, table, id, world_->marks, {row, cell});
      if (value.kind == Value::Kind::null) return std::nullopt;
      return world_->content.text(schema, id, value);
    };
    Column column;
    column.name = world_->column_name(table, id);
    column.expected = text(expected);
    column.actual = text(actual);
    column.differs = expected.live() && actual.live() &&
                     !world_->content.same(schema.columns[id],
                                           world_->content.value(schema, table, id, world_->marks, {row, expected}),
                                           world_->content.value(schema, table, id, world_->marks, {row, actual}));
    texts.columns.push_back(std::move(column));
  }
  texts.made_of = origins_of(*world_, table, row, state);
  return texts;
}

}  // namespace rehearse
