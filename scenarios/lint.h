// What a scenario means, held against itself: names that exist, stores that can be compared, phases that can be
// entered, metrics that are sampled often enough, columns and files that are there.
//
// Left out: whether the plan is a good one; that is what the rehearsal shows.
// Invariant: an error is something no rehearsal could make sense of; what merely looks odd is a warning.
#pragma once

#include <vector>

#include "scenarios/loader.h"

namespace rehearse {

enum class LintDepth {
  references,  // only names: for a scenario in which other things are wrong already
  everything
};

std::vector<Diagnostic> lint(const LoadedScenario& loaded, LintDepth depth = LintDepth::everything);

}  // namespace rehearse
