#include "harness/oracle/stream_ledger.h"

#include <algorithm>

#include "sim/kernel/assert.h"

namespace rehearse {

void StreamLedger::follow(const Fact& fact, Write newest, Cell contract) {
  Row row;
  row.newest = newest;
  row.owed = fact.before.write < newest;  // nothing has befallen it so far: what is newer has yet to come
  row.highest = fact.before.write;
  row.state = {contract, fact.before, 0};
  rows_.emplace(RowKey{fact.table, fact.row}, std::move(row));
}

void StreamLedger::observe(World& world, const Contracts& contracts, const Fact& fact) {
  const RowKey key{fact.table, fact.row};
  Row& row = rows_.at(key);
  switch (fact.kind) {
    case Fact::Kind::committed:
      row.newest = fact.record.write;
      row.owed = true;
      row.state.contract = fact.record;
      row.cell_causes = row.newest_causes = 0;
      break;
    case Fact::Kind::owed_again:
      row.copies.push_back(fact.record.write);
      break;
    case Fact::Kind::written:
    case Fact::Kind::lost:
      settle(world, row, fact);
      break;
    case Fact::Kind::repaired:
      row.cell_causes = fact.causes;
      break;
    case Fact::Kind::schema_changed:
      REHEARSE_ASSERT(false, "a change of schema is of no row");
  }
  if (fact.kind == Fact::Kind::written || fact.kind == Fact::Kind::repaired) {
    row.state.cell = fact.cell;
    row.state.extra = fact.extra_copies;
  }
  judge(world, contracts, key, row, fact.at);
}

// A delivery ends. What changes nothing is not to blame for the cell; an older write on top of a newer one shares the
// blame with whatever let that happen before; a newest write that left an older one there
// explains the row alone.
void StreamLedger::settle(World& world, Row& row, const Fact& fact) {
  const bool lost = fact.kind == Fact::Kind::lost;
  const bool changes = !lost && (row.state.cell.write != fact.cell.write || row.state.cell.mark != fact.cell.mark ||
                                 row.state.extra != fact.extra_copies);
  const bool older = fact.record.write < row.highest;
  if (changes) row.cell_causes = older ? world.causes.unite(row.cell_causes, fact.causes) : fact.causes;
  if (!lost) row.highest = std::max(row.highest, fact.record.write);
  if (fact.copy) {
    const auto copy = std::find(row.copies.begin(), row.copies.end(), fact.record.write);
    REHEARSE_ASSERT(copy != row.copies.end(), "a further delivery that ends had been under way");
    row.copies.erase(copy);
  }
  if (fact.record.write != row.newest) return;
  row.state.contract = fact.record;
  if (fact.copy) {
    if (lost) row.newest_causes = world.causes.unite(row.newest_causes, fact.causes);
    else if (changes) row.newest_causes = fact.causes;
    return;
  }
  row.owed = false;
  row.newest_causes = fact.causes;
  if (!changes && row.state.cell.write < row.newest) row.cell_causes = 0;
}

void StreamLedger::judge(World& world, const Contracts& contracts, RowKey key, Row& row, Time at) {
  const bool differs = row.owed || contracts.differs(world, key.first, key.second, row.state);
  if (!differs && row.state.cell.write >= row.newest) row.cell_causes = row.newest_causes = 0;
  const bool wrong = differs && !row.pending();
  if (row.wrong && !wrong) close(row, at);
  if (!row.wrong && wrong) row.interval = {store_, key.first, key.second, at, Time::never(), 0, {}, {}};
  row.wrong = wrong;
  if (!wrong) return;
  row.interval.causes = world.causes.unite(row.cell_causes, row.newest_causes);
  row.interval.kind = row.state.kind();
  row.interval.state = row.state;
}

void StreamLedger::close(const Row& row, Time until) {
  if (until <= row.interval.from) return;
  closed_.push_back(row.interval);
  closed_.back().until = until;
}

void StreamLedger::contract_changed(World& world, const Contracts& contracts, TableId table, Time at) {
  for (auto row = rows_.lower_bound({table, 0}); row != rows_.end() && row->first.first == table; ++row)
    judge(world, contracts, row->first, row->second, at);
}

bool StreamLedger::let_go(RowKey key) {
  const auto at = rows_.find(key);
  if (at == rows_.end()) return true;
  const Row& row = at->second;
  const bool as_expected = row.owed == (row.state.cell.write < row.newest);  // as follow() would assume
  if (row.wrong || !row.copies.empty() || row.state.extra > 0 || !as_expected) return false;
  rows_.erase(at);
  return true;
}

bool StreamLedger::divergent(RowKey key) const {
  const auto at = rows_.find(key);
  return at != rows_.end() && at->second.wrong;
}

std::vector<RowKey> StreamLedger::divergent_rows() const {
  std::vector<RowKey> keys;
  for (const auto& [key, row] : rows_)
    if (row.wrong) keys.push_back(key);
  return keys;
}

void StreamLedger::append_divergent(TableId table, std::vector<DivergentInterval>& all) const {
  for (auto row = rows_.lower_bound({table, 0}); row != rows_.end() && row->first.first == table; ++row)
    if (row->second.wrong) all.push_back(row->second.interval);
}

void StreamLedger::append_intervals(std::vector<DivergentInterval>& all) const {
  all.insert(all.end(), closed_.begin(), closed_.end());
  for (const auto& [key, row] : rows_)
    if (row.wrong) all.push_back(row.interval);
}

}  // namespace rehearse
