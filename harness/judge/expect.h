// The scenario's expectations, one by one: what was expected, what it was, and whether that held.
//
// - Broken: it was otherwise. What never came about (a phase that was not entered, a rollback that did not happen)
// breaks
//   an expectation about it.
// - Vacuous: it speaks of a fault that never struck, or of the recall of a check during whose runs nothing was
// divergent.
// - Unknown: the data are not there (no paired reruns, no second witness, a check without a run with data).
// Invariant: every field of the expectation that is given yields exactly one entry, in the order of the schema.
#pragma once

#include <vector>

#include "harness/judge/case.h"
#include "harness/judge/claims.h"
#include "harness/judge/verdict.h"

namespace rehearse::judging {

// Of a result in which everything but verdict, reasons and expectations is written.
void write_expectations(const Case& c, const std::vector<CheckScore>& scores, const Opinion& own,
                        result::Result& result);

}  // namespace rehearse::judging
