#include "sim/pipelines/batch.h"

#include <algorithm>

#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

void put_if_different(TableCopy& table, RowId row, Cell cell) {
  const Cell old = table.get(row);
  if (old.write != cell.write || old.mark != cell.mark) table.put(row, cell);
}

}  // namespace

void BatchPipeline::preload(const Source& source, std::vector<TableCopy>& store) {
  for (TableId table = 0; table < tables_.size(); ++table) {
    if (!tables_[table]) continue;
    const TableCopy& rows = source.rows(table);
    store[table].reserve(rows.slots());
    store[table].put_run(0, rows.cells());
    if (options_.extract == BatchOptions::Extract::incremental)
      for (RowId row = 0; row < rows.slots(); ++row)
        cursor_[table] = std::max(cursor_[table], cursor_of(table, row, source));
  }
  keep_version(store);
}

BatchPipeline::Attempt BatchPipeline::begin(std::uint64_t cycle, std::uint32_t attempt, Time now, Source& source,
                                            MarkTable& marks) {
  REHEARSE_ASSERT(!running_, "a batch job runs one cycle at a time");
  running_ = true;
  extract_at_ = now;
  extract_position_ = source.end();
  snapshots_.assign(tables_.size(), std::nullopt);
  extracted_.assign(tables_.size(), {});
  std::uint64_t rows = 0;
  for (TableId table = 0; table < tables_.size(); ++table) {
    if (!tables_[table]) continue;
    switch (options_.extract) {
      case BatchOptions::Extract::snapshot:
        snapshots_[table] = source.rows(extracted_for(table)).open();
        rows += source.rows(extracted_for(table)).live_rows();
        break;
      case BatchOptions::Extract::incremental:
        extract_incremental(table, source);
        break;
      case BatchOptions::Extract::visible:
      case BatchOptions::Extract::up_to_lsn: {
        const bool by_xid = options_.extract == BatchOptions::Extract::visible;
        const auto writes = source.captured()->rows_visible(table, [&](const CapturedTransaction& t) {
          return by_xid ? options_.visible.visible(t.xid) : t.commit_lsn <= options_.up_to_commit_lsn;
        });
        for (RowId row = 0; row < writes.size(); ++row)
          if (writes[row] > 0) extracted_[table].push_back({row, {writes[row], marks.live(0), 0}});
        break;
      }
    }
    rows += extracted_[table].size();
  }
  const bool listed =
      std::find(options_.failing_cycles.begin(), options_.failing_cycles.end(), cycle) != options_.failing_cycles.end();
  const bool fails = (listed && attempt == 0) || options_.failure.hit(bits(failures_, cycle, attempt));
  const Duration whole = options_.row_time * static_cast<std::int64_t>(rows);
  return {fails ? whole / 2 : whole, fails};
}

TableId BatchPipeline::extracted_for(TableId table) const {
  for (const OwnRule& own : options_.own_rules)
    if (own.meant == table) return own.made;
  return table;
}

void BatchPipeline::extract_incremental(TableId table, const Source& source) {
  const TableCopy& rows = source.rows(extracted_for(table));
  const Time from = cursor_[table] == Time::before_all() ? cursor_[table] : cursor_[table] - options_.overlap;
  next_cursor_[table] = cursor_[table];
  for (RowId row = 0; row < rows.slots(); ++row) {
    const Time at = cursor_of(table, row, source);
    if (!rows[row].live() || at <= from) continue;
    extracted_[table].push_back({row, rows[row]});
    next_cursor_[table] = std::max(next_cursor_[table], at);
  }
}

Time BatchPipeline::cursor_of(TableId table, RowId row, const Source& source) const {
  return options_.forward_by_creation[table] ? source.created_at(table, row) : source.updated_at(table, row);
}

void BatchPipeline::put_rows(TableId table, std::vector<RowCell>& rows, const LoadContext& to) {
  std::vector<TapRecord> records;
  std::vector<Fate> fates;
  if (!taps.empty()) {
    for (const RowCell& row : rows) {
      Fate fate;
      fate.mark = row.cell.mark;
      fates.push_back(fate);
      records.push_back({.table = table,
                         .row = row.row,
                         .write = row.cell.write,
                         .op = row.cell.live() ? Op::update : Op::remove,
                         .lsn = cycles_loaded_,
                         .delivery = 0,
                         .commit = extract_at_,
                         .append = extract_at_,
                         .mark = row.cell.mark});
    }
    TapContext context{to.marks, to.causes, to.source};
    taps.decide(records, fates, context);
  }
  const TableSchema& schema = to.source.schema(table);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Mark mark = rows[i].cell.mark;
    if (!fates.empty()) {
      if (fates[i].drop) continue;
      mark = fates[i].mark;
    }
    Cell cell{rows[i].cell.write, mapping_.map(table, mark, schema, to.marks, to.causes), 0};
    cell.mark = mapping_.with_mistakes(table, {rows[i].row, cell}, schema, to.content, to.marks, to.causes);
    put_if_different(to.store[table], rows[i].row, cell);
  }
  rows.clear();
}

