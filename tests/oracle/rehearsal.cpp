// Runs a random world event by event, as a rehearsal does, with a naive copy of the source beside each batch extract.
#include <fmt/format.h>

#include <algorithm>

#include "faults/catalogue.h"
#include "sim/kernel/assert.h"
#include "tests/oracle/random_world.h"

namespace rehearse::oracle_test {
namespace {

// Drops half of a pipeline's records while it lasts: what no fault of the catalogue does yet, and the ledger must know.
class DropsRecords : public CopiedFault<DropsRecords> {
 public:
  DropsRecords(std::string pipeline, Duration lasts, std::uint64_t seed)
      : taps_(std::move(pipeline)), lasts_(lasts), stream_(stream(seed, "drops")) {}
  std::optional<Duration> strike(const Strike& s) override {
    taps_.insert(s, [&] { return std::make_unique<DroppingTap>(stream_, s.cause); });
    return lasts_;
  }
  void end(const Strike& s) override { taps_.remove(s); }
  std::uint64_t hits(const World& world, std::uint32_t fault, std::uint64_t strike) const override {
    return taps_.hits(world, fault, strike);
  }

 private:
  class DroppingTap : public Tap {
   public:
    DroppingTap(Stream stream, CauseSet cause) : stream_(stream), cause_(cause) {}
    std::unique_ptr<Tap> clone() const override { return std::make_unique<DroppingTap>(*this); }
    void decide(std::span<const TapRecord> records, std::span<Fate> fates, TapContext& context) override {
      for (std::size_t i = 0; i < records.size(); ++i) {
        if (bits(stream_, records[i].lsn, records[i].delivery) >> 63) continue;
        fates[i].drop = true;
        fates[i].causes = context.causes.unite(fates[i].causes, cause_);
        ++hits_;
      }
    }
    std::uint64_t hits() const override { return hits_; }

