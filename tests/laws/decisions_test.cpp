// Laws of how decisions are judged, over random worlds and plans: what may change without changing a judgement.
//
// Each law rehearses a world twice, the second time with what the law says made otherwise.
#include <fmt/format.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "tests/laws/random_plan.h"
#include "tests/worlds.h"

namespace rehearse::laws {
namespace {

constexpr std::uint64_t worlds = random_worlds(2'000);

std::string both(const Judgements& a, const Judgements& b) {
  return "\n" + text_of(a) + "-- instead of\n" + text_of(b) + "\n";
}

// The judgement of the same decision; null if there is none.
const result::GateJudgement* at_instant(const Judgements& judgements, const result::GateJudgement& gate) {
  for (const result::GateJudgement& other : judgements.gates)
    if (other.kind() == gate.kind() && other.at_ns() == gate.at_ns() && other.phase() == gate.phase()) return &other;
  return nullptr;
}

std::string dangers_before(const Judgements& judgements, Time end) {
  std::string text;
  for (const judging::Danger& danger : judgements.dangers)
    if (danger.passed < end) text += text_of(danger) + "\n";
  return text;
}

// Faults of a kind and place of which nothing has struck before an instant.
std::vector<std::string> at_work_only_after(const std::vector<FaultTruth>& faults, Time t) {
  const auto struck_by_then = [&](const FaultTruth& fault) {
    return !fault.strikes.empty() && fault.strikes.front().at < t;
  };
  std::vector<std::string> names;
  for (const FaultTruth& fault : faults)
    if (std::none_of(faults.begin(), faults.end(), [&](const FaultTruth& other) {
          return other.kind == fault.kind && other.target == fault.target && struck_by_then(other);
        }))
      names.push_back(fault.name);
  return names;
}

// Judgements, what was divergent and why, what readers met, and what each check claimed, caught and missed.
std::string decided_and_found(const JudgeInputs& recorded) {
  const result::Result result = judge(recorded);
  std::string text;
  for (const DivergentInterval& interval : recorded.truth.intervals) {
    text += fmt::format("{}/{}/{} {} to {} {}", interval.store, interval.table, interval.row, interval.from.ns,
                        interval.until.ns, static_cast<int>(interval.kind));
    for (const CauseId cause : recorded.causes.members(interval.causes)) text += ", " + recorded.causes.name(cause);
    text += "\n";
  }
  for (const auto& judgement : result.judgements()) text += judgement.ShortDebugString() + "\n";
  for (const auto& rollback : result.rollbacks()) text += rollback.ShortDebugString() + "\n";
  for (const auto& store : result.stores()) text += store.ShortDebugString() + "\n";
  for (const auto& consumer : result.consumers()) text += consumer.ShortDebugString() + "\n";
  for (const auto& check : result.checks()) text += check.ShortDebugString() + "\n";
  return text;
}

}  // namespace

// A trigger that cannot fire, and would take longer than any other to.
BOOST_AUTO_TEST_CASE(unused_a_trigger_that_never_fires_changes_no_judgement) {
  Tally tally;
  for (std::uint64_t number = 0; number < worlds; ++number) {
    RandomPlan plan = random_plan(number);
    const Judgements without = judged(plan);
    tally.add(without);
    if (plan.triggers.empty()) continue;
    plan.triggers.push_back("{metric: bad, above: 100%, for: 20h}");
    const Judgements with = judged(plan);
    BOOST_REQUIRE_MESSAGE(text_of(with) == text_of(without), both(with, without) + plan.text());
  }
  BOOST_TEST_MESSAGE(tally.text());
  tally.assert_worth_it(worlds);
}

BOOST_AUTO_TEST_CASE(unused_a_check_and_a_metric_that_nothing_uses_change_no_judgement) {
  for (std::uint64_t number = 0; number < worlds; ++number) {
    RandomPlan plan = random_plan(number);
    const Judgements without = judged(plan);
    plan.checks.push_back("spare: {row_count: {between: [old, new], every: 25m, align: naive}}");
    plan.metrics.push_back("idle: {from: spare}");
    const Judgements with = judged(plan);
    BOOST_REQUIRE_MESSAGE(text_of(with) == text_of(without), both(with, without) + plan.text());
  }
}

// Its store is damaged all the time, and it reads that often.
BOOST_AUTO_TEST_CASE(unused_a_consumer_of_a_dataset_that_the_plan_does_not_move_changes_no_judgement) {
  for (std::uint64_t number = 0; number < worlds; ++number) {
    RandomPlan plan = random_plan(number);
    plan.faults.push_back(
        "{name: apart, field_corruption: {pipeline: aside, column: body, share: 100%, how: shift, at: 30m, for: 99h}}");
    const Judgements without = judged(plan);
    (number % 2 ? plan.consumers : plan.unlisted).push_back("bystander: {reads: notes, every: 12m, tier: high}");
    const Judgements with = judged(plan);
    BOOST_REQUIRE_MESSAGE(text_of(with) == text_of(without), both(with, without) + plan.text());
  }
}

// The rehearsal that ends at T, and the same one that goes on. What a copy is asked is the same in both, for a
// synthetic source runs on past the end; what is asked of the rehearsal itself must lie before T.
BOOST_AUTO_TEST_CASE(prefix_what_is_decided_before_an_end_is_judged_alike_with_and_without_what_follows) {
  std::uint64_t compared = 0;
  for (std::uint64_t number = 0; number < worlds; ++number) {
    RandomPlan plan = random_plan(number);
    const Judgements cut = judged(plan);
    const Time end = Time{} + hour * plan.hours;
    const scenario::Safety safety = from_text(plan.text()).scenario.proto.safety();
    plan.hours += 1 + static_cast<std::int64_t>(number % 30);
    const Judgements whole = judged(plan);
    const auto explained = [&] { return both(cut, whole) + plan.text(); };

    for (const result::GateJudgement& gate : cut.gates) {
      if (gate.kind() != result::GateJudgement::go) continue;
      const result::GateJudgement* same = at_instant(whole, gate);
      BOOST_REQUIRE_MESSAGE(same && text_of(*same) == text_of(gate), explained());
      const Duration look_ahead{safety.look_ahead_ns()};
      if (Time{gate.at_ns()} + look_ahead <= end)
        BOOST_REQUIRE_MESSAGE(same->bad_luck() == gate.bad_luck(), explained());
      if (gate.has_earliest_safe_at_ns() && Time{gate.earliest_safe_at_ns()} + look_ahead < end)
        BOOST_REQUIRE_MESSAGE(same->earliest_safe_at_ns() == gate.earliest_safe_at_ns(), explained());
      ++compared;
    }
    if (cut.rollback) {
      BOOST_REQUIRE_MESSAGE(whole.rollback && text_of(*cut.rollback) == text_of(*whole.rollback), explained());
      if (cut.rollback->has_rto_ns() &&
          Time{cut.rollback->fired_at_ns()} + Duration{cut.rollback->rto_ns()} + day < end)
        BOOST_REQUIRE_MESSAGE(cut.rollback->rto_ns() == whole.rollback->rto_ns(), explained());
    }
    BOOST_REQUIRE_MESSAGE(dangers_before(cut, end) == dangers_before(whole, end), explained());
  }
  BOOST_TEST(compared > worlds);
}

// A fault of a kind and place of which nothing has struck before the GO. One that strikes after a GO of a kind that had
// struck where it had was at work, and may well decide. A fault that strikes as a phase is entered comes after the GO
// into it, though at the same instant.
BOOST_AUTO_TEST_CASE(luck_taking_out_a_fault_that_first_strikes_after_a_go_never_changes_its_judgement) {
  std::uint64_t taken_out = 0, unlucky = 0;
  for (std::uint64_t number = 0; number < worlds; ++number) {
    const RandomPlan plan = random_plan(number);
    Judgements with;
    std::vector<FaultTruth> faults;
    rehearsed(plan, [&](const JudgeInputs& recorded) {
      with = judgements_of(recorded);
      faults = recorded.faults;
    });
    const auto gos = std::count_if(with.gates.begin(), with.gates.end(),
                                   [](const auto& gate) { return gate.kind() == result::GateJudgement::go; });
    if (gos == 0) continue;
    const result::GateJudgement& go = with.gates[Picks(number, "a GO").between(0, gos - 1)];
    const std::vector<std::string> later = at_work_only_after(faults, Time{go.at_ns()});
    if (later.empty()) continue;
    const Judgements without = judged(plan, later);
    const result::GateJudgement* same = at_instant(without, go);
    BOOST_REQUIRE_MESSAGE(same && text_of(*same) == text_of(go), both(with, without) + plan.text());
    BOOST_REQUIRE_MESSAGE(same->bad_luck().empty() || later.size() < faults.size(), both(with, without) + plan.text());
    ++taken_out;
    unlucky += !go.bad_luck().empty();
  }
  BOOST_TEST(taken_out * 5 > worlds);
  BOOST_TEST(unlucky * 50 > worlds);
}

// A column of the source that no dataset has is damaged, of some records: the fault strikes and has no hit.
BOOST_AUTO_TEST_CASE(harmless_a_fault_outside_every_contract_changes_no_cause_judgement_or_recall) {
  std::uint64_t strikes = 0;
  for (std::uint64_t number = 0; number < worlds; ++number) {
    RandomPlan plan = random_plan(number);
    plan.repairs.clear();  // one that runs ahead of a change explains what a copy of the change then does
    std::string without, with;
    rehearsed(plan, [&](const JudgeInputs& recorded) { without = decided_and_found(recorded); });
    plan.faults.push_back(
        "{name: outside, field_corruption: {pipeline: cdc, column: memo, share: 70%, how: shift, every: 5h, for: 4h}}");
    rehearsed(plan, [&](const JudgeInputs& recorded) {
      with = decided_and_found(recorded);
      strikes += recorded.faults.back().strikes.size();
      BOOST_REQUIRE_MESSAGE(recorded.faults.back().hits == 0, plan.text());
    });
    BOOST_REQUIRE_MESSAGE(with == without, with + "-- instead of\n" + without + plan.text());
  }
  BOOST_TEST(strikes > worlds);
}

}  // namespace rehearse::laws
