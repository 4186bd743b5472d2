#include "harness/campaign/emit_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "sim/capture/write_text.h"
#include "sim/kernel/civil.h"
#include "sim/rows/damage.h"

namespace rehearse {
namespace {

constexpr std::int64_t ns_per_second = 1'000'000'000;
constexpr std::int64_t first_instant_s = 946'684'800;  // 2000-01-01
constexpr std::int64_t century_s = 3'155'760'000;      // instants lie within the one from there on
constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t smallints = 32'768;
constexpr std::int64_t integers = std::int64_t{1} << 31;
constexpr std::int64_t places_of_numbers = 2;  // behind the point, in the simulation

// The numbers in the brackets of a type, or `none` where there are fewer.
std::int64_t argument(const std::string& type, int number, std::int64_t none) {
  std::size_t at = type.find('(');
  for (int i = 0; i < number && at != std::string::npos; ++i) at = type.find(',', at + 1);
  std::int64_t value = none;
  if (at != std::string::npos) std::from_chars(type.data() + at + 1, type.data() + type.size(), value);
  return value;
}

// A decimal's precision and scale, and how many of its last places are always 0.
struct DecimalShape {
  std::int64_t precision, scale, zeros;
  explicit DecimalShape(const std::string& type)
      : precision(argument(type, 0, 18)),
        scale(argument(type, 1, type.find('(') == std::string::npos ? places_of_numbers : 0)),
        zeros(std::max<std::int64_t>(scale - places_of_numbers, 0)) {}
  std::int64_t numbers() const {  // that it holds, from 0
    std::int64_t numbers = 1;
    for (std::int64_t i = 0; i < precision - zeros && numbers < std::int64_t{1} << 59; ++i) numbers *= 10;
    return numbers;
  }
};

std::string decimal_text(std::int64_t number, const DecimalShape& shape) {
  const bool negative = number < 0;
  std::string digits = fmt::format("{}", (negative ? -number : number) % shape.numbers());
  digits.append(static_cast<std::size_t>(shape.zeros), '0');
  const auto places = static_cast<std::size_t>(shape.scale);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  if (places > 0) digits.insert(digits.size() - places, 1, '.');
  return negative ? "-" + digits : digits;
}

// A text as its column's width allows: the number alone, and its last characters, where all of it does not fit.
std::string fitted(std::string text, std::int64_t number, const std::string& type) {
  const auto width = static_cast<std::size_t>(argument(type, 0, type.starts_with("character(") ? 1 : 0));
  if (width > 0 && text.size() > width) text = fmt::format("{}", number);
  if (width > 0 && text.size() > width) text = text.substr(text.size() - width);
  if (type.starts_with("character(")) text.resize(width, ' ');
  return text;
}

std::string altered_text(std::string text, AlterationKind how) {
  switch (how) {
    case AlterationKind::truncated:
      return text.substr(0, text.size() / 2);
    case AlterationKind::unavailable:
      return "__debezium_unavailable_value";
    case AlterationKind::garbled:
      return "\xC3\x83\xC2\xA9" + text;  // é read in another character set
    default:
      return text + "~";
  }
}

std::string instant_text(std::int64_t seconds, const std::string& type, std::uint8_t twist) {
  seconds = first_instant_s + seconds % century_s;
  std::int64_t unix_ns = seconds * ns_per_second;
  if (twist != 0) unix_ns = damaged_instant(unix_ns, type == "date", damage_of(twist));
  const std::string text = postgres_time(unix_ns);
  if (type == "date") return text.substr(0, 10);
  return type == "timestamp with time zone" ? text : text.substr(0, text.size() - 3);
}

}  // namespace

std::string printed_type(const std::string& type) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> printed{
      {{"decimal", "numeric"},
       {"double", "double precision"},
       {"varchar", "character varying"},
       {"char", "character"},
       {"timestamptz", "timestamp with time zone"},
       {"timestamp", "timestamp without time zone"}}};
  const std::size_t bracket = std::min(type.find('('), type.size());
  for (const auto& [name, as] : printed)
    if (type.compare(0, bracket, name) == 0) {
      const std::string arguments = type.substr(bracket);
      return std::string(as) + (name == "char" && arguments.empty() ? "(1)" : arguments);
    }
  return type;
}

Faithful faithful(const Column& column) {
  const std::string type = printed_type(column.type);
  const auto values = static_cast<std::int64_t>(number_of_values(column));
  const auto if_it_holds = [&](std::int64_t numbers, Faithful how = Faithful::as_it_is) {
    return values <= numbers ? how : Faithful::no;
  };
  if (type == "boolean") return if_it_holds(2);
  if (type == "smallint") return if_it_holds(column.role == ColumnRole::key ? 0 : smallints);
  if (type == "integer") return if_it_holds(integers);
  if (type.starts_with("numeric")) {
    const DecimalShape shape(type);
    return if_it_holds(shape.numbers(), shape.scale < places_of_numbers ? Faithful::apart : Faithful::as_it_is);
  }
  if (type == "date") return if_it_holds(century_s / day_s, Faithful::apart);
  if (column.value_type != ValueType::text || type == "text") return Faithful::as_it_is;
  if (!type.starts_with("character")) return Faithful::apart;
  const auto width = static_cast<std::size_t>(argument(type, 0, 0));
  const std::size_t longest = fmt::format("{}_{}", column.name, values - 1).size();
  return width == 0 || longest <= width ? Faithful::as_it_is : Faithful::no;
}

std::string RowTexts::time_text(Time at) const { return postgres_time(world_->start_unix_ns + at.ns); }

