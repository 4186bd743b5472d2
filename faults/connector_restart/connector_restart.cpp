// A part of a streaming pipeline crashes, stays down for a while, and resumes from its last flushed offsets.
//
// The source connector reads again what it had not flushed; the sink side drops what is under way and fetches again
// from its committed offsets (at least once) or loses it (at most once). Left out: slow starts, failing restarts.
#include "faults/connector_restart/connector_restart.h"

#include <algorithm>
#include <vector>

#include "faults/connector_restart/connector_restart.pb.h"

namespace rehearse {

const std::string_view connector_restart_causes =
    "duplicates (append sinks), lost rows (at most once), staleness while down";
const std::string_view connector_restart_text =
    "The source connector, or the processor and sink, crashes and stays down for `down_for`. It then resumes from its "
    "last flushed offsets: what came after them is delivered again, or, with delivery at most once, is lost.";

namespace {

class ConnectorRestart : public CopiedFault<ConnectorRestart> {
 public:
  explicit ConnectorRestart(const faults::ConnectorRestart& p)
      : pipeline_(p.pipeline()), sink_(p.part() == faults::ConnectorRestart::SINK), down_for_{p.down_for_ns()} {}

  std::optional<Duration> strike(const Strike& s) override {
    const std::uint64_t came_again = comes_again(s.world);
    s.world.crash(part(s.world), owner(s), "fault " + s.name, s.cause);
    if (down_++ == 0) first_down_ = s.number;
    crashes_.push_back({s.world.now(), first_down_, comes_again(s.world) > came_again});
    return down_for_;
  }
  void end(const Strike& s) override {
    Crash& crash = crashes_[first_down_];
    crash.hit |= stopped_work(s.world);
    crash.held_up |= holds_the_oldest(s.world);
    --down_;
    s.world.release(part(s.world), owner(s));
  }
  std::uint64_t hits(const World& world, std::uint32_t, std::uint64_t strike) const override {
    return crashes_[strike].at < world.now() && (crashes_[strike].hit || (is_down_by(strike) && stopped_work(world)));
  }
  bool held_up(const World& world, std::uint32_t fault, std::uint64_t strike) const override {
    const std::uint64_t first = crashes_[strike].first;
    return hits(world, fault, first) > 0 && (crashes_[first].held_up || (is_down_by(first) && holds_the_oldest(world)));
  }

 private:
  Part part(const World& world) const {
    return {sink_ ? Part::Kind::members : Part::Kind::connector, *find_stream(world, pipeline_)};
  }
  static HoldOwner owner(const Strike& s) { return {HoldOwner::Who::fault, s.fault, s.number}; }
  // Of strikes that overlap, the first: they are one crash.
  bool is_down_by(std::uint64_t strike) const { return down_ > 0 && strike == first_down_; }
  // The oldest change that is not visible waits for the part, and not further down or up the stream.
  bool holds_the_oldest(const World& world) const {
    const StreamPipeline& stream = world.streams[*find_stream(world, pipeline_)];
    const bool past_the_connector = stream.lane.in_topic(stream.topic) > 0;
    return sink_ == past_the_connector;
  }
  // It has been down for some time, and there is what the part would have gone on with.
  bool stopped_work(const World& world) const {
    if (crashes_[first_down_].at == world.now()) return false;
    const StreamPipeline& stream = world.streams[*find_stream(world, pipeline_)];
    const Connector& connector = stream.connector;
    return sink_ ? stream.lane.in_topic(stream.topic) > 0
                 : !connector.snapshot_done() || connector.oldest_unread(world.source) < Time::never();
  }
  // Records that were read or fetched before and are to be once more, or are lost.
  std::uint64_t comes_again(const World& world) const {
    const StreamPipeline& stream = world.streams[*find_stream(world, pipeline_)];
    const SinkLane::Counts& counts = stream.lane.counts();
    const Lsn replays = std::max(stream.connector.replays_until(), stream.connector.position());
    return replays - stream.connector.position() + counts.dropped + counts.abandoned + counts.refetched;
  }
  std::string pipeline_;
  bool sink_;
  Duration down_for_;
  struct Crash {
    Time at;
    std::uint64_t first = 0;  // of the strikes that overlap, by number
    bool hit = false;         // it threw away or rewound some of the work, or stopped some
    bool held_up = false;     // the oldest change waited for the part when it came up again
  };
  std::vector<Crash> crashes_;    // by strike
  std::uint32_t down_ = 0;        // strikes under way
  std::uint64_t first_down_ = 0;  // the first of them
};

}  // namespace

std::unique_ptr<Fault> make_connector_restart(const google::protobuf::Message& parameters, std::uint64_t,
                                              const std::string&) {
  return std::make_unique<ConnectorRestart>(static_cast<const faults::ConnectorRestart&>(parameters));
}

}  // namespace rehearse
