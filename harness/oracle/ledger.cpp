#include "harness/oracle/ledger.h"

#include <algorithm>

#include "sim/kernel/assert.h"

namespace rehearse {

// Copies that carriers will deliver again, by row: the highest write, and since when it has been under way.
struct Ledger::Copies {
  std::map<Key, std::pair<Write, Time>> rows;
};

void Ledger::start(World& world) {
  exceptions_.resize(world.stores.size());
  batches_.resize(world.batches.size());
  observe(world);
}

bool Ledger::differs(const World& world, TableId table, RowId row, Cell contract, Cell cell,
                     std::uint32_t extra) const {
  const Dataset* dataset = world.dataset_of(table);
  if (!dataset) return false;  // nothing is expected of this table
  if (extra > 0) return true;
  const std::vector<ColumnId> columns = world.contract_columns(*dataset);
  return !world.content.equal(world.source.schema(table), table, columns, world.marks, row, contract, cell);
}

DivergentInterval::Kind Ledger::kind_of(const Exception& e) {
  using Kind = DivergentInterval::Kind;
  if (e.contract.live() && !e.cell.live()) return Kind::missing;
  if (!e.contract.live() && e.cell.live()) return Kind::extra;
  return e.extra > 0 ? Kind::duplicate : Kind::mismatch;
}

void Ledger::close(StoreId store, Key key, const Exception& e, Time until) {
  if (until <= e.since) return;
  closed_.push_back({store, key.first, key.second, e.since, until, e.causes, e.kind});
}

void Ledger::judge(const World& world, StoreId store, Key key, Exception& e, Time at, CauseSet causes) {
  const bool wrong = differs(world, key.first, key.second, e.contract, e.cell, e.extra);
  if (e.wrong && !wrong) close(store, key, e, at);
  if (!e.wrong && wrong) e.since = at;
  e.wrong = wrong;
  if (!wrong) return;
  e.causes = causes;
  e.kind = kind_of(e);
}

// ---- streams: facts ------------------------------------------------------------------------------------------------

void Ledger::observe(World& world) {
  Facts facts;
  facts.swap(world.facts);
  std::stable_sort(facts.begin(), facts.end(), [](const Fact& a, const Fact& b) { return a.at < b.at; });
  for (const Fact& fact : facts) {
    if (world.stores[fact.store].batch) observe_batch_fact(world, fact);
    else observe_stream_fact(world, fact);
  }
  // Rows that are right again need no watching; this must wait until every fact of theirs has been seen.
  for (const Fact& fact : facts) {
    const auto at = exceptions_[fact.store].find({fact.table, fact.row});
    TableCopy& copy = world.stores[fact.store].tables[fact.table];
    if (at != exceptions_[fact.store].end() && !at->second.wrong && at->second.cell.write == at->second.settled)
      exceptions_[fact.store].erase(at);
    if (!exceptions_[fact.store].count({fact.table, fact.row})) copy.unwatch(fact.row);
  }
  reconsider_changed_contracts(world);
}

void Ledger::observe_stream_fact(World& world, const Fact& f) {
  const Key key{f.table, f.row};
  auto [at, fresh] = exceptions_[f.store].try_emplace(key);
  Exception& e = at->second;
  if (fresh) {  // until now the store was right for the last write that reached it
    e.settled = f.before.write;
    e.contract = f.before;
    e.cell = f.before;
  }
  if (const Time pending = pending_until_fact(world, f, e); e.wrong && pending <= f.at) {
    close(f.store, key, e, pending);
    e.wrong = false;
  }
  const bool known = e.wrong;
  bool changed = f.kind == Fact::Kind::repaired;
  if (f.kind != Fact::Kind::repaired && f.record.write > e.settled) {
    e.settled = f.record.write;
    e.contract = f.record;
    e.settled_by = f.causes;
    changed = true;
  }
  if (f.kind != Fact::Kind::lost) {
    changed |= e.cell.write != f.cell.write || e.cell.mark != f.cell.mark || e.extra != f.extra_copies;
    e.cell = f.cell;
    e.extra = f.extra_copies;
  }
  // What changes nothing is not to blame; an older write that comes last is, with whatever befell the newest one.
  CauseSet causes = known && !changed ? e.causes : f.causes;
  if (f.record.write < e.settled) causes = world.causes.unite(causes, e.settled_by);
  judge(world, f.store, key, e, f.at, causes);
}

Time Ledger::pending_until_fact(const World& world, const Fact& f, const Exception& e) const {
  const Key key{f.table, f.row};
  if (f.kind != Fact::Kind::repaired && f.record.write == e.settled) return f.owed_since;
  if (f.kind != Fact::Kind::repaired && f.record.write == e.settled + 1) return f.owed_since;
  return e.wrong ? next_commit(world, key, e) : Time::never();
}

Time Ledger::next_commit(const World& world, Key key, const Exception& e) {
  if (world.source.rows(key.first).get(key.second).write <= e.settled) return Time::never();
  const SourceLog& log = world.source.log();
  for (Lsn lsn = log.base(); lsn < log.end(); ++lsn)
    if (log[lsn].row == key.second && log[lsn].table() == key.first && log[lsn].write > e.settled)
      return log[lsn].commit();
  return Time::never();
}

// A contract speaks of the columns that the source has: a column that is dropped is right from then on.
void Ledger::reconsider_changed_contracts(const World& world) {
  schema_versions_.resize(world.source.tables(), 0);
  for (TableId table = 0; table < schema_versions_.size(); ++table) {
    const std::uint16_t version = world.source.schema(table).current_version();
    if (version == schema_versions_[table]) continue;
    schema_versions_[table] = version;
    for (StoreId store = 1; store < exceptions_.size(); ++store) {
      const Copies live = copies(world, store);
      for (auto at = exceptions_[store].lower_bound({table, 0});
           at != exceptions_[store].end() && at->first.first == table; ++at) {
        Exception& e = at->second;
        if (!e.wrong) continue;
        if (const auto pending = pending_since(world, store, at->first, e, live)) {
          close(store, at->first, e, *pending);
          e.wrong = false;
        }
        judge(world, store, at->first, e, world.now(), e.causes);
      }
    }
  }
}

// ---- batch stores: loads -------------------------------------------------------------------------------------------

void Ledger::observe_batch_fact(const World& world, const Fact& f) {
  const Key key{f.table, f.row};
  auto [at, fresh] = exceptions_[f.store].try_emplace(key);
  Exception& e = at->second;
  if (fresh) {
    e.contract = f.before;
    e.settled = f.before.write;
  }
  e.cell = f.cell;
  e.extra = f.extra_copies;
  judge(world, f.store, key, e, f.at, f.causes);
}

void Ledger::before_batch_event(World& world) {
  for (PipelineId i = 0; i < world.batches.size(); ++i) batches_[i].running = world.batches[i].pipeline.running();
}

void Ledger::after_batch_event(World& world) {
  for (PipelineId i = 0; i < world.batches.size(); ++i) {
    BatchTruth& truth = batches_[i];
    const BatchJob& job = world.batches[i];
    const bool running = job.pipeline.running();
    if (!truth.running && running) {
      truth.extract.assign(world.source.tables(), std::nullopt);
      for (TableId table = 0; table < world.source.tables(); ++table)
        if (job.pipeline.reads(table)) truth.extract[table] = world.source.rows(table).open();
    }
    if (job.pipeline.cycles_loaded() > truth.loads) {
      truth.loads = job.pipeline.cycles_loaded();
      compare_load(world, i);
    } else if (job.pipeline.position() != truth.position) {
      restored(world, i);
    }
    if (truth.running && !running)
      for (TableId table = 0; table < truth.extract.size(); ++table)
        if (truth.extract[table]) world.source.rows(table).close(*truth.extract[table]);
    truth.position = job.pipeline.position();
  }
}

void Ledger::compare_load(World& world, PipelineId batch) {
  const BatchJob& job = world.batches[batch];
  std::map<Key, Exception> wrong;
  for (TableId table = 0; table < world.source.tables(); ++table) {
    if (!job.pipeline.reads(table)) continue;
    const Dataset* dataset = world.dataset_of(table);
    if (!dataset) continue;
    const std::vector<ColumnId> columns = world.contract_columns(*dataset);
    const AsOf expected(world.source.rows(table), *batches_[batch].extract[table]);
    const TableCopy& store = world.rows(job.store, table);
    for (RowId row = 0; row < std::max(expected.slots(), store.slots()); ++row) {
      const Cell contract = expected.get(row);
      const Cell cell = store.get(row);
      if (contract.same_content_as(cell) && (store.rows_with_extra_copies().empty() || store.extra_copies(row) == 0))
        continue;
      if (!differs(world, table, row, contract, cell, store.extra_copies(row))) continue;
      CauseSet causes = world.marks[cell.mark].causes;
      if (causes == 0) causes = world.causes.named("defect " + job.name + ".extract");
      Exception& e = wrong[{table, row}];
      e = {contract.write, contract, 0, cell, store.extra_copies(row), true, world.now(), causes, {}};
      e.kind = kind_of(e);
    }
  }
  // What was wrong and still is goes on; what is right again ends with the load.
  std::map<Key, Exception>& known = exceptions_[job.store];
  for (auto& [key, e] : known) {
    const auto still = wrong.find(key);
    if (!e.wrong) continue;
    if (still == wrong.end()) close(job.store, key, e, world.now());
    else still->second.since = e.since;
  }
  for (const auto& [key, e] : known) world.stores[job.store].tables[key.first].unwatch(key.second);
  known = std::move(wrong);
  BatchTruth& truth = batches_[batch];
  truth.by_version[job.pipeline.position()] = known;
  while (truth.by_version.size() > job.pipeline.versions() + 1) truth.by_version.erase(truth.by_version.begin());
}

void Ledger::restored(World& world, PipelineId batch) {
  const BatchJob& job = world.batches[batch];
  std::map<Key, Exception> now;
  const auto version = batches_[batch].by_version.find(job.pipeline.position());
  if (version != batches_[batch].by_version.end()) now = version->second;
  for (auto& [key, e] : now) e.since = world.now();
  for (const auto& [key, e] : exceptions_[job.store]) {
    const auto still = now.find(key);
    if (!e.wrong) continue;
    if (still == now.end()) close(job.store, key, e, world.now());
    else still->second.since = e.since;
  }
  exceptions_[job.store] = std::move(now);
}

// ---- questions -----------------------------------------------------------------------------------------------------

Ledger::Copies Ledger::copies(const World& world, StoreId store) const {
  Copies copies;
  if (!world.stores[store].stream) return copies;
  World& reading = const_cast<World&>(world);
  StreamPipeline& stream = reading.streams[*world.stores[store].stream];
  stream.lane.for_each_copy(reading.sink_context(stream), [&](TableId table, RowId row, Write write, Time owed) {
    auto [at, fresh] = copies.rows.try_emplace({table, row}, write, owed);
    if (!fresh && write > at->second.first) at->second = {write, owed};
    if (!fresh && write == at->second.first) at->second.second = std::min(at->second.second, owed);
  });
  return copies;
}

std::optional<Time> Ledger::pending_since(const World& world, StoreId store, Key key, const Exception& e,
                                          const Copies& copies) const {
  if (!world.stores[store].stream) return std::nullopt;
  const Cell source = world.source.rows(key.first).get(key.second);
  if (source.write > e.settled) return std::min(next_commit(world, key, e), world.now());
  const auto copy = copies.rows.find(key);
  if (copy != copies.rows.end() && copy->second.first == e.settled) return copy->second.second;
  return std::nullopt;
}

bool Ledger::divergent(const World& world, StoreId store, TableId table, RowId row) const {
  const auto at = exceptions_[store].find({table, row});
  if (at == exceptions_[store].end() || !at->second.wrong) return false;
  if (!world.stores[store].stream) return true;
  if (world.source.rows(table).get(row).write > at->second.settled) return false;
  const Copies live = copies(world, store);
  const auto copy = live.rows.find({table, row});
  return copy == live.rows.end() || copy->second.first != at->second.settled;
}

std::vector<std::pair<TableId, RowId>> Ledger::divergent_rows(const World& world, StoreId store) const {
  std::vector<std::pair<TableId, RowId>> rows;
  if (exceptions_[store].empty()) return rows;
  const Copies live = copies(world, store);
  const bool stream = world.stores[store].stream.has_value();
  for (const auto& [key, e] : exceptions_[store]) {
    if (!e.wrong) continue;
    if (stream) {
      if (world.source.rows(key.first).get(key.second).write > e.settled) continue;
      const auto copy = live.rows.find(key);
      if (copy != live.rows.end() && copy->second.first == e.settled) continue;
    }
    rows.push_back(key);
  }
  return rows;
}

std::vector<DivergentInterval> Ledger::intervals(const World& world) const {
  std::vector<DivergentInterval> all = closed_;
  for (StoreId store = 1; store < exceptions_.size(); ++store) {
    if (exceptions_[store].empty()) continue;
    const Copies live = copies(world, store);
    for (const auto& [key, e] : exceptions_[store]) {
      if (!e.wrong) continue;
      const Time until = pending_since(world, store, key, e, live).value_or(Time::never());
      if (until > e.since) all.push_back({store, key.first, key.second, e.since, until, e.causes, e.kind});
    }
  }
  return all;
}

}  // namespace rehearse
