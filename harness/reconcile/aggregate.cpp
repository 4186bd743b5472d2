// Aggregates of columns on both sides, in total or by group. Errors that cancel out escape it.
//
// Every group and measure that differs by more than the tolerance is one claim. Rows that the alignment leaves out are
// left out of both sides' aggregates. The least and greatest of times and texts are not known: only numbers compare.
#include "harness/reconcile/catalogue.h"
#include "harness/reconcile/counts.h"
#include "harness/reconcile/two_sided.h"

namespace rehearse {
namespace {

using AskedMeasure = AggregateRequest::Measure;
constexpr std::size_t figures_kept = 1'000;

struct Asked {
  AskedMeasure measure;
  std::string column;
};

Asked asked(const scenario::Measure& measure) {
  switch (measure.of_case()) {
    case scenario::Measure::kAverage:
      return {AskedMeasure::average, measure.average()};
    case scenario::Measure::kMin:
      return {AskedMeasure::min, measure.min()};
    case scenario::Measure::kMax:
      return {AskedMeasure::max, measure.max()};
    case scenario::Measure::kDistinct:
      return {AskedMeasure::distinct, measure.distinct()};
    case scenario::Measure::kNulls:
      return {AskedMeasure::nulls, measure.nulls()};
    default:
      return {AskedMeasure::sum, measure.sum()};
  }
}

class AggregateCheck : public Copied<AggregateCheck, TwoSidedCheck> {
 public:
  AggregateCheck(CheckDescription description, const scenario::Aggregate& options)
      : Copied(std::move(description), options.comparison()), options_(options) {}

 protected:
  void compare(Context& context, Sides sides) override;
  std::uint64_t rows_to_read(const ReadView& view, std::size_t, const Reading& reading) const override {
    return view.rows(reading);
  }
  bool suspects() const override { return !claims_.empty(); }
  void report(CheckRun& run) override;

 private:
  void compare_table(Context& context, const Reading& reference, const Reading& trial);
  void compare_groups(Context& context, TableId table, std::uint32_t measure, ColumnId column,
                      const std::vector<AggregateGroup>& reference, const std::vector<AggregateGroup>& trial);
  bool tolerated(double reference, double trial) const {
    const double difference = reference > trial ? reference - trial : trial - reference;
    const double size = reference < 0 ? -reference : reference;
    return difference <= size * (static_cast<double>(options_.tolerance_ppb()) / 1e9);
  }

  scenario::Aggregate options_;
  RowSet left_out_;
  std::vector<Claim> claims_;
  std::uint64_t gone_ = 0;
};

void AggregateCheck::compare(Context& context, Sides sides) {
  const std::size_t before = again() == 0 ? 0 : claims_.size();
  if (again() == 0) gone_ = 0;
  claims_.clear();
  context.run.rows_compared = context.run.rows_unsettled = 0;
  context.run.aggregates.clear();
  for (std::size_t i = 0; i < sides.reference.size(); ++i) {
    const Reading& a = sides.reference[i];
    const Reading& b = sides.trial[i];
    if (sides.cut) no_data();  // window_cut needs the times of rows, which an aggregate does not read
    if (a.ready && b.ready && !sides.cut) {
      context.view.left_out(a, b, sides.scope, left_out_);
      context.run.rows_unsettled += left_out_.size();
      compare_table(context, a, b);
    }
    context.view.close(a);
    context.view.close(b);
  }
  gone_ += before - std::min(before, claims_.size());
}

void AggregateCheck::compare_table(Context& context, const Reading& reference, const Reading& trial) {
  context.run.rows_compared += std::max(context.view.rows(reference, left_out_), context.view.rows(trial, left_out_));
  for (int m = 0; m < options_.measures_size(); ++m) {
    const Asked wanted = asked(options_.measures(m));
    AggregateRequest request;
    request.measure = wanted.measure;
    const auto column = context.view.column(reference.table, wanted.column);
    if (!column) continue;
    request.column = *column;
    if (!options_.group_by().empty()) request.group_by = context.view.column(reference.table, options_.group_by());
    compare_groups(context, reference.table, static_cast<std::uint32_t>(m), *column,
                   context.view.aggregate(reference, request, left_out_),
                   context.view.aggregate(trial, request, left_out_));
  }
}

// A group that one side lacks counts as nothing there, and differs.
void AggregateCheck::compare_groups(Context& context, TableId table, std::uint32_t measure, ColumnId column,
                                    const std::vector<AggregateGroup>& reference,
                                    const std::vector<AggregateGroup>& trial) {
  const bool in_total = options_.group_by().empty();
  for_each_group(reference, trial, [&](const AggregateGroup* a, const AggregateGroup* b) {
    AggregateFigure figure;
    figure.table = table;
    figure.measure = measure;
    if (a) figure.reference = a->value;
    if (b) figure.trial = b->value;
    figure.differs = !a || !b || !tolerated(figure.reference, figure.trial);
    if (!in_total) figure.group = context.view.value_text(table, options_.group_by(), (a ? a : b)->group);
    if (figure.differs)
      claims_.push_back({.row = no_key,
                         .table = table,
                         .kind = scenario::AGGREGATE,
                         .columns = std::uint64_t{1} << std::min<int>(column, 63)});
    if ((in_total || figure.differs) && context.run.aggregates.size() < figures_kept)
      context.run.aggregates.push_back(std::move(figure));
  });
}

void AggregateCheck::report(CheckRun& run) {
  if (!run.data) return;
  for (const Claim& claim : claims_) run.claim(claim);
  run.found[scenario::TIMING] += gone_;
}

}  // namespace

std::unique_ptr<Check> make_aggregate(const scenario::Check& check, const ReadView& view,
                                      CheckDescription description) {
  describe(description, check.aggregate().comparison(), view);
  return aggregate_check(std::move(description), check.aggregate());
}

std::unique_ptr<Check> aggregate_check(CheckDescription description, const scenario::Aggregate& options) {
  return std::make_unique<AggregateCheck>(std::move(description), options);
}

}  // namespace rehearse
