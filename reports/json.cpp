#include "reports/json.h"

#include <fmt/core.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <memory>
#include <optional>

#include "reports/format.h"

namespace rehearse::reports {
namespace {

// A line `  "name": "123",` of the printed JSON. A text cannot look like it: its quotes would be escaped.
struct NanosecondLine {
  std::string_view indent;
  std::string_view name;  // without _ns
  std::int64_t ns;
};

std::optional<NanosecondLine> nanosecond_line(std::string_view line) {
  const std::size_t open = line.find_first_not_of(' ');
  const std::size_t close = line.find("_ns\": \"");
  if (open == std::string_view::npos || line[open] != '"' || close == std::string_view::npos) return std::nullopt;
  const std::string_view name = line.substr(open + 1, close - open - 1);
  const char* digits = line.data() + close + 7;
  std::int64_t ns = 0;
  const auto [end, error] = std::from_chars(digits, line.data() + line.size(), ns);
  if (error != std::errc() || *end != '"') return std::nullopt;
  return NanosecondLine{line.substr(0, open), name, ns};
}

std::string readable(const result::Result& result, const NanosecondLine& line) {
  if (line.name.ends_with("_epoch")) return iso_epoch(line.ns);
  if (line.name == "at" || line.name.ends_with("_at")) return iso_instant(result, line.ns);
  return show_duration(line.ns);
}

constexpr std::string_view number_lists[] = {"\"times_ns\": [",  "\"values\": [", "\"began_at_ns\": [",
                                             "\"lasted_ns\": [", "\"claims\": [", "\"no_data\": ["};

bool opens_samples(std::string_view line) {
  return std::any_of(std::begin(number_lists), std::end(number_lists),
                     [&](std::string_view list) { return line.ends_with(list); });
}

// Adds the readable twins, and puts each list of samples or runs on one line.
std::string made_readable(const result::Result& result, std::string_view json) {
  std::string out;
  out.reserve(json.size());
  bool in_samples = false;
  while (!json.empty()) {
    const std::size_t end = std::min(json.find('\n'), json.size());
    std::string_view line = json.substr(0, end);
    json.remove_prefix(std::min(end + 1, json.size()));
    if (in_samples) line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    if (const auto found = nanosecond_line(line))
      out += fmt::format("{}\"{}\": \"{}\",\n", found->indent, found->name, readable(result, *found));
    out += line;
    if (opens_samples(line)) in_samples = true;
    if (in_samples && line.starts_with(']')) in_samples = false;
    if (!in_samples) out += '\n';
  }
  return out;
}

}  // namespace

std::string message_json(const google::protobuf::Message& message) {
  const std::unique_ptr<google::protobuf::Message> clean(message.New());
  clean->CopyFrom(message);
  make_valid_utf8(*clean);
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(*clean, &json, options);
  return status.ok() ? json : fmt::format("{{\"error\": {}}}\n", json_string(valid_utf8(status.ToString())));
}

std::string render_json(const result::Result& result) { return made_readable(result, message_json(result)); }

std::string parse_json(const std::string& text, result::Result& result) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const auto status = google::protobuf::util::JsonStringToMessage(text, &result, options);
  return status.ok() ? std::string() : status.ToString();
}

}  // namespace rehearse::reports
