#include "harness/oracle/store_ledger.h"

#include <algorithm>

#include "sim/kernel/assert.h"

namespace rehearse {

Write StoreLedger::Row::before_those_under_way_up_to(Write write) const {
  for (;;) {
    const Write before = copies.before_run_up_to(first.before_run_up_to(write));
    if (before == write) return write;
    write = before;
  }
}

bool StoreLedger::Row::late() const {
  if (state.extra > 0 || !shown_after || before_those_under_way_up_to(newest()) == newest()) return false;
  const Write unexcused_now = std::min(unexcused, newest());
  const Write excused = std::max(*shown_after, landed);
  return unexcused_now <= excused || before_those_under_way_up_to(unexcused_now) <= excused;
}

bool StoreLedger::Row::ordinary() const {
  return !wrong && copies.empty() && state.extra == 0 && shown_after == state.cell.write &&
         state.cell.write <= newest() && first.is(state.cell.write, newest());
}

void StoreLedger::follow(const Fact& fact, Cell expected) {
  const auto [row, fresh] = rows_.try_emplace({fact.table, fact.row});
  REHEARSE_ASSERT(fresh, "a row is followed once");
  row->first.insert(fact.before.write, expected.write);  // what is newer has yet to come
  row->highest = fact.before.write;
  row->shown_after = fact.before.write;
  row->state = {expected, fact.before, 0};
  row->left_by = fact.before;
}

void StoreLedger::observe(World& world, const Contracts& contracts, const Fact& fact) {
  const RowKey key{fact.table, fact.row};
  Row* const found = rows_.find(key);
  REHEARSE_ASSERT(found != nullptr, "the row is followed");
  Row& row = *found;
  remember(row, fact.at);
  switch (fact.kind) {
    case Fact::Kind::committed:
      row.first.insert(row.newest(), fact.record.write);
      if (row.wrong && !row.meant) row.meant = row.state.contract;
      row.state.contract = fact.record;
      row.cell_causes = row.wrong ? row.causes : CauseSet{0};  // it excuses nothing
      row.newest_causes = 0;
      break;
    case Fact::Kind::owed_again: {
      const RowState held{fact.record, {fact.record.write, fact.held, 0}, 0};
      const Difference difference = contracts.compare(world, fact.table, fact.row, held);
      row.copies.take_up({fact.record, world.source.write_before(fact.table, fact.row, fact.record.write), fact.held,
                          !difference.differs});
      if (!difference.differs || fact.record.write <= row.state.cell.write) break;
      // It was altered on its way: that is why what should come does not.
      CauseSet& why = fact.record.write == row.newest() ? row.newest_causes : row.missed_causes;
      why = world.causes.unite(why, difference.alterations);
      break;
    }
    case Fact::Kind::written:
      settle(world, key, row, fact, show(world, contracts, row, fact));
      break;
    case Fact::Kind::lost:
      // A row that is not there shows what was expected after the delete that did not come.
      if (!row.wrong && !fact.record.live() && !row.state.cell.live() && row.shown_after)
        row.shown_after = std::max(*row.shown_after, fact.record.write);
      settle(world, key, row, fact, false);
      break;
    case Fact::Kind::repaired:
      row.cell_causes = fact.causes;
      if (row.state.cell.write != fact.cell.write || row.state.cell.mark != fact.cell.mark) {
        row.shown_after = fact.record.write;
        row.left_by = fact.record;
      }
      row.meant.reset();
      row.state.cell = fact.cell;
      row.state.extra = fact.extra_copies;
      break;
    case Fact::Kind::reshaped:
      row.state.cell = fact.cell;
      if (contracts.compare(world, fact.table, fact.row, {row.left_by, fact.cell, 0}).differs) row.shown_after.reset();
      break;
    case Fact::Kind::schema_changed:
      REHEARSE_ASSERT(false, "a change of schema is of no row");
  }
  judge(world, contracts, key, row, fact.at);
}

// While it is wrong, what is not under way is missed; otherwise what has landed is not. What comes and goes within one
// instant is nothing that anybody could have read.
void StoreLedger::remember(Row& row, Time now) {
  if (now <= row.last) return;
  row.last = now;
  if (row.wrong) row.unexcused = std::max(row.unexcused, row.before_those_under_way_up_to(row.newest()));
  row.landed = row.wrong ? 0 : std::max(row.landed, row.left_by.write);
}

// What a delivery leaves in the store; whether that is something else than before. An older write on top of a newer one
// shares the blame with whatever let that happen before.
bool StoreLedger::show(World& world, const Contracts& contracts, Row& row, const Fact& fact) {
  const bool older = fact.record.write < row.highest;
  row.highest = std::max(row.highest, fact.record.write);
  if (row.state.cell.write == fact.cell.write && row.state.cell.mark == fact.cell.mark &&
      row.state.extra == fact.extra_copies)
    return false;
  row.cell_causes = older ? world.causes.unite(row.cell_causes, fact.causes) : fact.causes;
  row.state.cell = fact.cell;
  row.state.extra = fact.extra_copies;
  row.shown_after.reset();
  row.left_by = fact.record;
  row.meant.reset();
  if (!contracts.compare(world, fact.table, fact.row, {fact.record, fact.cell, 0}).differs)
    row.shown_after = fact.record.write;
  else if (fact.record.live()) row.meant = fact.record;
  return true;
}

// A delivery ends. What changes nothing is not to blame for the cell; a newest write that left an older one there
// explains the row alone.
void StoreLedger::settle(World& world, RowKey key, Row& row, const Fact& fact, bool changes) {
  if (fact.copy) row.copies.end(fact.record.write, fact.held);
  else row.first.remove(world.source.write_before(key.first, key.second, fact.record.write), fact.record.write);
  if (!changes && fact.record.write > row.state.cell.write)
    row.missed_causes = world.causes.unite(row.missed_causes, fact.causes);
  if (fact.record.write != row.newest()) return;
  row.state.contract = fact.record;
  if (fact.copy) {
    if (fact.kind == Fact::Kind::lost) row.newest_causes = world.causes.unite(row.newest_causes, fact.causes);
    else if (changes) row.newest_causes = fact.causes;
    return;
  }
  row.meant.reset();  // nothing newer is to come: the row is as the newest write left it
  row.newest_causes = fact.causes;
  if (!changes && row.state.cell.write < row.newest()) row.cell_causes = 0;
}

void StoreLedger::judge(World& world, const Contracts& contracts, RowKey key, Row& row, Time at) {
  const bool right = !contracts.compare(world, key.first, key.second, row.state).differs;
  if (right) row.shown_after = row.newest();
  const bool wrong = !right && !row.late();
  if (row.wrong && !wrong) close(key, row, at);
  if (!row.wrong && wrong) {
    row.since = at;
    row.causes = 0;
  }
  divergent_ += wrong;
  divergent_ -= row.wrong;
  row.wrong = wrong;
  if (!wrong) row.meant.reset();
  if (wrong) {
    describe(world, contracts, key, row, at);
  } else if (row.ordinary() || (right && row.state.cell.write >= row.newest())) {
    row.unexcused = row.landed = 0;
    row.cell_causes = row.newest_causes = row.missed_causes = 0;
  }
  if (row.listed || !row.may_be_let_go(world.marks)) return;
  row.listed = true;
  perhaps_ordinary_.push_back(key);
}

void StoreLedger::describe(World& world, const Contracts& contracts, RowKey key, Row& row, Time at) {
  const RowState shown{row.meant.value_or(row.state.contract), row.state.cell, row.state.extra};
  if (contracts.changes() != row.compared_at || !same(row.shown, shown)) {
    row.alterations = contracts.compare(world, key.first, key.second, shown).alterations;
    row.compared_at = contracts.changes();
  }
  CauseSet causes = world.causes.unite(row.alterations, world.causes.unite(row.cell_causes, row.newest_causes));
  if (causes == 0) causes = row.missed_causes;
  if (causes == 0) causes = world.marks.causes_of(row.state.cell.mark, world.causes);
  if (causes == 0) causes = row.causes;
  // Wrong in another way, or for another reason, from now on.
  if (row.causes != 0 && (row.kind != row.state.kind() || row.causes != causes)) {
    close(key, row, at);
    row.since = at;
  }
  row.causes = causes;
  row.kind = row.state.kind();
  row.shown = shown;
}

DivergentInterval StoreLedger::interval(RowKey key, const Row& row) const {
  return {store_, key.first, key.second, row.since, Time::never(), row.causes, row.kind, row.shown};
}

void StoreLedger::close(RowKey key, const Row& row, Time until) {
  if (until <= row.since) return;
  ended_.push_back(interval(key, row));
  ended_.back().until = until;
}

void StoreLedger::contract_changed(World& world, const Contracts& contracts, TableId table, Time at) {
  rows_.for_each(table, [&](RowKey key, Row& row) {
    row.copies.judge_again([&](const CopiesUnderWay::Copy& copy) {
      const RowState held{copy.record, {copy.record.write, copy.held, 0}, 0};
      return !contracts.compare(world, table, key.second, held).differs;
    });
    remember(row, at);
    if (!contracts.compare(world, table, key.second, {row.left_by, row.state.cell, 0}).differs)
      row.shown_after = std::max(row.shown_after.value_or(0), row.left_by.write);
    judge(world, contracts, key, row, at);
  });
}

void StoreLedger::hold(World& world, const Contracts& contracts, const std::vector<HeldRow>& rows, Time at) {
  RowTable<Row> before;
  std::swap(before, rows_);
  perhaps_ordinary_.clear();
  divergent_ = 0;
  for (const HeldRow& held : rows) {
    Row& row = *rows_.try_emplace(held.key).first;
    row.state = held.state;
    row.highest = held.state.cell.write;
    row.cell_causes = held.causes;
    if (Row* was = before.find(held.key); was != nullptr && was->wrong) {
      std::tie(row.wrong, row.since, row.kind, row.causes, row.shown, row.alterations, row.compared_at) =
          std::tuple(true, was->since, was->kind, was->causes, was->shown, was->alterations, was->compared_at);
      was->wrong = false;  // it goes on
      ++divergent_;
    }
    judge(world, contracts, held.key, row, at);
  }
  before.for_each([&](RowKey key, const Row& row) {
    if (row.wrong) close(key, row, at);
  });
}

std::optional<Time> StoreLedger::divergent_since(RowKey key) const {
  const Row* row = rows_.find(key);
  return row != nullptr && row->wrong ? std::optional(row->since) : std::nullopt;
}

std::vector<RowKey> StoreLedger::divergent_rows() const {
  std::vector<RowKey> keys;
  rows_.for_each([&](RowKey key, const Row& row) {
    if (row.wrong) keys.push_back(key);
  });
  return keys;
}

void StoreLedger::append_divergent(TableId table, std::vector<DivergentInterval>& all) const {
  rows_.for_each(table, [&](RowKey key, const Row& row) {
    if (row.wrong) all.push_back(interval(key, row));
  });
}

void StoreLedger::append_divergent(std::vector<DivergentInterval>& all) const {
  rows_.for_each([&](RowKey key, const Row& row) {
    if (row.wrong) all.push_back(interval(key, row));
  });
}

}  // namespace rehearse
