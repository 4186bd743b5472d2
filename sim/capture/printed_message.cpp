#include "sim/capture/printed_message.h"

#include <algorithm>

namespace rehearse {
namespace {

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// What Kafka's console consumer prints before a key: print.timestamp, print.partition, print.offset.
bool is_prefix(std::string_view field) {
  if (field == "NO_TIMESTAMP" || field == "NO_HEADERS") return true;
  for (const std::string_view name : {"CreateTime:", "LogAppendTime:", "Partition:", "Offset:"})
    if (field.starts_with(name)) return all_digits(field.substr(name.size()));
  return false;
}

// A key that is no JSON object: null, a number, a word, a string. Whatever has brackets or quotes within is the rest of
// a damaged line.
bool is_plain_key(std::string_view field) {
  if (field.size() >= 2 && field.starts_with('"') && field.ends_with('"')) field = field.substr(1, field.size() - 2);
  return field.find_first_of("{}[]\"\\") == std::string_view::npos;
}

bool begins_a_message(std::string_view text) { return text.starts_with('{') || text == "null"; }

std::string_view blanks_cut(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

bool is_of_the_consumer(std::string_view line) {
  for (const std::string_view beginning :
       {"Processed a total of ", "% Reached end of topic ", "% Auto-selecting Consumer mode", "% Waiting for group "})
    if (line.starts_with(beginning)) return true;
  return false;
}

}  // namespace

PrintedMessage MessageUnwrapper::unwrap(std::string_view line, const TextInput& input) {
  line = blanks_cut(line);
  if (line.starts_with(R"({"topic":)")) return open_envelope(line, input);
  if (is_of_the_consumer(line)) return {{}, {}, true};
  std::string_view rest = line;
  while (!rest.starts_with('{')) {
    const std::size_t tab = rest.find('\t');
    if (tab == std::string_view::npos) break;
    const std::string_view field = rest.substr(0, tab);
    if (!is_prefix(field) && !is_plain_key(field)) break;
    rest.remove_prefix(tab + 1);
  }
  if (!begins_a_message(rest)) return {line, line, false};
  const std::size_t tab = rest.find('\t');  // inside JSON text a tab is escaped
  if (tab == std::string_view::npos || !begins_a_message(rest.substr(tab + 1))) return {rest, rest, false};
  return {rest.substr(tab + 1), rest, false};
}

PrintedMessage MessageUnwrapper::open_envelope(std::string_view line, const TextInput& input) {
  const JsonNode& root = envelope_.parse(line, input);
  const JsonNode* payload = envelope_.find(root, "payload");
  if (payload == nullptr || envelope_.find(root, "offset") == nullptr) return {line, line, false};
  const JsonNode* key = envelope_.find_value(root, "key");
  opened_.clear();
  if (key != nullptr && key->text.starts_with('{')) opened_.append(key->text) += '\t';
  const std::size_t begin = opened_.size();
  opened_.append(payload->text);
  if (!begins_a_message(std::string_view(opened_).substr(begin)))
    envelope_.fail(*payload, "the envelope's payload is no JSON object", "kcat -J of a topic with JSON values");
  opened_.reserve(opened_.size() + TextInput::padding);
  return {std::string_view(opened_).substr(begin), opened_, false};
}

}  // namespace rehearse
