// A tap whose fates are a pure function of the record: it drops, delays, duplicates and alters some of them.
#pragma once

#include <memory>
#include <span>

#include "sim/kernel/draw.h"
#include "sim/pipelines/tap.h"

namespace rehearse::twins {

struct TapPlan {
  std::uint64_t seed = 0;
  std::uint32_t drop_ppm = 0, delay_ppm = 0, copy_ppm = 0, alter_ppm = 0;
  Duration delay_step = millisecond * 100;  // delays are 0 … 20 steps, so that ties happen
  CauseSet causes = 0;
};

inline Fate fate_of(const TapPlan& plan, const TapRecord& record, Fate fate, MarkTable& marks, CauseTable& causes) {
  const auto draw = [&](const char* what) { return bits(stream(plan.seed, what), record.lsn << 8 | record.delivery); };
  const auto hits = [&](const char* what, std::uint32_t ppm) { return chance(ppm, 1'000'000).hit(draw(what)); };
  if (hits("drop", plan.drop_ppm)) fate.drop = true;
  if (hits("delay", plan.delay_ppm))
    fate.delayed_by = plan.delay_step * static_cast<std::int64_t>(below(draw("delayed by"), 21));
  if (hits("copy", plan.copy_ppm))
    fate.copied_after = plan.delay_step * static_cast<std::int64_t>(below(draw("copied after"), 21));
  if (fate.mark != absent && hits("alter", plan.alter_ppm))
    fate.mark = marks.altered(fate.mark, {0, AlterationKind::null, plan.causes, 0}, causes);
  if (fate.drop || fate.delayed_by || fate.mark != record.mark) fate.causes = plan.causes;
  if (fate.copied_after) fate.copy_causes = plan.causes;
  return fate;
}

class RandomTap : public Tap {
 public:
  explicit RandomTap(const TapPlan& plan) : plan_(plan) {}
  std::unique_ptr<Tap> clone() const override { return std::make_unique<RandomTap>(*this); }
  void decide(std::span<const TapRecord> records, std::span<Fate> fates, TapContext& context) override {
    for (std::size_t i = 0; i < records.size(); ++i) {
      fates[i] = fate_of(plan_, records[i], fates[i], context.marks, context.causes);
      hits_ += fates[i].causes != 0;
    }
  }
  std::uint64_t hits() const override { return hits_; }

 private:
  TapPlan plan_;
  std::uint64_t hits_ = 0;
};

}  // namespace rehearse::twins
