// The schema against itself: annotations that parse, JSON Schema and reference page that are complete, a starter that
// loads.
#include <google/protobuf/dynamic_message.h>
#include <simdjson.h>

#include <boost/test/unit_test.hpp>
#include <set>
#include <string>
#include <vector>

#include "scenarios/convert.h"
#include "scenarios/field_value.h"
#include "scenarios/json_schema.h"
#include "scenarios/loader.h"
#include "scenarios/reference.h"
#include "scenarios/schema_rules.h"
#include "scenarios/starter.h"

using namespace rehearse;

namespace {

bool is_text(const Descriptor& type) { return shape_of(type).text(); }

void collect(const Descriptor& type, std::set<const Descriptor*>& types) {
  if (is_text(type) || !types.insert(&type).second) return;
  for (int i = 0; i < type.field_count(); ++i) {
    if (type.field(i)->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) collect(*type.field(i)->message_type(), types);
  }
}

std::set<const Descriptor*> all_types() {
  std::set<const Descriptor*> types;
  collect(*scenario::Scenario::descriptor(), types);
  return types;
}

template <typename Visitor>
void each_field(Visitor visit) {
  for (const Descriptor* type : all_types()) {
    for (int i = 0; i < type->field_count(); ++i) {
      BOOST_TEST_CONTEXT(type->field(i)->full_name()) { visit(*type->field(i)); }
    }
  }
}

bool takes_scalars(const FieldDescriptor& field) {
  return field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || is_text(*field.message_type());
}

// A text as a field's value, by the same way as in a file; the diagnostics of that field alone.
std::string problems(const FieldDescriptor& field, const std::string& text) {
  google::protobuf::DynamicMessageFactory factory;
  factory.SetDelegateToGeneratedFactory(true);
  const std::unique_ptr<Message> message(factory.GetPrototype(field.containing_type())->New());
  YamlNode root;
  Conversion conversion{{"annotation"}, {}, {}};
  parse_yaml(key_of(field) + ": " + text, 0, "annotation", root, conversion.diagnostics);
  convert(root, *message, conversion);
  std::string found;
  for (const Diagnostic& d : conversion.diagnostics) {
    if (d.path.rfind(key_of(field), 0) == 0) found += to_text(d) + "\n";
  }
  return found;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_default_and_example_parses) {
  each_field([](const FieldDescriptor& field) {
    const FieldRule& rule = rule_of(field);
    if (!rule.default_().empty()) BOOST_TEST(problems(field, rule.default_()) == "");
    if (!rule.example().empty()) BOOST_TEST(problems(field, rule.example()) == "");
  });
}

BOOST_AUTO_TEST_CASE(every_bound_parses_and_holds_for_itself) {
  each_field([](const FieldDescriptor& field) {
    for (const std::string& bound : {rule_of(field).min(), rule_of(field).max()}) {
      if (!bound.empty()) BOOST_TEST(problems(field, bound) == "");
    }
  });
}

BOOST_AUTO_TEST_CASE(every_field_says_what_it_is) {
  each_field([](const FieldDescriptor& field) {
    const FieldRule& rule = rule_of(field);
    if (rule.form() == FieldRule::INLINE) return;
    BOOST_TEST(!rule.help().empty());
    BOOST_TEST((rule.help().empty() || rule.help().back() == '.'));
    const bool references = rule.kind() == FieldRule::REFERENCE;
    BOOST_TEST(references == (rule.to_size() > 0));
    BOOST_TEST(!(rule.required() && !rule.default_().empty()));
  });
  for (const Descriptor* type : all_types()) BOOST_TEST(!shape_of(*type).help().empty(), type->full_name());
}

BOOST_AUTO_TEST_CASE(numbers_carry_the_unit_of_their_kind_in_their_name) {
  each_field([](const FieldDescriptor& field) {
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_INT64) return;
    const FieldRule::Kind kind = rule_of(field).kind();
    const bool bare = kind == FieldRule::COUNT || kind == FieldRule::LSN;
    const bool stripped = key_of(field) != field.name() || !rule_of(field).key().empty();
    BOOST_TEST(bare == !stripped);
    BOOST_TEST(kind != FieldRule::PLAIN);
  });
}

BOOST_AUTO_TEST_CASE(keys_of_a_mapping_are_distinct_inlined_ones_included) {
  for (const Descriptor* type : all_types()) {
    std::set<std::string> keys;
    for (const Slot& slot : slots_of(*type))
      BOOST_TEST(keys.insert(slot.key).second, type->full_name() << " " << slot.key);
  }
}

