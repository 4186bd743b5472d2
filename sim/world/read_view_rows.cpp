// Reading one side: counts, duplicates and aggregates, by scans in the order of rows.
#include "sim/world/read_view_rows.h"

#include <limits>
#include <map>
#include <set>

#include "sim/kernel/assert.h"
#include "sim/kernel/wide.h"
#include "sim/world/read_view.h"
#include "sim/world/row_times.h"
#include "sim/world/world.h"

namespace rehearse {
namespace {

bool include_the_key(const TableSchema& schema, const std::vector<ColumnId>& columns) {
  bool keyed = false;
  for (std::size_t id = 0; id < schema.columns.size(); ++id) {
    if (schema.columns[id].role != ColumnRole::key) continue;
    keyed = true;
    if (std::none_of(columns.begin(), columns.end(), [&](ColumnId c) { return schema.base(c) == id; })) return false;
  }
  return keyed;
}

using Measure = AggregateRequest::Measure;

struct Running : AggregateParts {
  std::uint64_t distinct = 0;
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  std::int64_t greatest = std::numeric_limits<std::int64_t>::min();

  void add(const Value& value, std::int64_t number, std::uint32_t copies) {
    rows += copies;
    if (value.kind == Value::Kind::null) {
      nulls += copies;
      return;
    }
    sum += static_cast<Signed128>(number) * copies;
    least = std::min(least, number);
    greatest = std::max(greatest, number);
  }
  double result(Measure measure, double unit) const {
    const std::uint64_t values = rows - nulls;
    switch (measure) {
      case Measure::distinct:
        return static_cast<double>(distinct);
      case Measure::min:
        return values == 0 ? 0 : static_cast<double>(least) / unit;
      case Measure::max:
        return values == 0 ? 0 : static_cast<double>(greatest) / unit;
      default:
        return of_parts(measure, *this, unit);
    }
  }
};

// A damaged captured value may be one that others have undamaged: one of those that read alike stays.
template <class Text>
void merge_alike(std::vector<std::pair<Value, Value>>& group_and_value, Text text) {
  std::set<std::pair<Value, std::string>> seen;
  std::erase_if(group_and_value, [&](const auto& at) { return !seen.emplace(at.first, text(at.second)).second; });
}

}  // namespace

double of_parts(AggregateRequest::Measure measure, const AggregateParts& parts, double unit) {
  const std::uint64_t values = parts.rows - parts.nulls;
  switch (measure) {
    case Measure::count:
      return static_cast<double>(parts.rows);
    case Measure::nulls:
      return static_cast<double>(parts.nulls);
    case Measure::sum:
      return static_cast<double>(parts.sum) / unit;
    case Measure::average:
      return values == 0 ? 0 : static_cast<double>(parts.sum) / static_cast<double>(values) / unit;
    default:
      REHEARSE_ASSERT(false, "what is made of parts is a sum");
  }
}

double ReadView::unit(TableId table, ColumnId column) const {
  return static_cast<double>(world_->content.unit(schema(table).columns[column]));
}

std::uint64_t ReadView::rows(const Reading& reading) const {
  const TableCopy& table = world_->rows(reading.store, reading.table);
  const AsOf as_of = as_read(table, reading);
  if (as_of.others() == AsOf::Others::left_out) return rows(reading, RowSet{});
  std::uint64_t rows = table.live_rows();
  for (const AsOf::Seen& then : as_of.changed_since()) {
    rows -= static_cast<std::uint64_t>(table.get(then.row).live()) + table.extra_copies(then.row);
    rows += static_cast<std::uint64_t>(then.cell.live()) + then.extra;
  }
  return rows;
}

std::uint64_t ReadView::rows(const Reading& reading, const RowSet& without) const {
  const TableCopy& table = world_->rows(reading.store, reading.table);
  const AsOf as_of = as_read(table, reading);
  std::uint64_t count = 0;
  if (as_of.others() == AsOf::Others::left_out) {
    for_each_row(table, as_of, without, [&](RowId, Cell, std::uint32_t copies) { count += copies; });
    return count;
  }
  count = rows(reading);
  Ascending rows(table, as_of);
  without.for_each([&](RowId row) { count -= rows.get(row).live() + std::uint64_t{rows.extra_copies(row)}; });
  return count;
}

std::uint64_t ReadView::rows_created(const Reading& reading, ColumnId by, Time after, Time before,
                                     const RowSet& without) const {
  const TableCopy& table = world_->rows(reading.store, reading.table);
  const CreationTimes times(*world_, reading.table, by);
  std::uint64_t count = 0;
  const auto add = [&](RowId row, Cell cell, std::uint32_t copies) {
    if (times.within(row, cell, after, before)) count += copies;
  };
  for_each_row(table, as_read(table, reading), without, add, times.first_from(after));
  return count;
}

std::vector<KeyDifference> ReadView::duplicates(const Reading& reading, const std::vector<ColumnId>& columns) const {
  const TableCopy& table = world_->rows(reading.store, reading.table);
  const AsOf as_of = as_read(table, reading);
  std::vector<KeyDifference> found;
  const TableSchema& s = schema(reading.table);
  if (columns.empty() || include_the_key(s, columns)) {
    Ascending rows(table, as_of);
    RowSet candidates;  // a row without extra copies now may have had some as of the reading
    table.rows_with_extra_copies().for_each([&](RowId row, std::uint32_t) { candidates.insert(row); });
    for (const AsOf::Seen& then : as_of.changed_since()) candidates.insert(then.row);
    candidates.for_each([&](RowId row) {
      if (rows.get(row).live() && rows.extra_copies(row) > 0) found.push_back({row, KeyClass::duplicate, {}});
    });
    return found;
  }
  // The values of all rows, column by column; then rows in the order of their values: equal ones are neighbours.
  std::vector<RowId> ids;
  std::vector<std::uint32_t> counts;
  std::vector<std::vector<Value>> values(columns.size());
  for_each_batch(table, as_of, RowSet{},
                 [&](const std::vector<RowCell>& rows, const std::vector<std::uint32_t>& copies) {
                   for (const RowCell& at : rows) ids.push_back(at.row);
                   counts.insert(counts.end(), copies.begin(), copies.end());
                   for (std::size_t c = 0; c < columns.size(); ++c) {
                     values[c].resize(ids.size());
                     world_->content.values(s, reading.table, columns[c], world_->marks, rows,
                                            values[c].data() + (ids.size() - rows.size()));
                   }
                 });
  const auto compare = [&](std::uint32_t a, std::uint32_t b) {
    for (const std::vector<Value>& column : values)
      if (const auto order = column[a] <=> column[b]; order != 0) return order;
    return std::strong_ordering::equal;
  };
  std::vector<std::uint32_t> order(ids.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const auto by_value = compare(a, b);
    return by_value != 0 ? by_value < 0 : a < b;
  });
  // The first row of a group may stay; the others are one too many, and so is the first if it is there twice itself.
  for (std::size_t i = 0; i < order.size(); ++i)
    if ((i > 0 && compare(order[i - 1], order[i]) == 0) || counts[order[i]] > 1)
      found.push_back({ids[order[i]], KeyClass::duplicate, {}});
  std::sort(found.begin(), found.end(), [](const KeyDifference& a, const KeyDifference& b) { return a.row < b.row; });
  return found;
}

