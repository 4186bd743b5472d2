#include "sim/world/row_times.h"

#include "sim/rows/convert.h"
#include "sim/rows/damage.h"
#include "sim/world/world.h"

namespace rehearse {
namespace {

// Since the start, of a value that is an instant, before any damage.
std::int64_t since_start_ns(const World& world, const TableSchema& schema, TableId table, const Column& column,
                            const Value& value, RowId row) {
  constexpr std::int64_t microsecond_ns = 1000;
  const Source& source = world.source;
  const bool derived = column.derived.has_value(), of_write = is_time_of_write(value);
  const ColumnRole role = !derived ? column.role : of_write ? schema.columns[origin(value)].role : ColumnRole::none;
  if (role == ColumnRole::created_at) return source.created_at(table, row).ns;
  if (role == ColumnRole::updated_at && source.keeps_updated_at(table)) {
    const std::int64_t write = of_write ? original_bits(value) : value.bits;
    const Write newest = source.rows(table).get(row).write;
    const std::int64_t versions_between =
        std::int64_t{schema.derived ? schema.derived->base_write(newest) : newest} - write;
    return source.updated_at(table, row).ns - versions_between * microsecond_ns;
  }
  const std::int64_t its_own = value.bits * (second.ns / form_of(column).unit);
  return derived && world.content.captured() ? its_own - world.start_unix_ns : its_own;
}

}  // namespace

std::optional<Time> time_shown(const World& world, TableId table, ColumnId id, const Value& value, RowId row) {
  const TableSchema& schema = world.source.schema(table);
  const Column& column = schema.columns[id];
  std::optional<std::int64_t> unix_ns;
  if (value.kind == Value::Kind::pooled) unix_ns = instant_of(world.content.text(schema, id, value));
  if (value.kind == Value::Kind::instant)
    unix_ns = world.start_unix_ns + since_start_ns(world, schema, table, column, value, row);
  if (!unix_ns) return std::nullopt;
  if (value.kind == Value::Kind::instant && value.twist != 0)
    unix_ns = damaged_instant(*unix_ns, form_of(schema.columns[schema.base(id)]).date, damage_of(value.twist));
  if (column.derived && column.derived->form.date) *unix_ns -= floor_mod(*unix_ns, day.ns);
  return Time{*unix_ns - world.start_unix_ns};
}

CreationTimes::CreationTimes(const World& world, TableId table, std::optional<ColumnId> by)
    : world_(&world), table_(table), by_(by) {
  if (!by) return;
  const TableSchema& schema = world.source.schema(table);
  const Column& column = schema.columns[*by];
  const bool rows_of_a_table = !schema.derived || schema.derived->kind == DerivedRows::Kind::chosen;
  const bool as_it_is = !column.derived || !column.derived->form.date;
  as_committed_ = rows_of_a_table && as_it_is && schema.role(*by) == ColumnRole::created_at &&
                  schema.columns[schema.base(*by)].added_in == 0 && !world.content.captured();
}

std::optional<Time> CreationTimes::operator()(RowId row, Cell cell) const {
  if (!by_ || (as_committed_ && world_->marks.clean(cell.mark))) return world_->source.created_at(table_, row);
  const Value value =
      world_->content.value(world_->source.schema(table_), table_, *by_, world_->marks, RowCell{row, cell});
  return time_shown(*world_, table_, *by_, value, row);
}

RowId CreationTimes::first_from(Time after) const {
  if (!by_) return world_->source.first_created_from(table_, after);
  const Column& column = world_->source.schema(table_).columns[*by_];
  const bool of_one_column =
      !column.derived ||
      (column.derived->ways.size() == 1 && column.derived->ways.front().in_place_of_null.kind == Value::Kind::null);
  // A shift moves a time on by an hour, or by a day where the column holds days; all else by a century or backwards.
  if (!as_committed_ || !of_one_column) return 0;
  return world_->source.first_created_from(table_, after - hour);
}

}  // namespace rehearse
