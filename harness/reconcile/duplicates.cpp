// Keys, or values of columns that ought to be unique, that one store holds more than once.
#include "harness/reconcile/catalogue.h"
#include "sim/kernel/wide.h"

namespace rehearse {
namespace {

class DuplicatesCheck : public Copied<DuplicatesCheck> {
 public:
  DuplicatesCheck(CheckDescription description, const scenario::Duplicates& options)
      : Copied(std::move(description)), options_(options) {}

  Next begin(Context context) override {
    CheckRun& run = context.run;
    run.first_read = run.last_read = context.view.now();
    run.data = context.view.ready(description().trial);
    if (!run.data) return std::nullopt;
    for (const TableId table : description().tables) {
      const Reading reading = context.view.open(description().trial, table);
      run.trial_rows += context.view.rows(reading);
      const std::vector<ColumnId> columns = columns_of(options_.columns(), context.view, table);
      for (const KeyDifference& found : context.view.duplicates(reading, columns))
        run.claim({.row = found.row, .table = table, .kind = scenario::DUPLICATE, .columns = 0});
      context.view.close(reading);
    }
    run.rows_compared = run.trial_rows;
    const auto rate = static_cast<Unsigned128>(options_.scan_rate_nano());
    const Unsigned128 work = static_cast<Unsigned128>(run.trial_rows) * 1'000'000'000 * 1'000'000'000;
    return context.view.now() + Duration{static_cast<std::int64_t>((work + rate - 1) / rate)};
  }
  Next go_on(Context) override { return std::nullopt; }

 private:
  scenario::Duplicates options_;
};

}  // namespace

std::unique_ptr<Check> make_duplicates(const scenario::Check& check, const ReadView& view,
                                       CheckDescription description) {
  describe(description, check.duplicates().observation(), view);
  description.tables = tables_of(check.duplicates().datasets(), {description.trial}, view);
  return std::make_unique<DuplicatesCheck>(std::move(description), check.duplicates());
}

}  // namespace rehearse
