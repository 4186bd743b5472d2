// The forms in which YAML may give a field, each handled once for all messages.
#include "scenarios/convert.h"

#include <fmt/core.h>

#include <utility>

#include "scenarios/field_value.h"
#include "scenarios/units.h"

namespace rehearse {
namespace {

using google::protobuf::OneofDescriptor;
using google::protobuf::Reflection;

YamlNode scalar_node(std::string text, const YamlNode& at, int column_offset = 0) {
  YamlNode node;
  node.kind = YamlNode::Kind::scalar;
  node.file = at.file;
  node.line = at.line;
  node.column = at.column + column_offset;
  node.text = std::move(text);
  return node;
}

std::string kind_name(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::mapping:
      return "a mapping";
    case YamlNode::Kind::sequence:
      return "a list";
    case YamlNode::Kind::scalar:
      return shown(node.text);
    default:
      return "nothing";
  }
}

std::string below(const std::string& path, const std::string& key) { return path.empty() ? key : path + "." + key; }

bool is_word(const FieldDescriptor& field, const std::string& text) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM && find_word(*field.enum_type(), text) != nullptr;
}

// The keys of a mapping that were written, and where.
using Given = std::map<std::string, const YamlEntry*>;

class Converter {
 public:
  explicit Converter(Conversion& conversion) : conversion_(conversion) {}

  // `holder` is the field that holds the message (null for the whole scenario).
  void message(const YamlNode& node, const std::string& path, Message& into, const FieldDescriptor* holder) {
    const MessageRule& shape = shape_of(*into.GetDescriptor());
    switch (node.kind) {
      case YamlNode::Kind::mapping:
        return mapping(node, path, into, holder);
      case YamlNode::Kind::null:
        if (shape.phrase() || shape.first_that_parses() || !shape.pattern().empty()) break;
        return finish(into, path, node, {}, holder, nullptr);
      case YamlNode::Kind::scalar:
        if (scalar(node, path, into, holder)) return;
        break;
      case YamlNode::Kind::sequence:
        if (shape.sequence_field().empty()) break;
        return only_field(node, path, into, holder, shape.sequence_field());
    }
    const std::string expected = holder != nullptr ? expected_of(*holder) : "a mapping";
    report(node, path, kind_name(node) + " cannot stand here", expected);
  }

 private:
  void mapping(const YamlNode& node, const std::string& path, Message& into, const FieldDescriptor* holder) {
    if (shape_of(*into.GetDescriptor()).text()) {
      report(node, path, "a mapping cannot stand here", expected_of(*holder));
      return;
    }
    std::vector<Slot> slots = slots_of(*into.GetDescriptor());
    if (holder != nullptr && is_by_name(*holder)) slots.erase(slots.begin());
    Given given;
    for (const YamlEntry& entry : node.entries) {
      const Slot* slot = nullptr;
      for (const Slot& candidate : slots) {
        if (candidate.key == entry.key) slot = &candidate;
      }
      if (slot == nullptr) {
        unknown(entry, path, slots);
        continue;
      }
      if (entry.value.takes_away && !is_word(*slot->field, entry.value.text)) continue;
      given[entry.key] = &entry;
      Message* target = &into;
      for (const FieldDescriptor* inlined : slot->through) {
        target = target->GetReflection()->MutableMessage(target, inlined);
      }
      const std::string at = below(path, entry.key);
      const bool by_value = entry.value.kind == YamlNode::Kind::scalar || entry.value.kind == YamlNode::Kind::sequence;
      if (by_value) {
        remember(at, entry.value.file, entry.value.line, entry.value.column);
      } else {
        remember(at, entry.file, entry.line, entry.column);
      }
      field(entry.value, at, *target, *slot->field);
    }
    finish(into, path, node, given, holder, nullptr);
  }

  void unknown(const YamlEntry& entry, const std::string& path, const std::vector<Slot>& slots) {
    std::vector<std::string> keys;
    for (const Slot& slot : slots) keys.push_back(slot.key);
    Diagnostic d = diagnostic(entry.file, entry.line, entry.column, below(path, entry.key));
    d.message = fmt::format("unknown field {}", shown(entry.key));
    d.expected = one_of(keys, "nothing here");
    d.nearest = nearest_name(entry.key, keys);
    add(std::move(d));
  }

