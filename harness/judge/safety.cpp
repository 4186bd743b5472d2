#include "harness/judge/safety.h"

#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

using google::protobuf::FieldDescriptor;

// A phase's fields are those of `safety`, number by number.
void put(const scenario::PhaseSafety& phase, const FieldDescriptor& given, scenario::Safety& safety) {
  const FieldDescriptor* field = scenario::Safety::descriptor()->FindFieldByNumber(given.number());
  REHEARSE_ASSERT(field != nullptr && field->name() == given.name(), "a phase's safety has the fields of safety");
  const google::protobuf::Reflection &from = *phase.GetReflection(), &to = *safety.GetReflection();
  if (given.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE)
    to.MutableMessage(&safety, field)->MergeFrom(from.GetMessage(phase, &given));
  else if (given.cpp_type() == FieldDescriptor::CPPTYPE_ENUM)
    to.SetEnumValue(&safety, field, from.GetEnumValue(phase, &given));
  else to.SetInt64(&safety, field, from.GetInt64(phase, &given));
}

}  // namespace

scenario::Safety safety_in(const scenario::Safety& safety, const std::string& phase) {
  scenario::Safety result = safety;
  for (const scenario::PhaseSafety& given : safety.phases()) {
    if (given.name() != phase) continue;
    const google::protobuf::Descriptor& type = *scenario::PhaseSafety::descriptor();
    for (int i = 1; i < type.field_count(); ++i)  // after its name
      if (given.GetReflection()->HasField(given, type.field(i))) put(given, *type.field(i), result);
  }
  return result;
}

}  // namespace rehearse
