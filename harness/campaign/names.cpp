#include "harness/campaign/names.h"

namespace rehearse {

std::optional<Names::RowTexts> WorldNames::row(StoreId store, TableId table, RowId row) const {
  const Dataset* dataset = world_->dataset_of(table);
  if (!dataset || store == source_store || row >= world_->source.rows(table).slots()) return std::nullopt;
  const TableSchema& schema = world_->source.schema(table);
  const Cell expected = world_->source.rows(table)[row];
  const Cell actual = world_->rows(store, table).get(row);
  RowTexts texts;
  texts.expected_side = "source at the end";
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
    column.name = schema.current().find(id)->name;
    column.expected = text(expected);
    column.actual = text(actual);
    column.differs = expected.live() && actual.live() &&
                     world_->content.value(schema, table, id, world_->marks, {row, expected}) !=
                         world_->content.value(schema, table, id, world_->marks, {row, actual});
    texts.columns.push_back(std::move(column));
  }
  return texts;
}

}  // namespace rehearse
