#include "sim/rows/content.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/kernel/assert.h"
#include "sim/kernel/civil.h"
#include "sim/kernel/time.h"
#include "sim/rows/convert.h"
#include "sim/rows/damage.h"

namespace rehearse {
namespace {

// What is told of a damaged value that does not show what it became.
constexpr const char* twists[] = {"", " (null)", " (cut)", " (shifted)", " (garbled)", " (stale)", " (placeholder)"};
constexpr std::uint64_t widest_number = 1'000'000;  // a synthetic number without `distinct` lies below it

// Parses a plain decimal text into millionths; exponents and texts give 0.
std::int64_t millionths(const std::string& text) {
  std::int64_t whole = 0;
  std::size_t i = 0;
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) i = 1;
  int fraction_digits = -1;
  for (; i < text.size(); ++i) {
    if (text[i] == '.' && fraction_digits < 0) {
      fraction_digits = 0;
      continue;
    }
    if (text[i] < '0' || text[i] > '9') return 0;
    if (fraction_digits == 6) continue;
    if (whole > (std::int64_t{1} << 59)) return 0;
    whole = whole * 10 + (text[i] - '0');
    if (fraction_digits >= 0) ++fraction_digits;
  }
  for (int digits = std::max(fraction_digits, 0); digits < 6; ++digits) {
    if (whole > (std::int64_t{1} << 59)) return 0;
    whole *= 10;
  }
  return negative ? -whole : whole;
}

}  // namespace

std::uint64_t number_of_values(const Column& column) {
  if (column.distinct > 0) return column.distinct;
  return column.value_type == ValueType::boolean ? 2 : widest_number;
}

Value Content::plain(const Column& c, ColumnOrigin from, const MarkInfo& mark, RowCell at, std::uint32_t pooled) const {
  if (images_) return pooled == 0 ? Value{} : Value{Value::Kind::pooled, 0, pooled};
  if (c.added_in > mark.schema) return c.default_null ? Value{} : Value{Value::Kind::number, 0, c.default_value};
  if (from.key) return {Value::Kind::number, 0, std::int64_t{at.row} + 1};
  if (c.role == ColumnRole::created_at) return {Value::Kind::instant, 0, 0};
  if (c.role == ColumnRole::updated_at) return {Value::Kind::instant, 0, at.cell.write};
  const Stream values = {
      finalise(seed_ ^ (std::uint64_t{from.table} << 40 | std::uint64_t{from.column} << 32 | 0x636f6cU))};
  const std::uint64_t id = std::uint64_t{at.row} << 32 | (c.changes ? at.cell.write : 0);
  const std::uint64_t random = bits(values, id);
  if (c.null_share > 0 && below(bits(values, id, 1), 1'000'000) < c.null_share) return {};
  const auto number = static_cast<std::int64_t>(below(random, number_of_values(c)));
  switch (c.value_type) {
    case ValueType::text:
      return {Value::Kind::text, 0, number};
    case ValueType::timestamp:
      return {Value::Kind::instant, 0, number};
    default:
      return {Value::Kind::number, 0, number};
  }
}

// Numbers and truth values become others. What is shown of a damaged captured value or time is for who reads it, and of
// a damaged text nobody can say.
Value Content::altered(const Column& column, Value value, const Alteration& alteration) {
  if (alteration.kind == AlterationKind::null) return {};
  if (value.kind == Value::Kind::null) return value;
  const ValueForm form = form_of(column);
  const bool number = value.kind == Value::Kind::number;
  if (number && (form.type == ValueType::integer || form.type == ValueType::decimal))
    value.bits = damaged_number(value.bits, form, alteration.kind);
  else if (number && form.type == ValueType::boolean) value.bits = 1 - value.bits;
  else value.twist = static_cast<std::uint8_t>(1 + static_cast<int>(alteration.kind));
  return value;
}

