// Rollback triggers: what fires them, what does not, and how near they came.
#include "harness/migration/trigger.h"

#include <array>
#include <boost/test/unit_test.hpp>

#include "sim/kernel/draw.h"
#include "tests/migration/book.h"
#include "tests/migration/fakes.h"

namespace rehearse::testing {
namespace {

Plan armed(RulePlan trigger) {
  Plan plan = two_phases();
  plan.phases[0].at_least = 2 * day;
  plan.triggers = {always(std::move(trigger))};
  return plan;
}

// Bad from `from` to `to`, both included.
std::function<std::optional<double>(Time)> bad(Time from, Time to) {
  return [=](Time t) -> std::optional<double> { return t >= from && t <= to ? 9.0 : 0.0; };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(triggers)

BOOST_AUTO_TEST_CASE(it_fires_when_every_sample_of_a_window_is_past_the_bound) {
  Stage stage;
  stage.metrics.add("age", minute).fill({}, at(day), bad(at(hour), at(2 * hour)), 3 * second);
  const MigrationRecord& record = stage.run(armed(rule("age", "above", 5, 5 * minute)), at(day));
  const TriggerRecord& trigger = record.triggers[0];
  // Good at 59 min, bad at 60, 61, 62, 63 and 64: the window (59, 64] is full of bad ones.
  BOOST_REQUIRE(trigger.fired_at.has_value());
  BOOST_TEST(trigger.fired_at->ns == at(64 * minute + 3 * second).ns);
  BOOST_TEST(trigger.window_begin.ns == at(59 * minute).ns);
  BOOST_TEST(trigger.window_end.ns == at(64 * minute).ns);
  BOOST_TEST(trigger.fired_value == 9.0);
  BOOST_TEST(trigger.fired_in == "shadow");
  BOOST_TEST(record.rollback->started.ns == trigger.fired_at->ns);
  BOOST_TEST((record.decision == MigrationDecision::rolled_back));
}

BOOST_AUTO_TEST_CASE(one_sample_short_of_the_window_is_a_near_miss) {
  Stage stage;
  stage.metrics.add("age", minute).fill({}, at(day), bad(at(hour), at(63 * minute)));
  const MigrationRecord& record = stage.run(armed(rule("age", "above", 5, 5 * minute)), at(day));
  const TriggerRecord& trigger = record.triggers[0];
  BOOST_TEST(!trigger.fired_at);
  BOOST_TEST(!record.rollback);
  BOOST_TEST(trigger.near_misses == 1u);
  BOOST_REQUIRE(trigger.longest_near_miss.has_value());
  BOOST_TEST(trigger.longest_near_miss->held.ns == (4 * minute).ns);
  BOOST_TEST(trigger.longest_near_miss->since.ns == at(hour).ns);
  BOOST_TEST(trigger.longest_near_miss->samples == 4u);
  BOOST_TEST(*trigger.closest == 9.0);
  BOOST_TEST(trigger.closest_at->ns == at(hour).ns);
}

BOOST_AUTO_TEST_CASE(it_needs_min_samples) {
  for (const std::int64_t min_samples : {5, 6}) {
    Stage stage;
    stage.metrics.add("age", hour).fill({}, at(30 * day), bad(at(10 * hour), at(14 * hour)));
    const MigrationRecord& record = stage.run(armed(rule("age", "above", 5, 3 * hour, min_samples)), at(day));
    BOOST_TEST(!record.triggers[0].fired_at);  // three runs in three hours
  }
  Stage stage;
  stage.metrics.add("age", hour).fill({}, at(30 * day), bad(at(10 * hour), at(14 * hour)));
  const MigrationRecord& record = stage.run(armed(rule("age", "above", 5, 3 * hour, 3)), at(day));
  BOOST_TEST(record.triggers[0].fired_at->ns == at(12 * hour).ns);
}

BOOST_AUTO_TEST_CASE(too_few_samples_in_a_long_window_do_not_fire_it) {
  Stage stage;  // one bad sample covers the window, but it is one
  stage.metrics.add("age", 6 * hour).fill({}, at(day), [](Time) { return 9.0; });
  BOOST_TEST(!stage.run(armed(rule("age", "above", 5, 6 * hour, 3)), at(day)).triggers[0].fired_at);
}

BOOST_AUTO_TEST_CASE(a_missing_sample_interrupts_it) {
  Stage stage;
  stage.metrics.add("age", minute).fill({}, at(day), [](Time t) -> std::optional<double> {
    if (t == at(62 * minute)) return std::nullopt;
    if (t == at(66 * minute)) return no_value;
    return t >= at(hour) && t <= at(70 * minute) ? 9.0 : 0.0;
  });
  const MigrationRecord& record = stage.run(armed(rule("age", "above", 5, 5 * minute)), at(day));
  BOOST_TEST(!record.triggers[0].fired_at);
  BOOST_TEST(record.triggers[0].near_misses == 3u);
  BOOST_TEST(record.triggers[0].missing == 2u);
}

BOOST_AUTO_TEST_CASE(no_data_fires_nothing) {
  Stage stage;
  stage.metrics.add("age", minute).fill({}, at(day), [](Time) { return no_value; });
  Plan plan = armed(rule("age", "above", 5, 5 * minute));
  plan.triggers.push_back(always(rule("unknown", "below", 5, {})));
  BOOST_TEST(!stage.run(plan, at(day)).rollback);
}

BOOST_AUTO_TEST_CASE(it_is_armed_in_its_phases_alone) {
  Stage stage;
  stage.metrics.add("age", hour).fill({}, at(9 * day), bad(at(day), at(9 * day)));
  Plan plan = armed(rule("age", "above", 5, 3 * hour));
  plan.triggers[0].during = {"canary"};
  const MigrationRecord& record = stage.run(plan, at(9 * day));
  // It has been bad for a day, but windows begin at the phase's entry.
  BOOST_TEST(record.triggers[0].fired_at->ns == at(2 * day + 3 * hour).ns);
  BOOST_TEST(record.triggers[0].fired_in == "canary");
  BOOST_TEST(record.triggers[0].samples == 3u);
}

BOOST_AUTO_TEST_CASE(a_window_goes_on_across_phases_in_which_the_trigger_is_armed) {
  Stage stage;  // the second phase begins at 48 o'clock
  stage.metrics.add("age", hour).fill({}, at(9 * day), bad(at(46 * hour), at(9 * day)));
  const MigrationRecord& record = stage.run(armed(rule("age", "above", 5, 5 * hour)), at(9 * day));
  BOOST_TEST(record.triggers[0].fired_at->ns == at(50 * hour).ns);  // (45, 50] is full of bad ones
  BOOST_TEST(record.triggers[0].fired_in == "canary");
  BOOST_TEST(record.triggers[0].near_misses == 0u);
}

BOOST_AUTO_TEST_CASE(a_window_does_not_go_on_across_a_phase_in_which_the_trigger_is_not_armed) {
  Stage stage;
  stage.metrics.add("age", hour).fill({}, at(9 * day), bad(at(46 * hour), at(9 * day)));
  Plan plan = armed(rule("age", "above", 5, 5 * hour));
  plan.phases[1].at_least = hour;
  plan.phases.push_back(phase("full"));
  plan.triggers[0].during = {"shadow", "full"};
  const MigrationRecord& record = stage.run(plan, at(9 * day));
  BOOST_TEST(record.triggers[0].fired_at->ns == at(54 * hour).ns);  // armed again at 49 o'clock
  BOOST_TEST(record.triggers[0].near_misses == 1u);                 // of shadow: 46, 47 and 48 o'clock
}

BOOST_AUTO_TEST_CASE(absence_of_data_fires_by_the_clock) {
  Stage stage;  // the last report comes at 5:03, and none after it
  stage.metrics.add("age", hour).fill({}, at(5 * hour), bad(at(day), at(day)), 3 * minute);
  Plan plan = armed(rule("age", "above", 5, {}));
  plan.triggers[0].window = window("age", NoData(), 90 * minute, 0);
  const MigrationRecord& record = stage.run(plan, at(day));
  BOOST_TEST(record.triggers[0].fired_at->ns == at(5 * hour + 93 * minute).ns);
  BOOST_TEST(record.triggers[0].window_end.ns == at(5 * hour + 93 * minute).ns);
}

BOOST_AUTO_TEST_CASE(runs_without_data_are_absence_and_runs_with_data_are_none) {
  for (const bool data : {false, true}) {
    Stage stage;
    stage.metrics.add("age", hour).fill({}, at(day), [&](Time t) {
      return t > at(5 * hour) && !data ? no_value : 1.0;
    });
    Plan plan = armed(rule("age", "above", 5, {}));
    plan.triggers[0].window = window("age", NoData(), 3 * hour, 0);
    const MigrationRecord& record = stage.run(plan, at(day));
    BOOST_TEST(record.triggers[0].fired_at.has_value() == !data);
    if (!data) BOOST_TEST(record.triggers[0].fired_at->ns == at(8 * hour).ns);
  }
}

BOOST_AUTO_TEST_CASE(so_many_failures_of_the_last_runs_fire_it_however_far_apart) {
  Stage stage;  // bad at 3, 7 and 11 o'clock: two of the last five at 7, three of the last nine at 11
  stage.metrics.add("age", hour).fill({}, at(day), [](Time t) { return (t.ns / hour.ns) % 4 == 3 ? 9.0 : 0.0; });
  Plan plan = armed(rule("age", "above", 5, {}));
  plan.triggers[0].window = window("age", FailedRuns({true, 5}, FailedRuns::Holds::more_than, 2, 9), {}, 0);
  BOOST_TEST(stage.run(plan, at(day)).triggers[0].fired_at->ns == at(11 * hour).ns);
  Stage fewer;
  fewer.metrics.add("age", hour).fill({}, at(day), [](Time t) { return (t.ns / hour.ns) % 4 == 3 ? 9.0 : 0.0; });
  plan.triggers[0].window = window("age", FailedRuns({true, 5}, FailedRuns::Holds::more_than, 2, 8), {}, 0);
  BOOST_TEST(!fewer.run(plan, at(day)).triggers[0].fired_at);
}

BOOST_AUTO_TEST_CASE(a_trigger_fires_with_the_first_report_whose_window_is_full_by_the_book_across_phases) {
  std::size_t fired = 0;
  for (std::uint64_t world = 0; world < 1500; ++world) {
    const Stream draw = stream(world, "triggers");
    auto pick = [&, n = std::uint64_t{0}](std::uint64_t bound) mutable { return bits(draw, ++n) % bound; };
    const std::array<WindowTest, 4> tests{EverySample({true, 5}), AverageOfSamples({true, 5}), AnySample({true, 7}),
                                          RisingSamples()};
    const std::size_t which = pick(4);
    Stage stage;
    Series& series = stage.metrics.add("age", hour);
    series.fill({}, at(60 * hour), [&](Time) -> std::optional<double> {
      const std::uint64_t kind = pick(60);
      if (kind == 0) return std::nullopt;
      return kind == 1 ? no_value : static_cast<double>(pick(9));
    });
    Time last = Time::before_all();
    for (WindowSample& s : series.samples) {
      s.at = std::max(last, s.due + static_cast<std::int64_t>(pick(90)) * minute);
      last = s.at;
    }
    Plan plan = two_phases();
    plan.phases[0].at_least = static_cast<std::int64_t>(pick(20)) * hour;
    plan.phases[1].at_least = static_cast<std::int64_t>(pick(20)) * hour;
    plan.phases.push_back(phase("full"));
    plan.triggers = {always(rule("age", "above", 5, {}))};
    plan.triggers[0].window = window("age", tests[which], static_cast<std::int64_t>(2 + pick(3)) * hour,
                                     which == 3 ? 2 : static_cast<std::int64_t>(1 + pick(2)));
    const bool later = pick(2) == 1;  // armed from the second phase on
    if (later) plan.triggers[0].during = {"canary", "full"};
    const Time armed = later ? at(plan.phases[0].at_least) : Time{};
    const Book book{series, plan.triggers[0].window, armed};
    Time expected = Time::never();
    for (const WindowSample& s : series.samples)
      if (s.due > armed && s.at <= at(50 * hour) && book.supported(s.due, s.at)) expected = std::min(expected, s.at);
    const MigrationRecord& record = stage.run(plan, at(50 * hour));
    fired += expected != Time::never();
    if (record.triggers[0].fired_at.value_or(Time::never()) == expected) continue;
    BOOST_ERROR("world " << world << ": fired at " << record.triggers[0].fired_at.value_or(Time::never()).ns / minute.ns
                         << " min, expected " << expected.ns / minute.ns);
    return;
  }
  BOOST_TEST(fired > 500u);
}

BOOST_AUTO_TEST_CASE(it_stays_armed_in_the_last_phase_to_the_end) {
  Stage stage;
  stage.metrics.add("age", hour).fill({}, at(20 * day), bad(at(15 * day), at(20 * day)));
  const MigrationRecord& record = stage.run(armed(rule("age", "above", 5, 3 * hour)), at(20 * day));
  BOOST_TEST(record.gates[1].opened->ns == at(2 * day).ns);
  BOOST_TEST(record.triggers[0].fired_at->ns == at(15 * day + 2 * hour).ns);
  BOOST_TEST((record.phases[1].how == PhaseRecord::How::rolled_back));
}

BOOST_AUTO_TEST_CASE(at_one_instant_a_trigger_comes_before_a_gate) {
  Stage stage;  // at the hour, the same report would open the gate and fires the trigger
  stage.metrics.add("age", hour).fill({}, at(9 * day), [](Time) { return 9.0; });
  Plan plan = armed(rule("age", "above", 5, 3 * hour, 3));
  plan.phases[0].at_least = {};
  plan.phases[0].exit = {rule("age", "above", 5, 3 * hour, 3)};
  const MigrationRecord& record = stage.run(plan, at(9 * day));
  BOOST_TEST(record.triggers[0].fired_at->ns == at(3 * hour).ns);
  BOOST_TEST(!record.phases[1].entered);
}

BOOST_AUTO_TEST_CASE(a_trigger_below_a_bound_fires_on_low_values) {
  Stage stage;
  stage.metrics.add("rate", minute).fill({}, at(day), [](Time t) { return t >= at(hour) ? 1.0 : 50.0; });
  const MigrationRecord& record = stage.run(armed(rule("rate", "below", 10, 2 * minute)), at(day));
  BOOST_TEST(record.triggers[0].fired_at->ns == at(61 * minute).ns);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rehearse::testing
