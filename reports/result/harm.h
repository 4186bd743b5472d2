// Reads of consumers in the result, by the table of outcomes (scenarios/annotations/outcomes.proto).
#pragma once

#include <cstdint>
#include <vector>

#include "reports/result/result.pb.h"
#include "scenarios/annotations/outcomes.h"

namespace rehearse::result {

std::uint64_t reads_of(const Harm& harm, ReadOutcome outcome);
void add_reads(ReadOutcome outcome, std::uint64_t reads, Harm& harm);  // to those of the outcome, and to all
void add_harm(const Harm& more, Harm& harm);

// Those that are harm, in the order in which the result lists them; `followed` alone where sums are shown.
std::vector<ReadOutcome> harmful_outcomes();
std::vector<ReadOutcome> followed_outcomes();

}  // namespace rehearse::result
