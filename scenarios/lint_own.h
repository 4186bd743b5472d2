// The user's own logic before it is run: SQL that can be prepared over the tables there are, programs that can be
// started, libraries that have what is asked of them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "scenarios/lint_context.h"
#include "scenarios/sql/database.h"
#include "scenarios/sql/table.h"

namespace rehearse {

// The tables of one side, by name, as they are declared.
struct DeclaredSide {
  std::string store;
  std::vector<std::pair<std::string, std::vector<SqlColumn>>> tables;
};

// What is wrong with a check's SQL whatever the rows are. Sides: the two that it compares, then those of `also`.
struct SqlMistake {
  std::string file;  // as it can be opened; empty: it is the names that are wrong
  SqlProblem problem;
};
std::optional<SqlMistake> sql_mistake(const scenario::SqlCheck& check, const std::string& file,
                                      const std::vector<DeclaredSide>& sides);

// A program's path as it can be started: relative to the scenario's file if there is a slash in it.
std::string program_of(const LoadedScenario& loaded, const std::string& path, const std::string& program);
// The library that the field at this path names, as it can be loaded from anywhere.
std::string library_of(const LoadedScenario& loaded, const std::string& path);

void lint_sql(LintContext& context, const std::string& path, const scenario::SqlCheck& check,
              const std::vector<std::string>& datasets);
// `run`: the command line at path.run.
void lint_command(LintContext& context, const std::string& path,
                  const google::protobuf::RepeatedPtrField<std::string>& run);
// The library that the field at this path names; kind: check, repair or decision.
void lint_library(LintContext& context, const std::string& path, const std::string& kind);
void lint_decide(LintContext& context, const scenario::Decide& decide);
void lint_parameters(LintContext& context, const std::string& path,
                     const google::protobuf::RepeatedPtrField<scenario::Parameter>& parameters);

}  // namespace rehearse
