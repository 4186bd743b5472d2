// A value of a row, the form in which a column holds values, and when two of them are the same to a contract.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>

#include "sim/rows/types.h"

namespace rehearse {

enum class ValueType : std::uint8_t { boolean, integer, decimal, text, timestamp };

struct Value {
  enum class Kind : std::uint8_t { null, number, instant, text, pooled } kind = Kind::null;
  std::uint8_t twist = 0;  // 1 + AlterationKind of an alteration that changed it beyond arithmetic
  std::int64_t bits = 0;
  auto operator<=>(const Value&) const = default;
};

struct Equality {
  enum class Kind : std::uint8_t { exact, tolerance, relative, normalised } kind = Kind::exact;
  // How far apart two values may be: numbers in 10^-9, times in nanoseconds; relative, as parts per 10^9 of the larger.
  std::int64_t tolerance = 0;
  bool tolerates() const { return kind == Kind::tolerance || kind == Kind::relative; }
};

// What the bits of a column's numbers and instants count.
struct ValueForm {
  ValueType type = ValueType::integer;
  std::int64_t unit = 1;  // bits that make one, or one second
  std::int64_t step = 1;  // bits of the smallest difference that the type can hold
  bool date = false;      // whole days
  bool fixed = false;     // values are brought into it; otherwise they are as the source has them
  bool operator==(const ValueForm&) const = default;
};

enum class Rounding : std::uint8_t { half_up, half_even, down };

// What numbers count that are made of texts of a capture, and the decimals of a synthetic table.
inline constexpr std::int64_t captured_unit = 1'000'000;
inline constexpr std::int64_t synthetic_cents = 100;

// One way to make a dataset's column of a column of the source: cast, if at all, then to the form of the dataset's
// column (which rounds half up, as a database does that is given a longer number), then the default in place of NULL.
struct Derivation {
  ColumnId from = 0;
  std::optional<ValueForm> cast;
  Rounding rounding = Rounding::half_up;
  Value in_place_of_null;
  bool operator==(const Derivation&) const = default;
};

}  // namespace rehearse
