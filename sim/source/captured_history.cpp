#include "sim/source/captured_history.h"

#include <algorithm>
#include <optional>
#include <span>

#include "sim/source/captured.h"

namespace rehearse {
namespace {

template <class Each>  // Each(row)
void rows_of(const CapturedChange& change, Each each) {
  if (change.new_row != no_row) each(change.new_row);
  if (change.old_row != no_row && change.old_row != change.new_row) each(change.old_row);
}

// The last of the changes of one repetition that comes before change `number` of repetition `repetition`, as a write.
std::optional<Write> last_before(std::span<const std::uint32_t> changes, std::uint64_t per_repetition,
                                 std::uint64_t repetition, std::uint64_t number) {
  if (changes.empty()) return std::nullopt;
  const auto at = std::lower_bound(changes.begin(), changes.end(), number);
  if (at == changes.begin() && repetition == 0) return std::nullopt;
  const std::uint64_t found =
      at == changes.begin() ? (repetition - 1) * per_repetition + changes.back() : repetition * per_repetition + at[-1];
  return static_cast<Write>(first_captured_write + found);
}

}  // namespace

CapturedHistory::CapturedHistory(const CapturedStream& stream) : stream_(&stream), tables_(stream.tables.size()) {
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    tables_[i].first.assign(stream.tables[i].slots() + 1, 0);
    tables_[i].initial.assign(stream.tables[i].slots(), false);
    for (const CapturedRow& row : stream.tables[i].initial) tables_[i].initial[row.slot] = true;
  }
  for (const CapturedChange& change : stream.changes)
    rows_of(change, [&](RowId row) { ++tables_[change.table].first[row + 1]; });
  for (Table& table : tables_) {
    for (std::size_t row = 1; row < table.first.size(); ++row) table.first[row] += table.first[row - 1];
    table.changes.resize(table.first.back());
  }
  std::vector<std::vector<std::uint32_t>> next;
  for (const Table& table : tables_) next.push_back(table.first);
  for (std::uint32_t number = 0; number < stream.changes.size(); ++number) {
    const CapturedChange& change = stream.changes[number];
    Table& table = tables_[change.table];
    if (change.kind == ChangeKind::truncate) table.truncates.push_back(number);
    rows_of(change, [&](RowId row) { table.changes[next[change.table][row]++] = number; });
  }
}

Write CapturedHistory::write_before(TableId id, RowId row, Write write) const {
  if (write <= 1) return 0;
  const Table& table = tables_[id];
  const std::uint64_t changes = std::max<std::uint64_t>(stream_->changes.size(), 1);
  const std::uint64_t repetition = (write - first_captured_write) / changes;
  const std::uint64_t number = (write - first_captured_write) % changes;
  const Write truncated = last_before(table.truncates, changes, repetition, number).value_or(0);
  const std::span<const std::uint32_t> of_row =
      std::span(table.changes).subspan(table.first[row], table.first[row + 1] - table.first[row]);
  const std::optional<Write> own = last_before(of_row, changes, repetition, number);
  if (!own) return table.initial[row] ? std::max<Write>(truncated, 1) : 0;
  const bool there_after = change_of(*stream_, *own).new_row == row;
  return there_after ? std::max(truncated, *own) : *own;
}

}  // namespace rehearse
