// Taking one fault out changes nothing that it did not touch: the source's log, and when other records become visible.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <tuple>

#include "faults/field_corruption/field_corruption.pb.h"
#include "faults/schema_drift/schema_drift.pb.h"
#include "tests/oracle/random_world.h"

namespace rehearse::oracle_test {
namespace {

constexpr std::uint64_t worlds = 400;

struct Seen {
  std::vector<std::tuple<TableId, RowId, Write, std::int64_t>> committed;
  // By store: (table, row, write, instant) of every write that reached it, in order.
  std::vector<std::vector<std::tuple<TableId, RowId, Write, std::int64_t>>> written;
};

// Every row of every store is watched, so that every write is told.
Seen run(const RandomWorld& design, const std::set<std::string>& without) {
  World world = build(design);
  Injector injector(design.number, fault_plans(design, without));
  world.start();
  injector.start(world);
  Seen seen;
  seen.written.resize(world.stores.size());
  for (Store& store : world.stores)
    for (TableCopy& table : store.tables)
      for (RowId row = 0; row < 1000; ++row) table.watch(row);
  const auto take_facts = [&] {
    for (const Fact& f : world.facts)
      if (f.kind == Fact::Kind::written) seen.written[f.store].emplace_back(f.table, f.row, f.record.write, f.at.ns);
    world.facts.clear();
  };
  const auto advance = [&](Time to) {
    world.advance(to);
    take_facts();
  };
  through_time(world, design.end, advance, [&](const Event& event) {
    event.actor == Actor::faults ? injector.handle(event, world) : world.handle(event);
    return GoOn::yes;
  });
  for (Lsn lsn = 0; lsn < world.source.end(); ++lsn) {
    const LogRecord& r = world.source.log()[lsn];
    seen.committed.emplace_back(r.table(), r.row, r.write, r.commit().ns);
  }
  return seen;
}

template <class Message>
bool is(const FaultDesign& fault) {
  return fault.parameters && fault.parameters->GetDescriptor() == Message::descriptor();
}

// The pipeline that a fault names; none for those of the source.
std::string pipeline_of(const FaultDesign& fault) {
  if (!fault.parameters) return fault.drops_of;
  const auto* field = fault.parameters->GetDescriptor()->FindFieldByName("pipeline");
  return field ? fault.parameters->GetReflection()->GetString(*fault.parameters, field) : "";
}

}  // namespace

BOOST_AUTO_TEST_CASE(without_a_fault_everything_that_it_did_not_touch_is_the_same) {
  std::size_t compared = 0;
  for (std::uint64_t number = 1; number <= worlds; ++number) {
    const RandomWorld design = random_world(number, {});
    if (design.faults.empty()) continue;
    const Seen with = run(design, {});
    for (const FaultDesign& fault : design.faults) {
      if (fault.parameters && fault.parameters->GetDescriptor()->name() == "Burst") continue;
      const Seen without = run(design, {fault.name});
      BOOST_TEST_INFO_SCOPE("world " << number << " without " << fault.name);
      BOOST_TEST((with.committed == without.committed));
      // Corruption and drift alter content and no time; the others move what their own pipeline does, and nothing else.
      const bool alters = is<faults::FieldCorruption>(fault) || is<faults::SchemaDrift>(fault);
      for (StoreId store = 1; store < with.written.size(); ++store)
        if (alters || design.stores[store - 1].name != pipeline_of(fault)) {
          BOOST_TEST((with.written[store] == without.written[store]));
          ++compared;
        }
    }
  }
  BOOST_TEST(compared > worlds / 2);
}

// A burst of one table leaves the other tables' changes as they are.
BOOST_AUTO_TEST_CASE(a_burst_changes_nothing_of_another_table) {
  std::size_t bursts = 0;
  for (std::uint64_t number = 1; number <= worlds; ++number) {
    const RandomWorld design = random_world(number, {});
    std::set<std::string> names;
    for (const FaultDesign& fault : design.faults)
      if (fault.parameters && fault.parameters->GetDescriptor()->name() == "Burst") names.insert(fault.name);
    if (names.empty() || design.options.source.tables.size() == 1) continue;
    Seen with = run(design, {}), without = run(design, names);
    bursts += with.committed.size() > without.committed.size();
    const auto of_its_table = [&](const auto& change) {  // or of one that is derived from it, or looks up in it
      const SourceTableOptions& table = design.options.source.tables[std::get<0>(change)];
      const std::optional<DerivedRows>& derived = table.schema.derived;
      return (derived ? derived->base : std::get<0>(change)) == 0 || (table.rule && table.rule->look_up);
    };
    for (Seen* seen : {&with, &without}) std::erase_if(seen->committed, of_its_table);
    BOOST_TEST_INFO_SCOPE("world " << number);
    BOOST_TEST((with.committed == without.committed));
  }
  BOOST_TEST(bursts > 10U);
}

}  // namespace rehearse::oracle_test
