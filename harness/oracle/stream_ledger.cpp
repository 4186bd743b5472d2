#include "harness/oracle/stream_ledger.h"

#include <algorithm>

#include "sim/kernel/assert.h"

namespace rehearse {

Write StreamLedger::Row::before_those_under_way_up_to(Write write) const {
  while (write > 0) {
    const Write before = first.before_run_up_to(write);
    if (before < write) {
      write = before;
      continue;
    }
    const auto copy =
        std::find_if(copies.begin(), copies.end(), [&](const Copy& c) { return c.serves && c.record.write == write; });
    if (copy == copies.end()) break;
    write = copy->before;
  }
  return write;
}

bool StreamLedger::Row::late() const {
  if (state.extra > 0 || !shown_after || before_those_under_way_up_to(newest) == newest) return false;
  const Write unexcused_now = std::min(unexcused, newest);
  return unexcused_now <= *shown_after || before_those_under_way_up_to(unexcused_now) <= *shown_after;
}

bool StreamLedger::Row::ordinary() const {
  return !wrong && copies.empty() && state.extra == 0 && shown_after == state.cell.write &&
         first.is(state.cell.write, newest);
}

void StreamLedger::follow(const Fact& fact, Cell newest) {
  Row row;
  row.newest = newest.write;
  row.first.append(fact.before.write, newest.write);  // what is newer has yet to come
  row.highest = fact.before.write;
  row.shown_after = fact.before.write;
  row.state = {newest, fact.before, 0};
  *rows_.try_emplace({fact.table, fact.row}).first = std::move(row);
}

void StreamLedger::observe(World& world, const Contracts& contracts, const Fact& fact) {
  const RowKey key{fact.table, fact.row};
  Row& row = *rows_.find(key);
  switch (fact.kind) {
    case Fact::Kind::committed:
      row.first.append(row.newest, fact.record.write);
      row.newest = fact.record.write;
      if (row.wrong && !row.meant) row.meant = row.state.contract;
      row.state.contract = fact.record;
      row.cell_causes = row.wrong ? row.interval.causes : CauseSet{0};  // it excuses nothing
      row.newest_causes = 0;
      break;
    case Fact::Kind::owed_again: {
      const RowState held{fact.record, {fact.record.write, fact.held, 0}, 0};
      const bool serves = !contracts.differs(world, fact.table, fact.row, held);
      row.copies.push_back(
          {fact.record, world.source.write_before(fact.table, fact.row, fact.record.write), fact.held, serves});
      if (serves || fact.record.write <= row.state.cell.write) break;
      // It was altered on its way: that is why what should come does not.
      CauseSet& why = fact.record.write == row.newest ? row.newest_causes : row.missed_causes;
      why = world.causes.unite(why, contracts.causes_of_alterations(world, fact.table, fact.row, held));
      break;
    }
    case Fact::Kind::written:
    case Fact::Kind::lost:
      settle(world, contracts, key, row, fact);
      break;
    case Fact::Kind::repaired:
      row.cell_causes = fact.causes;
      if (row.state.cell.write != fact.cell.write || row.state.cell.mark != fact.cell.mark)
        row.shown_after = fact.record.write;
      row.meant.reset();
      row.state.cell = fact.cell;
      row.state.extra = fact.extra_copies;
      break;
    case Fact::Kind::schema_changed:
      REHEARSE_ASSERT(false, "a change of schema is of no row");
  }
  judge(world, contracts, key, row, fact.at);
}

// A delivery ends. What changes nothing is not to blame for the cell; an older write on top of a newer one shares the
// blame with whatever let that happen before; a newest write that left an older one there
// explains the row alone.
void StreamLedger::settle(World& world, const Contracts& contracts, RowKey key, Row& row, const Fact& fact) {
  const bool lost = fact.kind == Fact::Kind::lost;
  const bool changes = !lost && (row.state.cell.write != fact.cell.write || row.state.cell.mark != fact.cell.mark ||
                                 row.state.extra != fact.extra_copies);
  const bool older = fact.record.write < row.highest;
  if (changes) row.cell_causes = older ? world.causes.unite(row.cell_causes, fact.causes) : fact.causes;
  if (!lost) {
    row.highest = std::max(row.highest, fact.record.write);
    row.state.cell = fact.cell;
    row.state.extra = fact.extra_copies;
    if (changes) {
      const RowState shown{fact.record, fact.cell, 0};
      row.shown_after.reset();
      row.meant.reset();
      if (!contracts.differs(world, key.first, key.second, shown)) row.shown_after = fact.record.write;
      else if (fact.record.live()) row.meant = fact.record;
    }
  }
  if (fact.copy) {
    const auto copy = std::find_if(row.copies.begin(), row.copies.end(), [&](const Copy& c) {
      return c.record.write == fact.record.write && c.held == fact.held;
    });
    REHEARSE_ASSERT(copy != row.copies.end(), "a further delivery that ends had been under way");
    row.copies.erase(copy);
  } else {
    row.first.remove(world.source.write_before(key.first, key.second, fact.record.write), fact.record.write);
  }
  if (!changes && fact.record.write > row.state.cell.write)
    row.missed_causes = world.causes.unite(row.missed_causes, fact.causes);
  if (fact.record.write != row.newest) return;
  row.state.contract = fact.record;
  if (fact.copy) {
    if (lost) row.newest_causes = world.causes.unite(row.newest_causes, fact.causes);
    else if (changes) row.newest_causes = fact.causes;
    return;
  }
  row.meant.reset();  // nothing newer is to come: the row is as the newest write left it
  row.newest_causes = fact.causes;
  if (!changes && row.state.cell.write < row.newest) row.cell_causes = 0;
}

void StreamLedger::judge(World& world, const Contracts& contracts, RowKey key, Row& row, Time at) {
  const bool right = !contracts.differs(world, key.first, key.second, row.state);
  if (right) row.shown_after = row.newest;
  const bool wrong = !right && !row.late();
  if (row.wrong && !wrong) close(row, at);
  if (!row.wrong && wrong) row.interval = {store_, key.first, key.second, at, Time::never(), 0, {}, {}};
  row.wrong = wrong;
  if (!wrong) row.meant.reset();
  if (wrong) {
    row.unexcused = std::max(row.unexcused, row.before_those_under_way_up_to(row.newest));
    describe(world, contracts, key, row, at);
  } else if (row.ordinary() || (right && row.state.cell.write >= row.newest)) {
    row.unexcused = 0;
    row.cell_causes = row.newest_causes = row.missed_causes = 0;
  }
}

void StreamLedger::describe(World& world, const Contracts& contracts, RowKey key, Row& row, Time at) {
  const RowState shown{row.meant.value_or(row.state.contract), row.state.cell, row.state.extra};
  CauseSet causes = world.causes.unite(contracts.causes_of_alterations(world, key.first, key.second, shown),
                                       world.causes.unite(row.cell_causes, row.newest_causes));
  if (causes == 0) causes = row.missed_causes;
  if (causes == 0) causes = world.marks.causes_of(row.state.cell.mark, world.causes);
  if (causes == 0) causes = row.interval.causes;
  // Wrong in another way, or for another reason, from now on.
  if (row.interval.causes != 0 && (row.interval.kind != row.state.kind() || row.interval.causes != causes)) {
    close(row, at);
    row.interval.from = at;
  }
  row.interval.causes = causes;
  row.interval.kind = row.state.kind();
  row.interval.state = shown;
}

void StreamLedger::close(const Row& row, Time until) {
  if (until <= row.interval.from) return;
  closed_.push_back(row.interval);
  closed_.back().until = until;
}

void StreamLedger::contract_changed(World& world, const Contracts& contracts, TableId table, Time at) {
  rows_.for_each(table, [&](RowKey key, Row& row) {
    for (Copy& copy : row.copies)
      copy.serves = !contracts.differs(world, table, key.second, {copy.record, {copy.record.write, copy.held, 0}});
    judge(world, contracts, key, row, at);
  });
}

bool StreamLedger::let_go(RowKey key) {
  const Row* row = rows_.find(key);
  if (row == nullptr) return true;
  if (!row->ordinary()) return false;
  rows_.erase(key);
  return true;
}

std::optional<Time> StreamLedger::divergent_since(RowKey key) const {
  const Row* row = rows_.find(key);
  return row && row->wrong ? std::optional(row->interval.from) : std::nullopt;
}

std::vector<RowKey> StreamLedger::divergent_rows() const {
  std::vector<RowKey> keys;
  rows_.for_each([&](RowKey key, const Row& row) {
    if (row.wrong) keys.push_back(key);
  });
  return keys;
}

void StreamLedger::append_divergent(TableId table, std::vector<DivergentInterval>& all) const {
  rows_.for_each(table, [&](RowKey, const Row& row) {
    if (row.wrong) all.push_back(row.interval);
  });
}

void StreamLedger::append_intervals(std::vector<DivergentInterval>& all) const {
  all.insert(all.end(), closed_.begin(), closed_.end());
  rows_.for_each([&](RowKey, const Row& row) {
    if (row.wrong) all.push_back(row.interval);
  });
}

}  // namespace rehearse
