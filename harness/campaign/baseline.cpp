#include "harness/campaign/baseline.h"

#include <fmt/format.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <filesystem>

#include "harness/campaign/baseline.pb.h"
#include "reports/result/harm.h"
#include "reports/result/path.h"
#include "scenarios/schema_rules.h"
#include "scenarios/units.h"
#include "sim/kernel/digest.h"

namespace rehearse {
namespace {

constexpr std::uint32_t baseline_format = 1;

// ---- values --------------------------------------------------------------------------------------------------------

std::string value_text(const result::Value& value) {
  if (value.kind == result::ValueKind::duration)
    return (value.negative ? "-" : "") + format_duration(static_cast<std::int64_t>(value.magnitude));
  if (value.kind == result::ValueKind::share) return fmt::format("{} of {}", value.numerator, value.denominator);
  return result::exact_text(value);
}

void keep(const result::Result& r, const std::string& path, std::map<std::string, std::string>& values) {
  const result::ParsedPath parsed = result::parse_path(path);
  if (!parsed.path) return;  // a name that no path can hold
  const result::Found found = result::value_at(r, *parsed.path);
  values[path] = found.value ? value_text(*found.value) : found.missing;
}

template <class List>
void keep_by_name(const result::Result& r, const char* list, const List& elements,
                  std::initializer_list<const char*> fields, std::map<std::string, std::string>& values) {
  for (const auto& element : elements)
    for (const char* field : fields) keep(r, fmt::format("{}[{}].{}", list, element.name(), field), values);
}

std::map<std::string, std::string> values_of(const result::Result& r) {
  std::map<std::string, std::string> values;
  for (const char* path : {"verdict", "decision", "figures.changes", "rollbacks.size"}) keep(r, path, values);
  keep_by_name(r, "phases", r.phases(), {"left", "entered_at_ns"}, values);
  for (int i = 0; i < r.rollbacks_size(); ++i)
    for (const char* field : {"trigger", "was", "fired_at_ns", "rto_ns", "rpo_writes", "divergence_left"})
      keep(r, fmt::format("rollbacks[{}].{}", i, field), values);
  for (const result::Check& check : r.checks()) {
    keep(r, fmt::format("checks[{}].runs", check.name()), values);
    if (!check.judged()) continue;
    for (const char* field : {"claims", "right", "false_alarms", "recall_in_population"})
      keep(r, fmt::format("checks[{}].{}", check.name(), field), values);
  }
  keep_by_name(r, "stores", r.stores(),
               {"divergent_intervals", "divergent_worst", "divergent_now", "stale_intervals", "stale_ns"}, values);
  for (const ReadOutcome outcome : result::followed_outcomes())
    keep_by_name(r, "consumers", r.consumers(), {("harm." + rule_of(outcome).field()).c_str()}, values);
  keep_by_name(r, "faults", r.faults(), {"hits"}, values);
  return values;
}

// ---- the effective scenario ----------------------------------------------------------------------------------------

bool changes_no_result(std::string_view path) {
  return path == "about" || path == "name" || path == "extends" || path == "expect" || path.substr(0, 7) == "expect.";
}

std::string integer_text(std::int64_t value, FieldRule::Kind kind) {
  switch (kind) {
    case FieldRule::DURATION:
      return format_duration(value);
    case FieldRule::RATE:
      return format_rate(value);
    case FieldRule::SHARE:
      return format_share(value);
    case FieldRule::DECIMAL:
      return format_decimal(value);
    default:
      return fmt::format("{}", value);
  }
}

void add_field(const Visit& visit, std::map<std::string, std::string>& fields) {
  const auto& r = *visit.holder.GetReflection();
  const FieldDescriptor& field = visit.field;
  const bool one = visit.index < 0;
  std::string text;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT64:
      text =
          integer_text(one ? r.GetInt64(visit.holder, &field) : r.GetRepeatedInt64(visit.holder, &field, visit.index),
                       rule_of(field).kind());
      break;
    case FieldDescriptor::CPPTYPE_INT32:
      text = fmt::format("{}", r.GetInt32(visit.holder, &field));
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      text = r.GetBool(visit.holder, &field) ? "true" : "false";
      break;
    case FieldDescriptor::CPPTYPE_ENUM:
      text = word_of(one ? *r.GetEnum(visit.holder, &field) : *r.GetRepeatedEnum(visit.holder, &field, visit.index));
      break;
    case FieldDescriptor::CPPTYPE_STRING:
      text = one ? r.GetString(visit.holder, &field) : r.GetRepeatedString(visit.holder, &field, visit.index);
      break;
    default:
      if (one && shape_of(*field.message_type()).text())
        for_each_field(r.GetMessage(visit.holder, &field), visit.path,
                       [&fields](const Visit& inner) { add_field(inner, fields); });
      return;
  }
  fields.emplace(visit.path, std::move(text));
}

std::map<std::string, std::string> effective_fields(const LoadedScenario& scenario) {
  std::map<std::string, std::string> fields;
  for_each_field(scenario.proto, {}, [&fields](const Visit& visit) {
    if (!changes_no_result(visit.path)) add_field(visit, fields);
  });
  return fields;
}

// ---- JSON ----------------------------------------------------------------------------------------------------------

std::string quoted(const std::string& text) {
  google::protobuf::Value value;
  value.set_string_value(text);
  std::string json;
  return google::protobuf::util::MessageToJsonString(value, &json).ok() ? json : "\"\"";
}

std::string key_in_json(const std::string& key) { return "    " + quoted(key) + ": "; }

void add_object(std::string& json, const char* name, const std::map<std::string, std::string>& entries, bool last) {
  json += fmt::format("  \"{}\": {{", name);
  bool first = true;
  for (const auto& [key, value] : entries) {
    json += (first ? "\n" : ",\n") + key_in_json(key) + quoted(value);
    first = false;
  }
  json += first ? "}" : "\n  }";
  json += last ? "\n" : ",\n";
}

// The line on which a value stands in the file; 0 if it does not.
int line_of(const std::string& json, const std::string& path) {
  const std::size_t values = json.find("\n  \"values\":");
  const std::size_t at = values == std::string::npos ? values : json.find("\n" + key_in_json(path), values);
  return at == std::string::npos ? 0 : 2 + static_cast<int>(std::count(json.begin(), json.begin() + at, '\n'));
}

// ---- comparing -----------------------------------------------------------------------------------------------------

void differences(const std::map<std::string, std::string>& before, const std::map<std::string, std::string>& now,
                 std::vector<BaselineChange>& changes) {
  auto a = before.begin();
  auto b = now.begin();
  while (a != before.end() || b != now.end()) {
    if (b == now.end() || (a != before.end() && a->first < b->first)) {
      changes.push_back({a->first, a->second, std::nullopt});
      ++a;
    } else if (a == before.end() || b->first < a->first) {
      changes.push_back({b->first, std::nullopt, b->second});
      ++b;
    } else {
      if (a->second != b->second) changes.push_back({a->first, a->second, b->second});
      ++a;
      ++b;
    }
  }
}

}  // namespace

