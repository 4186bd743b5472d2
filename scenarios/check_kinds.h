// What a check's kind says about itself (schema/kinds.proto), and what its message shows: sides, occasions, windows.
//
// Invariant: apart from `claims_of`, where two kinds have parameters that narrow their claims, nothing here knows a
// kind.
#pragma once

#include <optional>
#include <vector>

#include "scenarios/annotations/quantities.h"
#include "scenarios/schema/checks.pb.h"
#include "scenarios/schema/kinds.pb.h"
#include "scenarios/schema_rules.h"

namespace rehearse {

// The field of the check's kind; null while it has none.
const FieldDescriptor* kind_field(const scenario::Check& check);
const scenario::CheckKind& kind_of(const scenario::Check& check);
const scenario::CheckKind& kind_of(const FieldDescriptor& kind);
// The kind's own message; the check must have a kind.
const Message& parameters_of(const scenario::Check& check);

bool reads(const scenario::Check& check, scenario::CheckKind::Reads what);
// Whether it can see every row, rather than those that are drawn.
bool reads_all_rows(const scenario::Check& check);
// The share of keys that each of its runs draws; 1 if it draws none.
double sampled_share(const scenario::Check& check);
// The classes that it can report, as its parameters are.
std::vector<scenario::DiscrepancyClass> claims_of(const scenario::Check& check);
// Whether its claims name rows, as its parameters are.
bool names_rows(const scenario::Check& check);
bool is_monitor(const scenario::Check& check);

// What its series shows, and what a metric that is made from it does.
Quantity quantity_of(const scenario::Check& check);
Quantity quantity_of(const scenario::Check& check, const scenario::Metric& metric);
Quantity quantity_of(Quantity of_check, const scenario::Metric& metric);

// Null if its kind has none.
const scenario::Comparison* comparison_of(const scenario::Check& check);
const scenario::Observation* observation_of(const scenario::Check& check);
// Of a comparison: as it says, or else as its kind usually does.
scenario::Align align_of(const scenario::Check& check);
// Who reports to a monitor; nothing for a kind that reads no pipeline's own numbers.
std::optional<scenario::Observation::SeenFrom> seen_from(const scenario::Check& check);
const scenario::Recurrence& runs_of(const scenario::Check& check);
const FieldDescriptor* window_field(const scenario::Check& check);
const scenario::Window* window_of(const scenario::Check& check);  // null if none is given
// The stores that it looks at, the one on trial last.
std::vector<std::string> sides_of(const scenario::Check& check);
// Which of its runs there are, and which say something.
const scenario::RunRules& rules_of(const scenario::Check& check);

}  // namespace rehearse