  void field(const YamlNode& node, const std::string& path, Message& into, const FieldDescriptor& field) {
    const FieldRule& rule = rule_of(field);
    if (rule.form() == FieldRule::BY_NAME || rule.form() == FieldRule::ONE_ENTRY)
      return by_name(node, path, into, field);
    if (!field.is_repeated()) return value(node, path, into, field);
    if (node.kind == YamlNode::Kind::sequence) {
      for (std::size_t i = 0; i < node.items.size(); ++i) {
        const YamlNode& item = node.items[i];
        const std::string at = fmt::format("{}[{}]", path, i);
        remember(at, item.file, item.line, item.column);
        value(item, at, into, field);
      }
      return count_items(node, path, field, node.items.size());
    }
    if (rule.form() == FieldRule::ONE_OR_LIST && node.kind != YamlNode::Kind::null) {
      remember(path + "[0]", node.file, node.line, node.column);
      value(node, path + "[0]", into, field);
      return count_items(node, path, field, 1);
    }
    report(node, path, kind_name(node) + " cannot stand here", "a list of " + expected_of(field));
  }

  void count_items(const YamlNode& node, const std::string& path, const FieldDescriptor& field, std::size_t count) {
    const FieldRule& rule = rule_of(field);
    const bool few = count < rule.min_items();
    const bool many = rule.max_items() > 0 && count > rule.max_items();
    if (!few && !many) return;
    const std::string limit = rule.min_items() == rule.max_items() ? fmt::format("exactly {}", rule.min_items())
                              : few                                ? fmt::format("at least {}", rule.min_items())
                                                                   : fmt::format("at most {}", rule.max_items());
    report(node, path, fmt::format("{} {} given", count, count == 1 ? "is" : "are"), limit);
  }

  void by_name(const YamlNode& node, const std::string& path, Message& into, const FieldDescriptor& field) {
    const Reflection& reflection = *into.GetReflection();
    const bool one = rule_of(field).form() == FieldRule::ONE_ENTRY;
    if (node.kind == YamlNode::Kind::null && !one) return count_items(node, path, field, 0);
    const bool list = node.kind == YamlNode::Kind::sequence || node.kind == YamlNode::Kind::scalar;
    if (rule_of(field).names_alone() && list) return names_alone(node, path, into, field);
    if (node.kind != YamlNode::Kind::mapping || (one && node.entries.size() != 1)) {
      return report(node, path, kind_name(node) + " cannot stand here",
                    one ? "a mapping of one entry such as " + rule_of(field).example() : "a mapping from names");
    }
    for (const YamlEntry& entry : node.entries) {
      if (entry.value.takes_away) continue;
      Message& element = one ? *reflection.MutableMessage(&into, &field) : *reflection.AddMessage(&into, &field);
      const FieldDescriptor& name = name_field(*element.GetDescriptor());
      const std::string at = one ? path : below(path, entry.key);
      const std::string name_at = one ? below(path, key_of(name)) : at;
      remember(name_at, entry.file, entry.line, entry.column);
      YamlNode key = scalar_node(entry.key, node);
      key.line = entry.line;
      key.column = entry.column;
      key.file = entry.file;
      value(key, name_at, element, name);
      message(entry.value, at, element, &field);
    }
    if (!one) count_items(node, path, field, node.entries.size());
  }

  // A list of names, or one: elements of which nothing more is said.
  void names_alone(const YamlNode& node, const std::string& path, Message& into, const FieldDescriptor& field) {
    const std::vector<YamlNode> single{node};
    const std::vector<YamlNode>& names = node.kind == YamlNode::Kind::sequence ? node.items : single;
    for (const YamlNode& name : names) {
      if (name.kind != YamlNode::Kind::scalar) {
        report(name, path, kind_name(name) + " cannot stand here", "a name");
        continue;
      }
      Message& element = *into.GetReflection()->AddMessage(&into, &field);
      const std::string at = below(path, name.text);
      remember(at, name.file, name.line, name.column);
      value(name, at, element, name_field(*element.GetDescriptor()));
      finish(element, at, name, {}, &field, nullptr);
    }
    count_items(node, path, field, names.size());
  }

  // One value of a field: of the field itself, or an element of a repeated one.
  void value(const YamlNode& node, const std::string& path, Message& into, const FieldDescriptor& field) {
    const bool is_message = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (is_message && !shape_of(*field.message_type()).text()) {
      const Reflection& reflection = *into.GetReflection();
      Message& child =
          field.is_repeated() ? *reflection.AddMessage(&into, &field) : *reflection.MutableMessage(&into, &field);
      return message(node, path, child, &field);
    }
    std::string text = node.text;
    if (node.kind == YamlNode::Kind::null) {
      if (!is_word(field, text)) return report(node, path, "there is no value", expected_of(field));
    } else if (node.kind != YamlNode::Kind::scalar) {
      return report(node, path, kind_name(node) + " cannot stand here", expected_of(field));
    }
    const FieldValueResult result = set_field(into, field, text);
    if (!result.ok()) report(node, path, result.error, expected_of(field), result.nearest);
  }

