// A column of a Debezium row as the database would print it, by the column's schema where the message carries one.
//
// With a schema: decimals (precise, variable scale, numbers), dates, times, timestamps and intervals of every
// precision, bits, arrays, bytes. Without one: the value as it is written, a number with all its digits; a decimal that
// was sent as bytes cannot be told from text and stays base64. Structures keep their JSON text.
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "sim/capture/change_event.h"
#include "sim/capture/json_tree.h"

namespace rehearse {

class DebeziumValues {
 public:
  // Whose values they are, from now on.
  void of_database(SourceDatabase database) { database_ = database; }
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
  std::string_view decimal_of(const JsonTree& tree, const JsonNode& value, std::int64_t scale);
  void read_decimal(const JsonTree& tree, const JsonNode& value, const JsonNode& schema, EventColumn& column);
  void read_variable_decimal(const JsonTree& tree, const JsonNode& value, EventColumn& column);
  void read_bits(const JsonTree& tree, const JsonNode& value, const JsonNode& schema, EventColumn& column);
  void read_array(const JsonTree& tree, const JsonNode& value, const JsonNode& schema, EventColumn& column);
  SourceDatabase database_ = SourceDatabase::postgresql;
  std::deque<std::string> texts_;  // never move
};

}  // namespace rehearse
