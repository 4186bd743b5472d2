// Which share of a store's rows has NULL in a column, over the datasets that it looks at.
//
// It reads all rows, which takes time, and measures what they were when the reading was opened. Copies of a row count.
// A store whose initial snapshot is still being written, or that has no rows, has no data.
#include "harness/reconcile/catalogue.h"
#include "sim/kernel/wide.h"

namespace rehearse {
namespace {

class NullShareCheck : public Copied<NullShareCheck> {
 public:
  NullShareCheck(CheckDescription description, const scenario::NullShare& options)
      : Copied(std::move(description)), options_(options) {}

  Next begin(Context context) override {
    CheckRun& run = context.run;
    run.first_read = run.last_read = context.view.now();
    if (!context.view.ready(description().trial)) return std::nullopt;
    double nulls = 0;
    for (const TableId table : description().tables) {
      const auto column = context.view.column(table, options_.column());
      if (!column) continue;
      const Reading reading = context.view.open(description().trial, table);
      run.trial_rows += context.view.rows(reading);
      AggregateRequest request;
      request.measure = AggregateRequest::Measure::nulls;
      request.column = *column;
      nulls += context.view.aggregate(reading, request, RowSet{}).front().value;
      context.view.close(reading);
    }
    run.rows_compared = run.trial_rows;
    run.data = run.trial_rows > 0;
    if (run.data) run.measured = nulls / static_cast<double>(run.trial_rows);
    const auto rate = static_cast<Unsigned128>(options_.scan_rate_nano());
    const Unsigned128 work = static_cast<Unsigned128>(run.trial_rows) * 1'000'000'000 * 1'000'000'000;
    return context.view.now() + Duration{static_cast<std::int64_t>((work + rate - 1) / rate)};
  }
  Next go_on(Context) override { return std::nullopt; }

 private:
  scenario::NullShare options_;
};

}  // namespace

std::unique_ptr<Check> make_null_share(const scenario::Check& check, const ReadView& view,
                                       CheckDescription description) {
  describe(description, check.null_share().observation(), view);
  description.tables = tables_of(check.null_share().datasets(), {description.trial}, view);
  return std::make_unique<NullShareCheck>(std::move(description), check.null_share());
}

}  // namespace rehearse
