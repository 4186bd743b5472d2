// rehearse lint, list, explain, schema and new: what a scenario may hold, said without running it.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>

#include "faults/catalogue.h"
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/report_words.h"
#include "harness/cli/shipped.h"
#include "scenarios/diagnostics.h"
#include "scenarios/json_schema.h"
#include "scenarios/loader.h"
#include "scenarios/reference.h"
#include "scenarios/schema_rules.h"
#include "scenarios/starter.h"

namespace rehearse::cli {
namespace {

const google::protobuf::OneofDescriptor& kinds_of_checks() {
  return *scenario::Check::descriptor()->FindOneofByName("kind");
}

// Every message that a scenario is made of.
void gather(const Descriptor& type, std::set<std::string>& seen, std::vector<const Descriptor*>& all) {
  if (!seen.insert(type.full_name()).second) return;
  all.push_back(&type);
  for (int i = 0; i < type.field_count(); ++i)
    if (const Descriptor* inner = type.field(i)->message_type()) gather(*inner, seen, all);
}

void explain_fields(const Descriptor& type) {
  fmt::print("\n");
  for (const Slot& slot : slots_of(type)) {
    const FieldRule& rule = rule_of(*slot.field);
    fmt::print(
        "  {:<22} {}\n  {:<22} {}{}\n", slot.key, rule.help(), "", expected_of(*slot.field),
        rule.default_().empty() ? (rule.required() ? "; required" : "") : "; " + rule.default_() + " if left out");
  }
}

// Where the word is one that the field can be. The names that there are go into `known`.
bool explain_word(const FieldDescriptor& field, const std::string& word, std::vector<std::string>& known) {
  if (!field.enum_type()) return false;
  for (const std::string& name : words_of(*field.enum_type())) known.push_back(name);
  const EnumValueDescriptor* value = find_word(*field.enum_type(), word);
  if (!value) return false;
  const std::string& help = value->options().GetExtension(rehearse::word).help();
  fmt::print("{} – what {} can be\n{}", word, key_of(field), help.empty() ? "" : "  " + help + "\n");
  return true;
}

bool explain_report_word(const std::string& word, std::vector<std::string>& known) {
  bool found = false;
  for (const ReportWord& said : report_words) {
    known.emplace_back(said.word);
    if (said.word != word) continue;
    fmt::print("{} – a word of the reports\n  {}\n", said.word, said.text);
    found = true;
  }
  return found;
}

// Shipped ones, with where they are.
void list_scenarios() {
  const std::vector<ShippedScenario> shipped = shipped_scenarios();
  if (shipped.empty()) return;
  fmt::print("Scenarios (rehearse run NAME)\n");
  for (const ShippedScenario& scenario : shipped) fmt::print("  {:<27} {}\n", scenario.name, scenario.file);
}

// Of a scenario that can be run.
std::string lint_verdict(const LoadResult& loaded) {
  const std::size_t warnings = loaded.diagnostics.size();
  const std::string told = warnings == 0   ? "nothing wrong"
                           : warnings == 1 ? "1 warning"
                                           : fmt::format("{} warnings", warnings);
  return told + (loaded.scenario->proto.source().has_capture() ? "; the captured stream was not read" : "");
}

}  // namespace

int lint_command(const std::vector<std::string>& arguments) {
  const Options options = parse_options(arguments, {});
  if (!options.error.empty()) return usage_error("lint", options.error);
  if (options.positional.empty()) return usage_error("lint", "give scenario files");
  bool wrong = false;
  for (const std::string& named : options.positional) {
    const std::string file = found_file(named);
    const LoadResult loaded = load_scenario(file);
    fmt::print(stderr, "{}", to_text(loaded.diagnostics));
    if (loaded.scenario) fmt::print("{}: {}\n", file, lint_verdict(loaded));
    else wrong = true;
  }
  return wrong ? wrong_input : as_expected;
}

int list_command(const std::vector<std::string>& arguments) {
  const std::string what = arguments.empty() ? "" : arguments[0];
  if (arguments.size() > 1 || (!what.empty() && what != "faults" && what != "checks" && what != "scenarios"))
    return usage_error("list", "there are lists of faults, checks and scenarios");
  if (what.empty() || what == "faults") {
    fmt::print("Faults (world.faults)\n");
    for (const FaultEntry& fault : fault_catalogue())
      fmt::print("  {:<22} may cause {}\n", fault.kind, fault.may_cause);
  }
  if (what.empty() || what == "checks") {
    fmt::print("Checks (checks)\n");
    const auto& kinds = kinds_of_checks();
    for (int i = 0; i < kinds.field_count(); ++i)
      fmt::print("  {:<22} {}\n", kinds.field(i)->name(), rule_of(*kinds.field(i)).help());
  }
  if (what.empty() || what == "scenarios") list_scenarios();
  if (what != "scenarios") fmt::print("rehearse explain NAME says more about each.\n");
  return as_expected;
}

int explain_command(const std::vector<std::string>& arguments) {
  const Options options = parse_options(arguments, option_rules("explain"));
  if (!options.error.empty()) return usage_error("explain", options.error);
  if (options.positional.size() > 1 && options.positional[0] == "row") return explain_row(options);
  if (options.positional.empty()) return usage_error("explain", "give a word");
  const std::string word = fmt::format("{}", fmt::join(options.positional, " "));
  std::vector<std::string> known;
  for (const FaultEntry& fault : fault_catalogue()) {
    known.emplace_back(fault.kind);
    if (word != fault.kind) continue;
    fmt::print("{} – a fault\n{}\nMay cause: {}.\n", fault.kind, fault.text, fault.may_cause);
    explain_fields(*fault.parameters);
    return as_expected;
  }
  const auto& kinds = kinds_of_checks();
  for (int i = 0; i < kinds.field_count(); ++i) {
    known.push_back(kinds.field(i)->name());
    if (word != kinds.field(i)->name()) continue;
    fmt::print("{} – a check\n{}\n", word, shape_of(*kinds.field(i)->message_type()).help());
    explain_fields(*kinds.field(i)->message_type());
    return as_expected;
  }
  std::set<std::string> seen;
  std::vector<const Descriptor*> types;
  gather(*scenario::Scenario::descriptor(), seen, types);
  bool found = explain_report_word(word, known);
  for (const Descriptor* type : types)
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor& field = *type->field(i);
      found = explain_word(field, word, known) || found;
      known.push_back(key_of(field));
      if (key_of(field) != word) continue;
      const FieldRule& rule = rule_of(field);
      fmt::print("{} – in {}\n  {}\n  {}{}\n", word,
                 shape_of(*type).title().empty() ? type->name() : shape_of(*type).title(), rule.help(),
                 expected_of(field), rule.default_().empty() ? "" : "; " + rule.default_() + " if left out");
      if (field.message_type() && rule.form() != FieldRule::INLINE) explain_fields(*field.message_type());
      found = true;
    }
  if (found) return as_expected;
  const std::string nearest = nearest_name(word, known);
  fmt::print(stderr, "rehearse explain: nothing is called {}{}\n", shown(word),
             nearest.empty() ? "; see rehearse list" : "; did you mean " + nearest + "?");
  return wrong_input;
}

