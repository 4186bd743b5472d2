// What it means that a row differs from its contract, and the interval during which it was divergent.
//
// A dataset's contract compares the columns that it names and that the source's table has; `new_columns: follow` adds
// those that the source gains. Contents are compared, never cells: equal content by another way is right.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "sim/kernel/time.h"
#include "sim/world/world.h"

namespace rehearse {

enum class DivergenceKind : std::uint8_t { missing, extra, duplicate, mismatch };

using RowKey = std::pair<TableId, RowId>;

inline bool same(const Cell& a, const Cell& b) { return a.write == b.write && a.mark == b.mark; }

// A row as its contract expects it, and as a store holds it.
struct RowState {
  Cell contract;
  Cell cell;
  std::uint32_t extra = 0;  // physical copies beyond the first

  DivergenceKind kind() const {
    if (contract.live() && !cell.live()) return DivergenceKind::missing;
    if (!contract.live() && cell.live()) return DivergenceKind::extra;
    return extra > 0 ? DivergenceKind::duplicate : DivergenceKind::mismatch;
  }
};

inline bool same(const RowState& a, const RowState& b) {
  return same(a.contract, b.contract) && same(a.cell, b.cell) && a.extra == b.extra;
}

struct DivergentInterval {
  using Kind = DivergenceKind;
  StoreId store = 0;
  TableId table = 0;
  RowId row = 0;
  Time from;
  Time until;  // not included; Time::never() while it lasts
  CauseSet causes = 0;
  Kind kind = Kind::missing;
  RowState state{};  // as it was last while the interval lasted
};

// How a row differs from its contract.
struct Difference {
  bool differs = false;
  CauseSet alterations =
      0;  // why columns were altered in which it does; none for a row that should not be there, or is not
};

// The contracts of all tables, as of the schema versions that the reader has come to.
class Contracts {
 public:
  void start(const World& world);
  void schema_changed(const World& world, TableId table);  // the next version of the table begins
  // Cheap if it was asked of the same row in the same state just before.
  Difference compare(World& world, TableId table, RowId row, const RowState& state) const;
  std::uint32_t changes() const { return changes_; }  // of schema versions so far, counted from 1
  bool speaks_of(TableId table) const { return columns_[table].has_value(); }

 private:
  void follow(const World& world, TableId table);
  Difference compared(World& world, TableId table, RowId row, const RowState& state) const;
  std::uint32_t changes_ = 1;
  std::vector<std::uint16_t> versions_;                        // by table
  std::vector<std::optional<std::vector<ColumnId>>> columns_;  // by table; none: nothing is expected of it
  struct Asked {
    TableId table = 0;
    RowId row = 0;
    RowState state;
    Difference difference;
  };
  mutable std::optional<Asked> last_;
};

}  // namespace rehearse
