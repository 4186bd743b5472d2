// A small random world of one source and one stream, and the lanes that the twins are compared with.
//
// A world is options and controls (crashes, restarts, speeds, taps, bursts) at fixed instants. SmallLanes runs the real
// lanes over it, with advances cut wherever the caller likes. Options are drawn swarm style: each feature is off
// altogether in many worlds. Instants are often multiples of a few milliseconds, so that ties are common.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/pipelines/connector.h"
#include "sim/pipelines/sink_lane.h"
#include "sim/pipelines/topic.h"
#include "sim/source/source.h"
#include "tests/twins/random_tap.h"

namespace rehearse::twins {

struct Burst {
  TableId table = 0;
  double extra = 1;
  Time from, until, ended;  // ended: by hand; never if it is left alone
  std::string name() const { return std::to_string(from.ns); }
};

struct Control {
  enum class Kind : std::uint8_t {
    connector_crash,
    connector_resume,
    sink_crash,
    sink_resume,
    speed,
    tap_in,
    tap_out,
    burst,
    end_burst,
    stop_writes
  };
  Time at;
  Kind kind = Kind::speed;
  std::uint32_t value = 0;  // speed in parts per million; index of the burst
};

struct SmallWorld {
  std::uint64_t seed = 0;
  Time end;
  std::vector<SyntheticTableOptions> tables;
  std::vector<bool> read;  // by the pipeline
  std::vector<Burst> bursts;
  ConnectorOptions connector;
  TopicOptions topic;
  SinkOptions sink;
  TapPlan tap;
  bool watched = true;            // every row, so that every write leaves a fact
  std::vector<Control> controls;  // in time order
};

// What may be on in a world at all.
struct Features {
  bool source = true;     // long transactions, bursts, calendars
  bool connector = true;  // crashes and taps
  bool sink_crashes = true;
  bool losses = true;  // at most once, expiry
};
SmallWorld small_world(std::uint64_t number, const Features& features = {});

class SmallLanes {
 public:
  explicit SmallLanes(const SmallWorld& world);
  // Advances to `to`, with cuts at every one of `cuts` (sorted) and at controls, which it carries out.
  void run(Time to, const std::vector<Time>& cuts);
  Connector::Context connector_context();
  SinkLane::Context sink_context() { return {source, connector, topic, tables, facts, marks, causes, content}; }
  std::vector<Time> event_times() const;  // of commits, appends and facts, sorted, each once
  Digest128 digest() const;               // of log, topic, store, lane and metrics

  SmallWorld world;
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
  std::vector<std::vector<std::uint64_t>> topic_ends;  // by control that has come: of each partition, just before it

 private:
  void advance(Time to);
  void carry_out(const Control& control);
  std::size_t next_control_ = 0;
  std::vector<std::size_t> burst_arrivals_;
};

inline constexpr StoreId small_store = 1;
inline constexpr CauseSet no_causes = 0;

// Every n-th of the times.
std::vector<Time> every_nth(const std::vector<Time>& times, std::size_t n);
std::vector<Time> random_cuts(std::uint64_t seed, Time end, const std::vector<Time>& event_times);

}  // namespace rehearse::twins
