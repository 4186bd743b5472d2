// The shipped scenarios hold their expectations, and each fault's scenario is clean without its fault.
#include <boost/test/unit_test.hpp>

#include "harness/campaign/run.h"
#include "tests/campaign/loaded.h"

namespace rehearse {
namespace {

BOOST_AUTO_TEST_CASE(every_fault_scenario_passes_with_its_fault) {
  for (const std::string name : fault_scenarios) {
    const Loaded loaded = shipped("faults/" + name + ".yaml");
    const result::Result r = rehearse(loaded.scenario, loaded.inputs);
    BOOST_TEST(r.verdict() == result::Result::pass, name);
    BOOST_TEST(r.expectations_size() > 1, name);
  }
}

BOOST_AUTO_TEST_CASE(every_check_scenario_shows_its_checks_finding_what_they_are_for) {
  for (const std::string name : check_scenarios) {
    const Loaded loaded = shipped("checks/" + name + ".yaml");
    const result::Result r = rehearse(loaded.scenario, loaded.inputs);
    for (const auto& reason : r.reasons()) BOOST_TEST_MESSAGE(reason);
    BOOST_TEST(r.verdict() == result::Result::pass, name);
  }
}

BOOST_AUTO_TEST_CASE(check_scenarios_of_a_corruption_are_clean_without_it_and_their_expectations_flip) {
  RehearsalOptions options;
  options.assembly.without_faults = {"field_corruption"};
  for (const std::string name : {"checksums", "event_counts", "null_share"}) {
    const Loaded loaded = shipped("checks/" + name + ".yaml");
    const result::Result r = rehearse(loaded.scenario, loaded.inputs, options);
    BOOST_TEST(r.verdict() != result::Result::pass, name);
    for (const result::Store& store : r.stores()) BOOST_TEST(store.divergent_intervals() == 0U, name);
    for (const result::Check& check : r.checks()) BOOST_TEST(check.claims() == 0U, name + ": " + check.name());
    BOOST_TEST(r.rollbacks_size() == 0, name);
  }
}

BOOST_AUTO_TEST_CASE(every_fault_scenario_is_clean_without_its_fault_and_its_expectations_flip) {
  for (const std::string name : fault_scenarios) {
    const Loaded loaded = shipped("faults/" + name + ".yaml");
    RehearsalOptions options;
    options.assembly.without_faults = {name};
    const result::Result r = rehearse(loaded.scenario, loaded.inputs, options);
    BOOST_TEST(r.verdict() != result::Result::pass, name);
    BOOST_TEST(store(r, "orders_streaming").divergent_intervals() == 0U, name);
    for (const result::Check& check : r.checks()) BOOST_TEST(check.false_alarms() == 0U, name + ": " + check.name());
  }
}

BOOST_AUTO_TEST_CASE(a_fault_that_never_strikes_makes_its_expectations_vacuous_which_is_not_a_pass) {
  Loaded loaded = shipped("faults/field_corruption.yaml");
  loaded.scenario.proto.mutable_world()->mutable_faults(0)->mutable_field_corruption()->set_share_ppb(0);
  const result::Result r = rehearse(loaded.scenario, loaded.inputs);
  BOOST_TEST(r.verdict() != result::Result::pass);
  BOOST_TEST(r.faults(0).vacuous());
}

// The plan of the quickstart without faults, on a small table: GO at the earliest time that the plan allows.
constexpr const char* quiet_plan = R"yaml(
format: 1
name: quiet
start: 2026-03-02T00:00:00Z
duration: 16d
source:
  tables:
    orders:
      rows: 2k
      columns: {id: {type: bigint, key: true}, amount: {type: "decimal(12,2)"}, updated_at: {type: timestamptz, role: updated_at}}
      workload: {peak_rate: 1/s, mix: {insert: 10%, update: 80%, delete: 10%}, reinserts: 30%}
datasets: {orders: {of: orders}}
pipelines:
  nightly: {batch: {produces: orders, into: old, cron: "0 2 * * *", rate: 1k/s, freshness: 26h}}
  cdc: {stream: {produces: orders, into: new, freshness: 60s, topic: {partitions: 3}, processor: {workers: 3}}}
consumers:
  service: {reads: orders, every: 10m, tier: high, assumes: [unique]}
checks:
  fields: {field_compare: {between: [source, new], every: 1h}}
  hashes: {keyed_hash: {between: [source, old], every: 1h, offset: 11m}}
  age: {freshness: {of: new, every: 5m}}
metrics:
  bad_rows: {from: fields, per: rows_compared}
  age: {from: age}
migration:
  from: nightly
  to: cdc
  phases:
    - {name: shadow, at_least: 7d, observed: [weekend], exit: [{metric: bad_rows, below: 0.1%, for: 5d}]}
    - {name: full, move: {rest: together}, at_least: 3d}
  rollback:
    triggers: [{metric: age, above: 10m, for: 10m}]
    steps: [{redirect_consumers: 30s}]
expect:
  decision: cut_over
  verdict: pass
  go_at: {full: {at_least: 7d, at_most: 7d1s}}   # the run that is due just then has to report
  divergence: [{store: new, at_most: 0, when: ever}, {store: old, at_most: 0, when: ever}]
  wrong_reads: {at_most: 0}
  checks: {fields: {claims: 0}, hashes: {claims: 0}}
)yaml";

BOOST_AUTO_TEST_CASE(without_faults_there_is_no_divergence_no_claim_and_go_at_the_earliest_time_the_plan_allows) {
  const Loaded loaded = from_text(quiet_plan);
  const result::Result r = rehearse(loaded.scenario, loaded.inputs);
  for (const auto& reason : r.reasons()) BOOST_TEST_MESSAGE(reason);
  BOOST_TEST(r.verdict() == result::Result::pass);
}

// The nightly job reads at 02:00 and is done two to four seconds later; the stream polls and flushes within seconds.
BOOST_AUTO_TEST_CASE(a_stores_worst_age_is_that_of_its_oldest_extract_or_of_its_slowest_change) {
  const Loaded loaded = from_text(quiet_plan);
  const result::Result r = rehearse(loaded.scenario, loaded.inputs);
  const std::int64_t old = store(r, "old").worst_age_ns(), fresh = store(r, "new").worst_age_ns();
  BOOST_TEST((old > (day + second * 2).ns && old < (day + second * 10).ns), old);
  BOOST_TEST((fresh > millisecond.ns && fresh < (second * 10).ns), fresh);
}

// The corruption lasts six hours of two days and later changes mend most rows: at the end they are equal again.
BOOST_AUTO_TEST_CASE(an_example_shows_both_sides_as_they_were_while_the_row_was_wrong) {
  const Loaded loaded = shipped("faults/field_corruption.yaml");
  const result::Result r = rehearse(loaded.scenario, loaded.inputs);
  int over = 0;
  for (const result::MatrixCell& cell : r.matrix())
    for (const result::Example& example : cell.examples()) {
      if (example.false_alarm()) continue;
      over += example.has_until_at_ns();
      BOOST_TEST(example.content_at_ns() == (example.has_until_at_ns() ? example.until_at_ns() : (day * 2).ns));
      for (const result::Field& field : example.fields()) {
        BOOST_TEST(field.differs() == (field.column() == "amount"), field.column());
        if (field.column() == "amount") BOOST_TEST((field.has_expected() && !field.has_actual()));
      }
    }
  BOOST_TEST(over > 0);
}

BOOST_AUTO_TEST_CASE(a_sink_that_ignores_deletes_is_found_by_checks_and_by_the_oracle) {
  std::string text = quiet_plan;
  text.replace(text.find("processor: {workers: 3}"), 0, "sink: {deletes: ignore}, ");
  const Loaded loaded = from_text(text);
  const result::Result r = rehearse(loaded.scenario, loaded.inputs);
  BOOST_TEST(r.verdict() == result::Result::fail);
  BOOST_TEST(store(r, "new").divergent_intervals() > 0U);
  BOOST_TEST(r.checks(0).right() > 0U);
}

BOOST_AUTO_TEST_CASE(offsets_committed_before_the_write_lose_rows_at_a_crash_and_are_named_as_the_cause) {
  std::string text = quiet_plan;
  text.replace(text.find("freshness: 60s,"), 0, "delivery: at_most_once, ");
  text.replace(text.find("expect:"), 0,
               "world: {faults: [{connector_restart: {pipeline: cdc, part: sink, every: 3h, down_for: 1m}}]}\n");
  const Loaded loaded = from_text(text);
  const result::Result r = rehearse(loaded.scenario, loaded.inputs);
  BOOST_TEST(r.verdict() == result::Result::fail);
  bool named = false;
  for (const result::CauseCount& cause : store(r, "new").causes())
    named |= cause.cause().find("at_most_once") != std::string::npos;
  BOOST_TEST(named);
}

}  // namespace
}  // namespace rehearse
