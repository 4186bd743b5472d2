// Paths through a result, by reflection: `stores[orders_streaming].divergent_intervals`, `rollbacks[0].rto_ns`,
// `gates[phase=canary, metric=bad_rows].samples`, `stores.size`. Fields have the names that they have in result.json.
//
// An element of a list is picked by its `name`, by its number from 0, or by what some of its fields are; `.size` after
// a list is its length. A path ends in one value: a number, a duration, a share, a text, a word or true and false. Left
// out: writing through a path, and picking several elements at once. Invariants: a parsed path fits the message's
// descriptor; paths are bounded in length and depth.
#pragma once

#include <google/protobuf/descriptor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/result/result.pb.h"

namespace rehearse::result {

inline constexpr std::size_t path_bytes_max = 500;
inline constexpr std::size_t path_steps_max = 12;

enum class ValueKind { count, number, share, duration, text, word, truth };
std::string_view name_of(ValueKind kind);  // "a count"

// What picks an element of a list.
struct Pick {
  std::optional<std::uint64_t> number;
  std::vector<std::pair<const google::protobuf::FieldDescriptor*, std::string>> where;  // all must be so
};

struct PathStep {
  const google::protobuf::FieldDescriptor* field = nullptr;
  std::optional<Pick> pick;  // of a list
};

struct Path {
  std::string text;  // as it was written
  std::vector<PathStep> steps;
  bool size = false;  // the length of the list that the last step names
  ValueKind kind = ValueKind::count;
  std::vector<std::string> words;  // those of the enumeration, for a word
};

struct PathProblem {
  std::string message;
  std::string name;                     // the name that does not fit; empty if it is something else
  std::vector<std::string> candidates;  // what might stand in its place
};

struct ParsedPath {
  std::optional<Path> path;
  PathProblem problem;  // without a path
};
ParsedPath parse_path(std::string_view text);

// A value of a result. Which members say something depends on the kind.
struct Value {
  ValueKind kind = ValueKind::count;
  bool negative = false;                         // count, duration: their sign
  std::uint64_t magnitude = 0;                   // count; duration in ns; truth: 0 or 1
  double number = 0;                             // number
  std::uint64_t numerator = 0, denominator = 0;  // share; a denominator of 0 is n/a
  std::string text{};                            // text, word
};

struct Found {
  std::optional<Value> value;
  std::string missing;  // why there is none: "there is no store `x`", "n/a"
};
Found value_at(const Result& result, const Path& path);

// The value as a person reads it, and reads back: 12, 1.5, "98.2% (1,204 of 1,226)".
std::string exact_text(const Value& value);

}  // namespace rehearse::result
