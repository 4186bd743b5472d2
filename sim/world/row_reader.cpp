#include "sim/world/row_reader.h"

#include <charconv>

#include "sim/kernel/civil.h"
#include "sim/rows/damage.h"
#include "sim/world/read_view_rows.h"
#include "sim/world/row_times.h"
#include "sim/world/world.h"

namespace rehearse {
namespace {

constexpr std::size_t rows_at_once = 1024;
constexpr std::size_t exact_digits = 15;  // that every double of that many decimal digits gives back

// A captured number's text as a number, if it is one that no digit is lost of.
Field number_field(const std::string& text, ValueType type) {
  const char* const end = text.data() + text.size();
  if (type == ValueType::integer) {
    std::int64_t value = 0;
    const auto parsed = std::from_chars(text.data(), end, value);
    return parsed.ec == std::errc() && parsed.ptr == end ? Field::of(value) : Field::of(text);
  }
  std::size_t digits = 0;
  for (const char c : text) digits += c >= '0' && c <= '9';
  double value = 0;
  const auto parsed = std::from_chars(text.data(), end, value);
  const bool whole = parsed.ec == std::errc() && parsed.ptr == end && digits > 0 && digits <= exact_digits;
  return whole ? Field::of(value) : Field::of(text);
}

Field captured_field(const Column& column, std::string text) {
  const ValueType type = form_of(column).type;
  switch (type) {
    case ValueType::integer:
    case ValueType::decimal:
      return number_field(text, type);
    case ValueType::boolean:
      if (text == "t" || text == "true") return Field::of(std::int64_t{1});
      if (text == "f" || text == "false") return Field::of(std::int64_t{0});
      return Field::of(std::move(text));
    default:
      if (column.type == "double precision" || column.type == "real") return number_field(text, ValueType::decimal);
      return Field::of(std::move(text));
  }
}

std::string unix_text(std::int64_t unix_ns) { return format_rfc3339(unix_ns, 0, Fraction::micros); }

}  // namespace

RowReader::RowReader(const ReadView& view, const Reading& reading)
    : world_(view.world_),
      schema_(&view.schema(reading.table)),
      table_(reading.table),
      copy_(&view.world_->rows(reading.store, reading.table)),
      as_of_(as_read(*copy_, reading)),
      values_(schema_->columns.size()) {}

bool RowReader::next_batch(const RowSet& without) {
  if (next_ == 0) seen_ = 0;
  rows_.clear();
  copies_.clear();
  for (std::vector<Value>& column : values_) column.clear();
  const std::vector<AsOf::Seen>& then = as_of_.changed_since();
  for (; next_ < as_of_.slots() && rows_.size() < rows_at_once; ++next_) {
    while (seen_ < then.size() && then[seen_].row < next_) ++seen_;
    const bool changed = seen_ < then.size() && then[seen_].row == next_;
    const Cell cell = changed ? then[seen_].cell : copy_->get(next_);
    if (!cell.live() || without.contains(next_)) continue;
    rows_.push_back({next_, cell});
    copies_.push_back(1 + (changed ? then[seen_].extra : copy_->extra_copies(next_)));
  }
  return !rows_.empty();
}

bool RowReader::find(RowId row) {
  rows_.clear();
  copies_.clear();
  for (std::vector<Value>& column : values_) column.clear();
  if (row >= as_of_.slots()) return false;
  const Cell cell = as_of_.get(row);
  if (!cell.live()) return false;
  rows_.push_back({row, cell});
  copies_.push_back(1 + as_of_.extra_copies(row));
  return true;
}

const std::vector<Value>& RowReader::values(ColumnId column) {
  std::vector<Value>& read = values_[column];
  if (read.empty()) {
    read.resize(rows_.size());
    world_->content.values(*schema_, table_, column, world_->marks, rows_, read.data());
  }
  return read;
}

Field RowReader::field(std::size_t i, ColumnId column) {
  const Value& value = values(column)[i];
  if (value.kind == Value::Kind::null) return {};
  return shown(column, value, rows_[i].row);
}

Field RowReader::shown(ColumnId id, const Value& value, RowId row) const {
  const Column& column = schema_->columns[id];
  if (value.twist != 0 && damage_of(value.twist) == AlterationKind::unavailable)
    return Field::of(std::string("__debezium_unavailable_value"));
  if (value.kind == Value::Kind::pooled) return captured_field(column, world_->content.text(*schema_, id, value));
  if (value.kind == Value::Kind::instant) return time_of(id, value, row);
  const ValueForm form = form_of(column);
  if (value.kind == Value::Kind::text || form.type == ValueType::text)
    return Field::of(world_->content.text(*schema_, id, value));
  if (form.type == ValueType::decimal)
    return Field::of(static_cast<double>(value.bits) / static_cast<double>(form.unit));
  return Field::of(value.bits);
}

Field RowReader::time_of(ColumnId id, const Value& value, RowId row) const {
  const Column& column = schema_->columns[id];
  const bool captured = column.derived && world_->content.captured() && !is_time_of_write(value);
  const std::optional<Time> at = captured ? std::nullopt : time_shown(*world_, table_, id, value, row);
  if (!at) return Field::of(world_->content.text(*schema_, id, value));
  std::string text = unix_text(world_->start_unix_ns + at->ns);
  if (column.derived && form_of(column).date) text.resize(text.find('T'));
  return Field::of(std::move(text));
}

std::vector<SideColumn> side_columns(const ReadView& view, StoreId store, TableId table) {
  const TableSchema& schema = view.schema(table);
  std::vector<SideColumn> columns;
  const auto add = [&](ColumnId id, const std::string& name, const std::string& type) {
    columns.push_back({id, name, type, schema.role(id) == ColumnRole::key});
  };
  if (store == source_store) {
    for (const VersionColumn& column : schema.current().columns) add(column.id, column.name, column.type);
  } else {
    for (const ColumnId id : view.contract_columns(table)) add(id, schema.columns[id].name, schema.columns[id].type);
  }
  return columns;
}

std::string instant_text(const ReadView& view, Time at) { return unix_text(view.start_unix_ns() + at.ns); }

}  // namespace rehearse
