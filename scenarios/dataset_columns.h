// A dataset's columns over its table's: which they are, in what form they hold values, and what cannot be made.
//
// For synthetic tables the linter asks, for captured ones whoever has read the capture: only then are columns known.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenarios/schema/common.pb.h"
#include "scenarios/schema/scenario.pb.h"
#include "sim/rows/schema.h"

namespace rehearse {

// A synthetic table's columns as they are declared, under their first version.
TableSchema declared_schema(const scenario::Table& table);

using ColumnTransforms = google::protobuf::RepeatedPtrField<scenario::ColumnTransform>;

// A dataset's columns: as it declares them, or each of the table's as it is.
ColumnTransforms columns_of(const scenario::Dataset& dataset, const TableSchema& schema);
// The name of the source column that a column is made of.
const std::string& source_of(const scenario::ColumnTransform& column);
// Whether it is the source's column as it is, under the same name.
bool as_it_is(const scenario::ColumnTransform& column);

// What a column that is made in this way holds; nothing if there is no such source column.
struct MadeColumn {
  ColumnId from = 0;
  std::string type;
  std::optional<ValueForm> cast;
  ValueForm form;  // of the result
};
std::optional<MadeColumn> made_column(const scenario::ColumnTransform& column, const TableSchema& schema,
                                      bool captured);
// The default as a number, or a time in nanoseconds since 1970; nothing if it is none of the form's type.
std::optional<std::int64_t> default_number(const std::string& text, const ValueForm& form);

struct ColumnProblem {
  std::string path;  // below the dataset or pipeline
  std::string message, expected, nearest;
  enum class Weight { error, warning } weight = Weight::error;
};
std::vector<ColumnProblem> column_problems(const scenario::Dataset& dataset, const TableSchema& schema, bool captured);
// Of a pipeline's mapping of one of the dataset's columns.
std::vector<ColumnProblem> mapping_problems(const scenario::ColumnTransform& mapping, const scenario::Dataset& dataset,
                                            const TableSchema& schema, bool captured);

}  // namespace rehearse
