#include "scenarios/annotations/quantities.h"

namespace rehearse {

const QuantityRule& rule_of(Quantity value) {
  return Quantity_descriptor()->FindValueByNumber(value)->options().GetExtension(quantity);
}

const DimensionRule& rule_of(Dimension value) {
  return Dimension_descriptor()->FindValueByNumber(value)->options().GetExtension(dimension);
}

const DimensionRule& dimension_of(Quantity value) { return rule_of(rule_of(value).dimension()); }

double shown_value(double stored, Quantity value) { return stored / dimension_of(value).stored_per_shown(); }

bool is_monitored(Quantity value) { return rule_of(value).role() == QuantityRule::MONITORED; }

bool is_measured(Quantity value) { return is_monitored(value) || rule_of(value).role() == QuantityRule::MEASURED; }

}  // namespace rehearse
