#include "sim/pipelines/sink_lane.h"

#include <algorithm>

#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

constexpr std::uint32_t full_speed = 1'000'000;
constexpr std::uint64_t snapshot_id = std::uint64_t{1} << 40;  // keeps the draws of snapshot rows apart from LSNs

std::uint64_t row_hash(TableId table, RowId row) {
  return finalise((std::uint64_t{table} << 32 | row) ^ 0x5bd1e9955bd1e995ULL);
}

}  // namespace

SinkLane::SinkLane(const SinkOptions& options, std::uint64_t seed, const std::string& name, StoreId store,
                   const SinkDefects& defects, std::uint32_t partitions)
    : options_(options),
      service_(stream(seed, name + ".processor.service_time")),
      store_(store),
      defects_(defects),
      partitions_(partitions),
      workers_(options.workers),
      finishes_(options.workers, Time::never()),
      writers_(options.writers),
      heads_(partitions, Time::never()),
      mapping_(options.schema_changes) {}

// ---- the loop: take the earliest of what may happen next -----------------------------------------------------------

void SinkLane::advance(Time to, Context context) {
  look_for_heads(context.topic);
  const bool running = speed_ppm_ > 0 && !down_;
  while (running) {
    enum { flush_ends, worker_finishes, record_is_fetched, flush_starts } what = flush_ends;
    Time at = first_flush_end_;
    if (first_finish_ < at) {
      at = first_finish_;
      what = worker_finishes;
    }
    const Time fetchable = queued_ < options_.max_poll_records ? std::max(first_head_, now_) : Time::never();
    if (fetchable < at) {
      at = fetchable;
      what = record_is_fetched;
    }
    if (first_flush_start_ < at) {
      at = first_flush_start_;
      what = flush_starts;
    }
    if (at > to) break;
    now_ = at;
    switch (what) {
      case flush_ends:
        end_flush(at, writers_[ending_writer_], context);
        break;
      case worker_finishes:
        finish(at, first_worker_);
        break;
      case record_is_fetched:
        fetch(at, first_partition_, context);
        break;
      case flush_starts:
        start_flush(at, writers_[starting_writer_]);
        break;
    }
  }
}

void SinkLane::look_for_heads(const Topic& topic) {
  for (std::uint32_t p = 0; p < partitions_.size(); ++p) {
    const auto& records = topic.partitions[p].records;
    heads_[p] = partitions_[p].fetched < records.end() ? records[partitions_[p].fetched].append : Time::never();
  }
  next_head();
}

void SinkLane::next_head() {
  first_head_ = Time::never();
  for (std::uint32_t p = 0; p < heads_.size(); ++p)
    if (heads_[p] < first_head_) {
      first_head_ = heads_[p];
      first_partition_ = p;
    }
}

// ---- fetch and process ---------------------------------------------------------------------------------------------

void SinkLane::fetch(Time at, std::uint32_t p, Context& context) {
  PartitionState& state = partitions_[p];
  const Partition& partition = context.topic.partitions[p];
  const std::uint64_t offset = state.fetched++;
  const std::uint64_t next = offset + 1;
  heads_[p] = next < partition.records.end() ? partition.records[next].append : Time::never();
  if (heads_[p] != first_head_) next_head();  // otherwise it is still the first

  Item& item = state.window.push_slot();
  read(p, offset, context, item);
  context.tables[item.table].prefetch(item.row);
  if (offset < state.again_from + state.again.size()) [[unlikely]] {
    item.delivery = static_cast<std::uint16_t>(item.delivery + 16 * crashes_);
    if (state.under_way_again(offset)) item.flags |= item_again;
  }
  ++counts_.fetched;
  ++under_way_;
  if (at > item.append + context.topic.options.retention) [[unlikely]] {
    ++counts_.expired;
    lose(at, item, defects_.retention, context);
    settle(item);
    return;
  }
  dispatch(at, item);
}

inline void SinkLane::read(std::uint32_t p, std::uint64_t offset, const Context& context, Item& item) {
  const Partition& partition = context.topic.partitions[p];
  const TopicRecord record = partition.records[offset];
  item.offset = offset;
  item.position = record.position();
  item.append = record.append;
  item.mark = record.mark();
  item.partition = static_cast<std::uint16_t>(p);
  item.delivery = static_cast<std::uint16_t>(record.delivery());
  unsigned flags = 0;
  if (record.noted()) [[unlikely]]
    flags = item_noted | (partition.notes.at(offset).copy ? item_copy : 0U);
  if (record.snapshot()) {
    const Connector::SnapshotRow& row = context.connector.snapshot_row(item.position);
    item.row = row.row;
    item.write = row.write;
    item.table = row.table;
    item.commit = Time{0};
    flags |= item_snapshot;
    if (!record.noted()) flags |= item_clean;
  } else {
    const LogRecord change = context.source.log()[item.position];
    item.row = change.row;
    item.write = change.write;
    item.table = context.source.meant(change.table());
    item.commit = change.commit();
    if (item.mark == absent) flags |= item_removes;
    if (change.partial()) flags |= item_partial;
    const Mark meant = change.op() == Op::remove || change.table() != item.table
                           ? absent
                           : context.source.live_mark_at(item.table, item.position);
    if (item.mark == meant) flags |= item_clean;
  }
  item.flags = static_cast<std::uint8_t>(flags);
}

