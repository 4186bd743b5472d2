// What holds in every world: cutting changes nothing, every change is somewhere exactly once, Little's law.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <set>
#include <tuple>

#include "tests/twins/small_world.h"

namespace rehearse::twins {
namespace {

constexpr std::uint64_t worlds = 300;

// Everything goes on and nothing is written any more: from the world's end on.
SmallWorld drained(SmallWorld world) {
  std::erase_if(world.controls, [&](const Control& c) { return c.at > world.end; });
  for (const auto kind : {Control::Kind::stop_writes, Control::Kind::connector_resume, Control::Kind::sink_resume})
    world.controls.push_back({world.end, kind, 0});
  world.controls.push_back({world.end, Control::Kind::speed, 1'000'000});
  world.end += day;
  return world;
}

BOOST_AUTO_TEST_CASE(cutting_an_advance_changes_no_digest) {
  for (std::uint64_t number = 1; number <= worlds; ++number) {
    const SmallWorld world = small_world(number);
    SmallLanes uncut(world);
    uncut.run(world.end, {});
    const std::vector<Time> events = uncut.event_times();
    for (const auto& cuts : {every_nth(events, 1), every_nth(events, 17), every_nth(events, 4096),
                             random_cuts(number, world.end, events), random_cuts(~number, world.end, events)}) {
      SmallLanes cut(world);
      cut.run(world.end, cuts);
      BOOST_REQUIRE_MESSAGE(cut.digest() == uncut.digest(), "world " << number << " with " << cuts.size() << " cuts");
    }
  }
}

BOOST_AUTO_TEST_CASE(same_world_twice_is_the_same) {
  SmallLanes a(small_world(1)), b(small_world(1)), other(small_world(2));
  for (SmallLanes* lanes : {&a, &b, &other}) lanes->run(lanes->world.end, {});
  BOOST_TEST((a.digest() == b.digest()));
  BOOST_TEST((a.digest() != other.digest()));
}

// A fork goes on as the original does.
BOOST_AUTO_TEST_CASE(copied_lanes_go_on_alone) {
  for (std::uint64_t number = 1; number <= worlds / 3; ++number) {
    const SmallWorld world = small_world(number);
    SmallLanes lanes(world);
    lanes.run(Time{7 * second.ns}, {});
    SmallLanes fork(lanes);
    lanes.run(world.end, {});
    const Digest128 went_on = lanes.digest();
    fork.run(world.end, {});
    BOOST_REQUIRE(fork.digest() == went_on);
    BOOST_REQUIRE(lanes.digest() == went_on);
  }
}

BOOST_AUTO_TEST_CASE(every_fetch_ends_in_exactly_one_place) {
  for (std::uint64_t number = 1; number <= worlds; ++number) {
    SmallLanes lanes(small_world(number));
    lanes.run(lanes.world.end, {});
    const SinkLane::Counts& c = lanes.lane.counts();
    const std::uint64_t settled = c.applied + c.applied_again + c.ignored + c.deduplicated + c.expired + c.dropped;
    BOOST_REQUIRE_MESSAGE(c.fetched == settled + c.abandoned + lanes.lane.under_way(), "world " << number);
    BOOST_REQUIRE_LE(c.abandoned, c.refetched);
  }
}

BOOST_AUTO_TEST_CASE(drained_world_has_written_or_lost_every_change) {
  for (std::uint64_t number = 1; number <= worlds; ++number) {
    SmallWorld world = drained(small_world(number));
    world.watched = true;
    SmallLanes lanes(world);
    lanes.run(world.end, {});
    BOOST_REQUIRE_MESSAGE(lanes.lane.idle(lanes.topic), "world " << number);
    BOOST_REQUIRE_EQUAL(lanes.lane.under_way(), 0U);
    BOOST_REQUIRE_EQUAL(lanes.connector.held(), 0U);
    BOOST_REQUIRE_EQUAL(lanes.connector.position(), lanes.source.end());
    BOOST_REQUIRE(lanes.lane.oldest_not_visible(lanes.source, lanes.topic, lanes.connector) == Time::never());
    std::set<std::tuple<TableId, RowId, Write>> ended;
    for (const Fact& fact : lanes.facts) ended.emplace(fact.table, fact.row, fact.record.write);
    for (Lsn lsn = 0; lsn < lanes.source.end(); ++lsn) {
      const LogRecord& change = lanes.source.log()[lsn];
      if (world.read[change.table()])
        BOOST_REQUIRE_MESSAGE(ended.count({change.table(), change.row, change.write}),
                              "world " << number << " LSN " << lsn);
    }
    const SinkLane::Counts& c = lanes.lane.counts();
    BOOST_REQUIRE_EQUAL(lanes.topic.appended, c.fetched - c.refetched);  // offsets, each once
  }
}

// At least once into an upsert, in order, with nothing lost: the store is the source.
BOOST_AUTO_TEST_CASE(lossless_world_ends_with_the_source_in_the_store) {
  std::uint64_t outages = 0;
  for (std::uint64_t number = 1; number <= worlds; ++number) {
    SmallWorld world = drained(small_world(number, {.losses = false}));
    world.tap = {};
    world.topic.partitioner = Partitioner::by_key;
    world.connector.initial_snapshot = true;
    world.sink.deletes = DeleteMode::hard;
    world.sink.write = number % 2 ? WriteMode::upsert : WriteMode::upsert_if_newer;
    SmallLanes lanes(world);
    lanes.run(world.end, {});
    outages += lanes.connector.counts().replayed + lanes.lane.counts().refetched;
    for (TableId t = 0; t < lanes.tables.size(); ++t)
      for (RowId row = 0; world.read[t] && row < lanes.source.rows(t).slots(); ++row) {
        const Cell there = lanes.tables[t].get(row), here = lanes.source.rows(t)[row];
        BOOST_REQUIRE_MESSAGE(there.same_content_as(here), "world " << number << " row " << row << ": write "
                                                                    << there.write << ", source " << here.write);
      }
  }
  BOOST_TEST(outages > 1000U);
}

BOOST_AUTO_TEST_CASE(littles_law_is_exact_while_nothing_is_lost) {
  for (std::uint64_t number = 1; number <= worlds; ++number) {
    const SmallWorld world = small_world(number, {.sink_crashes = false, .losses = false});
    SmallLanes lanes(world);
    for (Time at{second.ns}; at <= world.end; at += second * 3) {
      lanes.run(at, {});
      BOOST_REQUIRE_MESSAGE(lanes.lane.number_integral(lanes.topic, at) == lanes.lane.time_in_system(lanes.topic, at),
                            "world " << number << " at " << at.ns);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_interval_of_a_histogram_is_what_was_added_meanwhile) {
  LatencyHistogram total, seen;
  for (std::uint64_t n = 0; n < 200; ++n) {
    LatencyHistogram meanwhile;
    for (std::uint64_t i = 0; i <= n % 7; ++i) {
      const Duration latency{static_cast<std::int64_t>(bits(stream(n, "values"), i) >> (n % 60 + 1))};
      total.add(latency);
      meanwhile.add(latency);
    }
    const LatencyHistogram::Interval interval = total.since(seen);
    BOOST_REQUIRE_EQUAL(interval.count(), meanwhile.count());
    BOOST_REQUIRE_EQUAL(interval.mean_ns(), meanwhile.mean_ns());
    for (std::uint64_t ppm : {1U, 300'000U, 950'000U, 1'000'000U})
      BOOST_REQUIRE_EQUAL(interval.percentile(ppm).ns, meanwhile.percentile(ppm).ns);
    seen.catch_up_with(total);
    BOOST_REQUIRE_EQUAL(total.since(seen).count(), 0U);
  }
}

// Random durations of all sizes: (bits >> shift) is uniform over an octave and all those below it.
std::vector<std::int64_t> durations(std::uint64_t seed, std::size_t count, LatencyHistogram& histogram) {
  std::vector<std::int64_t> values;
  for (std::uint64_t i = 0; i < count; ++i) {
    values.push_back(static_cast<std::int64_t>(bits(stream(seed, "values"), i) >> (seed % 20 + 20)));
    histogram.add({values.back()});
  }
  std::sort(values.begin(), values.end());
  return values;
}

std::int64_t quantile(const std::vector<std::int64_t>& sorted, std::uint64_t ppm) {
  return sorted[std::max<std::size_t>(1, (sorted.size() * ppm + 999'999) / 1'000'000) - 1];
}

BOOST_AUTO_TEST_CASE(a_percentile_of_few_is_the_smallest_that_so_many_do_not_exceed) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    for (const std::size_t count : {1U, 2U, 7U, 500U, 1'024U}) {
      LatencyHistogram histogram;
      const std::vector<std::int64_t> sorted = durations(seed, count, histogram);
      for (const std::uint64_t ppm : {1U, 10'000U, 500'000U, 950'000U, 999'000U, 1'000'000U})
        BOOST_REQUIRE_EQUAL(histogram.percentile(ppm).ns, quantile(sorted, ppm));
    }
}

// Off by a cell, 1 part in 64, at most; on average by nothing: with 4,000 percentiles the mean of errors within a cell
// has a standard deviation of 1/64/sqrt(12)/sqrt(4,000) = 7e-5, and an upper edge would be off by 1/128 or so.
BOOST_AUTO_TEST_CASE(a_percentile_of_many_has_no_bias_of_its_cells) {
  double sum = 0, count = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    LatencyHistogram histogram;
    const std::vector<std::int64_t> sorted = durations(seed, 2'000 + seed, histogram);
    for (std::uint64_t ppm = 50'000; ppm < 1'000'000; ppm += 95'000) {
      const auto exact = static_cast<double>(quantile(sorted, ppm));
      const double off = static_cast<double>(histogram.percentile(ppm).ns) / exact - 1;
      BOOST_REQUIRE_LE(std::abs(off), 1.0 / 64);
      sum += off;
      ++count;
    }
  }
  BOOST_TEST(count == 4'000);
  BOOST_TEST(std::abs(sum / count) < 3e-4, sum / count);
}

}  // namespace
}  // namespace rehearse::twins
