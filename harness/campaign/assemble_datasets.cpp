// Datasets, the columns that are derived for them, and what pipelines make otherwise.
#include <fmt/format.h>

#include <algorithm>

#include "harness/campaign/assembler.h"
#include "scenarios/dataset_rows.h"
#include "scenarios/lint_context.h"

namespace rehearse {
namespace {

using scenario::ColumnTransform;

Rounding rounding_of(const ColumnTransform& column) {
  switch (column.round()) {
    case ColumnTransform::HALF_EVEN:
      return Rounding::half_even;
    case ColumnTransform::DOWN:
      return Rounding::down;
    default:
      return Rounding::half_up;
  }
}

// What each pipeline that produces the dataset makes otherwise of this column.
std::vector<const ColumnTransform*> mappings_of(const scenario::Scenario& s, const scenario::Dataset& dataset,
                                                const std::string& column) {
  std::vector<const ColumnTransform*> mappings;
  for (const scenario::Pipeline& pipeline : s.pipelines()) {
    const std::vector<std::string> produced = datasets_of(pipeline);
    if (std::find(produced.begin(), produced.end(), dataset.name()) == produced.end()) continue;
    for (const ColumnTransform& mapping : mapping_of(pipeline))
      if (mapping.name() == column) mappings.push_back(&mapping);
  }
  return mappings;
}

// Builds the derived columns of one dataset behind the columns of its table.
class Deriving {
 public:
  // `capture`: null for a synthetic source.
  Deriving(const scenario::Scenario& s, const CapturedStream* capture, std::int64_t start_unix_ns, TableSchema& schema)
      : s_(s), capture_(capture), start_unix_ns_(start_unix_ns), schema_(schema) {}

  ColumnId column(const scenario::Dataset& dataset, const ColumnTransform& declared) {
    const std::vector<const ColumnTransform*> mappings = mappings_of(s_, dataset, declared.name());
    const std::optional<MadeColumn> made = made_column(declared, schema_, capture_ != nullptr);
    if (as_it_is(declared) && mappings.empty()) return made->from;
    Column column;
    column.name = declared.name();
    column.type = made->type;
    column.value_type = made->form.type;
    DerivedColumn derived;
    derived.form = made->form;
    // Whatever is cast or put in place of NULL is no text of the capture any more; one form holds all of the column.
    for (const ColumnTransform* mapping : mappings) {
      const ValueForm form = made_column(*mapping, schema_, capture_ != nullptr)->form;
      const bool number = derived.form.type != ValueType::text && derived.form.type != ValueType::boolean;
      if (capture_ && number && form.fixed && !derived.form.fixed) derived.form = form;
    }
    derived.ways.push_back(way(declared, derived));
    for (const ColumnTransform* mapping : mappings) {
      const Derivation other = way(*mapping, derived);
      if (std::find(derived.ways.begin(), derived.ways.end(), other) == derived.ways.end())
        derived.ways.push_back(other);
    }
    column.derived = std::move(derived);
    schema_.columns.push_back(std::move(column));
    return static_cast<ColumnId>(schema_.columns.size() - 1);
  }

  Derivation way(const ColumnTransform& given, DerivedColumn& column) const {
    const std::optional<MadeColumn> made = made_column(given, schema_, capture_ != nullptr);
    Derivation way{.from = made->from, .cast = made->cast, .rounding = rounding_of(given), .in_place_of_null = {}};
    if (given.has_default_text()) way.in_place_of_null = default_of(given.default_text(), column);
    return way;
  }

 private:
  Value default_of(const std::string& text, DerivedColumn& column) const {
    const ValueForm& form = column.form;
    if (form.type == ValueType::text || (capture_ && form.type == ValueType::boolean)) {
      const std::optional<ValueId> pooled = capture_ ? capture_->values.find(text) : std::nullopt;
      if (pooled) return {Value::Kind::pooled, 0, *pooled};
      auto at = std::find(column.default_texts.begin(), column.default_texts.end(), text);
      if (at == column.default_texts.end()) at = column.default_texts.insert(at, text);
      return {Value::Kind::text, 0, -1 - (at - column.default_texts.begin())};
    }
    const std::int64_t number = *default_number(text, form);
    if (form.type != ValueType::timestamp) return {Value::Kind::number, 0, number};
    return {Value::Kind::instant, 0, (number - (capture_ ? 0 : start_unix_ns_)) / (second.ns / form.unit)};
  }

