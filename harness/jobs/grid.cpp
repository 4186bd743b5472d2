#include "harness/jobs/grid.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <variant>

#include "scenarios/annotations/annotations.pb.h"
#include "scenarios/schema_rules.h"
#include "sim/kernel/digest.h"

namespace rehearse {
namespace {

namespace fs = std::filesystem;

using Values = std::vector<std::pair<std::string, std::string>>;

// ---- the values of a field -----------------------------------------------------------------------------------------

struct Measure {  // "20/s"
  double number = 0;
  std::string unit;
};

std::optional<Measure> measure(const std::string& text) {
  Measure found;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), found.number);
  if (error != std::errc()) return std::nullopt;
  found.unit.assign(end, text.data() + text.size());
  return found;
}

// Or what is wrong.
std::variant<std::vector<std::string>, std::string> values_of(const scenario::Varied& varied) {
  const bool range = !varied.from().empty() || !varied.to().empty() || varied.steps() > 0;
  std::vector<std::string> values(varied.values().begin(), varied.values().end());
  if (range == !values.empty()) return std::string("a list of values, or `from`, `to` and `steps`");
  if (!range) return values;
  if (varied.from().empty() || varied.to().empty() || varied.steps() < 2)
    return std::string("`from`, `to` and at least 2 `steps`");
  const auto from = measure(varied.from()), to = measure(varied.to());
  if (!from || !to || from->unit != to->unit) return std::string("two numbers in one unit, such as 20/s and 60/s");
  for (std::int64_t i = 0; i < varied.steps(); ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(varied.steps() - 1);
    values.push_back(fmt::format("{:.12g}{}", from->number + (to->number - from->number) * share, from->unit));
  }
  return values;
}

std::vector<Values> combinations(const LoadedScenario& scenario, std::vector<Diagnostic>& diagnostics) {
  std::vector<Values> all{{}};
  std::size_t points = 1;
  const auto complain = [&](const std::string& path, std::string message, std::string expected) {
    Diagnostic& problem = diagnostics.emplace_back();
    const Place place = scenario.place("vary." + path);
    problem.file = place.file, problem.line = place.line, problem.column = place.column;
    problem.path = "vary." + path;
    problem.message = std::move(message);
    problem.expected = std::move(expected);
  };
  for (const scenario::Varied& varied : scenario.proto.vary()) {
    const auto values = values_of(varied);
    if (const auto* expected = std::get_if<std::string>(&values)) {
      complain(varied.path(), "these are no values", *expected);
      continue;
    }
    const auto& list = std::get<std::vector<std::string>>(values);
    points *= list.size();
    if (points > grid_points_max) {
      complain(varied.path(), "there are too many combinations", fmt::format("at most {}", grid_points_max));
      return {};
    }
    std::vector<Values> longer;
    for (const Values& before : all)
      for (const std::string& value : list) {
        longer.push_back(before);
        longer.back().emplace_back(varied.path(), value);
      }
    all = std::move(longer);
  }
  return all;
}

// ---- what a point is known by --------------------------------------------------------------------------------------

void add_content(Digest& digest, const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string block(std::size_t{1} << 20, '\0');
  do {
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    digest.add(std::string_view(block).substr(0, static_cast<std::size_t>(in.gcount())));
  } while (in);
}

// A file; or all files in a folder, or that begin with a prefix, by name.
void add_files(Digest& digest, const std::string& named) {
  std::error_code error;
  if (fs::is_regular_file(named, error)) return add_content(digest, named);
  std::vector<fs::path> files;
  const fs::path folder = fs::is_directory(named, error) ? fs::path(named) : fs::path(named).parent_path();
  for (const auto& entry : fs::directory_iterator(folder.empty() ? fs::path(".") : folder, error))
    if (entry.is_regular_file(error) && entry.path().string().starts_with(named)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    digest.add(file.filename().string());
    add_content(digest, file);
  }
}

std::string digest_of(LoadedScenario scenario) {
  scenario.proto.set_seed(0);
  scenario.proto.clear_vary();
  Digest digest;
  digest.add(scenario.canonical_text());
  for_each_field(scenario.proto, {}, [&](const Visit& visit) {
    if (rule_of(visit.field).kind() != FieldRule::FILE || visit.path == "extends") return;
    if (const std::string named = scenario.file_named_at(visit.path); !named.empty()) add_files(digest, named);
  });
  return digest.value().hex();
}

}  // namespace

std::optional<std::vector<GridPoint>> load_grid(const std::string& file, std::vector<Diagnostic>& diagnostics) {
  LoadResult as_written = load_scenario(file);
  diagnostics = std::move(as_written.diagnostics);
  if (!as_written.scenario) return std::nullopt;
  const std::vector<Values> points = combinations(*as_written.scenario, diagnostics);
  if (has_errors(diagnostics)) return std::nullopt;
  std::vector<GridPoint> grid;
  for (const Values& values : points) {
    LoadResult loaded = values.empty() ? LoadResult{std::move(as_written.scenario), {}}
                                       : load_scenario(file, {.seed = std::nullopt, .values = values});
    for (Diagnostic& diagnostic : loaded.diagnostics) diagnostics.push_back(std::move(diagnostic));
    if (!loaded.scenario) continue;
    std::string digest = digest_of(*loaded.scenario);
    grid.push_back({values, std::move(*loaded.scenario), std::move(digest)});
  }
  sort_diagnostics(diagnostics);
  if (has_errors(diagnostics)) return std::nullopt;
  return grid;
}

}  // namespace rehearse
