// What operators and faults do to a sink lane, and the questions that it answers when it stands still.
#include <algorithm>

#include "sim/kernel/assert.h"
#include "sim/pipelines/sink_lane.h"

namespace rehearse {
namespace {

// Rows of the initial snapshot were there at the start.
Time commit_of(const TopicRecord& record, const Source& source) {
  return record.snapshot() ? Time{0} : source.log()[record.position()].commit();
}

}  // namespace

// ---- control -------------------------------------------------------------------------------------------------------

void SinkLane::set_speed(Time at, std::uint32_t parts_per_million) {
  for (Worker& worker : workers_)
    if (worker.busy()) {
      Task& task = worker.tasks.front();
      task.work = std::max<std::int64_t>(0, task.work - work_done(task.since, at));
      task.since = at;
    }
  for (Writer& writer : writers_)
    if (writer.flushing) {
      writer.work_left = std::max<std::int64_t>(0, writer.work_left - work_done(writer.since, at));
      writer.since = at;
    }
  speed_ppm_ = parts_per_million;
  now_ = std::max(now_, at);
  for (std::uint32_t w = 0; w < workers_.size(); ++w)
    if (workers_[w].busy()) finishes_.set(w, after_work(at, workers_[w].tasks.front().work));
  for (Writer& writer : writers_) {
    if (writer.flushing) {
      writer.next = after_work(at, writer.work_left);
    } else {
      writer.next = Time::never();
      plan_flush(at, writer);
    }
  }
  next_flush();
}

std::int64_t SinkLane::scaled(std::int64_t work) const {
  if (speed_ppm_ == 0) return Earliest::never.ns;
  const Unsigned128 takes = (static_cast<Unsigned128>(work) * full_speed + speed_ppm_ - 1) / speed_ppm_;
  return takes < static_cast<Unsigned128>(Earliest::never.ns) ? static_cast<std::int64_t>(takes) : Earliest::never.ns;
}

std::int64_t SinkLane::work_done(Time since, Time until) const {
  return static_cast<std::int64_t>(static_cast<Unsigned128>((until - since).ns) * speed_ppm_ / full_speed);
}

void SinkLane::crash(Time at, CauseSet causes, Context context) {
  now_ = std::max(now_, at);
  const bool loses = options_.delivery == Delivery::at_most_once;
  for (std::uint32_t p = 0; p < partitions_.size(); ++p) {
    PartitionState& state = partitions_[p];
    // What had been written before stays so, whether it was fetched again since the last crash or not.
    const std::uint64_t until = std::max(state.fetched, state.again_until);
    std::vector<bool> again(until > state.base ? until - state.base : 0);
    bool still = false;  // something is under way again since an earlier crash
    for (std::size_t i = 0; i < again.size(); ++i) {
      again[i] = state.under_way_again(state.base + i);
      const bool settled = state.settled(state.base + i);
      still |= again[i] && !settled;
      if (!settled || loses) continue;
      again[i] = true;
      Item item = read(p, state.base + i, context);
      item.entry.packed |= item_again;
      tell(Fact::Kind::owed_again, at, item, context.tables[item.change.table()].get(item.change.row), causes, context);
    }
    if (!loses) counts_.refetched += state.fetched - state.base;
    if (!again.empty()) {
      state.again_from = state.base;
      state.again_until = until;
      state.again = std::move(again);
      state.again_causes = still ? context.causes.unite(state.again_causes, causes) : causes;
    }
    if (!loses) {
      state.waiting.clear();
      state.done.clear();
      state.fetched = state.base;
    }
  }
  const auto drop = [&](const Item& item) {
    if (!loses) return;
    ++counts_.dropped;
    counts_.not_first += copy(item, context);
    lose(at, item, context.causes.unite(causes, defects_.at_most_once), context);
    --under_way_;
    settle(item.place);
  };
  for (std::uint32_t p = 0; p < partitions_.size(); ++p) {
    for (const auto& [offset, item] : partitions_[p].waiting) drop(item);
    partitions_[p].waiting.clear();
    partitions_[p].next_released = partitions_[p].fetched;
  }
  for (Worker& worker : workers_) {
    for (std::size_t i = 0; i < worker.tasks.size(); ++i) drop(worker.tasks[i].item);
    worker = Worker{};
  }
  finishes_ = Earliest(options_.workers);
  for (std::size_t i = 0; i < shared_queue_.size(); ++i) drop(shared_queue_[i].item);
  shared_queue_.clear();
  for (Writer& writer : writers_) {
    for (std::size_t i = 0; i < writer.pending.size(); ++i) drop(writer.pending[i]);
    writer = Writer{};
  }
  move_bases(context.topic);
  next_flush();
  blocked_.clear();
  occupied_ = buffered_ = 0;
  counts_.abandoned += under_way_;
  under_way_ = 0;
  ++crashes_;
  down_ = true;
}

void SinkLane::resume(Time at) {
  down_ = false;
  now_ = std::max(now_, at);
}

void SinkLane::row_changed(Time at, TableId table, RowId row, Write before, Write now) {
  if (shown_) shown_->after_write(table, row, now);
  for (auto& [of, changes] : awaited_)
    if (of.second == table) changes.changed(row, before, now, at);
}

void SinkLane::repaired(Time at, TableId table, RowId row, Write before, Write now) {
  row_changed(at, table, row, before, now);
  if (shown_) shown_->look(at);
}

// ---- what it has done ----------------------------------------------------------------------------------------------

bool SinkLane::idle(const Topic& topic) const {
  if (under_way_ > 0) return false;
  for (std::uint32_t p = 0; p < partitions_.size(); ++p)
    if (partitions_[p].fetched < topic.partitions[p].records.end()) return false;
  return true;
}

// Of all records from a partition's base on, without those that are special: a few, where a partition is long.
std::uint64_t SinkLane::in_topic(const Topic& topic) const {
  std::uint64_t count = 0;
  for (std::uint32_t p = 0; p < partitions_.size(); ++p) {
    const PartitionState& state = partitions_[p];
    const Partition& partition = topic.partitions[p];
    count += partition.records.end() - state.base;
    const std::uint64_t special_until = std::max(state.fetched, state.again_until);
    for (std::uint64_t offset = state.base; offset < special_until; ++offset)
      count -= static_cast<std::uint64_t>(!state.waits_to_be_visible(offset, partition));
    for (auto note = partition.notes.lower_bound(std::max(state.base, special_until)); note != partition.notes.end();
         ++note)
      count -= static_cast<std::uint64_t>(note->second.copy);
  }
  return count;
}

std::uint64_t SinkLane::not_visible(const Source& source, const Topic& topic, const Connector& connector) const {
  std::uint64_t count = in_topic(topic) + connector.unread(source);
  for (const Connector::Held& held : connector.held_records()) count += static_cast<std::uint64_t>(!held.note.copy);
  return count;
}

Time SinkLane::oldest_in_topic(const Source& source, const Topic& topic) const {
  Time oldest = Time::never();
  for (std::uint32_t p = 0; p < partitions_.size(); ++p) {
    const PartitionState& state = partitions_[p];
    const Partition& partition = topic.partitions[p];
    const auto pending = [&](std::uint64_t offset) { return state.waits_to_be_visible(offset, partition); };
    for (auto note = partition.notes.lower_bound(state.base); note != partition.notes.end(); ++note)
      if (pending(note->first)) oldest = std::min(oldest, commit_of(partition.records[note->first], source));
    for (std::uint64_t offset = state.base; offset < partition.records.end(); ++offset)
      if (pending(offset)) {
        oldest = std::min(oldest, commit_of(partition.records[offset], source));
        break;
      }
  }
  return oldest;
}

Time SinkLane::oldest_not_visible(const Source& source, const Topic& topic, const Connector& connector) const {
  if (!connector.snapshot_done()) return Time{0};
  Time oldest = std::min(oldest_in_topic(source, topic), connector.oldest_unread(source));
  for (const Connector::Held& held : connector.held_records())
    if (!held.note.copy) oldest = std::min(oldest, commit_of(held.record, source));
  return oldest;
}

// Σ (to − appended) − Σ (to − written).
Topic::Integral SinkLane::number_integral(const Topic& topic, Time to) const {
  const auto until = static_cast<std::uint64_t>(to.ns);
  return (static_cast<Topic::Integral>(topic.appended) * until - topic.append_times) -
         (static_cast<Topic::Integral>(written_records_) * until - written_times_);
}

Topic::Integral SinkLane::time_in_system(const Topic& topic, Time to) const {
  Topic::Integral sum = written_times_ - written_appends_;
  for (std::uint32_t p = 0; p < partitions_.size(); ++p) {
    const PartitionState& state = partitions_[p];
    const auto& records = topic.partitions[p].records;
    for (std::uint64_t offset = state.base; offset < records.end(); ++offset)
      if (!state.settled(offset)) sum += static_cast<std::uint64_t>((to - records[offset].append).ns);
  }
  return sum;
}

}  // namespace rehearse
