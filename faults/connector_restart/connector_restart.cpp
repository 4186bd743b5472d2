// A part of a streaming pipeline crashes, stays down for a while, and resumes from its last flushed offsets.
//
// The source connector reads again what it had not flushed; the sink side drops what is under way and fetches again
// from its committed offsets (at least once) or loses it (at most once). Left out: slow starts, failing restarts.
#include "faults/connector_restart/connector_restart.h"

#include <algorithm>

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
    mattered_ |= work_waits(s.world);
    s.world.crash(part(s.world), owner(s), "fault " + s.name, s.cause);
    mattered_ |= comes_again(s.world) > came_again;
    ++crashes_;
    return down_for_;
  }
  void end(const Strike& s) override {
    mattered_ |= work_waits(s.world);
    s.world.release(part(s.world), owner(s));
  }
  std::uint64_t hits(const World&, std::uint32_t) const override { return crashes_; }
  bool mattered(const World& world, std::uint32_t) const override {
    return mattered_ || (crashes_ > 0 && world.holds.held(part(world)) && work_waits(world));
  }

 private:
  Part part(const World& world) const {
    return {sink_ ? Part::Kind::members : Part::Kind::connector, *find_stream(world, pipeline_)};
  }
  static HoldOwner owner(const Strike& s) { return {HoldOwner::Who::fault, s.fault, s.number}; }
  // Some change is committed and not visible yet.
  bool work_waits(const World& world) const {
    const StreamPipeline& stream = world.streams[*find_stream(world, pipeline_)];
    return stream.lane.not_visible(world.source, stream.topic, stream.connector) > 0;
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
  std::uint64_t crashes_ = 0;
  bool mattered_ = false;
};

}  // namespace

std::unique_ptr<Fault> make_connector_restart(const google::protobuf::Message& parameters, std::uint64_t,
                                              const std::string&) {
  return std::make_unique<ConnectorRestart>(static_cast<const faults::ConnectorRestart&>(parameters));
}

}  // namespace rehearse
