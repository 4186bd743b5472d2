#include "sim/pipelines/sink_lane.h"

#include <algorithm>

namespace rehearse {
namespace {

constexpr std::uint64_t snapshot_id = std::uint64_t{1} << 40;  // keeps the draws of snapshot rows apart from LSNs
constexpr std::uint64_t most_ahead = 128;  // what is fetched should still be in the nearest cache when it is written

std::uint64_t row_hash(TableId table, RowId row) {
  return finalise((std::uint64_t{table} << 32 | row) ^ 0x5bd1e9955bd1e995ULL);
}

// By value: std::max would have both in memory.
constexpr Time latest(Time a, Time b) { return {a.ns < b.ns ? b.ns : a.ns}; }

constexpr Time earliest(Time a, Time b) { return {a.ns < b.ns ? a.ns : b.ns}; }

TopicRecord record_at(const TopicLog& records, std::uint64_t offset) {
  return offset < records.end() ? records[offset] : TopicRecord{0, Earliest::never};
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
      finishes_(options.workers),
      writers_(options.writers),
      heads_(partitions),
      mapping_(options.schema_changes),
      older_than_(options.ages.size()) {
  if (options.follows_shown) shown_.emplace();
}

// ---- the loop: take the earliest of what may happen next -----------------------------------------------------------

void SinkLane::advance(Time to, Context context) {
  look_for_heads(context.topic);
  if (speed_ppm_ == 0 || down_) {
    while (dropped_at(context.topic) <= to) expire(dropped_at(context.topic), context);
    return move_bases(context.topic);
  }
  while (true) {
    const bool fetches = unfinished() - occupied_ < options_.max_poll_records;
    const Time fetched = fetches ? latest(heads_.at(), now_) : dropped_at(context.topic);
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
    PartitionState& state = partitions_[p];
    const TopicLog& records = topic.partitions[p].records;
    state.done.cover(state.base, records.end());
    state.head = record_at(records, state.fetched);
    state.second = record_at(records, state.fetched + 1);
    heads_.set(p, state.head.append);
  }
}

// The one after it takes its place, at once: who is next then need not wait for the topic.
inline void SinkLane::pass_head(std::uint32_t p, const Topic& topic) {
  PartitionState& state = partitions_[p];
  state.head = state.second;
  heads_.set(p, state.head.append);
  ++state.fetched;
  state.second = record_at(topic.partitions[p].records, state.fetched + 1);
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

[[gnu::always_inline]] inline LogRecord SinkLane::change_behind(const TopicRecord& entry, const Context& context) {
  if (entry.snapshot() || entry.altered()) [[unlikely]]
    return special_change_behind(entry, context);
  return context.source.log()[entry.position()];
}

LogRecord SinkLane::special_change_behind(const TopicRecord& entry, const Context& context) {
  if (entry.snapshot()) {
    const Connector::SnapshotRow row = context.connector.snapshot_row(entry.position());
    return LogRecord::make(row.table, row.row, row.write, Op::insert, Time{0});
  }
  const LogRecord& change = context.source.log()[entry.position()];  // it may be a record of a mistaken rule
  return change.of(context.source.meant(change.table()));
}

[[gnu::always_inline]] inline TopicRecord SinkLane::PartitionState::entry(std::uint64_t offset,
                                                                          TopicRecord record) const {
  if (offset < again_until && under_way_again(offset)) [[unlikely]]
    record.packed |= item_again;
  return record;
}

SinkLane::Item SinkLane::read(std::uint32_t p, std::uint64_t offset, const Context& context) const {
  const TopicRecord entry = partitions_[p].entry(offset, context.topic.partitions[p].records[offset]);
  return {change_behind(entry, context), entry, {p, static_cast<std::uint32_t>(offset)}};
}

// The record that is due, and ahead of their turn those after it: as long as all tasks of the workers together are
// fewer than may be queued, it does not matter to a fetch who finishes in between, since a worker by key knows from
// when on it had a task. One that takes no time may finish before the next fetch of the same instant, so that ends it.
void SinkLane::fetch(Time at, Time to, Context& context) {
  if (at > heads_.at() + context.topic.options.retention) [[unlikely]]
    return expire(dropped_at(context.topic), context);
  const std::uint64_t room =
      options_.max_poll_records - std::min<std::uint64_t>(unfinished(), options_.max_poll_records);
  const std::uint64_t most = std::min(room, most_ahead);
  std::uint64_t fetched = 0;
  Duration work;
  do {
    const std::uint32_t p = heads_.index();
    const PartitionState& state = partitions_[p];
    const std::uint64_t offset = state.fetched;
    const TopicRecord entry = state.entry(offset, state.head);
    const LogRecord change = change_behind(entry, context);
    const std::uint64_t id = entry.position() + (entry.snapshot() ? snapshot_id : 0);
    const unsigned delivery = entry.delivery() + (offset < state.again_until ? 16 * crashes_ : 0);
    pass_head(p, context.topic);
    context.tables[change.table()].prefetch(change.row);
    work = options_.service_time(bits(service_, id, static_cast<std::uint16_t>(delivery)));
    ++fetched;
    const Place place{p, static_cast<std::uint32_t>(offset)};
    if (options_.dispatch == Dispatch::shared) {
      dispatch_shared({{change, entry, place}, at, work.ns});
      break;
    }
    const auto w = static_cast<std::uint32_t>(below(row_hash(change.table(), change.row), options_.workers));
    Queue<Task>& tasks = workers_[w].tasks;
    Task& task = tasks.push_slot();  // part by part: as a whole it would be read back before its parts have arrived
    task.item.change = change;
    task.item.entry = entry;
    task.item.place = place;
    task.since = at;
    task.work = work.ns;
    if (tasks.size() == 1) {
      ++occupied_;
      finishes_.enter(w, after_work(at, work.ns));
    }
    at = latest(heads_.at(), now_);
  } while (work.ns > 0 && fetched < most && at <= to);
  under_way_ += fetched;
  counts_.fetched += fetched;
}

// The first instant at which the topic does not keep the next record any more, or from which on somebody finds that
// out.
Time SinkLane::dropped_at(const Topic& topic) const {
  const Time head = heads_.at();
  if (head >= Earliest::never) return Time::never();
  return latest(head + topic.options.retention + nanosecond, now_);
}

// The topic drops its next record, which nobody has fetched.
void SinkLane::expire(Time at, Context& context) {
  const std::uint32_t p = heads_.index();
  const Item item = read(p, partitions_[p].fetched, context);
  pass_head(p, context.topic);
  ++counts_.fetched;
  ++counts_.expired;
  counts_.not_first += copy(item, context);
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
  if (shown_ && !copy(item, context)) shown_->ended(item.change.commit(), at);
  tell(Fact::Kind::lost, at, item, context.tables[item.change.table()].get(item.change.row),
       context.causes.unite(causes, causes_of(item, context)), context);
}

void SinkLane::dispatch_shared(const Task& task) {
  std::uint32_t w = 0;
  while (w < workers_.size() && !workers_[w].tasks.empty()) ++w;
  if (w == workers_.size()) return shared_queue_.push_back(task);
  workers_[w].tasks.push_back(task);
  ++occupied_;
  finishes_.enter(w, after_work(task.since, task.work));
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
  ++buffered_;
  if (options_.dispatch == Dispatch::by_key) {
    hand_to_writer(at, worker.tasks.front().item);
    worker.tasks.pop_front();
  } else {
    hand_on_in_order(at, worker.tasks.front().item);
    worker.tasks.pop_front();
    if (!shared_queue_.empty()) {
      worker.tasks.push_back(shared_queue_.front());
      shared_queue_.pop_front();
    }
  }
  if (worker.tasks.empty()) {
    --occupied_;
    return finishes_.set(w, Earliest::never);
  }
  Task& next = worker.tasks.front();
  next.since = latest(next.since, at);
  finishes_.set(w, after_work(next.since, next.work));
}

// Whoever finishes up to `until`, as long as no flush starts before.
void SinkLane::finish(Time until) {
  std::uint32_t w = finishes_.index();
  now_ = finishes_.at();
  while (true) {
    if (buffered_ >= options_.buffer && !awaited(workers_[w].tasks.front().item.place)) {
      workers_[w].blocked = true;
      finishes_.set(w, Earliest::never);
      blocked_.push_back(w);
    } else {
      leave(now_, w);
    }
    w = finishes_.index();
    const Time next = finishes_.at();
    if (next > until || next > first_flush_start_) return;
    now_ = next;
  }
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
