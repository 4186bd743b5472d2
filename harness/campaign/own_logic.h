// The user's own logic on its way from the scenario's file to the checks that run it.
#pragma once

#include <vector>

#include "scenarios/diagnostics.h"
#include "scenarios/loader.h"
#include "sim/capture/captured_stream.h"

namespace rehearse {

// The scenario with files of SQL and programs named as they can be opened from anywhere.
scenario::Scenario with_files_found(const LoadedScenario& loaded);

// What is wrong with SQL over a captured source, whose columns only the capture tells; false: something is.
bool check_captured_sql(const LoadedScenario& loaded, const CapturedStream& stream,
                        std::vector<Diagnostic>& diagnostics);

}  // namespace rehearse