std::string RowTexts::text(const Column& column, const std::string& type, const Value& value, Write write,
                           const RowTimes& times) const {
  if (column.source == ColumnSource::window || column.source == ColumnSource::cut) return time_text(Time{value.bits});
  if (column.source == ColumnSource::operation) return operation_text(static_cast<Op>(value.bits));
  const bool role = column.role == ColumnRole::created_at || column.role == ColumnRole::updated_at;
  if (role && value.kind == Value::Kind::instant) {
    const bool former = column.role == ColumnRole::updated_at && value.bits != std::int64_t{write};
    Time shown = column.role == ColumnRole::created_at ? times.created : former ? times.updated_before : times.updated;
    if (value.twist != 0) {
      const std::int64_t start = world_->start_unix_ns;
      shown = Time{damaged_instant(start + shown.ns, type == "date", damage_of(value.twist)) - start};
    }
    const std::string text = time_text(shown);
    return type == "timestamp with time zone" ? text : text.substr(0, text.size() - 3);
  }
  const std::int64_t number = value.bits;
  const std::int64_t visible = value.twist == 0 ? number : -number - 1;
  if (type == "boolean") return (number & 1) != 0 ? "t" : "f";
  if (type == "smallint") return fmt::format("{}", visible % smallints);
  if (type == "integer" || type == "bigint") return fmt::format("{}", visible);
  if (type.starts_with("numeric")) return decimal_text(visible, DecimalShape(type));
  if (type == "double precision") return decimal_text(visible, DecimalShape("numeric"));
  if (type == "date") return instant_text(number % (century_s / day_s) * day_s, type, value.twist);
  if (type.starts_with("timestamp")) return instant_text(number, type, value.twist);
  if (type == "uuid")
    return fmt::format("00000000-0000-{}000-8000-{:012x}", value.twist == 0 ? 4 : 5,
                       static_cast<std::uint64_t>(number) & 0xFFFF'FFFF'FFFFU);
  if (type == "json") return fmt::format(R"({{"v":{}}})", visible);
  if (type == "jsonb") return fmt::format(R"({{"v": {}}})", visible);
  if (type == "bytea") return fmt::format("\\x{:016x}", static_cast<std::uint64_t>(visible));
  const std::string text =
      value.kind == Value::Kind::text ? fmt::format("{}_{}", column.name, number) : fmt::format("{}", number);
  return fitted(value.twist == 0 ? text : altered_text(text, damage_of(value.twist)), number, type);
}

std::vector<EventColumn> RowTexts::row(TableId table, std::uint16_t version, RowCell at, const RowTimes& times) {
  const TableSchema& schema = world_->source.schema(table);
  std::vector<EventColumn> columns;
  for (const VersionColumn& named : schema.versions[version].columns)
    columns.push_back(column(table, named.id, named.name, named.type, at, times));
  return columns;
}

// A column whose name and role tell how its values print: a looked-up one is the other table's.
const Column& RowTexts::printed_column(const TableSchema& schema, ColumnId id) const {
  const Column& column = schema.columns[id];
  const bool looked_up = column.source == ColumnSource::other;
  return looked_up ? world_->source.schema(column.origin.table).columns[column.origin.column] : column;
}

EventColumn RowTexts::column(TableId table, ColumnId id, std::string_view name, const std::string& type, RowCell at,
                             const RowTimes& times) {
  const TableSchema& schema = world_->source.schema(table);
  const Value value = world_->content.value(schema, table, id, world_->marks, at);
  EventColumn column;
  column.name = name;
  column.type = keep(printed_type(type));
  column.is_null = value.kind == Value::Kind::null;
  const Write write = schema.derived ? schema.derived->base_write(at.cell.write) : at.cell.write;
  if (!column.is_null)
    column.text = keep(text(printed_column(schema, id), std::string(column.type), value, write, times));
  return column;
}

std::vector<EventColumn> RowTexts::row(const Dataset& dataset, RowCell at, const RowTimes& times) {
  const TableSchema& schema = world_->source.schema(dataset.table);
  std::vector<EventColumn> columns;
  for (const ColumnId id : world_->contract_columns(dataset)) {
    const Column& c = schema.columns[id];
    columns.push_back(c.derived ? derived_column(dataset.table, id, at, times)
                                : column(dataset.table, id, c.name, c.type, at, times));
  }
  return columns;
}

// What is printed of the source's column, cast as texts are; numbers by their own arithmetic.
EventColumn RowTexts::derived_column(TableId table, ColumnId id, RowCell at, const RowTimes& times) {
  constexpr std::size_t date_length = 10;
  const TableSchema& schema = world_->source.schema(table);
  const Column& derived = schema.columns[id];
  const Column& source = schema.columns[schema.base(id)];
  const Value value = world_->content.value(schema, table, id, world_->marks, at);
  EventColumn printed = column(table, schema.base(id), derived.name, source.type, at, times);
  const bool number = derived.value_type == ValueType::integer || derived.value_type == ValueType::decimal;
  const bool cast = derived.derived->ways.front().cast.has_value();
  if (value.kind == Value::Kind::null) printed.is_null = true;
  else if (printed.is_null || (cast && number)) printed.text = keep(world_->content.text(schema, id, value));
  else if (cast && derived.derived->form.date) printed.text = printed.text.substr(0, date_length);
  else if (cast && derived.value_type == ValueType::timestamp && printed.text.size() == date_length)
    printed.text = keep(std::string(printed.text) + " 00:00:00");
  if (value.kind != Value::Kind::null) printed.is_null = false;
  printed.type = keep(printed_type(derived.type));
  return printed;
}

std::vector<std::string_view> RowTexts::key(TableId table, std::uint16_t version) const {
  const TableSchema& schema = world_->source.schema(table);
  std::vector<std::string_view> names;
  for (const VersionColumn& named : schema.versions[version].columns)
    if (schema.columns[named.id].role == ColumnRole::key) names.emplace_back(named.name);
  return names;
}

}  // namespace rehearse
