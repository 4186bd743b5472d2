// The ledger over thousands of random worlds: against the fork and full comparisons, against itself, however it is run.
#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "harness/oracle/fork.h"
#include "tests/oracle/random_world.h"
#include "tests/worlds.h"

namespace rehearse::oracle_test {
namespace {

constexpr std::uint64_t worlds = random_worlds(2'000);

std::string text(const RowKeys& rows) {
  std::string list;
  for (const auto& [table, row] : rows) list += " " + std::to_string(table) + "/" + std::to_string(row);
  return list;
}

// The rows in which two sorted lists differ, apart from those excused.
RowKeys difference(const RowKeys& a, const RowKeys& b, const std::set<RowKey>& excused = {}) {
  RowKeys rows, left;
  std::set_symmetric_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(rows));
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(left),
               [&](const RowKey& row) { return !excused.count(row); });
  return left;
}

std::vector<Time> some_instants(std::uint64_t number, Time end, std::int64_t count) {
  Chooser choose(number, "instants");
  std::vector<Time> instants;
  for (std::int64_t i = 0; i < count; ++i) instants.push_back(choose.instant({0}, end));
  std::sort(instants.begin(), instants.end());
  return instants;
}

}  // namespace

// A row that is not right once everything is healed and drained was divergent at T, unless the drain itself strikes it:
// late rows come out right. (Divergent ones may come out right as well, where a newer change was on its way.) And after
// the drain the ledger, which saw only deviations, knows exactly the rows that a full comparison finds.
BOOST_AUTO_TEST_CASE(rows_that_the_fork_does_not_make_right_were_divergent) {
  std::uint64_t compared = 0, divergent = 0;
  for (std::uint64_t number = 1; number <= worlds; ++number) {
    const RandomWorld design = random_world(number, {});
    Rehearsal rehearsal(design);
    for (const Time at : some_instants(number, design.end, 3)) {
      rehearsal.run(at);
      Rehearsal fork = rehearsal;
      std::vector<std::set<RowKey>> deviating;
      fork.drain(&deviating);
      const auto rows = divergent_after_fork(rehearsal.world, rehearsal.injector);
      for (StoreId store = 1; store < fork.world.stores.size(); ++store) {
        if (fork.world.stores[store].batch) continue;
        const RowKeys after = fork.scan(store), now = rehearsal.divergent(store);
        ++compared;
        divergent += now.size();
        BOOST_TEST_INFO_SCOPE("world " << number << " at " << at.ns << " store " << store);
        BOOST_TEST(text(difference(fork.divergent(store), after)) == "");
        BOOST_TEST(text(difference(rows[store], after)) == "");
        RowKeys missed;
        std::set_difference(after.begin(), after.end(), now.begin(), now.end(), std::back_inserter(missed));
        std::erase_if(missed, [&](const RowKey& row) { return deviating[store].count(row) > 0; });
        BOOST_TEST(text(missed) == "");
        const RowKeys different = rehearsal.scan(store);
        BOOST_TEST(std::includes(different.begin(), different.end(), now.begin(), now.end()));
      }
    }
  }
  BOOST_TEST(compared > worlds);
  BOOST_TEST(divergent > worlds);
}

BOOST_AUTO_TEST_CASE(a_batch_store_is_divergent_where_it_differs_from_a_full_copy_taken_at_the_extract) {
  std::uint64_t divergent = 0;
  for (std::uint64_t number = 1; number <= worlds; ++number) {
    const RandomWorld design = random_world(number, {});
    if (!design.stores.back().batch) continue;
    Rehearsal rehearsal(design);
    const auto store = static_cast<StoreId>(design.stores.size());
    for (const Time at : some_instants(number, design.end, 6)) {
      rehearsal.run(at);
      BOOST_TEST_INFO_SCOPE("world " << number << " at " << at.ns);
      const RowKeys now = rehearsal.divergent(store);
      divergent += now.size();
      BOOST_TEST(text(difference(now, rehearsal.scan(store))) == "");
    }
  }
  BOOST_TEST(divergent > worlds);
}

