// One value as a query's reader gets it: NULL, a number, or a text.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace rehearse {

struct Field {
  enum class Kind : std::uint8_t { null, integer, real, text } kind = Kind::null;
  std::int64_t integer = 0;
  double real = 0;
  std::string text;

  static Field of(std::int64_t value) { return {Kind::integer, value, 0, {}}; }
  static Field of(double value) { return {Kind::real, 0, value, {}}; }
  static Field of(std::string value) { return {Kind::text, 0, 0, std::move(value)}; }
  bool operator==(const Field&) const = default;
};

}  // namespace rehearse
