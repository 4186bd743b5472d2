// The sink lane against its twin, wherever advances are cut: what it wrote and when, what it lost, and its metrics.
#include <fmt/format.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "tests/twins/sink_twin.h"
#include "tests/twins/small_world.h"

namespace rehearse::twins {
namespace {

constexpr std::uint64_t worlds = 3300;

std::string cell_difference(const SmallLanes& lanes, const SinkTwinResult& twin) {
  for (std::size_t t = 0; t < lanes.tables.size(); ++t)
    for (RowId row = 0; row < std::max<std::size_t>(lanes.tables[t].slots(), twin.cells[t].size()); ++row) {
      const Cell real = lanes.tables[t].get(row);
      const Cell other = row < twin.cells[t].size() ? twin.cells[t][row] : Cell{};
      const std::uint32_t extra = row < twin.extra_copies[t].size() ? twin.extra_copies[t][row] : 0;
      if (real.write != other.write || real.mark != other.mark || lanes.tables[t].extra_copies(row) != extra)
        return fmt::format("table {} row {}: write {} mark {}, twin {} {}", t, row, real.write, real.mark, other.write,
                           other.mark);
    }
  return "";
}

// Facts of one kind as the twin tells them; only of the sink.
// Where the connector says that a delivery under way again is another than it was to be, nothing is lost.
std::vector<TwinWrite> told(const SmallLanes& lanes, Fact::Kind kind) {
  std::vector<TwinWrite> writes;
  for (std::size_t i = 0; i < lanes.facts.size(); ++i) {
    const Fact& fact = lanes.facts[i];
    if (fact.kind != kind) continue;
    if (kind == Fact::Kind::lost && i + 1 < lanes.facts.size()) {
      const Fact& next = lanes.facts[i + 1];
      if (next.kind == Fact::Kind::owed_again && next.record.write == fact.record.write && next.row == fact.row &&
          next.at == fact.at && fact.copy)
        continue;
    }
    const bool lost = kind == Fact::Kind::lost;
    writes.push_back(
        {fact.at, fact.table, fact.row, fact.record.write, lost ? Cell{} : fact.cell, lost ? 0 : fact.extra_copies});
  }
  return writes;
}

std::string fact_difference(std::vector<TwinWrite> real, std::vector<TwinWrite> twin, bool ordered) {
  const auto by_key = [](const TwinWrite& a, const TwinWrite& b) { return a.key() < b.key(); };
  if (!ordered) {
    std::sort(real.begin(), real.end(), by_key);
    std::sort(twin.begin(), twin.end(), by_key);
  }
  for (std::size_t i = 0; i < std::max(real.size(), twin.size()); ++i) {
    if (i >= real.size() || i >= twin.size()) return fmt::format("{} facts, twin {}", real.size(), twin.size());
    const TwinWrite &a = real[i], &b = twin[i];
    if (a.key() != b.key())
      return fmt::format(
          "fact {}: at {} row {} write {} cell {}/{} extra {}, twin at {} row {} write {} cell {}/{} extra {}", i,
          a.at.ns, a.row, a.write, a.cell.write, a.cell.mark, a.extra_copies, b.at.ns, b.row, b.write, b.cell.write,
          b.cell.mark, b.extra_copies);
  }
  return "";
}

std::string counts_difference(const SinkLane::Counts& a, const SinkLane::Counts& b) {
  const auto text = [](const SinkLane::Counts& c) {
    return fmt::format(
        "fetched {} applied {} again {} ignored {} deduplicated {} expired {} dropped {} abandoned {} "
        "refetched {}",
        c.fetched, c.applied, c.applied_again, c.ignored, c.deduplicated, c.expired, c.dropped, c.abandoned,
        c.refetched);
  };
  return text(a) == text(b) ? "" : text(a) + "; twin " + text(b);
}

std::string metric_difference(const SmallLanes& lanes, const SinkTwinResult& twin) {
  const SinkLane& lane = lanes.lane;
  if (lane.latency().count() != twin.latency.count() || lane.latency().sum_ns() != twin.latency.sum_ns())
    return fmt::format("latency: {} of {} ns, twin {} of {} ns", lane.latency().count(), lane.latency().sum_ns(),
                       twin.latency.count(), twin.latency.sum_ns());
  for (std::uint64_t percent : {1, 50, 95, 100})
    if (twin.latency.count() > 0 &&
        lane.latency().percentile(percent * 10'000) != twin.latency.percentile(percent * 10'000))
      return fmt::format("latency at {} %", percent);
  for (std::uint32_t p = 0; p < twin.positions.size(); ++p) {
    if (lane.position(p) != twin.positions[p])
      return fmt::format("position of {}: {}, twin {}", p, lane.position(p), twin.positions[p]);
    if (lane.next_unwritten(p) != twin.next_unwritten[p])
      return fmt::format("next unwritten of {}: {}, twin {}", p, lane.next_unwritten(p), twin.next_unwritten[p]);
  }
  if (lane.under_way() != twin.under_way) return fmt::format("under way {}, twin {}", lane.under_way(), twin.under_way);
  if (twin.snapshot_written > 0 && !lane.snapshot_written(twin.snapshot_written)) return "snapshot written";
  if (lane.snapshot_written(twin.snapshot_written + 1)) return "snapshot written too early";
  if (lane.worst_age() != twin.worst_age)
    return fmt::format("worst age {} ns, twin {} ns", lane.worst_age().ns, twin.worst_age.ns);
  for (std::size_t age = 0; age < twin.older_than.size(); ++age) {
    const auto &told = lane.older_than(age), &right = twin.older_than[age];
    if (told.size() != right.size()) return fmt::format("{} stale spans, twin {}", told.size(), right.size());
    for (std::size_t i = 0; i < right.size(); ++i)
      if (told[i].from != right[i].from || told[i].until != right[i].until)
        return fmt::format("stale span {}: {} to {}, twin {} to {}", i, told[i].from.ns, told[i].until.ns,
                           right[i].from.ns, right[i].until.ns);
  }
  return "";
}

// The oldest change of which no first delivery is visible, of those that the topic does not hold: unread or held back.
Time oldest_upstream(const SmallLanes& lanes) {
  const Connector& connector = lanes.connector;
  if (!connector.snapshot_done()) return Time{0};
  Time oldest = Time::never();
  for (Lsn lsn = std::max(connector.position(), connector.replays_until()); lsn < lanes.source.end(); ++lsn)
    if (lanes.world.read[lanes.source.log()[lsn].table()]) oldest = std::min(oldest, lanes.source.log()[lsn].commit());
  for (const Connector::Held& held : connector.held_records())
    if (!held.note.copy) oldest = std::min(oldest, lanes.source.log()[held.record.position()].commit());
  return oldest;
}

std::string difference(const SmallLanes& lanes, const SinkTwinResult& twin) {
  std::string differs;
  if (lanes.world.watched) differs = fact_difference(told(lanes, Fact::Kind::written), twin.writes, true);
  if (differs.empty() && lanes.connector.counts().dropped == 0)
    differs = fact_difference(told(lanes, Fact::Kind::lost), twin.losses, false);
  if (differs.empty()) differs = cell_difference(lanes, twin);
  if (differs.empty()) differs = counts_difference(lanes.lane.counts(), twin.counts);
  if (differs.empty()) differs = metric_difference(lanes, twin);
  if (!differs.empty()) return differs;
  const Time oldest = lanes.lane.oldest_not_visible(lanes.source, lanes.topic, lanes.connector);
  const Time expected = std::min(oldest_upstream(lanes), twin.oldest_not_visible);
  return oldest == expected ? "" : fmt::format("oldest not visible {}, twin {}", oldest.ns, expected.ns);
}

void compare(std::uint64_t number, const SmallWorld& world, SinkLane::Counts& seen) {
  SmallLanes uncut(world);
  uncut.run(world.end, {});
  const SinkTwinResult twin = sink_twin(uncut, world.end);
  const std::string differs = difference(uncut, twin);
  BOOST_REQUIRE_MESSAGE(differs.empty(), "world " << number << ": " << differs);
  const std::vector<Time> events = uncut.event_times();
  for (const auto& cuts : {every_nth(events, 1), every_nth(events, 17), random_cuts(number, world.end, events)}) {
    SmallLanes cut(world);
    cut.run(world.end, cuts);
    const std::string cut_differs = difference(cut, twin);
    BOOST_REQUIRE_MESSAGE(cut_differs.empty(), "world " << number << " cut: " << cut_differs);
  }
  seen.applied += twin.counts.applied;
  seen.applied_again += twin.counts.applied_again;
  seen.ignored += twin.counts.ignored;
  seen.deduplicated += twin.counts.deduplicated;
  seen.expired += twin.counts.expired;
  seen.dropped += twin.counts.dropped;
  seen.refetched += twin.counts.refetched;
}

BOOST_AUTO_TEST_CASE(sink_equals_its_twin_in_random_worlds_however_advances_are_cut) {
  SinkLane::Counts seen;
  for (std::uint64_t number = 1; number <= worlds; ++number) compare(number, small_world(number), seen);
  for (const std::uint64_t count :
       {seen.applied, seen.applied_again, seen.ignored, seen.deduplicated, seen.expired, seen.dropped, seen.refetched})
    BOOST_TEST(count > 1000U);  // the worlds are worth comparing
}

// Half way through a world, with everything under way.
BOOST_AUTO_TEST_CASE(sink_equals_its_twin_at_any_instant) {
  for (std::uint64_t number = 1; number <= worlds; ++number) {
    const SmallWorld world = small_world(number);
    SmallLanes lanes(world);
    const Time at{static_cast<std::int64_t>(number * 1'000'000'007 % static_cast<std::uint64_t>(world.end.ns))};
    lanes.run(at, {});
    const std::string differs = difference(lanes, sink_twin(lanes, at));
    BOOST_REQUIRE_MESSAGE(differs.empty(), "world " << number << " at " << at.ns << ": " << differs);
  }
}

}  // namespace
}  // namespace rehearse::twins
