// The fault schema_drift: its text for `rehearse explain` and its maker.
#pragma once

#include <string_view>

#include "faults/fault.h"

namespace rehearse {

extern const std::string_view schema_drift_causes;
extern const std::string_view schema_drift_text;
std::unique_ptr<Fault> make_schema_drift(const google::protobuf::Message& parameters, std::uint64_t seed,
                                         const std::string& name);

}  // namespace rehearse