// What the record itself says of its row, however it was altered on the way; one that should not be there says that the
// row is not.
Cell SinkLane::record_of(const Item& item, const Context& context) {
  if (item.flags & item_snapshot)
    return {item.write, item.flags & item_noted ? absent : context.source.initial_mark(item.table), 0};
  if (context.source.log()[item.position].table() != item.table) return {item.write, absent, 0};
  return context.source.cell_at(item.position);
}

void SinkLane::lose(Time at, const Item& item, CauseSet causes, Context& context) {
  if (!(item.flags & (item_again | item_copy))) note_staleness(item.commit, at);
  tell(Fact::Kind::lost, at, item, context.tables[item.table].get(item.row),
       context.causes.unite(causes, causes_of(item, context)), context);
}

void SinkLane::dispatch(Time at, const Item& item) {
  const Place place = place_of(item);
  if (options_.dispatch == Dispatch::shared) {
    for (std::uint32_t w = 0; w < workers_.size(); ++w)
      if (!workers_[w].busy && !workers_[w].blocked) return start(at, w, place);
    shared_queue_.push_back(place);
    ++queued_;
    return;
  }
  const std::uint32_t w =
      workers_.size() == 1 ? 0 : static_cast<std::uint32_t>(below(row_hash(item.table, item.row), workers_.size()));
  Worker& worker = workers_[w];
  if (!worker.busy && !worker.blocked) return start(at, w, place);
  worker.queue.push_back(place);
  ++queued_;
}

void SinkLane::start(Time at, std::uint32_t w, Place place) {
  Worker& worker = workers_[w];
  const Item& item = at_place(place);
  worker.item = place;
  worker.busy = true;
  const std::uint64_t id = item.flags & item_snapshot ? snapshot_id + item.position : item.position;
  worker.work_left = options_.service_time(bits(service_, id, item.delivery)).ns;
  worker.since = at;
  const Time finish = after_work(at, worker.work_left);
  finishes_[w] = finish;
  if (finish < first_finish_ || (finish == first_finish_ && w < first_worker_)) {
    first_finish_ = finish;
    first_worker_ = w;
  }
}

// At the present speed.
Time SinkLane::after_work(Time at, std::int64_t work) const {
  if (speed_ppm_ == full_speed) return at + Duration{work};
  if (speed_ppm_ == 0) return Time::never();
  const auto scaled = (static_cast<Unsigned128>(work) * full_speed + speed_ppm_ - 1) / speed_ppm_;
  return at + Duration{static_cast<std::int64_t>(scaled)};
}

std::int64_t SinkLane::work_done(Time since, Time until) const {
  return static_cast<std::int64_t>(static_cast<Unsigned128>((until - since).ns) * speed_ppm_ / full_speed);
}

void SinkLane::next_finish() {
  Time first = Time::never();
  std::uint32_t worker = 0;
  for (std::uint32_t w = 0; w < finishes_.size(); ++w) {
    const bool earlier = finishes_[w] < first;
    first = earlier ? finishes_[w] : first;
    worker = earlier ? w : worker;
  }
  first_finish_ = first;
  first_worker_ = worker;
}

void SinkLane::finish(Time at, std::uint32_t w) {
  Worker& worker = workers_[w];
  worker.busy = false;
  finishes_[w] = Time::never();
  if (buffered_ >= options_.buffer && !awaited(at_place(worker.item))) {
    worker.blocked = true;
    blocked_.push_back(w);
  } else {
    admit(at, worker.item);
    take_next(at, w);
  }
  next_finish();
}

// Records of its partition that finished earlier wait in the buffer for this one: it is let in even if the buffer is
// full, or nobody could ever make room.
bool SinkLane::awaited(const Item& item) const {
  const PartitionState& state = partitions_[item.partition];
  return !state.waiting.empty() && item.offset < *state.waiting.begin();
}

void SinkLane::take_next(Time at, std::uint32_t w) {
  Ring<Place>& queue = options_.dispatch == Dispatch::shared ? shared_queue_ : workers_[w].queue;
  if (queue.empty()) return;
  const Place place = queue.front();
  queue.pop_front();
  --queued_;
  start(at, w, place);
}

