// What must have been observed in a phase: weekends, schema changes, recoveries.
#include "harness/migration/observed.h"

#include <boost/test/unit_test.hpp>

#include "sim/kernel/civil.h"
#include "tests/migration/fakes.h"

namespace rehearse::testing {
namespace {

Plan observing(Observable what) {
  Plan plan = two_phases();
  plan.phases[0].observed = {what};
  return plan;
}

constexpr StoreId stream = FakeOperations::new_store;

std::function<void(FakeOperations&)> age(Duration value) {
  return [=](FakeOperations& operations) { operations.age[stream] = value; };
}

bool within_a_look(const std::optional<Time>& entered, Time t) {
  return entered && *entered >= t && *entered <= t + 5 * minute;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(observed)

BOOST_AUTO_TEST_CASE(a_weekend_is_a_whole_saturday_and_sunday) {
  const auto over = [](const char* entered) {
    const std::int64_t start = *parse_rfc3339("2026-03-02T00:00:00Z");
    return format_rfc3339(start + whole_weekend_over({*parse_rfc3339(entered) - start}, start).ns);
  };
  BOOST_TEST(over("2026-03-02T00:00:00Z") == "2026-03-09T00:00:00Z");  // Monday
  BOOST_TEST(over("2026-03-06T23:59:59Z") == "2026-03-09T00:00:00Z");  // Friday
  BOOST_TEST(over("2026-03-07T00:00:00Z") == "2026-03-09T00:00:00Z");  // as Saturday begins
  BOOST_TEST(over("2026-03-07T00:00:00.000000001Z") == "2026-03-16T00:00:00Z");
  BOOST_TEST(over("2026-03-08T12:00:00Z") == "2026-03-16T00:00:00Z");  // Sunday
}

BOOST_AUTO_TEST_CASE(the_gate_opens_when_the_weekend_is_over) {
  Stage stage;
  const MigrationRecord& record = stage.run(observing(Observable::weekend), at(30 * day));
  BOOST_TEST(record.phases[1].entered->ns == at(7 * day).ns);
}

BOOST_AUTO_TEST_CASE(a_schema_change_in_the_phase_counts_and_one_before_it_does_not) {
  Stage stage;
  stage.operations.changes_of_schema = 3;
  Plan plan = observing(Observable::schema_change);
  stage.causes.emplace(at(3 * day), [](FakeOperations& operations) { ++operations.changes_of_schema; });
  BOOST_TEST(within_a_look(stage.run(plan, at(9 * day)).phases[1].entered, at(3 * day)));

  Stage quiet;
  quiet.operations.changes_of_schema = 3;
  BOOST_TEST(!quiet.run(plan, at(9 * day)).phases[1].entered);
}

BOOST_AUTO_TEST_CASE(a_pipeline_past_its_freshness_that_caught_up_again_is_a_recovery) {
  Stage stage;
  stage.causes.emplace(at(2 * day), age(10 * minute));
  stage.causes.emplace(at(2 * day + hour), age(60 * second));
  BOOST_TEST(
      within_a_look(stage.run(observing(Observable::recovery), at(9 * day)).phases[1].entered, at(2 * day + hour)));
}

BOOST_AUTO_TEST_CASE(a_restart_counts_once_the_pipeline_has_caught_up) {
  Stage stage;
  stage.operations.restarted[stream] = 1;  // before the phase
  stage.operations.age[stream] = 10 * minute;
  stage.causes.emplace(at(2 * day), [](FakeOperations& operations) { ++operations.restarted[stream]; });
  stage.causes.emplace(at(2 * day + hour), age({}));
  BOOST_TEST(
      within_a_look(stage.run(observing(Observable::recovery), at(9 * day)).phases[1].entered, at(2 * day + hour)));
}

BOOST_AUTO_TEST_CASE(an_initial_load_is_no_recovery) {
  Stage stage;
  stage.operations.age[stream] = hour;
  stage.operations.restarted[stream] = 1;
  stage.causes.emplace(at(hour), age({}));
  BOOST_TEST(!stage.run(observing(Observable::recovery), at(9 * day)).phases[1].entered);
}

BOOST_AUTO_TEST_CASE(a_first_load_that_begins_within_the_promise_is_no_recovery) {
  Stage stage;  // it is seen fresh before the load makes it old
  stage.operations.loading = {stream};
  stage.causes.emplace(at(30 * minute), age(hour));
  stage.causes.emplace(at(2 * hour), [](FakeOperations& operations) {
    operations.age[stream] = {};
    operations.loading.clear();
  });
  BOOST_TEST(!stage.run(observing(Observable::recovery), at(9 * day)).phases[1].entered);
}

BOOST_AUTO_TEST_CASE(a_pipeline_that_stays_behind_has_not_recovered) {
  Stage stage;
  stage.causes.emplace(at(2 * day), age(10 * minute));
  BOOST_TEST(!stage.run(observing(Observable::recovery), at(9 * day)).phases[1].entered);
}

BOOST_AUTO_TEST_CASE(what_was_seen_in_an_earlier_phase_does_not_count) {
  Stage stage;
  stage.causes.emplace(at(day), age(10 * minute));
  stage.causes.emplace(at(day + hour), age({}));
  Plan plan = observing(Observable::recovery);
  plan.phases[1].observed = {Observable::recovery};
  plan.phases.push_back(phase("full"));
  const MigrationRecord& record = stage.run(plan, at(9 * day));
  BOOST_TEST(record.phases[1].entered.has_value());
  BOOST_TEST(!record.phases[2].entered);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rehearse::testing
