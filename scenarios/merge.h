// Reading a scenario file and the files that it extends into one tree.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/diagnostics.h"
#include "scenarios/yaml_tree.h"

namespace rehearse {

inline constexpr std::size_t extended_files_max = 16;

struct MergedTree {
  YamlNode root;
  std::vector<std::string> files;  // nodes' file indices; the scenario's own file first
};

// Mappings merge key by key, in the base's order; everything else replaces; a null takes the base's value away.
void merge_over(YamlNode& base, YamlNode over);

// Puts a value where a path leads (`migration.phases[1].soak`), in place of what is there; mappings that are not there
// are added, items of lists are not. Returns why it leads nowhere, if so.
std::string put_at(YamlNode& root, std::string_view path, const YamlNode& value);

// `text` of `file`, merged over what its `extends:` names (relative to the file). False after a problem that leaves
// nothing to look at: no such file, no YAML, a circle.
bool read_merged(std::string_view text, const std::string& file, MergedTree& tree,
                 std::vector<Diagnostic>& diagnostics);

// The content of a file; the problem is appended.
bool read_text(const std::string& file, const Place& asked_at, std::string& text, std::vector<Diagnostic>& diagnostics);

}  // namespace rehearse
