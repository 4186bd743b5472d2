// The rule of windows, on series made by hand and against a twin that looks at every run of every window.
#include "harness/migration/windows.h"

#include <array>
#include <boost/test/unit_test.hpp>
#include <ostream>

#include "sim/kernel/draw.h"
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
  return {"bad_rows", false, bound, length, min_samples};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(windows)

BOOST_AUTO_TEST_CASE(a_window_holds_only_once_it_fits_into_the_phase) {
  Bench bench(below(10, 6 * hour), hour, at(3 * hour));
  bench.series->fill(Time{}, at(20 * hour), [](Time) { return 1.0; });
  BOOST_TEST(bench.status(at(9 * hour) - nanosecond) == WindowStatus::holding);
  BOOST_TEST(bench.status(at(9 * hour)) == WindowStatus::met);
  BOOST_TEST(bench.window.met_from(bench.rule).ns == at(9 * hour).ns);
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
  Bench over({"bad_rows", true, 10, 2 * hour, 1});
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
  BOOST_TEST(bench.status(at(9 * hour) - nanosecond) == WindowStatus::met);  // it may still be under way
  BOOST_TEST(bench.status(at(9 * hour)) == WindowStatus::holding);
  BOOST_TEST(bench.status(at(12 * hour) - nanosecond) == WindowStatus::holding);
  BOOST_TEST(bench.status(at(12 * hour)) == WindowStatus::met);
  BOOST_TEST(bench.window.missing() == 1u);
}

BOOST_AUTO_TEST_CASE(a_check_that_has_stopped_reporting_is_no_data_from_the_next_run_on) {
  Bench bench(below(10, 24 * hour));
  bench.series->fill(Time{}, at(40 * hour), [](Time) { return 1.0; });
  BOOST_TEST(bench.status(at(42 * hour) - nanosecond) == WindowStatus::met);
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

namespace {

// The rule again, from its words: looks at every run due in the window.
bool holds_by_the_book(const Series& series, const WindowRule& rule, Time entered, Time t, Time now) {
  if (t - rule.length < entered) return false;
  std::int64_t good = 0;
  Time latest_reported = Time::before_all();
  for (const WindowSample& s : series.samples) {
    if (s.at <= now) latest_reported = std::max(latest_reported, s.due);
  }
  for (Time due = series.next_due_after(t - rule.length); due <= t; due = series.next_due_after(due)) {
    const WindowSample* sample = nullptr;
    for (const WindowSample& s : series.samples) {
      if (s.due == due && s.at <= now) sample = &s;
    }
    if (sample == nullptr) {
      if (due < latest_reported || series.next_due_after(due) <= now) return false;  // missing
      continue;                                                                      // under way
    }
    if (!sample->has_data || !(rule.above ? sample->value > rule.bound : sample->value < rule.bound)) return false;
    ++good;
  }
  return good >= rule.min_samples;
}

}  // namespace

BOOST_AUTO_TEST_CASE(random_windows_say_what_the_rule_says_of_every_run_in_them) {
  std::uint64_t held = 0;
  for (std::uint64_t world = 0; world < 3000; ++world) {
    const Stream draw = stream(world, "windows");
    auto pick = [&, n = std::uint64_t{0}](std::uint64_t bound) mutable { return bits(draw, ++n) % bound; };
    const Time entered = at(static_cast<std::int64_t>(pick(5 * 60)) * minute);
    Bench bench({"bad_rows", pick(2) == 1, 5, static_cast<std::int64_t>(60 + pick(8 * 60)) * minute,
                 static_cast<std::int64_t>(1 + pick(5))},
                hour, entered);
    const std::uint64_t bad = pick(20);
    bench.series->fill(Time{}, at(40 * hour), [&](Time) -> std::optional<double> {
      const std::uint64_t kind = pick(100);
      if (kind < bad / 4) return std::nullopt;
      if (kind < bad / 2) return no_value;
      return (kind < bad) == bench.rule.above ? 4.0 : 6.0;
    });
    Time last = Time::before_all();
    for (WindowSample& s : bench.series->samples) {  // reports come late, but in order
      s.at = std::max(last, s.due + static_cast<std::int64_t>(pick(10) == 0 ? pick(90) : pick(10)) * minute);
      last = s.at;
    }
    for (int step = 0; step < 40 * 60; step += 7) {
      const Time now = entered + step * minute;
      const WindowStatus status = bench.status(now);
      const bool expected = holds_by_the_book(*bench.series, bench.rule, entered, now, now);
      held += expected;
      if ((status == WindowStatus::met) == expected) continue;
      BOOST_ERROR("world " << world << " at " << now.ns / minute.ns << " min: " << status << ", expected " << expected);
      return;
    }
  }
  BOOST_TEST(held > 50'000u);  // the worlds are not all broken
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rehearse::testing
