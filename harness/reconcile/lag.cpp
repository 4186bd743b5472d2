// How many changes are committed at the source and not visible in a stream's store, or on the part of that way that
// connector or sink see. A store whose initial snapshot is still being written has no data, nor has a monitor whose
// part is paused or down.
#include "harness/reconcile/catalogue.h"

namespace rehearse {
namespace {

class LagCheck : public Copied<LagCheck> {
 public:
  LagCheck(CheckDescription description, const scenario::Lag& options)
      : Copied(std::move(description)), from_(seen_from(options.seen_from())) {}
  Next begin(Context context) override {
    CheckRun& run = context.run;
    run.first_read = run.last_read = context.view.now();
    run.data = context.view.ready(description().trial) && context.view.reports(description().trial, from_);
    if (run.data) run.measured = context.view.lag_records(description().trial, from_);
    return std::nullopt;
  }
  Next go_on(Context) override { return std::nullopt; }

 private:
  SeenFrom from_;
};

}  // namespace

std::unique_ptr<Check> make_lag(const scenario::Check& check, const ReadView& view, CheckDescription description) {
  describe(description, check.lag().observation(), view);
  return std::make_unique<LagCheck>(std::move(description), check.lag());
}

}  // namespace rehearse
