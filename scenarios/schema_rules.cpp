// Reading the annotations.
#include "scenarios/schema_rules.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "scenarios/value_text.h"

namespace rehearse {
namespace {

using google::protobuf::Reflection;

// The suffix that a number of this kind has in the schema, and not in YAML.
std::string_view unit_suffix(FieldRule::Kind kind) {
  switch (kind) {
    case FieldRule::DURATION:
    case FieldRule::TIME_OF_DAY:
      return "_ns";
    case FieldRule::RATE:
      return "_nano";
    case FieldRule::SHARE:
    case FieldRule::DECIMAL:
      return "_ppb";
    case FieldRule::BYTES:
      return "_bytes";
    case FieldRule::INSTANT:
      return "_unix_ns";
    default:
      return "";
  }
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

void collect_slots(const Descriptor& type, std::vector<const FieldDescriptor*>& through, std::vector<Slot>& slots) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    if (rule_of(*field).form() == FieldRule::INLINE) {
      through.push_back(field);
      collect_slots(*field->message_type(), through, slots);
      through.pop_back();
    } else {
      slots.push_back({key_of(*field), through, field});
    }
  }
}

std::string bounds_text(const FieldRule& rule) {
  if (!rule.min().empty() && !rule.max().empty()) return fmt::format("between {} and {}", rule.min(), rule.max());
  if (!rule.min().empty()) return "at least " + rule.min();
  if (!rule.max().empty()) return "at most " + rule.max();
  return {};
}

std::string plain_text(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return "true or false";
    case FieldDescriptor::CPPTYPE_ENUM: {
      const std::vector<std::string> words = words_of(*field.enum_type());
      return words.size() == 1 ? "the word " + words[0] : "one of " + joined(words);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (is_by_name(field) && rule_of(field).names_alone()) return "a mapping by name, or a list of names";
      return is_by_name(field) ? "a mapping by name" : "a mapping";
    case FieldDescriptor::CPPTYPE_STRING:
      return "text";
    default:
      return "a whole number";
  }
}

Drawn drawn_of(FieldRule::Kind kind) {
  return kind == FieldRule::DURATION ? Drawn::duration : kind == FieldRule::COUNT ? Drawn::count : Drawn::pick;
}

// What may be written as a scalar for a message.
std::string message_text(const FieldDescriptor& field) {
  const MessageRule& shape = shape_of(*field.message_type());
  const FieldRule& rule = rule_of(field);
  if (shape.text() && rule.kind() != FieldRule::COLUMN_TYPE && rule.kind() != FieldRule::ANY_COLUMN_TYPE) {
    const Drawn drawn = drawn_of(rule.kind());
    std::vector<std::string> forms = distribution_forms(drawn);
    if (drawn != Drawn::pick) forms.insert(forms.begin(), drawn == Drawn::duration ? "2ms" : "3");
    return "one of " + joined(forms);
  }
  if (shape.phrase() || shape.first_that_parses()) {
    std::vector<std::string> forms;
    for (const Slot& slot : slots_of(*field.message_type())) {
      forms.push_back(shape.phrase() ? slot.key : kind_text(*slot.field));
    }
    return shape.phrase() ? "one of " + joined(forms) : joined(forms);
  }
  return {};
}

}  // namespace

const FieldRule& rule_of(const FieldDescriptor& field) { return field.options().GetExtension(rule); }
const MessageRule& shape_of(const Descriptor& type) { return type.options().GetExtension(shape); }

std::string key_of(const FieldDescriptor& field) {
  const FieldRule& said = rule_of(field);
  if (!said.key().empty()) return said.key();
  std::string key = field.name();
  const std::string_view suffix = unit_suffix(said.kind());
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT64 && key.size() > suffix.size() &&
      key.compare(key.size() - suffix.size(), suffix.size(), suffix) == 0) {
    key.erase(key.size() - suffix.size());
  }
  return key;
}

std::string word_of(const EnumValueDescriptor& value) {
  const ValueRule& said = value.options().GetExtension(word);
  return said.key().empty() ? lower(value.name()) : said.key();
}

std::vector<std::string> words_of(const EnumDescriptor& type) {
  std::vector<std::string> words;
  for (int i = 0; i < type.value_count(); ++i) words.push_back(word_of(*type.value(i)));
  return words;
}

const EnumValueDescriptor* find_word(const EnumDescriptor& type, std::string_view text) {
  for (int i = 0; i < type.value_count(); ++i) {
    if (word_of(*type.value(i)) == text) return type.value(i);
  }
  return nullptr;
}

std::vector<Slot> slots_of(const Descriptor& type) {
  std::vector<Slot> slots;
  std::vector<const FieldDescriptor*> through;
  collect_slots(type, through, slots);
  return slots;
}

const FieldDescriptor& name_field(const Descriptor& type) { return *type.field(0); }

bool is_by_name(const FieldDescriptor& field) {
  const FieldRule::Form form = rule_of(field).form();
  return form == FieldRule::BY_NAME || form == FieldRule::ONE_ENTRY;
}

std::string one_of(const std::vector<std::string>& names, const std::string& if_none) {
  std::vector<std::string> each;
  for (const std::string& name : names)
    if (!name.empty() && std::find(each.begin(), each.end(), name) == each.end()) each.push_back(name);
  if (each.empty()) return if_none;
  return each.size() == 1 ? each[0] : "one of " + joined(each);
}

