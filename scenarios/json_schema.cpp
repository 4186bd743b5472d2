// A small ordered JSON builder, and one function for each way that a field may be written.
#include "scenarios/json_schema.h"

#include <fmt/core.h>

#include <map>
#include <utility>
#include <vector>

#include "scenarios/schema/scenario.pb.h"
#include "scenarios/schema_rules.h"

namespace rehearse {
namespace {

using google::protobuf::OneofDescriptor;

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<int>(c));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

// An object under construction: keys in order, values as JSON text.
class Object {
 public:
  Object& set(std::string_view key, std::string json) {
    members_.emplace_back(key, std::move(json));
    return *this;
  }
  Object& text(std::string_view key, std::string_view value) { return value.empty() ? *this : set(key, quoted(value)); }
  bool empty() const { return members_.empty(); }
  std::string json() const {
    std::string out = "{";
    for (std::size_t i = 0; i < members_.size(); ++i) {
      out += fmt::format("{}{}: {}", i > 0 ? ", " : "", quoted(members_[i].first), members_[i].second);
    }
    return out + "}";
  }

 private:
  std::vector<std::pair<std::string, std::string>> members_;
};

std::string array(const std::vector<std::string>& items) { return fmt::format("[{}]", joined(items, ", ", ", ")); }

std::string any_of(const std::vector<std::string>& forms) {
  return forms.size() == 1 ? forms[0] : Object().set("anyOf", array(forms)).json();
}

std::string type(std::string_view name) { return Object().text("type", name).json(); }

std::string pattern(std::string_view expression) {
  return Object().text("type", "string").text("pattern", expression).json();
}

std::string scalar_schema(const FieldDescriptor& field) {
  switch (rule_of(field).kind()) {
    case FieldRule::DURATION:
      return any_of(
          {pattern(R"(^(0|([0-9]+(\.[0-9]+)?(w|d|h|m|s|ms|us|µs|ns))+)$)"), Object().set("const", "0").json()});
    case FieldRule::RATE:
      return pattern(R"(^[0-9]+(\.[0-9]+)?[kMG]?/[0-9.]*(w|d|h|m|s|ms|us|ns)$)");
    case FieldRule::SHARE:
      return any_of({pattern(R"(^(0|[0-9]+(\.[0-9]+)?%)$)"), Object().set("const", "0").json()});
    case FieldRule::COUNT:
      return any_of({type("integer"), pattern(R"(^-?[0-9]+(\.[0-9]+)?[kMG]?$)")});
    case FieldRule::BYTES:
      return any_of({type("integer"), pattern(R"(^[0-9]+(\.[0-9]+)?([kMGT]B|[KMGT]iB|B)?$)")});
    case FieldRule::DECIMAL:
      return type("number");
    case FieldRule::TIME_OF_DAY:
      return pattern("^[0-2][0-9]:[0-5][0-9](:[0-5][0-9])?$");
    case FieldRule::LSN:
      return pattern("^[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}$");
    case FieldRule::NAME:
      return Object()
          .text("type", "string")
          .text("pattern", "^[A-Za-z0-9_][A-Za-z0-9_.-]*$")
          .set("maxLength", "63")
          .json();
    case FieldRule::PLAIN:  // a text may look like a number, or like true
      if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING)
        return any_of({type("string"), type("number"), type("boolean")});
      return type("string");
    default:
      return type("string");
  }
}

std::string word_schema(const EnumDescriptor& words) {
  std::vector<std::string> values;
  for (const std::string& word : words_of(words)) {
    values.push_back(quoted(word));
    if (word == "null") values.emplace_back("null");
  }
  return Object().set("enum", array(values)).json();
}

// "keep: the stored value stays. null: …"
std::string word_help(const EnumDescriptor& words) {
  std::string help;
  for (int i = 0; i < words.value_count(); ++i) {
    const std::string& said = words.value(i)->options().GetExtension(word).help();
    if (!said.empty()) help += fmt::format(" {}: {}.", word_of(*words.value(i)), said);
  }
  return help;
}

class Generator {
 public:
  std::string generate(const Descriptor& root) {
    const std::string entry = reference(root, false);
    std::vector<std::string> definitions;
    for (const auto& [name, json] : definitions_) definitions.push_back(quoted(name) + ": " + json);
    return fmt::format(
        "{{\"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n\"title\": \"Rehearse "
        "scenario\",\n\"$ref\": "
        "{},\n\"$defs\": {{\n{}\n}}}}\n",
        quoted(entry), joined(definitions, ",\n", ",\n"));
  }

 private:
  // Where a message's definition is; made on first use. `named`: its first field is the key of a mapping.
  std::string reference(const Descriptor& message, bool named) {
    const std::string& title = shape_of(message).title();
    std::string name = title.empty() ? message.name() : title;
    if (definitions_.emplace(name, "").second) {
      std::string json = definition(message, named);
      definitions_[name] = std::move(json);
    }
    return "#/$defs/" + name;
  }

