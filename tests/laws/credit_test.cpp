// The law of credit, over random worlds of several faults: what a check is credited with it claims when that cause is
// alone.
//
// Left out, as docs/model.md says: claims that take two causes to pass a tolerance, so no check here has one, and rows
// that it took two causes to make wrong; plans and
// repairs, by which one fault changes what another does. Bursts and restarts stay where they are: without them it would
// be another world, with other changes in it.
#include <fmt/format.h>

#include <boost/test/unit_test.hpp>
#include <map>
#include <set>

#include "tests/laws/random_plan.h"
#include "tests/worlds.h"

namespace rehearse::laws {
namespace {

constexpr std::uint64_t worlds = random_worlds(2'000);

RandomPlan with_checks_alone(std::uint64_t number) {
  RandomPlan plan = random_plan(number);
  Picks pick(number, "checks");
  plan.has_plan = false;
  std::erase_if(plan.faults, [](const std::string& fault) { return fault.find("phase:") != std::string::npos; });
  plan.repairs.clear();
  plan.metrics.clear();
  plan.checks.clear();
  const std::vector<std::string> kinds{
      "row_count: {between: [source, new], every: 1h, align: {align}}",
      "field_compare: {between: [source, new], every: 1h, align: {align}}",
      "keyed_hash: {between: [source, new], every: 1h, align: {align}}",
      "aggregate: {between: [source, new], every: 1h, measures: [sum amount], align: {align}}",
      "aggregate: {between: [source, new], every: 1h, measures: [nulls amount, min amount]}",
      "checksum: {between: [source, new], every: 1h, chunks: {rows: 10, split: 2, down_to: 3}}",
      "duplicates: {of: new, every: 1h}",
  };
  for (std::int64_t i = pick.between(2, 4); i > 0; --i) {
    std::string kind = kinds[static_cast<std::size_t>(pick.between(0, static_cast<std::int64_t>(kinds.size()) - 1))];
    if (const std::size_t at = kind.find("{align}"); at != std::string::npos)
      kind.replace(at, 7, pick.of({"position", "naive", "reread"}));
    plan.checks.push_back(fmt::format("c{}: {{{}}}", i, kind));
  }
  return plan;
}

}  // namespace

BOOST_AUTO_TEST_CASE(sufficiency_what_a_check_is_credited_with_it_claims_when_that_cause_is_alone) {
  std::uint64_t credited = 0;
  for (std::uint64_t number = 0; number < worlds; ++number) {
    const RandomPlan plan = with_checks_alone(number);
    result::Result all;
    std::vector<std::string> faults;
    std::set<std::string> entangled;  // with another cause, in some row, at one time or another
    rehearsed(plan, [&](const JudgeInputs& recorded) {
      all = judge(recorded);
      for (const FaultTruth& fault : recorded.faults)
        if (!fault.delays || fault.kind == "out_of_order_deletes") faults.push_back(fault.name);
      std::map<std::pair<StoreId, RowKey>, std::set<std::string>> of_row;
      for (const DivergentInterval& interval : recorded.truth.intervals)
        for (const CauseId cause : recorded.causes.members(interval.causes))
          of_row[{interval.store, {interval.table, interval.row}}].insert(
              judging::shown_cause(recorded.causes.name(cause)));
      for (const auto& [row, causes] : of_row)
        if (causes.size() > 1) entangled.insert(causes.begin(), causes.end());
    });
    for (const std::string& cause : faults) {
      std::vector<std::string> others = faults;
      std::erase(others, cause);
      std::set<std::string> credits;
      for (const result::MatrixCell& cell : all.matrix())
        if (cell.cause() == cause && cell.caught() > 0) credits.insert(cell.check());
      if (credits.empty() || others.empty() || entangled.count(cause)) continue;
      std::set<std::string> alone;
      rehearsed(
          plan,
          [&](const JudgeInputs& recorded) {
            const result::Result judged_alone = judge(recorded);
            for (const result::Check& check : judged_alone.checks())
              if (check.claims() > 0) alone.insert(check.name());
          },
          others);
      for (const std::string& check : credits) {
        ++credited;
        BOOST_REQUIRE_MESSAGE(alone.count(check), check << " is credited with " << cause << plan.text());
      }
    }
  }
  BOOST_TEST(credited > worlds / 20);
}

}  // namespace rehearse::laws