std::string joined(const std::vector<std::string>& words, std::string_view between, std::string_view before_last) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? before_last : between;
    text += words[i];
  }
  return text;
}

std::string target_text(FieldRule::Target target) {
  switch (target) {
    case FieldRule::TABLE:
      return "table";
    case FieldRule::DATASET:
      return "dataset";
    case FieldRule::PIPELINE:
      return "pipeline";
    case FieldRule::STORE:
      return "store";
    case FieldRule::SOURCE:
      return "source";
    case FieldRule::CONSUMER:
      return "consumer";
    case FieldRule::CHECK:
      return "check";
    case FieldRule::METRIC:
      return "metric";
    case FieldRule::PHASE:
      return "phase";
    case FieldRule::FAULT:
      return "fault";
    default:
      return "thing";
  }
}

std::string kind_text(const FieldDescriptor& field) {
  const FieldRule& said = rule_of(field);
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && shape_of(*field.message_type()).text()) {
    const bool type = said.kind() == FieldRule::COLUMN_TYPE || said.kind() == FieldRule::ANY_COLUMN_TYPE;
    if (type) return "a column type";
    return said.kind() == FieldRule::DURATION ? "a distribution of durations"
           : said.kind() == FieldRule::COUNT  ? "a distribution of counts"
                                              : "a way to pick rows";
  }
  switch (said.kind()) {
    case FieldRule::NAME:
      return "a name of letters, digits, _ - and .";
    case FieldRule::REFERENCE: {
      std::vector<std::string> targets;
      for (int i = 0; i < said.to_size(); ++i) {
        targets.push_back(said.to(i) == FieldRule::SOURCE ? "`source`" : "the name of a " + target_text(said.to(i)));
      }
      return joined(targets);
    }
    case FieldRule::DURATION:
      return "a duration";
    case FieldRule::RATE:
      return "a rate";
    case FieldRule::SHARE:
      return "a share";
    case FieldRule::COUNT:
      return "a count";
    case FieldRule::BYTES:
      return "a size";
    case FieldRule::INSTANT:
      return "a date and time";
    case FieldRule::CRON:
      return "five cron fields";
    case FieldRule::TIME_OF_DAY:
      return "a time of day";
    case FieldRule::OPEN_HOURS:
      return "weekdays and hours";
    case FieldRule::TIME_ZONE:
      return "UTC or an offset such as +02:00";
    case FieldRule::COLUMN:
      return "a column's name";
    case FieldRule::LSN:
      return "a log position";
    case FieldRule::XIDS:
      return "a snapshot as xmin:xmax:xip,xip";
    case FieldRule::FILE:
      return "a file's path";
    case FieldRule::DECIMAL:
      return "a number";
    default:
      return plain_text(field);
  }
}

std::string expected_of(const FieldDescriptor& field) {
  const FieldRule& said = rule_of(field);
  std::string text;
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) text = message_text(field);
  if (text.empty()) text = kind_text(field);
  const bool words =
      field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM || field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL;
  const bool name = said.kind() == FieldRule::REFERENCE;  // an example's name is not in this scenario
  if (!said.example().empty() && !words && !name) text += " such as " + said.example();
  const std::string bounds = bounds_text(said);
  return bounds.empty() ? text : text + ", " + bounds;
}

namespace {

void walk(const Message& message, const std::string& path, bool named, const std::function<void(const Visit&)>& visit) {
  const Reflection& reflection = *message.GetReflection();
  const auto visit_one = [&](const std::string& at, const FieldDescriptor& field, int index) {
    const bool inlined = rule_of(field).form() == FieldRule::INLINE;
    if (!inlined) visit({at, message, field, index});
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || shape_of(*field.message_type()).text()) return;
    const Message& value =
        index < 0 ? reflection.GetMessage(message, &field) : reflection.GetRepeatedMessage(message, &field, index);
    walk(value, at, rule_of(field).form() == FieldRule::BY_NAME, visit);
  };
  const Descriptor& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const std::string key = key_of(field);
    const bool inlined = rule_of(field).form() == FieldRule::INLINE;
    const std::string at = inlined || (named && i == 0) ? path : path.empty() ? key : path + "." + key;
    if (field.is_repeated()) {
      for (int index = 0; index < reflection.FieldSize(message, &field); ++index) {
        std::string element = fmt::format("{}[{}]", at, index);
        if (rule_of(field).form() == FieldRule::BY_NAME) {
          const Message& value = reflection.GetRepeatedMessage(message, &field, index);
          element = at + "." + value.GetReflection()->GetString(value, &name_field(*value.GetDescriptor()));
        }
        visit_one(element, field, index);
      }
    } else if (!field.has_presence() || reflection.HasField(message, &field)) {
      visit_one(at, field, -1);
    }
  }
}

}  // namespace

std::vector<std::string> not_modelled_in(const Message& message) {
  std::vector<std::string> sentences;
  const auto add = [&](const Descriptor& type) {
    for (const std::string& sentence : shape_of(type).not_modelled())
      if (std::find(sentences.begin(), sentences.end(), sentence) == sentences.end()) sentences.push_back(sentence);
  };
  add(*message.GetDescriptor());
  for_each_field(message, {}, [&](const Visit& visit) {
    if (visit.field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) add(*visit.field.message_type());
  });
  return sentences;
}

void for_each_field(const Message& message, const std::string& path, const std::function<void(const Visit&)>& visit) {
  walk(message, path, false, visit);
}

}  // namespace rehearse
