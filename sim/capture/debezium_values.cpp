#include "sim/capture/debezium_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/capture/printed_values.h"

namespace rehearse {
namespace {

constexpr std::size_t decimal_bytes_max = 1024;
constexpr std::int64_t scale_max = 16'383;  // PostgreSQL's own limit

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// The decimal digits of a big-endian two's-complement number.
std::string digits_of(std::string_view bytes, bool& negative) {
  negative = !bytes.empty() && (static_cast<unsigned char>(bytes[0]) & 0x80U) != 0;
  std::vector<std::uint8_t> magnitude(bytes.begin(), bytes.end());
  if (negative) {
    unsigned carry = 1;
    for (auto byte = magnitude.rbegin(); byte != magnitude.rend(); ++byte) {
      const unsigned sum = static_cast<unsigned>(static_cast<std::uint8_t>(~*byte)) + carry;
      *byte = static_cast<std::uint8_t>(sum);
      carry = sum >> 8;
    }
  }
  std::string reversed;
  std::size_t first = 0;
  while (first < magnitude.size()) {
    if (magnitude[first] == 0) {
      ++first;
      continue;
    }
    unsigned rest = 0;
    for (std::size_t i = first; i < magnitude.size(); ++i) {
      const unsigned with_rest = rest << 8 | magnitude[i];
      magnitude[i] = static_cast<std::uint8_t>(with_rest / 10);
      rest = with_rest % 10;
    }
    reversed += static_cast<char>('0' + rest);
  }
  if (reversed.empty()) reversed = "0";
  return {reversed.rbegin(), reversed.rend()};
}

std::optional<std::string> decoded(std::string_view text) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  std::string out;
  out.reserve(text.size() / 4 * 3);
  for (std::size_t at = 0; at < text.size(); at += 4) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const bool filler = at + i >= text.size() - padding;
      const std::size_t digit = filler ? 0 : letters.find(text[at + i]);
      if (digit == std::string_view::npos) return std::nullopt;
      group = group << 6 | static_cast<std::uint32_t>(digit);
    }
    for (const int shift : {16, 8, 0}) out += static_cast<char>(group >> shift & 0xffU);
  }
  out.resize(out.size() - padding);
  return out;
}

