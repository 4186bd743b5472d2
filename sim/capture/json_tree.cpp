#include "sim/capture/json_tree.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>

namespace rehearse {
namespace {

namespace ondemand = simdjson::ondemand;

std::size_t digits_from(std::string_view text, std::size_t at) {
  const std::size_t end = text.find_first_not_of("0123456789", at);
  return (end == std::string_view::npos ? text.size() : end) - at;
}

std::string_view trimmed(std::string_view token) {
  while (!token.empty() && (token.back() == ' ' || token.back() == '\t' || token.back() == '\r'))
    token.remove_suffix(1);
  return token;
}

}  // namespace

// RFC 8259, number. On-demand parsing gives the raw token, so its form is ours to check.
bool is_json_number(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const std::size_t whole = digits_from(text, at);
  if (whole == 0 || (whole > 1 && text[at] == '0')) return false;
  at += whole;
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = digits_from(text, at + 1);
    if (fraction == 0) return false;
    at += 1 + fraction;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const std::size_t exponent = digits_from(text, at);
    if (exponent == 0) return false;
    at += exponent;
  }
  return at == text.size();
}

void check_brackets(std::string_view line, const TextInput& input) {
  char open[json_depth_max];
  int depth = 0;
  bool inside = false;   // a string
  bool escaped = false;  // by an odd number of backslashes, as the parser counts them: in strings and outside
  for (std::size_t at = 0; at < line.size(); ++at) {
    const char c = line[at];
    if (c == '"' && !escaped) inside = !inside;
    escaped = c == '\\' && !escaped;
    if (inside || (c != '{' && c != '[' && c != '}' && c != ']')) continue;
    if (c == '{' || c == '[') {
      if (depth == json_depth_max)
        input.fail(input.column_of(line.data() + at),
                   fmt::format("the value lies more than {} levels deep", json_depth_max));
      open[depth++] = c;
      continue;
    }
    if (depth == 0 || open[--depth] != (c == '}' ? '{' : '['))
      input.fail(input.column_of(line.data() + at),
                 fmt::format("the line is not valid JSON of this form: there is no bracket that this {} closes", c),
                 "one JSON object a line");
    if (depth > 0) continue;
    if (line.find_first_not_of(" \t\r", at + 1) != std::string_view::npos)
      input.fail(0, "the line goes on after its JSON object", "one JSON object a line");
    return;
  }
  input.fail(0, "the line is not valid JSON of this form: it ends inside an object", "one JSON object a line");
}

std::string shown_input(std::string_view token) {
  constexpr std::size_t shown_bytes = 40;
  std::string text;
  for (const char c : token.substr(0, shown_bytes)) text += c >= 0x20 && c < 0x7f ? c : '?';
  return token.size() > shown_bytes ? text + "..." : text;
}

struct JsonTree::State {
  ondemand::parser parser;
  ondemand::document document;
};

JsonTree::JsonTree() : state_(std::make_unique<State>()) {}
JsonTree::~JsonTree() = default;

void JsonTree::fail(const JsonNode& at, std::string message, std::string expected) const {
  input_->fail(at.at == nullptr ? 0 : input_->column_of(at.at), std::move(message), std::move(expected));
}

void JsonTree::fail(std::string message, std::string expected) const {
  input_->fail(0, std::move(message), std::move(expected));
}

const JsonNode& JsonTree::parse(std::string_view line, const TextInput& input) {
  line_ = line;
  input_ = &input;
  check_brackets(line, input);
  nodes_.clear();
  nodes_.emplace_back();  // 0 means none
  try {
    state_->document = state_->parser.iterate(line.data(), line.size(), line.size() + TextInput::padding);
    ondemand::value root = state_->document.get_value();
    add(&root, {}, 1);
    if (state_->document.current_location().error() != simdjson::OUT_OF_BOUNDS)
      fail("the line goes on after its JSON object", "one JSON object a line");
  } catch (const simdjson::simdjson_error& error) {
    fail(fmt::format("the line is not valid JSON of this form: {}", simdjson::error_message(error.error())),
         "one JSON object a line");
  }
  return nodes_[1];
}

