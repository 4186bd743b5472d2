#include "harness/oracle/harm.h"

namespace rehearse {

void Harm::start(const World& world) {
  for (const Consumer& consumer : world.consumers) {
    ConsumerTruth truth;
    truth.name = consumer.name;
    truth.tier = static_cast<int>(consumer.tier);
    truth.listed = consumer.listed;
    consumers_.push_back(std::move(truth));
  }
}

void Harm::saw(const Read& read, const World& world, const Ledger& ledger) {
  const Consumer& consumer = world.consumers[read.consumer];
  ConsumerTruth& truth = consumers_[read.consumer];
  const Store& store = world.stores[read.store];
  if (store.batch && world.holds.held({Part::Kind::batch, *store.batch})) ++truth.cut_off;

  const Duration freshness = consumer.freshness.value_or(store.freshness);
  const TableCopy& shown = world.rows(read.store, read.table);
  const bool absent = world.source.rows(read.table)[read.row].live() && !shown.get(read.row).live();
  const std::optional<Time> wrong_since = ledger.divergent_since(read.store, read.table, read.row);
  const bool absent_for_long = absent && (read.age > freshness || (wrong_since && read.at - *wrong_since > freshness));
  const bool broken =
      (consumer.needs_unique && shown.extra_copies(read.row) > 0) || (consumer.needs_complete && absent_for_long);
  const ReadOutcome found = broken ? BROKEN_ASSUMPTION : wrong_since ? WRONG : read.age > freshness ? STALE : RIGHT;
  truth.history.add(read.at, read.store, found);
  ++truth.all[found];
  truth.age.add(read.age);
  truth.oldest = std::max(truth.oldest, read.age);
}

}  // namespace rehearse
