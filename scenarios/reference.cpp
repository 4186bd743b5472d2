// One section a message, in the order in which a reader of the format meets them.
#include "scenarios/reference.h"

#include <fmt/core.h>

#include <set>
#include <vector>

#include "scenarios/schema/scenario.pb.h"
#include "scenarios/schema_rules.h"

namespace rehearse {
namespace {

constexpr const char* introduction = R"(# Scenario files

This page is generated from the schema (`rehearse schema --markdown`); the loader, `rehearse lint` and the JSON Schema for
editors (`rehearse schema`) come from the same description, so what stands here is what is accepted.

A scenario is a YAML file. Unknown fields, duplicate keys, values without a unit or out of bounds are errors, reported all
at once with file, line, column, path, what was expected and the nearest valid name.

**Values**

| kind | examples | notes |
|---|---|---|
| duration | `30s`, `500ms`, `3d04h`, `1.5h` | units w d h m s ms us ns, from large to small |
| rate | `50/s`, `40k/s`, `3/d`, `1/30d` | events per time |
| share | `0.1%`, `5%` | always with % |
| count | `12`, `10k`, `1M` | k, M, G are thousand, million, billion |
| size | `512B`, `10kB`, `64MiB` | |
| date and time | `2026-03-02T00:00:00Z` | RFC 3339 |
| time of day | `"04:00"` | in quotes |
| cron | `"0 2 * * *"` | minute, hour, day of month, month, day of week |
| distribution of durations | `2ms`, `uniform(1ms, 3ms)`, `exponential(2ms)`, `normal(5ms, 1ms)`, `lognormal(median=2ms, sigma=0.8)`, `empirical(1ms: 90%, 50ms: 10%)` | a plain value is a constant |
| distribution of counts | `3`, `uniform(1, 5)`, `geometric(mean=3)`, `empirical(1: 90%, 10: 10%)` | `geometric` starts at 1 |
| way to pick rows | `uniform`, `zipf(0.9)` | |

**Extending a file.** `extends: base.yaml` merges the file over another: mappings merge key by key, lists and values
replace, and a key that is set to `null` takes the base's value away. Paths are relative to the file that they stand in.

)";

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string code(const std::string& text) { return text.empty() ? std::string() : fmt::format("`{}`", escaped(text)); }

std::string title_of(const Descriptor& type) {
  const std::string& said = shape_of(type).title();
  if (!said.empty()) return said;
  std::string title;  // FieldCompare becomes Field compare
  for (const char c : type.name()) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && !title.empty()) title += ' ';
    title += upper && !title.empty() ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return title;
}

std::string anchor_of(const Descriptor& type) {
  std::string anchor = title_of(type);
  for (char& c : anchor) c = c == ' ' ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return anchor;
}

bool has_section(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !shape_of(*field.message_type()).text();
}

std::string value_text(const FieldDescriptor& field) {
  std::string text;
  if (has_section(field)) {
    text = fmt::format("[{}](#{})", title_of(*field.message_type()), anchor_of(*field.message_type()));
  } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    std::vector<std::string> words;
    for (const std::string& word : words_of(*field.enum_type())) words.push_back(code(word));
    text = joined(words, ", ", " or ");
  } else {
    text = kind_text(field);
  }
  switch (rule_of(field).form()) {
    case FieldRule::BY_NAME:
      return "mapping from names to " + text + (rule_of(field).names_alone() ? ", or a list of names" : "");
    case FieldRule::ONE_ENTRY:
      return text;
    case FieldRule::ONE_OR_LIST:
      return text + ", or a list";
    default:
      return field.is_repeated() ? "list of " + text : text;
  }
}

std::string bounds_text(const FieldRule& rule) {
  if (rule.min().empty() && rule.max().empty()) return {};
  if (rule.max().empty()) return "≥ " + rule.min();
  if (rule.min().empty()) return "≤ " + rule.max();
  return rule.min() + " … " + rule.max();
}

std::string words_help(const EnumDescriptor& type) {
  std::string text;
  for (int i = 0; i < type.value_count(); ++i) {
    const std::string& help = type.value(i)->options().GetExtension(word).help();
    if (!help.empty()) text += fmt::format("<br>`{}`: {}", word_of(*type.value(i)), escaped(help));
  }
  return text;
}

std::string row(const Slot& slot) {
  const FieldRule& rule = rule_of(*slot.field);
  std::string help = escaped(rule.help());
  if (slot.field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) help += words_help(*slot.field->enum_type());
  if (!rule.example().empty()) help += fmt::format(" E.g. {}", code(rule.example()));
  const std::string otherwise = rule.required() ? "**required**" : rule.default_() == "{}" ? "" : code(rule.default_());
  return fmt::format("| `{}` | {} | {} | {} | {} |\n", slot.key, value_text(*slot.field), otherwise,
                     escaped(bounds_text(rule)), help);
}

std::string choices_text(const Descriptor& type) {
  std::string text;
  for (int i = 0; i < type.real_oneof_decl_count(); ++i) {
    std::vector<std::string> keys;
    for (int k = 0; k < type.oneof_decl(i)->field_count(); ++k)
      keys.push_back(code(key_of(*type.oneof_decl(i)->field(k))));
    const bool required = type.oneof_decl(i)->options().GetExtension(choice).required();
    text += fmt::format("{} one of {}.\n", required ? "Exactly" : "At most", joined(keys));
  }
  for (int i = 0; i < type.field_count(); ++i) {
    if (rule_of(*type.field(i)).form() == FieldRule::INLINE) text += choices_text(*type.field(i)->message_type());
  }
  return text;
}

void append_section(std::string& page, const Descriptor& type, bool named, std::set<std::string>& done) {
  if (!done.insert(type.full_name()).second) return;
  std::vector<Slot> slots = slots_of(type);
  if (named) slots.erase(slots.begin());
  page += fmt::format("## {}\n\n{}\n", title_of(type), shape_of(type).help());
  const std::string choices = choices_text(type);
  if (!choices.empty()) page += "\n" + choices;
  if (!slots.empty()) {
    page += "\n| field | value | default | bounds | |\n|---|---|---|---|---|\n";
    for (const Slot& slot : slots) page += row(slot);
  }
  page += "\n";
  for (const Slot& slot : slots) {
    if (has_section(*slot.field)) append_section(page, *slot.field->message_type(), is_by_name(*slot.field), done);
  }
}

}  // namespace

std::string scenario_reference() {
  std::string page = introduction;
  std::set<std::string> done;
  append_section(page, *scenario::Scenario::descriptor(), false, done);
  page.pop_back();
  return page;
}

}  // namespace rehearse
