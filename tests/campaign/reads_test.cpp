// What a read finds and how old it is, against the whole log and the routing as they are, in random rehearsals; and the
// record of who read where.
#include <boost/test/unit_test.hpp>

#include "harness/campaign/run.h"
#include "tests/campaign/random_rehearsal.h"

namespace rehearse {
namespace {

constexpr std::uint64_t rehearsals = 300;

// By looking at every record: since when the row lacks a change that is not shown. Only of worlds that lose nothing,
// and of rows that nothing befell, as what a copy has overwritten is not on its way.
Duration age_by_the_log(const World& world, const Read& read) {
  const Store& store = world.stores[read.store];
  if (store.batch) return world.now() - world.batches[*store.batch].pipeline.as_of();
  const Write shown = world.rows(read.store, read.table).get(read.row).write;
  if (!world.positioned(read.store)) return shown == 0 ? world.now() - Time{0} : Duration{};
  const SourceLog& log = world.source.log();
  for (Lsn lsn = log.base(); lsn < log.end(); ++lsn)
    if (log[lsn].table() == read.table && log[lsn].row == read.row && log[lsn].write > shown)
      return world.now() - log[lsn].commit();
  return {};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_read_goes_where_routing_says_and_is_as_old_as_the_log_says) {
  std::uint64_t reads = 0, old = 0;
  for (std::uint64_t number = 1; number <= rehearsals; ++number) {
    BOOST_TEST_INFO_SCOPE("rehearsal " << number);
    const Loaded loaded = random_rehearsal(number);
    const std::string text = random_scenario(number);
    const bool loses_nothing =
        text.find("at_most_once") == std::string::npos && text.find("retention: 7d") != std::string::npos;
    Picks pick(number, "reads");
    Run run(assemble(loaded.scenario, loaded.inputs), {});
    const std::int64_t end = loaded.scenario.proto.duration_ns();
    for (int stop = 1; stop <= 4; ++stop) {
      run.until(Time{end / 4 * stop - pick.between(0, end / 4)});
      Run probe = run;
      if (pick.one_in(2)) probe.world.forget();
      for (std::uint32_t consumer = 0; consumer < probe.world.consumers.size(); ++consumer)
        for (std::uint64_t n = 0; n < 100; ++n) {
          const std::optional<Read> read = probe.world.read(consumer, n);
          if (!read) continue;
          BOOST_REQUIRE(read->store == probe.world.routing.store(consumer));
          BOOST_REQUIRE((read->at == probe.world.now()));
          ++reads;
          const bool something_befell = probe.world.rows(read->store, read->table).watched(read->row);
          if (!loses_nothing || something_befell) continue;
          BOOST_REQUIRE_EQUAL(read->age.ns, age_by_the_log(probe.world, *read).ns);
          old += read->age.ns > 0 && probe.world.stores[read->store].stream.has_value();
        }
    }
  }
  BOOST_TEST(reads > 100'000U);
  BOOST_TEST(old > 1'000U);
}

// Forgetting the log changes no result, so it may not change an age: of rows to which something befell, either.
BOOST_AUTO_TEST_CASE(the_age_of_a_read_does_not_hang_on_what_was_forgotten_of_the_log) {
  std::uint64_t watched = 0;
  for (std::uint64_t number = 1; number <= rehearsals; ++number) {
    BOOST_TEST_INFO_SCOPE("rehearsal " << number);
    const Loaded loaded = random_rehearsal(number);
    Run run(assemble(loaded.scenario, loaded.inputs), {});
    for (int quarter = 1; quarter <= 4; ++quarter) {
      run.until(Time{loaded.scenario.proto.duration_ns() / 4 * quarter});
      Run remembers = run, forgets = run;
      forgets.world.forget();
      for (std::uint32_t consumer = 0; consumer < run.world.consumers.size(); ++consumer)
        for (std::uint64_t n = 0; n < 100; ++n) {
          const std::optional<Read> a = remembers.world.read(consumer, n), b = forgets.world.read(consumer, n);
          BOOST_REQUIRE(a.has_value() == b.has_value());
          if (!a) continue;
          BOOST_REQUIRE_EQUAL(a->age.ns, b->age.ns);
          watched += run.world.rows(a->store, a->table).watched(a->row);
        }
    }
  }
  BOOST_TEST(watched > 1'000U);
}

// Against going through the whole log, with much and with little on its way, while the log grows and is shown in
// spurts.
BOOST_AUTO_TEST_CASE(the_first_pending_change_of_a_row_is_the_same_however_much_is_on_its_way) {
  std::uint64_t found = 0;
  for (std::uint64_t number = 1; number <= 20; ++number) {
    Picks pick(number, "pending");
    SourceLog log;
    std::vector<Write> written(200, 0);
    PendingChanges pending;
    Lsn lowest = 0;
    for (int step = 0; step < 60; ++step) {
      for (std::int64_t n = pick.between(0, 3'000); n > 0; --n) {
        const auto row = static_cast<RowId>(pick.between(0, 99) * pick.between(0, 1));
        const auto table = static_cast<TableId>(pick.between(0, 1));
        log.append(LogRecord::make(table, row, ++written[row * 2 + table], Op::update,
                                   Time{static_cast<std::int64_t>(log.end())}));
      }
      if (pick.one_in(4))
        lowest =
            static_cast<Lsn>(pick.between(static_cast<std::int64_t>(lowest), static_cast<std::int64_t>(log.end())));
      for (int n = 0; n < 20; ++n) {
        const auto row = static_cast<RowId>(pick.between(0, 99));
        const auto table = static_cast<TableId>(pick.between(0, 1));
        const auto from =
            static_cast<Lsn>(pick.between(static_cast<std::int64_t>(lowest), static_cast<std::int64_t>(log.end())));
        const auto shown = static_cast<Write>(pick.between(0, written[row * 2 + table]));
        std::optional<Time> expected;
        for (Lsn lsn = from; lsn < log.end() && !expected; ++lsn)
          if (log[lsn].table() == table && log[lsn].row == row && log[lsn].write > shown) expected = log[lsn].commit();
        const std::optional<Time> first = pending.first_after(log, lowest, from, table, row, shown);
        BOOST_REQUIRE((first == expected));
        found += first.has_value();
      }
    }
  }
  BOOST_TEST(found > 5'000U);
}

BOOST_AUTO_TEST_CASE(routing_keeps_who_read_where_since_when_and_by_whose_word) {
  Routing routing;
  routing.add(1, Time{0});
  routing.add(2, Time{0});
  routing.send(0, 2, Time{hour.ns}, "phase canary");
  routing.send(1, 2, Time{hour.ns}, "phase canary");  // it reads there already
  routing.send(0, 1, Time{day.ns}, "rollback");
  BOOST_REQUIRE(routing.history().size() == 4U);
  BOOST_TEST(routing.history()[2].by == "phase canary");
  BOOST_TEST(routing.history()[3].store == 1U);
  BOOST_TEST(routing.first_store(0) == 1U);
  BOOST_TEST(routing.store(0) == 1U);
  BOOST_TEST(routing.store(1) == 2U);
}

}  // namespace rehearse
