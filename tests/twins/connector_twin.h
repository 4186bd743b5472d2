// The connector's naive twin: polls tick by tick, flushes tick by tick, appends one by one, from a priority queue.
//
// It reads the log that the real source left and is written from the connector's contract: a poll reads at most
// max_batch records that have committed; what was read is appended at once or, with a rate, one record_gap after the
// record before; a crash forgets what was not appended and rewinds to the last flush; held records are let go when they
// are due, whatever else happens at that instant.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "sim/pipelines/connector.h"
#include "tests/twins/small_world.h"

namespace rehearse::twins {

struct TwinTopicRecord {
  std::uint64_t packed;
  Time append;
  bool noted;
  RecordNote note;
};

struct ConnectorTwinResult {
  std::vector<std::vector<TwinTopicRecord>> partitions;
  std::vector<std::pair<Time, RowId>> dropped;  // by the tap
  Connector::Counts counts;
  Lsn position = 0;
  std::size_t held = 0;
};

// `lanes` has run to the world's end. Its source, marks and causes are used, not its topic.
ConnectorTwinResult connector_twin(SmallLanes& lanes, const std::vector<Connector::SnapshotRow>& snapshot);

}  // namespace rehearse::twins
