#include "tests/oracle/naive_twin.h"

#include <algorithm>

#include "sim/kernel/assert.h"

namespace rehearse::oracle_test {

NaiveTwin::NaiveTwin(const RandomWorld& design) {
  rehearsal_.emplace(design, [this](const World& world) { look(world); });
  rehearsal_->run(design.end);
  expect_in_streams();
  std::stable_sort(facts_.begin(), facts_.end(), [](const Fact& a, const Fact& b) { return a.at < b.at; });
  for (const Fact& fact : facts_) follow(fact);
  for (const auto& [row, history] : histories_) judge(row, history);
}

// ---- what happened --------------------------------------------------------------------------------------------------

void NaiveTwin::look(const World& world) {
  world_ = &world;
  if (!initial_) initial_ = full_copy(world);
  for (const Fact& fact : world.facts) {
    if (fact.kind == Fact::Kind::schema_changed) next_version_[fact.table].push_back(fact.at);
    else if (fact.store != source_store && world.stores[fact.store].stream) facts_.push_back(fact);
  }
  for (StoreId store = 1; store < world.stores.size(); ++store)
    if (world.stores[store].batch) compare(store);
}

void NaiveTwin::compare(StoreId id) {
  const Store& store = world().stores[id];
  const BatchPipeline& job = world().batches[*store.batch].pipeline;
  BatchStore& batch = batches_[id];
  if (batch.by_load.empty()) batch.by_load[0] = *initial_;
  if (job.running() && !batch.running) batch.extract = full_copy(world());
  batch.running = job.running();
  if (!batch.by_load.count(job.cycles_loaded())) batch.by_load[job.cycles_loaded()] = batch.extract;
  const SourceCopy& expected = batch.by_load.at(job.content_of_load());
  for (TableId table = 0; table < expected.size(); ++table) {
    if (!store.holds[table]) continue;
    const TableCopy& rows = store.tables[table];
    for (RowId row = 0; row < std::max<std::size_t>(expected[table].size(), rows.slots()); ++row) {
      const Cell should = row < expected[table].size() ? expected[table][row] : Cell{};
      const bool right = equal(table, row, world().now(), should, {rows.get(row), rows.extra_copies(row)});
      note({id, table, row}, world().now(), right ? State::right : State::divergent);
    }
  }
}

// Of each row: that it was not there, then as the snapshot finds it, then after each change. All of it is delivered.
void NaiveTwin::expect_in_streams() {
  const World& w = world();
  REHEARSE_ASSERT(w.source.log().base() == 0, "the log of a small world is kept");
  const auto expect = [&](TableId table, RowId row, Time at, Cell cell) {
    for (const StreamPipeline& stream : w.streams) {
      if (!w.stores[stream.store].holds[table]) continue;
      History& history = histories_[{stream.store, table, row}];
      if (history.expected.empty()) history.expected.emplace_back(Time{0}, Cell{});
      history.expected.emplace_back(at, cell);
      history.deliveries.push_back({.record = cell, .holds = {}, .from = at});
    }
  };
  for (TableId table = 0; table < initial_->size(); ++table)
    for (RowId row = 0; row < (*initial_)[table].size(); ++row)
      if ((*initial_)[table][row].live()) expect(table, row, {0}, (*initial_)[table][row]);
  for (Lsn lsn = 0; lsn < w.source.log().end(); ++lsn) {
    const LogRecord& record = w.source.log()[lsn];
    expect(record.table(), record.row, record.commit(), w.source.cell_at(lsn));
  }
}

void NaiveTwin::follow(const Fact& fact) {
  History& history = histories_[{fact.store, fact.table, fact.row}];
  if (history.expected.empty()) history.expected.emplace_back(Time{0}, Cell{});
  const Shown before = history.shown.empty() ? Shown{} : history.shown.back().second;
  const bool reshaped = fact.kind == Fact::Kind::reshaped;
  const Shown after{fact.cell, fact.extra_copies, reshaped ? before.of : fact.record.write};
  const bool pipeline = fact.kind == Fact::Kind::written, others = reshaped || fact.kind == Fact::Kind::repaired;
  if ((pipeline || others) && !after.same_as(before)) history.shown.emplace_back(fact.at, after);
  if (others) return;
  if (fact.kind == Fact::Kind::owed_again) {
    history.deliveries.push_back({.record = fact.record, .holds = fact.held, .from = fact.at});
    return;
  }
  for (Delivery& delivery : history.deliveries) {
    const bool further = delivery.holds.has_value();
    if (delivery.record.write != fact.record.write || delivery.until != Time::never() || further != fact.copy) continue;
    if (further && *delivery.holds != fact.held) continue;
    delivery.until = fact.at;
    return;
  }
}

std::uint64_t NaiveTwin::untold() const {
  std::uint64_t rows = 0;
  for (const StreamPipeline& stream : world().streams)
    for (TableId table = 0; table < world().source.tables(); ++table) {
      const TableCopy& held = world().stores[stream.store].tables[table];
      for (RowId row = 0; row < held.slots(); ++row) {
        const auto history = histories_.find({stream.store, table, row});
        const bool any = history != histories_.end() && !history->second.shown.empty();
        const Shown told = any ? history->second.shown.back().second : Shown{};
        rows += !told.same_as({held[row], held.extra_copies(row)});
      }
    }
  return rows;
}

// ---- what it means --------------------------------------------------------------------------------------------------

// By the contract as it stands at that time.
bool NaiveTwin::equal(TableId table, RowId row, Time at, Cell expected, const Shown& shown) const {
  const World& w = world();
  const Dataset* dataset = w.dataset_of(table);
  if (!dataset) return true;
  if (shown.extra > 0) return false;
  std::uint16_t version = 0;
  if (const auto changes = next_version_.find(table); changes != next_version_.end())
    version = static_cast<std::uint16_t>(
        std::count_if(changes->second.begin(), changes->second.end(), [&](Time changed) { return changed <= at; }));
  return w.content.equal(w.source.schema(table), table, w.contract_columns(*dataset, version), w.marks, row, expected,
                         shown.cell);
}

std::set<Time> NaiveTwin::instants(TableId table, const History& history) const {
  std::set<Time> all;
  for (const auto& [at, cell] : history.expected) all.insert(at);
  for (const auto& [at, what] : history.shown) all.insert(at);
  for (const Delivery& delivery : history.deliveries) all.insert({delivery.from, delivery.until});
  if (const auto changes = next_version_.find(table); changes != next_version_.end())
    all.insert(changes->second.begin(), changes->second.end());
  all.erase(Time::never());
  return all;
}

NaiveTwin::Instant NaiveTwin::instant(TableId table, RowId row, const History& history, Time at) {
  const auto newest = [&](const auto& counts) {
    std::size_t last = 0;
    while (last + 1 < history.expected.size() && counts(history.expected[last + 1])) ++last;
    return last;
  };
  std::pair<Time, Shown> shown{};
  for (const auto& one : history.shown)
    if (one.first <= at) shown = one;
  return {.table = table,
          .row = row,
          .at = at,
          .history = history,
          .shown = shown.second,
          .newest = newest([&](const auto& change) { return change.first <= at; }),
          .delivered = newest([&](const auto& change) { return change.second.write <= shown.second.of; }),
          .met = newest([&](const auto& change) { return change.first <= shown.first; })};
}

// A first delivery counts until it ends, a further one only if it holds what it should.
bool NaiveTwin::under_way(const Instant& now, std::size_t change) const {
  const Write write = now.history.expected[change].second.write;
  return std::any_of(now.history.deliveries.begin(), now.history.deliveries.end(), [&](const Delivery& delivery) {
    return delivery.record.write == write && delivery.from <= now.at && now.at < delivery.until &&
           (!delivery.holds || equal(now.table, now.row, now.at, delivery.record, {{write, *delivery.holds, 0}}));
  });
}

// What was expected after the change that was delivered there, or what the store has equalled since.
bool NaiveTwin::shows(const Instant& now, std::size_t expected) const {
  return (expected == now.delivered || expected >= now.met) &&
         equal(now.table, now.row, now.at, now.history.expected[expected].second, now.shown);
}

// The newest change is under way, the store shows what was expected after an earlier one, and each that it lacks is
// under way or superseded: but what was missed is not superseded by what was committed afterwards.
bool NaiveTwin::late(const Instant& now, const std::set<Write>& missed) const {
  if (!under_way(now, now.newest)) return false;
  for (std::size_t change = now.newest; !shows(now, change); --change) {
    const bool is_missed = missed.count(now.history.expected[change].second.write) > 0;
    if (change == 0 || (is_missed && !under_way(now, change))) return false;
  }
  return true;
}

void NaiveTwin::judge(const Row& key, const History& history) {
  const auto [store, table, row] = key;
  std::set<Write> missed;  // while the row was divergent; until the change or a newer one has landed
  for (const Time at : instants(table, history)) {
    const Instant now = instant(table, row, history, at);
    const State state = shows(now, now.newest) ? State::right : late(now, missed) ? State::late : State::divergent;
    note(key, at, state);
    if (state != State::divergent) {
      std::erase_if(missed, [&](Write write) { return write <= now.shown.of; });
      continue;
    }
    for (std::size_t change = 0; change <= now.newest; ++change)
      if (!under_way(now, change)) missed.insert(history.expected[change].second.write);
  }
}

void NaiveTwin::note(const Row& row, Time at, State state) {
  const auto known = states_.find(row);
  if (known == states_.end() && state == State::right) return;
  States& states = states_[row];
  if (!states.empty() && states.back().first == at) states.pop_back();
  if (states.empty() ? state == State::right : states.back().second == state) return;
  states.emplace_back(at, state);
}

}  // namespace rehearse::oracle_test
