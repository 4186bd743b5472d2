// User text made safe: UTF-8, control characters, and the escapes of each format.
#include <fmt/core.h>

#include <memory>

#include "reports/format.h"

namespace rehearse::reports {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr char32_t invalid = 0xFFFFFFFF;

// The code point at `at` and its length; `invalid` and 1 for a byte that begins none.
struct CodePoint {
  char32_t value;
  std::size_t length;
};

unsigned char byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

CodePoint decode(std::string_view text, std::size_t at) {
  const unsigned char first = byte_at(text, at);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || at + length > text.size()) return {invalid, 1};
  char32_t value = first & (0xFF >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const unsigned char next = byte_at(text, at + i);
    if ((next & 0xC0) != 0x80) return {invalid, 1};
    value = value << 6 | (next & 0x3F);
  }
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (overlong || surrogate || value > 0x10FFFF) return {invalid, 1};
  return {value, length};
}

bool is_printable(char32_t c) {
  if (c == '\n' || c == '\t') return true;
  const bool control = c < 0x20 || (c >= 0x7F && c < 0xA0);
  const bool turns_text_round = (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
  const bool no_character = (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF);
  return !control && !turns_text_round && !no_character;
}

template <class Accept>
std::string cleaned(std::string_view text, Accept accept) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = decode(text, at);
    out += c.value != invalid && accept(c.value) ? text.substr(at, c.length) : replacement;
    at += c.length;
  }
  return out;
}

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

template <class Clean>
void clean_strings(Message& message, Clean clean) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> present;
  reflection->ListFields(message, &present);
  for (const FieldDescriptor* field : present) {
    const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      for (int i = 0; i < count; ++i) {
        if (field->is_repeated())
          reflection->SetRepeatedString(&message, field, i, clean(reflection->GetRepeatedString(message, field, i)));
        else reflection->SetString(&message, field, clean(reflection->GetString(message, field)));
      }
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      for (int i = 0; i < count; ++i)
        clean_strings(*(field->is_repeated() ? reflection->MutableRepeatedMessage(&message, field, i)
                                             : reflection->MutableMessage(&message, field)),
                      clean);
    }
  }
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  return cleaned(text, [](char32_t) { return true; });
}

std::string printable(std::string_view text) { return cleaned(text, is_printable); }

void make_valid_utf8(Message& message) { clean_strings(message, valid_utf8); }

result::Result with_valid_utf8(const result::Result& result) {
  result::Result copy = result;
  make_valid_utf8(copy);
  return copy;
}

result::Result with_printable_text(const result::Result& result) {
  result::Result copy = result;
  clean_strings(copy, printable);
  return copy;
}

std::string escape_xml(std::string_view text) {
  std::string out;
  for (const char c : text) switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  return out;
}

std::string escape_markdown(std::string_view text) {
  std::string out;
  for (const char c : one_line(text)) switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '@':
        out += "@<!-- -->";
        break;  // nobody is to be notified by a name in the data
      case '\\':
      case '`':
      case '*':
      case '_':
      case '[':
      case ']':
      case '#':
      case '|':
      case '~':
      case '!':
        out += '\\';
        out += c;
        break;
      default:
        out += c;
    }
  return out;
}

std::string escape_csv(std::string_view text) {
  std::string cell(text);
  if (!cell.empty() && std::string_view("=+-@\t\r").find(cell.front()) != std::string_view::npos) cell.insert(0, "'");
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string out = "\"";
  for (const char c : cell) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + '"';
}

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') out += '\\', out += c;
    else if (u < 0x20 || c == '<' || c == '>' || c == '&') out += fmt::format("\\u{:04x}", u);
    else out += c;
  }
  return out + '"';
}

std::string one_line(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c == '\n' || c == '\t' || c == '\r') c = ' ';
  return out;
}

std::size_t columns(std::string_view text) {
  std::size_t n = 0;
  for (const char c : text) n += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return n;
}

std::string shortened(std::string_view text, std::size_t most_columns) {
  if (columns(text) <= most_columns) return std::string(text);
  std::size_t at = 0;
  for (std::size_t column = 0; column + 1 < most_columns; ++column) at += decode(text, at).length;
  return std::string(text.substr(0, at)) + "…";
}

std::string joined(const google::protobuf::RepeatedPtrField<std::string>& parts, std::string_view between) {
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty()) out += between;
    out += part;
  }
  return out;
}

}  // namespace rehearse::reports
