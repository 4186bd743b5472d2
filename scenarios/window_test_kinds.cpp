#include "scenarios/window_test_kinds.h"

namespace rehearse {

const FieldDescriptor* test_field(const scenario::WindowTest& test) {
  return test.GetReflection()->GetOneofFieldDescriptor(test, test.GetDescriptor()->FindOneofByName("test"));
}

const scenario::WindowTestKind& kind_of(const scenario::WindowTest& test) {
  const FieldDescriptor* field = test_field(test);
  return field ? field->options().GetExtension(scenario::window_test) : scenario::WindowTestKind::default_instance();
}

}  // namespace rehearse
