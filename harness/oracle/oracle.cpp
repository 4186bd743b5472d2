#include "harness/oracle/oracle.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "harness/oracle/measures.h"
#include "sim/kernel/sort_by_key.h"

namespace rehearse {

void Oracle::start(World& world) {
  ledger_.start(world);
  harm_.start(world);
  extracts_.assign(world.batches.size(), {{Time{0}, Time{0}}});
  loaded_.resize(world.stores.size());
  live_rows_.start(world);
  highest_.start(world);
  look_at_stores(world);
}

namespace {

// A report of a check may begin a rollback that restores a version, and a fault may end an attempt. Only readers, of
// whom there are many, move nothing.
bool may_move_a_batch_job(const Event& event) { return event.actor != Actor::consumers; }

}  // namespace

void Oracle::before_event(World& world, const Event& event) {
  if (!may_move_a_batch_job(event)) return;
  ledger_.before_batch_event(world);
  highest_.before_batch_event(world);
}

void Oracle::after_event(World& world, const Event& event) {
  ledger_.observe(world);
  look_at_stores(world);
  if (!may_move_a_batch_job(event)) return;
  ledger_.after_batch_event(world);
  highest_.after_batch_event(world);
  taken_back_.after_batch_event(world);
  for (PipelineId i = 0; i < world.batches.size(); ++i) {
    const Time as_of = world.batches[i].pipeline.as_of();
    if (as_of != extracts_[i].back().as_of) extracts_[i].push_back({world.now(), as_of});
  }
}

void Oracle::advanced(World& world) {
  live_rows_.advanced(world);
  highest_.advanced(world);
  ledger_.observe(world);
}

void Oracle::look_at_stores(const World& world) {
  for (StoreId id = 1; id < loaded_.size(); ++id)
    if (!loaded_[id] && world.positioned(id)) loaded_[id] = world.now();
}

KeySteps Oracle::keys_of(const World& world, StoreId store) const {
  KeySteps keys;
  if (world.stores[store].batch) keys = ledger_.keys_of_extracts(store);
  else
    for (TableId table = 0; table < world.source.tables(); ++table)
      if (world.stores[store].holds[table]) keys = sum_of(keys, live_rows_.of(table));
  std::map<Time, std::int64_t> extra;  // that begin and end
  for (const DivergentInterval& interval : until_horizon_.intervals) {
    if (interval.store != store || interval.kind != DivergenceKind::extra) continue;
    ++extra[interval.from];
    if (interval.until != Time::never()) --extra[interval.until];
  }
  KeySteps more;
  std::int64_t count = 0;
  for (const auto& [at, change] : extra) more.emplace_back(at, static_cast<std::uint64_t>(count += change));
  return sum_of(keys, more);
}

namespace {

// A transaction that changes a row twice leaves the row as it was before, for all that anybody can see: what is wrong
// in the same way before and after an instant is one divergence.
void join_touching(std::vector<DivergentInterval>& sorted) {
  std::size_t kept = 0;
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    DivergentInterval& last = sorted[kept];
    const DivergentInterval& next = sorted[i];
    if (std::tie(last.store, last.table, last.row, last.until, last.kind, last.causes) ==
        std::tie(next.store, next.table, next.row, next.from, next.kind, next.causes)) {
      last.until = next.until;
      last.state = next.state;
    } else {
      sorted[++kept] = next;
    }
  }
  sorted.resize(std::min(sorted.size(), kept + 1));
}

}  // namespace

