// The annotations of the schema's messages, ready to use: keys, enumerations' words, what a value looks like.
//
// Invariant: nothing here knows a particular message; a field added to a .proto file is loaded, checked and documented
// without a change of this code.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/annotations/annotations.pb.h"

namespace rehearse {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

const FieldRule& rule_of(const FieldDescriptor& field);
const MessageRule& shape_of(const Descriptor& type);

// The key in YAML: the field's name without the suffix that its kind's unit has.
std::string key_of(const FieldDescriptor& field);
std::string word_of(const EnumValueDescriptor& value);
std::vector<std::string> words_of(const EnumDescriptor& type);
const EnumValueDescriptor* find_word(const EnumDescriptor& type, std::string_view word);

// A key of a mapping and the field that it sets, which may lie in an inlined message.
struct Slot {
  std::string key;
  std::vector<const FieldDescriptor*> through;  // the inlined messages, outermost first
  const FieldDescriptor* field = nullptr;
};
// In the order of the schema. In a mapping by name the first field, which the key sets, is left out.
std::vector<Slot> slots_of(const Descriptor& type);
// The field that the key of a mapping by name (or of one entry) sets.
const FieldDescriptor& name_field(const Descriptor& type);
bool is_by_name(const FieldDescriptor& field);  // BY_NAME or ONE_ENTRY

// "one of a, b or c", the name alone where there is one, or `if_none`; each name once, and none that is empty.
std::string one_of(const std::vector<std::string>& names, const std::string& if_none);

// "a duration such as 30s, at least 0s", "one of a, b, c", "a mapping"
std::string expected_of(const FieldDescriptor& field);
// "a duration", "the name of a pipeline": the kind alone.
std::string kind_text(const FieldDescriptor& field);
std::string target_text(FieldRule::Target target);
std::string joined(const std::vector<std::string>& words, std::string_view between = ", ",
                   std::string_view before_last = " or ");

// Visits every field that is set (repeated ones element by element, inlined ones in place) with its path in YAML; the
// name of an element by name has the element's path.
// index is -1 for a field that is not repeated.
struct Visit {
  std::string path;
  const Message& holder;
  const FieldDescriptor& field;
  int index;
};
// What the schema says that a rehearsal leaves out of the sections that the message has, itself included: each sentence
// once, in the order of the schema.
std::vector<std::string> not_modelled_in(const Message& message);
void for_each_field(const Message& message, const std::string& path, const std::function<void(const Visit&)>& visit);

}  // namespace rehearse