   private:
    Stream stream_;
    CauseSet cause_;
    std::uint64_t hits_ = 0;
  };
  PipelineTaps taps_;
  Duration lasts_;
  Stream stream_;
};

constexpr std::uint16_t carries_out = 0, writes_repair = 1;
constexpr RowId more_rows_than_there_will_be = 4'000;

}  // namespace

SourceCopy full_copy(const World& world) {
  SourceCopy copy(world.source.tables());
  for (TableId table = 0; table < copy.size(); ++table)
    for (RowId row = 0; row < world.source.rows(table).slots(); ++row)
      copy[table].push_back(world.source.rows(table)[row]);
  return copy;
}

World build(const RandomWorld& design) {
  World world(design.options);
  for (const StoreDesign& store : design.stores) {
    const StoreId id = world.add_store(store.name, store.holds, second * 10);
    if (store.batch) world.add_batch(store.name, id, Recurrence::every(store.every, store.offset), store.extract);
    else world.add_stream(store.name, id, store.connector, store.topic, store.sink);
  }
  return world;
}

std::vector<FaultPlan> fault_plans(const RandomWorld& design, const std::set<std::string>& without) {
  std::vector<FaultPlan> plans;
  for (const FaultDesign& fault : design.faults) {
    if (without.count(fault.name)) continue;
    FaultPlan plan;
    plan.name = fault.name;
    if (fault.parameters) {
      const FaultEntry& entry = fault_entry(*fault.parameters);
      plan.kind = std::string(entry.kind);
      plan.fault = entry.make(*fault.parameters, design.number, fault.name);
    } else {
      plan.kind = "drops_records";
      plan.fault = std::make_unique<DropsRecords>(fault.drops_of, fault.drops_for, design.number);
    }
    plan.at = fault.at;
    plan.every = fault.every;
    plan.mean_gap = fault.mean_gap;
    plan.until = fault.until;
    plan.chance = chance(1, 1);
    plans.push_back(std::move(plan));
  }
  return plans;
}

Rehearsal::Rehearsal(const RandomWorld& design, const std::set<std::string>& without_faults)
    : world(build(design)),
      injector(design.number, fault_plans(design, without_faults)),
      design_(std::make_shared<RandomWorld>(design)),
      copies_(world.batches.size()),
      images_(design.controls.size()) {
  start();
}

Rehearsal::Rehearsal(const RandomWorld& design, Onlooker onlooker)
    : world(build(design)),
      injector(design.number, fault_plans(design, {})),
      design_(std::make_shared<RandomWorld>(design)),
      copies_(world.batches.size()),
      images_(design.controls.size()),
      onlooker_(std::move(onlooker)) {
  for (const StreamPipeline& stream : world.streams)
    for (TableCopy& table : world.stores[stream.store].tables)
      for (RowId row = 0; row < more_rows_than_there_will_be; ++row) table.watch(row);
  start();
}

void Rehearsal::start() {
  const RandomWorld& design = *design_;
  world.start();
  injector.start(world);
  if (!onlooker_) ledger.start(world);
  else observe();
  for (PipelineId i = 0; i < copies_.size(); ++i) {
    copies_[i].expected = full_copy(world);
    if (world.batches[i].pipeline.versions() > 0) copies_[i].versions.push_back(copies_[i].expected);
  }
  for (std::uint32_t i = 0; i < design.controls.size(); ++i)
    world.schedule(design.controls[i].at, {Actor::reconcile, carries_out, i, 0});
}

void Rehearsal::run(Time to, const std::vector<Time>& cuts) {
  auto cut = std::lower_bound(cuts.begin(), cuts.end(), world.now());
  const auto advance = [&](Time t) {
    world.advance(t);
    observe();
  };
  const auto advance_to = [&](Time next) {
    for (; cut != cuts.end() && *cut <= next; ++cut) advance(*cut);
    advance(next);
  };
  through_time(world, to, advance_to, [&](const Event& event) {
    handle(event);
    return GoOn::yes;
  });
}

void Rehearsal::observe() {
  if (onlooker_) {
    onlooker_(world);
    world.facts.clear();
    return;
  }
  if (trace)
    for (const Fact& fact : world.facts) trace(world, fact);
  ledger.observe(world);
}

void Rehearsal::handle(const Event& event) {
  ledger.before_batch_event(world);
  switch (event.actor) {
    case Actor::faults:
      injector.handle(event, world);
      break;
    case Actor::world:
      world.handle(event);
      break;
    case Actor::reconcile:
      carry_out(event);
      break;
    default:
      REHEARSE_ASSERT(false, "nobody else acts here");
  }
  observe();
  ledger.after_batch_event(world);
  follow_batches();
}

void Rehearsal::carry_out(const Event& event) {
  const Control& control = design_->controls[event.index];
  Store& store = world.stores[control.store];
  const auto source_row = [&] { return world.source.rows(control.table).get(control.row); };
  if (event.code == writes_repair)
    return world.repair_row(control.store, control.table, control.row, images_[event.index]);
  switch (control.kind) {
    case Control::Kind::repair:
      images_[event.index] = source_row();
      if (source_row().write > 0)
        world.schedule(world.now() + control.later, {Actor::reconcile, writes_repair, event.index, 0});
      break;
    case Control::Kind::deduplicate:
      if (world.rows(control.store, control.table).get(control.row).live())
        world.deduplicate_row(control.store, control.table, control.row);
      break;
    case Control::Kind::pause_batch:
      world.pause({Part::Kind::batch, *store.batch}, {}, "somebody");
      break;
    case Control::Kind::resume_batch:
      world.release({Part::Kind::batch, *store.batch}, {});
      break;
    case Control::Kind::restore:
      if (world.batches[*store.batch].pipeline.restore(control.value, store.tables)) {
        BatchCopies& copies = copies_[*store.batch];
        copies.expected = copies.versions[copies.versions.size() - control.value];
      }
      break;
    case Control::Kind::speed:
      world.streams[*store.stream].lane.set_speed(world.now(), control.value);
      break;
  }
}

void Rehearsal::follow_batches() {
  for (PipelineId i = 0; i < copies_.size(); ++i) {
    BatchCopies& copies = copies_[i];
    const BatchPipeline& pipeline = world.batches[i].pipeline;
    if (pipeline.running() && !copies.running) copies.extract = full_copy(world);
    copies.running = pipeline.running();
    if (pipeline.cycles_loaded() == copies.loads) continue;
    copies.loads = pipeline.cycles_loaded();
    copies.expected = copies.extract;
    copies.versions.push_back(copies.expected);
    while (copies.versions.size() > pipeline.versions()) copies.versions.erase(copies.versions.begin());
  }
}

void Rehearsal::drain(std::vector<std::set<RowKey>>* deviating) {
  if (deviating) deviating->assign(world.stores.size(), {});
  injector.heal_all(world);
  world.stop_writes();
  observe();
  std::vector<std::set<RowKey>> struck(world.stores.size());
  Duration step = second;
  while (!world.lanes_idle()) {
    REHEARSE_ASSERT(step < day, "lanes come to rest");
    world.advance(world.now() + step);
    step = step * 2;
    if (deviating)
      for (const Fact& fact : world.facts) {
        if (fact.kind != Fact::Kind::written && fact.kind != Fact::Kind::lost) continue;
        const bool clean = fact.kind == Fact::Kind::written && fact.record.write >= fact.before.write &&
                           fact.extra_copies == 0 && fact.cell.write == fact.record.write &&
                           fact.cell.mark == fact.record.mark;
        const bool newest = fact.record.write == world.source.rows(fact.table).get(fact.row).write;
        if (!clean || !newest) (*deviating)[fact.store].insert({fact.table, fact.row});
        // An older change on its way to the newest one does no harm, if both are written as they are.
        if (clean && newest && !struck[fact.store].count({fact.table, fact.row}))
          (*deviating)[fact.store].erase({fact.table, fact.row});
        if (!clean) struck[fact.store].insert({fact.table, fact.row});
      }
    observe();
  }
}

bool Rehearsal::differs(TableId table, RowId row, Cell expected, Cell actual, std::uint32_t extra) const {
  const Dataset* dataset = world.dataset_of(table);
  return dataset &&
         (extra > 0 || !world.content.equal(world.source.schema(table), table, world.contract_columns(*dataset),
                                            world.marks, row, expected, actual));
}

RowKeys Rehearsal::scan(StoreId id) const {
  RowKeys rows;
  const Store& store = world.stores[id];
  for (TableId table = 0; table < world.source.tables(); ++table) {
    if (!store.holds[table]) continue;
    for (RowId row = 0; row < std::max(world.source.rows(table).slots(), store.tables[table].slots()); ++row) {
      Cell expected = world.source.rows(table).get(row);
      if (store.batch) {
        const std::vector<Cell>& copy = copies_[*store.batch].expected[table];
        expected = row < copy.size() ? copy[row] : Cell{};
      }
      if (differs(table, row, expected, store.tables[table].get(row), store.tables[table].extra_copies(row)))
        rows.emplace_back(table, row);
    }
  }
  return rows;
}

std::string Rehearsal::causes(CauseSet set) const {
  std::vector<std::string> names;
  for (const CauseId id : world.causes.members(set)) names.push_back(world.causes.name(id));
  std::sort(names.begin(), names.end());
  return fmt::format("{}", fmt::join(names, ", "));
}

std::vector<std::string> Rehearsal::intervals() const {
  std::vector<std::string> lines;
  for (const DivergentInterval& i : ledger.intervals())
    lines.push_back(fmt::format("store {} table {} row {} [{}, {}) kind {} by {}", i.store, i.table, i.row, i.from.ns,
                                i.until.ns, static_cast<int>(i.kind), causes(i.causes)));
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::vector<std::string> Rehearsal::cells() const {
  std::vector<std::string> lines;
  for (StoreId id = 0; id < world.stores.size(); ++id)
    for (TableId table = 0; table < world.source.tables(); ++table)
      for (RowId row = 0; row < world.rows(id, table).slots(); ++row) {
        const Cell cell = world.rows(id, table)[row];
        const MarkInfo& mark = world.marks[cell.mark];
        std::string line = fmt::format("store {} table {} row {}: write {} live {} schema {} extra {}", id, table, row,
                                       cell.write, mark.live, mark.schema, world.rows(id, table).extra_copies(row));
        for (const Alteration& a : mark.alterations)
          line += fmt::format(" {}:{}:{} by {}", a.column, static_cast<int>(a.kind), a.parameter, causes(a.causes));
        lines.push_back(std::move(line));
      }
  return lines;
}

}  // namespace rehearse::oracle_test
