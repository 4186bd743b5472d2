// The rule of windows, on series made by hand and against a twin that looks at every run of every window.
#include "harness/migration/windows.h"

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <vector>

#include "sim/kernel/draw.h"
#include "tests/migration/book.h"
#include "tests/migration/fakes.h"

namespace rehearse {
std::ostream& operator<<(std::ostream& out, WindowStatus status) {
  return out << std::array{"no_data", "broken", "holding", "met"}[static_cast<std::size_t>(status)];
}
}  // namespace rehearse

namespace rehearse::testing {
namespace {

// A Window over one hand-made series, entered at `entered`.
struct Bench {
  FakeMetrics metrics;
  Series* series;
  WindowRule rule;
  Window window;

  explicit Bench(WindowRule r, Duration every = hour, Time entered = {}) : rule(std::move(r)) {
    series = &metrics.add(rule.metric, every);
    window.enter(rule, metrics, entered);
  }
  void upto(Time now) {
    metrics.report_until(now);
    window.pull(rule, metrics, [](const WindowSample&) {});
  }
  WindowStatus status(Time now) {
    upto(now);
    return window.status(rule, now);
  }
};

WindowRule below(double bound, Duration length, std::int64_t min_samples = 1) {
  return window("bad_rows", EverySample({false, bound}), length, min_samples);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(windows)

BOOST_AUTO_TEST_CASE(a_window_holds_only_once_it_fits_into_the_phase) {
  Bench bench(below(10, 6 * hour), hour, at(3 * hour));
  bench.series->fill(Time{}, at(20 * hour), [](Time) { return 1.0; });
  BOOST_TEST(bench.status(at(9 * hour) - nanosecond) == WindowStatus::holding);
  BOOST_TEST(bench.status(at(9 * hour)) == WindowStatus::met);
  BOOST_TEST(bench.window.supported_from(bench.rule, at(3 * hour)).ns == at(9 * hour).ns);
}

BOOST_AUTO_TEST_CASE(samples_of_runs_due_by_the_entry_do_not_count) {
  Bench bench(below(10, hour), hour, at(3 * hour));
  bench.series->samples = {{at(2 * hour), at(4 * hour), 1, true}, {at(3 * hour), at(4 * hour), 1, true}};
  BOOST_TEST(bench.status(at(4 * hour) + minute) == WindowStatus::no_data);
  BOOST_TEST(bench.window.samples() == 0u);
}

BOOST_AUTO_TEST_CASE(a_bad_sample_leaves_the_window_exactly_at_its_edge) {
  Bench bench(below(10, 6 * hour));
  bench.series->fill(Time{}, at(30 * hour), [](Time due) { return due == at(8 * hour) ? 11.0 : 1.0; });
  BOOST_TEST(bench.status(at(8 * hour) - nanosecond) == WindowStatus::met);
  BOOST_TEST(bench.status(at(8 * hour)) == WindowStatus::broken);
  BOOST_TEST(bench.status(at(9 * hour)) == WindowStatus::holding);
  BOOST_TEST(bench.status(at(14 * hour) - nanosecond) == WindowStatus::holding);  // the edge is still inside
  BOOST_TEST(bench.status(at(14 * hour)) == WindowStatus::met);                   // (8 h, 14 h] excludes it
}

BOOST_AUTO_TEST_CASE(a_sample_at_the_bound_satisfies_neither_below_nor_above) {
  Bench under(below(10, 2 * hour));
  under.series->fill(Time{}, at(5 * hour), [](Time) { return 10.0; });
  BOOST_TEST(under.status(at(5 * hour)) == WindowStatus::broken);
  Bench over(window("bad_rows", EverySample({true, 10}), 2 * hour));
  over.series->fill(Time{}, at(5 * hour), [](Time) { return 10.0; });
  BOOST_TEST(over.status(at(5 * hour)) == WindowStatus::broken);
}

BOOST_AUTO_TEST_CASE(nan_no_data_and_an_unknown_metric_are_never_a_pass) {
  Bench empty(below(10, 2 * hour));
  empty.series->fill(Time{}, at(9 * hour), [](Time) { return no_value; });
  BOOST_TEST(empty.status(at(9 * hour)) == WindowStatus::no_data);

  Bench nan(below(10, 2 * hour));
  nan.series->samples = {{at(hour), at(hour), no_value, true}, {at(2 * hour), at(2 * hour), no_value, true}};
  BOOST_TEST(nan.status(at(2 * hour)) == WindowStatus::no_data);
  BOOST_TEST(!nan.window.holds(nan.rule, at(2 * hour)));

  Bench unknown(below(10, {}));
  unknown.rule.metric = "nobody_declared_this";
  unknown.window.enter(unknown.rule, unknown.metrics, {});
  unknown.series->fill(Time{}, at(9 * hour), [](Time) { return 1.0; });
  BOOST_TEST(unknown.status(at(9 * hour)) == WindowStatus::no_data);
}

BOOST_AUTO_TEST_CASE(one_run_without_data_breaks_the_window_that_contains_it) {
  Bench bench(below(10, 4 * hour));
  bench.series->fill(Time{}, at(30 * hour), [](Time due) { return due == at(8 * hour) ? no_value : 1.0; });
  BOOST_TEST(bench.status(at(8 * hour)) == WindowStatus::no_data);
  BOOST_TEST(bench.status(at(12 * hour) - nanosecond) == WindowStatus::holding);
  BOOST_TEST(bench.status(at(12 * hour)) == WindowStatus::met);
  BOOST_TEST(bench.window.missing() == 1u);
}

BOOST_AUTO_TEST_CASE(one_run_that_never_reports_breaks_the_window_that_contains_it) {
  Bench bench(below(10, 4 * hour));
  bench.series->fill(Time{}, at(30 * hour), [](Time due) -> std::optional<double> {
    if (due == at(8 * hour)) return std::nullopt;
    return 1.0;
  });
  BOOST_TEST(bench.status(at(8 * hour) - nanosecond) == WindowStatus::met);
  BOOST_TEST(bench.status(at(8 * hour)) == WindowStatus::holding);  // it may still be under way, and is awaited
  BOOST_TEST(bench.window.supported(bench.rule, at(8 * hour)));     // whoever acts on evidence does not wait
  BOOST_TEST(bench.status(at(9 * hour)) == WindowStatus::holding);
  BOOST_TEST(bench.status(at(12 * hour) - nanosecond) == WindowStatus::holding);
  BOOST_TEST(bench.status(at(12 * hour)) == WindowStatus::met);
  BOOST_TEST(bench.window.missing() == 1u);
}

BOOST_AUTO_TEST_CASE(a_check_that_has_stopped_reporting_is_no_data_from_the_next_run_on) {
  Bench bench(below(10, 24 * hour));
  bench.series->fill(Time{}, at(40 * hour), [](Time) { return 1.0; });
  BOOST_TEST(bench.status(at(41 * hour) - nanosecond) == WindowStatus::met);
  BOOST_TEST(bench.status(at(42 * hour) - nanosecond) == WindowStatus::holding);  // that of 41 o'clock is awaited
  BOOST_TEST(bench.status(at(42 * hour)) == WindowStatus::no_data);
  BOOST_TEST(bench.window.no_data_from(bench.rule).ns == at(42 * hour).ns);
}

BOOST_AUTO_TEST_CASE(samples_older_than_the_window_are_no_data_even_if_no_run_is_due) {
  Bench bench(below(10, 4 * hour));
  bench.series->ends = at(10 * hour);
  bench.series->fill(Time{}, at(10 * hour), [](Time) { return 1.0; });
  BOOST_TEST(bench.status(at(14 * hour) - nanosecond) == WindowStatus::met);
  BOOST_TEST(bench.status(at(14 * hour)) == WindowStatus::no_data);
}

BOOST_AUTO_TEST_CASE(a_window_needs_min_samples) {
  Bench bench(below(10, 3 * hour, 4));
  bench.series->fill(Time{}, at(20 * hour), [](Time) { return 1.0; });
  BOOST_TEST(bench.status(at(12 * hour)) == WindowStatus::holding);  // three runs in three hours
  Bench enough(below(10, 150 * minute, 3));
  enough.series->fill(Time{}, at(20 * hour), [](Time) { return 1.0; });
  BOOST_TEST(enough.status(at(12 * hour)) == WindowStatus::met);  // 10, 11 and 12 o'clock
  BOOST_TEST(enough.status(at(750 * minute) - nanosecond) == WindowStatus::met);
  BOOST_TEST(enough.status(at(750 * minute)) == WindowStatus::holding);  // (10:00, 12:30] has two
}

BOOST_AUTO_TEST_CASE(a_window_of_nothing_is_the_latest_sample_alone) {
  Bench bench(below(10, {}));
  bench.series->fill(Time{}, at(3 * hour), [](Time due) { return due == at(2 * hour) ? 11.0 : 1.0; });
  BOOST_TEST(bench.status(at(30 * minute)) == WindowStatus::no_data);
  BOOST_TEST(bench.status(at(90 * minute)) == WindowStatus::met);
  BOOST_TEST(bench.status(at(2 * hour)) == WindowStatus::broken);
  BOOST_TEST(bench.status(at(3 * hour)) == WindowStatus::met);
  BOOST_TEST(bench.status(at(5 * hour)) == WindowStatus::no_data);
}

BOOST_AUTO_TEST_CASE(a_run_that_a_later_one_overtook_counts_as_missing) {
  Bench bench(below(10, 2 * hour));
  bench.series->samples = {{at(hour), at(hour), 1, true},
                           {at(3 * hour), at(3 * hour), 1, true},
                           {at(2 * hour), at(3 * hour) + minute, 1, true}};
  BOOST_TEST(bench.status(at(3 * hour) + 2 * minute) == WindowStatus::holding);
  BOOST_TEST(bench.window.missing() == 1u);
  BOOST_TEST(bench.window.samples() == 2u);
  BOOST_TEST(bench.window.latest()->due.ns == at(3 * hour).ns);
}

// Each test on a few samples, one an hour; what it says as the last of them is known.
namespace {

WindowStatus after(const WindowRule& rule, const std::vector<double>& samples, Duration later = {}) {
  Bench bench(rule);
  bench.series->fill(Time{}, at(static_cast<std::int64_t>(samples.size()) * hour),
                     [&](Time due) { return samples.at(static_cast<std::size_t>(due.ns / hour.ns - 1)); });
  return bench.status(at(static_cast<std::int64_t>(samples.size()) * hour + later));
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_average_is_of_all_samples_of_the_window_and_at_the_bound_it_is_not_past_it) {
  const WindowRule below = window("bad_rows", AverageOfSamples({false, 3}), 3 * hour);
  BOOST_TEST(after(below, {9, 1, 1, 6}) == WindowStatus::met);             // (1 + 1 + 6) / 3
  BOOST_TEST(after(below, {0, 1, 1, 7}) == WindowStatus::broken);          // 3
  BOOST_TEST(after(below, {1, 1}) == WindowStatus::holding);               // two hours only
  BOOST_TEST(after(below, {1, no_value, 1, 1}) == WindowStatus::holding);  // one is missing
  BOOST_TEST(after(below, {1, no_value, 1, 1, 1}) == WindowStatus::met);
  const WindowRule above = window("bad_rows", AverageOfSamples({true, 0.001}), 2 * hour);
  BOOST_TEST(after(above, {0.001, 0.001}) == WindowStatus::broken);
  BOOST_TEST(after(above, {0.001, 0.0010001}) == WindowStatus::met);
}

BOOST_AUTO_TEST_CASE(any_sample_past_the_limit_is_enough_whatever_is_missing) {
  const WindowRule any = window("bad_rows", AnySample({true, 5}), 3 * hour);
  BOOST_TEST(after(any, {6, no_value, 1}) == WindowStatus::met);
  BOOST_TEST(after(any, {6, 1, 1, 1}) == WindowStatus::broken);  // (1:00, 4:00] has none
  BOOST_TEST(after(any, {5, 5}) == WindowStatus::broken);
}

BOOST_AUTO_TEST_CASE(rising_is_never_falling_and_higher_in_the_end) {
  const WindowRule rising = window("bad_rows", RisingSamples(), 3 * hour, 2);
  BOOST_TEST(after(rising, {9, 1, 1, 2}) == WindowStatus::met);  // the fall from 9 is outside
  BOOST_TEST(after(rising, {0, 2, 1, 3}) == WindowStatus::holding);
  BOOST_TEST(after(rising, {0, 2, 2, 2}) == WindowStatus::holding);  // flat since 2 o'clock
  BOOST_TEST(after(rising, {3, 2, 3, 2}) == WindowStatus::broken);
  BOOST_TEST(after(rising, {1, no_value, 2, 3}) == WindowStatus::holding);
}

BOOST_AUTO_TEST_CASE(at_most_so_many_failures_needs_all_of_the_last_runs) {
  const WindowRule most = window("bad_rows", FailedRuns({true, 0}, FailedRuns::Holds::at_most, 1, 4), {}, 0);
  BOOST_TEST(after(most, {0, 2, 0, 0}) == WindowStatus::met);
  BOOST_TEST(after(most, {0, 2, 0}) == WindowStatus::holding);
  BOOST_TEST(after(most, {0, 2, 0, 1}) == WindowStatus::broken);
  BOOST_TEST(after(most, {0, 2, no_value, 0, 0}) == WindowStatus::holding);
  BOOST_TEST(after(most, {0, 2, 0, 0}, hour) == WindowStatus::holding);  // that of 5 o'clock is awaited
}

BOOST_AUTO_TEST_CASE(random_windows_say_what_the_rule_says_of_every_run_in_them) {
  std::array<std::uint64_t, 4> held{};
  for (std::uint64_t world = 0; world < 4000; ++world) {
    const Stream draw = stream(world, "windows");
    auto pick = [&, n = std::uint64_t{0}](std::uint64_t bound) mutable { return bits(draw, ++n) % bound; };
    const Time entered = at(static_cast<std::int64_t>(pick(5 * 60)) * minute);
    const Limit limit{pick(2) == 1, 5};
    const std::array<WindowTest, 4> tests{EverySample(limit), AverageOfSamples(limit), AnySample(limit),
                                          RisingSamples()};
    const std::size_t which = world % tests.size();
    const bool rising = which == 3;
    Bench bench(window("bad_rows", tests[which], static_cast<std::int64_t>(60 + pick(8 * 60)) * minute,
                       static_cast<std::int64_t>(rising ? 2 + pick(2) : 1 + pick(5))),
                hour, entered);
    const std::uint64_t bad = pick(20);
    double level = 0;
    bench.series->fill(Time{}, at(40 * hour), [&](Time) -> std::optional<double> {
      const std::uint64_t kind = pick(100);
      if (kind < bad / 4) return std::nullopt;
      if (kind < bad / 2) return no_value;
      if (rising) return level = kind < bad ? 0 : level + static_cast<double>(pick(2));
      return (kind < bad) == limit.above ? 4.0 : 6.0;
    });
    Time last = Time::before_all();
    for (WindowSample& s : bench.series->samples) {  // reports come late, but in order
      s.at = std::max(last, s.due + static_cast<std::int64_t>(pick(10) == 0 ? pick(90) : pick(10)) * minute);
      last = s.at;
    }
    const Book book{*bench.series, bench.rule, entered};
    for (int step = 0; step < 40 * 60; step += 7) {
      const Time now = entered + step * minute;
      const WindowStatus status = bench.status(now);
      const bool expected = book.holds(now);
      held[which] += expected;
      if ((status == WindowStatus::met) == expected) continue;
      BOOST_ERROR("world " << world << " at " << now.ns / minute.ns << " min: " << status << ", expected " << expected);
      return;
    }
  }
  for (const std::uint64_t of_test : held) BOOST_TEST(of_test > 5'000u);  // the worlds are not all broken
}

// Whoever waits for a window is told the earliest instant at which it is there.
BOOST_AUTO_TEST_CASE(a_window_is_supported_from_the_instant_that_it_names_and_not_before) {
  std::uint64_t named = 0;
  for (std::uint64_t world = 0; world < 2000; ++world) {
    const Stream draw = stream(world, "supported");
    auto pick = [&, n = std::uint64_t{0}](std::uint64_t bound) mutable { return bits(draw, ++n) % bound; };
    const Limit limit{pick(2) == 1, 5};
    const std::array<WindowTest, 5> tests{EverySample(limit), AverageOfSamples(limit), AnySample(limit),
                                          RisingSamples(), NoData()};
    const std::size_t which = world % tests.size();
    Bench bench(window("bad_rows", tests[which], static_cast<std::int64_t>(60 + pick(8 * 60)) * minute,
                       which == 4   ? 0
                       : which == 3 ? 2
                                    : static_cast<std::int64_t>(1 + pick(3))));
    const auto runs = static_cast<std::int64_t>(1 + pick(9));
    bench.series->fill(Time{}, at(runs * hour),
                       [&](Time) { return pick(12) == 0 ? no_value : static_cast<double>(3 + pick(5)); });
    bench.upto(at(runs * hour));
    const Time from = bench.window.supported_from(bench.rule, at(runs * hour));
    named += from != Time::never();
    for (std::int64_t m = 0; m < 20 * 60; ++m) {
      const Time t = at(runs * hour + m * minute);
      const bool supported = bench.window.supported(bench.rule, t);
      if (t < from ? !supported : t > from || supported) continue;
      BOOST_ERROR("world " << world << " at " << t.ns / minute.ns << " min");
      return;
    }
  }
  BOOST_TEST(named > 600u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rehearse::testing
