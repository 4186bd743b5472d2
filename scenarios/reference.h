// The reference page of the scenario format (docs/scenario.md), generated from the schema's descriptors.
#pragma once

#include <string>

namespace rehearse {

std::string scenario_reference();  // Markdown

}  // namespace rehearse