std::vector<AggregateGroup> ReadView::aggregate(const Reading& reading, const AggregateRequest& request,
                                                const RowSet& without) const {
  const TableCopy& table = world_->rows(reading.store, reading.table);
  const TableSchema& s = schema(reading.table);
  const Content& content = world_->content;
  const Column& column = s.columns[request.column];
  const bool needs_numbers =
      request.measure != Measure::distinct && request.measure != Measure::nulls && request.measure != Measure::count;
  std::optional<CreationTimes> times;
  if (request.window) times.emplace(*world_, reading.table, request.window->by);
  std::map<Value, Running> groups;
  if (!request.group_by) groups[Value{}];
  std::vector<std::pair<Value, Value>> group_and_value;  // for distinct
  std::vector<Value> group_values(batch_rows), values(batch_rows);
  for_each_batch(
      table, as_read(table, reading), without,
      [&](const std::vector<RowCell>& rows, const std::vector<std::uint32_t>& copies) {
        content.values(s, reading.table, request.column, world_->marks, rows, values.data());
        if (request.group_by)
          content.values(s, reading.table, *request.group_by, world_->marks, rows, group_values.data());
        for (std::size_t i = 0; i < rows.size(); ++i) {
          if (times && !times->within(rows[i].row, rows[i].cell, request.window->after, request.window->before))
            continue;
          groups[group_values[i]].add(values[i], needs_numbers ? content.number(column, values[i]) : 0, copies[i]);
          if (request.measure == Measure::distinct && values[i].kind != Value::Kind::null)
            group_and_value.emplace_back(group_values[i], values[i]);
        }
      });
  std::sort(group_and_value.begin(), group_and_value.end());
  group_and_value.erase(std::unique(group_and_value.begin(), group_and_value.end()), group_and_value.end());
  const bool damaged = std::any_of(group_and_value.begin(), group_and_value.end(), [](const auto& at) {
    return at.second.kind == Value::Kind::pooled && at.second.twist != 0;
  });
  if (damaged) merge_alike(group_and_value, [&](const Value& value) { return content.text(s, request.column, value); });
  for (const auto& at : group_and_value) ++groups[at.first].distinct;

  const double unit = static_cast<double>(content.unit(column));
  std::vector<AggregateGroup> answer;
  for (const auto& [group, running] : groups)
    answer.push_back({group, running.result(request.measure, unit), running.rows, running});
  return answer;
}

Value ReadView::value(const Reading& reading, RowId row, ColumnId column) const {
  const AsOf rows = as_read(world_->rows(reading.store, reading.table), reading);
  return world_->content.value(schema(reading.table), reading.table, column, world_->marks, {row, rows.get(row)});
}

bool ReadView::present(const Reading& reading, RowId row) const {
  return as_read(world_->rows(reading.store, reading.table), reading).get(row).live();
}

}  // namespace rehearse
