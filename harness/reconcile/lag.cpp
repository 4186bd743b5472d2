// How many changes are committed at the source and not visible in a stream's store.
// A store whose initial snapshot is still being written has no data.
#include "harness/reconcile/catalogue.h"

namespace rehearse {
namespace {

class LagCheck : public Copied<LagCheck> {
 public:
  using Copied::Copied;
  Next begin(Context context) override {
    CheckRun& run = context.run;
    run.first_read = run.last_read = context.view.now();
    run.data = context.view.ready(description().trial);
    if (run.data) run.measured = context.view.lag_records(description().trial);
    return std::nullopt;
  }
  Next go_on(Context) override { return std::nullopt; }
};

}  // namespace

std::unique_ptr<Check> make_lag(const scenario::Check& check, const ReadView& view, CheckDescription description) {
  describe(description, check.lag().observation(), view);
  return std::make_unique<LagCheck>(std::move(description));
}

}  // namespace rehearse