  std::string definition(const Descriptor& message, bool named) {
    std::vector<std::string> forms = {object(message, named)};
    const MessageRule& shape = shape_of(message);
    if (!shape.scalar_field().empty()) forms.push_back(bare(*message.FindFieldByName(shape.scalar_field())));
    if (!shape.none_field().empty()) forms.push_back(Object().text("const", "n/a").json());
    if (!shape.sequence_field().empty() && shape.sequence_field() != shape.scalar_field()) {
      forms.push_back(bare(*message.FindFieldByName(shape.sequence_field())));
    }
    if (shape.first_that_parses()) {
      for (const Slot& slot : slots_of(message)) forms.push_back(bare(*slot.field));
    }
    if (shape.phrase() || !shape.pattern().empty()) forms.push_back(type("string"));
    if (!has_required(message, named)) forms.push_back(type("null"));
    return any_of(forms);
  }

  static bool has_required(const Descriptor& message, bool named) {
    bool required = named && message.field_count() == 1;
    for (const Slot& slot : slots_of(message)) required = required || rule_of(*slot.field).required();
    return required || message.real_oneof_decl_count() > 0;
  }

  std::string object(const Descriptor& message, bool named) {
    Object properties;
    std::vector<std::string> required, choices;
    std::vector<Slot> slots = slots_of(message);
    if (named) slots.erase(slots.begin());
    for (const Slot& slot : slots) {
      properties.set(slot.key, described(*slot.field));
      if (rule_of(*slot.field).required()) required.push_back(quoted(slot.key));
    }
    collect_choices(message, choices);
    Object object;
    object.text("type", "object").text("description", shape_of(message).help());
    object.set("properties", properties.json()).set("additionalProperties", "false");
    const bool whole = message.full_name() == scenario::Scenario::descriptor()->full_name();
    if (whole) {  // a file that extends another need not say everything again
      object.set("anyOf", array({Object().set("required", array({quoted("extends")})).json(),
                                 Object().set("required", array(required)).json()}));
    } else if (!required.empty()) {
      object.set("required", array(required));
    }
    if (!choices.empty()) object.set("allOf", array(choices));
    return object.json();
  }

  static void collect_choices(const Descriptor& message, std::vector<std::string>& choices) {
    for (int i = 0; i < message.real_oneof_decl_count(); ++i) {
      const OneofDescriptor& oneof = *message.oneof_decl(i);
      std::vector<std::string> alternatives;
      for (int k = 0; k < oneof.field_count(); ++k) {
        alternatives.push_back(Object().set("required", array({quoted(key_of(*oneof.field(k)))})).json());
      }
      choices.push_back(Object().set("oneOf", array(alternatives)).json());
    }
    for (int i = 0; i < message.field_count(); ++i) {
      if (rule_of(*message.field(i)).form() == FieldRule::INLINE)
        collect_choices(*message.field(i)->message_type(), choices);
    }
  }

  std::string described(const FieldDescriptor& field) {
    const FieldRule& rule = rule_of(field);
    std::string help = rule.help();
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) help += word_help(*field.enum_type());
    const std::string expected = expected_of(field);
    Object schema;
    schema.text("description", help.empty() ? expected : help + " Expected: " + expected + ".");
    if (!rule.default_().empty()) schema.text("default", rule.default_());
    schema.set("allOf", array({bare(field)}));
    return schema.json();
  }

  // A field's values without help text: all the forms in which they may be written.
  std::string bare(const FieldDescriptor& field) {
    const FieldRule& rule = rule_of(field);
    if (is_by_name(field)) {
      Object mapping;
      mapping.text("type", "object");
      mapping.set("additionalProperties", Object().text("$ref", reference(*field.message_type(), true)).json());
      const std::uint32_t least = rule.form() == FieldRule::ONE_ENTRY ? 1 : rule.min_items();
      const std::uint32_t most = rule.form() == FieldRule::ONE_ENTRY ? 1 : rule.max_items();
      if (least > 0) mapping.set("minProperties", fmt::format("{}", least));
      if (most > 0) mapping.set("maxProperties", fmt::format("{}", most));
      if (!rule.names_alone()) return mapping.json();
      const std::string name = type("string");
      return any_of({mapping.json(), name, Object().text("type", "array").set("items", name).json()});
    }
    const std::string one = single(field);
    if (!field.is_repeated()) return one;
    Object list;
    list.text("type", "array").set("items", one);
    if (rule.min_items() > 0) list.set("minItems", fmt::format("{}", rule.min_items()));
    if (rule.max_items() > 0) list.set("maxItems", fmt::format("{}", rule.max_items()));
    return rule.form() == FieldRule::ONE_OR_LIST ? any_of({one, list.json()}) : list.json();
  }

  std::string single(const FieldDescriptor& field) {
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_BOOL:
        return type("boolean");
      case FieldDescriptor::CPPTYPE_ENUM:
        return word_schema(*field.enum_type());
      case FieldDescriptor::CPPTYPE_MESSAGE:
        if (!shape_of(*field.message_type()).text()) {
          return Object().text("$ref", reference(*field.message_type(), is_by_name(field))).json();
        }
        return any_of({type("string"), type("number")});
      default:
        return scalar_schema(field);
    }
  }

  std::map<std::string, std::string> definitions_;
};

}  // namespace

std::string json_schema() { return Generator().generate(*scenario::Scenario::descriptor()); }

}  // namespace rehearse
