// What a test of a window says about itself (schema/kinds.proto).
#pragma once

#include "scenarios/schema/kinds.pb.h"
#include "scenarios/schema/migration.pb.h"
#include "scenarios/schema_rules.h"

namespace rehearse {

// The field of the test that is given; null while there is none.
const FieldDescriptor* test_field(const scenario::WindowTest& test);
const scenario::WindowTestKind& kind_of(const scenario::WindowTest& test);

}  // namespace rehearse