std::string baseline_file(const std::string& scenario_file) {
  return std::filesystem::path(scenario_file).replace_extension(".baseline.json").string();
}

Baseline baseline_of(const LoadedScenario& scenario, const result::Result& result) {
  Baseline baseline;
  baseline.scenario = result.scenario();
  baseline.seed = result.seed();
  for (const result::Setting& setting : result.depends_on()) baseline.depends_on[setting.name()] = setting.value();
  baseline.values = values_of(result);
  baseline.digests = {{"outcome", result.digests().outcome()}, {"trajectory", result.digests().trajectory()}};
  baseline.effective = effective_fields(scenario);
  Digest digest;
  for (const auto& [path, value] : baseline.effective) {
    digest.add(path);
    digest.add(value);
  }
  baseline.scenario_digest = digest.value().hex();
  return baseline;
}

std::string to_json(const Baseline& baseline) {
  std::string json = fmt::format("{{\n  \"format\": {},\n  \"scenario\": {},\n  \"seed\": \"{}\",\n", baseline_format,
                                 quoted(baseline.scenario), baseline.seed);
  json += fmt::format("  \"scenario_digest\": \"{}\",\n", baseline.scenario_digest);
  add_object(json, "depends_on", baseline.depends_on, false);
  add_object(json, "values", baseline.values, false);
  add_object(json, "digests", baseline.digests, false);
  add_object(json, "effective", baseline.effective, true);
  return json + "}\n";
}