void Content::values(const TableSchema& schema, TableId table, ColumnId column, const MarkTable& marks,
                     std::span<const RowCell> rows, Value* out) const {
  if (schema.columns[column].derived) return derived_values(schema, table, column, marks, rows, out);
  const Column& c = schema.columns[column];
  if (c.source >= ColumnSource::row_number) return own_values(schema, table, column, marks, rows, out);
  const ColumnOrigin from = schema.derived ? c.origin : ColumnOrigin{table, column, c.role == ColumnRole::key};
  const auto origin_of = [&](RowCell at) {
    at.cell.write = write_shown(schema, table, column, marks, at);
    return schema.derived ? made_of(*schema.derived, c, at) : at;
  };
  const auto shown = [&](Mark of, RowCell origin, std::uint32_t pooled) {
    const MarkInfo& mark = marks[of];
    Value value = mark.live && origin.row != DerivedImage::no_row ? plain(c, from, mark, origin, pooled) : Value{};
    for (const Alteration& a : mark.alterations)
      if (a.column == column && a.kind != AlterationKind::stale) value = altered(c, value, a);
    return value;
  };
  if (!images_) {
    for (std::size_t i = 0; i < rows.size(); ++i) out[i] = shown(rows[i].cell.mark, origin_of(rows[i]), 0);
    return;
  }
  std::vector<RowCell> origins;
  for (const RowCell& at : rows) origins.push_back(origin_of(at));
  std::vector<std::uint32_t> pooled(rows.size());
  if (!schema.derived) images_->value_ids(from.table, from.column, origins, pooled.data());
  for (std::size_t i = 0; schema.derived && i < origins.size(); ++i)
    if (origins[i].row != DerivedImage::no_row)
      images_->value_ids(from.table, from.column, std::span(&origins[i], 1), &pooled[i]);
  for (std::size_t i = 0; i < rows.size(); ++i) out[i] = shown(rows[i].cell.mark, origins[i], pooled[i]);
}

Value Content::value(const TableSchema& schema, TableId table, ColumnId column, const MarkTable& marks,
                     RowCell at) const {
  Value value;
  values(schema, table, column, marks, std::span(&at, 1), &value);
  return value;
}

bool Content::equal(const TableSchema& schema, TableId table, std::span<const ColumnId> columns, const MarkTable& marks,
                    RowId row, Cell a, Cell b) const {
  if (a.same_content_as(b)) return true;
  if (a.live() != b.live()) return false;
  for (const ColumnId column : columns)
    if (!same(schema.columns[column], value(schema, table, column, marks, {row, a}),
              value(schema, table, column, marks, {row, b})))
      return false;
  return true;
}

std::vector<ColumnId> Content::differing(const TableSchema& schema, TableId table, std::span<const ColumnId> columns,
                                         const MarkTable& marks, RowId row, Cell a, Cell b) const {
  std::vector<ColumnId> different;
  if (a.same_content_as(b) || a.live() != b.live()) return different;
  for (const ColumnId column : columns)
    if (!same(schema.columns[column], value(schema, table, column, marks, {row, a}),
              value(schema, table, column, marks, {row, b})))
      different.push_back(column);
  return different;
}

std::int64_t Content::number(const Column& column, const Value& value) const {
  switch (value.kind) {
    case Value::Kind::null:
      return 0;
    case Value::Kind::pooled:
      return millionths(captured_text(column, value));
    default:
      return value.bits;
  }
}

std::string Content::captured_text(const Column& column, const Value& value) const {
  const std::string text = images_->text(static_cast<std::uint32_t>(value.bits));
  if (value.twist == 0) return text;
  return damaged_text(text, form_of(column), damage_of(value.twist)).value_or(text + twists[value.twist]);
}

std::string Content::text(const TableSchema& schema, ColumnId column, const Value& value) const {
  const Column& c = schema.columns[column];
  const char* twist = twists[value.twist];
  if (c.derived && value.kind != Value::Kind::null && value.kind != Value::Kind::pooled)
    return derived_text(schema, c, value) + twist;
  switch (value.kind) {
    case Value::Kind::null:
      return "NULL";
    case Value::Kind::pooled:
      return captured_text(c, value);
    case Value::Kind::text:
      if (c.source == ColumnSource::operation) return operation_text(static_cast<Op>(value.bits)) + std::string(twist);
      return fmt::format("{}_{}{}", c.name, value.bits, twist);
    case Value::Kind::instant:
      if (c.source == ColumnSource::window || c.source == ColumnSource::cut) return instant_text({value.bits}) + twist;
      return fmt::format("{} of write {}{}", c.name, value.bits, twist);
    case Value::Kind::number:
      return number_text(value.bits, form_of(c)) + twist;
  }
  REHEARSE_ASSERT(false, "a value has a kind");
}

