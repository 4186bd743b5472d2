// The values of derived columns, and when two values are the same to a contract.
#include <fmt/format.h>

#include <algorithm>

#include "sim/kernel/assert.h"
#include "sim/kernel/civil.h"
#include "sim/kernel/time.h"
#include "sim/rows/content.h"
#include "sim/rows/convert.h"
#include "sim/rows/damage.h"

namespace rehearse {
namespace {

constexpr int origin_shift = 48;
constexpr std::int64_t original_mask = (std::int64_t{1} << origin_shift) - 1;
constexpr std::int64_t of_write_flag = std::int64_t{1} << 62;
constexpr std::int64_t day_s = 86'400;

std::int64_t floored(std::int64_t value, std::int64_t to) { return value - floor_mod(value, to); }

bool is_number(ValueType type) { return type == ValueType::integer || type == ValueType::decimal; }

bool tells_of_writes(const Column& column) {
  return column.role == ColumnRole::created_at || column.role == ColumnRole::updated_at;
}

}  // namespace

ValueForm form_of(const Column& column) {
  if (column.derived) return column.derived->form;
  if (column.form) return *column.form;
  return {.type = column.value_type,
          .unit = column.value_type == ValueType::decimal ? synthetic_cents : 1,
          .date = column.type == "date"};
}

ColumnId origin(const Value& value) { return static_cast<ColumnId>(value.bits >> origin_shift); }
std::int64_t original_bits(const Value& value) { return value.bits & original_mask; }
bool is_time_of_write(const Value& value) {
  return value.kind == Value::Kind::instant && value.bits > 0 && (value.bits & of_write_flag) != 0;
}

void Content::derived_values(const TableSchema& schema, TableId table, ColumnId column, const MarkTable& marks,
                             std::span<const RowCell> rows, Value* out) const {
  const DerivedColumn& derived = *schema.columns[column].derived;
  const auto way_of = [&](Mark mark) {
    for (const Alteration& a : marks[mark].alterations)
      if (a.column == column) return a.parameter;
    return std::uint32_t{0};
  };
  std::vector<RowCell> same_way;
  std::vector<std::size_t> places;
  std::vector<Value> made_of;
  for (std::uint32_t way = 0; way < derived.ways.size(); ++way) {
    same_way.clear();
    places.clear();
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (way_of(rows[i].cell.mark) == way) {
        same_way.push_back(rows[i]);
        places.push_back(i);
      }
    if (same_way.empty()) continue;
    made_of.resize(same_way.size());
    values(schema, table, derived.ways[way].from, marks, same_way, made_of.data());
    for (std::size_t i = 0; i < places.size(); ++i)
      out[places[i]] = same_way[i].cell.live() ? made(schema, derived, derived.ways[way], made_of[i]) : Value{};
  }
}

bool Content::shows(const TableSchema& schema, TableId table, ColumnId column, std::uint32_t way,
                    const MarkTable& marks, RowCell at) const {
  const DerivedColumn& derived = *schema.columns[column].derived;
  const auto by = [&](const Derivation& d) {
    return made(schema, derived, d, value(schema, table, d.from, marks, at));
  };
  return by(derived.ways[way]) != by(derived.ways.front());
}

Value Content::made(const TableSchema& schema, const DerivedColumn& column, const Derivation& way, Value value) const {
  const Column& source = schema.columns[way.from];
  const bool of_write = !images_ && tells_of_writes(source);
  ValueForm form = form_of(source);
  if (way.cast) {
    value = cast(value, form, *way.cast, way.rounding, of_write);
    form = *way.cast;
  }
  value = cast(value, form, column.form, Rounding::half_up, of_write);
  if (value.kind == Value::Kind::null) return way.in_place_of_null;
  const bool instant_of_write = of_write && value.kind == Value::Kind::instant;
  if (value.kind == Value::Kind::text || instant_of_write)
    value.bits = std::int64_t{way.from} << origin_shift | (value.bits & original_mask);
  if (instant_of_write) value.bits |= of_write_flag;
  return value;
}

// A damaged value is cast as what it reads as: a captured text as a damaged value of the type that it is cast to.
Value Content::cast(Value value, const ValueForm& from, const ValueForm& to, Rounding rounding, bool of_write) const {
  if (value.kind == Value::Kind::null || to.type == ValueType::text) return value;
  if (value.kind == Value::Kind::pooled) {
    if (!to.fixed) return value;
    std::string text = images_->text(static_cast<std::uint32_t>(value.bits));
    if (value.twist != 0)
      text = damaged_text(text, from.type == ValueType::text ? to : from, damage_of(value.twist)).value_or("");
    std::optional<std::int64_t> bits;
    if (to.type == ValueType::timestamp) {
      bits = instant_of(text);
      if (bits) *bits = floored(*bits / (second.ns / to.unit), to.date ? day_s * to.unit : 1);
    } else if (from.type == ValueType::boolean) {
      bits = text == "t" || text == "true" ? to.unit : 0;
    } else {
      bits = number_of(text, to, rounding);
    }
    if (!bits) return {};
    return {to.type == ValueType::timestamp ? Value::Kind::instant : Value::Kind::number, 0, *bits};
  }
  if (value.kind == Value::Kind::number && is_number(to.type)) {
    const std::optional<std::int64_t> bits = rescaled(value.bits, from.unit, to, rounding);
    return bits ? Value{Value::Kind::number, value.twist, *bits} : Value{};
  }
  if (value.kind == Value::Kind::instant && to.date && !of_write) {
    const std::int64_t start = images_ ? 0 : start_unix_ns_ / second.ns, scale = second.ns / to.unit;
    std::int64_t at = value.bits + start;
    if (value.twist != 0) at = damaged_instant(at * scale, from.date, damage_of(value.twist)) / scale;
    value.bits = floored(at, day_s * to.unit) - start;
    value.twist = 0;
  }
  return value;
}

std::int64_t Content::unit(const Column& column) const {
  const ValueForm form = form_of(column);
  return !images_ || form.fixed ? form.unit : captured_unit;
}

std::string Content::derived_text(const TableSchema& schema, const Column& column, const Value& value) const {
  const ValueForm& form = column.derived->form;
  switch (value.kind) {
    case Value::Kind::text:
      if (value.bits < 0) return column.derived->default_texts[static_cast<std::size_t>(-1 - value.bits)];
      if (schema.columns[origin(value)].source == ColumnSource::operation)
        return operation_text(static_cast<Op>(original_bits(value)));
      return fmt::format("{}_{}", schema.columns[origin(value)].name, original_bits(value));
    case Value::Kind::number:
      return number_text(value.bits, form);
    case Value::Kind::instant: {
      if (is_time_of_write(value))
        return fmt::format("{} of write {}", schema.columns[origin(value)].name, original_bits(value));
      const Column& from = schema.columns[column.derived->ways.front().from];
      const bool since_start = !images_ || from.source != ColumnSource::base;
      const std::int64_t unix_ns = value.bits * (second.ns / form.unit) + (since_start ? start_unix_ns_ : 0);
      const std::string text = format_rfc3339(unix_ns, 0, Fraction::as_needed);
      return form.date ? text.substr(0, text.find('T')) : text;
    }
    default:
      REHEARSE_ASSERT(false, "a derived value is a text, a number or an instant");
  }
}

// ---- the contract's equality ---------------------------------------------------------------------------------------

std::optional<Signed128> Content::exact(const Column& column, const Value& value) const {
  constexpr std::int64_t as_much = 1'000'000'000'000'000'000;
  if (value.kind == Value::Kind::pooled) return exact_number(captured_text(column, value));
  if (value.kind != Value::Kind::number || value.twist != 0) return std::nullopt;
  return static_cast<Signed128>(value.bits) * (as_much / form_of(column).unit);
}

std::optional<Signed128> Content::instant_ns(const Column& column, const Value& value) const {
  if (value.kind == Value::Kind::pooled) return instant_of(captured_text(column, value));
  if (value.kind != Value::Kind::instant) return std::nullopt;
  // The instants of writes are not in the bits, so only of a shift is it known how far it is.
  if (value.twist != 0 && damage_of(value.twist) != AlterationKind::shifted) return std::nullopt;
  const ValueForm form = form_of(column);
  const std::int64_t at = value.bits * (second.ns / form.unit);
  return value.twist == 0 ? at : damaged_instant(at, form.date, AlterationKind::shifted);
}

std::string Content::normalised_text(const Column& column, const Value& value) const {
  if (column.source == ColumnSource::operation) return std::to_string(value.bits);
  const bool pooled = value.kind == Value::Kind::pooled;
  const auto number = static_cast<std::size_t>(pooled ? value.bits : -1 - value.bits);
  const std::string text = pooled ? captured_text(column, value) : column.derived->default_texts[number];
  return normalised(text, form_of(column).type);
}

namespace {

bool within(const std::optional<Signed128>& a, const std::optional<Signed128>& b, Signed128 tolerance) {
  if (!a || !b) return false;
  return magnitude(*a - *b) <= tolerance;
}

}  // namespace

// A damaged captured value is another one, which a sound value may happen to be.
bool Content::reads_alike(const Column& column, const Value& a, const Value& b) const {
  if (a.kind != Value::Kind::pooled || b.kind != Value::Kind::pooled || a.twist == b.twist) return false;
  return form_of(column).type != ValueType::text && captured_text(column, a) == captured_text(column, b);
}

bool Content::same(const Column& column, const Value& a, const Value& b) const {
  constexpr std::int64_t tolerance_in_exact = 1'000'000'000;  // 10^-9 in 10^-18
  constexpr std::int64_t parts = 1'000'000'000;
  if (a == b) return true;
  if (a.kind == Value::Kind::null || b.kind == Value::Kind::null) return false;
  const Equality& equality = column.equality;
  switch (equality.kind) {
    case Equality::Kind::exact:
      return reads_alike(column, a, b);
    case Equality::Kind::tolerance:
      if (form_of(column).type != ValueType::timestamp)
        return within(exact(column, a), exact(column, b),
                      static_cast<Signed128>(equality.tolerance) * tolerance_in_exact);
      if ((is_time_of_write(a) || is_time_of_write(b)) && a.bits != b.bits) return false;
      return within(instant_ns(column, a), instant_ns(column, b), equality.tolerance);
    case Equality::Kind::relative: {
      const std::optional<Signed128> numbers[] = {exact(column, a), exact(column, b)};
      if (!numbers[0] || !numbers[1]) return false;
      const Signed128 larger = std::max(magnitude(*numbers[0]), magnitude(*numbers[1]));
      return within(numbers[0], numbers[1], larger / parts * equality.tolerance);
    }
    case Equality::Kind::normalised: {
      const auto written = [](const Value& v) { return v.kind == Value::Kind::pooled || v.kind == Value::Kind::text; };
      if (!images_ || !written(a) || !written(b)) return false;
      if (a.twist != b.twist && form_of(column).type == ValueType::text) return false;
      return normalised_text(column, a) == normalised_text(column, b);
    }
  }
  REHEARSE_ASSERT(false, "an equality is of a kind");
}

}  // namespace rehearse
