// The second witness: the tables as the database itself printed them after the capture, compared with the replayed log.
//
// Truth is the replayed log; where the two differ, the log could not carry something (no replica identity, a volatile
// default's rewrite, a value that JSON cannot say), and the comparison names the rows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/capture/captured_stream.h"

namespace rehearse {

// A table snapshot: cells in rows x columns order, interned in its own pool.
struct TableSnapshot {
  std::string schema;
  std::string table;
  std::string path;
  std::vector<std::string> columns;
  ValuePool values;
  std::vector<ValueId> cells;
  std::vector<std::uint64_t> lines;  // where each row begins
  std::uint64_t rows = 0;
  ValueId cell(std::uint64_t row, std::size_t column) const { return cells[row * columns.size() + column]; }
};

CaptureResult<TableSnapshot> read_csv_table(const TableFile& file, std::uint64_t total_bytes_max = 0);

struct CellDifference {
  std::string row;  // its key
  std::string column;
  std::optional<std::string> replayed;  // nullopt = NULL
  std::optional<std::string> witness;
};

struct WitnessComparison {
  std::string schema;
  std::string table;
  std::uint64_t rows_replayed = 0;
  std::uint64_t rows_witness = 0;
  std::uint64_t rows_equal = 0;
  std::uint64_t rows_unknown = 0;           // equal but for cells whose value the log never showed
  std::uint64_t rows_different = 0;         // same key, other content (tables with a key)
  std::uint64_t rows_missing = 0;           // the witness has them, the replay does not
  std::uint64_t rows_extra = 0;             // the replay has them, the witness does not
  std::vector<CellDifference> differences;  // the first differences_max
  std::vector<std::string> missing;         // keys or whole rows, the first differences_max
  std::vector<std::string> extra;
  bool equal() const { return rows_unknown + rows_different + rows_missing + rows_extra == 0; }
};

// Compares one table of a replayed state with its witness. An unknown table or a column that does not fit is an error.
CaptureResult<WitnessComparison> compare_with_witness(const CapturedStream& stream, const CapturedState& state,
                                                      const TableSnapshot& witness, std::size_t differences_max = 20);

}  // namespace rehearse
