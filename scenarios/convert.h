// A YAML tree as a message, by reflection over the schema's annotations; everything that is wrong is reported at once.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "scenarios/diagnostics.h"
#include "scenarios/schema_rules.h"
#include "scenarios/yaml_tree.h"

namespace rehearse {

struct Conversion {
  std::vector<std::string> files;       // by the index that nodes carry
  std::map<std::string, Place> places;  // out: by path, of what was written
  std::vector<Diagnostic> diagnostics;  // out
};

// Fills `message`, its defaults included. What could not be converted is left at its default.
void convert(const YamlNode& root, Message& message, Conversion& conversion);

}  // namespace rehearse
