// Some deletes are held back and reach the sink later than younger changes of the same row, which they then undo.
//
// It bites where a key comes back after its delete: the late delete then removes the row that is there again. A delete
// of a key that stays away only arrives late. Left out: deletes that overtake.
#include "faults/out_of_order_deletes/out_of_order_deletes.h"

#include "faults/out_of_order_deletes/out_of_order_deletes.pb.h"

namespace rehearse {

const std::string_view out_of_order_deletes_causes = "missing rows, rows that are there for too long";
const std::string_view out_of_order_deletes_text =
    "While it lasts, a share of the deletes is held back for `delay`. A key that was inserted again in the meantime is "
    "then removed by its old delete, unless the sink writes only what is newer.";

namespace {

class DelayingTap : public Tap {
 public:
  DelayingTap(Stream stream, Chance share, Sampler delay, CauseSet cause, std::vector<bool> read)
      : stream_(stream), share_(share), delay_(std::move(delay)), cause_(cause), read_(std::move(read)) {}
  std::unique_ptr<Tap> clone() const override { return std::make_unique<DelayingTap>(*this); }
  void decide(std::span<const TapRecord> records, std::span<Fate> fates, TapContext& context) override {
    for (std::size_t i = 0; i < records.size(); ++i) {
      const TapRecord& record = records[i];
      if (record.op != Op::remove || fates[i].drop || !share_.hit(bits(stream_, record.lsn, record.delivery))) continue;
      const Duration delay = delay_(bits(stream_, record.lsn, record.delivery + 16));
      fates[i].delayed_by = std::max(fates[i].delayed_by.value_or(Duration{}), delay);
      fates[i].causes = context.causes.unite(fates[i].causes, cause_);
      hits_ += delay > Duration{} && read_[record.table];
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

class OutOfOrderDeletes : public CopiedFault<OutOfOrderDeletes> {
 public:
  OutOfOrderDeletes(const faults::OutOfOrderDeletes& p, Stream stream)
      : taps_(p.pipeline()),
        stream_(stream),
        share_(chance(static_cast<std::uint64_t>(p.share_ppb()), 1'000'000'000)),
        delay_(sampler(p.delay())),
        for_{p.for_ns()} {}

  std::optional<Duration> strike(const Strike& s) override {
    taps_.insert(s, [&] {
      return std::make_unique<DelayingTap>(stream_, share_, delay_, s.cause, tables_that_datasets_read(s.world));
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

std::unique_ptr<Fault> make_out_of_order_deletes(const google::protobuf::Message& parameters, std::uint64_t seed,
                                                 const std::string& name) {
  return std::make_unique<OutOfOrderDeletes>(static_cast<const faults::OutOfOrderDeletes&>(parameters),
                                             stream(seed, "fault." + name));
}

}  // namespace rehearse