// ---- the buffer and the writers ------------------------------------------------------------------------------------

void SinkLane::admit(Time at, Place place) {
  ++buffered_;
  if (options_.dispatch == Dispatch::by_key) return hand_to_writer(at, place);
  PartitionState& state = partitions_[place.partition];
  state.waiting.insert(at_place(place).offset);
  while (true) {
    const auto first = state.waiting.begin();
    if (first != state.waiting.end() && *first == state.next_released) {
      hand_to_writer(at, {place.partition, static_cast<std::uint32_t>(*first)});
      state.waiting.erase(first);
    } else if (!state.settled(state.next_released)) {
      return;
    }
    ++state.next_released;
  }
}

void SinkLane::hand_to_writer(Time at, Place place) {
  Writer& writer = writers_[writers_.size() == 1 ? 0 : place.partition % writers_.size()];
  writer.pending.push_back(place);
  if (!writer.flushing) plan_flush(at, writer);
}

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
  writer.in_flight = static_cast<std::uint32_t>(std::min<std::size_t>(writer.pending.size(), options_.flush_rows));
  writer.flushing = true;
  writer.work_left = options_.row_time.ns * writer.in_flight;
  writer.since = at;
  writer.next = after_work(at, writer.work_left);
  next_flush();
}

void SinkLane::end_flush(Time at, Writer& writer, Context& context) {
  constexpr std::uint32_t ahead = 8;
  const std::uint32_t rows = writer.in_flight;
  for (std::uint32_t i = 0; i < rows; ++i) {
    if (i + ahead < rows) {
      const Item& coming = at_place(writer.pending[i + ahead]);
      context.tables[coming.table].prefetch(coming.row);
    }
    Item& item = at_place(writer.pending[i]);
    apply(at, item, context);
    settle(item);
  }
  written_times_ += static_cast<Topic::Integral>(rows) * static_cast<std::uint64_t>(at.ns);
  written_records_ += rows;
  writer.pending.pop_front(rows);
  writer.in_flight = 0;
  writer.flushing = false;
  writer.next = Time::never();
  next_flush();
  buffered_ -= rows;
  while (const std::optional<std::uint32_t> w = next_admitted()) {
    workers_[*w].blocked = false;
    admit(at, workers_[*w].item);
    take_next(at, *w);
  }
  plan_flush(at, writer);
}

// The worker that blocked first, while there is room; without room, the first whose record is awaited.
std::optional<std::uint32_t> SinkLane::next_admitted() {
  const bool room = buffered_ < options_.buffer;
  const auto first = std::find_if(blocked_.begin(), blocked_.end(),
                                  [&](std::uint32_t w) { return room || awaited(at_place(workers_[w].item)); });
  if (first == blocked_.end()) return std::nullopt;
  const std::uint32_t w = *first;
  blocked_.erase(first);
  return w;
}

// ---- what a write does ---------------------------------------------------------------------------------------------

void SinkLane::apply(Time at, const Item& item, Context& context) {
  TableCopy& table = context.tables[item.table];
  const Cell old = table.get(item.row);
  const bool again = item.flags & (item_again | item_copy);
  sojourn_ += static_cast<std::uint64_t>((at - item.append).ns);
  if (item.flags & item_snapshot) {
    if (!(item.flags & item_again)) ++snapshot_written_;
    if (!again) note_staleness(item.commit, at);
  } else if (!again) {
    latency_.add(at - item.commit);
    note_staleness(item.commit, at);
  }
  digest_.add(item.position << 24 | context.marks.identity(item.mark));
  digest_.add(static_cast<std::uint64_t>(at.ns));

  const bool removes = item.flags & item_removes;
  bool deviates = !(item.flags & item_clean) || old.write > item.write || old.flags & cell_watched;
  CauseSet causes = 0;
  if ((options_.deduplicate || options_.write == WriteMode::upsert_if_newer) && item.write <= old.write &&
      old.write != 0) {
    ++counts_.deduplicated;
    if (!(old.flags & cell_watched)) return;
  } else if (removes && options_.deletes == DeleteMode::ignore) {
    ++counts_.ignored;
    causes = defects_.ignores_deletes;
    deviates = true;
  } else {
    ++(again ? counts_.applied_again : counts_.applied);
    Mark mark = removes ? absent : item.mark;
    if (!(item.flags & item_clean) || item.flags & item_partial || !mapping_.keeps(item.table, mark, context.marks)) {
      if (!removes) mark = stored_mark(item, old, context);
      deviates |= mark != item.mark;
      causes = context.marks[mark].causes;
    }
    const Cell cell{item.write, mark, 0};
    if (options_.write == WriteMode::append) {
      apply_append(item, cell, table);
      if (table.extra_copies(item.row) > 0) {
        causes = context.causes.unite(causes, defects_.appends);
        deviates = true;
      }
    } else {
      table.put(item.row, cell);
    }
    if (old.write > item.write) causes = context.causes.unite(causes, defects_.order_lost);
  }
  if (!deviates) return;
  causes = context.causes.unite(causes, causes_of(item, context));
  if (causes == 0 && old.write > item.write) causes = defects_.repaired_ahead;
  tell(Fact::Kind::written, at, item, old, causes, context);
}