  const scenario::Scenario& s_;
  const CapturedStream* capture_;
  std::int64_t start_unix_ns_;
  TableSchema& schema_;
};

Equality equality_of(const scenario::ColumnEquality& given) {
  switch (given.how_case()) {
    case scenario::ColumnEquality::kTolerance:
      if (given.tolerance().has_share_ppb()) return {Equality::Kind::relative, given.tolerance().share_ppb()};
      return {Equality::Kind::tolerance,
              given.tolerance().has_time_ns() ? given.tolerance().time_ns() : given.tolerance().number_ppb()};
    default:
      return {given.rule() == scenario::ColumnEquality::NORMALISED ? Equality::Kind::normalised : Equality::Kind::exact,
              0};
  }
}

Dataset dataset_of(const scenario::Dataset& given, TableId table, Deriving& deriving, TableSchema& schema) {
  Dataset dataset{given.name(), table, given.new_columns() == scenario::Dataset::FOLLOW, {}};
  const ColumnTransforms declared = columns_of(given, schema);
  for (const ColumnTransform& column : declared) dataset.columns.push_back(deriving.column(given, column));
  for (const scenario::ColumnEquality& equality : given.equality())
    for (int i = 0; i < declared.size(); ++i)
      if (declared[i].name() == equality.column())
        schema.columns[dataset.columns[static_cast<std::size_t>(i)]].equality = equality_of(equality);
  // Where all are the source's own they stand in its order.
  const auto derived = [&](ColumnId id) { return schema.columns[id].derived.has_value(); };
  if (std::none_of(dataset.columns.begin(), dataset.columns.end(), derived))
    std::sort(dataset.columns.begin(), dataset.columns.end());
  return dataset;
}

}  // namespace

void add_datasets(const LoadedScenario& loaded, const SharedInputs& inputs, WorldOptions& options) {
  for (const scenario::Dataset& given : loaded.proto.datasets())
    for (TableId table = 0; table < options.source.tables.size(); ++table) {
      TableSchema& schema = options.source.tables[table].schema;
      if (schema.name != name_at_source(given)) continue;
      Deriving deriving(loaded.proto, inputs.capture.get(), options.source.start_unix_ns, schema);
      options.datasets.push_back(dataset_of(given, table, deriving, schema));
    }
}

std::vector<Mistake> mistakes_of(const LoadedScenario& loaded, const scenario::Pipeline& pipeline, const World& world) {
  std::vector<Mistake> mistakes;
  const CapturedReplay* replay = world.source.captured();
  const CapturedStream* capture = replay ? &replay->stream() : nullptr;
  const std::vector<std::string> produced = datasets_of(pipeline);
  for (const Dataset& dataset : world.datasets) {
    if (std::find(produced.begin(), produced.end(), dataset.name) == produced.end()) continue;
    TableSchema schema = world.source.schema(dataset.table);
    const Deriving deriving(loaded.proto, capture, world.start_unix_ns, schema);
    for (const ColumnTransform& mapping : mapping_of(pipeline))
      for (const ColumnId id : dataset.columns) {
        if (!schema.columns[id].derived || schema.columns[id].name != mapping.name()) continue;
        DerivedColumn derived = *schema.columns[id].derived;
        const auto at = std::find(derived.ways.begin(), derived.ways.end(), deriving.way(mapping, derived));
        const auto number = static_cast<std::uint32_t>(at - derived.ways.begin());
        if (number > 0) mistakes.push_back({.table = dataset.table, .column = id, .way = number});
      }
  }
  return mistakes;
}

}  // namespace rehearse
