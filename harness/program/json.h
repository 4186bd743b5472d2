// JSON that programs are given, and what they say.
#pragma once

#include <string>
#include <string_view>

#include "sim/rows/field.h"

namespace rehearse {

std::string json_text(std::string_view text);  // quoted and escaped
std::string json_number(double value);         // null if it is none
std::string json_value(const Field& field);

}  // namespace rehearse
