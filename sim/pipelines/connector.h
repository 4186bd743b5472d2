// The source connector: reads the log from its position and appends to the topic.
//
// Models: an initial snapshot handed off at position 0 (read at `snapshot_rate`, streamed first); polls by arithmetic
// (a record is read at the first tick at or after its commit, at most `max_batch` a tick) or continuously; an optional
// rate; offsets flushed at ticks; a crash that rewinds to the last flush and stays down for a while, after which what
// was not flushed is delivered again. Leaves out: transaction markers, heartbeats, snapshots while running.
// Invariant: every record of its tables is appended at least once unless a tap drops it; cutting an advance in two
// changes nothing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/pipelines/tap.h"
#include "sim/pipelines/topic.h"
#include "sim/rows/facts.h"
#include "sim/source/source.h"

namespace rehearse {

// A pipeline that makes the rows of a derived table by a mistaken rule of its own: it carries the records of the table
// that this rule makes, as if they were the dataset's.
struct OwnRule {
  std::string dataset;
  TableId meant = 0;
  TableId made = 0;
  Lsn records = 0;     // at most, that one change leaves in the log
  CauseSet cause = 0;  // the world names it
};

struct ConnectorOptions {
  bool continuous = false;
  Duration poll_every = millisecond * 500;
  Duration flush_offsets_every = second * 60;
  bool initial_snapshot = true;
  std::uint64_t snapshot_rate = 0;  // rows a second; 0 = at once
  std::uint32_t max_batch = 2048;   // records a poll
  Duration record_gap;              // 1 / rate; 0 = no limit
  std::vector<OwnRule> own_rules;
};

class Connector {
 public:
  Connector() = default;
  Connector(const ConnectorOptions& options, const std::vector<bool>& tables) : options_(options) {
    for (TableId table = 0; table < tables.size(); ++table) tables_ |= std::uint32_t{tables[table]} << table;
    for (const OwnRule& own : options_.own_rules) {
      tables_ &= ~(std::uint32_t{1} << own.meant);
      tables_ |= std::uint32_t{1} << own.made;
    }
    next_flush_ = Time{options_.flush_offsets_every.ns};
    last_tick_ = Time::before_all();
  }

  struct Context {
    const Source& source;
    Topic& topic;
    Facts& facts;
    MarkTable& marks;
    CauseTable& causes;
    StoreId store;                   // that the pipeline ends in, for facts
    std::vector<TableCopy>& tables;  // of that store: rows with facts are watched
  };
  void advance(Time to, Context context);

  // Reads the initial snapshot's rows as of now (the start).
  void take_initial_snapshot(const Source& source);
  // Crashes at `at`, where lanes stand: rewinds to the last flushed position and is down until resume(). Tells of every
  // record that is under way again by it.
  void crash(Time at, CauseSet causes, Context context);
  void resume(Time at);
  bool down() const { return down_; }

  Lsn position() const { return position_; }
  Lsn needed_from() const;  // the slot: the log is kept from here
  // Records from position() to here are read again.
  Lsn replays_until() const { return replays_.empty() ? 0 : replays_.front().until; }
  bool reads(TableId table) const { return tables_ >> table & 1; }
  // The table whose records it carries as those of `meant`, and why they may be others; itself, unless by a rule of
  // its own.
  TableId carries_for(TableId meant) const;
  CauseSet cause_of_rule(TableId meant) const;
  bool skips_initial_rows() const { return !options_.initial_snapshot; }
  bool snapshot_done() const { return snapshot_left() == 0; }
  std::uint64_t snapshot_left() const { return snapshot_rows_ - snapshot_next_; }  // rows that are still to be read
  struct SnapshotRow {
    RowId row;
    Write write;
    TableId table;
    bool unmeant;  // the dataset does not have it
    bool operator==(const SnapshotRow&) const = default;
  };
  SnapshotRow snapshot_row(std::uint64_t i) const;
  std::uint64_t held() const { return held_.size(); }
  // Records that a tap holds back, which will be delivered.
  struct Held {
    Time at;
    std::uint64_t sequence;
    TopicRecord record;
    std::uint32_t partition;
    RecordNote note;
  };
  const std::vector<Held>& held_records() const { return held_; }
  // Of the changes that it has never read: how many there are, and the commit time of the oldest (never if there is
  // none).
  std::uint64_t unread(const Source& source) const;
  Time oldest_unread(const Source& source) const;

