// A scalar's text as the value of a field: parsed by the field's kind and held against its bounds.
#pragma once

#include <string>
#include <string_view>

#include "scenarios/schema_rules.h"

namespace rehearse {

struct FieldValueResult {
  bool form_fits = false;  // the text is of the field's kind, though perhaps out of bounds
  std::string error;       // empty: all is well
  std::string nearest;
  bool ok() const { return error.empty(); }
};

enum class Store { yes, no };  // no: only look whether it would do

// Sets the field (or adds to it, if it is repeated) where the text is valid and `store` says so. Fields of message type
// are those whose message is written as text only.
FieldValueResult set_field(Message& message, const FieldDescriptor& field, std::string_view text,
                           Store store = Store::yes);

}  // namespace rehearse