  // A scalar for a message; false if this message has no such form.
  bool scalar(const YamlNode& node, const std::string& path, Message& into, const FieldDescriptor* holder) {
    const MessageRule& shape = shape_of(*into.GetDescriptor());
    if (!shape.none_field().empty() && node.text == "n/a") {
      YamlNode yes = scalar_node("true", node);
      only_field(yes, path, into, holder, shape.none_field());
    } else if (!shape.scalar_field().empty()) {
      only_field(node, path, into, holder, shape.scalar_field());
    } else if (!shape.pattern().empty()) {
      pattern(node, path, into, holder);
    } else if (shape.first_that_parses()) {
      first_that_parses(node, path, into, holder);
    } else if (shape.phrase()) {
      phrase(node, path, into, holder);
    } else {
      return false;
    }
    return true;
  }

  void only_field(const YamlNode& node, const std::string& path, Message& into, const FieldDescriptor* holder,
                  const std::string& name) {
    const FieldDescriptor& only = *into.GetDescriptor()->FindFieldByName(name);
    const YamlEntry entry{key_of(only), node.file, node.line, node.column, {}};
    field(node, path, into, only);
    if (rule_of(only).form() != FieldRule::INLINE) remember_under_its_name(node, below(path, entry.key));
    finish(into, path, node, {{entry.key, &entry}}, holder, &only);
  }

