// Reading, merging, converting, linting.
#include "scenarios/loader.h"

#include <fmt/core.h>

#include <filesystem>
#include <map>
#include <utility>

#include "scenarios/convert.h"
#include "scenarios/lint.h"
#include "scenarios/merge.h"

namespace rehearse {
namespace {

constexpr std::size_t diagnostics_max = 100;

void cut(std::vector<Diagnostic>& diagnostics) {
  sort_diagnostics(diagnostics);
  if (diagnostics.size() <= diagnostics_max) return;
  Diagnostic rest;
  rest.level = has_errors(diagnostics) ? Diagnostic::Level::error : Diagnostic::Level::warning;
  rest.file = diagnostics.front().file;
  rest.message = fmt::format("{} more problems are not shown", diagnostics.size() - diagnostics_max);
  diagnostics.resize(diagnostics_max);
  diagnostics.push_back(std::move(rest));
}

// One "path = value" a line.
void append_canonical(std::string& text, const Visit& visit) {
  const auto& reflection = *visit.holder.GetReflection();
  const FieldDescriptor& field = visit.field;
  const bool one = visit.index < 0;
  std::string value;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT64:
      value = fmt::format("{}", one ? reflection.GetInt64(visit.holder, &field)
                                    : reflection.GetRepeatedInt64(visit.holder, &field, visit.index));
      break;
    case FieldDescriptor::CPPTYPE_INT32:
      value = fmt::format("{}", reflection.GetInt32(visit.holder, &field));
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      value = reflection.GetBool(visit.holder, &field) ? "true" : "false";
      break;
    case FieldDescriptor::CPPTYPE_ENUM:
      value = word_of(one ? *reflection.GetEnum(visit.holder, &field)
                          : *reflection.GetRepeatedEnum(visit.holder, &field, visit.index));
      break;
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string written = one ? reflection.GetString(visit.holder, &field)
                                      : reflection.GetRepeatedString(visit.holder, &field, visit.index);
      value = fmt::format("{}:{}", written.size(), written);  // the length, so that no text can look like the next line
      break;
    }
    default:
      if (shape_of(*field.message_type()).text()) {
        const Message& child = reflection.GetMessage(visit.holder, &field);
        for_each_field(child, visit.path, [&text](const Visit& inner) { append_canonical(text, inner); });
        return;
      }
  }
  text += visit.path + " = " + value + "\n";
}

// What is wrong with a value is said where `vary:` names its path, or of the file where nothing does.
void put_values(const Overrides& overrides, MergedTree& tree, std::vector<Diagnostic>& diagnostics) {
  for (const auto& [path, value] : overrides.values) {
    const YamlEntry* vary = tree.root.find("vary");
    const YamlEntry* said = vary ? vary->value.find(path) : nullptr;
    YamlNode put;
    put.kind = YamlNode::Kind::scalar;
    put.text = value;
    if (said) put.file = said->file, put.line = said->line, put.column = said->column;
    const std::string problem = put_at(tree.root, path, put);
    if (problem.empty()) continue;
    Diagnostic& diagnostic = diagnostics.emplace_back();
    diagnostic.file = tree.files[static_cast<std::size_t>(put.file)];
    diagnostic.line = put.line;
    diagnostic.column = put.column;
    diagnostic.path = said ? "vary." + path : path;
    diagnostic.message = problem;
  }
}

void apply(const Overrides& overrides, scenario::Scenario& proto) {
  if (overrides.seed) proto.set_seed(*overrides.seed);
}

// A fault without a name is called by its kind, and from the second of its kind on by kind_2, kind_3 …
void name_faults(scenario::WorldSection& world) {
  std::map<std::string, int> seen;
  for (scenario::Fault& fault : *world.mutable_faults()) {
    const auto* kind = fault.GetReflection()->GetOneofFieldDescriptor(fault, fault.GetDescriptor()->oneof_decl(0));
    if (kind == nullptr) continue;
    const int nth = ++seen[kind->name()];
    if (fault.name().empty()) fault.set_name(nth == 1 ? kind->name() : fmt::format("{}_{}", kind->name(), nth));
  }
}

}  // namespace

Place LoadedScenario::place(std::string_view path) const {
  std::string at(path);
  while (!at.empty()) {
    const auto found = places.find(at);
    if (found != places.end()) return found->second;
    const std::size_t end = at.find_last_of(".[");
    at.resize(end == std::string::npos ? 0 : end);
  }
  return {files.empty() ? std::string() : files.front(), 0, 0};
}

std::string LoadedScenario::file_named_at(std::string_view path) const {
  std::string name;
  for_each_field(proto, {}, [&](const Visit& visit) {
    if (visit.path != path || visit.field.cpp_type() != FieldDescriptor::CPPTYPE_STRING || visit.index >= 0) return;
    name = visit.holder.GetReflection()->GetString(visit.holder, &visit.field);
  });
  const std::filesystem::path named(name);
  if (name.empty() || named.is_absolute()) return name;
  // A prefix such as `initial.` or a folder's closing slash is part of the name, so the path is not normalised.
  return (std::filesystem::path(place(path).file).parent_path() / named).string();
}

std::string LoadedScenario::canonical_text() const {
  std::string text;
  for_each_field(proto, {}, [&text](const Visit& visit) {
    if (visit.path != "extends") append_canonical(text, visit);
  });
  return text;
}

LoadResult load_scenario_text(std::string_view text, const std::string& file, const Overrides& overrides) {
  LoadResult result;
  MergedTree tree;
  if (!read_merged(text, file, tree, result.diagnostics)) {
    cut(result.diagnostics);
    return result;
  }
  put_values(overrides, tree, result.diagnostics);
  LoadedScenario loaded;
  Conversion conversion{tree.files, {}, std::move(result.diagnostics)};
  convert(tree.root, loaded.proto, conversion);
  apply(overrides, loaded.proto);
  name_faults(*loaded.proto.mutable_world());
  loaded.files = std::move(tree.files);
  loaded.places = std::move(conversion.places);
  result.diagnostics = std::move(conversion.diagnostics);
  const LintDepth depth = has_errors(result.diagnostics) ? LintDepth::references : LintDepth::everything;
  for (Diagnostic& d : lint(loaded, depth)) result.diagnostics.push_back(std::move(d));
  if (!has_errors(result.diagnostics)) result.scenario = std::move(loaded);
  cut(result.diagnostics);
  return result;
}

LoadResult load_scenario(const std::string& path, const Overrides& overrides) {
  LoadResult result;
  std::string text;
  if (!read_text(path, {path, 0, 0}, text, result.diagnostics)) return result;
  return load_scenario_text(text, path, overrides);
}

}  // namespace rehearse
