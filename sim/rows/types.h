// The small types every part of the world shares: indexes, positions, cells.
//
// Components refer to each other by index, never by pointer, so that a world is a value that can be copied.
#pragma once

#include <compare>
#include <cstdint>

namespace rehearse {

using TableId = std::uint8_t;   // a table of the source, at most 16
using RowId = std::uint32_t;    // a slot of a table: one key ever seen
using Write = std::uint32_t;    // numbers the intents on a row across all stores; 0 = never written
using Mark = std::uint16_t;     // index into the MarkTable; 0 = absent
using Lsn = std::uint64_t;      // position in the source's log: the index of a record since the start
using StoreId = std::uint16_t;  // a store (0 is the source itself)
using PipelineId = std::uint16_t;
using CauseSet = std::uint16_t;  // index into the CauseTable; 0 = no cause
using ColumnId = std::uint8_t;   // a logical column: keeps its id through renames and type changes

inline constexpr StoreId source_store = 0;
inline constexpr Mark absent = 0;
inline constexpr int max_tables = 16;

enum class Op : std::uint8_t { insert, update, remove };

// What one store holds of one row: eight bytes. The content is a pure function of (table, row, write, mark).
struct Cell {
  Write write = 0;
  Mark mark = absent;
  std::uint16_t flags = 0;

  bool live() const { return mark != absent; }
  bool same_content_as(const Cell& other) const {  // implies equal content, never the converse
    return mark == other.mark && (write == other.write || mark == absent);
  }
};
static_assert(sizeof(Cell) == 8);

// Cell::flags. Somebody asked to be told (through the journal) of every write to this row.
inline constexpr std::uint16_t cell_watched = 1;

}  // namespace rehearse
