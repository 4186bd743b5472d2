// Tables, workloads, captures and datasets.
#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "scenarios/dataset_rows.h"
#include "scenarios/lint_context.h"
#include "scenarios/schema_rules.h"
#include "scenarios/table_files.h"
#include "scenarios/units.h"

namespace rehearse {
namespace {

using scenario::Column;
using values::ColumnType;

bool is_time(const Column& column) {
  return column.type().base() == ColumnType::TIMESTAMPTZ || column.type().base() == ColumnType::TIMESTAMP;
}

void lint_column(LintContext& context, const std::string& path, const Column& column) {
  if (column.role() != Column::PLAIN && !is_time(column)) {
    context.error(path + ".type",
                  fmt::format("a column with the role `{}` holds a time",
                              Column::Role_Name(column.role()) == "CREATED_AT" ? "created_at" : "updated_at"),
                  "timestamptz or timestamp");
  }
  if (column.key() && column.nullable()) {
    context.error(path + ".nullable", "a key's column is never NULL", "false, or a column that is no key");
  }
  if (column.has_null_share_ppb() && !column.nullable()) {
    context.error(path + ".nulls", "the column is not nullable", "`nullable: true` beside it");
  }
}

void lint_workload(LintContext& context, const std::string& path, const scenario::Table& table) {
  const scenario::Workload& workload = table.workload();
  const std::int64_t sum = workload.mix().insert_ppb() + workload.mix().update_ppb() + workload.mix().delete_ppb();
  if (sum != parts_per_billion) {
    context.error(path + ".mix", fmt::format("the shares add up to {}", format_share(sum)), "100% in all");
  }
  const bool only_old_rows = workload.mix().insert_ppb() == 0;
  if (only_old_rows && table.rows() == 0) context.error(path, "the table is empty and nothing is ever inserted");
  if (workload.mix().delete_ppb() > workload.mix().insert_ppb()) {
    context.warning(path + ".mix", "more rows are deleted than inserted, so the table shrinks");
  }
  if (workload.peak_rate_nano() == 0) context.warning(path + ".peak_rate", "the table never changes");
}

void lint_table(LintContext& context, const scenario::Table& table) {
  const std::string path = "source.tables." + table.name();
  const auto& columns = table.columns();
  for (const Column& column : columns) lint_column(context, path + ".columns." + column.name(), column);
  if (std::none_of(columns.begin(), columns.end(), [](const Column& column) { return column.key(); })) {
    context.error(path + ".columns", "no column is a key", "`key: true` at one column or more");
  }
  for (const Column::Role role : {Column::CREATED_AT, Column::UPDATED_AT}) {
    const auto having =
        std::count_if(columns.begin(), columns.end(), [role](const Column& c) { return c.role() == role; });
    if (having > 1) context.error(path + ".columns", "two columns have the same role", "one column a role");
  }
  if (table.has_workload()) lint_workload(context, path + ".workload", table);
  const auto& datasets = context.proto.datasets();
  const bool used = std::any_of(datasets.begin(), datasets.end(), [&table](const auto& d) {
    return d.of() == table.name() || (d.has_look_up() && d.look_up().in() == table.name());
  });
  if (!used) context.warning(path, "no dataset is made of this table");
}

bool is_file(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error);
}

void lint_table_files(LintContext& context, const std::string& path, const std::string& missing_means) {
  const std::string prefix = context.loaded.file_named_at(path);
  if (prefix.empty()) return;
  const auto& tables = context.proto.source().capture().tables();
  std::vector<std::string> lacking;
  for (const scenario::CapturedTable& table : tables) {
    if (captured_table_file(prefix, table.name()).empty()) lacking.push_back(table.name());
  }
  if (static_cast<int>(lacking.size()) == tables.size()) {
    context.error(path, fmt::format("there is no file {}", shown(prefix + lacking.front() + ".csv")),
                  "the common beginning of the tables' .csv, .csv.gz or .csv.zst files");
  } else if (!lacking.empty()) {
    context.warning(path, fmt::format("there is no file for {}, {}", joined(lacking, ", ", " and "), missing_means));
  }
}

void lint_capture(LintContext& context) {
  const std::string stream = context.loaded.file_named_at("source.capture.stream");
  if (!is_file(stream)) {
    context.error("source.capture.stream", fmt::format("there is no file {}", shown(stream)), "a captured stream");
  }
  lint_table_files(context, "source.capture.initial", "so it is empty before the stream");
  lint_table_files(context, "source.capture.final", "so its end is not compared");
  const auto& ddl = context.proto.source().ddl();
  std::vector<std::string> known;  // by the names that they have at each position
  for (const scenario::CapturedTable& table : context.proto.source().capture().tables()) known.push_back(table.name());
  for (int i = 0; i < ddl.size(); ++i) {
    if (std::find(known.begin(), known.end(), ddl[i].table()) == known.end())
      context.error(fmt::format("source.ddl[{}].table", i),
                    fmt::format("no table is called {} here", shown(ddl[i].table())),
                    one_of(known, "a table of the stream"), nearest_name(ddl[i].table(), known));
    if (ddl[i].what_case() == scenario::Ddl::kRenameTable) known.push_back(ddl[i].rename_table());
  }
  for (int i = 1; i < ddl.size(); ++i) {
    if (ddl[i].at_lsn() < ddl[i - 1].at_lsn()) {
      context.error(fmt::format("source.ddl[{}].at_lsn", i), "the positions go back", "the order of the stream");
    }
  }
}

// A repetition starts where the stream ended: with the last schema, and with positions that have been passed.
void lint_repeat(LintContext& context) {
  if (context.proto.source().capture().repeat() <= 1) return;
  const std::string path = "source.capture.repeat";
  if (!context.proto.source().ddl().empty())
    context.error(path, "a stream whose schema changes cannot be replayed on top of itself", "1, or no `ddl`");
  for (const scenario::Pipeline& pipeline : context.proto.pipelines()) {
    const auto& extract = pipeline.batch().extract();
    if (extract.has_visible() || extract.has_up_to_lsn())
      context.error(path,
                    fmt::format("pipeline `{}` extracts at a recorded position, which each repetition passes again",
                                pipeline.name()),
                    "1, or another extract");
  }
}

void lint_dataset(LintContext& context, const scenario::Dataset& dataset) {
  const std::string path = "datasets." + dataset.name();
  const bool own = has_rows_of_its_own(dataset);
  for (const scenario::Dataset& other : context.proto.datasets()) {
    if (&other == &dataset) break;
    if (other.of() != dataset.of() || other.of().empty() || own || has_rows_of_its_own(other)) continue;
    context.error(path + ".of", fmt::format("dataset `{}` is made of table `{}` already", other.name(), dataset.of()),
                  "a table of its own");
  }
  const std::vector<std::string> captured = names_of(context.proto.source().capture().tables());
  const bool table_so_named = context.table(dataset.name()) != nullptr ||
                              std::find(captured.begin(), captured.end(), dataset.name()) != captured.end();
  if (own && table_so_named)
    context.error(path,
                  fmt::format("a table is called {} too, and the dataset has rows of its own", shown(dataset.name())),
                  "a name of its own");
  const scenario::Table* table = context.table(dataset.of());
  if (table == nullptr) return;
  const TablesBeneath tables = *context.tables_beneath(dataset);
  const auto report = [&](const std::vector<ColumnProblem>& problems) {
    for (const ColumnProblem& problem : problems)
      context.error(path + "." + problem.path, problem.message, problem.expected, problem.nearest);
  };
  report(column_problems(dataset, schema_beneath(dataset, tables), context.captured()));
  report(row_problems(dataset, tables, context.captured()));
  constexpr std::int64_t rows_max = std::int64_t{1} << 31;
  if (dataset.has_each() && table->rows() > rows_max / dataset.each().up_to())
    context.error(path + ".each.up_to", "the dataset would have room for more than 2^31 rows at the start",
                  "fewer rows for one, or a smaller table");
  report(snapshot_problems(dataset, context.proto.duration_ns(), table->rows()));
}

// A source numbers its tables with four bits; datasets with rows of their own, and pipelines with rules of their own,
// take one each.
void lint_number_of_tables(LintContext& context) {
  int tables = context.proto.source().tables().size() + context.proto.source().capture().tables().size();
  for (const scenario::Dataset& dataset : context.proto.datasets()) tables += has_rows_of_its_own(dataset);
  for (const scenario::Pipeline& pipeline : context.proto.pipelines()) tables += rows_of(pipeline).size();
  if (tables > max_tables)
    context.error("datasets",
                  fmt::format("tables, datasets with `where` or `each`, and pipelines' `rows` are {} together", tables),
                  fmt::format("at most {}", max_tables));
}

}  // namespace

void lint_source(LintContext& context) {
  const scenario::Source& source = context.proto.source();
  if (source.has_capture() == !source.tables().empty()) {
    const bool both = source.has_capture();
    context.error("source", both ? "a source is either captured or synthetic" : "the source has no tables",
                  "either `tables` or `capture`");
    return;
  }
  for (const scenario::Table& table : source.tables()) lint_table(context, table);
  if (source.has_capture()) lint_capture(context);
  if (source.has_capture()) lint_repeat(context);
  if (!source.has_capture() && !source.ddl().empty()) {
    context.error("source.ddl", "only a captured source has positions",
                  "a `schema_drift` fault, for a synthetic source");
  }
  if (!source.has_capture() && !context.proto.has_start_unix_ns()) {
    context.error("start", "`start` is missing", "a date and time such as 2026-03-02T00:00:00Z");
  }
  for (const scenario::Dataset& dataset : context.proto.datasets()) lint_dataset(context, dataset);
  lint_number_of_tables(context);
}

}  // namespace rehearse
