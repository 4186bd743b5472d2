#include "harness/oracle/harm.h"

namespace rehearse {

bool stale_now(const World& world, StoreId store) {
  const Store& s = world.stores[store];
  if (s.batch) return world.now() - world.batches[*s.batch].pipeline.as_of() > s.freshness;
  if (!s.stream) return false;
  const StreamPipeline& stream = world.streams[*s.stream];
  const Time oldest = stream.lane.oldest_not_visible(world.source, stream.topic, stream.connector);
  return oldest != Time::never() && world.now() - oldest > s.freshness;
}

void Harm::start(const World& world) {
  for (const Consumer& consumer : world.consumers) {
    ConsumerTruth truth;
    truth.name = consumer.name;
    truth.tier = static_cast<int>(consumer.tier);
    truth.listed = consumer.listed;
    truth.by_store.resize(world.stores.size());
    consumers_.push_back(std::move(truth));
  }
}

void Harm::saw(const Read& read, const World& world, const Ledger& ledger) {
  const Consumer& consumer = world.consumers[read.consumer];
  ConsumerTruth& truth = consumers_[read.consumer];
  const Store& store = world.stores[read.store];
  if (store.batch && world.holds.held({Part::Kind::batch, *store.batch})) ++truth.cut_off;

  const TableCopy& shown = world.rows(read.store, read.table);
  const bool wrong = ledger.divergent(read.store, read.table, read.row);
  const bool twice = shown.extra_copies(read.row) > 0;
  const bool absent_here = world.source.rows(read.table)[read.row].live() && !shown.get(read.row).live();
  const bool stale = read.age > store.freshness;
  const bool broken = (consumer.assumes_unique && twice) || (consumer.assumes_complete && absent_here && stale) ||
                      (consumer.assumes_fresh && stale);
  const ReadOutcome found = wrong ? WRONG : broken ? BROKEN_ASSUMPTION : stale ? STALE : RIGHT;
  truth.history.add(read.at, read.store, found);
  for (ReadCounts* counts : {&truth.all, &truth.by_store[read.store]}) ++(*counts)[found];
}

}  // namespace rehearse
