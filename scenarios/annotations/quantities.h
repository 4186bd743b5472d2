// The table of quantities (quantities.proto), ready to use.
#pragma once

#include "scenarios/annotations/quantities.pb.h"

namespace rehearse {

const QuantityRule& rule_of(Quantity quantity);
const DimensionRule& rule_of(Dimension dimension);
const DimensionRule& dimension_of(Quantity quantity);

// A value as it is kept, in the unit that results show.
double shown_value(double stored, Quantity quantity);

// Nothing is claimed, so there is nothing to be judged.
bool is_monitored(Quantity quantity);
// A run brings it as a number of its own; it is not made of the run's claims.
bool is_measured(Quantity quantity);

}  // namespace rehearse
