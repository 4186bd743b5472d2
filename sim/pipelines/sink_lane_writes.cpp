// The sink lane's writers: flushes, and what each write does to its row.
#include <algorithm>

#include "sim/kernel/assert.h"
#include "sim/pipelines/sink_lane.h"

namespace rehearse {

// ---- flushes -------------------------------------------------------------------------------------------------------

void SinkLane::plan_flush(Time at, Writer& writer) {
  const Time planned = writer.next;
  if (writer.pending.empty()) writer.next = Time::never();
  else if (options_.flush_every.ns == 0 || writer.pending.size() >= options_.flush_rows) writer.next = at;
  else if (writer.next == Time::never()) writer.next = tick_at_or_after(at, options_.flush_every);
  if (writer.next != planned) next_flush();
}

void SinkLane::next_flush() {
  first_flush_end_ = first_flush_start_ = Time::never();
  for (std::uint32_t w = 0; w < writers_.size(); ++w) {
    const bool ends = writers_[w].flushing;
    Time& first = ends ? first_flush_end_ : first_flush_start_;
    if (writers_[w].next >= first) continue;
    first = writers_[w].next;
    (ends ? ending_writer_ : starting_writer_) = w;
  }
}

void SinkLane::start_flush(Time at, Writer& writer) {
  now_ = at;
  writer.in_flight = static_cast<std::uint32_t>(std::min<std::size_t>(writer.pending.size(), options_.flush_rows));
  writer.flushing = true;
  writer.work_left = options_.row_time.ns * writer.in_flight;
  writer.since = at;
  writer.next = after_work(at, writer.work_left);
  next_flush();
}

// ---- what a write does ---------------------------------------------------------------------------------------------

// A record whose write is not a matter of course; `old` is what the row holds.
void SinkLane::apply(Time at, const Item& item, Cell old, bool again, Context& context) {
  const auto& [change, entry, place] = item;
  TableCopy& table = context.tables[change.table()];
  if (entry.snapshot()) snapshot_written_ += !item.again();
  const bool removes = item.removes();
  bool deviates = entry.altered() || old.write > change.write || old.flags & cell_watched;
  bool explained = false;  // by what the mark itself says
  CauseSet causes = 0;
  if ((options_.deduplicate || options_.write == WriteMode::upsert_if_newer) && change.write <= old.write &&
      old.write != 0) {
    ++counts_.deduplicated;
    counts_.not_first += again;
    if (!(old.flags & cell_watched)) return;
    explained = true;  // by the sink's options
  } else if (removes && options_.deletes == DeleteMode::ignore) {
    ++counts_.ignored;
    counts_.not_first += again;
    causes = defects_.ignores_deletes;
    deviates = true;
  } else {
    ++(again ? counts_.applied_again : counts_.applied);
    Mark mark = entry.mark();
    if (entry.altered() || change.partial() || !mapping_.keeps(change.table(), mark, context.marks)) {
      if (!removes) mark = stored_mark(item, old, context);
      deviates |= mark != entry.mark();
      explained = !context.marks.clean(mark);
    }
    const Cell cell{change.write, mark, 0};
    if (options_.write == WriteMode::append) {
      apply_append(item, cell, table);
      if (table.extra_copies(change.row) > 0) {
        causes = context.causes.unite(causes, defects_.appends);
        deviates = true;
      }
    } else {
      table.put(change.row, cell);
    }
    if (old.write > change.write) causes = context.causes.unite(causes, defects_.order_lost);
  }
  if (!deviates) return;
  causes = context.causes.unite(causes, causes_of(item, context));
  if (causes == 0 && !explained && old.write > change.write) causes = defects_.repaired_ahead;
  tell(Fact::Kind::written, at, item, old, causes, context);
}

[[gnu::always_inline]] inline SinkLane::Flush SinkLane::write(Time at, std::span<const Item> items, Context& context) {
  constexpr std::size_t ahead = 8;
  Flush flush;
  Kind kind;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i + ahead < items.size()) {  // after a long wait, fetching it is too long ago
      const LogRecord& coming = items[i + ahead].change;
      context.tables[coming.table()].prefetch(coming.row);
      if (options_.write == WriteMode::append) context.tables[coming.table()].prefetch_copies(coming.row);
    }
    const Item& item = items[i];
    const auto& [change, entry, place] = item;
    if (kind.table != change.table() || kind.mark != entry.mark()) [[unlikely]]
      kind = kind_of(change.table(), entry.mark(), context);
    digest_.add(entry.position() << 24 | kind.identity, static_cast<std::uint64_t>(at.ns));
    flush.appends.add(static_cast<std::uint64_t>(entry.append.ns));
    if (kind.usual && item.plain() && kind.rows->put_newer(change.row, {change.write, entry.mark(), 0})) [[likely]] {
      ++flush.applied;
      flush.oldest.ns = std::min(flush.oldest.ns, change.commit().ns);
      latency_.add(at - change.commit());
    } else {
      const bool again = copy(item, context);
      if (!again) flush.oldest.ns = std::min(flush.oldest.ns, change.commit().ns);
      if (!again && !entry.snapshot()) latency_.add(at - change.commit());
      apply(at, item, kind.rows->get(change.row), again, context);
    }
    settle(place);
  }
  return flush;
}

