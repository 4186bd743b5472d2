// The time from commit to first visible of the changes that became visible since the last run; replays do not count.
// A run in whose interval nothing became visible, or whose store is no stream's, has no data, nor has one at whose time
// the part that reports is paused or down: the next speaks of its interval too.
#include "harness/reconcile/catalogue.h"

namespace rehearse {
namespace {

class LatencyCheck : public Copied<LatencyCheck> {
 public:
  LatencyCheck(CheckDescription description, const scenario::Latency& options)
      : Copied(std::move(description)),
        percentile_ppm_(static_cast<std::uint64_t>(options.percentile_ppb()) / 1'000),
        from_(seen_from(options.seen_from())) {}

  Next begin(Context context) override {
    CheckRun& run = context.run;
    run.first_read = run.last_read = context.view.now();
    const LatencyHistogram* total = context.view.latency(description().trial);
    if (total == nullptr || !context.view.reports(description().trial, from_)) return std::nullopt;
    const LatencyHistogram::Interval interval = total->since(seen_);
    run.changes = interval.count();
    run.data = interval.count() > 0;
    if (!run.data) return std::nullopt;
    run.measured = interval.percentile(percentile_ppm_);
    run.mean = Duration{static_cast<std::int64_t>(interval.mean_ns())};
    seen_.catch_up_with(*total);
    return std::nullopt;
  }
  Next go_on(Context) override { return std::nullopt; }

 private:
  std::uint64_t percentile_ppm_;
  SeenFrom from_;
  LatencyHistogram seen_;
};

}  // namespace

std::unique_ptr<Check> make_latency(const scenario::Check& check, const ReadView& view, CheckDescription description) {
  describe(description, check.latency().observation(), view);
  return std::make_unique<LatencyCheck>(std::move(description), check.latency());
}

}  // namespace rehearse
