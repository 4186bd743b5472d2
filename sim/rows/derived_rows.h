// Derived tables: the rows of datasets that are not a source table's rows, under their base's schema versions.
//
// `chosen`: row r is made of row r / per_row of the base, and its writes are numbered as that row's. `joined`: the
// same, with columns of another table's row; write n was made of image n − 1. `changes`: each change of the base is a
// row, made of the image of its number, and is written once.
#pragma once

#include <cstdint>

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

inline const char* operation_text(Op op) {
  constexpr const char* texts[] = {"insert", "update", "delete"};
  return texts[static_cast<int>(op)];
}

struct DerivedRows {
  enum class Kind : std::uint8_t { chosen, joined, changes } kind = Kind::chosen;
  TableId base = 0;
  RowId per_row = 1;
  Log<DerivedImage, 12> images{};

  RowId base_row(RowId row) const { return kind == Kind::changes ? images[row].row : row / per_row; }
  Write base_write(Write write) const { return kind == Kind::chosen || write == 0 ? write : images[write - 1].write; }
};

// What a derived table's column shows: of the base's row, of the other table's, or of its own row.
enum class ColumnSource : std::uint8_t {
  base,
  other,
  row_number,  // 1 to per_row, among the rows made of one
  position,    // of a change, from 1
  operation    // insert, update or delete
};

// The column of a source table that a derived table's column shows.
struct ColumnOrigin {
  TableId table = 0;
  ColumnId column = 0;
  bool key = false;  // of that table
};

}  // namespace rehearse
