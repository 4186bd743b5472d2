// From a scenario file to a validated, immutable scenario, or to everything that is wrong with it.
//
// The file is YAML; what may stand in it is said by the messages in schema/ alone (conversion is by reflection over
// their annotations). `extends:` merges the file over its base before anything is checked: mappings merge, everything
// else replaces, and a key set to null takes the base's value away.
//
// Invariants: a scenario that is returned satisfies every annotation, has all defaults filled in (and a name for each
// fault) and passed the linter;
// sizes are bounded (file 4 MiB, depth 32, 200,000 nodes with aliases expanded, 16 files).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/diagnostics.h"
#include "scenarios/schema/scenario.pb.h"

namespace rehearse {

struct Overrides {
  std::optional<std::int64_t> seed;  // in place of the file's
  // In place of what stands in the file at a path, or beside it where nothing does: a value as it would be written.
  // Diagnostics about it name where `vary:` speaks of the path.
  std::vector<std::pair<std::string, std::string>> values;
};

struct LoadedScenario {
  scenario::Scenario proto;
  std::vector<std::string> files;       // the scenario's file, then those that it extends
  std::map<std::string, Place> places;  // by path, of everything that was written in a file

  // Where the value of this path was written; the nearest written path above it for a default.
  Place place(std::string_view path) const;
  // The file that the FILE-valued field at this path names, relative to the file in which it was written.
  std::string file_named_at(std::string_view path) const;
  // One line a field that is set, in the schema's order, with values in base units: equal for equal scenarios however
  // they were written. What a digest of the scenario hashes.
  std::string canonical_text() const;
};

struct LoadResult {
  std::optional<LoadedScenario> scenario;  // if there are no errors
  std::vector<Diagnostic> diagnostics;     // errors, or warnings alone
};

LoadResult load_scenario(const std::string& path, const Overrides& overrides = {});

// The same from text; `file` names it in diagnostics, and `extends:` and files are looked up relative to it.
LoadResult load_scenario_text(std::string_view text, const std::string& file, const Overrides& overrides = {});

}  // namespace rehearse
