// A YAML text as a tree with a place for every node, bounded in size, depth and alias expansion.
//
// Built from yaml-cpp's events, because its own nodes accept duplicate keys, forget the text of a null and let aliases
// expand without bound. Left out: tags, several documents in a file, keys that are not scalars; each is refused.
// Invariant: keys of a mapping are distinct.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/diagnostics.h"

namespace rehearse {

inline constexpr std::size_t yaml_bytes_max = std::size_t{4} << 20;
inline constexpr int yaml_depth_max = 32;
inline constexpr std::size_t yaml_nodes_max = 200'000;

struct YamlEntry;

struct YamlNode {
  enum class Kind { null, scalar, sequence, mapping };
  Kind kind = Kind::null;
  int file = 0;  // whose text it stands in: an index that the reader of several files gives
  int line = 0;
  int column = 0;
  std::string text;                // scalar; null: as it was written
  bool takes_away = false;         // null: written over another file, in which there was nothing beneath it
  std::vector<YamlNode> items;     // sequence
  std::vector<YamlEntry> entries;  // mapping, in order

  const YamlEntry* find(std::string_view key) const;
  YamlEntry* find(std::string_view key);
};

struct YamlEntry {
  std::string key;
  int file = 0;
  int line = 0;
  int column = 0;
  YamlNode value;
};

// The document of a text. Problems (with `file_name`) are appended to `diagnostics`; a syntax error leaves what could
// be read before it out, so the result is then a null node and false is returned. Duplicate keys are reported, the
// first is kept, and true is returned.
bool parse_yaml(std::string_view text, int file, const std::string& file_name, YamlNode& root,
                std::vector<Diagnostic>& diagnostics);

}  // namespace rehearse
