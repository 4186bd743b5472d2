// How many rows each side has, in all or in a window of created_at. Errors that cancel out escape it.
//
// A difference beyond the tolerance is one claim, and counts as many discrepancies as rows are missing or too many.
// Left out: windows of columns other than created_at, and of captured sources: such a run has no data.
#include "harness/reconcile/catalogue.h"
#include "harness/reconcile/counts.h"
#include "harness/reconcile/second_reading.h"
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
  struct Counted {  // one table
    RowSet left_out;
    std::uint64_t reference = 0, trial = 0;
    bool claimed = false;
  };
  std::uint64_t count(const ReadView& view, const Reading& reading, Time until, const RowSet& left_out) const;
  void offer_second_reading(Context& context, const Sides& sides, const std::vector<Counted>& counted);

  scenario::RowCount options_;
  std::vector<Difference> claims_;
  std::uint64_t gone_ = 0;
};

void RowCountCheck::compare(Context& context, Sides sides) {
  const std::size_t before = again() == 0 ? 0 : claims_.size();
  if (again() == 0) gone_ = 0;
  claims_.clear();
  CheckRun& run = context.run;
  run.rows_compared = run.rows_unsettled = run.reference_rows = run.trial_rows = 0;
  std::vector<Counted> counted(sides.reference.size());
  for (std::size_t i = 0; i < sides.reference.size(); ++i) {
    const Reading& a = sides.reference[i];
    const Reading& b = sides.trial[i];
    if (!a.ready || !b.ready) continue;
    if (options_.has_of() && !can_be_told(options_.of(), context.view, a.table)) {
      no_data();
      continue;
    }
    Counted& here = counted[i];
    context.view.left_out(a, b, sides.scope, here.left_out);
    here.reference = count(context.view, a, sides.cut.value_or(a.at), here.left_out);
    here.trial = count(context.view, b, sides.cut.value_or(a.at), here.left_out);
    here.claimed = !tolerated(options_.tolerance(), here.reference, apart(here.reference, here.trial));
    run.reference_rows += here.reference;
    run.trial_rows += here.trial;
    run.rows_compared += std::max(here.reference, here.trial);
    run.rows_unsettled += here.left_out.size();
    if (here.claimed) claims_.push_back({a.table, apart(here.reference, here.trial)});
  }
  if (context.onlooker && !claims_.empty()) offer_second_reading(context, sides, counted);
  for (const auto* side : {&sides.reference, &sides.trial})
    for (const Reading& reading : *side) context.view.close(reading);
  gone_ += before - std::min(before, claims_.size());
}

void RowCountCheck::offer_second_reading(Context& context, const Sides& sides, const std::vector<Counted>& counted) {
  using Figures = FiguresByParts<std::size_t, std::uint64_t>;  // by table
  Figures figures(
      sides.reference, sides.trial,
      [&](std::size_t i, const Reading& reading) {
        const Time until = sides.cut.value_or(sides.reference[i].at);
        return Figures::ByKey{{i, count(context.view, reading, until, counted[i].left_out)}};
      },
      [&](std::size_t, std::uint64_t reference, std::uint64_t trial) {
        return !tolerated(options_.tolerance(), reference, apart(reference, trial));
      });
  for (std::size_t i = 0; i < counted.size(); ++i)
    if (counted[i].claimed) figures.add(i, counted[i].reference, counted[i].trial);
  context.onlooker->claims_figures(description(), context.run, sides.reference, sides.trial, figures);
}

// The window ends where the reference was opened, or at the cut; both sides are asked for the same one.
std::uint64_t RowCountCheck::count(const ReadView& view, const Reading& reading, Time until,
                                   const RowSet& left_out) const {
  if (!options_.has_of()) return view.rows(reading, left_out);
  return view.rows_created(reading, *view.column(reading.table, options_.of().column()),
                           until - Duration{options_.of().last_ns()}, until, left_out);
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
