// What the files could not tell truthfully, known from the scenario alone.
//
// A dataset's expected content must be what its rule makes of the emitted tables. That is not so where a value that a
// rule computes with prints as another one, where a schema change takes away what a rule rests on, and where rows
// belong to windows by their statements' times, which the files do not have. A fault must have something to strike in
// the records of tables.
#include <fmt/format.h>

#include <algorithm>

#include "harness/campaign/emit.h"
#include "harness/campaign/emit_rows.h"
#include "scenarios/dataset_rows.h"
#include "scenarios/lint_context.h"

namespace rehearse {
namespace {

using Refusal = std::optional<std::string>;

// A column of a table that a dataset's content rests on, other than by showing it as it is.
struct Use {
  std::string table, column;
  Faithful least = Faithful::as_it_is;  // that it must be printed
  bool decides = true;                  // on rows and groups, and goes on to do so if the source drops it
};

std::vector<Use> uses_of(const scenario::Dataset& dataset, const TableSchema& beneath) {
  std::vector<Use> uses;
  const auto use = [&](const std::string& column, Faithful least) { uses.push_back({dataset.of(), column, least}); };
  for (const scenario::Condition& condition : dataset.where()) {
    const bool of_presence = condition.has_present() && condition.in().empty() && condition.not_in().empty() &&
                             !condition.has_at_least_ppb() && !condition.has_below_ppb();
    use(condition.column(), of_presence ? Faithful::no : Faithful::as_it_is);
  }
  if (dataset.has_each()) use(dataset.each().count(), Faithful::as_it_is);
  if (dataset.has_look_up()) use(dataset.look_up().by(), Faithful::as_it_is);
  const scenario::DatasetAggregate& aggregate = dataset.aggregate();
  if (!aggregate.by().empty()) use(aggregate.by(), Faithful::apart);
  if (aggregate.has_window()) use(aggregate.window().of(), Faithful::no);
  for (const scenario::DatasetMeasure& measure : aggregate.measures())
    if (!measure.sum().empty()) use(measure.sum(), Faithful::as_it_is);
  for (const scenario::LookedUp& column : dataset.look_up().columns())
    uses.push_back({dataset.look_up().in(), column.from().empty() ? column.name() : column.from(), Faithful::no});
  for (const scenario::ColumnTransform& column : columns_of(dataset, beneath)) {
    const std::optional<MadeColumn> made = made_column(column, beneath, false);
    const Column& from = beneath.columns[made->from];
    const auto number = [](ValueType type) { return type == ValueType::integer || type == ValueType::decimal; };
    if (made->cast && number(made->form.type) && number(from.value_type) && from.source == ColumnSource::base)
      uses.push_back({dataset.of(), from.name, Faithful::as_it_is, false});
  }
  return uses;
}

struct Sources {
  std::vector<TableSchema> tables;
  const TableSchema* find(const std::string& name) const {
    const auto at = std::find_if(tables.begin(), tables.end(), [&](const TableSchema& t) { return t.name == name; });
    return at == tables.end() ? nullptr : &*at;
  }
};

TableSchema schema_of(const scenario::Dataset& dataset, const Sources& sources) {
  TablesBeneath beneath{.table = *sources.find(dataset.of())};
  if (dataset.has_look_up()) beneath.other = *sources.find(dataset.look_up().in());
  return schema_beneath(dataset, beneath);
}

std::string shown_fault(const scenario::Fault& fault) { return fmt::format("fault `{}`", fault.name()); }

// The name under which a column was declared that some drift may have renamed.
std::string declared_name(const scenario::Scenario& s, const std::string& table, std::string name) {
  for (int left = s.world().faults_size(); left > 0; --left)
    for (const scenario::Fault& fault : s.world().faults()) {
      const faults::SchemaChange& change = fault.schema_drift().change();
      if (fault.schema_drift().table() == table && change.has_rename() && change.rename().to() == name)
        name = change.rename().from();
    }
  return name;
}

Refusal refuse_drift(const scenario::Scenario& s, const scenario::Dataset& dataset, const Use& use) {
  for (const scenario::Fault& fault : s.world().faults()) {
    const faults::SchemaDrift& drift = fault.schema_drift();
    const bool drops = drift.change().has_drop(), retypes = drift.change().has_retype();
    if (!use.decides || drift.table() != use.table || (!drops && !retypes)) continue;
    const std::string& column = drops ? drift.change().drop() : drift.change().retype().column();
    if (declared_name(s, use.table, column) != use.column) continue;
    return fmt::format("`{}` of table `{}` is {} by {}, and what dataset `{}` should end with rests on it", use.column,
                       use.table, drops ? "dropped" : "retyped", shown_fault(fault), dataset.name());
  }
  return std::nullopt;
}

Refusal refuse_dataset(const scenario::Scenario& s, const scenario::Dataset& dataset, const Sources& sources) {
  for (const Use& use : uses_of(dataset, schema_of(dataset, sources))) {
    const TableSchema& table = *sources.find(use.table);
    const Column& column = table.columns[table.versions.front().find(use.column)->id];
    if (faithful(column) > use.least)
      return fmt::format(
          "dataset `{}` rests on `{}`, whose values {} cannot hold as the simulation has them, so what it should end "
          "with does not follow from the files; give the column a wider type or fewer `distinct` values",
          dataset.name(), use.column, printed_type(column.type));
    if (auto refusal = refuse_drift(s, dataset, use)) return refusal;
  }
  const auto integer = [&](const std::string& table, auto&& is) {
    const std::vector<Column>& columns = sources.find(table)->columns;
    return std::any_of(columns.begin(), columns.end(), [&](const Column& c) {
      return is(c) && c.value_type == ValueType::integer && faithful(c) == Faithful::as_it_is;
    });
  };
  if (dataset.has_look_up() && (!integer(dataset.of(), [&](const Column& c) {
        return c.name == dataset.look_up().by();
      }) || !integer(dataset.look_up().in(), [](const Column& c) { return c.role == ColumnRole::key; })))
    return fmt::format(
        "dataset `{}` looks up in `{}` by numbers, which only keys of type integer and bigint print as they are",
        dataset.name(), dataset.look_up().in());
  if (!dataset.aggregate().has_window()) return std::nullopt;
  for (const scenario::Table& table : s.source().tables())
    if (table.name() == dataset.of() && table.workload().long_transactions().share_ppb() > 0)
      return fmt::format(
          "dataset `{}` has windows of the time at which rows were created, and long transactions of `{}` commit "
          "later than the statement that says it: the files have commits' times alone",
          dataset.name(), dataset.of());
  return std::nullopt;
}

// A column that is made behind the connector is in no record of a table.
Refusal refuse_corruption(const scenario::Scenario& s, const faults::FieldCorruption& corruption,
                          const std::string& fault, const Sources& sources) {
  for (const scenario::Pipeline& pipeline : s.pipelines()) {
    if (!pipeline.has_stream() || pipeline.name() != corruption.pipeline()) continue;
    const std::vector<std::string> produced = datasets_of(pipeline);
    for (const scenario::Dataset& dataset : s.datasets()) {
      if (std::find(produced.begin(), produced.end(), dataset.name()) == produced.end()) continue;
      const TableSchema schema = schema_of(dataset, sources);
      for (const Column& column : schema.columns)
        if (column.name == corruption.column() && column.source != ColumnSource::base)
          return fmt::format(
              "{} strikes `{}`, which dataset `{}` makes behind the connector: no record of table `{}` has it", fault,
              column.name, dataset.name(), dataset.of());
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> refuse_to_emit(const LoadedScenario& scenario) {
  const scenario::Scenario& s = scenario.proto;
  if (s.source().has_capture()) return "its source is captured, which is a stream already";
  if (std::none_of(s.pipelines().begin(), s.pipelines().end(), [](const auto& p) { return p.has_stream(); }))
    return "it has no streaming pipeline whose connector would deliver the changes";
  Sources sources;
  for (const scenario::Table& table : s.source().tables()) sources.tables.push_back(declared_schema(table));
  for (const scenario::Dataset& dataset : s.datasets())
    if (auto refusal = refuse_dataset(s, dataset, sources)) return refusal;
  for (const scenario::Fault& fault : s.world().faults())
    if (fault.has_field_corruption())
      if (auto refusal = refuse_corruption(s, fault.field_corruption(), shown_fault(fault), sources)) return refusal;
  return std::nullopt;
}

}  // namespace rehearse