BOOST_AUTO_TEST_CASE(shapes_name_fields_that_are_there) {
  for (const Descriptor* type : all_types()) {
    const MessageRule& shape = shape_of(*type);
    for (const std::string& name : {shape.scalar_field(), shape.sequence_field()}) {
      if (!name.empty()) BOOST_TEST(type->FindFieldByName(name) != nullptr, type->full_name() << " " << name);
    }
    if (!shape.first_that_parses()) continue;
    for (const Slot& slot : slots_of(*type)) BOOST_TEST(takes_scalars(*slot.field));
  }
}

BOOST_AUTO_TEST_CASE(the_json_schema_is_json_and_mentions_every_field) {
  simdjson::dom::parser parser;
  const simdjson::padded_string text(json_schema());
  simdjson::dom::element root;
  BOOST_TEST_REQUIRE(parser.parse(text).get(root) == simdjson::SUCCESS);
  simdjson::dom::object definitions;
  BOOST_TEST_REQUIRE(root["$defs"].get(definitions) == simdjson::SUCCESS);
  for (const Descriptor* type : all_types()) {
    const std::string& title = shape_of(*type).title();
    simdjson::dom::element definition;
    const bool inlined = definitions[title.empty() ? type->name() : title].get(definition) != simdjson::SUCCESS;
    if (inlined) continue;  // its fields stand where it is inlined
    simdjson::dom::element object = definition;
    simdjson::dom::array forms;
    if (definition["anyOf"].get(forms) == simdjson::SUCCESS && forms.at(0)["type"].error() == simdjson::SUCCESS)
      object = forms.at(0).value();
    for (const Slot& slot : slots_of(*type)) {
      const bool named =
          slot.field == &name_field(*type) && object["properties"][slot.key].error() != simdjson::SUCCESS;
      if (named) continue;  // the key of a mapping
      BOOST_TEST((object["properties"][slot.key].error() == simdjson::SUCCESS), type->full_name() << " " << slot.key);
    }
    bool closed = false;
    BOOST_TEST((object["additionalProperties"].get(closed) == simdjson::SUCCESS && !closed), type->full_name());
  }
}

BOOST_AUTO_TEST_CASE(every_reference_in_the_json_schema_leads_somewhere) {
  const std::string text = json_schema();
  std::size_t found = 0;
  for (std::size_t at = text.find("#/$defs/"); at != std::string::npos; at = text.find("#/$defs/", at + 1), ++found) {
    const std::size_t begin = at + 8;
    const std::string name = text.substr(begin, text.find('"', begin) - begin);
    BOOST_TEST((text.find("\n\"" + name + "\": {") != std::string::npos), name);
  }
  BOOST_TEST(found > 50U);
}

BOOST_AUTO_TEST_CASE(the_reference_page_has_a_row_for_every_field_and_no_dead_link) {
  const std::string page = scenario_reference();
  each_field([&page](const FieldDescriptor& field) {
    if (rule_of(field).form() == FieldRule::INLINE || &field == &name_field(*field.containing_type())) return;
    BOOST_TEST((page.find("| `" + key_of(field) + "` |") != std::string::npos));
  });
  for (std::size_t at = page.find("](#"); at != std::string::npos; at = page.find("](#", at + 1)) {
    std::string heading = page.substr(page.rfind('[', at) + 1, at - page.rfind('[', at) - 1);
    BOOST_TEST((page.find("\n## " + heading + "\n") != std::string::npos), heading);
  }
}

// Each sentence stands beside the section that leaves the thing out, so it can name nothing that is not there.
BOOST_AUTO_TEST_CASE(what_is_not_modelled_is_said_of_the_sections_that_a_scenario_has) {
  const LoadResult result = load_scenario_text(R"yaml(
format: 1
name: case
start: 2026-03-02T00:00:00Z
duration: 1h
source: {tables: {orders: {rows: 10, columns: {id: {type: bigint, key: true}}}}}
datasets: {orders: {of: orders}}
pipelines: {nightly: {batch: {produces: orders, into: old, every: 10m, freshness: 1h}}}
)yaml",
                                               "test.yaml");
  BOOST_TEST_REQUIRE(result.scenario.has_value(), to_text(result.diagnostics));
  const auto sentences = [](const Descriptor& type) {
    return std::vector<std::string>(shape_of(type).not_modelled().begin(), shape_of(type).not_modelled().end());
  };
  std::vector<std::string> expected = sentences(*scenario::Scenario::descriptor());
  for (const std::string& of_batch : sentences(*scenario::Batch::descriptor())) expected.push_back(of_batch);
  BOOST_TEST(expected.size() == 3U);
  BOOST_TEST(not_modelled_in(result.scenario->proto) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_starter_loads_without_a_word) {
  const LoadResult result = load_scenario_text(starter_scenario("my-migration"), "my-migration.yaml");
  BOOST_TEST(to_text(result.diagnostics) == "");
  BOOST_TEST_REQUIRE(result.scenario.has_value());
  BOOST_TEST(result.scenario->proto.name() == "my-migration");
}
