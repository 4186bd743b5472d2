// What every lint pass shares: the scenario, look-ups by name, and the diagnostics.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/check_kinds.h"
#include "scenarios/dataset_rows.h"
#include "scenarios/loader.h"

namespace rehearse {

class LintContext {
 public:
  explicit LintContext(const LoadedScenario& loaded) : loaded(loaded), proto(loaded.proto) {}

  const LoadedScenario& loaded;
  const scenario::Scenario& proto;
  std::vector<Diagnostic> diagnostics;

  void error(const std::string& path, std::string message, std::string expected = {}, std::string nearest = {});
  void warning(const std::string& path, std::string message, std::string expected = {}, std::string nearest = {});

  // By name; null if there is none.
  const scenario::Table* table(std::string_view name) const;
  const scenario::Dataset* dataset(std::string_view name) const;
  const scenario::Pipeline* pipeline(std::string_view name) const;
  const scenario::Pipeline* writer_of(std::string_view store) const;
  const scenario::Check* check(std::string_view name) const;
  const scenario::Metric* metric(std::string_view name) const;
  const scenario::Consumer* consumer(std::string_view name) const;  // of the plan, not of the world

  // Whether it is plain what a store holds: it is there, and so are the datasets that its pipeline produces.
  bool knows_store(std::string_view name) const;
  bool captured() const { return proto.source().has_capture(); }
  // The datasets that a store holds; those of all tables for `source`.
  std::vector<std::string> held(std::string_view store) const;
  // A dataset's column; null if it has none of that name. Only for synthetic sources, where columns are known.
  const scenario::Column* column(const scenario::Dataset& dataset, std::string_view name) const;
  std::vector<std::string> column_names(const scenario::Dataset& dataset) const;
  // The tables that it is made from; nothing if there are none of that name.
  std::optional<TablesBeneath> tables_beneath(const scenario::Dataset& dataset) const;
  // Reports a column that none of the datasets has (or, with `all`, that one of them lacks).
  enum class Having { any, all };
  void require_column(const std::string& path, const std::vector<std::string>& datasets, const std::string& column,
                      Having having);
  // The same for the columns of the datasets' tables, as the source has them.
  void require_source_column(const std::string& path, const std::vector<std::string>& datasets,
                             const std::string& column, Having having);
  // Whether the schema drifts so that a column of this name comes to be.
  bool drifts_into(std::string_view column) const;

  // When something recurs, in ns since the start, within the rehearsal; cut after some thousands of cron or daily runs.
  std::vector<std::int64_t> occurrences(const scenario::Recurrence& runs) const;
  // The longest time between two runs (or from the last one to the end); nothing if it never runs.
  std::optional<std::int64_t> longest_gap(const scenario::Recurrence& runs) const;
  // Exactly one of cron, every, at; and it runs at all.
  void check_recurrence(const std::string& path, const scenario::Recurrence& runs);

 private:
  struct Lacking {  // of the columns that something has
    std::string what;
    std::vector<std::string> columns;
    bool has = false;
  };
  void require(const std::string& path, const std::vector<Lacking>& among, const std::string& column, Having having);
  mutable std::deque<scenario::Column> derived_;  // columns of datasets that are not their tables'
  const scenario::Column* table_column(const scenario::Dataset& dataset, std::string_view name) const;
  void add(Diagnostic::Level level, const std::string& path, std::string message, std::string expected,
           std::string nearest);
};

const std::string& store_of(const scenario::Pipeline& pipeline);
std::vector<std::string> datasets_of(const scenario::Pipeline& pipeline);
const google::protobuf::RepeatedPtrField<scenario::ColumnTransform>& mapping_of(const scenario::Pipeline& pipeline);
const google::protobuf::RepeatedPtrField<scenario::OwnRows>& rows_of(const scenario::Pipeline& pipeline);
std::string pipeline_path(const scenario::Pipeline& pipeline);  // pipelines.NAME.batch
std::string check_path(const scenario::Check& check);           // checks.NAME.row_count

template <typename List>
std::vector<std::string> names_of(const List& list) {
  std::vector<std::string> names;
  for (const auto& item : list) names.push_back(item.name());
  return names;
}

// The passes, in the order of the file.
void lint_references(LintContext& context);
void lint_source(LintContext& context);
void lint_pipelines(LintContext& context);
void lint_consumers(LintContext& context);
void lint_rates(LintContext& context);
void lint_checks(LintContext& context);
void lint_timing(LintContext& context);
void lint_migration(LintContext& context);
void lint_world(LintContext& context);
void lint_field_expectations(LintContext& context);

}  // namespace rehearse
