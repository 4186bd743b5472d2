#include "sim/source/row_rule.h"

#include <algorithm>

namespace rehearse {

RowId RowRule::rows(const Content& content, const TableSchema& base, TableId table, std::uint16_t version, RowId row,
                    Write write) const {
  for (const Condition& condition : where)
    if (!content.satisfies(base, table, condition, version, row, write)) return 0;
  if (!count) return 1;
  const std::int64_t number =
      content.number_in(base, table, *count, version, row, write) / content.unit(base.columns[*count]);
  return static_cast<RowId>(std::clamp<std::int64_t>(number, 0, most));
}

}  // namespace rehearse
