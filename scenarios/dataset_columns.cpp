#include "scenarios/dataset_columns.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "faults/schema_change.h"
#include "scenarios/diagnostics.h"
#include "scenarios/schema_rules.h"
#include "sim/rows/content.h"
#include "sim/rows/convert.h"

namespace rehearse {
namespace {

using scenario::ColumnTransform;
using values::ColumnType;

constexpr int synthetic_scale = 2;                     // synthetic decimals are hundredths
constexpr int captured_scale_max = 6;                  // digits that a cast keeps
constexpr std::int64_t captured_instants = 1'000'000;  // of a second

std::int64_t power_of_ten(int exponent) {
  std::int64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

// The digits behind the point of "numeric(12,2)"; none if it does not say.
std::optional<int> scale_of(const std::string& type) {
  const std::size_t comma = type.find(',');
  if (type.find('(') == std::string::npos) return std::nullopt;
  return comma == std::string::npos ? 0 : std::atoi(type.c_str() + comma + 1);
}

ValueForm form_of_type(ValueType type, const std::string& name, bool captured) {
  ValueForm form{.type = type, .date = name == "date", .fixed = true};
  if (type == ValueType::timestamp) form.unit = captured ? captured_instants : 1;
  if (type != ValueType::decimal) return form;
  const int most = captured ? captured_scale_max : synthetic_scale;
  const int scale = std::min(scale_of(name).value_or(most), most);
  form.unit = captured ? power_of_ten(scale) : power_of_ten(synthetic_scale);
  form.step = captured ? 1 : power_of_ten(synthetic_scale - scale);
  return form;
}

std::vector<std::string> names_in(const TableSchema& schema) {
  std::vector<std::string> names;
  for (const VersionColumn& column : schema.versions.front().columns) names.push_back(column.name);
  return names;
}

const char* words(ValueType type) {
  constexpr const char* all[] = {"a truth value", "an integer", "a decimal", "a text", "a time"};
  return all[static_cast<int>(type)];
}

class Inspector {
 public:
  Inspector(const TableSchema& schema, bool captured, std::vector<ColumnProblem>& problems)
      : schema_(schema), captured_(captured), problems_(problems) {}

  void say(std::string path, std::string message, std::string expected = {}, std::string nearest = {}) {
    problems_.push_back({std::move(path), std::move(message), std::move(expected), std::move(nearest)});
  }
  const Column* source(const ColumnTransform& column) const {
    const VersionColumn* found = schema_.versions.front().find(source_of(column));
    return found ? &schema_.columns[found->id] : nullptr;
  }

  // What is wrong with one way to make a column of `path`, whatever it is made for; false: nothing more can be said.
  bool way(const ColumnTransform& column, const std::string& path) {
    const Column* from = source(column);
    if (from == nullptr) {
      const std::vector<std::string> known = names_in(schema_);
      say(column.from().empty() ? path : path + ".from",
          fmt::format("table `{}` has no column {}", schema_.name, shown(source_of(column))),
          one_of(known, "a column that it has"), nearest_name(source_of(column), known));
      return false;
    }
    const bool own_time = from->source == ColumnSource::cut || from->source == ColumnSource::window;
    if (own_time && captured_ && !as_it_is(column)) {
      say(path, fmt::format("`{}` is the dataset's own, and has its name from `named`", from->name), "its own name");
      return false;
    }
    return !column.has_cast() || cast(column, *from, path + ".cast");
  }

  // A default must be a value of the column that is made.
  void default_of(const ColumnTransform& column, const ValueForm& form, const std::string& path) {
    if (!column.has_default_text() || form.type == ValueType::text || default_number(column.default_text(), form))
      return;
    say(path + ".default", fmt::format("{} is not {}", shown(column.default_text()), words(form.type)),
        std::string(words(form.type)));
  }

 private:
  bool cast(const ColumnTransform& column, const Column& from, const std::string& path) {
    const ColumnType& type = column.cast();
    const ValueType to = value_type(type);
    const bool known = to != ValueType::text || type.base() == ColumnType::TEXT;
    if (!known) {
      say(path, fmt::format("a cast to {} is not modelled", shown(type.text())),
          "bigint, integer, smallint, decimal, double, text, date, timestamp or timestamptz");
      return false;
    }
    if (!castable(from.value_type, to, captured_)) {
      const bool text = from.value_type == ValueType::text && !captured_;
      say(path,
          text ? "a text of a synthetic table is no number and no time"
               : fmt::format("`{}` holds {}, which is never {}", from.name, words(from.value_type), words(to)),
          text ? "text" : "a type that it can be cast to, as text");
      return false;
    }
    if (from.role == ColumnRole::key) {
      say(path, "a key's column is what rows are told apart by", "no cast");
      return false;
    }
    if (from.role == ColumnRole::updated_at && !captured_) {
      say(path, "of `updated_at` in a synthetic table only the order is known, so a cast has nothing to cut",
          "another column");
      return false;
    }
    return true;
  }

  const TableSchema& schema_;
  bool captured_;
  std::vector<ColumnProblem>& problems_;
};

void inspect_equality(const scenario::ColumnEquality& given, const ColumnTransforms& columns, const TableSchema& schema,
                      bool captured, std::vector<ColumnProblem>& problems) {
  Inspector inspector(schema, captured, problems);
  const std::string path = "equality." + given.column();
  const auto at =
      std::find_if(columns.begin(), columns.end(), [&](const auto& c) { return c.name() == given.column(); });
  if (at == columns.end()) {
    std::vector<std::string> known;
    for (const ColumnTransform& column : columns) known.push_back(column.name());
    return inspector.say(path, fmt::format("the dataset has no column {}", shown(given.column())),
                         one_of(known, "a column that it has"), nearest_name(given.column(), known));
  }
  const std::optional<MadeColumn> made = made_column(*at, schema, captured);
  if (!made) return;
  const Column& from = schema.columns[made->from];
  const bool exact =
      given.how_case() == scenario::ColumnEquality::kRule && given.rule() == scenario::ColumnEquality::EXACT;
  if (from.role == ColumnRole::key && !exact)
    return inspector.say(path, "a key's column is what rows are told apart by", "exact");
  if (given.how_case() != scenario::ColumnEquality::kTolerance) return;
  const bool time = made->form.type == ValueType::timestamp;
  const bool number = made->form.type == ValueType::integer || made->form.type == ValueType::decimal;
  if (time && from.role == ColumnRole::updated_at && !captured)
    return inspector.say(path + ".tolerance",
                         "how long lies between two versions of a row of a synthetic table is not known", "exact");
  if (!time && !number)
    return inspector.say(path + ".tolerance", fmt::format("the column holds {}", words(made->form.type)),
                         "exact or normalised");
  if (given.tolerance().has_time_ns() != time)
    inspector.say(path + ".tolerance", fmt::format("the column holds {}", words(made->form.type)),
                  time ? "a duration such as 1s" : "a number such as 0.01");
}

}  // namespace

TableSchema declared_schema(const scenario::Table& table) {
  TableSchema schema;
  schema.name = table.name();
  SchemaVersion version;
  for (const scenario::Column& given : table.columns()) {
    Column column;
    column.name = given.name();
    column.type = type_name(given.type());
    column.value_type = value_type(given.type());
    if (given.has_distinct()) column.distinct = static_cast<std::uint64_t>(given.distinct());
    if (given.has_default_text()) column.distinct = 1;
    if (given.key()) column.role = ColumnRole::key;
    if (given.role() == scenario::Column::CREATED_AT) column.role = ColumnRole::created_at;
    if (given.role() == scenario::Column::UPDATED_AT) column.role = ColumnRole::updated_at;
    version.columns.push_back({static_cast<ColumnId>(schema.columns.size()), column.name, column.type});
    schema.columns.push_back(std::move(column));
  }
  schema.versions.push_back(std::move(version));
  return schema;
}

ColumnTransforms columns_of(const scenario::Dataset& dataset, const TableSchema& schema) {
  if (!dataset.columns().empty()) return dataset.columns();
  ColumnTransforms columns;
  for (const VersionColumn& column : schema.versions.front().columns) columns.Add()->set_name(column.name);
  return columns;
}

const std::string& source_of(const ColumnTransform& column) {
  return column.from().empty() ? column.name() : column.from();
}

bool as_it_is(const ColumnTransform& column) {
  return source_of(column) == column.name() && !column.has_cast() && !column.has_default_text();
}

std::optional<MadeColumn> made_column(const ColumnTransform& column, const TableSchema& schema, bool captured) {
  const VersionColumn* source = schema.versions.front().find(source_of(column));
  if (source == nullptr) return std::nullopt;
  const Column& from = schema.columns[source->id];
  MadeColumn made{.from = source->id, .type = from.type, .cast = std::nullopt, .form = form_of(from)};
  if (column.has_cast()) {
    made.type = type_name(column.cast());
    ValueForm form = form_of_type(value_type(column.cast()), made.type, captured);
    if (form.type == ValueType::text && !captured) {  // printed as the source prints it
      form.unit = made.form.unit;
      form.step = made.form.step;
      form.date = made.form.date;
    }
    made.cast = made.form = form;
  } else if (captured && column.has_default_text() && from.value_type != ValueType::text &&
             from.value_type != ValueType::boolean) {
    made.form = form_of_type(from.value_type, from.type, captured);
  }
  return made;
}

std::optional<std::int64_t> default_number(const std::string& text, const ValueForm& form) {
  switch (form.type) {
    case ValueType::boolean:
      if (text == "true" || text == "t") return 1;
      if (text == "false" || text == "f") return 0;
      return std::nullopt;
    case ValueType::integer:
    case ValueType::decimal:
      return number_of(text, form, Rounding::half_up);
    case ValueType::timestamp:
      return instant_of(text);
    case ValueType::text:
      break;
  }
  return std::nullopt;
}

std::vector<ColumnProblem> column_problems(const scenario::Dataset& dataset, const TableSchema& schema, bool captured) {
  std::vector<ColumnProblem> problems;
  Inspector inspector(schema, captured, problems);
  std::set<std::string> names, keys;
  for (const ColumnTransform& column : dataset.columns()) {
    const std::string path = "columns." + column.name();
    if (!names.insert(column.name()).second)
      inspector.say(path, fmt::format("{} is there twice", shown(column.name())), "each column once");
    if (!inspector.way(column, path)) continue;
    const Column& from = *inspector.source(column);
    if (from.role == ColumnRole::key) {
      if (!keys.insert(from.name).second)
        inspector.say(path, fmt::format("the key's column `{}` is there twice", from.name),
                      "each column of the key once");
      if (column.has_default_text()) inspector.say(path + ".default", "a key's column is never NULL", "no default");
      continue;
    }
    inspector.default_of(column, made_column(column, schema, captured)->form, path);
  }
  for (const VersionColumn& column : schema.versions.front().columns) {
    const bool missing = !dataset.columns().empty() && schema.columns[column.id].role == ColumnRole::key &&
                         keys.count(schema.columns[column.id].name) == 0;
    if (missing && problems.empty())
      inspector.say("columns", fmt::format("the key's column `{}` is left out", column.name), "all columns of the key");
  }
  const ColumnTransforms columns = columns_of(dataset, schema);
  for (const scenario::ColumnEquality& equality : dataset.equality())
    inspect_equality(equality, columns, schema, captured, problems);
  return problems;
}

std::vector<ColumnProblem> mapping_problems(const ColumnTransform& mapping, const scenario::Dataset& dataset,
                                            const TableSchema& schema, bool captured) {
  std::vector<ColumnProblem> problems;
  Inspector inspector(schema, captured, problems);
  const std::string path = "mapping." + mapping.name();
  const ColumnTransforms columns = columns_of(dataset, schema);
  const auto contract =
      std::find_if(columns.begin(), columns.end(), [&](const auto& c) { return c.name() == mapping.name(); });
  const std::optional<MadeColumn> wanted =
      contract == columns.end() ? std::nullopt : made_column(*contract, schema, captured);
  if (!wanted) return problems;
  const Column& right = schema.columns[wanted->from];
  if (right.role == ColumnRole::key) {
    inspector.say(path, "a key's column is what rows are told apart by", "another column");
    return problems;
  }
  if (!inspector.way(mapping, path)) return problems;
  const Column& from = *inspector.source(mapping);
  const std::optional<MadeColumn> made = made_column(mapping, schema, captured);
  inspector.default_of(mapping, wanted->form, path);
  const bool printed = wanted->form.type == ValueType::text && right.value_type != ValueType::text && !captured;
  if (printed && (from.value_type != right.value_type || mapping.has_cast()))
    inspector.say(path, fmt::format("the dataset's text is printed from {}", words(right.value_type)),
                  fmt::format("a column that holds {}, without a cast", words(right.value_type)));
  else if (!castable(made->form.type, wanted->form.type, captured))
    inspector.say(path,
                  fmt::format("{} cannot be written into a column that holds {}", words(made->form.type),
                              words(wanted->form.type)),
                  fmt::format("a column or a cast that gives {}", words(wanted->form.type)));
  const bool casts_alike = mapping.has_cast() == contract->has_cast() &&
                           (!mapping.has_cast() ||
                            (mapping.cast().text() == contract->cast().text() && mapping.round() == contract->round()));
  if (source_of(mapping) == source_of(*contract) && casts_alike &&
      mapping.has_default_text() == contract->has_default_text() && mapping.default_text() == contract->default_text())
    problems.push_back({path, "the column is made as the dataset says, which is no defect", "another way, or nothing",
                        "", ColumnProblem::Weight::warning});
  return problems;
}

}  // namespace rehearse
