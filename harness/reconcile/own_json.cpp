#include "harness/reconcile/own_json.h"

#include <fmt/format.h>
#include <simdjson.h>

#include "scenarios/diagnostics.h"

namespace rehearse {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

constexpr std::size_t line_bytes_max = 65'536;

bool read_scalar(element value, Field& out) {
  switch (value.type()) {
    case element_type::INT64:
      out = Field::of(std::int64_t{value.get_int64().value_unsafe()});
      return true;
    case element_type::DOUBLE:
      out = Field::of(double{value.get_double().value_unsafe()});
      return true;
    case element_type::STRING:
      out = Field::of(std::string(value.get_string().value_unsafe()));
      return true;
    default:
      return false;
  }
}

std::string read_key(element value, std::vector<Field>& key) {
  const char* const wrong = "`key` is neither a text nor a number, nor a list of these";
  key.clear();
  if (!value.is_array()) return read_scalar(value, key.emplace_back()) ? "" : wrong;
  for (const element part : simdjson::dom::array(value))
    if (!read_scalar(part, key.emplace_back())) return wrong;
  return key.empty() ? "`key` is empty" : "";
}

std::string read_columns(element value, std::vector<std::string>& columns) {
  if (!value.is_array()) return "`columns` is no list of names";
  for (const element name : simdjson::dom::array(value)) {
    if (!name.is_string()) return "`columns` is no list of names";
    columns.emplace_back(name.get_string().value_unsafe());
  }
  return {};
}

std::string read_field(std::string_view name, element value, OwnLine& out) {
  if (name == "key") return read_key(value, out.key);
  if (name == "columns") return read_columns(value, out.columns);
  if (name == "figure") {
    double number = 0;
    if (value.get(number) != simdjson::SUCCESS) return "`figure` is no number";
    out.figure = {number};
    return {};
  }
  std::string* text = name == "dataset"    ? &out.dataset
                      : name == "class"    ? &out.discrepancy
                      : name == "action"   ? &out.action
                      : name == "decision" ? &out.decision
                      : name == "why"      ? &out.why
                                           : nullptr;
  if (text == nullptr) return fmt::format("nothing is called {}", shown(name));
  if (!value.is_string()) return fmt::format("`{}` is no text", name);
  *text = std::string(value.get_string().value_unsafe());
  return {};
}

}  // namespace

std::string read_own_line(const std::string& line, OwnLine& out) {
  out = {};
  if (line.size() > line_bytes_max) return "it is longer than 64 KiB";
  simdjson::dom::parser parser;
  element root;
  if (parser.parse(line).get(root) != simdjson::SUCCESS || !root.is_object()) return "it is no JSON object";
  for (const auto& [name, value] : simdjson::dom::object(root))
    if (std::string problem = read_field(name, value, out); !problem.empty()) return problem;
  return {};
}

}  // namespace rehearse
