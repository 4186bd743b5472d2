#include "sim/pipelines/sink_lane.h"

#include <algorithm>

namespace rehearse {
namespace {

constexpr std::uint64_t snapshot_id = std::uint64_t{1} << 40;  // keeps the draws of snapshot rows apart from LSNs
constexpr std::uint32_t most_ahead = 128;  // what is fetched should still be in the nearest cache when it is written

std::uint64_t row_hash(TableId table, RowId row) {
  return finalise((std::uint64_t{table} << 32 | row) ^ 0x5bd1e9955bd1e995ULL);
}

// By value: std::max would have both in memory.
constexpr Time latest(Time a, Time b) { return {a.ns < b.ns ? b.ns : a.ns}; }

constexpr Time earliest(Time a, Time b) { return {a.ns < b.ns ? a.ns : b.ns}; }

}  // namespace

SinkLane::SinkLane(const SinkOptions& options, std::uint64_t seed, const std::string& name, StoreId store,
                   const SinkDefects& defects, std::uint32_t partitions)
    : options_(options),
      service_(stream(seed, name + ".processor.service_time")),
      store_(store),
      defects_(defects),
      partitions_(partitions),
      workers_(options.workers),
      finishes_(options.workers),
      writers_(options.writers),
      heads_(partitions),
      mapping_(options.schema_changes) {}

// ---- the loop: take the earliest of what may happen next -----------------------------------------------------------

void SinkLane::advance(Time to, Context context) {
  if (speed_ppm_ == 0 || down_) return;
  look_for_heads(context.topic);
  while (true) {
    const bool fetches = unfinished_ - occupied_ < options_.max_poll_records;
    const Time fetched = fetches ? latest(heads_.at(), now_) : Time::never();
    const Time others = earliest(earliest(first_flush_end_ - nanosecond, fetched), first_flush_start_);
    if (finishes_.at() <= others) {
      if (finishes_.at() > to) break;
      finish(fetches ? earliest(others, to) : finishes_.at());
    } else if (first_flush_end_ <= fetched && first_flush_end_ <= first_flush_start_) {
      if (first_flush_end_ > to) break;
      end_flush(first_flush_end_, writers_[ending_writer_], context);
    } else if (fetched <= first_flush_start_) {
      if (fetched > to) break;
      fetch(fetched, to, context);
    } else {
      if (first_flush_start_ > to) break;
      start_flush(first_flush_start_, writers_[starting_writer_]);
    }
  }
  move_bases(context.topic);
}

void SinkLane::look_for_heads(const Topic& topic) {
  for (std::uint32_t p = 0; p < partitions_.size(); ++p) {
    partitions_[p].done.cover(partitions_[p].base, topic.partitions[p].records.end());
    look_for_head(p, partitions_[p].fetched, topic);
  }
}

inline void SinkLane::look_for_head(std::uint32_t p, std::uint64_t offset, const Topic& topic) {
  PartitionState& state = partitions_[p];
  const TopicLog& records = topic.partitions[p].records;
  const bool any = offset < records.end();
  state.fetched = offset;
  if (any) state.head = records[offset];
  heads_.set(p, any ? state.head.append : Time::never());
}

void SinkLane::move_bases(const Topic& topic) {
  for (std::uint32_t p = 0; p < partitions_.size(); ++p) {
    PartitionState& state = partitions_[p];
    const std::uint64_t from = state.base;
    state.base = state.done.pass(from);
    // A record without a note was read after all that lie before it.
    for (std::uint64_t offset = state.base; offset > from;) {
      const TopicRecord& record = topic.partitions[p].records[--offset];
      if (record.snapshot()) break;
      state.position = std::max(state.position, record.position() + 1);
      if (!record.noted()) break;
    }
  }
}

// ---- fetch and process ---------------------------------------------------------------------------------------------

[[gnu::always_inline]] inline SinkLane::Item SinkLane::read(std::uint32_t p, std::uint64_t offset,
                                                            const TopicRecord& entry, const Context& context) const {
  Item item{{}, entry, {p, static_cast<std::uint32_t>(offset)}};
  if (entry.snapshot()) [[unlikely]] {
    const Connector::SnapshotRow& row = context.connector.snapshot_row(entry.position());
    item.change = LogRecord::make(row.table, row.row, row.write, Op::insert, Time{0});
  } else {
    item.change = context.source.log()[entry.position()];
    if (entry.altered()) [[unlikely]]  // it may be a record of a mistaken rule
      item.change = item.change.of(context.source.meant(item.change.table()));
  }
  const PartitionState& state = partitions_[p];
  if (offset < state.again_until && state.under_way_again(offset)) [[unlikely]]
    item.entry.packed |= item_again;
  return item;
}

SinkLane::Item SinkLane::read(std::uint32_t p, std::uint64_t offset, const Context& context) const {
  return read(p, offset, context.topic.partitions[p].records[offset], context);
}

[[gnu::always_inline]] inline void SinkLane::dispatch(const Task& task) {
  const LogRecord& change = task.item.change;
  const auto w = static_cast<std::uint32_t>(below(row_hash(change.table(), change.row), options_.workers));
  Worker& worker = workers_[w];
  const bool idle = worker.tasks.empty();
  worker.tasks.push_back(task);
  occupied_ += idle;
  if (idle) finishes_.set(w, after_work(task.since, task.work));
}

// The record that is due, and ahead of their turn those after it: as long as all tasks of the workers together are
// fewer than may be queued, it does not matter to a fetch who finishes in between, since a worker by key knows from
// when on it had a task. One that takes no time may finish before the next fetch of the same instant, so that ends it.
void SinkLane::fetch(Time at, Time to, Context& context) {
  if (at > heads_.at() + context.topic.options.retention) [[unlikely]]
    return expire(at, context);
  const std::uint32_t room = options_.max_poll_records - std::min(unfinished_, options_.max_poll_records);
  const std::uint32_t most = std::min(room, most_ahead);
  std::uint32_t fetched = 0;
  Duration work;
  do {
    const std::uint32_t p = heads_.index();
    const PartitionState& state = partitions_[p];
    const std::uint64_t offset = state.fetched;
    const Item item = read(p, offset, state.head, context);
    look_for_head(p, offset + 1, context.topic);
    context.tables[item.change.table()].prefetch(item.change.row);

    const std::uint64_t id = item.entry.position() + (item.entry.snapshot() ? snapshot_id : 0);
    const unsigned delivery = item.entry.delivery() + (offset < state.again_until ? 16 * crashes_ : 0);
    work = options_.service_time(bits(service_, id, static_cast<std::uint16_t>(delivery)));
    ++fetched;
    if (options_.dispatch == Dispatch::shared) {
      dispatch_shared({item, at, work.ns});
      break;
    }
    dispatch({item, at, work.ns});
    at = latest(heads_.at(), now_);
  } while (work.ns > 0 && fetched < most && at <= to);
  unfinished_ += fetched;
  under_way_ += fetched;
  counts_.fetched += fetched;
}

// The head has been kept for longer than the topic keeps records.
void SinkLane::expire(Time at, Context& context) {
  const std::uint32_t p = heads_.index();
  const Item item = read(p, partitions_[p].fetched, context);
  look_for_head(p, partitions_[p].fetched + 1, context.topic);
  ++counts_.fetched;
  ++counts_.expired;
  lose(at, item, defects_.retention, context);
  settle(item.place);
}

// What the record itself says of its row, however it was altered on the way; one that should not be there says that the
// row is not.
Cell SinkLane::record_of(const Item& item, const Context& context) {
  const Lsn lsn = item.entry.position();
  if (item.entry.snapshot())
    return {item.change.write, item.entry.altered() ? absent : context.source.initial_mark(item.change.table()), 0};
  if (context.source.log()[lsn].table() != item.change.table()) return {item.change.write, absent, 0};
  return context.source.cell_at(lsn);
}

void SinkLane::lose(Time at, const Item& item, CauseSet causes, Context& context) {
  if (!copy(item, context)) note_staleness(item.change.commit(), at);
  tell(Fact::Kind::lost, at, item, context.tables[item.change.table()].get(item.change.row),
       context.causes.unite(causes, causes_of(item, context)), context);
}

void SinkLane::dispatch_shared(Task task) {
  std::uint32_t w = 0;
  while (w < workers_.size() && !workers_[w].tasks.empty()) ++w;
  if (w == workers_.size()) return shared_queue_.push_back(task);
  workers_[w].tasks.push_back(task);
  ++occupied_;
  finishes_.set(w, after_work(task.since, task.work));
}

[[gnu::always_inline]] inline void SinkLane::hand_to_writer(Time at, const Item& item) {
  Writer& writer = writers_[options_.writers == 1 ? 0 : item.place.partition % options_.writers];
  writer.pending.push_back(item);
  if (!writer.flushing && (writer.next == Time::never() || writer.pending.size() >= options_.flush_rows))
    plan_flush(at, writer);
}

// The worker's record goes to the buffer, and the worker takes its next one.
[[gnu::always_inline]] inline void SinkLane::leave(Time at, std::uint32_t w) {
  Worker& worker = workers_[w];
  --unfinished_;
  ++buffered_;
  if (options_.dispatch == Dispatch::by_key) hand_to_writer(at, worker.tasks.front().item);
  else hand_on_in_order(at, worker.tasks.front().item);
  worker.tasks.pop_front();
  if (!shared_queue_.empty()) {
    worker.tasks.push_back(shared_queue_.front());
    shared_queue_.pop_front();
  }
  const bool more = !worker.tasks.empty();
  Task& next = worker.tasks.front();  // if there is none, what lies there does not matter
  next.since = latest(next.since, at);
  const Time finish = after_work(next.since, next.work);
  finishes_.set(w, more ? finish : Time::never());
  occupied_ -= !more;
}

// Whoever finishes up to `until`, as long as no flush starts before.
void SinkLane::finish(Time until) {
  do {
    const std::uint32_t w = finishes_.index();
    now_ = finishes_.at();
    if (buffered_ >= options_.buffer && !awaited(workers_[w].tasks.front().item.place)) {
      workers_[w].blocked = true;
      finishes_.set(w, Time::never());
      blocked_.push_back(w);
    } else {
      leave(now_, w);
    }
  } while (finishes_.at() <= until && finishes_.at() <= first_flush_start_);
}

// Records of its partition that finished earlier wait in the buffer for this one: it is let in even if the buffer is
// full, or nobody could ever make room.
bool SinkLane::awaited(Place place) const {
  const PartitionState& state = partitions_[place.partition];
  return !state.waiting.empty() && offset_of(place) < state.waiting.begin()->first;
}

// ---- the buffer ----------------------------------------------------------------------------------------------------

void SinkLane::hand_on_in_order(Time at, const Item& item) {
  PartitionState& state = partitions_[item.place.partition];
  state.waiting.emplace(offset_of(item.place), item);
  while (true) {
    const auto first = state.waiting.begin();
    if (first != state.waiting.end() && first->first == state.next_released) {
      hand_to_writer(at, first->second);
      state.waiting.erase(first);
    } else if (!state.settled(state.next_released)) {
      return;
    }
    ++state.next_released;
  }
}

// The workers that blocked first, while there is room; without room, those whose record is awaited.
void SinkLane::admit_blocked(Time at) {
  if (blocked_.empty()) return;
  while (true) {
    const bool room = buffered_ < options_.buffer;
    const auto first = std::find_if(blocked_.begin(), blocked_.end(), [&](std::uint32_t w) {
      return room || awaited(workers_[w].tasks.front().item.place);
    });
    if (first == blocked_.end()) break;
    const std::uint32_t w = *first;
    blocked_.erase(first);
    workers_[w].blocked = false;
    leave(at, w);
  }
}

}  // namespace rehearse
