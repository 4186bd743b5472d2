// How many rows each side has, in all or in a window of created_at. Errors that cancel out escape it.
//
// A difference beyond the tolerance is one claim, and counts as many discrepancies as rows are missing or too many.
// Left out: windows of columns other than created_at, and of captured sources: such a run has no data.
#include "harness/reconcile/catalogue.h"
#include "harness/reconcile/counts.h"
#include "harness/reconcile/two_sided.h"

namespace rehearse {
namespace {

class RowCountCheck : public Copied<RowCountCheck, TwoSidedCheck> {
 public:
  RowCountCheck(CheckDescription description, const scenario::RowCount& options)
      : Copied(std::move(description), options.comparison()), options_(options) {}

 protected:
  void compare(Context& context, Sides sides) override;
  std::uint64_t rows_to_read(const ReadView& view, std::size_t, const Reading& reading) const override {
    return view.rows(reading);
  }
  bool suspects() const override { return !claims_.empty(); }
  void report(CheckRun& run) override;

 private:
  struct Difference {
    TableId table;
    std::uint64_t rows;
  };
  std::uint64_t count(Context& context, const Reading& reading, const Sides& sides, Time opened);

  scenario::RowCount options_;
  RowSet left_out_;
  std::vector<Difference> claims_;
  std::uint64_t gone_ = 0;
};

void RowCountCheck::compare(Context& context, Sides sides) {
  const std::size_t before = again() == 0 ? 0 : claims_.size();
  if (again() == 0) gone_ = 0;
  claims_.clear();
  CheckRun& run = context.run;
  run.rows_compared = run.rows_unsettled = run.reference_rows = run.trial_rows = 0;
  for (std::size_t i = 0; i < sides.reference.size(); ++i) {
    const Reading& a = sides.reference[i];
    const Reading& b = sides.trial[i];
    if (a.ready && b.ready) {
      context.view.left_out(a, b, sides.scope, left_out_);
      const std::uint64_t reference = count(context, a, sides, a.at);
      const std::uint64_t trial = count(context, b, sides, a.at);
      const std::uint64_t difference = reference > trial ? reference - trial : trial - reference;
      run.reference_rows += reference;
      run.trial_rows += trial;
      run.rows_compared += std::max(reference, trial);
      run.rows_unsettled += left_out_.size();
      if (!tolerated(options_.tolerance(), reference, difference)) claims_.push_back({a.table, difference});
    }
    context.view.close(a);
    context.view.close(b);
  }
  gone_ += before - std::min(before, claims_.size());
}

// The window ends where the reference was opened, or at the cut; both sides are asked for the same one.
std::uint64_t RowCountCheck::count(Context& context, const Reading& reading, const Sides& sides, Time opened) {
  if (!options_.has_of()) return context.view.rows(reading, left_out_);
  if (!can_be_told(options_.of(), context.view, reading.table)) {
    no_data();
    return 0;
  }
  const Time until = sides.cut.value_or(opened);
  return context.view.rows_created(reading, *context.view.column(reading.table, options_.of().column()),
                                   until - Duration{options_.of().last_ns()}, until, left_out_);
}

void RowCountCheck::report(CheckRun& run) {
  if (!run.data) return;
  for (const Difference& difference : claims_)
    run.claim({.row = no_key, .table = difference.table, .kind = scenario::AGGREGATE, .columns = 0}, difference.rows);
  run.found[scenario::TIMING] += gone_;
}

}  // namespace

std::unique_ptr<Check> make_row_count(const scenario::Check& check, const ReadView& view,
                                      CheckDescription description) {
  describe(description, check.row_count().comparison(), view);
  return std::make_unique<RowCountCheck>(std::move(description), check.row_count());
}

}  // namespace rehearse
