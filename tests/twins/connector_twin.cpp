#include "tests/twins/connector_twin.h"

#include <algorithm>
#include <deque>
#include <queue>
#include <tuple>

namespace rehearse::twins {
namespace {

// A record's delivery number.
constexpr unsigned most_rewinds_told_apart = 14, copy_of_a_tap = 15;

// At one instant in this order.
enum Kind { held_is_due, append_is_due, poll, flush, control };

struct Event {
  Time at;
  Kind kind;
  std::uint64_t number;  // of a held record or a control; the generation of an append
  bool operator>(const Event& b) const { return std::tie(at, kind, number) > std::tie(b.at, b.kind, b.number); }
};

struct Held {
  std::uint32_t partition;
  TwinTopicRecord record;
};

class Twin {
 public:
  Twin(SmallLanes& lanes, const std::vector<Connector::SnapshotRow>& snapshot)
      : lanes_(lanes), world_(lanes.world), options_(world_.connector), snapshot_(snapshot) {
    result_.partitions.resize(world_.topic.partitions);
  }

  ConnectorTwinResult run() {
    for (std::size_t i = 0; i < world_.controls.size(); ++i) events_.push({world_.controls[i].at, control, i});
    for (Time t; t <= world_.end; t += options_.flush_offsets_every) events_.push({t, flush, 0});
    if (!options_.continuous)
      for (Time t; t <= world_.end; t += options_.poll_every) events_.push({t, poll, 0});
    else
      for (Lsn lsn = 0; lsn < lanes_.source.end(); ++lsn) events_.push({lanes_.source.log()[lsn].commit(), poll, 0});
    plan_append();
    while (!events_.empty() && events_.top().at <= world_.end) {
      const Event event = events_.top();
      events_.pop();
      now_ = event.at;
      switch (event.kind) {
        case held_is_due:
          let_go(event.number);
          break;
        case append_is_due:
          if (event.number == generation_) append();
          break;
        case poll:
          read();
          break;
        case flush:
          if (now_.ns > 0) flushed_ = position();
          break;
        case control:
          carry_out(world_.controls[event.number]);
          break;
      }
    }
    now_ = world_.end;
    result_.position = position();
    result_.held = held_.size();
    return std::move(result_);
  }

 private:
  const LogRecord& log(Lsn lsn) const { return lanes_.source.log()[lsn]; }
  bool committed(Lsn lsn) const { return lsn < lanes_.source.end() && log(lsn).commit() <= now_; }
  // The first record of its tables that is not appended, or the log's end as of now.
  Lsn position() const {
    Lsn lsn = appended_;
    while (!down_ && snapshot_done() && committed(lsn) && !world_.read[log(lsn).table()]) ++lsn;
    return lsn;
  }
  bool appended_since_flush() const {
    for (Lsn lsn = flushed_; lsn < appended_; ++lsn)
      if (world_.read[log(lsn).table()]) return true;
    return false;
  }
  bool snapshot_done() const { return snapshot_next_ == snapshot_.size(); }

  void read() {
    if (down_) return;
    for (std::uint32_t n = 0; committed(read_to_); ++read_to_) {
      if (!world_.read[log(read_to_).table()]) continue;
      if (!options_.continuous && n++ == options_.max_batch) break;
      batch_.push_back({read_to_, now_});
    }
    plan_append();
  }

  void plan_append() {
    ++generation_;
    if (down_) return;
    if (!snapshot_done()) {
      const std::int64_t rate = options_.snapshot_rate;
      const Time nominal{rate == 0 ? 0 : static_cast<std::int64_t>(snapshot_next_) * second.ns / rate};
      events_.push({std::max(nominal, resumed_), append_is_due, generation_});
    } else if (!batch_.empty()) {
      events_.push({std::max(batch_.front().second, last_append_ + options_.record_gap), append_is_due, generation_});
    }
  }

  void append() {
    last_append_ = now_;
    if (!snapshot_done()) {
      const Connector::SnapshotRow& row = snapshot_[snapshot_next_];
      put(lanes_.topic.partition_of(row.table, row.row, snapshot_next_),
          {TopicRecord::make(snapshot_next_, 0, true, false, lanes_.marks.live(0), now_).packed, now_, false, {}});
      ++snapshot_next_;
      ++result_.counts.snapshot;
    } else {
      const Lsn lsn = batch_.front().first;
      batch_.pop_front();
      appended_ = lsn + 1;
      deliver(lsn);
    }
    plan_append();
  }

