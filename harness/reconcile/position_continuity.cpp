// Gaps in a stream's own counters: changes that the connector read and never put into the topic, and offsets that the
// members passed without writing them (taken by retention, or committed before a crash).
//
// A gap names no rows: all that went missing since the last run is one claim about everything that the store holds, of
// as many discrepancies as records. A run speaks of the time since the run before. Blind to records that arrive wrong,
// twice or late. Left out: gaps inside the source's log.
#include "harness/reconcile/catalogue.h"

namespace rehearse {
namespace {

class PositionContinuityCheck : public Copied<PositionContinuityCheck> {
 public:
  using Copied::Copied;
  Next begin(Context context) override {
    CheckRun& run = context.run;
    run.first_read = looked_;
    run.last_read = looked_ = context.view.now();
    const std::optional<StreamCounters> counters = context.view.counters(description().trial);
    run.data = counters.has_value();
    if (!counters) return std::nullopt;
    const std::uint64_t gap = counters->read - counters->forwarded + (counters->passed - counters->settled);
    run.rows_compared = counters->passed - passed_;
    if (gap > gap_)
      run.claim({.table = description().tables.front(), .kind = scenario::MISSING, .about = Claim::About::everything},
                gap - gap_);
    gap_ = gap;
    passed_ = counters->passed;
    return std::nullopt;
  }
  Next go_on(Context) override { return std::nullopt; }

 private:
  Time looked_;
  std::uint64_t gap_ = 0, passed_ = 0;
};

}  // namespace

std::unique_ptr<Check> make_position_continuity(const scenario::Check& check, const ReadView& view,
                                                CheckDescription description) {
  describe(description, check.position_continuity().observation(), view);
  description.tables = tables_of({}, {description.trial}, view);
  return std::make_unique<PositionContinuityCheck>(std::move(description));
}

}  // namespace rehearse
