// What stands around a change in a file that a consumer of a topic has printed.
//
// Models: the prefixes of Kafka's console consumer (time, partition, offset, headers, key, each with a tab behind it),
// the JSON envelopes of kcat (-J), and the sentences that either prints at the end of a topic or of its run. Leaves
// out: separators other than the tab, values in Avro.
#pragma once

#include <string>
#include <string_view>

#include "sim/capture/json_tree.h"
#include "sim/capture/text_input.h"

namespace rehearse {

struct PrintedMessage {
  std::string_view value;        // the change; a tombstone is `null`
  std::string_view with_key;     // the key where it is a JSON object, a tab, and the value; else the value alone
  bool about_the_topic = false;  // a sentence of the consumer, not a message
};

class MessageUnwrapper {
 public:
  // Views into `line`, or into what this object holds until the next call; each has TextInput::padding readable bytes
  // behind it if the line has. Throws CaptureFailure where an envelope holds no message.
  PrintedMessage unwrap(std::string_view line, const TextInput& input);

 private:
  PrintedMessage open_envelope(std::string_view line, const TextInput& input);
  JsonTree envelope_;
  std::string opened_;  // an envelope's key, a tab, and its value, without their escapes
};

}  // namespace rehearse
