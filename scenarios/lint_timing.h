// What can be known beforehand about how long things take and how old stores are: from rows at the start, rates and
// schedules.
//
// Rows count only of datasets that are their tables as they are and whose tables do not shrink, so every figure here is
// the least that a rehearsal will show.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/lint_context.h"

namespace rehearse {

// A duration as a message shows it: to about a thousandth of its size, to the nearest or the next above or below.
enum class Towards { nearest, above, below };
std::string about(std::int64_t ns, Towards towards = Towards::nearest);

// The tables of the pipeline's datasets that it carries as they are, one record a change.
std::vector<const scenario::Table*> tables_as_they_are(const LintContext& context, const scenario::Pipeline& pipeline);
std::int64_t rows_at_least(const LintContext& context, const std::vector<std::string>& datasets);
// Of an extract that reads all rows; 0 of another.
std::int64_t cycle_takes(const LintContext& context, const scenario::Pipeline& pipeline);
// From the beginning of a run to its report, in order.
std::int64_t run_takes(const LintContext& context, const scenario::Check& check);
// Whether it takes longer than the time between two of its runs.
bool passes_over_runs(const LintContext& context, const scenario::Check& check);
// How old a store's content may be without anything wrong: a batch store just before a load lands. 0: nobody knows.
std::int64_t oldest_in_order(const LintContext& context, const std::string& store);

}  // namespace rehearse
