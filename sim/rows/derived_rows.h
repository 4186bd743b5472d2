// Derived tables: the rows of datasets that are not a source table's rows, under their base's schema versions.
//
// `chosen`: row r is made of row r / per_row of the base, and its writes are numbered as that row's. `joined`: the
// same, with columns of another table's row; write n was made of image n − 1. `changes`: each change of the base is a
// row, made of the image of its number, and is written once. `snapshots`: the same of each row that was there at a cut.
// `groups`: a row is a group of the base's rows, numbered as groups come to be; write n has the totals n − 1.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "sim/kernel/time.h"
#include "sim/rows/log.h"
#include "sim/rows/types.h"

namespace rehearse {

// What a write of a derived table's row was made of, where no write of one row of the base tells it.
struct DerivedImage {
  static constexpr RowId no_row = ~RowId{0};
  RowId row = 0;         // of the base, and
  Write write = 0;       // its write, by
  Op op = Op::insert;    // this
  RowId other = no_row;  // of the table that was looked up in, and
  Write other_write = 0;
  Write before = 0;  // the write before, of the same row of the derived table
};

// What a write of a group's row says: how many rows the group has, and sums over them in their columns' bits.
struct GroupTotals {
  static constexpr std::size_t most_sums = 4;
  std::int64_t rows = 0;
  std::array<std::int64_t, most_sums> sums{};
  Write before = 0;  // the write before, of the same group
  bool same_as(const GroupTotals& other) const { return rows == other.rows && sums == other.sums; }
};
// What a group's rows have in common: the value of a column, as a write of one of them has it, and a window of time.
struct Group {
  RowId row = 0;
  Write write = 0;
  Time window{};  // when it begins
};

// The instant as of which a snapshot has the base's rows, and its rows: those from `first` to the next cut's. The ones
// that the dataset has, or that others were made of at the cut itself, come first and in the base's order, to `end`.
struct Cut {
  RowId first = 0;
  RowId end = 0;
  Time at{};
};

inline const char* operation_text(Op op) {
  constexpr const char* texts[] = {"insert", "update", "delete"};
  return texts[static_cast<int>(op)];
}

struct DerivedRows {
  enum class Kind : std::uint8_t { chosen, joined, changes, snapshots, groups } kind = Kind::chosen;
  TableId base = 0;
  RowId per_row = 1;
  Log<DerivedImage, 12> images{};

  std::vector<Cut> cuts{};      // in their order
  std::vector<Group> groups{};  // by row
  Log<GroupTotals, 10> totals{};

  RowId base_row(RowId row) const {
    if (kind == Kind::groups) return groups[row].row;
    return kind == Kind::changes || kind == Kind::snapshots ? images[row].row : row / per_row;
  }
  const Cut& cut_of(RowId row) const {
    const auto after = [](RowId r, const Cut& cut) { return r < cut.first; };
    return *(std::upper_bound(cuts.begin(), cuts.end(), row, after) - 1);
  }
  // What the write was made of.
  Write base_write(Write write) const { return images.end() == 0 || write == 0 ? write : images[write - 1].write; }
};

// What a derived table's column shows: of the base's row, of the other table's, or of its own row.
enum class ColumnSource : std::uint8_t {
  base,
  other,
  row_number,  // 1 to per_row, among the rows made of one
  position,    // of a change, from 1
  operation,   // insert, update or delete
  cut,         // of a snapshot: as of when it is
  window,      // of a group: where it begins
  rows,        // of a group: how many it has
  sum          // of a group: the one numbered by its origin's column
};

// The column of a source table that a derived table's column shows.
struct ColumnOrigin {
  TableId table = 0;
  ColumnId column = 0;
  bool key = false;  // of that table
};

}  // namespace rehearse
