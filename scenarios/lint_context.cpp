// Look-ups by name, and when things recur.
#include "scenarios/lint_context.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "scenarios/dataset_columns.h"
#include "scenarios/schema_rules.h"
#include "scenarios/units.h"
#include "sim/kernel/cron.h"
#include "sim/kernel/time.h"

namespace rehearse {
namespace {

template <typename List>
auto find_named(const List& list, std::string_view name) -> decltype(&list.Get(0)) {
  for (const auto& item : list) {
    if (item.name() == name) return &item;
  }
  return nullptr;
}

constexpr std::size_t occurrences_max = 5'000;
constexpr std::int64_t runs_max = 100'000'000;  // more is a mistake: no machine keeps what they report

}  // namespace

void LintContext::add(Diagnostic::Level level, const std::string& path, std::string message, std::string expected,
                      std::string nearest) {
  const Place at = loaded.place(path);
  diagnostics.push_back(
      {level, at.file, at.line, at.column, path, std::move(message), std::move(expected), std::move(nearest)});
}

void LintContext::error(const std::string& path, std::string message, std::string expected, std::string nearest) {
  add(Diagnostic::Level::error, path, std::move(message), std::move(expected), std::move(nearest));
}

void LintContext::warning(const std::string& path, std::string message, std::string expected, std::string nearest) {
  add(Diagnostic::Level::warning, path, std::move(message), std::move(expected), std::move(nearest));
}

const scenario::Table* LintContext::table(std::string_view name) const {
  return find_named(proto.source().tables(), name);
}
const scenario::Dataset* LintContext::dataset(std::string_view name) const {
  return find_named(proto.datasets(), name);
}
const scenario::Pipeline* LintContext::pipeline(std::string_view name) const {
  return find_named(proto.pipelines(), name);
}
const scenario::Check* LintContext::check(std::string_view name) const { return find_named(proto.checks(), name); }
const scenario::Metric* LintContext::metric(std::string_view name) const { return find_named(proto.metrics(), name); }
const scenario::Consumer* LintContext::consumer(std::string_view name) const {
  return find_named(proto.consumers(), name);
}

const scenario::Pipeline* LintContext::writer_of(std::string_view store) const {
  for (const scenario::Pipeline& pipeline : proto.pipelines()) {
    if (store_of(pipeline) == store) return &pipeline;
  }
  return nullptr;
}

bool LintContext::knows_store(std::string_view store) const {
  if (store == "source") return true;
  const scenario::Pipeline* writer = writer_of(store);
  if (writer == nullptr) return false;
  const std::vector<std::string> datasets = datasets_of(*writer);
  return std::all_of(datasets.begin(), datasets.end(), [this](const auto& name) { return dataset(name) != nullptr; });
}

std::vector<std::string> LintContext::held(std::string_view store) const {
  if (store == "source") return names_of(proto.datasets());
  const scenario::Pipeline* writer = writer_of(store);
  return writer != nullptr ? datasets_of(*writer) : std::vector<std::string>();
}

std::optional<TablesBeneath> LintContext::tables_beneath(const scenario::Dataset& dataset) const {
  const scenario::Table* of = table(dataset.of());
  if (of == nullptr) return std::nullopt;
  TablesBeneath tables{.table = declared_schema(*of)};
  const scenario::Table* other = dataset.has_look_up() ? table(dataset.look_up().in()) : nullptr;
  if (other != nullptr) tables.other = declared_schema(*other);
  return tables;
}

// Of what a dataset's columns are made from.
const scenario::Column* LintContext::table_column(const scenario::Dataset& dataset, std::string_view name) const {
  const scenario::Table* of = table(dataset.of());
  if (of == nullptr) return nullptr;
  using values::ColumnType;
  const auto own = [&](ColumnType::Base type, bool key) {
    scenario::Column& column = derived_.emplace_back();
    column.set_name(std::string(name));
    column.mutable_type()->set_base(type);
    column.set_key(key);
    return &column;
  };
  if (dataset.kind() == scenario::Dataset::AGGREGATE) {
    const TableSchema beneath = schema_beneath(dataset, *tables_beneath(dataset));
    const VersionColumn* found = beneath.versions.front().find(name);
    if (found == nullptr) return nullptr;
    const rehearse::Column& c = beneath.columns[found->id];
    constexpr ColumnType::Base bases[] = {ColumnType::BOOLEAN, ColumnType::BIGINT, ColumnType::DECIMAL,
                                          ColumnType::TEXT, ColumnType::TIMESTAMPTZ};
    return own(bases[static_cast<int>(c.value_type)], c.role == ColumnRole::key);
  }
  const bool changes = dataset.kind() == scenario::Dataset::CHANGE_LOG;
  if (changes && name == position_column) return own(ColumnType::BIGINT, true);
  if (changes && name == operation_column) return own(ColumnType::TEXT, false);
  if (dataset.has_snapshot() && name == dataset.snapshot().named()) return own(ColumnType::TIMESTAMPTZ, true);
  if (dataset.has_each() && name == dataset.each().numbered()) return own(ColumnType::INTEGER, true);
  const scenario::Table* other = dataset.has_look_up() ? table(dataset.look_up().in()) : nullptr;
  const scenario::LookedUp* looked_up = other != nullptr ? find_named(dataset.look_up().columns(), name) : nullptr;
  const scenario::Column* column = find_named(of->columns(), name);
  if (looked_up != nullptr)
    column = find_named(other->columns(), looked_up->from().empty() ? looked_up->name() : looked_up->from());
  if (column == nullptr || (looked_up == nullptr && !changes)) return column;
  scenario::Column& shown = derived_.emplace_back(*column);
  shown.set_name(std::string(name));
  shown.set_key(false);
  return &shown;
}

const scenario::Column* LintContext::column(const scenario::Dataset& dataset, std::string_view name) const {
  if (dataset.columns().empty()) return table_column(dataset, name);
  const scenario::ColumnTransform* made = find_named(dataset.columns(), name);
  const scenario::Column* from = made != nullptr ? table_column(dataset, source_of(*made)) : nullptr;
  if (from == nullptr || as_it_is(*made)) return from;
  scenario::Column& derived = derived_.emplace_back(*from);
  derived.set_name(made->name());
  if (made->has_cast()) *derived.mutable_type() = made->cast();
  return &derived;
}

std::vector<std::string> LintContext::column_names(const scenario::Dataset& dataset) const {
  if (!dataset.columns().empty()) return names_of(dataset.columns());
  const scenario::Table* of = table(dataset.of());
  std::vector<std::string> names;
  if (of != nullptr) names = names_of(of->columns());
  if (of == nullptr) return names;
  if (dataset.kind() == scenario::Dataset::AGGREGATE) {
    names.clear();
    const TableSchema beneath = schema_beneath(dataset, *tables_beneath(dataset));
    for (const VersionColumn& column : beneath.versions.front().columns) names.push_back(column.name);
    return names;
  }
  for (const scenario::LookedUp& column : dataset.look_up().columns()) names.push_back(column.name());
  if (dataset.has_snapshot()) names.push_back(dataset.snapshot().named());
  if (dataset.has_each()) names.push_back(dataset.each().numbered());
  if (dataset.kind() == scenario::Dataset::CHANGE_LOG) names.insert(names.end(), {position_column, operation_column});
  return names;
}

bool LintContext::drifts_into(std::string_view column) const {
  for (const scenario::Fault& fault : proto.world().faults()) {
    const auto& change = fault.schema_drift().change();
    if (change.add().column() == column || change.rename().to() == column) return true;
  }
  return false;
}

void LintContext::require_column(const std::string& path, const std::vector<std::string>& datasets,
                                 const std::string& name, Having having) {
  std::vector<Lacking> among;
  for (const std::string& of : datasets) {
    const scenario::Dataset* data = dataset(of);
    if (data == nullptr || table(data->of()) == nullptr) continue;
    among.push_back({fmt::format("dataset `{}`", of), column_names(*data), column(*data, name) != nullptr});
  }
  require(path, among, name, having);
}

void LintContext::require_source_column(const std::string& path, const std::vector<std::string>& datasets,
                                        const std::string& name, Having having) {
  std::vector<Lacking> among;
  for (const std::string& of : datasets) {
    const scenario::Dataset* data = dataset(of);
    const scenario::Table* from = data == nullptr ? nullptr : table(data->of());
    if (from == nullptr) continue;
    among.push_back({fmt::format("table `{}`", from->name()), names_of(from->columns()),
                     find_named(from->columns(), name) != nullptr});
  }
  require(path, among, name, having);
}

void LintContext::require(const std::string& path, const std::vector<Lacking>& among, const std::string& name,
                          Having having) {
  if (captured() || drifts_into(name)) return;
  std::vector<std::string> known;
  std::string lacking;
  bool found = false;
  for (const Lacking& one : among) {
    known.insert(known.end(), one.columns.begin(), one.columns.end());
    found = found || one.has;
    if (!one.has && lacking.empty()) lacking = one.what;
  }
  if (lacking.empty() || (found && having == Having::any)) return;
  error(path, fmt::format("{} has no column {}", lacking, shown(name)), one_of(known, "a column that it has"),
        nearest_name(name, known));
}

std::vector<std::int64_t> LintContext::occurrences(const scenario::Recurrence& runs) const {
  std::vector<std::int64_t> times;
  const std::int64_t end = proto.duration_ns();
  const std::int64_t start = proto.start_unix_ns();
  const auto room = [&times] { return times.size() < occurrences_max; };
  if (!runs.cron().empty()) {
    const auto parsed = Cron::parse(runs.cron());
    if (const Cron* cron = std::get_if<Cron>(&parsed)) {
      Time t = cron->next_at_or_after({}, start, 0);
      for (; t.ns <= end && room(); t = cron->next_at_or_after(t + nanosecond, start, 0)) times.push_back(t.ns);
    }
  }
  for (const scenario::Occasion& occasion : runs.at()) {
    if (occasion.has_after_ns()) {
      if (occasion.after_ns() <= end) times.push_back(occasion.after_ns());
      continue;
    }
    std::int64_t t = floor_mod(occasion.daily_ns() - start, day.ns);
    for (; t <= end && room(); t += day.ns) times.push_back(t);
  }
  std::sort(times.begin(), times.end());
  return times;
}

std::optional<std::int64_t> LintContext::longest_gap(const scenario::Recurrence& runs) const {
  if (runs.has_every_ns()) {
    const bool ever = runs.every_ns() > 0 && runs.offset_ns() <= proto.duration_ns();
    return ever ? std::optional(runs.every_ns()) : std::nullopt;
  }
  const std::vector<std::int64_t> times = occurrences(runs);
  if (times.empty()) return std::nullopt;
  std::int64_t longest = 0;
  for (std::size_t i = 1; i < times.size(); ++i) longest = std::max(longest, times[i] - times[i - 1]);
  // A list of single times ends somewhere; what recurs goes on.
  const bool recurs = !runs.cron().empty() || std::any_of(runs.at().begin(), runs.at().end(),
                                                          [](const auto& occasion) { return occasion.has_daily_ns(); });
  if (!recurs || times.size() == 1) longest = std::max(longest, proto.duration_ns() - times.back());
  return longest;
}

void LintContext::check_recurrence(const std::string& path, const scenario::Recurrence& runs) {
  const int given = (runs.cron().empty() ? 0 : 1) + (runs.has_every_ns() ? 1 : 0) + (runs.at().empty() ? 0 : 1);
  if (given == 0) return error(path, "when it runs is missing", "one of cron, every or at");
  if (given > 1)
    return error(path, "it has more than one of `cron`, `every` and `at`", "only one of cron, every or at");
  if (runs.offset_ns() > 0 && !runs.has_every_ns()) warning(path + ".offset", "`offset` shifts only what has `every`");
  if (runs.has_every_ns() && runs.every_ns() > 0 && proto.duration_ns() / runs.every_ns() > runs_max) {
    const std::int64_t least = (proto.duration_ns() / runs_max / millisecond.ns + 1) * millisecond.ns;
    return error(
        path + ".every",
        fmt::format("it runs more than {} times in {}", format_count(runs_max), format_duration(proto.duration_ns())),
        format_duration(least) + " or more");
  }
  if (!longest_gap(runs)) warning(path, "it never runs before the rehearsal ends");
}

const std::string& store_of(const scenario::Pipeline& pipeline) {
  return pipeline.has_batch() ? pipeline.batch().into() : pipeline.stream().into();
}

std::vector<std::string> datasets_of(const scenario::Pipeline& pipeline) {
  const auto& produces = pipeline.has_batch() ? pipeline.batch().produces() : pipeline.stream().produces();
  return {produces.begin(), produces.end()};
}

const google::protobuf::RepeatedPtrField<scenario::ColumnTransform>& mapping_of(const scenario::Pipeline& pipeline) {
  return pipeline.has_batch() ? pipeline.batch().mapping() : pipeline.stream().mapping();
}

const google::protobuf::RepeatedPtrField<scenario::OwnRows>& rows_of(const scenario::Pipeline& pipeline) {
  return pipeline.has_batch() ? pipeline.batch().rows() : pipeline.stream().rows();
}

std::string pipeline_path(const scenario::Pipeline& pipeline) {
  return fmt::format("pipelines.{}.{}", pipeline.name(), pipeline.has_batch() ? "batch" : "stream");
}

std::string check_path(const scenario::Check& check) {
  const FieldDescriptor* kind = kind_field(check);
  return fmt::format("checks.{}.{}", check.name(), kind != nullptr ? kind->name() : "");
}

}  // namespace rehearse
