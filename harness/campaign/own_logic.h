// The user's own logic on its way from the scenario's file to the checks that run it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "scenarios/diagnostics.h"
#include "scenarios/loader.h"
#include "sim/capture/captured_stream.h"

namespace rehearse {

// Files of the user's own logic, by the path at which the scenario names them, named so that they can be opened from
// anywhere.
using OwnFiles = std::map<std::string, std::string>;
OwnFiles find_own_files(const LoadedScenario& loaded);
// The scenario with these names in place of its own.
scenario::Scenario with_files_found(scenario::Scenario scenario, const OwnFiles& files);

// What is wrong with SQL over a captured source, whose columns only the capture tells; false: something is.
bool check_captured_sql(const LoadedScenario& loaded, const CapturedStream& stream,
                        std::vector<Diagnostic>& diagnostics);

}  // namespace rehearse
