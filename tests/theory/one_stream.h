// One table, one stream: Poisson updates, a continuous connector, and whatever sink a formula needs.
//
// Nothing but the sink takes time: a change is in the topic at its commit. Logs are forgotten as they are read.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "sim/pipelines/connector.h"
#include "sim/pipelines/sink_lane.h"
#include "sim/pipelines/topic.h"
#include "sim/source/source.h"

namespace rehearse::theory {

struct OneStreamOptions {
  std::uint64_t seed = 1;
  RowId rows = 1000;
  bool snapshot = false;       // all rows are in the topic at time 0
  std::uint64_t rate_nhz = 0;  // of updates, per 10^9 s
  TopicOptions topic;
  SinkOptions sink;
};

// A sink in which only the workers' service takes time.
inline SinkOptions only_service(Sampler service_time) {
  SinkOptions sink;
  sink.service_time = service_time;
  sink.buffer = 1'000'000;
  sink.flush_every = {};
  return sink;
}

class OneStream {
 public:
  explicit OneStream(const OneStreamOptions& o)
      : source(source_options(o), Content{}, marks),
        topic(o.topic),
        connector(connector_options(o), {true}),
        tables(1),
        lane(o.sink, o.seed, "cdc", 1, SinkDefects{}, o.topic.partitions) {
    connector.take_initial_snapshot(source);
  }
  SinkLane::Context context() { return {source, connector, topic, tables, facts, marks, causes, content}; }
  void advance(Time to) {
    constexpr Duration step = second * 20;
    while (now < to) {
      now = std::min(to, now + step);
      source.advance(now);
      connector.advance(now, {source, topic, facts, marks, causes, 1, tables});
      lane.advance(now, context());
      facts.clear();
      forget();
    }
  }

  MarkTable marks;
  CauseTable causes;
  Content content;
  Source source;
  Topic topic;
  Connector connector;
  std::vector<TableCopy> tables;
  Facts facts;
  SinkLane lane;
  Time now;

 private:
  static SourceOptions source_options(const OneStreamOptions& o) {
    SourceOptions options;
    options.seed = o.seed;
    SourceTableOptions table;
    table.schema.versions.push_back({});
    table.rows = o.rows;
    options.tables.push_back(std::move(table));
    SyntheticTableOptions workload;
    workload.rows = o.rows;
    workload.calendar.peak_rate_nhz = o.rate_nhz;
    options.workload.push_back(workload);
    return options;
  }
  static ConnectorOptions connector_options(const OneStreamOptions& o) {
    ConnectorOptions options;
    options.continuous = true;
    options.initial_snapshot = o.snapshot;
    return options;
  }
  void forget() {
    Lsn needed = connector.position();
    for (std::uint32_t p = 0; p < topic.options.partitions; ++p) {
      auto& records = topic.partitions[p].records;
      const std::uint64_t next = lane.next_unwritten(p);
      records.forget_before(next);
      if (next < records.end() && !records[next].snapshot()) needed = std::min(needed, records[next].position());
    }
    source.forget_log_before(needed);
  }
};

// Mean and 99 % half-width of independent runs (Student's t, 29 degrees of freedom: 30 runs).
inline constexpr std::uint64_t runs = 30;
struct Interval {
  double mean, half_width;
};
inline Interval interval(const std::vector<double>& samples) {
  constexpr double t_29 = 2.756;
  double mean = 0, squares = 0;
  for (double x : samples) mean += x / static_cast<double>(samples.size());
  for (double x : samples) squares += (x - mean) * (x - mean);
  const double variance = squares / static_cast<double>(samples.size() - 1);
  return {mean, t_29 * std::sqrt(variance / static_cast<double>(samples.size()))};
}

}  // namespace rehearse::theory
