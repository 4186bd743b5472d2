#include "harness/oracle/put_right.h"

#include <algorithm>

namespace rehearse {
namespace {

// Whether more is wrong with the row than values of columns that were altered in the write that it should hold.
bool wrong_as_a_whole(const World& world, const RowState& state) {
  return state.cell.write != state.contract.write || state.cell.live() != state.contract.live() || state.extra > 0 ||
         world.marks[state.cell.mark].alterations.empty();
}

// Those that no altered column has; all, if each has one.
std::vector<CauseId> causes_of_the_whole(const World& world, const DivergentInterval& divergent) {
  const std::vector<CauseId>& all = world.causes.members(divergent.causes);
  std::vector<CauseId> rest = all;
  const MarkInfo& mark = world.marks[divergent.state.cell.mark];
  for (const Alteration& a : mark.alterations)
    for (const CauseId id : world.causes.members(a.causes)) std::erase(rest, id);
  return rest.empty() ? all : rest;
}

}  // namespace

AsOf::Seen supposed_row(World& world, const DivergentInterval& divergent, const Stays& stays) {
  const RowState& state = divergent.state;
  const MarkInfo is = world.marks[state.cell.mark];
  CauseSet whole = 0;
  for (const CauseId id : causes_of_the_whole(world, divergent))
    whole = world.causes.unite(whole, world.causes.single(id));
  const bool whole_stays = wrong_as_a_whole(world, state) && stays(whole);
  if (wrong_as_a_whole(world, state) && !whole_stays && !state.contract.live()) return row_put_right(divergent);
  AsOf::Seen row = whole_stays ? row_as_it_is(divergent) : row_put_right(divergent);
  if (!row.cell.live()) return row;
  std::vector<Alteration> staying;
  for (const Alteration& a : is.alterations)
    if (stays(a.causes != 0 ? a.causes : whole)) staying.push_back(a);
  if (whole_stays && staying.size() == is.alterations.size()) return row;
  if (!whole_stays && staying.empty()) return row;
  const Mark base = whole_stays || state.cell.write == state.contract.write ? state.cell.mark : state.contract.mark;
  MarkInfo info = world.marks[base];
  info.alterations = std::move(staying);
  row.cell.mark = world.marks.intern(std::move(info));
  return row;
}

std::vector<CauseId> causes_in_columns(const World& world, const DivergentInterval& divergent, std::uint64_t columns) {
  const RowState& state = divergent.state;
  const std::vector<CauseId>& all = world.causes.members(divergent.causes);
  if (columns == ~std::uint64_t{0} || divergent.kind != DivergenceKind::mismatch) return all;
  const TableSchema& schema = world.source.schema(divergent.table);
  const MarkInfo& mark = world.marks[state.cell.mark];
  std::vector<ColumnId> looked_at;
  for (std::size_t id = 0; id < schema.columns.size(); ++id)
    if (columns >> std::min<std::size_t>(id, 63) & 1) looked_at.push_back(static_cast<ColumnId>(id));
  std::vector<CauseId> causes;
  const auto add = [&](const std::vector<CauseId>& more) { causes.insert(causes.end(), more.begin(), more.end()); };
  for (const ColumnId column : world.content.differing(schema, divergent.table, looked_at, world.marks, divergent.row,
                                                       state.contract, state.cell)) {
    bool altered = false;
    for (const Alteration& a : mark.alterations) {
      if (a.causes == 0 || (a.column != column && a.column != schema.base(column))) continue;
      add(world.causes.members(a.causes));
      altered = true;
    }
    if (!altered) add(causes_of_the_whole(world, divergent));
  }
  std::sort(causes.begin(), causes.end());
  causes.erase(std::unique(causes.begin(), causes.end()), causes.end());
  std::erase_if(causes, [&](CauseId id) { return std::find(all.begin(), all.end(), id) == all.end(); });
  return causes;
}

}  // namespace rehearse
