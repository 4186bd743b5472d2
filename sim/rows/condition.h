// What a row must be like to belong to a dataset: one condition on one column of the source's row, as in SQL's WHERE.
//
// NULL satisfies none but `is_null`. Left out: conditions on times, between columns, and OR.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/rows/types.h"

namespace rehearse {

struct Condition {
  enum class Kind : std::uint8_t { in, not_in, at_least, below, is_null, is_not_null } kind = Kind::in;
  ColumnId column = 0;
  std::vector<std::int64_t> bits;  // in, not_in: the values of a synthetic column, or
  std::vector<std::string> texts;  // of a captured one
  std::int64_t bound = 0;          // at_least, below: as Content::number() counts
};

}  // namespace rehearse
