#include "scenarios/dataset_rows.h"

#include <fmt/core.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "scenarios/diagnostics.h"
#include "scenarios/schema_rules.h"

namespace rehearse {
namespace {

constexpr std::int64_t decimal_unit = 1'000'000'000;

bool is_number(const Column& column) {
  return column.value_type == ValueType::integer || column.value_type == ValueType::decimal;
}

// A value of a synthetic column as its bits; nothing if the column never holds it.
std::optional<std::int64_t> synthetic_value(const Column& column, const std::string& text) {
  const auto whole = [](std::string_view digits) -> std::optional<std::int64_t> {
    std::int64_t number = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size()) return std::nullopt;
    return number;
  };
  switch (column.value_type) {
    case ValueType::text: {
      const std::string prefix = column.name + "_";
      if (text.rfind(prefix, 0) != 0) return std::nullopt;
      const auto number = whole(std::string_view(text).substr(prefix.size()));
      const bool held =
          number && *number >= 0 && (column.distinct == 0 || static_cast<std::uint64_t>(*number) < column.distinct);
      return held ? number : std::nullopt;
    }
    case ValueType::boolean:
      if (text == "true") return 1;
      if (text == "false") return 0;
      return std::nullopt;
    case ValueType::integer:
      return whole(text);
    case ValueType::decimal:
      return default_number(text, {.type = ValueType::decimal, .unit = synthetic_cents});
    default:
      return std::nullopt;
  }
}

std::string values_of(const Column& column) {
  switch (column.value_type) {
    case ValueType::text:
      return column.distinct > 0 ? fmt::format("`{0}_0` to `{0}_{1}`", column.name, column.distinct - 1)
                                 : fmt::format("`{0}_` and a number", column.name);
    case ValueType::boolean:
      return "true or false";
    default:
      return "a number";
  }
}

const std::string& looked_up_from(const scenario::LookedUp& column) {
  return column.from().empty() ? column.name() : column.from();
}

std::int64_t bound_of(const Column& column, std::int64_t ppb, bool captured) {
  const std::int64_t unit = captured ? captured_unit : column.value_type == ValueType::decimal ? synthetic_cents : 1;
  const std::int64_t part = decimal_unit / unit;
  return ppb / part + (ppb % part > 0 ? 1 : 0);  // the least that is not below
}

// The table's column of a name; null, and a problem at `path`, if it has none.
const Column* known_column(const TableSchema& table, const std::string& name, const std::string& path,
                           std::vector<ColumnProblem>& problems) {
  const SchemaVersion& version = table.versions.front();
  if (const VersionColumn* found = version.find(name)) return &table.columns[found->id];
  std::vector<std::string> known;
  for (const VersionColumn& column : version.columns) known.push_back(column.name);
  problems.push_back({path, fmt::format("table `{}` has no column {}", table.name, shown(name)),
                      one_of(known, "a column that it has"), nearest_name(name, known)});
  return nullptr;
}

void inspect(const scenario::Condition& given, const std::string& path, const TableSchema& table, bool captured,
             std::vector<ColumnProblem>& problems) {
  const auto say = [&](std::string at, std::string message, std::string expected, std::string nearest = {}) {
    problems.push_back({std::move(at), std::move(message), std::move(expected), std::move(nearest)});
  };
  const Column* found = known_column(table, given.column(), path, problems);
  if (found == nullptr) return;
  const Column& column = *found;
  const bool listed = !given.in().empty() || !given.not_in().empty();
  const bool bounded = given.has_at_least_ppb() || given.has_below_ppb();
  if (!listed && !bounded && !given.has_present())
    return say(path, "nothing is said of the column", "`in`, `not_in`, `at_least`, `below` or `present`");
  if ((listed || bounded) && column.value_type == ValueType::timestamp)
    return say(path, fmt::format("`{}` holds a time, which no condition is modelled for", column.name), "`present`");
  if (bounded && !is_number(column))
    return say(path, fmt::format("`{}` holds no number", column.name), "`in`, `not_in` or `present`");
  if (given.has_at_least_ppb() && given.has_below_ppb() && given.below_ppb() <= given.at_least_ppb())
    return say(path + ".below", "no number is not below the one and below the other", "more than `at_least`");
  if (captured) return;
  const auto inspect_values = [&](const auto& texts, const char* key) {
    for (int i = 0; i < texts.size(); ++i)
      if (!synthetic_value(column, texts[i]))
        say(fmt::format("{}.{}[{}]", path, key, i), fmt::format("`{}` never holds {}", column.name, shown(texts[i])),
            values_of(column));
  };
  inspect_values(given.in(), "in");
  inspect_values(given.not_in(), "not_in");
}

// Of kinds that have the table's rows, or its changes, one by one.
void inspect_nothing_more(const scenario::Dataset& dataset, const char* why, std::vector<ColumnProblem>& problems) {
  for (const auto& [has, name] : {std::pair(dataset.has_each(), "each"), std::pair(dataset.has_look_up(), "look_up")})
    if (has) problems.push_back({name, why, "nothing of the kind", ""});
}

void inspect_change_log(const scenario::Dataset& dataset, const TableSchema& table,
                        std::vector<ColumnProblem>& problems) {
  constexpr const char* why = "a dataset of changes has every change as it is";
  if (!dataset.where().empty()) problems.push_back({"where", why, "nothing of the kind", ""});
  inspect_nothing_more(dataset, why, problems);
  for (const char* own : {position_column, operation_column})
    if (table.versions.front().find(own) != nullptr)
      problems.push_back(
          {"kind",
           fmt::format("table `{}` has a column `{}`, as a dataset of changes has one of its own", table.name, own),
           "current_state, or another name for the column", ""});
}

void inspect_snapshot(const scenario::Dataset& dataset, const TableSchema& table,
                      std::vector<ColumnProblem>& problems) {
  if (dataset.kind() != scenario::Dataset::SNAPSHOT || !dataset.has_snapshot()) {
    problems.push_back(
        {dataset.has_snapshot() ? "snapshot" : "kind", "`kind: snapshot` and `snapshot` go together", "both", ""});
    return;
  }
  inspect_nothing_more(dataset, "a snapshot is of the table's own rows", problems);
  const scenario::DatasetSnapshot& snapshot = dataset.snapshot();
  if (snapshot.offset_ns() >= snapshot.every_ns())
    problems.push_back({"snapshot.offset", "it leads past the next cut", "less than `every`", ""});
  if (table.versions.front().find(snapshot.named()) != nullptr)
    problems.push_back({"snapshot.named",
                        fmt::format("table `{}` has a column {} already", table.name, shown(snapshot.named())),
                        "a name of its own", ""});
}

void inspect_look_up(const scenario::Dataset& dataset, const TablesBeneath& tables,
                     std::vector<ColumnProblem>& problems) {
  const auto say = [&](std::string at, std::string message, std::string expected, std::string nearest = {}) {
    problems.push_back({"look_up." + std::move(at), std::move(message), std::move(expected), std::move(nearest)});
  };
  const scenario::LookUp& look_up = dataset.look_up();
  known_column(tables.table, look_up.by(), "look_up.by", problems);
  if (!tables.other) return;  // reported as a reference
  if (look_up.in() == dataset.of()) say("in", "the table would be looked up in itself", "another table");
  const auto keys = std::count_if(tables.other->columns.begin(), tables.other->columns.end(),
                                  [](const Column& c) { return c.role == ColumnRole::key; });
  if (keys != 1)
    say("in", fmt::format("the key of table `{}` has {} columns", look_up.in(), keys), "a table with a key of one");
  for (const scenario::LookedUp& column : look_up.columns()) {
    const std::string path = "columns." + column.name();
    const Column* from = known_column(*tables.other, looked_up_from(column), "look_up." + path, problems);
    if (from != nullptr && (from->role == ColumnRole::created_at || from->role == ColumnRole::updated_at))
      say(path, fmt::format("`{}` is a time of the other row's, which is not modelled", from->name), "another column");
    if (tables.table.versions.front().find(column.name()) != nullptr)
      say(path, fmt::format("table `{}` has a column {} already", tables.table.name, shown(column.name())),
          "a name of its own, as `{NAME: " + looked_up_from(column) + "}`");
  }
}

void inspect_aggregate(const scenario::Dataset& dataset, const TableSchema& table, bool captured,
                       std::vector<ColumnProblem>& problems) {
  const auto say = [&](std::string at, std::string message, std::string expected, std::string nearest = {}) {
    problems.push_back({std::move(at), std::move(message), std::move(expected), std::move(nearest)});
  };
  if (dataset.kind() != scenario::Dataset::AGGREGATE || !dataset.has_aggregate())
    return say(dataset.has_aggregate() ? "aggregate" : "kind", "`kind: aggregate` and `aggregate` go together", "both");
  inspect_nothing_more(dataset, "an aggregate is of the table's own rows", problems);
  const scenario::DatasetAggregate& aggregate = dataset.aggregate();
  std::set<std::string> names;
  const auto known = [&](const std::string& path, const std::string& name) {
    return known_column(table, name, path, problems);
  };
  const auto named = [&](const std::string& path, const std::string& name) {
    if (!names.insert(name).second) say(path, fmt::format("{} is there twice", shown(name)), "each name once");
  };
  if (aggregate.by().empty() && !aggregate.has_window())
    say("aggregate", "there is nothing to group rows by", "`by`, `window` or both");
  if (!aggregate.by().empty()) {
    const Column* by = known("aggregate.by", aggregate.by());
    if (by != nullptr && by->value_type == ValueType::timestamp)
      say("aggregate.by", fmt::format("`{}` holds a time", by->name), "`window`, or another column");
    named("aggregate.by", aggregate.by());
  }
  if (aggregate.has_window()) {
    const Column* of = known("aggregate.window.of", aggregate.window().of());
    if (captured && of != nullptr && of->value_type != ValueType::timestamp)
      say("aggregate.window.of", fmt::format("`{}` holds no time", of->name), "a column of times");
    if (!captured && of != nullptr && of->role != ColumnRole::created_at)
      say("aggregate.window.of", fmt::format("`{}` may change, and windows are of when a row was created", of->name),
          "the column with the role created_at");
    named("aggregate.window.named", aggregate.window().named());
  }
  std::size_t sums = 0;
  for (const scenario::DatasetMeasure& measure : aggregate.measures()) {
    const std::string path = "aggregate.measures." + measure.name();
    named(path, measure.name());
    if (measure.sum().empty()) continue;
    const Column* of = known(path, measure.sum());
    if (of != nullptr && !is_number(*of))
      say(path, fmt::format("`{}` holds no number", of->name), "a column of numbers");
    if (++sums > GroupTotals::most_sums)
      say(path, fmt::format("it is the sum number {}", sums), fmt::format("at most {}", GroupTotals::most_sums));
  }
}

}  // namespace

