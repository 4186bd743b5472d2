#include "harness/oracle/ledger.h"

#include <algorithm>

namespace rehearse {
namespace {

template <class Rows>  // by key
auto* find(Rows& rows, RowKey key) {
  const auto at = std::partition_point(rows.begin(), rows.end(), [&](const auto& row) { return row.key < key; });
  return at == rows.end() || at->key != key ? nullptr : &*at;
}

}  // namespace

void Ledger::start(World& world) {
  streams_.resize(world.stores.size());
  batches_.resize(world.stores.size());
  for (StoreId store = 1; store < world.stores.size(); ++store) {
    if (world.stores[store].stream) streams_[store].emplace(store);
    else if (world.stores[store].batch) batches_[store].emplace(*world.stores[store].batch, store).start(world);
  }
  contracts_.start(world);
  observe(world);
}

void Ledger::observe(World& world) {
  if (world.facts.empty()) return;
  Facts facts;
  facts.swap(world.facts);
  const NewRows rows = begin_to_watch(world, facts);
  for (const NewRow& row : rows) facts.insert(facts.end(), row.commits.begin(), row.commits.end());
  std::stable_sort(facts.begin(), facts.end(),
                   [](const Fact& a, const Fact& b) {  // at one instant the source commits first
                     return std::pair{a.at, a.store != source_store} < std::pair{b.at, b.store != source_store};
                   });
  for (const Fact& fact : facts) {
    if (fact.store == source_store) {
      observe_source(world, fact);
    } else if (batches_[fact.store]) {
      batches_[fact.store]->observe(world, contracts_, fact);
    } else {
      if (!streams_[fact.store]->follows({fact.table, fact.row})) follow(world, fact, rows);
      streams_[fact.store]->observe(world, contracts_, fact);
    }
  }
  let_go(world, facts);
}

// Of rows of which nothing had been told, the source may have committed more since the first fact. One walk over the
// end of its log finds that for all of them.
Ledger::NewRows Ledger::begin_to_watch(World& world, const Facts& facts) const {
  NewRows rows;
  Time first = Time::never();
  for (const Fact& fact : facts) {
    const RowKey key{fact.table, fact.row};
    if (fact.store == source_store || !streams_[fact.store] || newest_elsewhere(key)) continue;
    rows.push_back({key, fact.at});
    first = std::min(first, fact.at);
  }
  std::sort(rows.begin(), rows.end(), [](const NewRow& a, const NewRow& b) {
    return std::pair{a.key, a.since} < std::pair{b.key, b.since};
  });
  rows.erase(std::unique(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.key == b.key; }),
             rows.end());
  for (const NewRow& row : rows) world.source.rows(row.key.first).watch(row.key.second);
  if (rows.empty()) return rows;
  const SourceLog& log = world.source.log();
  Lsn from = log.end();
  while (from > log.base() && log[from - 1].commit() > first) --from;
  for (Lsn lsn = from; lsn < log.end(); ++lsn) {
    const LogRecord& record = log[lsn];
    if (!world.source.rows(record.table()).watched(record.row)) continue;
    NewRow* row = find(rows, {record.table(), record.row});
    if (row == nullptr || record.commit() <= row->since) continue;
    const Cell cell = world.source.cell_at(lsn);
    if (row->commits.empty()) {
      const Mark mark = record.op() == Op::insert ? absent : world.source.live_mark_at(record.table(), from);
      row->newest_before = Cell{world.source.write_before(lsn), mark, 0};
    }
    row->commits.push_back({.at = record.commit(),
                            .record = cell,
                            .before = {},
                            .cell = cell,
                            .row = record.row,
                            .store = source_store,
                            .table = record.table(),
                            .kind = Fact::Kind::committed});
  }
  return rows;
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

const Cell* Ledger::newest_elsewhere(RowKey key) const {
  for (const auto& stream : streams_)
    if (const Cell* newest = stream ? stream->newest(key) : nullptr) return newest;
  return nullptr;
}

void Ledger::follow(const World& world, const Fact& fact, const NewRows& rows) {
  const RowKey key{fact.table, fact.row};
  const NewRow* row = find(rows, key);
  Cell newest = world.source.rows(fact.table).get(fact.row);
  if (const Cell* elsewhere = newest_elsewhere(key)) newest = *elsewhere;
  else if (row->newest_before) newest = *row->newest_before;
  if (newest.write == fact.before.write) newest = fact.before;  // nothing has befallen it so far
  streams_[fact.store]->follow(fact, newest);
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

std::optional<Time> Ledger::divergent_since(StoreId store, TableId table, RowId row) const {
  if (streams_[store]) return streams_[store]->divergent_since({table, row});
  return batches_[store] ? batches_[store]->divergent_since({table, row}) : std::nullopt;
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
