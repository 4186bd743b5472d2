// A column of a Debezium row as the database would print it, by the column's schema where the message carries one.
//
// With a schema: decimals (precise, variable scale), dates, times and timestamps of every precision, bytes. Without
// one: the value as it is written, a number with all its digits; a decimal that was sent as bytes cannot be told from
// text and stays base64. Arrays and structures keep their JSON text.
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "sim/capture/change_event.h"
#include "sim/capture/json_tree.h"

namespace rehearse {

class DebeziumValues {
 public:
  // `schema` is the message's schema of this column, or null. Texts live until clear().
  EventColumn column(const JsonTree& tree, const JsonNode& value, const JsonNode* schema);
  // Whether the value is the placeholder for a large value that an update left as it was, also as the only element of
  // an array or a map.
  static bool unavailable(const JsonTree& tree, const JsonNode& value);
  // The bytes of a base64 text. Fails at the node if it is none.
  std::string_view bytes(const JsonTree& tree, const JsonNode& value);
  void clear() { texts_.clear(); }

 private:
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }
  std::string_view propagated_type(const JsonTree& tree, const JsonNode& schema);
  std::string_view decimal(const JsonTree& tree, const JsonNode& value, std::int64_t scale);
  std::deque<std::string> texts_;  // never move
};

}  // namespace rehearse
