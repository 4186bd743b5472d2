// The fault duplicate_delivery: its text for `rehearse explain` and its maker.
#pragma once

#include <string_view>

#include "faults/fault.h"

namespace rehearse {

extern const std::string_view duplicate_delivery_causes;
extern const std::string_view duplicate_delivery_text;
std::unique_ptr<Fault> make_duplicate_delivery(const google::protobuf::Message& parameters, std::uint64_t seed,
                                               const std::string& name);

}  // namespace rehearse
