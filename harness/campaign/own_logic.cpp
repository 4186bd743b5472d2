#include "harness/campaign/own_logic.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/campaign/assembler.h"
#include "scenarios/dataset_rows.h"
#include "scenarios/lint_own.h"
#include "sim/source/captured.h"

namespace rehearse {
namespace {

enum class OwnFile { sql, program, library };

// Each(path, what it is, the field that names it) for every file of own logic that the scenario names.
template <class Each>
void for_each_own_file(scenario::Scenario& s, Each each) {
  const auto program_or_library = [&](const std::string& path, auto& rule) {
    if (rule.has_command()) each(path + ".command", OwnFile::program, *rule.mutable_command()->mutable_run(0));
    if (rule.has_library()) each(path + ".library.file", OwnFile::library, *rule.mutable_library()->mutable_file());
  };
  for (scenario::Check& check : *s.mutable_checks()) {
    const std::string path = check_path(check);
    if (check.has_sql()) each(path + ".file", OwnFile::sql, *check.mutable_sql()->mutable_file());
    if (check.has_command()) each(path, OwnFile::program, *check.mutable_command()->mutable_command()->mutable_run(0));
    if (check.has_library())
      each(path + ".file", OwnFile::library, *check.mutable_library()->mutable_library()->mutable_file());
  }
  for (int i = 0; i < s.repair_size(); ++i) program_or_library(fmt::format("repair[{}]", i), *s.mutable_repair(i));
  if (!s.migration().has_decide()) return;
  scenario::Decide& decide = *s.mutable_migration()->mutable_decide();
  if (decide.library().empty()) each("migration.decide", OwnFile::program, *decide.mutable_run(0));
  else each("migration.decide.library", OwnFile::library, *decide.mutable_library());
}

// The side's tables as they are in the capture before its first change.
DeclaredSide captured_side(const LoadedScenario& loaded, const CapturedStream& stream, const std::string& store,
                           const scenario::Comparison& comparison) {
  DeclaredSide side{store, {}};
  for (const scenario::Dataset& dataset : loaded.proto.datasets()) {
    const auto& wanted = comparison.datasets();
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), dataset.name()) == wanted.end()) continue;
    bool held = store == "source";
    for (const scenario::Pipeline& pipeline : loaded.proto.pipelines()) {
      if (store_of(pipeline) != store) continue;
      const std::vector<std::string> produced = datasets_of(pipeline);
      held = held || std::find(produced.begin(), produced.end(), dataset.name()) != produced.end();
    }
    const auto beneath = captured_beneath(dataset, stream, loaded.proto.source().capture().schema());
    if (!held || !beneath) continue;
    std::vector<SqlColumn> columns;
    const TableSchema schema = schema_beneath(dataset, *beneath);
    if (store == "source")
      for (const VersionColumn& column : schema.versions.front().columns)
        columns.push_back({column.name, column.type, schema.columns[column.id].role == ColumnRole::key});
    else
      for (const scenario::ColumnTransform& column : columns_of(dataset, schema))
        if (const auto made = made_column(column, schema, true))
          columns.push_back({column.name(), made->type, schema.columns[made->from].role == ColumnRole::key});
    side.tables.emplace_back(store == "source" ? schema.name : dataset.name(), std::move(columns));
  }
  return side;
}

// Columns that a declared change of the schema brings are not there before it.
bool may_come(const LoadedScenario& loaded, const std::string& message) {
  return std::any_of(
      loaded.proto.source().ddl().begin(), loaded.proto.source().ddl().end(), [&](const scenario::Ddl& ddl) {
        const std::string& added = ddl.change().add().column();
        const std::string& renamed = ddl.change().rename().to();
        return (!added.empty() && message.ends_with(added)) || (!renamed.empty() && message.ends_with(renamed));
      });
}

}  // namespace

OwnFiles find_own_files(const LoadedScenario& loaded) {
  OwnFiles files;
  scenario::Scenario scenario = loaded.proto;
  for_each_own_file(scenario, [&](const std::string& path, OwnFile what, const std::string& named) {
    files[path] = what == OwnFile::sql       ? loaded.file_named_at(path)
                  : what == OwnFile::program ? program_of(loaded, path, named)
                                             : library_of(loaded, path);
  });
  return files;
}

scenario::Scenario with_files_found(scenario::Scenario scenario, const OwnFiles& files) {
  for_each_own_file(scenario, [&](const std::string& path, OwnFile, std::string& named) {
    if (const auto found = files.find(path); found != files.end()) named = found->second;
  });
  return scenario;
}

bool check_captured_sql(const LoadedScenario& loaded, const CapturedStream& stream,
                        std::vector<Diagnostic>& diagnostics) {
  bool sound = true;
  for (const scenario::Check& check : loaded.proto.checks()) {
    if (!check.has_sql()) continue;
    const std::string path = check_path(check) + ".file";
    std::vector<std::string> stores(check.sql().comparison().between().begin(),
                                    check.sql().comparison().between().end());
    stores.insert(stores.end(), check.sql().also().begin(), check.sql().also().end());
    std::vector<DeclaredSide> sides;
    for (const std::string& store : stores)
      sides.push_back(captured_side(loaded, stream, store, check.sql().comparison()));
    const auto mistake = sql_mistake(check.sql(), loaded.file_named_at(path), sides);
    if (!mistake || may_come(loaded, mistake->problem.message)) continue;
    sound = false;
    const Place place = mistake->file.empty() ? loaded.place(path)
                                              : Place{mistake->file, mistake->problem.line, mistake->problem.column};
    diagnostics.push_back(
        {Diagnostic::Level::error, place.file, place.line, place.column, path, mistake->problem.message, {}, {}});
  }
  return sound;
}

}  // namespace rehearse