struct NamedType {
  std::string_view name;  // of the message's schema
  std::string_view type;  // as PostgreSQL names it
  std::int64_t unit_ns;   // of what the number counts; 0 = no number
};
constexpr NamedType named_types[] = {
    {"io.debezium.time.Timestamp", "timestamp without time zone", 1'000'000},
    {"io.debezium.time.MicroTimestamp", "timestamp without time zone", 1'000},
    {"io.debezium.time.NanoTimestamp", "timestamp without time zone", 1},
    {"org.apache.kafka.connect.data.Timestamp", "timestamp without time zone", 1'000'000},
    {"io.debezium.time.Time", "time without time zone", 1'000'000},
    {"io.debezium.time.MicroTime", "time without time zone", 1'000},
    {"io.debezium.time.NanoTime", "time without time zone", 1},
    {"org.apache.kafka.connect.data.Time", "time without time zone", 1'000'000},
    {"io.debezium.time.Date", "date", 86'400'000'000'000},
    {"org.apache.kafka.connect.data.Date", "date", 86'400'000'000'000},
    {"io.debezium.time.MicroDuration", "interval", 1'000},
    {"io.debezium.time.Interval", "interval", 0},
    {"io.debezium.time.IsoDate", "date", 0},
    {"io.debezium.time.IsoTime", "time without time zone", 0},
    {"io.debezium.time.IsoTimestamp", "timestamp without time zone", 0},
    {"io.debezium.time.ZonedTimestamp", "timestamp with time zone", 0},
    {"io.debezium.time.ZonedTime", "time with time zone", 0},
    {"io.debezium.data.Uuid", "uuid", 0},
    {"io.debezium.data.Enum", "text", 0},
    {"io.debezium.data.EnumSet", "text", 0},
    {"io.debezium.data.Json", "jsonb", 0},
    {"io.debezium.data.Xml", "xml", 0},
};
constexpr std::pair<std::string_view, std::string_view> plain_types[] = {
    {"int8", "smallint"},
    {"int16", "smallint"},
    {"int32", "integer"},
    {"int64", "bigint"},
    {"float", "real"},
    {"float32", "real"},
    {"float64", "double precision"},
    {"double", "double precision"},
    {"boolean", "boolean"},
    {"string", "text"},
    {"bytes", "bytea"},
};

bool is_of_time(std::string_view type) { return type == "date" || type == "interval" || type.starts_with("time"); }

std::string_view text_of(const JsonTree& tree, const JsonNode& of, std::string_view key) {
  const JsonNode* found = tree.find_value(of, key);
  return found != nullptr && found->is_string() ? found->text : std::string_view{};
}

// What Debezium says in place of a large value that did not change: as a text; as bytes in base64, or in hexadecimal
// digits; as the UUID that Java makes of it; as a map of one entry, printed as JSON.
constexpr std::string_view placeholder = "__debezium_unavailable_value";
bool placeholder_text(std::string_view text) {
  return text == placeholder || text == "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==" ||
         text == "5f5f646562657a69756d5f756e617661696c61626c655f76616c7565" ||
         text == "b68a35a7-17ad-35b3-af2a-ae46edb4545a" ||
         text == R"({"__debezium_unavailable_value":"__debezium_unavailable_value"})";
}
// In arrays of whole numbers it is the bytes of the text.
bool placeholder_numbers(const JsonTree& tree, const JsonNode& array) {
  if (array.children != placeholder.size()) return false;
  std::size_t at = 0;
  bool all = true;
  tree.for_each(array, [&](const JsonNode& entry) {
    all = all && entry.kind == JsonNode::Kind::number && whole(entry.text) == placeholder[at++];
  });
  return all;
}

std::optional<std::string> number_as(const NamedType& type, std::int64_t count, SourceDatabase database) {
  if (type.type == "interval") return printed_interval(count);
  if (type.type == "date") return printed_date(count, database);
  return type.type.starts_with("timestamp") ? std::optional(printed_timestamp(count, type.unit_ns, database))
                                            : printed_day_time(count, type.unit_ns, database);
}

// What is sent as an ISO text.
std::optional<std::string> text_as(const NamedType& type, std::string_view text, SourceDatabase database) {
  if (type.type == "interval") return printed_iso_interval(text);
  return printed_iso(text, type.type.ends_with("with time zone") ? Zone::printed : Zone::none, database);
}

}  // namespace

// Of a column sent as text: text, or the source's own type where that was propagated and is a decimal.
std::string_view DebeziumValues::propagated_type(const JsonTree& tree, const JsonNode& schema) {
  const JsonNode* parameters = tree.find_value(schema, "parameters");
  if (parameters == nullptr) return "text";
  const std::string_view type = text_of(tree, *parameters, "__debezium.source.column.type");
  if (type != "NUMERIC" && type != "DECIMAL") return "text";
  const std::string_view length = text_of(tree, *parameters, "__debezium.source.column.length");
  const std::string_view scale = text_of(tree, *parameters, "__debezium.source.column.scale");
  return length.empty() ? "numeric" : keep(fmt::format("numeric({},{})", length, scale.empty() ? "0" : scale));
}

bool DebeziumValues::unavailable(const JsonTree& tree, const JsonNode& value) {
  if (value.is_string()) return placeholder_text(value.text);
  if (value.children == 0) return false;
  bool all = true;
  if (value.is_object()) {
    tree.for_each(value,
                  [&](const JsonNode& entry) { all = all && entry.is_string() && placeholder_text(entry.text); });
    return all;
  }
  if (placeholder_numbers(tree, value)) return true;
  tree.for_each(value, [&](const JsonNode& entry) { all = all && entry.is_string() && placeholder_text(entry.text); });
  return all;
}

std::string_view DebeziumValues::bytes(const JsonTree& tree, const JsonNode& value) {
  const auto raw = value.is_string() ? decoded(value.text) : std::nullopt;
  if (!raw) tree.fail(value, fmt::format("a value of bytes is {}", shown_input(value.text)), "base64");
  return keep(*raw);
}

std::string_view DebeziumValues::decimal(const JsonTree& tree, const JsonNode& value, std::int64_t scale) {
  const std::string_view raw = bytes(tree, value);
  if (raw.size() > decimal_bytes_max || raw.empty() || scale > scale_max || scale < -scale_max)
    tree.fail(value, "a decimal is out of range", fmt::format("1 to {} bytes", decimal_bytes_max));
  bool negative = false;
  std::string text = digits_of(raw, negative);
  if (scale < 0 && text != "0") text.append(static_cast<std::size_t>(-scale), '0');
  if (scale > 0) {
    const auto places = static_cast<std::size_t>(scale);
    if (text.size() <= places) text.insert(0, places + 1 - text.size(), '0');
    text.insert(text.size() - places, 1, '.');
  }
  return keep(negative ? "-" + text : text);
}

// A decimal as Kafka Connect's converter writes it: base64 of its digits' bytes, or a number, which lacks the zeros
// behind its point.
std::string_view DebeziumValues::decimal_of(const JsonTree& tree, const JsonNode& value, std::int64_t scale) {
  if (value.kind != JsonNode::Kind::number) return decimal(tree, value, scale);
  if (value.text.find_first_of("eE") != std::string_view::npos) return value.text;
  std::string text(value.text);
  std::size_t point = text.find('.');
  if (point == std::string::npos && scale > 0) {
    point = text.size();
    text += '.';
  }
  const std::size_t places = point == std::string::npos ? 0 : text.size() - point - 1;
  if (scale > static_cast<std::int64_t>(places) && scale <= scale_max)
    text.append(static_cast<std::size_t>(scale) - places, '0');
  return keep(std::move(text));
}

void DebeziumValues::read_decimal(const JsonTree& tree, const JsonNode& value, const JsonNode& schema,
                                  EventColumn& column) {
  const JsonNode* parameters = tree.find_value(schema, "parameters");
  const std::string_view scale = parameters == nullptr ? "" : text_of(tree, *parameters, "scale");
  const auto places = whole(scale);
  if (!places) tree.fail(schema, "a decimal's schema has no scale", "a whole number in parameters.scale");
  const std::string_view precision = text_of(tree, *parameters, "connect.decimal.precision");
  column.type = precision.empty() ? "numeric" : keep(fmt::format("numeric({},{})", precision, scale));
  if (!column.is_null) column.text = decimal_of(tree, value, *places);
}

void DebeziumValues::read_variable_decimal(const JsonTree& tree, const JsonNode& value, EventColumn& column) {
  column.type = "numeric";
  if (column.is_null) return;
  const JsonNode* scale = tree.find_value(value, "scale");
  const JsonNode* unscaled = tree.find_value(value, "value");
  const auto places = scale == nullptr ? std::nullopt : whole(scale->text);
  if (!places || unscaled == nullptr) tree.fail(value, "a decimal lacks its scale or value");
  column.text = decimal(tree, *unscaled, *places);
}

void DebeziumValues::read_bits(const JsonTree& tree, const JsonNode& value, const JsonNode& schema,
                               EventColumn& column) {
  const JsonNode* parameters = tree.find_value(schema, "parameters");
  const auto length = parameters == nullptr ? std::nullopt : whole(text_of(tree, *parameters, "length"));
  constexpr std::int64_t bits_most = 65'536;
  if (!length || *length < 1 || *length > bits_most)
    tree.fail(schema, "the schema of bits has no length", "a whole number in parameters.length");
  column.type = keep(fmt::format("bit({})", *length));
  if (column.is_null) return;
  const std::string_view raw = bytes(tree, value);
  column.text = keep(printed_bits(raw, static_cast<std::size_t>(*length), database_));
}

void DebeziumValues::read_array(const JsonTree& tree, const JsonNode& value, const JsonNode& schema,
                                EventColumn& column) {
  const JsonNode* items = tree.find_value(schema, "items");
  std::vector<PrintedElement> elements;
  std::string_view type;
  tree.for_each(value, [&](const JsonNode& item) {
    const EventColumn element = this->column(tree, item, items);
    type = element.type;
    elements.push_back({element.is_null, element.type.ends_with("[]"), element.text});
  });
  if (!type.empty()) column.type = type.ends_with("[]") ? type : keep(fmt::format("{}[]", type));
  column.text = keep(printed_array(elements));
}

EventColumn DebeziumValues::column(const JsonTree& tree, const JsonNode& value, const JsonNode* schema) {
  EventColumn column{value.key, {}, value.is_null(), value.is_null() ? std::string_view{} : value.text};
  const bool mysql = database_ == SourceDatabase::mysql;
  if (value.kind == JsonNode::Kind::truth) {
    const bool is_true = value.text == "true";
    column.text = mysql ? (is_true ? "1" : "0") : (is_true ? "t" : "f");
  }
  if (schema == nullptr) return column;
  const std::string_view name = text_of(tree, *schema, "name");
  const std::string_view type = text_of(tree, *schema, "type");
  if (name == "org.apache.kafka.connect.data.Decimal") {
    read_decimal(tree, value, *schema, column);
    return column;
  }
  if (name == "io.debezium.data.VariableScaleDecimal") {
    read_variable_decimal(tree, value, column);
    return column;
  }
  if (name == "io.debezium.data.Bits") {
    read_bits(tree, value, *schema, column);
    return column;
  }
  if (type == "array" && value.is_array()) {
    read_array(tree, value, *schema, column);
    return column;
  }
  const auto* named = std::ranges::find(named_types, name, &NamedType::name);
  if (named != std::end(named_types)) {
    column.type = named->type;
    if (column.is_null) return column;
    std::optional<std::string> text;
    if (named->unit_ns != 0) {
      const auto count = value.kind == JsonNode::Kind::number ? whole(value.text) : std::nullopt;
      if (count) text = number_as(*named, *count, database_);
    } else if (value.is_string() && is_of_time(named->type)) {
      text = text_as(*named, value.text, database_);
    }
    if (text) column.text = keep(std::move(*text));
    return column;
  }
  for (const auto& [plain, known] : plain_types)
    if (type == plain) column.type = known;
  if (type == "string") column.type = propagated_type(tree, *schema);
  if (column.type == "boolean" && mysql) column.type = "tinyint(1)";
  if (column.type == "bytea" && !column.is_null && value.is_string()) {
    std::string hex = "\\x";
    for (const char c : bytes(tree, value)) hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
    column.text = keep(std::move(hex));
  }
  return column;
}

}  // namespace rehearse
