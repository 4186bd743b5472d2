// Which changes of a captured stream concern which row: finds the write before another one of the same row.
//
// Four bytes for each change and each row, kept by row in the stream's order; a question costs a binary search.
// A truncate is a write of every row that was there. Of a stream that is repeated only one repetition is kept.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/capture/captured_stream.h"
#include "sim/rows/types.h"

namespace rehearse {

class CapturedHistory {
 public:
  explicit CapturedHistory(const CapturedStream& stream);
  Write write_before(TableId table, RowId row, Write write) const;  // of the same row; 0 = none

 private:
  struct Table {
    std::vector<std::uint32_t> first;    // by row: where its changes begin in `changes`; one more at the end
    std::vector<std::uint32_t> changes;  // numbers of changes, ascending for each row
    std::vector<std::uint32_t> truncates;
    std::vector<bool> initial;  // by row
  };
  const CapturedStream* stream_;  // lives as long as the images that this belongs to
  std::vector<Table> tables_;
};

}  // namespace rehearse
