#include "harness/oracle/ledger.h"

#include <algorithm>

namespace rehearse {

// Commits of rows that came to be followed in the middle of an advance, after the source had moved on.
struct Ledger::Later {
  std::multimap<Time, Fact> commits;  // equal times in the order of commits
};

void Ledger::start(World& world) {
  streams_.resize(world.stores.size());
  batches_.resize(world.stores.size());
  for (StoreId store = 1; store < world.stores.size(); ++store) {
    if (world.stores[store].stream) streams_[store].emplace(store);
    else if (world.stores[store].batch) batches_[store].emplace(*world.stores[store].batch, store);
  }
  contracts_.start(world);
  observe(world);
}

void Ledger::observe(World& world) {
  if (world.facts.empty()) return;
  Facts facts;
  facts.swap(world.facts);
  std::stable_sort(facts.begin(), facts.end(), [](const Fact& a, const Fact& b) { return a.at < b.at; });
  Later later;
  for (const Fact& fact : facts) {
    // At one instant the source commits first.
    for (; !later.commits.empty() && later.commits.begin()->first <= fact.at;
         later.commits.erase(later.commits.begin()))
      observe_source(world, later.commits.begin()->second);
    if (fact.store == source_store) {
      observe_source(world, fact);
    } else if (batches_[fact.store]) {
      batches_[fact.store]->observe(world, contracts_, fact);
    } else {
      if (!streams_[fact.store]->follows({fact.table, fact.row})) follow(world, fact, later);
      streams_[fact.store]->observe(world, contracts_, fact);
    }
  }
  for (const auto& [at, fact] : later.commits) observe_source(world, fact);
  let_go(world, facts);
}

void Ledger::observe_source(World& world, const Fact& fact) {
  if (fact.kind == Fact::Kind::schema_changed) {
    contracts_.schema_changed(world, fact.table);
    for (auto& stream : streams_)
      if (stream) stream->contract_changed(world, contracts_, fact.table, fact.at);
    for (auto& batch : batches_)
      if (batch) batch->contract_changed(world, contracts_, fact.table, fact.at);
    return;
  }
  for (auto& stream : streams_)
    if (stream && stream->follows({fact.table, fact.row})) stream->observe(world, contracts_, fact);
}

std::optional<Write> Ledger::newest_elsewhere(RowKey key) const {
  for (const auto& stream : streams_)
    if (stream && stream->follows(key)) return stream->newest(key);
  return std::nullopt;
}

// The source may have moved on since the fact: what it committed later is found in the end of its log, and told then.
void Ledger::follow(World& world, const Fact& fact, Later& later) {
  const RowKey key{fact.table, fact.row};
  TableCopy& rows = world.source.rows(fact.table);
  Cell contract = rows.get(fact.row);
  Write newest = contract.write;
  if (const auto elsewhere = newest_elsewhere(key)) {
    newest = *elsewhere;
  } else {
    rows.watch(fact.row);
    const SourceLog& log = world.source.log();
    for (Lsn lsn = log.end(); lsn > log.base() && log[lsn - 1].commit() > fact.at; --lsn) {
      const LogRecord& record = log[lsn - 1];
      if (record.row != fact.row || record.table() != fact.table) continue;
      const Cell cell = world.source.cell_at(lsn - 1);
      later.commits.insert(later.commits.lower_bound(record.commit()),
                           {record.commit(), Fact{.at = record.commit(),
                                                  .record = cell,
                                                  .before = {},
                                                  .cell = cell,
                                                  .row = fact.row,
                                                  .store = source_store,
                                                  .table = fact.table,
                                                  .kind = Fact::Kind::committed}});
      newest = world.source.write_before(lsn - 1);
    }
  }
  if (contract.write != newest) contract = fact.before;
  streams_[fact.store]->follow(fact, newest, contract);
}

void Ledger::let_go(World& world, const Facts& facts) {
  for (const Fact& fact : facts) {
    const RowKey key{fact.table, fact.row};
    if (fact.store == source_store) continue;
    if (streams_[fact.store] && !streams_[fact.store]->let_go(key)) continue;
    world.stores[fact.store].tables[fact.table].unwatch(fact.row);
    if (!newest_elsewhere(key)) world.source.rows(fact.table).unwatch(fact.row);
  }
}

void Ledger::before_batch_event(const World& world) {
  for (auto& batch : batches_)
    if (batch) batch->before_event(world);
}

void Ledger::after_batch_event(World& world) {
  for (auto& batch : batches_)
    if (batch) batch->after_event(world, contracts_);
}

bool Ledger::divergent(StoreId store, TableId table, RowId row) const {
  if (streams_[store]) return streams_[store]->divergent({table, row});
  return batches_[store] && batches_[store]->divergent({table, row});
}

std::vector<RowKey> Ledger::divergent_rows(StoreId store) const {
  if (streams_[store]) return streams_[store]->divergent_rows();
  return batches_[store] ? batches_[store]->divergent_rows() : std::vector<RowKey>{};
}

std::vector<DivergentInterval> Ledger::divergent_now(StoreId store, TableId table) const {
  std::vector<DivergentInterval> all;
  if (streams_[store]) streams_[store]->append_divergent(table, all);
  if (batches_[store]) batches_[store]->append_divergent(table, all);
  return all;
}

std::vector<DivergentInterval> Ledger::intervals() const {
  std::vector<DivergentInterval> all;
  for (StoreId store = 0; store < streams_.size(); ++store) {
    if (streams_[store]) streams_[store]->append_intervals(all);
    if (batches_[store]) batches_[store]->append_intervals(all);
  }
  return all;
}

}  // namespace rehearse
