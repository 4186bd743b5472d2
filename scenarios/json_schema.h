// The scenario format as a JSON Schema (draft 2020-12), for editors that complete and check YAML.
//
// Generated from the schema's descriptors. Left out: what only the linter knows, such as whether a name exists.
#pragma once

#include <string>

namespace rehearse {

// JSON text, indented; the same for the same build of the schema.
std::string json_schema();

}  // namespace rehearse