SinkLane::Kind SinkLane::kind_of(TableId table, Mark mark, Context& context) const {
  return {.table = table,
          .mark = mark,
          .usual = options_.write != WriteMode::append && (mark != absent || options_.deletes == DeleteMode::hard) &&
                   mapping_.keeps(table, mark, context.marks),
          .identity = context.marks.identity(mark),
          .rows = &context.tables[table]};
}

void SinkLane::end_flush(Time at, Writer& writer, Context& context) {
  now_ = at;
  const std::uint32_t rows = writer.in_flight;
  const std::span<const Item> items = writer.pending.front(rows);
  const bool looked_at = shown_ || !awaited_.empty();
  std::vector<RowShown> before;
  if (looked_at) before = look_before(items, context);
  const Flush flush = write(at, items, context);
  if (looked_at) look_after(at, items, std::move(before), flush.oldest, context);
  under_way_ -= rows;
  if (flush.oldest != Time::never()) note_staleness(flush.oldest, at);
  counts_.applied += flush.applied;
  written_appends_ += flush.appends.value();
  written_times_ += static_cast<Topic::Integral>(rows) * static_cast<std::uint64_t>(at.ns);
  written_records_ += rows;
  writer.pending.pop_front(rows);
  writer.in_flight = 0;
  writer.flushing = false;
  writer.next = Time::never();
  next_flush();
  buffered_ -= rows;
  plan_flush(at, writer);
  admit_blocked(at);
}

// ---- what the store shows, where somebody asks ---------------------------------------------------------------------

std::vector<SinkLane::RowShown> SinkLane::look_before(std::span<const Item> items, const Context& context) {
  std::vector<RowShown> rows;
  rows.reserve(items.size());
  for (const Item& item : items) {
    const Write shown = context.tables[item.change.table()].get(item.change.row).write;
    rows.push_back({{item.change.table(), item.change.row}, shown});
    if (shown_) shown_->before_write(item.change, shown);
  }
  std::sort(rows.begin(), rows.end(), [](const RowShown& a, const RowShown& b) { return a.row < b.row; });
  rows.erase(std::unique(rows.begin(), rows.end(), [](const RowShown& a, const RowShown& b) { return a.row == b.row; }),
             rows.end());
  return rows;
}

void SinkLane::look_after(Time at, std::span<const Item> items, std::vector<RowShown> before, Time oldest,
                          const Context& context) {
  for (const auto& [key, had] : before)
    row_changed(at, key.first, key.second, had, context.tables[key.first].get(key.second).write);
  if (!shown_) return;
  Time newest;
  std::map<TableId, NewestCommits> by_table;
  for (const Item& item : items) {
    newest = std::max(newest, item.change.commit());
    by_table[item.change.table()].add(item.change.op(), item.change.commit());
  }
  shown_->flushed(at, oldest, newest, by_table);
}

