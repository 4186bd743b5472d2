#include "harness/oracle/ledger.h"

#include <algorithm>

namespace rehearse {
namespace {

// How far before its turn what is known of a fact's row is fetched into the cache; where it lies twice as far.
constexpr std::size_t facts_ahead = 12;
constexpr auto places = [](const StoreLedger& ledger, RowKey key) { ledger.prefetch_place(key); };
constexpr auto rows_there = [](const StoreLedger& ledger, RowKey key) { ledger.prefetch(key); };

template <class Rows>  // by key
auto* find(Rows& rows, RowKey key) {
  const auto at = std::partition_point(rows.begin(), rows.end(), [&](const auto& row) { return row.key < key; });
  return at == rows.end() || at->key != key ? nullptr : &*at;
}

}  // namespace

void Ledger::start(World& world) {
  stores_.resize(world.stores.size());
  extracts_.resize(world.stores.size());
  for (StoreId store = 1; store < world.stores.size(); ++store) {
    const std::optional<PipelineId> batch = world.stores[store].batch;
    if (batch || world.stores[store].stream) stores_[store].emplace(store);
    if (batch) extracts_[store].emplace(*batch, store).start(world);
  }
  contracts_.start(world);
  observe(world);
}

template <class Fetch>  // Fetch(StoreLedger, RowKey)
void Ledger::fetch(const Facts& facts, std::size_t coming, Fetch fetch) const {
  if (coming >= facts.size()) return;
  const Fact& fact = facts[coming];
  for (StoreId store = 1; store < stores_.size(); ++store)
    if (stores_[store] && (fact.store == source_store || fact.store == store))
      fetch(*stores_[store], RowKey{fact.table, fact.row});
}

void Ledger::observe(World& world) {
  if (world.facts.empty()) return;
  Facts facts;
  facts.swap(world.facts);
  const NewRows rows = begin_to_watch(world, facts);
  std::stable_sort(facts.begin(), facts.end(),
                   [](const Fact& a, const Fact& b) {  // at one instant the source commits first
                     return std::pair{a.at, a.store != source_store} < std::pair{b.at, b.store != source_store};
                   });
  for (std::size_t i = 0; i < facts.size(); ++i) {
    fetch(facts, i + 2 * facts_ahead, places);
    fetch(facts, i + facts_ahead, rows_there);
    if (i + facts_ahead < facts.size()) {
      const Fact& coming = facts[i + facts_ahead];
      world.source.rows(coming.table).prefetch(coming.row);
    }
    const Fact& fact = facts[i];
    if (fact.store == source_store) {
      observe_source(world, fact);
      continue;
    }
    StoreLedger& ledger = *stores_[fact.store];
    if (!ledger.follows({fact.table, fact.row})) follow(world, fact, rows);
    ledger.observe(world, contracts_, fact);
  }
  let_go(world);
  facts.clear();
  world.facts.swap(facts);  // its memory is used again
}

// Of rows of which nothing had been told, the source may have committed more since the first fact. One walk over the
// end of its log finds that for all of them.
Ledger::NewRows Ledger::begin_to_watch(World& world, Facts& facts) const {
  NewRows rows;
  Time first = Time::never();
  for (std::size_t i = 0; i < facts.size(); ++i) {
    fetch(facts, i + facts_ahead, places);
    const Fact& fact = facts[i];
    const RowKey key{fact.table, fact.row};
    if (!expects_the_source_now(fact.store) || follows_elsewhere(key)) continue;
    rows.push_back({key, fact.at});
    first = std::min(first, fact.at);
  }
  if (rows.empty()) return rows;
  std::sort(rows.begin(), rows.end(), [](const NewRow& a, const NewRow& b) {
    return std::pair{a.key, a.since} < std::pair{b.key, b.since};
  });
  rows.erase(std::unique(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.key == b.key; }),
             rows.end());
  for (const NewRow& row : rows) world.source.rows(row.key.first).watch(row.key.second);
  const SourceLog& log = world.source.log();
  Lsn from = log.end();
  while (from > log.base() && log[from - 1].commit() > first) --from;
  for (Lsn lsn = from; lsn < log.end(); ++lsn) {
    if (lsn + facts_ahead < log.end()) {
      const LogRecord& coming = log[lsn + facts_ahead];
      world.source.rows(coming.table()).prefetch(coming.row);
    }
    const LogRecord& record = log[lsn];
    if (!world.source.rows(record.table()).watched(record.row)) continue;
    NewRow* row = find(rows, {record.table(), record.row});
    if (row == nullptr || record.commit() <= row->since) continue;
    const Cell cell = world.source.cell_at(lsn);
    if (!row->newest_before) {
      const Mark mark = record.op() == Op::insert ? absent : world.source.live_mark_at(record.table(), from);
      row->newest_before = Cell{world.source.write_before(lsn), mark, 0};
    }
    facts.push_back({.at = record.commit(),
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
  if (fact.kind == Fact::Kind::schema_changed) contracts_.schema_changed(world, fact.table);
  for (StoreId store = 1; store < stores_.size(); ++store) {
    if (!stores_[store]) continue;
    if (fact.kind == Fact::Kind::schema_changed)
      stores_[store]->contract_changed(world, contracts_, fact.table, fact.at);
    else if (expects_the_source_now(store) && stores_[store]->follows({fact.table, fact.row}))
      stores_[store]->observe(world, contracts_, fact);
  }
}

bool Ledger::follows_elsewhere(RowKey key) const {
  for (StoreId store = 1; store < stores_.size(); ++store)
    if (stores_[store] && expects_the_source_now(store) && stores_[store]->follows(key)) return true;
  return false;
}

const Cell* Ledger::newest_elsewhere(RowKey key) const {
  for (StoreId store = 1; store < stores_.size(); ++store)
    if (stores_[store] && expects_the_source_now(store))
      if (const Cell* newest = stores_[store]->expected(key)) return newest;
  return nullptr;
}

void Ledger::follow(const World& world, const Fact& fact, const NewRows& rows) {
  StoreLedger& ledger = *stores_[fact.store];
  if (!expects_the_source_now(fact.store)) return ledger.follow(fact, fact.before);  // it is as expected so far
  const RowKey key{fact.table, fact.row};
  const NewRow* row = find(rows, key);
  Cell newest = world.source.rows(fact.table).get(fact.row);
  if (const Cell* elsewhere = newest_elsewhere(key)) newest = *elsewhere;
  else if (row->newest_before) newest = *row->newest_before;
  if (newest.write == fact.before.write) newest = fact.before;  // nothing has befallen it so far
  ledger.follow(fact, newest);
}

void Ledger::let_go(World& world) {
  for (StoreId store = 1; store < stores_.size(); ++store) {
    if (!stores_[store]) continue;
    stores_[store]->let_go(world.marks, [&](RowKey key) {
      world.stores[store].tables[key.first].unwatch(key.second);
      if (!follows_elsewhere(key)) world.source.rows(key.first).unwatch(key.second);
    });
  }
}

void Ledger::before_batch_event(const World& world) {
  for (auto& extracts : extracts_)
    if (extracts) extracts->before_event(world);
}

void Ledger::after_batch_event(World& world) {
  for (StoreId store = 0; store < extracts_.size(); ++store)
    if (extracts_[store]) extracts_[store]->after_event(world, contracts_, *stores_[store]);
}

std::optional<Time> Ledger::divergent_since(StoreId store, TableId table, RowId row) const {
  return stores_[store] ? stores_[store]->divergent_since({table, row}) : std::nullopt;
}

std::vector<RowKey> Ledger::divergent_rows(StoreId store) const {
  return stores_[store] ? stores_[store]->divergent_rows() : std::vector<RowKey>{};
}

std::vector<DivergentInterval> Ledger::divergent_now(StoreId store, TableId table) const {
  std::vector<DivergentInterval> all;
  if (stores_[store]) stores_[store]->append_divergent(table, all);
  return all;
}

std::vector<DivergentInterval> Ledger::divergent_now() const {
  std::vector<DivergentInterval> all;
  for (const auto& ledger : stores_)
    if (ledger) ledger->append_divergent(all);
  return all;
}

std::vector<DivergentInterval> Ledger::intervals() const {
  std::vector<DivergentInterval> all;
  for (const auto& ledger : stores_) {
    if (!ledger) continue;
    all.reserve(all.size() + ledger->ended().size() + ledger->divergent_count());
    all.insert(all.end(), ledger->ended().begin(), ledger->ended().end());
    ledger->append_divergent(all);
  }
  return all;
}

}  // namespace rehearse
