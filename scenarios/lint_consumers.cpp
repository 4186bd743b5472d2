// What can be known beforehand of consumers, the plan's and the world's.
#include <fmt/core.h>

#include <algorithm>

#include "scenarios/lint_context.h"
#include "scenarios/needs.h"

namespace rehearse {
namespace {

void lint_assumes(LintContext& context, const scenario::Consumer& consumer, const std::string& path) {
  if (consumer.assumes().empty()) return;
  const ReaderNeeds needs = needs_of(consumer);
  std::string instead = needs.unique ? "unique: true" : "";
  if (needs.complete) instead += instead.empty() ? "complete: true" : ", complete: true";
  context.warning(path + ".assumes", "`assumes` has moved to `needs`",
                  instead.empty() ? "nothing: each reader needs what the store's pipeline promises"
                                  : fmt::format("`needs: {{{}}}`", instead));
}

// A column of a dataset whose values are the times of the source's commits, as far as they are known.
bool tells_commits(const LintContext& context, const scenario::Dataset& dataset, const std::string& name) {
  if (dataset.kind() != scenario::Dataset::CURRENT_STATE) return false;
  const auto& looked_up = dataset.look_up().columns();
  if (std::any_of(looked_up.begin(), looked_up.end(), [&](const auto& c) { return c.name() == name; })) return false;
  if (context.captured()) return name == "updated_at";
  const scenario::Column* column = context.column(dataset, name);
  return column != nullptr && column->role() != scenario::Column::PLAIN;
}

void lint_sorted(LintContext& context, const scenario::Consumer& consumer, const std::string& path) {
  const std::string& name = consumer.needs().sorted();
  if (name.empty()) return;
  const std::string field = path + ".needs.sorted";
  const bool reads_dataset = context.dataset(consumer.reads()) != nullptr;
  const std::vector<std::string> read =
      reads_dataset ? std::vector<std::string>{consumer.reads()} : context.held(consumer.reads());
  context.require_column(field, read, name, LintContext::Having::any);
  if (read.empty() || std::any_of(context.diagnostics.begin(), context.diagnostics.end(),
                                  [&](const Diagnostic& said) { return said.path == field; }))
    return;
  // Of several datasets in a store a consumer reads the first.
  const scenario::Dataset* dataset = context.dataset(read.front());
  if (dataset == nullptr || tells_commits(context, *dataset, name)) return;
  std::string expected;
  if (context.captured()) expected = "`updated_at`";
  else
    for (const std::string& other : context.column_names(*dataset))
      if (tells_commits(context, *dataset, other)) expected += (expected.empty() ? "`" : " or `") + other + "`";
  context.error(
      field, fmt::format("`{}` of `{}` does not tell when the source's rows were written", name, read.front()),
      expected.empty() ? "a column with the role `created_at` or `updated_at`, and the dataset has none" : expected);
}

}  // namespace

void lint_consumers(LintContext& context) {
  const auto lint = [&](const scenario::Consumer& consumer, const std::string& path) {
    lint_assumes(context, consumer, path);
    lint_sorted(context, consumer, path);
  };
  for (const scenario::Consumer& consumer : context.proto.consumers()) lint(consumer, "consumers." + consumer.name());
  for (const scenario::Consumer& consumer : context.proto.world().consumers())
    lint(consumer, "world.consumers." + consumer.name());
}

}  // namespace rehearse