bool has_rows_of_its_own(const scenario::Dataset& dataset) {
  return !dataset.where().empty() || dataset.has_each() || dataset.has_look_up() ||
         dataset.kind() != scenario::Dataset::CURRENT_STATE;
}

const std::string& name_at_source(const scenario::Dataset& dataset) {
  return has_rows_of_its_own(dataset) ? dataset.name() : dataset.of();
}

RowId rows_for_one(const scenario::Dataset& dataset) {
  return dataset.has_each() ? static_cast<RowId>(dataset.each().up_to()) : 1;
}

TableSchema schema_beneath(const scenario::Dataset& dataset, const TablesBeneath& tables) {
  if (!has_rows_of_its_own(dataset)) return tables.table;
  DerivedShape shape{.base = tables.id, .per_row = rows_for_one(dataset), .captured = tables.captured};
  if (dataset.kind() == scenario::Dataset::CHANGE_LOG) shape.kind = DerivedRows::Kind::changes;
  if (dataset.kind() == scenario::Dataset::AGGREGATE) {
    const auto column = [&](const std::string& name) -> std::optional<ColumnId> {
      const VersionColumn* found = tables.table.versions.front().find(name);
      return found != nullptr ? std::optional(found->id) : std::nullopt;
    };
    shape.kind = DerivedRows::Kind::groups;
    shape.by = column(dataset.aggregate().by());
    if (dataset.aggregate().has_window()) shape.window = dataset.aggregate().window().named();
    for (const scenario::DatasetMeasure& measure : dataset.aggregate().measures())
      shape.sums.push_back({measure.name(), column(measure.sum())});
    return derived_schema(tables.table, shape, dataset.name());
  }
  if (dataset.kind() == scenario::Dataset::SNAPSHOT) {
    shape.kind = DerivedRows::Kind::snapshots;
    shape.cut = dataset.snapshot().named();
  }
  if (dataset.has_each()) shape.numbered = dataset.each().numbered();
  if (dataset.has_look_up()) {
    shape.kind = DerivedRows::Kind::joined;
    shape.other = tables.other_id;
    for (const scenario::LookedUp& column : dataset.look_up().columns()) {
      const VersionColumn* found = tables.other ? tables.other->versions.front().find(looked_up_from(column)) : nullptr;
      if (found != nullptr) shape.looked_up.push_back({column.name(), found->id});
    }
  }
  return derived_schema(tables.table, shape, dataset.name(), tables.other ? &*tables.other : nullptr);
}

