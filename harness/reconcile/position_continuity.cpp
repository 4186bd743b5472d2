// Gaps in a stream's own counters: changes that the connector read and never put into the topic, and offsets that
// retention took before the members had fetched them.
//
// A gap names no rows: all that went missing since the last run is one claim about everything that the store holds, of
// as many discrepancies as records. A run speaks of the time since the last one with data: while the connector, whose
// counters these are, is paused or down there is none. Blind to records that arrive wrong, twice or late, and to what a
// crash of the members throws away, whose offsets were committed like any other's. Left out: gaps inside the source's
// log.
#include "harness/reconcile/catalogue.h"

namespace rehearse {
namespace {

class PositionContinuityCheck : public Copied<PositionContinuityCheck> {
 public:
  using Copied::Copied;
  Next begin(Context context) override {
    CheckRun& run = context.run;
    run.first_read = looked_;
    run.last_read = context.view.now();
    const std::optional<StreamCounters> counters = context.view.counters(description().trial);
    run.data = counters.has_value();
    if (!counters) return std::nullopt;
    looked_ = run.last_read;
    const std::uint64_t gap = counters->read - counters->forwarded + counters->expired;
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
