// Schema changes and column types as scenarios write them, in the words of sim/rows.
#pragma once

#include <string>

#include "faults/schema_change.pb.h"
#include "scenarios/annotations/values.pb.h"
#include "sim/rows/schema.h"

namespace rehearse {

std::string type_name(const values::ColumnType& type);  // "decimal(12,2)"
ValueType value_type(const values::ColumnType& type);
SchemaChange schema_change(const faults::SchemaChange& change);

}  // namespace rehearse
