// The synthetic workload against its twin, wherever advances are cut.
#include <boost/test/unit_test.hpp>

#include "tests/twins/small_world.h"
#include "tests/twins/synthetic_twin.h"

namespace rehearse::twins {
namespace {

constexpr std::uint64_t worlds = 400;

std::vector<LogRecord> log_of(const SmallLanes& lanes) {
  std::vector<LogRecord> log;
  for (Lsn lsn = 0; lsn < lanes.source.end(); ++lsn) log.push_back(lanes.source.log()[lsn]);
  return log;
}

// The first position at which they differ, or -1.
std::int64_t first_difference(const std::vector<LogRecord>& a, const std::vector<LogRecord>& b) {
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i)
    if (i >= a.size() || i >= b.size() || a[i].row != b[i].row || a[i].write != b[i].write ||
        a[i].packed != b[i].packed)
      return static_cast<std::int64_t>(i);
  return -1;
}

BOOST_AUTO_TEST_CASE(source_log_equals_its_twin_in_random_worlds) {
  std::size_t records = 0, with_burst = 0, with_long = 0;
  for (std::uint64_t number = 1; number <= worlds; ++number) {
    const SmallWorld world = small_world(number);
    SmallLanes lanes(world);
    lanes.run(world.end, {});
    const std::vector<LogRecord> log = log_of(lanes);
    const std::int64_t differs = first_difference(log, synthetic_twin(world));
    BOOST_REQUIRE_MESSAGE(differs < 0, "world " << number << ", log position " << differs);
    records += log.size();
    with_burst += !world.bursts.empty();
    with_long += world.tables[0].long_share_ppm > 0;
  }
  BOOST_TEST(records > 100 * worlds);  // the worlds are worth comparing
  BOOST_TEST(with_burst > worlds / 6);
  BOOST_TEST(with_long > worlds / 6);
}

// A burst that only updates, in a table that nothing but updates change.
BOOST_AUTO_TEST_CASE(burst_adds_changes_and_moves_no_other) {
  SmallWorld world = small_world(7, {.source = false});
  world.controls.clear();
  world.tables.resize(1);
  world.read.resize(1);
  world.tables[0].rows = 500;
  world.tables[0].inserts_ppm = 0;
  world.tables[0].updates_ppm = 1'000'000;
  world.tables[0].updates.zipf = 1;
  SmallLanes plain(world);
  plain.run(world.end, {});
  world.bursts.push_back({0, 2.0, Time{3 * second.ns}, Time{9 * second.ns}, Time::never()});
  world.controls.push_back({world.bursts[0].from, Control::Kind::burst, 0});
  SmallLanes burst(world);
  burst.run(world.end, {});
  BOOST_TEST(burst.source.end() > plain.source.end() + 10);
  std::size_t found = 0;  // every plain (row, commit) is there, in its order
  const auto with_burst = log_of(burst);
  for (const LogRecord& record : log_of(plain)) {
    while (found < with_burst.size() &&
           !(with_burst[found].row == record.row && with_burst[found].packed == record.packed))
      ++found;
    BOOST_REQUIRE_LT(found, with_burst.size());
  }
}

// Of this seed, one of the first draws of a kind of change is the highest of all 2^32.
BOOST_AUTO_TEST_CASE(a_share_of_all_is_always_and_a_share_of_nothing_never) {
  SmallWorld world = small_world(7, {.source = false});
  world.controls.clear();
  world.tables.resize(1);
  world.read.resize(1);
  world.seed = 936'771;
  SyntheticTableOptions& table = world.tables[0];
  table = {};
  table.rows = 100;
  table.calendar.peak_rate_nhz = 100'000'000'000;
  world.end = Time{} + minute * 2;
  for (const auto& [inserts, updates] : {std::pair{0U, 1'000'000U}, {1'000'000U, 0U}, {0U, 0U}}) {
    table.inserts_ppm = inserts;
    table.updates_ppm = updates;
    SmallLanes lanes(world);
    lanes.run(world.end, {});
    const std::vector<LogRecord> log = log_of(lanes);
    BOOST_TEST(log.size() >= 100U);
    const Op only = updates > 0 ? Op::update : inserts > 0 ? Op::insert : Op::remove;
    BOOST_TEST(std::count_if(log.begin(), log.end(), [&](const LogRecord& r) { return r.op() != only; }) == 0);
  }
}

}  // namespace
}  // namespace rehearse::twins
