// Some records reach the topic a second time, at once or after a delay, as after a producer's retry.
//
// The copy is the record as it was, appended again to its partition. Left out: copies of copies.
#include "faults/duplicate_delivery/duplicate_delivery.h"

#include "faults/duplicate_delivery/duplicate_delivery.pb.h"

namespace rehearse {

const std::string_view duplicate_delivery_causes =
    "duplicates (append sinks), older values on top of newer ones (upserts by arrival)";
const std::string_view duplicate_delivery_text =
    "While it lasts, a share of the records is delivered twice; the second copy comes `delay` after the first. An "
    "idempotent sink is unharmed, unless a younger change of the row arrives in between.";

namespace {

class CopyingTap : public Tap {
 public:
  CopyingTap(Stream stream, Chance share, Sampler delay, CauseSet cause, std::vector<bool> read)
      : stream_(stream), share_(share), delay_(std::move(delay)), cause_(cause), read_(std::move(read)) {}
  std::unique_ptr<Tap> clone() const override { return std::make_unique<CopyingTap>(*this); }
  void decide(std::span<const TapRecord> records, std::span<Fate> fates, TapContext& context) override {
    for (std::size_t i = 0; i < records.size(); ++i) {
      if (fates[i].drop || !share_.hit(bits(stream_, records[i].lsn, records[i].delivery))) continue;
      fates[i].copied_after = delay_(bits(stream_, records[i].lsn, records[i].delivery + 16));
      fates[i].copy_causes = context.causes.unite(fates[i].copy_causes, cause_);
      hits_ += read_[records[i].table];
    }
  }
  std::uint64_t hits() const override { return hits_; }

 private:
  Stream stream_;
  Chance share_;
  Sampler delay_;
  CauseSet cause_;
  std::vector<bool> read_;  // by table: some dataset does
  std::uint64_t hits_ = 0;
};

class DuplicateDelivery : public CopiedFault<DuplicateDelivery> {
 public:
  DuplicateDelivery(const faults::DuplicateDelivery& p, Stream stream)
      : taps_(p.pipeline()),
        stream_(stream),
        share_(chance(static_cast<std::uint64_t>(p.share_ppb()), 1'000'000'000)),
        delay_(p.has_delay() ? sampler(p.delay()) : Sampler::constant({})),
        for_{p.for_ns()} {}

  std::optional<Duration> strike(const Strike& s) override {
    taps_.insert(s, [&] {
      return std::make_unique<CopyingTap>(stream_, share_, delay_, s.cause, tables_that_datasets_read(s.world));
    });
    return for_;
  }
  void end(const Strike& s) override { taps_.remove(s); }
  std::uint64_t hits(const World& world, std::uint32_t fault, std::uint64_t strike) const override {
    return taps_.hits(world, fault, strike);
  }

 private:
  PipelineTaps taps_;
  Stream stream_;
  Chance share_;
  Sampler delay_;
  Duration for_;
};

}  // namespace

std::unique_ptr<Fault> make_duplicate_delivery(const google::protobuf::Message& parameters, std::uint64_t seed,
                                               const std::string& name) {
  return std::make_unique<DuplicateDelivery>(static_cast<const faults::DuplicateDelivery&>(parameters),
                                             stream(seed, "fault." + name));
}

}  // namespace rehearse