std::vector<Condition> conditions_of(const RowConditions& where, const TableSchema& table, bool captured) {
  std::vector<Condition> conditions;
  for (const scenario::Condition& given : where) {
    const ColumnId id = table.versions.front().find(given.column())->id;
    const Column& column = table.columns[id];
    const auto add = [&](Condition::Kind kind) -> Condition& {
      return conditions.emplace_back(Condition{.kind = kind, .column = id, .bits = {}, .texts = {}});
    };
    const auto add_list = [&](Condition::Kind kind, const auto& texts) {
      if (texts.empty()) return;
      Condition& condition = add(kind);
      for (const std::string& text : texts) {
        if (captured) condition.texts.push_back(text);
        else condition.bits.push_back(*synthetic_value(column, text));
      }
    };
    add_list(Condition::Kind::in, given.in());
    add_list(Condition::Kind::not_in, given.not_in());
    if (given.has_at_least_ppb())
      add(Condition::Kind::at_least).bound = bound_of(column, given.at_least_ppb(), captured);
    if (given.has_below_ppb()) add(Condition::Kind::below).bound = bound_of(column, given.below_ppb(), captured);
    if (given.has_present()) add(given.present() ? Condition::Kind::is_not_null : Condition::Kind::is_null);
  }
  return conditions;
}

