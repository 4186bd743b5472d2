// A dataset's rows over its table's: which they are, and what cannot be said of them.
//
// A dataset with conditions, with several rows for one, or with look-ups has rows of its own, and so has one of
// changes, groups or snapshots: the source derives them as a table (sim/source/row_rule.h) that is named after the
// dataset.
#pragma once

#include <string>
#include <vector>

#include "scenarios/dataset_columns.h"
#include "scenarios/schema/pipelines.pb.h"
#include "sim/rows/condition.h"

namespace rehearse {

bool has_rows_of_its_own(const scenario::Dataset& dataset);
// The source's table that it is made from: its own, as a view, or the one that it is of.
const std::string& name_at_source(const scenario::Dataset& dataset);
// The most rows that it has for one of its table's.
RowId rows_for_one(const scenario::Dataset& dataset);

// The source's tables that a dataset is made from.
struct TablesBeneath {
  TableSchema table;
  TableId id = 0;
  std::optional<TableSchema> other{};  // that it looks up in
  TableId other_id = 0;
  bool captured = false;
};
// The schema that a dataset's columns are made from: its table's, or that of the table derived for it. What it looks up
// and cannot find is left out.
TableSchema schema_beneath(const scenario::Dataset& dataset, const TablesBeneath& tables);

using RowConditions = google::protobuf::RepeatedPtrField<scenario::Condition>;
// Of conditions without problems.
std::vector<Condition> conditions_of(const RowConditions& where, const TableSchema& table, bool captured);

std::vector<ColumnProblem> row_problems(const scenario::Dataset& dataset, const TablesBeneath& tables, bool captured);
// How much the dataset's snapshots come to, if the table stays as large as it is at the start.
std::vector<ColumnProblem> snapshot_problems(const scenario::Dataset& dataset, std::int64_t duration_ns,
                                             std::int64_t rows);
// Of what a pipeline does otherwise with a dataset that it produces.
std::vector<ColumnProblem> own_row_problems(const scenario::OwnRows& own, const scenario::Dataset& dataset,
                                            const TableSchema& table, bool captured);

}  // namespace rehearse
