// The connector against its twin, wherever advances are cut: every record of the topic, its time and its note.
#include <fmt/format.h>

#include <boost/test/unit_test.hpp>

#include "tests/twins/connector_twin.h"
#include "tests/twins/small_world.h"

namespace rehearse::twins {
namespace {

constexpr std::uint64_t worlds = 1000;

std::vector<Connector::SnapshotRow> initial_rows(const SmallWorld& world) {
  std::vector<Connector::SnapshotRow> rows;
  if (!world.connector.initial_snapshot) return rows;
  for (TableId t = 0; t < world.tables.size(); ++t)
    for (RowId row = 0; world.read[t] && row < world.tables[t].rows; ++row) rows.push_back({row, 1, t, false});
  return rows;
}

// Says what differs, or nothing.
std::string difference(const SmallLanes& lanes, const ConnectorTwinResult& twin) {
  for (std::uint32_t p = 0; p < twin.partitions.size(); ++p) {
    const Partition& real = lanes.topic.partitions[p];
    for (std::size_t i = 0; i < std::max<std::size_t>(real.records.end(), twin.partitions[p].size()); ++i) {
      if (i >= real.records.end() || i >= twin.partitions[p].size())
        return fmt::format("partition {}: {} records, twin {}", p, real.records.end(), twin.partitions[p].size());
      const TopicRecord& a = real.records[i];
      const TwinTopicRecord& b = twin.partitions[p][i];
      if (a.packed != b.packed || a.append != b.append)
        return fmt::format("partition {} offset {}: position {} delivery {} at {}, twin {} {} at {}", p, i,
                           a.position(), a.delivery(), a.append.ns, b.packed >> 24, b.packed >> 20 & 15, b.append.ns);
      const auto note = real.notes.find(i);
      if ((note != real.notes.end()) != b.noted) return fmt::format("partition {} offset {}: noted", p, i);
      if (b.noted && (note->second.copy != b.note.copy || note->second.causes != b.note.causes))
        return fmt::format("partition {} offset {}: note", p, i);
    }
  }
  const Connector::Counts &a = lanes.connector.counts(), &b = twin.counts;
  if (a.read != b.read || a.snapshot != b.snapshot || a.replayed != b.replayed || a.copied != b.copied ||
      a.dropped != b.dropped)
    return fmt::format("counts: read {} {}, snapshot {} {}, replayed {} {}, copied {} {}, dropped {} {}", a.read,
                       b.read, a.snapshot, b.snapshot, a.replayed, b.replayed, a.copied, b.copied, a.dropped,
                       b.dropped);
  // Records of tables that it does not read may lie between; while it is down, how many is nobody's business.
  const auto next = [&](Lsn lsn) {
    while (lsn < lanes.source.end() && !lanes.connector.reads(lanes.source.log()[lsn].table())) ++lsn;
    return lsn;
  };
  if (next(lanes.connector.position()) != next(twin.position))
    return fmt::format("position {}, twin {}", lanes.connector.position(), twin.position);
  if (lanes.connector.held() != twin.held) return "held";
  std::size_t lost = 0;
  for (const Fact& fact : lanes.facts)
    if (fact.kind == Fact::Kind::lost && lost < twin.dropped.size() &&
        twin.dropped[lost] == std::pair{fact.at, fact.row})
      ++lost;
  return lost == twin.dropped.size() ? "" : "facts of dropped records";
}

BOOST_AUTO_TEST_CASE(topic_equals_its_twin_in_random_worlds_however_advances_are_cut) {
  Connector::Counts seen;
  for (std::uint64_t number = 1; number <= worlds; ++number) {
    const SmallWorld world = small_world(number, {.sink_crashes = false, .losses = false});
    SmallLanes uncut(world);
    uncut.run(world.end, {});
    const ConnectorTwinResult twin = connector_twin(uncut, initial_rows(world));
    const std::string differs = difference(uncut, twin);
    BOOST_REQUIRE_MESSAGE(differs.empty(), "world " << number << ": " << differs);
    const std::vector<Time> events = uncut.event_times();
    for (const auto& cuts : {every_nth(events, 17), random_cuts(number, world.end, events)}) {
      SmallLanes cut(world);
      cut.run(world.end, cuts);
      const std::string cut_differs = difference(cut, twin);
      BOOST_REQUIRE_MESSAGE(cut_differs.empty(), "world " << number << " cut: " << cut_differs);
    }
    seen.replayed += twin.counts.replayed;
    seen.copied += twin.counts.copied;
    seen.dropped += twin.counts.dropped;
    seen.snapshot += twin.counts.snapshot;
  }
  BOOST_TEST(seen.replayed > 1000U);  // the worlds are worth comparing
  BOOST_TEST(seen.copied > 1000U);
  BOOST_TEST(seen.dropped > 1000U);
  BOOST_TEST(seen.snapshot > 1000U);
}

// Every record of its tables is appended, held, dropped by a tap or not yet read, and each once but for replays.
BOOST_AUTO_TEST_CASE(connector_conserves_records) {
  for (std::uint64_t number = 1; number <= worlds; ++number) {
    const SmallWorld world = small_world(number);
    SmallLanes lanes(world);
    lanes.run(world.end, random_cuts(number, world.end, {}));
    const Connector::Counts& c = lanes.connector.counts();
    BOOST_REQUIRE_EQUAL(c.read + c.replayed + c.snapshot + c.copied,
                        lanes.topic.appended + lanes.connector.held() + c.dropped);
    std::uint64_t read = 0;
    const Lsn reached = std::max(lanes.connector.position(), lanes.connector.replays_until());
    for (Lsn lsn = 0; lsn < reached; ++lsn) read += world.read[lanes.source.log()[lsn].table()];
    BOOST_REQUIRE_EQUAL(c.read, read);
  }
}

}  // namespace
}  // namespace rehearse::twins
