#include "scenarios/annotations/outcomes.h"

namespace rehearse {

const OutcomeRule& rule_of(ReadOutcome value) {
  return ReadOutcome_descriptor()->FindValueByNumber(value)->options().GetExtension(outcome);
}

}  // namespace rehearse
