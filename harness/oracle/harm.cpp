#include "harness/oracle/harm.h"

#include <algorithm>

#include "sim/kernel/draw.h"

namespace rehearse {
namespace {

constexpr std::uint32_t max_picks = 64;

}  // namespace

bool stale_now(const World& world, StoreId store) {
  const Store& s = world.stores[store];
  if (s.batch) return world.now() - world.batches[*s.batch].pipeline.as_of() > s.freshness;
  if (!s.stream) return false;
  const StreamPipeline& stream = world.streams[*s.stream];
  const Time oldest = stream.lane.oldest_not_visible(world.source, stream.topic, stream.connector);
  return oldest != Time::never() && world.now() - oldest > s.freshness;
}

void OverdueRows::follow(const World& world, Duration freshness) {
  const SourceLog& log = world.source.log();
  const Time until = world.now() - freshness;
  if (due_.empty()) due_.resize(world.source.tables());
  for (next_ = std::max(next_, log.base()); next_ < log.end() && log[next_].commit() < until; ++next_) {
    const LogRecord& change = log[next_];
    std::vector<Write>& due = due_[change.table()];
    if (change.row >= due.size())
      due.resize(std::max<std::size_t>(change.row + 1, world.source.rows(change.table()).slots()), 0);
    due[change.row] = change.write;
  }
}

bool OverdueRows::overdue(const World& world, StoreId store, TableId table, RowId row) {
  const Store& s = world.stores[store];
  const StreamPipeline& stream = world.streams[*s.stream];
  if (!world.positioned(store))
    return world.now() > Time{s.freshness.ns} && world.rows(store, table).get(row).write == 0;
  const Time oldest = stream.lane.oldest_not_visible(world.source, stream.topic, stream.connector);
  if (oldest == Time::never() || world.now() - oldest <= s.freshness) return false;
  follow(world, s.freshness);
  return row < due_[table].size() && world.rows(store, table).get(row).write < due_[table][row];
}

void Harm::start(const World& world) {
  overdue_.resize(world.stores.size());
  for (const Consumer& consumer : world.consumers) {
    ConsumerTruth truth;
    truth.name = consumer.name;
    truth.tier = static_cast<int>(consumer.tier);
    truth.listed = consumer.listed;
    truth.by_store.resize(world.stores.size());
    consumers_.push_back(std::move(truth));
    Draws draws;
    draws.stream = stream(world.seed, "consumer." + consumer.name + ".reads");
    draws_.push_back(std::move(draws));
  }
}

RowId Harm::draw(const World& world, std::uint32_t index, std::uint64_t number) {
  const Consumer& consumer = world.consumers[index];
  const TableCopy& keys = world.source.rows(consumer.table);
  Draws& draws = draws_[index];
  RowId row = 0;
  for (std::uint32_t attempt = 0; attempt < max_picks; ++attempt) {
    if (consumer.zipf > 0) {
      if (keys.slots() > draws.covers + draws.covers / 16) {
        draws.covers = keys.slots();
        draws.zipf = Zipf(draws.covers, consumer.zipf);
        draws.permutation = popular_keys(world.seed, consumer.table, draws.covers);
      }
      row = static_cast<RowId>(draws.permutation.key(draws.zipf(draws.stream, number, attempt), draws.covers));
    } else {
      row = static_cast<RowId>(below(bits(draws.stream, number, attempt), keys.slots()));
    }
    if (keys[row].live() || world.rows(consumer.store, consumer.table).get(row).live()) break;
  }
  return row;
}

void Harm::read(const World& world, const Ledger& ledger, std::uint32_t index, std::uint64_t number) {
  const Consumer& consumer = world.consumers[index];
  if (consumer.store == source_store || world.source.rows(consumer.table).slots() == 0) return;
  ConsumerTruth& truth = consumers_[index];
  const Time today{world.now().ns / day.ns * day.ns};
  if (truth.by_day.empty() || truth.by_day.back().first != today) truth.by_day.emplace_back(today, ReadCounts{});
  const Store& store = world.stores[consumer.store];
  if (store.batch && world.batches[*store.batch].paused) ++truth.cut_off;

  const RowId row = draw(world, index, number);
  const bool wrong = ledger.divergent(consumer.store, consumer.table, row);
  const bool twice = world.rows(consumer.store, consumer.table).extra_copies(row) > 0;
  const bool absent_here =
      world.source.rows(consumer.table)[row].live() && !world.rows(consumer.store, consumer.table).get(row).live();
  const bool stale = store.batch ? stale_now(world, consumer.store)
                                 : overdue_[consumer.store].overdue(world, consumer.store, consumer.table, row);
  const bool broken = (consumer.assumes_unique && twice) || (consumer.assumes_complete && absent_here && stale) ||
                      (consumer.assumes_fresh && stale);
  for (ReadCounts* counts : {&truth.all, &truth.by_store[consumer.store], &truth.by_day.back().second}) {
    if (wrong) ++counts->wrong;
    else if (broken) ++counts->broken_assumption;
    else if (stale) ++counts->stale;
    else ++counts->right;
  }
}

}  // namespace rehearse