std::optional<Baseline> parse_baseline(std::string_view json, const std::string& file,
                                       std::vector<Diagnostic>& diagnostics) {
  Diagnostic problem;
  problem.file = file;
  problem.expected = "a file that `rehearse check --update` wrote";
  if (json.size() > baseline_bytes_max) {
    problem.message = fmt::format("the file is larger than {} MiB", baseline_bytes_max >> 20);
    diagnostics.push_back(problem);
    return std::nullopt;
  }
  campaign::BaselineFile read;
  const auto status = google::protobuf::util::JsonStringToMessage(std::string(json), &read);
  if (!status.ok() || read.format() != baseline_format) {
    problem.message = status.ok() ? fmt::format("its format is {}, not {}", read.format(), baseline_format)
                                  : "it is no baseline: " + status.ToString().substr(0, 200);
    diagnostics.push_back(problem);
    return std::nullopt;
  }
  const auto sorted = [](const google::protobuf::Map<std::string, std::string>& map) {
    return std::map<std::string, std::string>(map.begin(), map.end());
  };
  return Baseline{read.scenario(),           read.seed(),           read.scenario_digest(),
                  sorted(read.depends_on()), sorted(read.values()), sorted(read.digests()),
                  sorted(read.effective())};
}

std::string to_text(const BaselineChange& change) {
  const std::string nothing = "not there";
  return fmt::format("{}: {} → {}", change.what, change.before.value_or(nothing), change.now.value_or(nothing));
}

BaselineComparison compare(const Baseline& before, const Baseline& now) {
  BaselineComparison comparison;
  differences(before.values, now.values, comparison.values);
  differences(before.effective, now.effective, comparison.reasons);  // the seed is one of them
  differences(before.depends_on, now.depends_on, comparison.reasons);
  comparison.other_digest = before.digests != now.digests;
  return comparison;
}

std::string reasons_text(const BaselineComparison& comparison, std::size_t most) {
  if (comparison.reasons.empty())
    return "the scenario, its seed and Rehearse's version are what they were: a captured file changed, or this is a "
           "defect of Rehearse";
  std::string text = "changed since: ";
  for (std::size_t i = 0; i < std::min(most, comparison.reasons.size()); ++i)
    text += (i == 0 ? "" : ", ") + to_text(comparison.reasons[i]);
  if (comparison.reasons.size() > most) text += fmt::format(" and {} more", comparison.reasons.size() - most);
  return text;
}

void judge_by_baseline(const BaselineComparison& comparison, const std::string& json, const std::string& file,
                       bool has_expect, result::Result& result) {
  constexpr std::size_t reasons_named = 3;
  const std::string nothing = "not there";
  for (const BaselineChange& change : comparison.values) {
    result::Expectation& out = *result.add_expectations();
    const std::string expected = change.before.value_or(nothing);
    out.set_text(fmt::format("{} is {}, as in the baseline", change.what, expected));
    out.set_status(result::Expectation::broken);
    out.set_expected(expected);
    out.set_actual(change.now.value_or(nothing));
    out.set_path("baseline." + change.what);
    const int line = line_of(json, change.what);
    out.set_where(line > 0 ? fmt::format("{}:{}:5", file, line) : file);
  }
  const bool undetermined = comparison.unexplained();
  if (comparison.values.empty()) {
    result::Expectation& out = *result.add_expectations();
    out.set_text("the result is as in the baseline");
    out.set_expected("as in the baseline");
    out.set_status(undetermined ? result::Expectation::broken : result::Expectation::held);
    out.set_actual(!comparison.other_digest ? "equal"
                   : undetermined           ? "another course, though " + reasons_text(comparison, reasons_named)
                                            : "equal in what is kept, by another course");
    out.set_path("baseline");
    out.set_where(file);
  }
  const auto prepend = [&result](const std::string& reason) {
    for (auto* texts : {result.mutable_reasons(), result.mutable_remarks()}) {
      *texts->Add() = reason;
      std::rotate(texts->begin(), texts->end() - 1, texts->end());
    }
  };
  if (!comparison.values.empty() || undetermined) {
    prepend(fmt::format("{} of the baseline {}; {}.", comparison.values.size(),
                        comparison.values.size() == 1 ? "value is not what it was" : "values are not what they were",
                        reasons_text(comparison, reasons_named)));
    result.set_verdict(result::Result::fail);
  } else if (!has_expect && result.verdict() != result::Result::pass) {
    prepend("The result is as in its baseline; what the judge says by itself follows.");
    result.set_verdict(result::Result::pass);
  }
}

}  // namespace rehearse
