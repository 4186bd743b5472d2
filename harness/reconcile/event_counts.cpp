// How many rows each side has of every value of a column, in all or in a window of created_at.
//
// Each group whose count differs by more than the tolerance is one claim about the table, and counts as many
// discrepancies as the two counts lie apart; a group that one side lacks has no rows there. The run's figures name the
// groups. Errors that cancel out within a group escape it. Left out: windows of columns other than created_at, and of
// captured sources: such a run has no data.
#include "harness/reconcile/catalogue.h"
#include "harness/reconcile/counts.h"
#include "harness/reconcile/second_reading.h"
#include "harness/reconcile/two_sided.h"

namespace rehearse {
namespace {

constexpr std::size_t figures_kept = 1'000;

class EventCountsCheck : public Copied<EventCountsCheck, TwoSidedCheck> {
 public:
  EventCountsCheck(CheckDescription description, const scenario::EventCounts& options)
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
    std::size_t table;  // position in description().tables
    ColumnId column;
    Value group;
    std::uint64_t reference, trial;
  };
  // What to ask both sides for; none: the window's rows cannot be told.
  std::optional<AggregateRequest> request(const ReadView& view, TableId table, Time until) const;
  void compare_groups(Context& context, std::size_t table, ColumnId column,
                      const std::vector<AggregateGroup>& reference, const std::vector<AggregateGroup>& trial);
  void offer_second_reading(Context& context, const Sides& sides, const std::vector<RowSet>& left_out);
  bool claimed(std::uint64_t reference, std::uint64_t trial) const {
    return !tolerated(options_.tolerance(), reference, apart(reference, trial));
  }

  scenario::EventCounts options_;
  std::vector<Difference> claims_;
  std::uint64_t gone_ = 0;
};

void EventCountsCheck::compare(Context& context, Sides sides) {
  const std::size_t before = again() == 0 ? 0 : claims_.size();
  if (again() == 0) gone_ = 0;
  claims_.clear();
  CheckRun& run = context.run;
  run.rows_compared = run.rows_unsettled = 0;
  run.aggregates.clear();
  std::vector<RowSet> left_out(sides.reference.size());
  for (std::size_t i = 0; i < sides.reference.size(); ++i) {
    const Reading& a = sides.reference[i];
    const Reading& b = sides.trial[i];
    const auto wanted = request(context.view, a.table, sides.cut.value_or(a.at));
    if (!wanted) no_data();
    if (a.ready && b.ready && wanted) {
      context.view.left_out(a, b, sides.scope, left_out[i]);
      run.rows_unsettled += left_out[i].size();
      compare_groups(context, i, *wanted->group_by, context.view.aggregate(a, *wanted, left_out[i]),
                     context.view.aggregate(b, *wanted, left_out[i]));
    }
  }
  if (context.onlooker && !claims_.empty()) offer_second_reading(context, sides, left_out);
  for (const auto* side : {&sides.reference, &sides.trial})
    for (const Reading& reading : *side) context.view.close(reading);
  gone_ += before - std::min(before, claims_.size());
}

void EventCountsCheck::offer_second_reading(Context& context, const Sides& sides, const std::vector<RowSet>& left_out) {
  using Figures = FiguresByParts<std::pair<std::size_t, Value>, std::uint64_t>;  // by table and group
  Figures figures(
      sides.reference, sides.trial,
      [&](std::size_t i, const Reading& reading) {
        Figures::ByKey rows;
        const auto wanted = request(context.view, reading.table, sides.cut.value_or(sides.reference[i].at));
        if (wanted)
          for (const AggregateGroup& group : context.view.aggregate(reading, *wanted, left_out[i]))
            rows[{i, group.group}] = group.rows;
        return rows;
      },
      [&](const auto&, std::uint64_t reference, std::uint64_t trial) { return claimed(reference, trial); });
  for (const Difference& d : claims_) figures.add({d.table, d.group}, d.reference, d.trial);
  context.onlooker->claims_figures(description(), context.run, sides.reference, sides.trial, figures);
}

// The window ends where the reference was opened, or at the cut; both sides are asked for the same one.
std::optional<AggregateRequest> EventCountsCheck::request(const ReadView& view, TableId table, Time until) const {
  const auto group_by = view.column(table, options_.group_by());
  if (!group_by) return std::nullopt;
  AggregateRequest request;
  request.measure = AggregateRequest::Measure::count;
  request.column = *group_by;
  request.group_by = *group_by;
  if (!options_.has_of()) return request;
  if (!can_be_told(options_.of(), view, table)) return std::nullopt;
  request.window = {*view.column(table, options_.of().column()), until - Duration{options_.of().last_ns()}, until};
  return request;
}

void EventCountsCheck::compare_groups(Context& context, std::size_t position, ColumnId column,
                                      const std::vector<AggregateGroup>& reference,
                                      const std::vector<AggregateGroup>& trial) {
  const TableId table = description().tables[position];
  CheckRun& run = context.run;
  for_each_group(reference, trial, [&](const AggregateGroup* a, const AggregateGroup* b) {
    const std::uint64_t expected = a ? a->rows : 0, found = b ? b->rows : 0;
    run.rows_compared += std::max(expected, found);
    if (!claimed(expected, found)) return;
    claims_.push_back({position, column, (a ? a : b)->group, expected, found});
    if (run.aggregates.size() < figures_kept)
      run.aggregates.push_back({table, 0, context.view.value_text(table, options_.group_by(), (a ? a : b)->group),
                                static_cast<double>(expected), static_cast<double>(found), true});
  });
}

void EventCountsCheck::report(CheckRun& run) {
  if (!run.data) return;
  for (const Difference& difference : claims_)
    run.claim({.row = no_key,
               .table = description().tables[difference.table],
               .kind = scenario::AGGREGATE,
               .columns = std::uint64_t{1} << std::min<int>(difference.column, 63)},
              apart(difference.reference, difference.trial));
  run.found[scenario::TIMING] += gone_;
}

}  // namespace

std::unique_ptr<Check> make_event_counts(const scenario::Check& check, const ReadView& view,
                                         CheckDescription description) {
  describe(description, check.event_counts().comparison(), view);
  return std::make_unique<EventCountsCheck>(std::move(description), check.event_counts());
}

}  // namespace rehearse
