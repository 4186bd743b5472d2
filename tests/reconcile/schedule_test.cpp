// When checks run, what metrics make of their reports, and that a reconciliation can be repeated.
#include "harness/reconcile/schedule.h"

#include <boost/test/unit_test.hpp>

#include "tests/reconcile/fixture.h"

namespace rehearse::reconcile_test {

BOOST_AUTO_TEST_CASE(a_run_that_overtakes_the_next_one_delays_it_and_the_occasions_passed_over_are_counted) {
  Small small;  // ten rows at a row a second: a run takes 20 s, and is due every 8 s
  small.use(
      scenario_of("keyed_hash { comparison { between: ['source', 'stream_store'] runs { every_ns: 8000000000 } "
                  "scan_rate_nano: 1000000000 } }"));
  small.run(Time{0} + second * 100);
  const auto& runs = small.reconciler->runs();
  BOOST_REQUIRE_GE(runs.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    BOOST_TEST(runs[i].started.ns == (second * 24 * static_cast<std::int64_t>(i)).ns);
    BOOST_TEST(runs[i].reported.ns == (runs[i].started + second * 20).ns);
  }
  BOOST_TEST(small.reconciler->skipped(0) == 8U);
}

BOOST_AUTO_TEST_CASE(metrics_count_by_class_by_run_or_relative_to_the_rows_compared) {
  Small small;
  small.use(scenario_of("field_compare { " + compared("POSITION") + " sample_ppb: 1000000000 }",
                        "metrics { name: 'all' from: 'c' } metrics { name: 'missing' from: 'c' classes: MISSING } "
                        "metrics { name: 'share' from: 'c' classes: [MISSING, MISMATCH] per: ROWS_COMPARED }"));
  small.run(Time{0} + minute);
  small.lose(1);
  small.duplicate(2);
  small.alter(3, amount, AlterationKind::null);
  small.run(Time{0} + hour + minute);
  const MetricStore& metrics = small.reconciler->metrics();
  const auto last = [&](const char* name) { return metrics.series(*metrics.find(name)).samples.back(); };
  BOOST_TEST(last("all").value == 3);
  BOOST_TEST(last("missing").value == 1);
  BOOST_TEST(last("share").value == 0.2, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(last("all").at.ns == small.reconciler->runs()[0].reported.ns);
  BOOST_TEST(metrics.of_check(0).samples.stretches().back().mean() == 3);
  BOOST_TEST(!metrics.find("c").has_value());
}

// The stream is an hour and more behind, so that no row that changed can be compared; two rows are all there is.
BOOST_AUTO_TEST_CASE(a_run_that_compared_no_row_has_no_data_unless_the_check_says_that_this_agrees) {
  for (const bool agrees : {false, true}) {
    WorldShape shape;
    shape.rows = 2;
    shape.poll_every = hour * 5;
    Small small(shape);
    const std::string rules = agrees ? "rules { empty: AGREES }" : "";
    small.use(scenario_of("field_compare { " + compared("POSITION", rules) + " sample_ppb: 1000000000 }",
                          "metrics { name: 'all' from: 'c' } metrics { name: 'share' from: 'c' per: ROWS_COMPARED }"));
    small.run(Time{0} + hour + minute);
    small.change(0);
    small.run(Time{0} + hour * 2 + minute);  // one of two rows is under way
    small.change(1);
    small.run(Time{0} + hour * 3 + minute);  // both are
    const std::vector<CheckRun>& runs = small.reconciler->runs();
    BOOST_REQUIRE_EQUAL(runs.size(), 3U);
    BOOST_TEST(runs[1].rows_compared == 1U);
    BOOST_TEST(runs[1].data);
    BOOST_TEST(runs[2].rows_compared == 0U);
    BOOST_TEST(runs[2].data == agrees);
    for (const char* metric : {"all", "share"}) {
      const MetricPoint& sample =
          small.reconciler->metrics().series(*small.reconciler->metrics().find(metric)).samples[2];
      BOOST_TEST(sample.data == agrees);
      BOOST_TEST(sample.value == 0);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_metric_of_several_checks_adds_up_the_latest_run_of_each) {
  Small small;  // ten rows; c every hour from 1:00 on, d every two hours
  small.use(scenario_of(
      "field_compare { " + compared("POSITION") + " sample_ppb: 1000000000 }",
      "checks { name: 'd' duplicates { observation { of: 'stream_store' runs { every_ns: 7200000000000 offset_ns: "
      "7200000000000 } } scan_rate_nano: 1000000000 } } metrics { name: 'both' from: ['c', 'd'] } "
      "metrics { name: 'share' from: ['c', 'd'] per: ROWS_COMPARED }"));
  small.run(Time{0} + minute);
  small.duplicate(2);
  small.run(Time{0} + hour * 2 + second * 5);
  const MetricStore& metrics = small.reconciler->metrics();
  const auto& both = metrics.series(*metrics.find("both")).samples;
  BOOST_REQUIRE_EQUAL(both.size(), 1U);  // d, which reads a row a second, has not reported that of 2:00
  BOOST_TEST(both[0].due.ns == (hour).ns);
  BOOST_TEST(!both[0].data);  // d has not run at all
  small.lose(1);
  small.run(Time{0} + hour * 3 + minute);
  BOOST_REQUIRE_EQUAL(both.size(), 3U);
  BOOST_TEST(both[1].due.ns == (hour * 2).ns);
  BOOST_TEST(both[1].at.ns == (hour * 2 + second * 11).ns);  // d reads eleven rows, the copy among them
  BOOST_TEST(both[1].data);
  BOOST_TEST(both[1].value == 2);  // the copy, as each of them saw it
  BOOST_TEST(both[2].due.ns == (hour * 3).ns);
  BOOST_TEST(both[2].value == 3);  // c sees the lost row as well, and the latest of d is that of 2:00
  const auto& share = metrics.series(*metrics.find("share")).samples;
  BOOST_TEST(share[2].value == 3.0 / 21.0);  // c compares ten keys, d read eleven rows
  BOOST_TEST(metrics.next_due_after(*metrics.find("both"), Time{0} + hour * 3).ns == (hour * 4).ns);
}

BOOST_AUTO_TEST_CASE(a_run_of_a_metrics_checks_that_is_overdue_leaves_it_without_data) {
  Small small;  // d is due every four hours and takes five
  small.use(scenario_of(
      "field_compare { " + compared("POSITION") + " sample_ppb: 1000000000 }",
      "checks { name: 'd' duplicates { observation { of: 'stream_store' runs { every_ns: 14400000000000 offset_ns: "
      "3600000000000 } } scan_rate_nano: 555555 } } metrics { name: 'both' from: ['c', 'd'] }"));
  small.run(Time{0} + hour * 4 + minute);
  const auto& both = small.reconciler->metrics().series(0).samples;
  BOOST_TEST(both.empty());  // that of 1:00 is awaited
  small.run(Time{0} + hour * 5 + minute);
  BOOST_REQUIRE_EQUAL(both.size(), 4U);  // the next is due: nothing is known of 1:00 to 4:00
  for (const MetricPoint& sample : both) BOOST_TEST(!sample.data);
}

BOOST_AUTO_TEST_CASE(a_check_runs_in_its_phases_alone_and_what_falls_due_as_one_ends_belongs_to_it) {
  Small small;
  small.use(scenario_of(
      "field_compare { " + compared("POSITION", "rules { during: ['canary', 'full'] }") + " sample_ppb: 1000000000 }",
      "metrics { name: 'all' from: 'c' }"));
  const auto enter = [&](const char* phase) {
    Controls controls(small.world);
    small.reconciler->phase_entered(phase, ReadView(small.world), controls);
  };
  const auto due = [&](std::int64_t after) {
    return small.reconciler->metrics().next_due_after(0, Time{0} + hour * after);
  };
  enter("shadow");
  BOOST_TEST(due(0).ns == Time::never().ns);
  small.run(Time{0} + hour * 3);
  enter("canary");  // as the run of 3:00 would have been due
  BOOST_TEST(due(0).ns == (hour * 4).ns);
  small.run(Time{0} + hour * 5 + minute);
  enter("full");
  small.run(Time{0} + hour * 7 - nanosecond);
  enter("pause");  // before that of 7:00
  BOOST_TEST(due(6).ns == Time::never().ns);
  BOOST_TEST(due(5).ns == (hour * 6).ns);
  small.run(Time{0} + hour * 9 + minute);
  enter("full");
  small.run(Time{0} + hour * 10 + minute);
  std::vector<std::int64_t> hours;
  for (const CheckRun& run : small.reconciler->runs()) hours.push_back(run.due.ns / hour.ns);
  BOOST_TEST(hours == (std::vector<std::int64_t>{4, 5, 6, 10}), boost::test_tools::per_element());
  BOOST_TEST(small.reconciler->skipped(0) == 0U);
}

BOOST_AUTO_TEST_CASE(a_sample_lies_where_its_run_was_due_however_early_it_began) {
  Small small;  // `as_of` opens the reference three hours before the occasion
  small.use(
      scenario_of("field_compare { " + compared("AS_OF", "settle_ns: 10800000000000") + " sample_ppb: 1000000000 }",
                  "metrics { name: 'all' from: 'c' }"));
  small.run(Time{0} + hour * 8 + minute);
  const auto& samples = small.reconciler->metrics().series(0).samples;
  BOOST_REQUIRE_GE(samples.size(), 2U);
  for (std::size_t i = 1; i < samples.size(); ++i) {  // the first could not begin before the rehearsal did
    BOOST_TEST(samples[i].due.ns < samples[i].at.ns);
    BOOST_TEST(samples[i].at.ns < (samples[i].due + minute).ns);
  }
}

BOOST_AUTO_TEST_CASE(a_reconciliation_repeated_has_the_same_digest_and_another_seed_has_another) {
  const auto digest = [](std::uint64_t seed, bool paranoid) {
    WorldShape shape;
    shape.rows = 500;
    shape.changes_per_second = 2;
    shape.seed = seed;
    Small small(shape);
    small.use(scenario_of("sampled_hash { " + compared("NAIVE") + " sample_ppb: 200000000 }"), paranoid);
    small.run(Time{0} + hour * 6);
    BOOST_TEST(!small.reconciler->runs().empty());
    return small.reconciler->digest();
  };
  BOOST_TEST((digest(1, true) == digest(1, false)));
  BOOST_TEST(!(digest(1, true) == digest(2, true)));
}

BOOST_AUTO_TEST_CASE(recurrences_of_a_scenario_come_as_the_worlds) {
  scenario::Recurrence given;
  BOOST_TEST(!recurrence(given, 0).ever());
  given.set_every_ns(hour.ns);
  given.set_offset_ns(minute.ns * 7);
  BOOST_TEST(recurrence(given, 0).next_after(Time{0} + hour).ns == (hour + minute * 7).ns);
  scenario::Recurrence cron;
  cron.set_cron("0 2 * * *");
  BOOST_TEST(recurrence(cron, (hour * 23).ns).next_at_or_after(Time{0}).ns == (hour * 3).ns);
  scenario::Recurrence at;
  at.add_at()->set_daily_ns((hour * 4).ns);
  at.add_at()->set_after_ns((hour * 30).ns);
  BOOST_TEST(recurrence(at, 0).next_after(Time{0} + hour * 28).ns == (hour * 30).ns);
}

}  // namespace rehearse::reconcile_test
