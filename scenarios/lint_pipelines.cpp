// Pipelines and consumers.
#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "scenarios/dataset_rows.h"
#include "scenarios/lint_context.h"
#include "scenarios/schema_rules.h"
#include "scenarios/units.h"

namespace rehearse {
namespace {

// What orders rows as they come: the times that the database sets, and keys that are numbered. Of a captured table
// every job reads forward by the same column.
void lint_cursor(LintContext& context, const std::string& path, const scenario::Pipeline& pipeline) {
  const std::string& cursor = pipeline.batch().extract().incremental().cursor();
  std::set<std::string> tables;
  for (const std::string& name : datasets_of(pipeline))
    if (const scenario::Dataset* dataset = context.dataset(name)) tables.insert(dataset->of());
  for (const scenario::Table& table : context.proto.source().tables())
    for (const scenario::Column& column : table.columns()) {
      if (!tables.contains(table.name()) || column.name() != cursor || column.key()) continue;
      if (column.role() == scenario::Column::PLAIN)
        context.error(path, fmt::format("a synthetic `{}` says nothing about when its row came", cursor),
                      "the key, or a column with the role `created_at` or `updated_at`");
    }
  if (!context.captured()) return;
  for (const scenario::Pipeline& other : context.proto.pipelines()) {
    if (&other == &pipeline) return;  // those before it
    if (!other.has_batch() || !other.batch().extract().has_incremental()) continue;
    for (const std::string& name : datasets_of(other)) {
      const scenario::Dataset* dataset = context.dataset(name);
      if (dataset && tables.contains(dataset->of()) && other.batch().extract().incremental().cursor() != cursor)
        context.error(path, fmt::format("`{}` reads {} forward by another column", other.name(), dataset->of()),
                      "`" + other.batch().extract().incremental().cursor() + "`");
    }
  }
}

void lint_extract(LintContext& context, const std::string& path, const scenario::Pipeline& pipeline) {
  const scenario::Batch& batch = pipeline.batch();
  const scenario::Extract& extract = batch.extract();
  if (extract.has_incremental()) {
    context.require_source_column(path + ".extract.incremental.cursor", datasets_of(pipeline),
                                  extract.incremental().cursor(), LintContext::Having::all);
    lint_cursor(context, path + ".extract.incremental.cursor", pipeline);
    if (batch.load() == scenario::Batch::REPLACE) {
      context.warning(path + ".load", "an incremental extract replaces the whole store by what is new", "merge");
    }
  }
  if (!context.captured() && (extract.has_visible() || extract.has_up_to_lsn())) {
    const char* how = extract.has_visible() ? "visible" : "up_to_lsn";
    context.error(fmt::format("{}.extract.{}", path, how), "only a captured source has recorded transactions",
                  "snapshot or incremental");
  }
  if (!extract.has_visible() && !extract.has_up_to_lsn()) return;
  for (const std::string& name : datasets_of(pipeline)) {
    const scenario::Dataset* dataset = context.dataset(name);
    if (dataset != nullptr && has_rows_of_its_own(*dataset))
      context.error(path + ".extract",
                    fmt::format("dataset `{}` has rows of its own, which no recorded position shows", name),
                    "snapshot or incremental");
  }
}

void lint_batch(LintContext& context, const scenario::Pipeline& pipeline) {
  for (const std::string& name : datasets_of(pipeline)) {
    const scenario::Dataset* dataset = context.dataset(name);
    if (dataset != nullptr && dataset->kind() == scenario::Dataset::SNAPSHOT &&
        pipeline.batch().extract().has_incremental())
      context.error(pipeline_path(pipeline) + ".extract",
                    fmt::format("dataset `{}` is of snapshots, whose rows never change", name), "snapshot");
    if (dataset != nullptr && dataset->kind() == scenario::Dataset::CHANGE_LOG)
      context.error(pipeline_path(pipeline) + ".produces",
                    fmt::format("dataset `{}` is of changes, of which a batch job sees the last of each row", name),
                    "datasets of the current state");
  }
  const scenario::Batch& batch = pipeline.batch();
  const std::string path = pipeline_path(pipeline);
  context.check_recurrence(path, batch.runs());
  lint_extract(context, path, pipeline);
}

// Whether what a dataset's rows show ever changes after they came to be.
bool rows_change(const LintContext& context, const scenario::Dataset& dataset) {
  const auto changes = [&](const std::string& name, auto&& how) {
    const scenario::Table* table = context.table(name);
    return table != nullptr && table->workload().peak_rate_nano() > 0 && how(table->workload().mix());
  };
  const auto ever = [](const scenario::Mix&) { return true; };
  const auto of_old_rows = [](const scenario::Mix& mix) { return mix.insert_ppb() < parts_per_billion; };
  if (dataset.kind() == scenario::Dataset::CHANGE_LOG || dataset.kind() == scenario::Dataset::SNAPSHOT) return false;
  if (dataset.kind() == scenario::Dataset::AGGREGATE) return changes(dataset.of(), ever);
  return changes(dataset.of(), of_old_rows) || (dataset.has_look_up() && changes(dataset.look_up().in(), ever));
}

void lint_append(LintContext& context, const scenario::Pipeline& pipeline) {
  if (pipeline.stream().sink().write() != scenario::Sink::APPEND) return;
  for (const std::string& name : datasets_of(pipeline)) {
    const scenario::Dataset* dataset = context.dataset(name);
    if (dataset == nullptr || !rows_change(context, *dataset)) continue;
    context.warning(pipeline_path(pipeline) + ".sink.write",
                    fmt::format("the rows of dataset `{}` change, and each change is appended as one more row", name),
                    "`upsert`, or a dataset of kind `change_log`");
  }
}

// A column is made otherwise in each dataset that has it.
void lint_mapping(LintContext& context, const scenario::Pipeline& pipeline, const scenario::ColumnTransform& mapping) {
  const std::vector<std::string> datasets = datasets_of(pipeline);
  const std::string path = pipeline_path(pipeline);
  context.require_column(path + ".mapping." + mapping.name(), datasets, mapping.name(), LintContext::Having::any);
  for (const std::string& name : datasets) {
    const scenario::Dataset* dataset = context.dataset(name);
    const scenario::Table* table = dataset != nullptr ? context.table(dataset->of()) : nullptr;
    if (table == nullptr) continue;
    for (const ColumnProblem& problem :
         mapping_problems(mapping, *dataset, schema_beneath(*dataset, *context.tables_beneath(*dataset)), false)) {
      const bool error = problem.weight == ColumnProblem::Weight::error;
      if (error) context.error(path + "." + problem.path, problem.message, problem.expected, problem.nearest);
      else context.warning(path + "." + problem.path, problem.message, problem.expected);
    }
  }
}

void lint_rows(LintContext& context, const scenario::Pipeline& pipeline, const scenario::OwnRows& own) {
  const std::vector<std::string> datasets = datasets_of(pipeline);
  const std::string path = pipeline_path(pipeline);
  const scenario::Dataset* dataset = context.dataset(own.dataset());
  if (dataset == nullptr) return;
  if (std::find(datasets.begin(), datasets.end(), own.dataset()) == datasets.end())
    return context.error(path + ".rows." + own.dataset(),
                         fmt::format("the pipeline does not produce {}", shown(own.dataset())),
                         one_of(datasets, "a dataset that it produces"), nearest_name(own.dataset(), datasets));
  if (own.late_by_ns() > 0 && !pipeline.has_batch())
    context.error(path + ".rows." + own.dataset() + ".late_by", "a stream cuts where the log says", "a batch pipeline");
  const scenario::Table* table = context.table(dataset->of());
  if (table == nullptr) return;
  for (const ColumnProblem& problem : own_row_problems(own, *dataset, declared_schema(*table), false)) {
    const bool error = problem.weight == ColumnProblem::Weight::error;
    if (error) context.error(path + "." + problem.path, problem.message, problem.expected, problem.nearest);
    else context.warning(path + "." + problem.path, problem.message, problem.expected);
  }
}

void lint_pipeline(LintContext& context, const scenario::Pipeline& pipeline) {
  const std::vector<std::string> datasets = datasets_of(pipeline);
  std::set<std::string> seen;
  for (std::size_t i = 0; i < datasets.size(); ++i) {
    if (seen.insert(datasets[i]).second) continue;
    context.error(fmt::format("{}.produces[{}]", pipeline_path(pipeline), i),
                  fmt::format("{} is there twice", shown(datasets[i])), "each dataset once");
  }
  for (const scenario::ColumnTransform& mapping : mapping_of(pipeline)) lint_mapping(context, pipeline, mapping);
  for (const scenario::OwnRows& own : rows_of(pipeline)) lint_rows(context, pipeline, own);
  if (pipeline.has_batch()) lint_batch(context, pipeline);
  else lint_append(context, pipeline);
}

std::vector<std::string> producers_of(const LintContext& context, const std::string& dataset) {
  std::vector<std::string> producers;
  for (const scenario::Pipeline& pipeline : context.proto.pipelines()) {
    const std::vector<std::string> datasets = datasets_of(pipeline);
    if (std::find(datasets.begin(), datasets.end(), dataset) != datasets.end()) producers.push_back(pipeline.name());
  }
  return producers;
}

void lint_consumer(LintContext& context, const std::string& path, const scenario::Consumer& consumer) {
  context.check_recurrence(path, consumer.runs());
  const bool of_dataset = context.dataset(consumer.reads()) != nullptr;
  if (of_dataset && producers_of(context, consumer.reads()).empty()) {
    context.error(path + ".reads", fmt::format("no pipeline produces {}", shown(consumer.reads())),
                  "a dataset that a pipeline produces");
  }
  if (consumer.fallback().empty() || !context.knows_store(consumer.fallback())) return;
  const std::vector<std::string> held = context.held(consumer.fallback());
  if (of_dataset && std::find(held.begin(), held.end(), consumer.reads()) == held.end()) {
    context.error(path + ".fallback",
                  fmt::format("store `{}` does not hold dataset `{}`", consumer.fallback(), consumer.reads()),
                  "a store that holds it");
  }
}

}  // namespace

void lint_pipelines(LintContext& context) {
  for (const scenario::Pipeline& pipeline : context.proto.pipelines()) lint_pipeline(context, pipeline);
  for (const scenario::Dataset& dataset : context.proto.datasets()) {
    if (producers_of(context, dataset.name()).empty()) {
      context.warning("datasets." + dataset.name(), "no pipeline produces this dataset");
    }
  }
  for (const scenario::Consumer& consumer : context.proto.consumers()) {
    lint_consumer(context, "consumers." + consumer.name(), consumer);
  }
  for (const scenario::Consumer& consumer : context.proto.world().consumers()) {
    lint_consumer(context, "world.consumers." + consumer.name(), consumer);
  }
}

}  // namespace rehearse
