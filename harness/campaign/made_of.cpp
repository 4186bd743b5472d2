#include "harness/campaign/made_of.h"

#include <fmt/format.h>

namespace rehearse {
namespace {

std::string content_of(const World& world, TableId table, std::uint16_t version, RowId row, Write write) {
  const TableSchema& schema = world.source.schema(table);
  std::string text;
  for (const VersionColumn& column : schema.versions[version].columns)
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", column.name,
                        world.content.text_in(schema, table, column.id, version, row, write).value_or("NULL"));
  return text;
}

MadeOf of_deleted(const World& world, TableId table, RowId row, Write write) {
  const std::string key = world.content.key_text(world.source.schema(table), table, row);
  return {table, false, row, write, fmt::format("{}, deleted by write {}", key, write)};
}

MadeOf of_row(const World& world, TableId table, std::uint16_t version, RowId row, Write write, bool looked_up) {
  const std::string key = world.content.key_text(world.source.schema(table), table, row);
  return {table, looked_up, row, write,
          fmt::format("{}, write {}: {}", key, write, content_of(world, table, version, row, write))};
}

}  // namespace

std::vector<MadeOf> made_of(const World& world, TableId table, RowId row, Cell cell) {
  const TableSchema& schema = world.source.schema(table);
  if (!schema.derived || cell.write == 0) return {};
  const DerivedRows& derived = *schema.derived;
  if (derived.kind == DerivedRows::Kind::groups) {
    const auto rows = static_cast<std::uint64_t>(derived.totals[cell.write - 1].rows);
    return {{derived.base, false, std::nullopt, 0, fmt::format("{} {}", rows, rows == 1 ? "row" : "rows")}};
  }
  const bool of_delete = derived.images.end() > 0 && derived.images[cell.write - 1].op == Op::remove;
  if (of_delete) return {of_deleted(world, derived.base, derived.base_row(row), derived.base_write(cell.write))};
  const std::uint16_t version = world.marks[cell.mark].schema;
  std::vector<MadeOf> origins{
      of_row(world, derived.base, version, derived.base_row(row), derived.base_write(cell.write), false)};
  if (derived.kind != DerivedRows::Kind::joined) return origins;
  for (const Column& column : schema.columns) {
    if (column.source != ColumnSource::other) continue;
    const TableId other = column.origin.table;
    const DerivedImage& image = derived.images[cell.write - 1];
    const std::uint16_t now = world.source.schema(other).current_version();
    if (image.other == DerivedImage::no_row) origins.push_back({other, true, std::nullopt, 0, "no such row"});
    else origins.push_back(of_row(world, other, now, image.other, image.other_write, true));
    break;  // all of them are of one row
  }
  return origins;
}

std::string made_of_text(const World& world, const std::vector<MadeOf>& origins) {
  std::string text;
  for (const MadeOf& origin : origins) {
    const TableSchema& schema = world.source.schema(origin.table);
    text += origin.looked_up ? " and of " : "made of ";
    if (origin.row)
      text += fmt::format("row {} of {} (write {})", world.content.key_text(schema, origin.table, *origin.row),
                          schema.name, origin.write);
    else text += fmt::format("{} of {}", origin.looked_up ? "no row" : origin.text, schema.name);
    if (origin.looked_up) text += ", looked up";
  }
  return text;
}

}  // namespace rehearse
