#include "scenarios/fault_kinds.h"

#include <algorithm>

#include "sim/kernel/assert.h"

namespace rehearse {

const FieldDescriptor* kind_field(const scenario::Fault& fault) {
  return fault.GetReflection()->GetOneofFieldDescriptor(fault, fault.GetDescriptor()->FindOneofByName("kind"));
}

const Message& parameters_of(const scenario::Fault& fault) {
  return fault.GetReflection()->GetMessage(fault, kind_field(fault));
}

const FaultKind& kind_of(const scenario::Fault& fault) {
  const FieldDescriptor* field = kind_field(fault);
  return field ? field->message_type()->options().GetExtension(rehearse::fault) : FaultKind::default_instance();
}

const faults::Schedule& schedule_of(const scenario::Fault& fault) {
  const Message& parameters = parameters_of(fault);
  const FieldDescriptor* field = parameters.GetDescriptor()->FindFieldByName("schedule");
  REHEARSE_ASSERT(field != nullptr, "every fault has a schedule");
  return static_cast<const faults::Schedule&>(parameters.GetReflection()->GetMessage(parameters, field));
}

const FieldDescriptor& target_field(const scenario::Fault& fault) {
  const Descriptor& parameters = *parameters_of(fault).GetDescriptor();
  for (int i = 0; i < parameters.field_count(); ++i) {
    const auto& to = rule_of(*parameters.field(i)).to();
    if (std::any_of(to.begin(), to.end(), [](int t) { return t == FieldRule::PIPELINE || t == FieldRule::TABLE; }))
      return *parameters.field(i);
  }
  REHEARSE_ASSERT(false, "every fault acts on a pipeline or on a table");
}

std::string target_of(const scenario::Fault& fault) {
  const Message& parameters = parameters_of(fault);
  return parameters.GetReflection()->GetString(parameters, &target_field(fault));
}

std::string place_of(const scenario::Fault& fault) {
  const Message& parameters = parameters_of(fault);
  std::string place = target_of(fault);
  for (int i = 0; i < parameters.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *parameters.GetDescriptor()->field(i);
    if (rule_of(field).kind() == FieldRule::COLUMN)
      place += "." + parameters.GetReflection()->GetString(parameters, &field);
  }
  return place;
}

}  // namespace rehearse
