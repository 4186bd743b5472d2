// Names of column types by what they mean: int, INT(11) and integer are one type.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/capture/captured_stream.h"

namespace rehearse {

// Whether two names mean types whose values print alike. Lengths of texts and of whole numbers do not matter; those of
// decimals, bits and times do where both names have one. An empty name means any type.
bool same_type(std::string_view a, std::string_view b);

struct FloatType {
  enum class Width : std::uint8_t { none, single, twice };
  Width width = Width::none;
  std::optional<int> places;  // that are always printed: MySQL's float(7,2)
};
// What a name says of numbers in floating point: a plain `float` is a single one in MySQL and a double one in
// PostgreSQL.
FloatType float_type(std::string_view name, SourceDatabase database);

}  // namespace rehearse