std::string Content::instant_text(Time at) const {
  return format_rfc3339(start_unix_ns_ + at.ns, 0, Fraction::as_needed);
}

// What a column of a derived table's row is read from; no row, if there was none to look up, or if a delete shows only
// the key.
RowCell Content::made_of(const DerivedRows& derived, const Column& column, RowCell at) {
  if (derived.kind == DerivedRows::Kind::groups) {
    const Group& group = derived.groups[at.row];
    return {group.row, {group.write, at.cell.mark, 0}};
  }
  if (derived.kind == DerivedRows::Kind::chosen || at.cell.write == 0) return {derived.base_row(at.row), at.cell};
  const DerivedImage& image = derived.images[at.cell.write - 1];
  const bool of_other = column.source == ColumnSource::other;
  const bool gone = derived.kind == DerivedRows::Kind::changes && image.op == Op::remove && !column.origin.key;
  at.row = of_other ? image.other : gone ? DerivedImage::no_row : image.row;
  at.cell.write = of_other ? image.other_write : image.write;
  return at;
}

Write Content::write_before(const TableSchema& schema, TableId table, RowId row, Write write) const {
  if (schema.derived && write > 0) {
    const DerivedRows& derived = *schema.derived;
    if (derived.kind == DerivedRows::Kind::groups) return derived.totals[write - 1].before;
    if (derived.kind != DerivedRows::Kind::chosen) return derived.images[write - 1].before;
  }
  if (!images_) return write - 1;
  return images_->write_before(schema.derived ? schema.derived->base : table, schema.base_row(row), write);
}

// The write that a damaged value is left from, or the row's.
Write Content::write_shown(const TableSchema& schema, TableId table, ColumnId column, const MarkTable& marks,
                           RowCell at) const {
  for (const Alteration& a : marks[at.cell.mark].alterations)
    if (a.column == column && a.kind == AlterationKind::stale)
      return a.parameter == former_write ? write_before(schema, table, at.row, at.cell.write) : a.parameter;
  return at.cell.write;
}

// Of a column that shows something of its own row.
void Content::own_values(const TableSchema& schema, TableId table, ColumnId column, const MarkTable& marks,
                         std::span<const RowCell> rows, Value* out) const {
  const auto write_of = [&](std::size_t i) { return write_shown(schema, table, column, marks, rows[i]); };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto [row, cell] = rows[i];
    out[i] = {};
    if (!marks[cell.mark].live) continue;
    switch (schema.columns[column].source) {
      case ColumnSource::row_number:
        out[i] = {Value::Kind::number, 0, row % schema.derived->per_row + 1};
        break;
      case ColumnSource::position:
        out[i] = {Value::Kind::number, 0, std::int64_t{row} + 1};
        break;
      case ColumnSource::cut:
        out[i] = {Value::Kind::instant, 0, schema.derived->cut_of(row).at.ns};
        break;
      case ColumnSource::window:
        out[i] = {Value::Kind::instant, 0, schema.derived->groups[row].window.ns};
        break;
      case ColumnSource::rows:
        out[i] = {Value::Kind::number, 0, schema.derived->totals[write_of(i) - 1].rows};
        break;
      case ColumnSource::sum:
        out[i] = {Value::Kind::number, 0,
                  schema.derived->totals[write_of(i) - 1].sums[schema.columns[column].origin.column]};
        if (images_ && schema.columns[column].value_type == ValueType::integer) out[i].bits /= captured_unit;
        break;
      default:
        out[i] = {Value::Kind::text, 0, static_cast<std::int64_t>(schema.derived->images[write_of(i) - 1].op)};
    }
    for (const Alteration& a : marks[cell.mark].alterations)
      if (a.column == column && a.kind != AlterationKind::stale) out[i] = altered(schema.columns[column], out[i], a);
  }
}