int schema_command(const std::vector<std::string>& arguments) {
  const Options options = parse_options(arguments, option_rules("schema"));
  if (!options.error.empty() || !options.positional.empty())
    return usage_error("schema", "it takes no arguments but --markdown");
  const std::string text = options.has("--markdown") ? scenario_reference() : json_schema();
  std::fwrite(text.data(), 1, text.size(), stdout);
  return as_expected;
}

int new_command(const std::vector<std::string>& arguments) {
  if (arguments.size() != 1) return usage_error("new", "give the new scenario's name");
  const std::string& name = arguments[0];
  if (name.empty() || name[0] == '-' ||
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") != std::string::npos)
    return usage_error("new", "a name has letters, digits, _, - and . only, and does not begin with -");
  const std::string file = name + ".yaml";
  std::error_code error;
  if (std::filesystem::exists(file, error)) {
    fmt::print(stderr, "rehearse new: {} is there already\n", file);
    return wrong_input;
  }
  std::ofstream out(file, std::ios::binary);
  out << starter_scenario(name);
  out.close();
  if (!out) {
    std::filesystem::remove(file, error);
    fmt::print(stderr, "rehearse new: cannot write {}\n", file);
    return wrong_input;
  }
  fmt::print("{} is written; try: rehearse run {}\n", file, file);
  return as_expected;
}

}  // namespace rehearse::cli
