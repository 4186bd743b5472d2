#include "sim/pipelines/connector.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <tuple>

#include "sim/kernel/wide.h"

namespace rehearse {
namespace {

constexpr std::size_t span_records = 256;
// A record's delivery has four bits: rewinds count up to 14 and then share their draws, copies made by taps are 15.
constexpr unsigned most_deliveries = 14;
constexpr unsigned tapped_copy = 15;

bool later(const Connector::Held& a, const Connector::Held& b) {
  return std::tie(a.at, a.sequence) > std::tie(b.at, b.sequence);
}

void append_noted(Topic& topic, std::uint32_t partition, TopicRecord record, const RecordNote& note) {
  const std::uint64_t offset = topic.append(partition, record);
  Partition& p = topic.partitions[partition];
  p.notes.emplace(offset, note);
  if (!record.snapshot()) p.lowest_noted.add(offset, record.position());
  if (note.copy) p.last_copy = offset + 1;
}

}  // namespace

void Connector::take_initial_snapshot(const Source& source) {
  if (!options_.initial_snapshot) return;
  for (TableId table = 0; table < source.tables(); ++table) {
    if (!reads(table)) continue;
    const TableCopy& rows = source.rows(table);
    const TableId meant = source.meant(table);
    const auto unmeant = [&](RowId row) {
      return meant != table && !source.rows(meant).get(row).same_content_as(rows[row]);
    };
    for (RowId row = 0; row < rows.slots(); ++row)
      if (rows[row].live()) add_to_snapshot({row, rows[row].write, meant, unmeant(row)});
  }
}

void Connector::add_to_snapshot(const SnapshotRow& row) {
  if (!snapshot_.empty()) {
    SnapshotRun& last = snapshot_.back();
    if (snapshot_rows_ == last.first + 1) last.writes_count_up = row.write == last.row.write + 1;
    if (last.at(snapshot_rows_) == row) {
      ++snapshot_rows_;
      return;
    }
  }
  snapshot_.push_back({snapshot_rows_++, row, false});
}

Connector::SnapshotRow Connector::SnapshotRun::at(std::uint64_t i) const {
  const auto after = static_cast<RowId>(i - first);
  return {row.row + after, row.write + (writes_count_up ? after : 0), row.table, row.unmeant};
}

Connector::SnapshotRow Connector::snapshot_row(std::uint64_t i) const {
  const auto next = std::upper_bound(snapshot_.begin(), snapshot_.end(), i,
                                     [](std::uint64_t row, const SnapshotRun& run) { return row < run.first; });
  return std::prev(next)->at(i);
}

bool Connector::advance_snapshot(Time to, Context& context) {
  while (snapshot_next_ < snapshot_rows_) {
    const std::uint64_t rate = options_.snapshot_rate;
    const Time at{rate == 0 ? 0
                            : static_cast<std::int64_t>(static_cast<Unsigned128>(snapshot_next_) * second.ns / rate)};
    const Time append = std::max(at, resumed_);
    if (append > to) return false;
    const SnapshotRow row = snapshot_row(snapshot_next_);
    const std::uint32_t partition = context.topic.partition_of(row.table, row.row, snapshot_next_);
    const TopicRecord record =
        TopicRecord::make(snapshot_next_, 0, true, row.unmeant, context.source.initial_mark(row.table), append)
            .with_altered(row.unmeant);
    if (row.unmeant)
      append_noted(context.topic, partition, record, {.causes = cause_of_rule(row.table), .copy = false});
    else context.topic.append(partition, record);
    last_append_ = append;
    ++snapshot_next_;
    ++counts_.snapshot;
  }
  return true;
}

Time Connector::available(Time commit) const {
  if (options_.continuous) return std::max(commit, resumed_);
  const Time tick = last_tick_;
  const Time from = std::max(commit, resumed_);
  const Time next = tick + options_.poll_every;
  if (from > next) return tick_at_or_after(from, options_.poll_every);
  if (from > tick) return next;
  return in_tick_ >= options_.max_batch ? next : tick;
}

// A record, whatever there is to say of it.
void Connector::deliver(const LogRecord& record, Time at, Context& context) {
  const TableId table = record.table();
  const Replay* replay = replays_until() <= position_ ? nullptr : replay_of(position_);
  ++(replay ? counts_.replayed : counts_.read);
  const Mark mark = record.op() == Op::remove ? absent : context.source.live_mark_at(table, position_);
  if (!taps.empty() || !options_.own_rules.empty()) {
    span_.push_back(tap_record(record, position_, at, context.source));
    span_.back().delivery = replay ? deliveries_ : 0;
    if (span_.size() == span_records) deliver_span(context);
    return;
  }
  if (!held_.empty()) release_held(at, context.topic);
  const std::uint32_t partition = context.topic.partition_of(table, record.row, position_);
  const TopicRecord entry = TopicRecord::make(position_, replay ? deliveries_ : 0, false, replay != nullptr, mark, at);
  if (replay) append_noted(context.topic, partition, entry, {.causes = replay->causes, .copy = true});
  else context.topic.append(partition, entry);
}

// The same for the first of a run, and with it for those that are read at that instant: of none of them is there more
// to say than what it is. A limited rate gives each record an instant of its own.
[[gnu::always_inline]] inline void Connector::deliver_alike(std::span<const LogRecord> run, Time at,
                                                            const LiveMarks& marks, Topic& topic) {
  const std::uint64_t room = options_.record_gap > Duration{} ? 1
                             : options_.continuous            ? run.size()
                                                              : options_.max_batch - in_tick_;
  const std::uint64_t most = std::min(run.size(), room);
  const Time tick = last_tick_;
  std::uint64_t seen = 0, delivered = 0;
  do {
    const LogRecord record = run[seen];
    const TableId table = record.table();
    const Lsn lsn = position_ + seen++;
    if (!reads(table)) continue;
    const Mark mark = record.op() == Op::remove ? absent : marks[table];
    topic.partitions[topic.partition_of(table, record.row, lsn)].records.append(
        TopicRecord::make(lsn, 0, false, false, mark, at));
    ++delivered;
  } while (seen < most && run[seen].commit() <= tick);
  position_ += seen;
  counts_.read += delivered;
  in_tick_ += static_cast<std::uint32_t>(delivered);
  topic.appended += delivered;
  topic.append_times += Topic::Integral{delivered} * static_cast<std::uint64_t>(at.ns);
}

void Connector::advance(Time to, Context context) {
  if (!down_ && advance_snapshot(to, context)) {
    const SourceLog& log = context.source.log();
    const Lsn end = log.end();
    // Only now and then is there more to say of records than what they are.
    const bool special = !taps.empty() || !options_.own_rules.empty() || !held_.empty() || position_ < replays_until();
    const std::optional<LiveMarks> marks = special ? std::nullopt : context.source.live_marks_from(position_);
    while (position_ < end) {
      const LogRecord& record = log[position_];
      if (!reads(record.table())) {
        if (!options_.own_rules.empty() && !leave_out(record, to, context)) break;
        ++position_;
        continue;
      }
      const Time tick = available(record.commit());
      const Time at = std::max(tick, last_append_ + options_.record_gap);
      if (at > to) break;
      if (at > next_flush_) {
        flushed_ = position_;
        unflushed_ = false;
        next_flush_ = tick_at_or_after(at, options_.flush_offsets_every);
      }
      if (tick != last_tick_) {
        last_tick_ = tick;
        in_tick_ = 0;
      }
      last_append_ = at;
      unflushed_ = true;
      if (marks) {
        deliver_alike(log.run(position_), at, *marks, context.topic);
      } else {
        ++in_tick_;
        deliver(record, at, context);
        ++position_;
      }
    }
    deliver_span(context);
  }
  release_held(to, context.topic);
}

TapRecord Connector::tap_record(const LogRecord& record, Lsn lsn, Time at, const Source& source) const {
  const Mark mark = record.op() == Op::remove ? absent : source.live_mark_at(record.table(), lsn);
  TapRecord made{record.table(), record.row, record.write, record.op(), lsn, 0, record.commit(), at, mark, lsn, mark};
  if (!options_.own_rules.empty()) apply_own_rule(made, source);
  return made;
}

// The store's cell is as its lane left it; what the lane writes of the row from here on is told too.
void Connector::tell(Fact::Kind kind, Time at, const TapRecord& record, bool copy, Mark held, CauseSet causes,
                     Context& context) {
  TableCopy& table = context.tables[record.table];
  table.watch(record.row);
  const Cell cell = table[record.row];
  context.facts.push_back({.at = at,
                           .record = {record.write, record.meant, 0},
                           .before = cell,
                           .cell = cell,
                           .row = record.row,
                           .extra_copies = table.extra_copies(record.row),
                           .store = context.store,
                           .table = record.table,
                           .kind = kind,
                           .copy = copy,
                           .held = held,
                           .causes = causes});
}

void Connector::deliver_span(Context& context) {
  if (span_.empty()) return;
  fates_.clear();
  for (const TapRecord& record : span_) {
    Fate fate;
    fate.mark = record.mark;
    fate.causes = record.causes;
    fates_.push_back(fate);
  }
  TapContext tap_context{context.marks, context.causes, context.source};
  taps.decide(span_, fates_, tap_context);
  for (std::size_t i = 0; i < span_.size(); ++i) {
    const TapRecord& record = span_[i];
    const Fate& fate = fates_[i];
    const Replay* replay = replay_of(record.lsn);
    release_held(record.append, context.topic);
    if (fate.drop) {
      ++counts_.dropped;
      tell(Fact::Kind::lost, record.append, record, replay != nullptr, record.mark, fate.causes, context);
      continue;
    }
    if (replay && fate.mark != record.mark) {  // what is under way again is another delivery than it was to be
      tell(Fact::Kind::lost, record.append, record, true, record.mark, fate.causes, context);
      tell(Fact::Kind::owed_again, record.append, record, true, fate.mark, fate.causes, context);
    }
    const std::uint32_t partition = context.topic.partition_of(record.table, record.row, record.lsn);
    const RecordNote note{.causes = replay ? context.causes.unite(fate.causes, replay->causes) : fate.causes,
                          .copy = replay != nullptr};
    const bool noted = replay || fate.causes != 0;
    const bool altered = fate.mark != record.meant || context.source.log()[record.position].table() != record.table;
    const TopicRecord entry =
        TopicRecord::make(record.position, record.delivery, false, noted, fate.mark, record.append)
            .with_altered(altered);
    if (fate.delayed_by)
      hold({.table = record.table,
            .row = record.row,
            .write = record.write,
            .op = record.op,
            .lsn = record.lsn,
            .delivery = record.delivery,
            .commit = record.commit,
            .append = record.append + *fate.delayed_by,
            .mark = fate.mark,
            .position = record.position,
            .meant = record.meant},
           partition, entry, note);
    else if (noted) append_noted(context.topic, partition, entry, note);
    else context.topic.append(partition, entry);
    if (fate.copied_after) {
      ++counts_.copied;
      const CauseSet causes = context.causes.unite(fate.causes, fate.copy_causes);
      tell(Fact::Kind::owed_again, record.append, record, true, fate.mark, causes, context);
      TapRecord copy = record;
      copy.append = record.append + fate.delayed_by.value_or(Duration{}) + *fate.copied_after;
      hold(copy, partition,
           TopicRecord::make(record.position, tapped_copy, false, true, fate.mark, copy.append).with_altered(altered),
           {.causes = causes, .copy = true});
    }
  }
  span_.clear();
}

void Connector::hold(const TapRecord& record, std::uint32_t partition, const TopicRecord& entry,
                     const RecordNote& note) {
  TopicRecord held = entry;
  held.append = record.append;
  held.packed |= std::uint64_t{1} << 16;  // noted
  held_.push_back({record.append, held_sequence_++, held, partition, note});
  std::push_heap(held_.begin(), held_.end(), later);
}

void Connector::release_held(Time to, Topic& topic) {
  while (!held_.empty() && held_.front().at <= to) {
    std::pop_heap(held_.begin(), held_.end(), later);
    const Held held = std::move(held_.back());
    held_.pop_back();
    append_noted(topic, held.partition, held.record, held.note);
  }
}

void Connector::crash(Time at, CauseSet causes, Context context) {
  if (at >= next_flush_ || !unflushed_) flushed_ = position_;
  if (flushed_ < position_) {
    // What an earlier rewind has not brought yet is under way by that one.
    while (!replays_.empty() && replays_.back().until <= position_) replays_.pop_back();
    replays_.push_back({position_, causes});
    deliveries_ = std::min(deliveries_ + 1, most_deliveries);
    for (Lsn lsn = flushed_; lsn < position_; ++lsn) {
      const LogRecord& record = context.source.log()[lsn];
      if (!reads(record.table())) continue;
      const TapRecord again = tap_record(record, lsn, at, context.source);
      tell(Fact::Kind::owed_again, at, again, true, again.mark, causes, context);
    }
  }
  position_ = flushed_;
  unflushed_ = false;
  down_ = true;
}

const Connector::Replay* Connector::replay_of(Lsn lsn) const {
  const auto replay = std::find_if(replays_.rbegin(), replays_.rend(), [&](const Replay& r) { return lsn < r.until; });
  return replay == replays_.rend() ? nullptr : &*replay;
}

std::uint64_t Connector::unread(const Source& source) const {
  if (const Lsn from = first_unread(); counted_.until < from) counted_ = {from, counts_.read};
  for (; counted_.until < source.end(); ++counted_.until)
    counted_.records += static_cast<std::uint64_t>(reads(source.log()[counted_.until].table()));
  return counted_.records - counts_.read;
}

Time Connector::oldest_unread(const Source& source) const {
  const Lsn from = first_unread();
  if (from < passed_.from || from > passed_.until) passed_ = {from, from};
  while (passed_.until < source.end() && !reads(source.log()[passed_.until].table())) ++passed_.until;
  return passed_.until < source.end() ? source.log()[passed_.until].commit() : Time::never();
}

void Connector::resume(Time at) {
  down_ = false;
  resumed_ = at;
}

}  // namespace rehearse
