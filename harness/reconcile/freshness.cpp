// The age of the oldest change that is not visible yet; of a batch store, the age of its last extract.
// A store whose initial snapshot is still being written has no data.
#include "harness/reconcile/catalogue.h"

namespace rehearse {
namespace {

class FreshnessCheck : public Copied<FreshnessCheck> {
 public:
  using Copied::Copied;
  Next begin(Context context) override {
    CheckRun& run = context.run;
    run.first_read = run.last_read = context.view.now();
    run.data = context.view.ready(description().trial);
    if (run.data) run.measured = context.view.freshness(description().trial);
    return std::nullopt;
  }
  Next go_on(Context) override { return std::nullopt; }
};

}  // namespace

std::unique_ptr<Check> make_freshness(const scenario::Check& check, const ReadView& view,
                                      CheckDescription description) {
  describe(description, check.freshness().observation(), view);
  return std::make_unique<FreshnessCheck>(std::move(description));
}

}  // namespace rehearse
