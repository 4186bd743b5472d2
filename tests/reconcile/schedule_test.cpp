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
  BOOST_TEST(metrics.of_check(0).samples.back().value == 3);
  BOOST_TEST(!metrics.find("c").has_value());
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