void SinkLane::tell(Fact::Kind kind, Time at, const Item& item, Cell before, CauseSet causes, Context& context) {
  TableCopy& table = context.tables[item.table];
  table.watch(item.row);
  context.facts.push_back({.at = at,
                           .record = record_of(item, context),
                           .before = before,
                           .cell = table[item.row],
                           .row = item.row,
                           .extra_copies = table.extra_copies(item.row),
                           .store = store_,
                           .table = item.table,
                           .kind = kind,
                           .copy = (item.flags & (item_again | item_copy)) != 0,
                           .causes = causes});
}

void SinkLane::apply_append(const Item& item, Cell cell, TableCopy& table) {
  const bool was_live = table.get(item.row).live();
  if (!cell.live()) table.set_extra_copies(item.row, 0);
  else if (was_live) table.set_extra_copies(item.row, table.extra_copies(item.row) + 1);
  table.put(item.row, cell);
}

Mark SinkLane::stored_mark(const Item& item, Cell old, Context& context) {
  const TableSchema& schema = context.source.schema(item.table);
  if (item.mark == absent) return absent;
  Mark mark = mapping_.map(item.table, item.mark, schema, context.marks, context.causes);
  if (item.flags & item_partial) mark = with_unchanged_columns(mark, item, old, context);
  return mapping_.with_mistakes(item.table, {item.row, {item.write, mark, 0}}, schema, context.content, context.marks,
                                context.causes);
}

// The record left out large columns that did not change: what the store then holds in them.
Mark SinkLane::with_unchanged_columns(Mark mark, const Item& item, Cell old, Context& context) {
  const CapturedReplay* replay = context.source.captured();
  REHEARSE_ASSERT(replay, "only captured records leave columns out");
  const std::optional<DerivedRows>& derived = context.source.schema(item.table).derived;
  const Write base_write = derived ? derived->base_write(item.write) : item.write;
  const CapturedChange& change = change_of(replay->stream(), base_write);
  // A row whose key changed keeps its large values under its new key.
  if (change.key_changed && options_.unchanged == UnchangedMode::keep) return mark;
  std::uint64_t left_out = change.unchanged;
  const TableSchema& schema = context.source.schema(item.table);
  for (ColumnId column = 0; left_out != 0; ++column, left_out >>= 1) {
    if (!(left_out & 1)) continue;
    if (options_.unchanged == UnchangedMode::set_null || !old.live()) {
      const CauseSet causes = context.causes.unite(context.marks[mark].causes, defects_.nulls_unchanged);
      mark = context.marks.altered(mark, {column, AlterationKind::null, 0}, causes);
      continue;
    }
    const Value kept = context.content.value(schema, item.table, column, context.marks, {item.row, old});
    if (kept == context.content.value(schema, item.table, column, context.marks, {item.row, {item.write, mark, 0}}))
      continue;
    Alteration alteration{column, AlterationKind::stale, old.write};
    for (const Alteration& a : context.marks[old.mark].alterations)
      if (a.column == column) alteration = a;
    mark = context.marks.altered(mark, alteration,
                                 context.causes.unite(context.marks[mark].causes, context.marks[old.mark].causes));
  }
  return mark;
}

CauseSet SinkLane::causes_of(const Item& item, Context& context) const {
  CauseSet causes = item.flags & item_again ? partitions_[item.partition].again_causes : 0;
  if (item.flags & item_noted)
    causes = context.causes.unite(causes, context.topic.partitions[item.partition].notes.at(item.offset).causes);
  return causes;
}

void SinkLane::settle(Item& item) {
  PartitionState& state = partitions_[item.partition];
  --under_way_;
  item.flags |= item_settled;
  while (!state.window.empty() && state.window.front().flags & item_settled) {
    const Item& first = state.window.front();
    if (!(first.flags & item_snapshot)) state.position = std::max(state.position, first.position + 1);
    state.window.pop_front();
    ++state.base;
  }
}

void SinkLane::note_staleness(Time commit, Time visible) {
  worst_age_ = std::max(worst_age_, visible - commit);
  Time from = commit + options_.freshness;
  if (visible <= from) return;
  while (!stale_.empty() && stale_.back().until >= from) {
    from = std::min(from, stale_.back().from);
    stale_.pop_back();
  }
  stale_.push_back({from, visible});
}

}  // namespace rehearse