// `opaque` is an ondemand::value: the library stays out of the header.
std::uint32_t JsonTree::add(void* opaque, std::string_view key, int depth) {
  ondemand::value& value = *static_cast<ondemand::value*>(opaque);
  const auto index = static_cast<std::uint32_t>(nodes_.size());
  const std::string_view token = trimmed(value.raw_json_token());
  JsonNode made;
  made.key = key;
  made.at = token.data();
  if (depth > json_depth_max) {
    fail(made, fmt::format("the value lies more than {} levels deep", json_depth_max));
  }
  if (nodes_.size() > json_values_max) fail(made, fmt::format("the line holds more than {} values", json_values_max));
  nodes_.push_back(made);
  JsonNode::Kind kind = JsonNode::Kind::null;
  std::string_view text = token;
  std::uint32_t last = 0;
  const auto link = [&](std::uint32_t child) {
    (last == 0 ? nodes_[index].first : nodes_[last].next) = child;
    last = child;
    ++nodes_[index].children;
  };
  // The text of what was just read whole: up to where the parser stands, without what separates it from the next.
  const auto written = [&] {
    const auto location = state_->document.current_location();
    const char* end = location.error() == simdjson::SUCCESS ? location.value_unsafe() : line_.data() + line_.size();
    std::string_view all = trimmed({token.data(), static_cast<std::size_t>(end - token.data())});
    if (all.ends_with(',')) all = trimmed(all.substr(0, all.size() - 1));
    return all;
  };
  if (token.starts_with('{')) {
    kind = JsonNode::Kind::object;
    for (auto field : value.get_object()) {
      const std::string_view name = field.unescaped_key();
      ondemand::value inner = field.value();
      link(add(&inner, name, depth + 1));
    }
    text = written();
  } else if (token.starts_with('[')) {
    kind = JsonNode::Kind::array;
    for (auto element : value.get_array()) {
      ondemand::value inner = element.value();
      link(add(&inner, {}, depth + 1));
    }
    text = written();
  } else if (token.starts_with('"')) {
    kind = JsonNode::Kind::string;
    text = value.get_string();
  } else if (token == "true" || token == "false") {
    kind = JsonNode::Kind::truth;
  } else if (is_json_number(token)) {
    kind = JsonNode::Kind::number;
  } else if (token != "null") {
    fail(made, fmt::format("a value is {}", shown_input(token)), "a string, a number, true, false, null, {} or []");
  }
  nodes_[index].kind = kind;
  nodes_[index].text = text;
  if (kind == JsonNode::Kind::object) check_keys(nodes_[index]);
  return index;
}

void JsonTree::check_keys(const JsonNode& object) {
  if (object.children < 2) return;
  by_key_.clear();
  for_each(object, [&](const JsonNode& field) { by_key_.push_back(&field); });
  const auto earlier = [](const JsonNode* a, const JsonNode* b) {
    const int order = a->key.compare(b->key);
    return order != 0 ? order < 0 : a < b;
  };
  std::sort(by_key_.begin(), by_key_.end(), earlier);
  const auto same = [](const JsonNode* a, const JsonNode* b) { return a->key == b->key; };
  const auto twice = std::adjacent_find(by_key_.begin(), by_key_.end(), same);
  if (twice != by_key_.end())
    fail(**(twice + 1), fmt::format("the object has \"{}\" twice", shown_input((*twice)->key)), "each key once");
}

const JsonNode* JsonTree::find(const JsonNode& of, std::string_view key) const {
  if (!of.is_object()) return nullptr;
  for (std::uint32_t at = of.first; at != 0; at = nodes_[at].next)
    if (nodes_[at].key == key) return &nodes_[at];
  return nullptr;
}

const JsonNode* JsonTree::find_value(const JsonNode& of, std::string_view key) const {
  const JsonNode* found = find(of, key);
  return found == nullptr || found->is_null() ? nullptr : found;
}

std::uint64_t JsonTree::whole_number(const JsonNode& node, std::string_view what) const {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(node.text.data(), node.text.data() + node.text.size(), value);
  const bool text = node.kind == JsonNode::Kind::number || node.is_string();
  if (!text || error != std::errc{} || end != node.text.data() + node.text.size())
    fail(node, fmt::format("\"{}\" is {}", what, shown_input(node.text)), "a whole number from 0 up");
  return value;
}

std::string_view JsonTree::string(const JsonNode& node, std::string_view what) const {
  if (!node.is_string()) fail(node, fmt::format("\"{}\" is {}", what, shown_input(node.text)), "a string");
  return node.text;
}

std::string_view JsonTree::need_string(const JsonNode& of, std::string_view key, std::string_view expected) const {
  const JsonNode* found = find_value(of, key);
  if (found == nullptr) fail(of, fmt::format("there is no \"{}\"", key), std::string(expected));
  const std::string_view text = string(*found, key);
  if (text.empty()) fail(*found, fmt::format("\"{}\" is empty", key), std::string(expected));
  return text;
}

}  // namespace rehearse
