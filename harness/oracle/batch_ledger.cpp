#include "harness/oracle/batch_ledger.h"

#include <algorithm>
#include <span>

namespace rehearse {
namespace {

constexpr RowId rows_at_once = 4096;  // are compared cell by cell if one of them differs

}  // namespace

void BatchLedger::start(const World& world) {
  keys_by_load_[0] = world.batches[batch_].pipeline.versions() > 0 ? keys_at_source(world) : 0;
  keys_.emplace_back(world.now(), keys_by_load_[0]);
}

std::uint64_t BatchLedger::keys_at_source(const World& world) const {
  std::uint64_t keys = 0;
  for (TableId table = 0; table < world.source.tables(); ++table)
    if (world.stores[store_].holds[table]) keys += world.source.rows(table).live_rows();
  return keys;
}

void BatchLedger::before_event(const World& world) { was_running_ = world.batches[batch_].pipeline.running(); }

void BatchLedger::after_event(World& world, const Contracts& contracts) {
  const BatchPipeline& pipeline = world.batches[batch_].pipeline;
  if (!was_running_ && pipeline.running()) {
    keys_at_extract_ = keys_at_source(world);
    extract_.assign(world.source.tables(), std::nullopt);
    for (TableId table = 0; table < world.source.tables(); ++table)
      if (pipeline.reads(table)) extract_[table] = world.source.rows(table).open();
  }
  if (pipeline.cycles_loaded() > loads_) {
    loads_ = pipeline.cycles_loaded();
    compare_load(world, contracts);
  }
  if (pipeline.restores() > restores_) {
    restores_ = pipeline.restores();
    keys_.emplace_back(world.now(), keys_by_load_[pipeline.content_of_load()]);
    Rows restored = by_load_[pipeline.content_of_load()];
    for (auto& [key, row] : restored)  // the contract may have changed since that load
      row.wrong = contracts.differs(world, key.first, key.second, row.state);
    replace(std::move(restored), world.now());
  }
  if (was_running_ && !pipeline.running())
    for (TableId table = 0; table < extract_.size(); ++table)
      if (extract_[table]) world.source.rows(table).close(*extract_[table]);
  was_running_ = pipeline.running();
}

void BatchLedger::compare_load(World& world, const Contracts& contracts) {
  Rows wrong;
  for (TableId table = 0; table < world.source.tables(); ++table)
    if (extract_[table] && contracts.speaks_of(table)) compare_table(world, contracts, table, wrong);
  by_load_[loads_] = wrong;
  keys_by_load_[loads_] = keys_at_extract_;
  keys_.emplace_back(world.now(), keys_at_extract_);
  while (by_load_.size() > world.batches[batch_].pipeline.versions() + 1) by_load_.erase(by_load_.begin());
  while (keys_by_load_.size() > by_load_.size() + 1) keys_by_load_.erase(keys_by_load_.begin());
  replace(std::move(wrong), world.now());
}

void BatchLedger::compare_table(World& world, const Contracts& contracts, TableId table, Rows& wrong) const {
  const AsOf expected(world.source.rows(table), *extract_[table]);
  const TableCopy& store = world.rows(store_, table);
  const bool copies = !store.rows_with_extra_copies().empty();
  const auto compare = [&](RowId row, Cell contract) {
    const RowState state{contract, store.get(row), copies ? store.extra_copies(row) : 0};
    if (state.contract.same_content_as(state.cell) && state.extra == 0) return;
    if (!contracts.differs(world, table, row, state)) return;
    CauseSet causes = contracts.causes_of_alterations(world, table, row, state);
    if (causes == 0) causes = world.marks.causes_of(state.cell.mark, world.causes);
    if (causes == 0) causes = world.cause_of_extract(batch_, table);
    wrong[{table, row}] = {state, causes, true, world.now(), state};
  };
  expected.for_each_run([&](RowId first, std::span<const Cell> cells) {
    for (; !cells.empty();
         cells = cells.subspan(std::min<std::size_t>(cells.size(), rows_at_once)), first += rows_at_once) {
      const std::span<const Cell> some = cells.first(std::min<std::size_t>(cells.size(), rows_at_once));
      if (!copies && store.holds_run(first, some)) continue;
      for (std::size_t i = 0; i < some.size(); ++i) compare(static_cast<RowId>(first + i), some[i]);
    }
  });
  for (RowId row = expected.slots(); row < store.slots(); ++row) compare(row, {});
}

void BatchLedger::replace(Rows now, Time at) {
  for (auto& [key, row] : now) row.since = at;
  for (const auto& [key, row] : rows_) {
    if (!row.wrong) continue;
    const auto still = now.find(key);
    if (still == now.end() || !still->second.wrong) close(key, row, at);
    else still->second.since = row.since;
  }
  rows_ = std::move(now);
}

void BatchLedger::observe(const World& world, const Contracts& contracts, const Fact& fact) {
  const auto [at, fresh] = rows_.try_emplace({fact.table, fact.row});
  Row& row = at->second;
  if (fresh) row.state.contract = fact.before;  // until now it was right
  row.state.cell = fact.cell;
  row.state.extra = fact.extra_copies;
  row.causes = fact.causes;
  judge(world, contracts, at->first, row, fact.at);
}

void BatchLedger::judge(const World& world, const Contracts& contracts, RowKey key, Row& row, Time at) {
  const bool wrong = contracts.differs(world, key.first, key.second, row.state);
  if (row.wrong && !wrong) close(key, row, at);
  if (!row.wrong && wrong) row.since = at;
  row.wrong = wrong;
  if (wrong) row.was = row.state;
}

void BatchLedger::contract_changed(const World& world, const Contracts& contracts, TableId table, Time at) {
  for (auto row = rows_.lower_bound({table, 0}); row != rows_.end() && row->first.first == table; ++row)
    judge(world, contracts, row->first, row->second, at);
}

void BatchLedger::close(RowKey key, const Row& row, Time until) {
  if (until > row.since)
    closed_.push_back({store_, key.first, key.second, row.since, until, row.causes, row.was.kind(), row.was});
}

std::vector<RowKey> BatchLedger::divergent_rows() const {
  std::vector<RowKey> keys;
  for (const auto& [key, row] : rows_)
    if (row.wrong) keys.push_back(key);
  return keys;
}

void BatchLedger::append_divergent(TableId table, std::vector<DivergentInterval>& all) const {
  for (auto at = rows_.lower_bound({table, 0}); at != rows_.end() && at->first.first == table; ++at) {
    const Row& row = at->second;
    if (row.wrong)
      all.push_back({store_, table, at->first.second, row.since, Time::never(), row.causes, row.was.kind(), row.was});
  }
}

void BatchLedger::append_intervals(std::vector<DivergentInterval>& all) const {
  all.insert(all.end(), closed_.begin(), closed_.end());
  for (const auto& [key, row] : rows_)
    if (row.wrong)
      all.push_back({store_, key.first, key.second, row.since, Time::never(), row.causes, row.was.kind(), row.was});
}

}  // namespace rehearse
