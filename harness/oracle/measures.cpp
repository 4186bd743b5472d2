#include "harness/oracle/measures.h"

#include <algorithm>
#include <limits>

#include "sim/rows/convert.h"

namespace rehearse {
namespace {

constexpr std::int64_t parts = 1'000'000'000;

std::int64_t share(Signed128 part, Signed128 whole) {
  if (whole == 0) return part == 0 ? 0 : parts;
  return static_cast<std::int64_t>(std::min(part * parts / whole, Signed128{std::numeric_limits<std::int64_t>::max()}));
}

class Measuring {
 public:
  Measuring(const World& world, TableId table, ColumnId column)
      : world_(world), schema_(world.source.schema(table)), table_(table), column_(column) {}

  Signed128 number(RowId row, Cell cell, std::uint32_t extra) const {
    if (!cell.live()) return 0;
    const Value value = world_.content.value(schema_, table_, column_, world_.marks, {row, cell});
    return static_cast<Signed128>(world_.content.number(schema_.columns[column_], value)) * (extra + 1);
  }

  MeasureTruth measure(StoreId store, const std::vector<DivergentInterval>& divergent) const {
    MeasureTruth truth;
    truth.dataset = world_.dataset_of(table_)->name;
    truth.column = schema_.columns[column_].name;
    const TableCopy& rows = world_.rows(store, table_);
    Signed128 expected = 0, apart = 0;
    for (RowId row = 0; row < rows.slots(); ++row)
      expected += magnitude(number(row, rows[row], rows.extra_copies(row)));
    for (const DivergentInterval& wrong : divergent) {
      if (wrong.store != store || wrong.table != table_) continue;
      const RowState& state = wrong.state;
      const Signed128 has = number(wrong.row, state.cell, state.extra), wanted = number(wrong.row, state.contract, 0);
      expected += magnitude(wanted) - magnitude(has);
      apart += magnitude(has - wanted);
      const std::int64_t error = share(magnitude(has - wanted), std::max(magnitude(has), magnitude(wanted)));
      if (error <= truth.worst_ppb) continue;
      truth.worst_ppb = error;
      truth.worst_group = world_.content.key_text(schema_, table_, wrong.row);
    }
    truth.error_ppb = share(apart, expected);
    return truth;
  }

 private:
  const World& world_;
  const TableSchema& schema_;
  TableId table_;
  ColumnId column_;
};

}  // namespace

std::vector<MeasureTruth> measures_of(const World& world, StoreId store,
                                      const std::vector<DivergentInterval>& divergent) {
  std::vector<MeasureTruth> measures;
  for (const Dataset& dataset : world.datasets) {
    const TableSchema& schema = world.source.schema(dataset.table);
    if (!world.stores[store].holds[dataset.table] || !schema.derived ||
        schema.derived->kind != DerivedRows::Kind::groups)
      continue;
    for (const ColumnId column : dataset.columns) {
      const ColumnSource source = schema.columns[schema.base(column)].source;
      if (source == ColumnSource::rows || source == ColumnSource::sum)
        measures.push_back(Measuring(world, dataset.table, column).measure(store, divergent));
    }
  }
  return measures;
}

}  // namespace rehearse