// Whether put_rows() would put them as they are: nobody is between, and the mapping keeps whatever mark they have.
bool BatchPipeline::loads_as_they_are(TableId table, const LoadContext& context) const {
  if (!taps.empty() || options_.load != BatchOptions::Load::replace) return false;
  const std::span<const Mark> marks = context.source.live_marks(extracted_for(table));
  return std::all_of(marks.begin(), marks.end(), [&](Mark mark) { return mapping_.keeps(table, mark, context.marks); });
}

void BatchPipeline::load(const LoadContext& context) {
  Source& source = context.source;
  std::vector<TableCopy>& store = context.store;
  make_room_for_version(store);
  constexpr std::size_t rows_at_once = 4096;
  std::vector<RowCell> rows;
  for (TableId table = 0; table < tables_.size(); ++table) {
    if (!tables_[table]) continue;
    if (snapshots_[table]) {
      TableCopy& extracted = source.rows(extracted_for(table));
      const AsOf extract(extracted, *snapshots_[table]);
      const bool as_they_are = loads_as_they_are(table, context);
      extract.for_each_run([&](RowId first, std::span<const Cell> run) {
        if (as_they_are) return store[table].put_run(first, run);
        for (std::size_t done = 0; done < run.size(); done += rows_at_once) {
          const auto from = static_cast<RowId>(first + done);
          const std::span<const Cell> cells = run.subspan(done, std::min(rows_at_once, run.size() - done));
          for (RowId i = 0; i < cells.size(); ++i)
            if (cells[i].live() || options_.load == BatchOptions::Load::replace) rows.push_back({from + i, cells[i]});
          put_rows(table, rows, context);
        }
      });
      for (RowId row = extract.slots(); row < store[table].slots(); ++row)
        if (options_.load == BatchOptions::Load::replace && store[table][row].live())
          store[table].put(row, {store[table][row].write, absent, 0});
      extracted.close(*snapshots_[table]);
      continue;
    }
    if (options_.load == BatchOptions::Load::replace) {
      std::size_t next = 0;
      for (RowId row = 0; row < store[table].slots(); ++row) {
        while (next < extracted_[table].size() && extracted_[table][next].row < row) ++next;
        const bool there = next < extracted_[table].size() && extracted_[table][next].row == row;
        if (!there && store[table][row].live()) store[table].put(row, {store[table][row].write, absent, 0});
      }
    }
    put_rows(table, extracted_[table], context);
    cursor_[table] = next_cursor_[table];
  }
  for (TableId table = 0; table < tables_.size(); ++table)
    if (tables_[table] && mapping_.lacks_defaults(table)) show_no_defaults(table, context);
  extracted_.clear();
  running_ = false;
  as_of_ = extract_at_;
  position_ = extract_position_;
  content_of_load_ = ++cycles_loaded_;
  keep_version(store);
}

// Rows that the load had nothing new of lack the source's new columns, too.
void BatchPipeline::show_no_defaults(TableId table, const LoadContext& context) const {
  TableCopy& store = context.store[table];
  for (RowId row = 0; row < store.slots(); ++row) {
    Cell cell = store[row];
    cell.mark = mapping_.held(table, cell.mark, context.source.schema(table), context.marks, context.causes);
    put_if_different(store, row, cell);
  }
}

void BatchPipeline::fail(Source& source) {
  for (TableId table = 0; table < tables_.size(); ++table)
    if (tables_[table] && snapshots_[table]) source.rows(extracted_for(table)).close(*snapshots_[table]);
  extracted_.clear();
  running_ = false;
}

void BatchPipeline::make_room_for_version(std::vector<TableCopy>& store) {
  if (versions_.empty() || versions_.size() < options_.keep_snapshots) return;
  for (TableId table = 0; table < store.size(); ++table)
    if (tables_[table]) store[table].close(versions_.front().tables[table]);
  versions_.erase(versions_.begin());
}

void BatchPipeline::keep_version(std::vector<TableCopy>& store) {
  if (options_.keep_snapshots == 0) return;
  Version version{content_of_load_, std::vector<TableCopy::Snapshot>(store.size()), as_of_, position_};
  for (TableId table = 0; table < store.size(); ++table)
    if (tables_[table]) version.tables[table] = store[table].open();
  versions_.push_back(std::move(version));
}

bool BatchPipeline::restore(std::uint32_t back, std::vector<TableCopy>& store) {
  if (back == 0 || back > versions_.size()) return false;
  const Version& version = versions_[versions_.size() - back];
  for (TableId table = 0; table < store.size(); ++table) {
    if (!tables_[table]) continue;
    const AsOf then(store[table], version.tables[table]);
    for (const AsOf::Seen& seen : then.changed_since()) put_if_different(store[table], seen.row, seen.cell);
  }
  content_of_load_ = version.load;
  ++restores_;
  as_of_ = version.as_of;
  position_ = version.position;
  return true;
}

}  // namespace rehearse