std::vector<ColumnProblem> row_problems(const scenario::Dataset& dataset, const TablesBeneath& tables, bool captured) {
  const TableSchema& table = tables.table;
  std::vector<ColumnProblem> problems;
  if (dataset.kind() == scenario::Dataset::CHANGE_LOG) inspect_change_log(dataset, table, problems);
  if (dataset.has_look_up()) inspect_look_up(dataset, tables, problems);
  if (dataset.kind() == scenario::Dataset::AGGREGATE || dataset.has_aggregate())
    inspect_aggregate(dataset, table, captured, problems);
  if (dataset.kind() == scenario::Dataset::SNAPSHOT || dataset.has_snapshot())
    inspect_snapshot(dataset, table, problems);
  for (const scenario::Condition& condition : dataset.where())
    inspect(condition, "where." + condition.column(), table, captured, problems);
  if (!dataset.has_each()) return problems;
  const scenario::Several& each = dataset.each();
  const VersionColumn* count = table.versions.front().find(each.count());
  std::vector<std::string> integers;
  for (const VersionColumn& column : table.versions.front().columns)
    if (table.columns[column.id].value_type == ValueType::integer) integers.push_back(column.name);
  if (count == nullptr || table.columns[count->id].value_type != ValueType::integer)
    problems.push_back({"each.count",
                        fmt::format("table `{}` has no integer column {}", table.name, shown(each.count())),
                        one_of(integers, "an integer column"), nearest_name(each.count(), integers)});
  if (table.versions.front().find(each.numbered()) != nullptr)
    problems.push_back({"each.numbered",
                        fmt::format("table `{}` has a column {} already", table.name, shown(each.numbered())),
                        "a name of its own", ""});
  return problems;
}

std::vector<ColumnProblem> snapshot_problems(const scenario::Dataset& dataset, std::int64_t duration_ns,
                                             std::int64_t rows) {
  constexpr std::int64_t cuts_max = 100'000, rows_max = 100'000'000;  // some eighty bytes a row, with two stores
  if (!dataset.has_snapshot() || dataset.snapshot().every_ns() == 0) return {};
  const std::int64_t cuts = duration_ns / dataset.snapshot().every_ns();
  if (cuts > cuts_max)
    return {{"snapshot.every", fmt::format("there would be {} cuts", cuts), fmt::format("at most {}", cuts_max), ""}};
  if (cuts * std::max<std::int64_t>(rows, 1) <= rows_max) return {};
  return {{"snapshot.every", fmt::format("{} cuts of {} rows are kept to the end", cuts, rows),
           fmt::format("at most {} rows in all", rows_max), ""}};
}

