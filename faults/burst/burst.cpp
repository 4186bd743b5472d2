// A table changes many times faster for a while: a superposed arrival stream with ids of its own, so that the changes
// that would have come anyway stay as they were. Strikes that overlap add up, each with transactions of its own; none
// multiplies what another brings. Left out: bursts of captured sources.
#include "faults/burst/burst.h"

#include "faults/burst/burst.pb.h"

namespace rehearse {

const std::string_view burst_causes = "lag and staleness; losses where retention or buffers are too small";
const std::string_view burst_text =
    "For `for`, the table changes at `factor` times its calendar's rate. The extra transactions are a stream of their "
    "own.";

namespace {

class Burst : public CopiedFault<Burst> {
 public:
  explicit Burst(const faults::Burst& p)
      : table_(p.table()), extra_(static_cast<double>(p.factor_ppb()) / 1e9 - 1), for_{p.for_ns()} {}

  std::optional<Duration> strike(const Strike& s) override {
    const std::string name = s.name + "." + std::to_string(s.number);
    const Time now = s.world.now();
    arrivals_.push_back(
        s.world.source.synthetic()->add_burst(*find_table(s.world, table_), name, extra_, now, now + for_));
    return for_;
  }
  void end(const Strike& s) override { s.world.source.synthetic()->end_burst(arrivals_[s.number], s.world.now()); }
  std::uint64_t hits(const World& world, std::uint32_t, std::uint64_t strike) const override {
    if (!a_dataset_reads(world, *find_table(world, table_))) return 0;
    return world.source.synthetic()->transactions_of(arrivals_[strike]);
  }

 private:
  std::string table_;
  double extra_;
  Duration for_;
  std::vector<std::size_t> arrivals_;  // by strike
};

}  // namespace

std::unique_ptr<Fault> make_burst(const google::protobuf::Message& parameters, std::uint64_t, const std::string&) {
  return std::make_unique<Burst>(static_cast<const faults::Burst&>(parameters));
}

}  // namespace rehearse