void SinkLane::tell(Fact::Kind kind, Time at, const Item& item, Cell before, CauseSet causes, Context& context) {
  const auto [row, table_id] = std::pair{item.change.row, item.change.table()};
  TableCopy& table = context.tables[table_id];
  table.watch(row);
  context.facts.push_back({.at = at,
                           .record = record_of(item, context),
                           .before = before,
                           .cell = table[row],
                           .row = row,
                           .extra_copies = table.extra_copies(row),
                           .store = store_,
                           .table = table_id,
                           .kind = kind,
                           .copy = copy(item, context),
                           .held = item.entry.mark(),
                           .causes = causes});
}

void SinkLane::apply_append(const Item& item, Cell cell, TableCopy& table) {
  const bool was_live = table.get(item.change.row).live();
  if (!cell.live()) table.set_extra_copies(item.change.row, 0);
  else if (was_live) table.set_extra_copies(item.change.row, table.extra_copies(item.change.row) + 1);
  table.put(item.change.row, cell);
}

Mark SinkLane::stored_mark(const Item& item, Cell old, Context& context) {
  const TableSchema& schema = context.source.schema(item.change.table());
  if (item.entry.mark() == absent) return absent;
  Mark mark = mapping_.map(item.change.table(), item.entry.mark(), schema, context.marks, context.causes);
  if (item.change.partial()) mark = with_unchanged_columns(mark, item, old, context);
  return mapping_.with_mistakes(item.change.table(), {item.change.row, {item.change.write, mark, 0}}, schema,
                                context.content, context.marks, context.causes);
}

// The record left out large columns that did not change: what the store then holds in them.
Mark SinkLane::with_unchanged_columns(Mark mark, const Item& item, Cell old, Context& context) {
  const CapturedReplay* replay = context.source.captured();
  REHEARSE_ASSERT(replay, "only captured records leave columns out");
  const std::optional<DerivedRows>& derived = context.source.schema(item.change.table()).derived;
  const Write base_write = derived ? derived->base_write(item.change.write) : item.change.write;
  const CapturedChange& change = change_of(replay->stream(), base_write);
  // A row whose key changed keeps its large values under its new key.
  if (change.key_changed && options_.unchanged == UnchangedMode::keep) return mark;
  std::uint64_t left_out = change.unchanged;
  const TableSchema& schema = context.source.schema(item.change.table());
  for (ColumnId column = 0; left_out != 0; ++column, left_out >>= 1) {
    if (!(left_out & 1)) continue;
    if (options_.unchanged == UnchangedMode::set_null || !old.live()) {
      mark = context.marks.altered(mark, {column, AlterationKind::null, defects_.nulls_unchanged, 0}, context.causes);
      continue;
    }
    const Value kept =
        context.content.value(schema, item.change.table(), column, context.marks, {item.change.row, old});
    if (kept == context.content.value(schema, item.change.table(), column, context.marks,
                                      {item.change.row, {item.change.write, mark, 0}}))
      continue;
    Alteration alteration{column, AlterationKind::stale, context.marks.causes_of(old.mark, context.causes), old.write};
    for (const Alteration& a : context.marks[old.mark].alterations)
      if (a.column == column) alteration = a;
    const bool of_former = alteration.kind == AlterationKind::stale && alteration.parameter == former_write;
    if (of_former)  // which is another one for the record's write
      alteration.parameter = context.source.write_before(item.change.table(), item.change.row, old.write);
    mark = context.marks.altered(mark, alteration, context.causes);
  }
  return mark;
}

CauseSet SinkLane::causes_of(const Item& item, Context& context) const {
  CauseSet causes = item.again() ? partitions_[item.place.partition].again_causes : 0;
  if (item.entry.noted()) causes = context.causes.unite(causes, note_of(item, context).causes);
  return causes;
}

const RecordNote& SinkLane::note_of(const Item& item, const Context& context) const {
  return context.topic.partitions[item.place.partition].notes.at(offset_of(item.place));
}

void SinkLane::note_staleness(Time commit, Time visible) {
  worst_age_ = std::max(worst_age_, visible - commit);
  for (std::size_t age = 0; age < options_.ages.size(); ++age) {
    Time from = commit + options_.ages[age];
    if (visible <= from) continue;
    std::vector<Span>& spans = older_than_[age];
    while (!spans.empty() && spans.back().until >= from) {
      from = std::min(from, spans.back().from);
      spans.pop_back();
    }
    spans.push_back({from, visible});
  }
}

}  // namespace rehearse
