// The sink lane's naive twin: every fetch, service, flush and write as an event in a priority queue.
//
// It reads the topic that the real connector left and is written from the lane's contract. Records are kept whole and
// for ever, with a flag for everything that may happen to them; nothing is arithmetic that could be an event.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/pipelines/latency.h"
#include "sim/pipelines/sink_lane.h"
#include "tests/twins/small_world.h"

namespace rehearse::twins {

struct TwinWrite {
  Time at;
  TableId table;
  RowId row;
  Write write;
  Cell cell;  // of the store, afterwards
  std::uint32_t extra_copies;
  auto key() const { return std::tuple{at, table, row, write, cell.write, cell.mark, extra_copies}; }
};

struct SinkTwinResult {
  std::vector<std::vector<Cell>> cells;  // by table
  std::vector<std::vector<std::uint32_t>> extra_copies;
  std::vector<TwinWrite> writes;  // in order; of every record written, whether it changed its row or not
  std::vector<TwinWrite> losses;  // cell and extra copies unset
  LatencyHistogram latency;
  std::vector<std::vector<SinkLane::Span>> older_than;  // by age
  Duration worst_age;
  SinkLane::Counts counts;
  std::vector<Lsn> positions;  // by partition
  std::vector<std::uint64_t> next_unwritten;
  std::uint64_t under_way = 0;
  std::uint64_t snapshot_written = 0;
  Time oldest_not_visible = Time::never();  // among records in the topic
  Topic::Integral time_in_system = 0;       // of records that were written, or are not yet
};

// `lanes` has run to `until`; its topic is read, its lane is not.
SinkTwinResult sink_twin(const SmallLanes& lanes, Time until);

}  // namespace rehearse::twins