BOOST_AUTO_TEST_CASE(intervals_are_proper_and_agree_with_what_was_divergent_at_many_instants) {
  for (std::uint64_t number = 1; number <= worlds; ++number) {
    const RandomWorld design = random_world(number, {});
    Rehearsal rehearsal(design);
    std::vector<std::pair<Time, std::vector<RowKeys>>> samples;
    for (const Time at : some_instants(number, design.end, 25)) {
      rehearsal.run(at);
      std::vector<RowKeys> by_store(1);
      for (StoreId store = 1; store < rehearsal.world.stores.size(); ++store)
        by_store.push_back(rehearsal.divergent(store));
      samples.emplace_back(at, std::move(by_store));
    }
    rehearsal.run(design.end);
    std::vector<DivergentInterval> intervals = rehearsal.ledger.intervals();
    std::sort(intervals.begin(), intervals.end(), [](const DivergentInterval& a, const DivergentInterval& b) {
      return std::tie(a.store, a.table, a.row, a.from) < std::tie(b.store, b.table, b.row, b.from);
    });
    for (std::size_t i = 0; i < intervals.size(); ++i) {
      const DivergentInterval& one = intervals[i];
      BOOST_TEST_INFO_SCOPE("world " << number << " store " << one.store << " row " << int{one.table} << "/" << one.row
                                     << " from " << one.from.ns << " until " << one.until.ns);
      BOOST_TEST(one.causes != 0);
      BOOST_TEST(one.from.ns < one.until.ns);
      if (i == 0) continue;
      const DivergentInterval& before = intervals[i - 1];
      if (std::tie(before.store, before.table, before.row) == std::tie(one.store, one.table, one.row))
        BOOST_TEST(before.until.ns <= one.from.ns);
    }
    for (const auto& [at, by_store] : samples)
      for (StoreId store = 1; store < by_store.size(); ++store) {
        RowKeys open;
        for (const DivergentInterval& i : intervals)
          if (i.store == store && i.from <= at && at < i.until) open.emplace_back(i.table, i.row);
        BOOST_TEST_INFO_SCOPE("world " << number << " at " << at.ns << " store " << store);
        BOOST_TEST(text(difference(open, by_store[store])) == "");
      }
  }
}

BOOST_AUTO_TEST_CASE(cuts_copies_and_second_runs_change_nothing) {
  for (std::uint64_t number = 1; number <= worlds; ++number) {
    const RandomWorld design = random_world(number, {});
    Rehearsal plain(design);
    plain.run(some_instants(number, design.end, 1)[0]);
    Rehearsal copy = plain;
    plain.run(design.end);
    copy.run(design.end);
    Rehearsal cut(design);
    cut.run(design.end, random_cuts(number, design.end));
    BOOST_TEST_INFO_SCOPE("world " << number);
    for (const Rehearsal* other : {&copy, &cut}) {
      BOOST_TEST(plain.world.trajectory().hex() == other->world.trajectory().hex());
      BOOST_TEST(plain.intervals() == other->intervals(), boost::test_tools::per_element());
      BOOST_TEST(plain.cells() == other->cells(), boost::test_tools::per_element());
    }
  }
}

BOOST_AUTO_TEST_CASE(without_faults_and_defects_nothing_ever_diverges) {
  for (std::uint64_t number = 1; number <= worlds; ++number) {
    Features features;
    features.faults = features.defects = features.controls = false;
    features.by_key_only = true;
    const RandomWorld design = random_world(number, features);
    Rehearsal rehearsal(design);
    rehearsal.run(design.end);
    rehearsal.drain();
    BOOST_TEST_INFO_SCOPE("world " << number);
    BOOST_TEST(rehearsal.intervals().empty());
    for (StoreId store = 1; store < rehearsal.world.stores.size(); ++store)
      BOOST_TEST(text(rehearsal.scan(store)) == "");
  }
}

BOOST_AUTO_TEST_CASE(faults_that_only_delay_or_repeat_leave_a_sink_that_keeps_the_newest_as_its_contract_says) {
  for (std::uint64_t number = 1; number <= worlds; ++number) {
    Features features;
    features.delays_only = true;
    features.defects = features.controls = features.batches = false;
    features.write = WriteMode::upsert_if_newer;
    const RandomWorld design = random_world(number, features);
    Rehearsal rehearsal(design);
    rehearsal.run(design.end);
    rehearsal.drain();
    BOOST_TEST_INFO_SCOPE("world " << number);
    BOOST_TEST(rehearsal.intervals().empty());
    for (StoreId store = 1; store < rehearsal.world.stores.size(); ++store)
      BOOST_TEST(text(rehearsal.scan(store)) == "");
  }
}

BOOST_AUTO_TEST_CASE(at_least_once_into_an_upsert_equals_the_contract_once_restarts_are_over_and_drained) {
  std::uint64_t replayed = 0;
  for (std::uint64_t number = 1; number <= worlds; ++number) {
    Features features;
    features.restarts_only = true;
    features.defects = features.controls = features.batches = false;
    features.by_key_only = true;
    const RandomWorld design = random_world(number, features);
    Rehearsal rehearsal(design);
    rehearsal.run(design.end);
    rehearsal.drain();
    BOOST_TEST_INFO_SCOPE("world " << number);
    for (const StreamPipeline& stream : rehearsal.world.streams) {
      replayed += stream.connector.counts().replayed + stream.lane.counts().refetched;
      BOOST_TEST(text(rehearsal.scan(stream.store)) == "");
      BOOST_TEST(text(rehearsal.divergent(stream.store)) == "");
    }
  }
  BOOST_TEST(replayed > worlds);
}

}  // namespace rehearse::oracle_test
