// The faults that there are, made from the list in faults/protos.cmake, so that none can be dropped by a linker.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "faults/fault.h"

namespace google::protobuf {
class Descriptor;
}

namespace rehearse {

struct FaultEntry {
  std::string_view kind;                           // as scenarios name it
  const google::protobuf::Descriptor* parameters;  // its parameters' message
  std::string_view may_cause;                      // discrepancies that it may cause, in words
  std::string_view text;                           // what it does, how it is injected, how it heals
  std::unique_ptr<Fault> (*make)(const google::protobuf::Message& parameters, std::uint64_t seed,
                                 const std::string& name);
};

const std::vector<FaultEntry>& fault_catalogue();
// By the parameters' message; the message must be one of the catalogue's (asserted).
const FaultEntry& fault_entry(const google::protobuf::Message& parameters);

}  // namespace rehearse
