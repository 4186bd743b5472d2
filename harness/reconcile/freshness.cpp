// The age of the oldest change that is not visible yet; of a batch store, the age of its last extract.
// Connector and sink see a part of a stream's way. A store whose initial snapshot is still being written has no data,
// nor has a monitor whose part is paused or down.
#include "harness/reconcile/catalogue.h"

namespace rehearse {
namespace {

class FreshnessCheck : public Copied<FreshnessCheck> {
 public:
  FreshnessCheck(CheckDescription description, const scenario::Freshness& options)
      : Copied(std::move(description)), from_(seen_from(options.seen_from())) {}
  Next begin(Context context) override {
    CheckRun& run = context.run;
    run.first_read = run.last_read = context.view.now();
    run.data = context.view.ready(description().trial) && context.view.reports(description().trial, from_);
    if (run.data) run.measured = context.view.freshness(description().trial, from_);
    return std::nullopt;
  }
  Next go_on(Context) override { return std::nullopt; }

 private:
  SeenFrom from_;
};

}  // namespace

std::unique_ptr<Check> make_freshness(const scenario::Check& check, const ReadView& view,
                                      CheckDescription description) {
  describe(description, check.freshness().observation(), view);
  return std::make_unique<FreshnessCheck>(std::move(description), check.freshness());
}

}  // namespace rehearse
