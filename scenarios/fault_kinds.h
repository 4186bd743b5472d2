// What a fault's kind says about itself (annotations/fault_kind.proto), and what its parameters show: its schedule, and
// what it acts on.
//
// Invariant: nothing here knows a kind.
#pragma once

#include <string>

#include "faults/schedule.pb.h"
#include "scenarios/annotations/fault_kind.pb.h"
#include "scenarios/schema/world.pb.h"
#include "scenarios/schema_rules.h"

namespace rehearse {

// The field of the fault's kind; null while it has none.
const FieldDescriptor* kind_field(const scenario::Fault& fault);
const FaultKind& kind_of(const scenario::Fault& fault);
// Of a fault that has a kind:
const Message& parameters_of(const scenario::Fault& fault);
const faults::Schedule& schedule_of(const scenario::Fault& fault);
// Its field that refers to a pipeline or a table, and the name that stands there.
const FieldDescriptor& target_field(const scenario::Fault& fault);
std::string target_of(const scenario::Fault& fault);
// Where it strikes: what it acts on, and the column if it is of one. Faults of a kind and place are one to whoever asks
// what was at work.
std::string place_of(const scenario::Fault& fault);

}  // namespace rehearse
