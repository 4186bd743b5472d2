// A line of JSON as a flat tree: numbers keep their digits as they are written, nested values their text.
//
// An object that has a key twice is refused: readers of JSON differ in which of the two they believe.
// Leaves out: comments, several documents. Bounded: at most json_depth_max levels and json_values_max values, which
// take 64 bytes each. Whatever is not JSON (RFC 8259) is a CaptureFailure with line and, where it is known, column.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/capture/text_input.h"

namespace rehearse {

inline constexpr int json_depth_max = 64;
inline constexpr std::size_t json_values_max = 1'000'000;  // of one line

bool is_json_number(std::string_view text);
// Fails unless the line's brackets match, outside strings, no more than json_depth_max deep, and end with the line. The
// parser at hand trusts them: where one is missing it would read on behind the line.
void check_brackets(std::string_view line, const TextInput& input);
// A short, printable piece of the input for a message.
std::string shown_input(std::string_view token);

struct JsonNode {
  enum class Kind : std::uint8_t { null, truth, number, string, array, object };
  Kind kind = Kind::null;
  std::string_view key;     // of a field
  std::string_view text;    // a string without its escapes; anything else as it is written
  std::uint32_t first = 0;  // child; 0 = none
  std::uint32_t next = 0;   // sibling; 0 = none
  std::uint32_t children = 0;
  const char* at = nullptr;  // in the line

  bool is_null() const { return kind == Kind::null; }
  bool is_string() const { return kind == Kind::string; }
  bool is_object() const { return kind == Kind::object; }
  bool is_array() const { return kind == Kind::array; }
};

class JsonTree {
 public:
  JsonTree();
  ~JsonTree();
  // Views live until the next line is parsed. `line` must have TextInput::padding readable bytes behind it.
  const JsonNode& parse(std::string_view line, const TextInput& input);

  // The field of an object; null if it is not there, or `of` is no object.
  const JsonNode* find(const JsonNode& of, std::string_view key) const;
  // The same; none also if it is there and null.
  const JsonNode* find_value(const JsonNode& of, std::string_view key) const;
  template <typename Each>  // Each(const JsonNode&)
  void for_each(const JsonNode& of, Each&& each) const {
    for (std::uint32_t at = of.first; at != 0; at = nodes_[at].next) each(nodes_[at]);
  }

  [[noreturn]] void fail(const JsonNode& at, std::string message, std::string expected = {}) const;
  [[noreturn]] void fail(std::string message, std::string expected = {}) const;

  // A whole number from 0 up, written as a number or as a string of digits.
  std::uint64_t whole_number(const JsonNode& node, std::string_view what) const;
  std::string_view string(const JsonNode& node, std::string_view what) const;
  // The field, which must be a string that is not empty.
  std::string_view need_string(const JsonNode& of, std::string_view key, std::string_view expected) const;

 private:
  struct State;
  std::uint32_t add(void* value, std::string_view key, int depth);
  void check_keys(const JsonNode& object);

  std::unique_ptr<State> state_;
  std::vector<JsonNode> nodes_;
  std::vector<const JsonNode*> by_key_;  // of the object that is checked
  std::string_view line_;
  const TextInput* input_ = nullptr;
};

}  // namespace rehearse