  // What a scalar or list stands for has a path of its own too, which the linter uses.
  void remember_under_its_name(const YamlNode& node, const std::string& path) {
    remember(path, node.file, node.line, node.column);
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      const YamlNode& item = node.items[i];
      remember(fmt::format("{}[{}]", path, i), item.file, item.line, item.column);
    }
  }

  // Words and {field}s, as in "{count} per {per}".
  void pattern(const YamlNode& node, const std::string& path, Message& into, const FieldDescriptor* holder) {
    const std::string& pattern = shape_of(*into.GetDescriptor()).pattern();
    const std::vector<std::string> wanted = words(pattern), given = words(node.text);
    bool fits = wanted.size() == given.size();
    for (std::size_t i = 0; fits && i < wanted.size(); ++i) fits = wanted[i].front() == '{' || wanted[i] == given[i];
    if (!fits) return report(node, path, shown(node.text) + " cannot stand here", expected_of(*holder));
    std::vector<YamlEntry> entries;
    Given set;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (wanted[i].front() != '{') continue;
      const std::string name = wanted[i].substr(1, wanted[i].size() - 2);
      const FieldDescriptor& part = *into.GetDescriptor()->FindFieldByName(name);
      value(scalar_node(given[i], node), path, into, part);
      set[key_of(part)] = &no_entry_;
    }
    finish(into, path, node, set, holder, nullptr);
  }

  static std::vector<std::string> words(const std::string& text) {
    std::vector<std::string> found;
    std::size_t at = 0;
    while ((at = text.find_first_not_of(' ', at)) != std::string::npos) {
      const std::size_t end = std::min(text.find(' ', at), text.size());
      found.push_back(text.substr(at, end - at));
      at = end;
    }
    return found;
  }

  void first_that_parses(const YamlNode& node, const std::string& path, Message& into, const FieldDescriptor* holder) {
    std::string nearest, means;
    for (const Slot& slot : slots_of(*into.GetDescriptor())) {
      const FieldValueResult result = set_field(into, *slot.field, node.text, Store::no);
      if (result.form_fits) {
        value(node, path, into, *slot.field);
        return;
      }
      if (nearest.empty()) nearest = result.nearest;
      const std::string readings = share_readings(node.text);
      if (rule_of(*slot.field).kind() == FieldRule::SHARE && !readings.empty()) means = ": it may mean " + readings;
    }
    report(node, path, shown(node.text) + " cannot stand here" + means, expected_of(*holder), nearest);
  }

  // `WORD ARGUMENT`, or `WORD` for a message that needs nothing more.
  void phrase(const YamlNode& node, const std::string& path, Message& into, const FieldDescriptor* holder) {
    const std::size_t space = std::min(node.text.find(' '), node.text.size());
    const std::string first = node.text.substr(0, space);
    const std::size_t begin = std::min(node.text.find_first_not_of(' ', space), node.text.size());
    std::vector<std::string> keys;
    for (const Slot& slot : slots_of(*into.GetDescriptor())) {
      keys.push_back(slot.key);
      if (slot.key != first) continue;
      YamlNode argument = scalar_node(node.text.substr(begin), node, static_cast<int>(begin));
      if (argument.text.empty()) argument.kind = YamlNode::Kind::null;
      const YamlEntry entry{slot.key, node.file, node.line, node.column, {}};
      remember(below(path, slot.key), argument.file, argument.line, argument.column);
      field(argument, below(path, slot.key), into, *slot.field);
      return finish(into, path, node, {{slot.key, &entry}}, holder, nullptr);
    }
    report(node, path, shown(first) + " is not known here", expected_of(*holder), nearest_name(first, keys));
  }

  // Defaults, required fields and choices, inlined messages included. `done` is a field that a scalar or list has set.
  void finish(Message& into, const std::string& path, const YamlNode& node, const Given& given,
              const FieldDescriptor* holder, const FieldDescriptor* done) {
    const Descriptor& type = *into.GetDescriptor();
    const bool named = holder != nullptr && is_by_name(*holder);
    for (int i = named ? 1 : 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      if (&field == done) continue;
      const FieldRule& rule = rule_of(field);
      if (rule.form() == FieldRule::INLINE) {
        finish(*into.GetReflection()->MutableMessage(&into, &field), path, node, given, nullptr, nullptr);
      } else if (given.count(key_of(field)) == 0) {
        if (!rule.default_().empty()) set_default(into, field, path, node);
        if (rule.required()) {
          report(node, path, fmt::format("`{}` is missing", key_of(field)), expected_of(field));
        }
      }
    }
    for (int i = 0; i < type.real_oneof_decl_count(); ++i) choice_of(*type.oneof_decl(i), path, node, given, done);
  }

  void choice_of(const OneofDescriptor& oneof, const std::string& path, const YamlNode& node, const Given& given,
                 const FieldDescriptor* done) {
    const ChoiceRule& rule = oneof.options().GetExtension(choice);
    std::vector<std::string> keys;
    std::vector<const YamlEntry*> written;
    bool set = false;
    for (int i = 0; i < oneof.field_count(); ++i) {
      keys.push_back(key_of(*oneof.field(i)));
      set = set || oneof.field(i) == done;
      const auto found = given.find(keys.back());
      if (found != given.end()) written.push_back(found->second);
    }
    if (!set && written.empty() && rule.required()) {
      const std::string what = rule.help().empty() ? "something" : rule.help();
      report(node, path, what + " is missing", one_of(keys, ""));
    }
    for (std::size_t i = 1; i < written.size(); ++i) {
      const bool later = written[i]->line > written[0]->line ||
                         (written[i]->line == written[0]->line && written[i]->column > written[0]->column);
      const YamlEntry& second = later ? *written[i] : *written[0];
      const YamlEntry& first = later ? *written[0] : *written[i];
      Diagnostic d = diagnostic(second.file, second.line, second.column, below(path, second.key));
      d.message = fmt::format("`{}` cannot stand beside `{}`", second.key, first.key);
      d.expected = "only one of " + joined(keys);
      add(std::move(d));
    }
  }

  void set_default(Message& into, const FieldDescriptor& field, const std::string& path, const YamlNode& node) {
    const std::string& text = rule_of(field).default_();
    YamlNode written = scalar_node(text, node);
    if (text.front() == '{' || text.front() == '[') {
      std::vector<Diagnostic> none;
      parse_yaml(text, node.file, {}, written, none);
    }
    ++defaults_;
    this->field(written, below(path, key_of(field)), into, field);
    --defaults_;
  }

  void remember(const std::string& path, int file, int line, int column) {
    if (defaults_ > 0) return;
    conversion_.places[path] = {conversion_.files[static_cast<std::size_t>(file)], line, column};
  }

  Diagnostic diagnostic(int file, int line, int column, const std::string& path) const {
    Diagnostic d;
    d.file = conversion_.files[static_cast<std::size_t>(file)];
    d.line = line;
    d.column = column;
    d.path = path;
    return d;
  }

  void report(const YamlNode& node, const std::string& path, std::string message, std::string expected,
              std::string nearest = {}) {
    Diagnostic d = diagnostic(node.file, node.line, node.column, path);
    d.message = std::move(message);
    d.expected = std::move(expected);
    d.nearest = std::move(nearest);
    add(std::move(d));
  }

  void add(Diagnostic d) { conversion_.diagnostics.push_back(std::move(d)); }

  Conversion& conversion_;
  const YamlEntry no_entry_;
  int defaults_ = 0;  // how deep inside a default, which was written nowhere
};

}  // namespace

void convert(const YamlNode& root, Message& message, Conversion& conversion) {
  Converter(conversion).message(root, {}, message, nullptr);
}

}  // namespace rehearse
