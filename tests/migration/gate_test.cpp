// Gate drills: the verdict is computed and acted upon, at the instant at which it is due, and never without data.
#include "harness/migration/gate.h"

#include <array>
#include <boost/test/unit_test.hpp>

#include "sim/kernel/draw.h"
#include "tests/migration/book.h"
#include "tests/migration/fakes.h"

namespace rehearse::testing {
namespace {

Plan gated(RulePlan criterion, Duration at_least = {}) {
  Plan plan = two_phases();
  plan.phases[0].at_least = at_least;
  plan.phases[0].exit = {std::move(criterion)};
  return plan;
}

std::optional<double> fine(Time) { return 0.0; }

// When the second phase was entered; a year if never.
Time canary_entered(const MigrationRecord& record) { return record.phases[1].entered.value_or(at(365 * day)); }

std::vector<CriterionStatus> statuses(const CriterionRecord& criterion) {
  std::vector<CriterionStatus> all;
  for (const StatusChange& change : criterion.history) all.push_back(change.status);
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gates)

BOOST_AUTO_TEST_CASE(a_gate_whose_verdict_is_pass_is_acted_upon) {
  Stage stage;
  stage.metrics.add("bad_rows", hour).fill({}, at(30 * day), fine);
  const MigrationRecord& record = stage.run(gated(rule("bad_rows", "below", 1, 2 * day)), at(30 * day));
  BOOST_TEST(canary_entered(record).ns == at(2 * day).ns);
  BOOST_TEST((record.phases[0].how == PhaseRecord::How::passed));
  BOOST_TEST(record.phases[0].left->ns == at(2 * day).ns);
  BOOST_TEST((record.phases[1].how == PhaseRecord::How::still_in));
  BOOST_TEST((record.decision == MigrationDecision::cut_over));
  BOOST_REQUIRE(record.gos.size() == 1);
  BOOST_TEST(record.gos[0].from_phase == "shadow");
  BOOST_TEST(record.gos[0].to_phase == "canary");
  BOOST_TEST(record.gos[0].store == FakeOperations::new_store);
}

BOOST_AUTO_TEST_CASE(a_gate_that_stays_shut_holds_the_plan_to_the_end) {
  Stage stage;
  stage.metrics.add("bad_rows", hour).fill({}, at(30 * day), [](Time) { return 5.0; });
  const MigrationRecord& record = stage.run(gated(rule("bad_rows", "below", 1, 2 * day)), at(30 * day));
  BOOST_TEST(!record.phases[1].entered);
  BOOST_TEST((record.decision == MigrationDecision::held));
  BOOST_TEST((record.gates[0].criteria[0].status == CriterionStatus::broken));
  BOOST_TEST((record.gates[1].opened == std::nullopt));
  BOOST_TEST(record.gos.empty());
}

BOOST_AUTO_TEST_CASE(no_data_nan_and_an_unknown_metric_keep_the_gate_shut) {
  for (const char* metric : {"silent", "empty", "nan", "unknown"}) {
    for (const Duration length : {Duration{}, 2 * day}) {
      Stage stage;
      stage.metrics.add("silent", hour);
      stage.metrics.add("empty", hour).fill({}, at(9 * day), [](Time) { return no_value; });
      Series& nan = stage.metrics.add("nan", hour);
      nan.fill({}, at(9 * day), fine);
      for (WindowSample& sample : nan.samples) sample.value = no_value;
      const MigrationRecord& record = stage.run(gated(rule(metric, "below", 1, length), day), at(9 * day));
      BOOST_TEST(!record.phases[1].entered, metric);
      BOOST_TEST((record.gates[0].criteria[0].status == CriterionStatus::no_data), metric);
    }
  }
}

BOOST_AUTO_TEST_CASE(stale_samples_do_not_open_a_gate) {
  Stage stage;  // the check stops after five days, and the gate is asked after ten
  stage.metrics.add("bad_rows", hour).fill({}, at(5 * day), fine);
  const MigrationRecord& record = stage.run(gated(rule("bad_rows", "below", 1, 7 * day), 10 * day), at(30 * day));
  BOOST_TEST(!record.phases[1].entered);
  const CriterionRecord& criterion = record.gates[0].criteria[0];
  BOOST_TEST((criterion.status == CriterionStatus::no_data));
  // It became so when the second missing run was due, whenever somebody looked.
  BOOST_TEST(criterion.history.back().at.ns == at(5 * day + 2 * hour).ns);
}

BOOST_AUTO_TEST_CASE(with_everything_fine_it_is_go_at_the_earliest_time_the_plan_allows) {
  const std::vector<std::pair<Duration, Duration>> lengths = {
      {14 * day, 7 * day}, {3 * day, 7 * day}, {7 * day, 7 * day}};
  for (const auto& [at_least, length] : lengths) {
    for (const Duration offset : {Duration{}, 7 * minute}) {
      Stage stage;
      stage.metrics.add("bad_rows", hour, offset).fill({}, at(30 * day), fine, 5 * second);
      const MigrationRecord& record = stage.run(gated(rule("bad_rows", "below", 1, length), at_least), at(30 * day));
      // Without an offset a run is due just then, and the gate waits for its report.
      const Duration awaited = offset == Duration{} ? 5 * second : Duration{};
      BOOST_TEST(canary_entered(record).ns == at(std::max(at_least, length) + awaited).ns);
    }
  }
}

BOOST_AUTO_TEST_CASE(all_criteria_must_hold_at_one_instant) {
  Stage stage;  // one is fine on odd days, the other on even days
  stage.metrics.add("odd", hour).fill({}, at(20 * day), [](Time t) { return (t.ns / day.ns) % 2 == 1 ? 0.0 : 5.0; });
  stage.metrics.add("even", hour).fill({}, at(20 * day), [](Time t) { return (t.ns / day.ns) % 2 == 0 ? 0.0 : 5.0; });
  Plan plan = gated(rule("odd", "below", 1, 6 * hour));
  plan.phases[0].exit.push_back(rule("even", "below", 1, 6 * hour));
  const MigrationRecord& record = stage.run(plan, at(20 * day));
  BOOST_TEST(!record.phases[1].entered);
  BOOST_TEST(record.gates[0].criteria[0].met_at.has_value());
  BOOST_TEST(record.gates[0].criteria[1].met_at.has_value());
}

BOOST_AUTO_TEST_CASE(a_gate_opens_between_samples_when_its_window_has_filled) {
  Stage stage;
  stage.metrics.add("bad_rows", 6 * hour).fill({}, at(9 * day), [](Time t) { return t == at(day) ? 5.0 : 0.0; });
  const MigrationRecord& record = stage.run(gated(rule("bad_rows", "below", 1, 26 * hour)), at(9 * day));
  BOOST_TEST(canary_entered(record).ns == at(50 * hour).ns);
}

BOOST_AUTO_TEST_CASE(a_criterion_is_met_when_its_window_has_filled_whenever_somebody_looks) {
  Stage stage;
  stage.metrics.add("bad_rows", 6 * hour).fill({}, at(9 * day), [](Time t) { return t == at(day) ? 5.0 : 0.0; });
  const MigrationRecord& record = stage.run(gated(rule("bad_rows", "below", 1, 26 * hour), 8 * day), at(9 * day));
  BOOST_TEST(record.gates[0].criteria[0].met_at->ns == at(50 * hour).ns);
  BOOST_TEST(canary_entered(record).ns == at(8 * day).ns);
}

BOOST_AUTO_TEST_CASE(the_history_tells_each_change_when_it_happened) {
  Stage stage;
  Series& series = stage.metrics.add("bad_rows", hour);
  series.fill({}, at(4 * day), [](Time t) -> std::optional<double> {
    if (t == at(20 * hour)) return 5.0;
    if (t == at(30 * hour)) return no_value;
    return 0.0;
  });
  const MigrationRecord& record = stage.run(gated(rule("bad_rows", "below", 1, 5 * hour), 3 * day), at(4 * day));
  const CriterionRecord& criterion = record.gates[0].criteria[0];
  using S = CriterionStatus;
  const std::vector<S> expected = {S::no_data, S::holding, S::met,     S::broken, S::holding,
                                   S::met,     S::no_data, S::holding, S::met};
  BOOST_TEST((statuses(criterion) == expected));
  const std::vector<std::int64_t> hours = {0, 1, 5, 20, 21, 25, 30, 31, 35};
  for (std::size_t i = 0; i < hours.size(); ++i) BOOST_TEST(criterion.history.at(i).at.ns == at(hours[i] * hour).ns);
  BOOST_TEST(criterion.met_at->ns == at(5 * hour).ns);
  BOOST_TEST(criterion.holds_since->ns == at(31 * hour).ns);
  BOOST_TEST(*criterion.worst == 5.0);
  BOOST_TEST(*criterion.value == 0.0);
  BOOST_TEST(criterion.missing == 1u);
  BOOST_TEST(criterion.samples == 71u);  // 1 to 72 o'clock but 30; the gate waits for what is due as it may open
}

BOOST_AUTO_TEST_CASE(a_run_that_is_due_and_has_not_reported_keeps_the_gate_shut) {
  Stage stage;  // each takes 20 min; the gate may open at 2:10 at the earliest, when the run of 2:00 is under way
  Series& series = stage.metrics.add("bad_rows", hour);
  series.fill(
      {}, at(9 * hour), [](Time t) { return t == at(2 * hour) ? 5.0 : 0.0; }, 20 * minute);
  const MigrationRecord& record = stage.run(gated(rule("bad_rows", "below", 1, hour), 130 * minute), at(9 * hour));
  BOOST_TEST(canary_entered(record).ns == at(3 * hour + 20 * minute).ns);  // (2:00, 3:00] is good when it is known
}

BOOST_AUTO_TEST_CASE(a_criterion_that_is_met_stays_so_while_a_run_is_awaited) {
  Stage stage;
  stage.metrics.add("bad_rows", hour).fill({}, at(9 * day), fine, 5 * minute);
  const MigrationRecord& record = stage.run(gated(rule("bad_rows", "below", 1, 2 * hour), day), at(2 * day));
  using S = CriterionStatus;
  BOOST_TEST((statuses(record.gates[0].criteria[0]) == std::vector<S>{S::no_data, S::holding, S::met}));
  BOOST_TEST(record.gates[0].criteria[0].met_at->ns == at(2 * hour + 5 * minute).ns);
  BOOST_TEST(canary_entered(record).ns == at(day + 5 * minute).ns);
}

BOOST_AUTO_TEST_CASE(a_gate_waits_for_every_metric_that_it_reads) {
  Stage stage;
  stage.metrics.add("quick", hour).fill({}, at(9 * day), fine);
  stage.metrics.add("slow", hour).fill({}, at(9 * day), fine, 10 * minute);
  Plan plan = gated(rule("quick", "below", 1, 2 * hour));
  plan.phases[0].exit.push_back(rule("slow", "below", 1, {}));
  BOOST_TEST(canary_entered(stage.run(plan, at(9 * day))).ns == at(2 * hour + 10 * minute).ns);
}

BOOST_AUTO_TEST_CASE(a_criterion_since_the_plan_counts_what_was_sampled_before_its_phase) {
  Stage stage;  // shadow lasts two days
  stage.metrics.add("bad_rows", hour).fill({}, at(30 * day), fine);
  Plan plan = gated(rule("bad_rows", "below", 1, 2 * day));
  plan.phases[1].exit = {rule("bad_rows", "below", 1, 3 * day)};
  plan.phases[1].exit[0].since = RulePlan::Since::plan;
  plan.phases.push_back(phase("full"));
  const MigrationRecord& record = stage.run(plan, at(30 * day));
  BOOST_TEST(record.phases[2].entered->ns == at(3 * day).ns);
  BOOST_TEST(record.gates[1].criteria[0].samples == 72u);
}

BOOST_AUTO_TEST_CASE(an_average_opens_the_gate_when_a_bad_sample_leaves_its_window) {
  Stage stage;  // 9 at 2 o'clock, else 1: four of them average 3
  stage.metrics.add("bad_rows", hour).fill({}, at(9 * day), [](Time t) { return t == at(2 * hour) ? 9.0 : 1.0; });
  Plan plan = gated(rule("bad_rows", "below", 3, {}));
  plan.phases[0].exit[0].window = window("bad_rows", AverageOfSamples({false, 3}), 4 * hour + 30 * minute);
  // (0:00, 4:30] has four that average 3, which is not below; with that of 5:00 they average 2.6.
  BOOST_TEST(canary_entered(stage.run(plan, at(9 * day))).ns == at(5 * hour).ns);
  Stage sparse;  // 9, 1, 1 at 3, 6 and 9 o'clock: (3:00, 10:30] is the first without that of 3:00
  sparse.metrics.add("bad_rows", 3 * hour).fill({}, at(9 * day), [](Time t) { return t == at(3 * hour) ? 9.0 : 1.0; });
  plan.phases[0].exit[0].window = window("bad_rows", AverageOfSamples({false, 3}), 450 * minute);
  BOOST_TEST(canary_entered(sparse.run(plan, at(9 * day))).ns == at(10 * hour + 30 * minute).ns);
}

namespace {

// One metric, sampled every so often, whose runs report late, without data, or never.
template <class Pick>
void fill_at_random(Series& series, Pick&& pick) {
  const std::uint64_t bad = pick(30);
  series.fill({}, at(40 * hour), [&](Time) -> std::optional<double> {
    const std::uint64_t kind = pick(100);
    if (kind < bad / 4) return std::nullopt;
    if (kind < bad / 2) return no_value;
    return kind < bad ? 6.0 : 4.0;
  });
  Time last = Time::before_all();
  for (WindowSample& s : series.samples) {
    s.at = std::max(last, s.due + static_cast<std::int64_t>(pick(3) == 0 ? pick(70) : 0) * minute);
    last = s.at;
  }
}

template <class Pick>
RulePlan rule_at_random(const std::string& metric, Pick&& pick) {
  const std::array<WindowTest, 4> tests{EverySample({false, 5}), AverageOfSamples({false, 5}), AnySample({false, 5}),
                                        RisingSamples()};
  const std::size_t which = pick(4);
  RulePlan plan = rule(metric, "below", 5, {});
  // Half of the windows end where a run is due.
  const Duration length =
      pick(8) == 0 && which == 0 ? Duration{} : static_cast<std::int64_t>(60 + pick(16) * 30) * minute;
  plan.window = window(metric, tests[which], length,
                       which == 3             ? 2
                       : length == Duration{} ? 1
                                              : static_cast<std::int64_t>(1 + pick(2)));
  return plan;
}

}  // namespace

// Everything happens at whole minutes, so the earliest opening is found by asking at each of them.
BOOST_AUTO_TEST_CASE(a_gate_opens_at_the_first_instant_at_which_all_that_it_asks_holds_by_the_book) {
  std::size_t opened = 0;
  for (std::uint64_t world = 0; world < 1500; ++world) {
    const Stream draw = stream(world, "gates");
    auto pick = [&, n = std::uint64_t{0}](std::uint64_t bound) mutable { return bits(draw, ++n) % bound; };
    Stage stage;
    Plan plan = two_phases();
    plan.phases[0].at_least = static_cast<std::int64_t>(pick(10) * 30) * minute;
    for (const char* metric : {"a", "b"}) {
      Series& series = stage.metrics.add(metric, static_cast<std::int64_t>(30 * (1 + pick(4))) * minute,
                                         static_cast<std::int64_t>(pick(2) * pick(30)) * minute);
      fill_at_random(series, pick);
      plan.phases[0].exit.push_back(rule_at_random(metric, pick));
    }
    Time expected = Time::never();
    for (std::int64_t m = 0; m <= 36 * 60 && expected == Time::never(); ++m) {
      const auto holds = [&](std::size_t i) {
        return Book{stage.metrics.series_of(static_cast<MetricId>(i)), plan.phases[0].exit[i].window, {}}.holds(
            at(m * minute));
      };
      if (m * minute >= plan.phases[0].at_least && holds(0) && holds(1)) expected = at(m * minute);
    }
    const MigrationRecord& record = stage.run(plan, at(36 * hour));
    opened += expected != Time::never();
    if (record.phases[1].entered.value_or(Time::never()) == expected) continue;
    BOOST_ERROR("world " << world << ": opened at " << record.phases[1].entered.value_or(Time::never()).ns / minute.ns
                         << " min, expected " << expected.ns / minute.ns);
    return;
  }
  BOOST_TEST(opened > 500u);
  BOOST_TEST(opened < 1400u);
}

BOOST_AUTO_TEST_CASE(nothing_of_an_earlier_phase_counts) {
  Stage stage;
  stage.metrics.add("bad_rows", hour).fill({}, at(30 * day), fine);
  Plan plan = gated(rule("bad_rows", "below", 1, 2 * day));
  plan.phases[1].exit = {rule("bad_rows", "below", 1, 3 * day)};
  plan.phases.push_back(phase("full"));
  const MigrationRecord& record = stage.run(plan, at(30 * day));
  BOOST_TEST(record.phases[2].entered->ns == at(5 * day).ns);
}

BOOST_AUTO_TEST_CASE(phases_that_ask_for_nothing_are_passed_at_once) {
  Stage stage;
  Plan plan = two_phases();
  plan.phases.push_back(phase("full"));
  const MigrationRecord& record = stage.run(plan, at(day));
  for (const PhaseRecord& p : record.phases) BOOST_TEST(p.entered->ns == 0);
  BOOST_TEST(record.gos.size() == 2u);
  BOOST_TEST((record.decision == MigrationDecision::cut_over));
}

BOOST_AUTO_TEST_CASE(the_last_gate_is_recorded_but_the_phase_is_not_left) {
  Stage stage;
  Plan plan = two_phases();
  plan.phases[1].at_least = 3 * day;
  const MigrationRecord& record = stage.run(plan, at(9 * day));
  BOOST_TEST(record.gates[1].opened->ns == at(3 * day).ns);
  BOOST_TEST(!record.phases[1].left);
  BOOST_TEST((record.phases[1].how == PhaseRecord::How::still_in));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rehearse::testing
