#include "harness/oracle/extracts.h"

#include <algorithm>
#include <span>

namespace rehearse {
namespace {

constexpr RowId rows_at_once = 4096;  // are compared cell by cell if one of them differs

}  // namespace

void Extracts::start(const World& world) {
  by_load_[0].keys = world.batches[batch_].pipeline.versions() > 0 ? keys_at_source(world) : 0;
  keys_.emplace_back(world.now(), by_load_[0].keys);
}

std::uint64_t Extracts::keys_at_source(const World& world) const {
  std::uint64_t keys = 0;
  for (TableId table = 0; table < world.source.tables(); ++table)
    if (world.stores[store_].holds[table]) keys += world.source.rows(table).live_rows();
  return keys;
}

void Extracts::before_event(const World& world) { was_running_ = world.batches[batch_].pipeline.running(); }

void Extracts::after_event(World& world, const Contracts& contracts, StoreLedger& ledger) {
  const BatchPipeline& pipeline = world.batches[batch_].pipeline;
  if (!was_running_ && pipeline.running()) {
    keys_at_extract_ = keys_at_source(world);
    extract_.assign(world.source.tables(), std::nullopt);
    for (TableId table = 0; table < world.source.tables(); ++table)
      if (pipeline.reads(table)) extract_[table] = world.source.rows(table).open();
  }
  const auto hold = [&](std::uint64_t load) {
    const Load& content = by_load_[load];
    keys_.emplace_back(world.now(), content.keys);
    ledger.hold(world, contracts, content.otherwise, world.now());
  };
  if (pipeline.cycles_loaded() > loads_) {
    loads_ = pipeline.cycles_loaded();
    by_load_[loads_] = compare_load(world, contracts);
    while (by_load_.size() > pipeline.versions() + 2) by_load_.erase(by_load_.begin());
    hold(loads_);
  }
  if (pipeline.restores() > restores_) {
    restores_ = pipeline.restores();
    hold(pipeline.content_of_load());
  }
  if (was_running_ && !pipeline.running())
    for (TableId table = 0; table < extract_.size(); ++table)
      if (extract_[table]) world.source.rows(table).close(*extract_[table]);
  was_running_ = pipeline.running();
}

Extracts::Load Extracts::compare_load(World& world, const Contracts& contracts) const {
  Load load;
  load.keys = keys_at_extract_;
  for (TableId table = 0; table < world.source.tables(); ++table)
    if (extract_[table] && contracts.speaks_of(table)) compare_table(world, contracts, table, load.otherwise);
  return load;
}

void Extracts::compare_table(World& world, const Contracts& contracts, TableId table, HeldRows& rows) const {
  const AsOf expected(world.source.rows(table), *extract_[table]);
  const TableCopy& store = world.rows(store_, table);
  const bool copies = !store.rows_with_extra_copies().empty();
  const auto compare = [&](RowId row, Cell contract) {
    const RowState state{contract, store.get(row), copies ? store.extra_copies(row) : 0};
    if (state.contract.same_content_as(state.cell) && state.extra == 0) return;
    const Difference difference = contracts.compare(world, table, row, state);
    if (!difference.differs && world.marks.clean(state.cell.mark))
      return;  // a contract to come may see what was altered
    CauseSet causes = 0;
    if (difference.alterations == 0) {
      causes = world.marks.causes_of(state.cell.mark, world.causes);
      if (causes == 0) causes = world.cause_of_extract(batch_, table);
    }
    rows.push_back({{table, row}, state, causes});
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

}  // namespace rehearse
