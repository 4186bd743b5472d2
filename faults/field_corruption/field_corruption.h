// The fault field_corruption: its text for `rehearse explain` and its maker.
#pragma once

#include <string_view>

#include "faults/fault.h"

namespace rehearse {

extern const std::string_view field_corruption_causes;
extern const std::string_view field_corruption_text;
std::unique_ptr<Fault> make_field_corruption(const google::protobuf::Message& parameters, std::uint64_t seed,
                                             const std::string& name);

}  // namespace rehearse
