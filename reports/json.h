// The whole result as JSON: Protobuf's mapping with the schema's own names, so that any Protobuf library reads it back.
//
// Beside each instant `x_at_ns` stands `x_at` ("2026-03-05T04:00:00Z") and beside each duration `x_ns` stands `x`
// ("7m 30s"), unless the message has a field of that name: for readers only, parsers of the schema skip them. 64-bit
// integers are strings there, as the mapping demands.
#pragma once

#include <string>

#include "reports/result/result.pb.h"

namespace rehearse::reports {

std::string render_json(const result::Result& result);
// Any message of the reports, by the same mapping, without what stands beside it for readers.
std::string message_json(const google::protobuf::Message& message);

// Reads what render_json wrote. Returns the empty string, or what is wrong with the text.
std::string parse_json(const std::string& text, result::Result& result);

}  // namespace rehearse::reports
