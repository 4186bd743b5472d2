#include "faults/schema_change.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "sim/kernel/assert.h"

namespace rehearse {

std::string type_name(const values::ColumnType& type) {
  std::string name = values::ColumnType::Base_Name(type.base());
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (type.precision() > 0) return fmt::format("{}({},{})", name, type.precision(), type.scale());
  if (type.length() > 0) return fmt::format("{}({})", name, type.length());
  return name;
}

ValueType value_type(const values::ColumnType& type) {
  switch (type.base()) {
    case values::ColumnType::BIGINT:
    case values::ColumnType::INTEGER:
    case values::ColumnType::SMALLINT:
      return ValueType::integer;
    case values::ColumnType::DECIMAL:
    case values::ColumnType::DOUBLE:
      return ValueType::decimal;
    case values::ColumnType::BOOLEAN:
      return ValueType::boolean;
    case values::ColumnType::TIMESTAMPTZ:
    case values::ColumnType::TIMESTAMP:
    case values::ColumnType::DATE:
      return ValueType::timestamp;
    default:
      return ValueType::text;
  }
}

SchemaChange schema_change(const faults::SchemaChange& change) {
  SchemaChange result;
  switch (change.change_case()) {
    case faults::SchemaChange::kAdd:
      result.kind = SchemaChange::Kind::add;
      result.column = change.add().column();
      result.added.type = type_name(change.add().type());
      result.added.value_type = value_type(change.add().type());
      result.added.default_null = !change.add().has_default_text();
      result.added.default_value = std::strtoll(change.add().default_text().c_str(), nullptr, 10);
      break;
    case faults::SchemaChange::kDrop:
      result.kind = SchemaChange::Kind::drop;
      result.column = change.drop();
      break;
    case faults::SchemaChange::kRename:
      result.kind = SchemaChange::Kind::rename;
      result.column = change.rename().from();
      result.to = change.rename().to();
      break;
    case faults::SchemaChange::kRetype:
      result.kind = SchemaChange::Kind::retype;
      result.column = change.retype().column();
      result.to = type_name(change.retype().to());
      break;
    case faults::SchemaChange::CHANGE_NOT_SET:
      REHEARSE_ASSERT(false, "the loader lets no empty schema change pass");
  }
  return result;
}

}  // namespace rehearse