  void deliver(Lsn lsn) {
    const LogRecord& record = log(lsn);
    // Naively: every record that was appended and then rewound over is remembered one by one, and why.
    const auto owed = owed_.find(lsn);
    const unsigned delivery = owed != owed_.end() ? rewinds_ : 0;
    const CauseSet rewind_causes = delivery ? owed->second : CauseSet{};
    if (delivery) owed_.erase(owed);
    ++(delivery ? result_.counts.replayed : result_.counts.read);
    const Mark mark = record.op() == Op::remove ? absent : lanes_.marks.live(0);
    Fate fate;
    fate.mark = mark;
    if (tapped_)
      fate =
          fate_of(world_.tap,
                  {record.table(), record.row, record.write, record.op(), lsn, delivery, record.commit(), now_, mark},
                  fate, lanes_.marks, lanes_.causes);
    if (fate.drop) {
      ++result_.counts.dropped;
      result_.dropped.emplace_back(now_, record.row);
      return;
    }
    const std::uint32_t partition = lanes_.topic.partition_of(record.table(), record.row, lsn);
    const CauseSet causes = delivery ? lanes_.causes.unite(fate.causes, rewind_causes) : fate.causes;
    const RecordNote note{.causes = causes, .copy = delivery > 0};
    const auto made = [&](unsigned number, bool noted, Time at, const RecordNote& why) {
      const TopicRecord record = TopicRecord::make(lsn, number, false, noted, fate.mark, at);
      return TwinTopicRecord{record.with_altered(fate.mark != mark).packed, at, noted, why};
    };
    const Time at = now_ + fate.delayed_by.value_or(Duration{});
    if (fate.delayed_by) hold(partition, made(delivery, true, at, note));
    else put(partition, made(delivery, delivery > 0 || causes != 0, at, note));
    if (fate.copied_after) {
      ++result_.counts.copied;
      hold(partition, made(copy_of_a_tap, true, at + *fate.copied_after, {.causes = fate.copy_causes, .copy = true}));
    }
  }

  void put(std::uint32_t partition, const TwinTopicRecord& record) { result_.partitions[partition].push_back(record); }
  void hold(std::uint32_t partition, const TwinTopicRecord& record) {
    events_.push({record.append, held_is_due, holds_});
    held_.emplace(holds_++, Held{partition, record});
  }
  void let_go(std::uint64_t number) {
    const Held held = held_.at(number);
    held_.erase(number);
    put(held.partition, held.record);
  }

  void carry_out(const Control& what) {
    switch (what.kind) {
      case Control::Kind::connector_crash:
        if (appended_since_flush()) {
          for (Lsn lsn = flushed_; lsn < position(); ++lsn)
            owed_.try_emplace(lsn, lanes_.causes.named("connector crash"));
          rewinds_ = std::min(rewinds_ + 1, most_rewinds_told_apart);
        } else {
          flushed_ = position();
        }
        appended_ = read_to_ = flushed_;
        batch_.clear();
        down_ = true;
        plan_append();
        break;
      case Control::Kind::connector_resume:
        down_ = false;
        resumed_ = now_;
        if (options_.continuous) events_.push({now_, poll, 0});
        // At a tick it still polls, and what that appends is flushed with everything else of this instant.
        if (!options_.continuous && now_ == tick_at_or_after(now_, options_.poll_every)) events_.push({now_, poll, 0});
        if (now_ == tick_at_or_after(now_, options_.flush_offsets_every)) events_.push({now_, flush, 0});
        plan_append();
        break;
      case Control::Kind::tap_in:
        tapped_ = true;
        break;
      case Control::Kind::tap_out:
        tapped_ = false;
        break;
      default:
        break;
    }
  }

  SmallLanes& lanes_;
  const SmallWorld& world_;
  const ConnectorOptions& options_;
  const std::vector<Connector::SnapshotRow>& snapshot_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  ConnectorTwinResult result_;
  Time now_;
  bool down_ = false, tapped_ = false;
  Time resumed_;
  std::uint64_t generation_ = 0;            // of the planned append; older plans are void
  std::deque<std::pair<Lsn, Time>> batch_;  // read and not yet appended, and when it was read
  Lsn read_to_ = 0, appended_ = 0, flushed_ = 0;
  Time last_append_;
  std::size_t snapshot_next_ = 0;
  std::map<Lsn, CauseSet> owed_;
  unsigned rewinds_ = 0;
  std::map<std::uint64_t, Held> held_;
  std::uint64_t holds_ = 0;
};

}  // namespace

ConnectorTwinResult connector_twin(SmallLanes& lanes, const std::vector<Connector::SnapshotRow>& snapshot) {
  return Twin(lanes, snapshot).run();
}

}  // namespace rehearse::twins
