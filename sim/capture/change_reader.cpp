// Recognising a stream's format by its content, and reading it with that format's parser.

#include <fmt/format.h>

#include <algorithm>

#include "sim/capture/change_event.h"

namespace rehearse {
namespace {

constexpr const char* formats_expected =
    "wal2json format 1 or 2, Debezium, Maxwell, Canal, GoldenGate or DMS, one JSON object a line";
constexpr std::size_t keys_max = 64;

std::string_view blank_cut(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  const std::size_t last = line.find_last_not_of(" \t\r");
  return line.substr(first, last - first + 1);
}

// The keys of a line's outermost object, by quotes and brackets alone: a damaged line still shows those it has.
std::vector<std::string_view> top_level_keys(std::string_view line) {
  std::vector<std::string_view> keys;
  int depth = 0;
  for (std::size_t at = 0; at < line.size() && keys.size() < keys_max; ++at) {
    const char c = line[at];
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c != '"') continue;
    const std::size_t start = at + 1;
    for (++at; at < line.size() && line[at] != '"'; ++at)
      if (line[at] == '\\') ++at;
    if (at >= line.size()) break;
    const std::size_t after = line.find_first_not_of(" \t", at + 1);
    if (depth == 1 && after != std::string_view::npos && line[after] == ':')
      keys.push_back(line.substr(start, at - start));
  }
  return keys;
}

}  // namespace

std::string_view format_name(ChangeFormat format) {
  switch (format) {
    case ChangeFormat::wal2json2:
      return "wal2json format 2";
    case ChangeFormat::wal2json1:
      return "wal2json format 1";
    case ChangeFormat::debezium:
      return "Debezium";
    case ChangeFormat::maxwell:
      return "Maxwell";
    case ChangeFormat::canal:
      return "Canal";
    case ChangeFormat::goldengate:
      return "GoldenGate";
    case ChangeFormat::dms:
      return "DMS";
  }
  return "";
}

std::optional<ChangeFormat> recognise_format(std::string_view line) {
  line = blank_cut(line);
  if (line == "null") return ChangeFormat::debezium;  // a tombstone
  if (!line.starts_with('{')) return std::nullopt;
  const std::vector<std::string_view> keys = top_level_keys(line);
  const auto has = [&](std::string_view key) { return std::ranges::find(keys, key) != keys.end(); };
  if (has("database")) {
    for (const char* key : {"isDdl", "mysqlType", "sqlType", "pkNames", "es"})
      if (has(key)) return ChangeFormat::canal;
    return ChangeFormat::maxwell;
  }
  if (has("isDdl") || has("mysqlType")) return ChangeFormat::canal;
  if (has("op_type") && has("table")) return ChangeFormat::goldengate;
  if (has("metadata") && !has("op")) return ChangeFormat::dms;
  if (has("change")) return ChangeFormat::wal2json1;
  if (has("action")) return ChangeFormat::wal2json2;
  if (has("payload") || has("op") || has("before") || has("after")) return ChangeFormat::debezium;
  if (has("key") && has("value")) return ChangeFormat::debezium;
  if (has("status") && has("event_count")) return ChangeFormat::debezium;
  if (has("tableChanges") || (has("ddl") && has("databaseName"))) return ChangeFormat::debezium;
  if (has("ts_ms") && keys.size() == 1) return ChangeFormat::debezium;  // a heartbeat
  if (has("xoffset") || has("xid"))
    return has("lsn") || has("nextlsn") ? ChangeFormat::wal2json2 : ChangeFormat::maxwell;
  return std::nullopt;
}

std::string_view foreign_format(std::string_view line) {
  if (line.starts_with("BEGIN") || line.starts_with("COMMIT") || line.starts_with("table "))
    return "text of test_decoding";
  if (line.starts_with("--") || line.starts_with("CREATE ") || line.starts_with("INSERT ")) return "SQL";
  if (line.starts_with("[")) return "a JSON array";
  if (line.starts_with("<")) return "XML";
  if (line.starts_with("Obj\x01")) return "Avro";
  if (!line.empty() && (line[0] == '\0' || static_cast<unsigned char>(line[0]) >= 0x80)) return "binary data";
  const std::string_view text = blank_cut(line);
  if (text == "{" || (text.starts_with('{') && !text.ends_with('}') && text.find(':') == std::string_view::npos))
    return "a JSON object over several lines (printed for reading, or written in chunks)";
  if (text.find("\"__op\"") != std::string_view::npos || text.find("\"__deleted\"") != std::string_view::npos)
    return "a Debezium message that a transform has flattened (ExtractNewRecordState): it lacks the envelope";
  if (text.find("\"encrypted\"") != std::string_view::npos) return "an encrypted Maxwell message";
  if (text.starts_with('{')) return "a JSON object of no known change format";
  return "text that is not JSON";
}

ChangeReader::ChangeReader(std::string path, TextLimits limits, TableChoice choice)
    : input_(std::move(path), limits), choice_(std::move(choice)) {}

void ChangeReader::begin(std::string_view line) {
  format_ = recognise_format(line);
  if (!format_) input_.fail(0, fmt::format("this is {}", foreign_format(line)), formats_expected);
  first_line_ = input_.line_number();
  switch (*format_) {
    case ChangeFormat::wal2json2:
      parser_ = make_wal2json2_parser(choice_);
      break;
    case ChangeFormat::wal2json1:
      parser_ = make_wal2json1_parser(choice_);
      break;
    case ChangeFormat::debezium:
      parser_ = make_debezium_parser(choice_);
      break;
    case ChangeFormat::maxwell:
      parser_ = make_maxwell_parser(choice_);
      break;
    case ChangeFormat::canal:
      parser_ = make_canal_parser(choice_);
      break;
    case ChangeFormat::goldengate:
      parser_ = make_goldengate_parser(choice_);
      break;
    case ChangeFormat::dms:
      parser_ = make_dms_parser(choice_);
      break;
  }
}

void ChangeReader::pass_over(std::string_view what) {
  ChangeEvent& event = events_.emplace_back();
  event.kind = EventKind::passed_over;
  event.content = what;
}

void ChangeReader::read_line(std::string_view printed) {
  const PrintedMessage message = unwrapper_.unwrap(printed, input_);
  if (message.about_the_topic) return pass_over("what the consumer says of the topic");
  const std::string_view line = message.value;
  if (!parser_) begin(line);
  try {
    parser_->parse(*format_ == ChangeFormat::debezium ? message.with_key : line, input_, events_);
  } catch (const CaptureFailure&) {
    const auto other = recognise_format(line);
    if (other && *other != *format_)
      input_.fail(0,
                  fmt::format("this is {}, but the file begins as {} in line {}", format_name(*other),
                              format_name(*format_), first_line_),
                  "one format a file");
    if (!other && !blank_cut(line).starts_with('{'))
      input_.fail(0, fmt::format("this is {}", foreign_format(line)),
                  fmt::format("{}, like line {}", format_name(*format_), first_line_));
    throw;
  }
}

const ChangeEvent* ChangeReader::next() {
  while (next_ == events_.size()) {
    events_.clear();
    next_ = 0;
    if (finished_) return nullptr;
    std::string_view line;
    if (!input_.next(line)) {
      finished_ = true;
      if (parser_) parser_->finish(input_, events_);
    } else if (line.find_first_not_of(" \t\r") != std::string_view::npos) {
      read_line(line);
    }
  }
  return &events_[next_++];
}

}  // namespace rehearse
