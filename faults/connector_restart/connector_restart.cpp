// A part of a streaming pipeline crashes, stays down for a while, and resumes from its last flushed offsets.
//
// The source connector reads again what it had not flushed; the sink side drops what is under way and fetches again
// from its committed offsets (at least once) or loses it (at most once). Left out: slow starts, failing restarts.
#include "faults/connector_restart/connector_restart.h"

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
    const PipelineId stream = *find_stream(s.world, pipeline_);
    sink_ ? s.world.crash_sink(stream, s.cause) : s.world.crash_connector(stream, s.cause);
    ++crashes_;
    return down_for_;
  }
  void end(const Strike& s) override {
    const PipelineId stream = *find_stream(s.world, pipeline_);
    sink_ ? s.world.resume_sink(stream) : s.world.resume_connector(stream);
  }
  std::uint64_t hits(const World&, std::uint32_t) const override { return crashes_; }

 private:
  std::string pipeline_;
  bool sink_;
  Duration down_for_;
  std::uint64_t crashes_ = 0;
};

}  // namespace

std::unique_ptr<Fault> make_connector_restart(const google::protobuf::Message& parameters, std::uint64_t,
                                              const std::string&) {
  return std::make_unique<ConnectorRestart>(static_cast<const faults::ConnectorRestart&>(parameters));
}

}  // namespace rehearse