std::string Content::key_text(const TableSchema& schema, TableId table, RowId row) const {
  if (schema.has(ColumnSource::position)) return fmt::format("{}", std::uint64_t{row} + 1);
  if (schema.derived && schema.derived->kind == DerivedRows::Kind::groups) return group_text(schema, row);
  const RowId base = schema.base_row(row);
  const std::string key = images_ ? images_->key_text(schema.derived ? schema.derived->base : table, base)
                                  : fmt::format("{}", std::uint64_t{base} + 1);
  if (schema.has(ColumnSource::row_number)) return fmt::format("{}, {}", key, row % schema.derived->per_row + 1);
  if (!schema.has(ColumnSource::cut)) return key;
  return fmt::format("{}, {}", key, instant_text(schema.derived->cut_of(row).at));
}

std::string Content::group_text(const TableSchema& schema, RowId row) const {
  const Group& group = schema.derived->groups[row];
  std::string key;
  for (ColumnId id = 0; id < schema.columns.size(); ++id) {
    const Column& column = schema.columns[id];
    if (column.role != ColumnRole::key) continue;
    if (!key.empty()) key += ", ";
    const Value value = column.source == ColumnSource::window
                            ? Value{Value::Kind::instant, 0, group.window.ns}
                            : of_row(column, column.origin, 0, group.row, group.write);
    key += text(schema, id, value);
  }
  return key;
}

// ---- what decides which rows a dataset has ------------------------------------------------------------------------

Value Content::of_row(const Column& column, ColumnOrigin from, std::uint16_t version, RowId row, Write write) const {
  const MarkInfo clean{.live = true, .schema = version, .alterations = {}};
  const RowCell at{row, {write, absent, 0}};
  std::uint32_t pooled = 0;
  if (images_) images_->value_ids(from.table, from.column, std::span(&at, 1), &pooled);
  return plain(column, from, clean, at, pooled);
}

Value Content::of_source(const TableSchema& schema, TableId table, ColumnId column, std::uint16_t version, RowId row,
                         Write write) const {
  const Column& c = schema.columns[column];
  return of_row(c, {table, column, c.role == ColumnRole::key}, version, row, write);
}

bool Content::satisfies(const TableSchema& schema, TableId table, const Condition& condition, std::uint16_t version,
                        RowId row, Write write) const {
  const Value value = of_source(schema, table, condition.column, version, row, write);
  const bool null = value.kind == Value::Kind::null;
  const auto listed = [&] {
    if (value.kind == Value::Kind::pooled)
      return std::find(condition.texts.begin(), condition.texts.end(),
                       images_->text(static_cast<std::uint32_t>(value.bits))) != condition.texts.end();
    return std::find(condition.bits.begin(), condition.bits.end(), value.bits) != condition.bits.end();
  };
  switch (condition.kind) {
    case Condition::Kind::is_null:
      return null;
    case Condition::Kind::is_not_null:
      return !null;
    case Condition::Kind::in:
      return !null && listed();
    case Condition::Kind::not_in:
      return !null && !listed();
    case Condition::Kind::at_least:
      return !null && number(schema.columns[condition.column], value) >= condition.bound;
    case Condition::Kind::below:
      return !null && number(schema.columns[condition.column], value) < condition.bound;
  }
  REHEARSE_ASSERT(false, "a condition is of a kind");
}

std::optional<std::int64_t> Content::bits_in(const TableSchema& schema, TableId table, ColumnId column,
                                             std::uint16_t version, RowId row, Write write) const {
  const Value value = of_source(schema, table, column, version, row, write);
  if (value.kind == Value::Kind::null) return std::nullopt;
  return value.bits;
}

std::optional<std::string> Content::text_in(const TableSchema& schema, TableId table, ColumnId column,
                                            std::uint16_t version, RowId row, Write write) const {
  const Value value = of_source(schema, table, column, version, row, write);
  if (value.kind == Value::Kind::null) return std::nullopt;
  return text(schema, column, value);
}

std::optional<Time> Content::time_in(const TableSchema& schema, TableId table, ColumnId column, std::uint16_t version,
                                     RowId row, Write write) const {
  const std::optional<std::string> text = text_in(schema, table, column, version, row, write);
  const std::optional<std::int64_t> unix_ns = text ? instant_of(*text) : std::nullopt;
  if (!unix_ns) return std::nullopt;
  return Time{*unix_ns - start_unix_ns_};
}

std::int64_t Content::number_in(const TableSchema& schema, TableId table, ColumnId column, std::uint16_t version,
                                RowId row, Write write) const {
  return number(schema.columns[column], of_source(schema, table, column, version, row, write));
}

}  // namespace rehearse
