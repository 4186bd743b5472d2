// The fault out_of_order_deletes: its text for `rehearse explain` and its maker.
#pragma once

#include <string_view>

#include "faults/fault.h"

namespace rehearse {

extern const std::string_view out_of_order_deletes_causes;
extern const std::string_view out_of_order_deletes_text;
std::unique_ptr<Fault> make_out_of_order_deletes(const google::protobuf::Message& parameters, std::uint64_t seed,
                                                 const std::string& name);

}  // namespace rehearse