std::vector<ColumnProblem> own_row_problems(const scenario::OwnRows& own, const scenario::Dataset& dataset,
                                            const TableSchema& table, bool captured) {
  std::vector<ColumnProblem> problems;
  const std::string path = "rows." + own.dataset();
  if (!has_rows_of_its_own(dataset)) {
    problems.push_back({path, fmt::format("dataset `{}` has all rows of its table as they are", dataset.name()),
                        "a dataset with `where`, `each` or `look_up`, an aggregate or a snapshot", ""});
    return problems;
  }
  for (const scenario::Condition& condition : own.where())
    inspect(condition, path + ".where." + condition.column(), table, captured, problems);
  if (dataset.kind() == scenario::Dataset::CHANGE_LOG)
    problems.push_back(
        {path, fmt::format("dataset `{}` has every change as it is", dataset.name()), "nothing of the kind", ""});
  if (own.retractions() == scenario::OwnRows::FORGOTTEN && !dataset.has_aggregate())
    problems.push_back({path + ".retractions", "the dataset is no aggregate", "nothing", ""});
  if (own.leavers() == scenario::OwnRows::KEPT && dataset.has_aggregate())
    problems.push_back({path + ".leavers", "the rows of an aggregate are groups", "`retractions: forgotten`", ""});
  if (own.leavers() == scenario::OwnRows::KEPT && dataset.has_snapshot())
    problems.push_back({path + ".leavers", "no row leaves a snapshot", "nothing", ""});
  if (own.late_by_ns() > 0 && !dataset.has_snapshot())
    problems.push_back({path + ".late_by", "the dataset is no snapshot", "nothing", ""});
  const bool windows = dataset.aggregate().has_window();
  if (own.has_closes_after_ns() && !windows)
    problems.push_back({path + ".closes_after", "the dataset has no windows", "nothing", ""});
  if (dataset.has_snapshot() && own.late_by_ns() >= dataset.snapshot().every_ns())
    problems.push_back({path + ".late_by", "the next cut would come before", "less than the dataset's `every`", ""});
  if (own.look_ups() == scenario::OwnRows::FROZEN && !dataset.has_look_up())
    problems.push_back({path + ".look_ups", "the dataset looks nothing up", "nothing", ""});
  if (own.unfiltered() && !own.where().empty())
    problems.push_back({path + ".unfiltered", "it filters by `where`", "one of the two", ""});
  if (own.has_up_to() && !dataset.has_each())
    problems.push_back({path + ".up_to", "the dataset has one row for each of its table's", "nothing", ""});
  if (own.has_up_to() && dataset.has_each() && own.up_to() > dataset.each().up_to())
    problems.push_back(
        {path + ".up_to", fmt::format("the dataset has at most {}", dataset.each().up_to()), "less than that", ""});
  const auto same = [](const RowConditions& a, const RowConditions& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
      return google::protobuf::util::MessageDifferencer::Equals(x, y);
    });
  };
  const bool filters_alike =
      own.unfiltered() ? dataset.where().empty() : own.where().empty() || same(own.where(), dataset.where());
  const scenario::TimeWindow& window = dataset.aggregate().window();
  const bool closes_alike =
      !own.has_closes_after_ns() || (window.has_closes_after_ns() && own.closes_after_ns() == window.closes_after_ns());
  const bool counts_alike = !own.has_up_to() || (dataset.has_each() && own.up_to() == dataset.each().up_to());
  if (problems.empty() && filters_alike && counts_alike && own.leavers() == scenario::OwnRows::DELETED &&
      own.look_ups() == scenario::OwnRows::FOLLOWED && own.retractions() == scenario::OwnRows::DONE &&
      own.late_by_ns() == 0 && closes_alike)
    problems.push_back({path, "the rows are chosen as the dataset says, which is no defect",
                        "`where`, `unfiltered`, `leavers`, `up_to`, `look_ups`, `retractions`, `closes_after` or "
                        "`late_by`, or nothing",
                        "", ColumnProblem::Weight::warning});
  return problems;
}

}  // namespace rehearse
