// COUNT(DISTINCT column) on both sides, in total or by group: an aggregate that is asked for by name.
//
// Blind to copies, and to a value that became another one which occurs elsewhere.
#include "harness/reconcile/catalogue.h"

namespace rehearse {

std::unique_ptr<Check> make_count_distinct(const scenario::Check& check, const ReadView& view,
                                           CheckDescription description) {
  const scenario::CountDistinct& options = check.count_distinct();
  describe(description, options.comparison(), view);
  scenario::Aggregate aggregate;
  *aggregate.mutable_comparison() = options.comparison();
  for (const std::string& column : options.columns()) aggregate.add_measures()->set_distinct(column);
  aggregate.set_group_by(options.group_by());
  aggregate.set_tolerance_ppb(options.tolerance_ppb());
  return aggregate_check(std::move(description), aggregate);
}

}  // namespace rehearse