  Taps taps;
  const ConnectorOptions& options() const { return options_; }

  struct Counts {
    std::uint64_t read = 0;      // records of its tables, each once
    std::uint64_t snapshot = 0;  // rows
    std::uint64_t replayed = 0;  // read again after a crash
    std::uint64_t copied = 0;    // by taps
    std::uint64_t dropped = 0;   // by taps
  };
  const Counts& counts() const { return counts_; }
  std::uint64_t snapshot_bytes() const { return snapshot_.capacity() * sizeof(SnapshotRun); }

 private:
  Time available(Time commit) const;  // when a poll with room reads it
  void add_to_snapshot(const SnapshotRow& row);
  bool advance_snapshot(Time to, Context& context);
  void release_held(Time to, Topic& topic);
  void deliver(const LogRecord& record, Time at, Context& context);
  void deliver_alike(std::span<const LogRecord> run, Time at, const LiveMarks& marks, Topic& topic);
  void deliver_span(Context& context);
  TapRecord tap_record(const LogRecord& record, Lsn lsn, Time at, const Source& source) const;  // its first delivery
  const OwnRule* own_rule_of(TableId made) const;
  void apply_own_rule(TapRecord& record, const Source& source) const;
  bool leave_out(const LogRecord& record, Time to, Context& context);  // false: not before `to`
  static void tell(Fact::Kind kind, Time at, const TapRecord& record, bool copy, Mark held, CauseSet causes,
                   Context& context);
  void hold(const TapRecord& record, std::uint32_t partition, const TopicRecord& topic_record, const RecordNote& note);

  ConnectorOptions options_;
  std::uint32_t tables_ = 0;  // a bit each
  Lsn position_ = 0;
  Lsn flushed_ = 0;
  struct Replay {  // of the records below `until` that no later rewind speaks of
    Lsn until;
    CauseSet causes;
  };
  const Replay* replay_of(Lsn lsn) const;  // none: read for the first time
  std::vector<Replay> replays_;            // highest `until` first
  Time next_flush_;                        // the first flush tick at or after the last append
  Time last_append_;
  Time last_tick_;
  std::uint32_t in_tick_ = 0;
  bool unflushed_ = false;   // something was appended since the last flush
  unsigned deliveries_ = 0;  // times that it was rewound
  Lsn left_out_until_ = 0;   // what its rules leave out before this has been told
  bool down_ = false;
  Time resumed_;
  // The snapshot's rows, in runs that lie together in their table: with one write, or one write more each.
  struct SnapshotRun {
    std::uint64_t first;  // of the snapshot
    SnapshotRow row;      // which is its first
    bool writes_count_up;
    SnapshotRow at(std::uint64_t i) const;
  };
  std::vector<SnapshotRun> snapshot_;
  std::uint64_t snapshot_rows_ = 0;
  std::uint64_t snapshot_next_ = 0;
  std::vector<Held> held_;  // a heap by (at, sequence)
  std::uint64_t held_sequence_ = 0;
  // What is unread may be very long, and is asked for often: each record is looked at once.
  Lsn first_unread() const { return std::max(position_, replays_until()); }
  struct Counted {
    Lsn until = 0;
    std::uint64_t records = 0;  // of its tables, below
  };
  mutable Counted counted_;
  struct Passed {  // positions that hold no record of its tables
    Lsn from = 0, until = 0;
  };
  mutable Passed passed_;
  std::vector<TapRecord> span_;
  std::vector<Fate> fates_;
  Counts counts_;
};

}  // namespace rehearse
