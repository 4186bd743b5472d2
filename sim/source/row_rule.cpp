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

RowId References::referred(const Content& content, const TableSchema& base, TableId table, ColumnId by,
                           std::uint16_t version, RowId row, Write write) const {
  if (content.captured()) {
    const std::optional<std::string> key = content.text_in(base, table, by, version, row, write);
    const auto at = key ? named_.find(*key) : named_.end();
    return at == named_.end() ? DerivedImage::no_row : at->second;
  }
  const std::int64_t key = content.number_in(base, table, by, version, row, write);  // 0 for NULL: keys are from 1
  return key < 1 || key > DerivedImage::no_row ? DerivedImage::no_row : static_cast<RowId>(key - 1);
}

void References::refer(RowId row, RowId other) {
  const RowId before = of(row);
  if (before == other) return;
  if (before != DerivedImage::no_row) rows_.erase({before, row});
  if (other != DerivedImage::no_row) rows_.emplace(other, row);
  if (row >= other_.size()) other_.resize(std::size_t{row} + 1, DerivedImage::no_row);
  other_[row] = other;
}

std::vector<RowId> References::to(RowId other) const {
  std::vector<RowId> rows;
  for (auto at = rows_.lower_bound({other, 0}); at != rows_.end() && at->first == other; ++at)
    rows.push_back(at->second);
  return rows;
}

}  // namespace rehearse