void Oracle::close(const World& world) {
  TruthRecord& record = until_horizon_;
  record.intervals = ledger_.intervals();
  sort_by_key(record.intervals, [](const DivergentInterval& interval) {  // those of a row are in their order
    return std::uint64_t{interval.store} << 40 | std::uint64_t{interval.table} << 32 | interval.row;
  });
  join_touching(record.intervals);
  record.consumers = harm_.consumers();
  record.no_longer_shown = taken_back_.told(world);
  for (StoreId id = 0; id < world.stores.size(); ++id) {
    const Store& store = world.stores[id];
    StoreTruth truth;
    truth.name = store.name;
    truth.freshness = store.freshness;
    truth.loaded = loaded_[id];
    truth.keys = keys_of(world, id);
    for (TableId table = 0; table < world.source.tables(); ++table) {
      if (!store.holds[table]) continue;
      truth.rows += world.rows(id, table).live_rows();
      truth.keys_expected += world.source.rows(table).live_rows();
    }
    if (store.batch) truth.pipeline = world.batches[*store.batch].name;
    if (store.stream) truth.pipeline = world.streams[*store.stream].name;
    truth.stale = older_than(world, store, 0, store.freshness);
    for (std::size_t i = 0; i < store.other_ages.size(); ++i)
      truth.older.push_back({store.other_ages[i], older_than(world, store, i + 1, store.other_ages[i])});
    truth.at_no_position = at_no_position(world, store);
    truth.highest = highest_.of(world, id);
    truth.worst_age = worst_age(world, store);
    record.stores.push_back(std::move(truth));
  }
}

// As a whole, up to now; `number` is the age's among those of a stream's sink.
std::vector<Span> Oracle::older_than(const World& world, const Store& store, std::size_t number, Duration age) const {
  std::vector<Span> spans;
  if (store.batch) {
    const std::vector<Extract>& extracts = extracts_[*store.batch];
    for (std::size_t i = 0; i < extracts.size(); ++i) {
      const Time from = std::max(extracts[i].as_of + age, extracts[i].loaded);
      const bool last = i + 1 == extracts.size();
      const Time until = last ? Time::never() : extracts[i + 1].loaded;
      if (from < (last ? world.now() : until)) spans.push_back({from, until});
    }
  } else if (store.stream) {
    const StreamPipeline& stream = world.streams[*store.stream];
    for (const SinkLane::Span& span : stream.lane.older_than(number)) spans.push_back({span.from, span.until});
    const Time oldest = stream.lane.oldest_not_visible(world.source, stream.topic, stream.connector);
    if (oldest == Time::never() || world.now() - oldest <= age) return spans;
    Time from = oldest + age;
    while (!spans.empty() && spans.back().until >= from) {
      from = std::min(from, spans.back().from);
      spans.pop_back();
    }
    spans.push_back({from, Time::never()});
  }
  return spans;
}

std::vector<Span> Oracle::at_no_position(const World& world, const Store& store) const {
  std::vector<Span> spans;
  if (!store.stream || !world.streams[*store.stream].lane.shown()) return spans;
  const StreamPipeline& stream = world.streams[*store.stream];
  const Time oldest = stream.lane.oldest_not_visible(world.source, stream.topic, stream.connector);
  for (const Shown::Span& span : stream.lane.shown()->at_no_position(oldest)) spans.push_back({span.from, span.until});
  return spans;
}

Duration Oracle::worst_age(const World& world, const Store& store) const {
  Duration worst;
  if (store.batch) {
    const std::vector<Extract>& extracts = extracts_[*store.batch];
    for (std::size_t i = 0; i < extracts.size(); ++i)
      worst = std::max(worst, (i + 1 == extracts.size() ? world.now() : extracts[i + 1].loaded) - extracts[i].as_of);
  } else if (store.stream) {
    const StreamPipeline& stream = world.streams[*store.stream];
    worst = stream.lane.worst_age();
    const Time oldest = stream.lane.oldest_not_visible(world.source, stream.topic, stream.connector);
    if (oldest < world.now()) worst = std::max(worst, world.now() - oldest);
  }
  return worst;
}

TruthRecord Oracle::record(const World& drained) const {
  TruthRecord record = until_horizon_;
  record.divergent_at_end.assign(drained.stores.size(), 0);
  record.measures_at_end.resize(drained.stores.size());
  const std::vector<DivergentInterval> open = ledger_.divergent_now();
  for (StoreId store = 1; store < drained.stores.size(); ++store) {
    record.divergent_at_end[store] = ledger_.divergent_count(store);
    record.measures_at_end[store] = measures_of(drained, store, open);
  }
  return record;
}

}  // namespace rehearse
