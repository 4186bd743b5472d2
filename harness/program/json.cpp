#include "harness/program/json.h"

#include <fmt/format.h>

#include <cmath>

namespace rehearse {

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += {'\\', c};
    else if (static_cast<unsigned char>(c) < 0x20) out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    else out += c;
  }
  return out + '"';
}

std::string json_number(double value) { return std::isfinite(value) ? fmt::format("{}", value) : "null"; }

std::string json_value(const Field& field) {
  switch (field.kind) {
    case Field::Kind::null:
      return "null";
    case Field::Kind::integer:
      return fmt::format("{}", field.integer);
    case Field::Kind::real:
      return json_number(field.real);
    case Field::Kind::text:
      break;
  }
  return json_text(field.text);
}

}  // namespace rehearse
