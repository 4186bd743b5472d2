#include "harness/oracle/harm.h"

namespace rehearse {

void Harm::start(const World& world) {
  for (const Consumer& consumer : world.consumers) {
    ConsumerTruth truth;
    truth.name = consumer.name;
    truth.tier = static_cast<int>(consumer.tier);
    truth.listed = consumer.listed;
    truth.table = consumer.table;
    truth.sorted = consumer.needs_sorted;
    consumers_.push_back(std::move(truth));
  }
}

namespace {

bool at_one_position(const World& world, StoreId store, const Ledger& ledger) {
  if (ledger.divergent_count(store) > 0) return false;
  if (!world.stores[store].stream) return true;
  const StreamPipeline& stream = world.streams[*world.stores[store].stream];
  return stream.lane.shown()->at_one_position(
      stream.lane.oldest_not_visible(world.source, stream.topic, stream.connector));
}

}  // namespace

bool Harm::behind_what_was_seen(const Read& read, const World& world, const HighestShown& highest) {
  const Consumer& consumer = world.consumers[read.consumer];
  if (consumer.needs_sorted == SortedBy::nothing) return false;
  TimeSteps& seen = consumers_[read.consumer].seen;
  const Time shown = highest.now(world, read.store, read.table, consumer.needs_sorted);
  if (!seen.empty() && shown < seen.back().second) return true;
  if (seen.empty() || shown > seen.back().second) seen.emplace_back(read.at, shown);
  return false;
}

void Harm::saw(const Read& read, const World& world, const Ledger& ledger, const HighestShown& highest) {
  const Consumer& consumer = world.consumers[read.consumer];
  ConsumerTruth& truth = consumers_[read.consumer];
  const Store& store = world.stores[read.store];
  if (store.batch && world.holds.held({Part::Kind::batch, *store.batch})) ++truth.cut_off;

  const Duration freshness = consumer.freshness.value_or(store.freshness);
  const TableCopy& shown = world.rows(read.store, read.table);
  const bool absent = world.source.rows(read.table)[read.row].live() && !shown.get(read.row).live();
  const std::optional<Time> wrong_since = ledger.divergent_since(read.store, read.table, read.row);
  const bool absent_for_long = absent && (read.age > freshness || (wrong_since && read.at - *wrong_since > freshness));
  const bool behind = behind_what_was_seen(read, world, highest);
  const bool broken = (consumer.needs_unique && shown.extra_copies(read.row) > 0) ||
                      (consumer.needs_complete && absent_for_long) || behind ||
                      (consumer.needs_point_in_time && !at_one_position(world, read.store, ledger));
  const ReadOutcome found = broken ? BROKEN_ASSUMPTION : wrong_since ? WRONG : read.age > freshness ? STALE : RIGHT;
  truth.history.add(read.at, read.store, found);
  ++truth.all[found];
  truth.age.add(read.age);
  truth.oldest = std::max(truth.oldest, read.age);
}

}  // namespace rehearse
