#include "scenarios/lint_own.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "scenarios/dataset_rows.h"
#include "scenarios/own_library_file.h"
#include "scenarios/schema_rules.h"
#include "scenarios/sql/answer.h"
#include "scenarios/sql/functions.h"
#include "scenarios/sql/script.h"
#include "scenarios/sql/sides.h"
#include "scenarios/units.h"

namespace rehearse {
namespace {

constexpr const char* own_parameters[] = {"since", "until", "now"};

// A dataset's columns as a store has them, or those that they are made of as the source has them.
std::vector<SqlColumn> columns_of(const LintContext& context, const scenario::Dataset& dataset,
                                  const std::string& store) {
  std::vector<SqlColumn> columns;
  const scenario::Table* table = context.table(dataset.of());
  if (table == nullptr) return columns;
  const auto add = [&](const scenario::Column& column) {
    columns.push_back({column.name(), column.type().text(), column.key()});
  };
  if (store == "source") {
    const TableSchema beneath = schema_beneath(dataset, *context.tables_beneath(dataset));
    for (const VersionColumn& column : beneath.versions.front().columns)
      columns.push_back({column.name, column.type, beneath.columns[column.id].role == ColumnRole::key});
  } else {
    for (const std::string& name : context.column_names(dataset))
      if (const scenario::Column* column = context.column(dataset, name)) add(*column);
  }
  return columns;
}

DeclaredSide declared_side(const LintContext& context, const std::string& store,
                           const std::vector<std::string>& datasets) {
  DeclaredSide side{store, {}};
  const std::vector<std::string> held = context.held(store);
  for (const std::string& name : datasets) {
    const scenario::Dataset* dataset = context.dataset(name);
    if (dataset == nullptr || std::find(held.begin(), held.end(), name) == held.end()) continue;
    side.tables.emplace_back(store == "source" ? name_at_source(*dataset) : name, columns_of(context, *dataset, store));
  }
  return side;
}

// A column that the schema only comes to have in the rehearsal cannot be there before it.
bool may_come(const LintContext& context, const std::string& message) {
  const std::string head = "no such column: ";
  if (message.rfind(head, 0) != 0) return false;
  const std::size_t dot = message.rfind('.');
  return context.drifts_into(message.substr(dot == std::string::npos ? head.size() : dot + 1));
}

std::string executable_problem(const std::string& program) {
  std::error_code error;
  if (program.find('/') != std::string::npos) {
    if (!std::filesystem::is_regular_file(program, error)) return "there is no file " + shown(program);
    return ::access(program.c_str(), X_OK) == 0 ? "" : shown(program) + " may not be executed";
  }
  const char* path = std::getenv("PATH");
  const std::string folders = path != nullptr ? path : "/usr/bin:/bin";
  for (std::size_t begin = 0; begin <= folders.size();) {
    const std::size_t end = std::min(folders.find(':', begin), folders.size());
    if (::access((folders.substr(begin, end - begin) + "/" + program).c_str(), X_OK) == 0) return {};
    begin = end + 1;
  }
  return "PATH finds no program " + shown(program);
}

SqlMistake about_file(std::string message) {
  SqlMistake mistake;
  mistake.problem.message = std::move(message);
  return mistake;
}

}  // namespace

std::optional<SqlMistake> sql_mistake(const scenario::SqlCheck& check, const std::string& file,
                                      const std::vector<DeclaredSide>& sides) {
  const auto text = read_sql(file);
  if (!text) return about_file(fmt::format("there is no file {} of at most 1 MiB", shown(file)));
  SqlDatabase database;
  std::vector<NamedSide> named;
  for (std::size_t i = 0; i < sides.size(); ++i) {
    const bool renamed = i < 2 && check.called_size() == 2;
    named.push_back({renamed ? check.called(static_cast<int>(i)) : sides[i].store, {}});
    for (const auto& [name, columns] : sides[i].tables)
      named.back().tables.emplace_back(name, std::make_shared<EmptySqlTable>(columns));
  }
  if (auto names = add_sides(database, named)) return about_file(std::move(*names));
  std::vector<AnswerDataset> datasets;
  for (const auto& [name, columns] : sides[1].tables) {
    datasets.push_back({name, {}});
    for (const SqlColumn& column : columns)
      if (column.key) datasets.back().key.push_back(column.name);
  }
  SqlRequest request;
  request.text = *text;
  for (const char* name : own_parameters) request.parameters.emplace_back(name, Field::of(std::string("2000-01-01")));
  for (const scenario::Parameter& parameter : check.parameters())
    request.parameters.emplace_back(parameter.name(), Field::of(parameter.value()));
  SqlListener listener;
  listener.statement = [&](const SqlStatement& statement) -> std::optional<std::string> {
    const auto shape = answer_shape(statement.columns, datasets);
    if (const auto* why = std::get_if<std::string>(&shape)) return *why;
    return std::nullopt;
  };
  if (auto problem = database.look(request, listener)) return SqlMistake{file, std::move(*problem)};
  return std::nullopt;
}

std::string program_of(const LoadedScenario& loaded, const std::string& path, const std::string& program) {
  if (program.find('/') == std::string::npos) return program;
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::path(loaded.place(path + ".run[0]").file).parent_path();
  return std::filesystem::absolute(folder / program, error).lexically_normal().string();
}

std::string library_of(const LoadedScenario& loaded, const std::string& path) {
  std::error_code error;
  return std::filesystem::absolute(loaded.file_named_at(path), error).lexically_normal().string();
}

void lint_parameters(LintContext& context, const std::string& path,
                     const google::protobuf::RepeatedPtrField<scenario::Parameter>& parameters) {
  for (const scenario::Parameter& parameter : parameters)
    for (const char* name : own_parameters)
      if (parameter.name() == name)
        context.error(fmt::format("{}.parameters.{}", path, name), fmt::format("`{}` is given already", name),
                      "another name");
}

void lint_command(LintContext& context, const std::string& path,
                  const google::protobuf::RepeatedPtrField<std::string>& run) {
  if (run.empty()) return;  // reported already
  const std::string problem = executable_problem(program_of(context.loaded, path, run[0]));
  if (!problem.empty())
    context.error(path + ".run[0]", problem, "a program, by its path from the scenario's file or by a name in PATH");
}

void lint_library(LintContext& context, const std::string& path, const std::string& kind) {
  if (context.loaded.file_named_at(path).empty()) return;  // reported already
  const std::string problem = library_problem(library_of(context.loaded, path), kind);
  if (!problem.empty()) context.error(path, problem, "a shared library with a " + kind + ", see docs/own-logic.md");
}

void lint_decide(LintContext& context, const scenario::Decide& decide) {
  const std::string path = "migration.decide";
  context.check_recurrence(path, decide.runs());
  const bool program = decide.run_size() > 0, library = !decide.library().empty();
  if (program == library)
    return context.error(path, program ? "it has both `run` and `library`" : "it has neither `run` nor `library`",
                         "one of them");
  if (program && decide.parameters_size() > 0)
    context.error(path + ".parameters", "a program is given its parameters as arguments", "`run` with arguments");
  if (program) lint_command(context, path, decide.run());
  else lint_library(context, path + ".library", "decision");
}

void lint_sql(LintContext& context, const std::string& path, const scenario::SqlCheck& check,
              const std::vector<std::string>& datasets) {
  lint_parameters(context, path, check.parameters());
  const scenario::Comparison& comparison = check.comparison();
  for (int i = 0; i < check.also_size(); ++i)
    if (check.also(i) == comparison.between(0) || check.also(i) == comparison.between(1))
      context.error(fmt::format("{}.also[{}]", path, i), fmt::format("`{}` is one of the two sides", check.also(i)),
                    "another store");
  if (context.captured()) return;  // its columns are known when it is read
  for (const std::string& name : datasets)
    if (context.table(context.dataset(name)->of()) == nullptr) return;  // reported already
  std::vector<DeclaredSide> sides{declared_side(context, comparison.between(0), datasets),
                                  declared_side(context, comparison.between(1), datasets)};
  for (const std::string& store : check.also()) sides.push_back(declared_side(context, store, datasets));
  const auto mistake = sql_mistake(check, context.loaded.file_named_at(path + ".file"), sides);
  if (!mistake || may_come(context, mistake->problem.message)) return;
  if (mistake->file.empty()) return context.error(path + ".file", mistake->problem.message);
  const SqlProblem& problem = mistake->problem;
  Diagnostic& diagnostic = context.diagnostics.emplace_back();
  diagnostic.file = mistake->file;
  diagnostic.line = problem.line;
  diagnostic.column = problem.column;
  diagnostic.path = path + ".file";
  diagnostic.message = problem.message;
  if (!problem.function.empty()) diagnostic.nearest = nearest_name(problem.function, sql_functions());
}

}  // namespace rehearse
