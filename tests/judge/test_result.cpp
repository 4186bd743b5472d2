// What is written down as it was, without being judged.
#include <boost/test/unit_test.hpp>

#include "tests/judge/bench.h"

namespace rehearse::judging::test {

BOOST_AUTO_TEST_CASE(criteria_are_written_in_the_units_of_reports) {
  Bench bench;
  bench.plan();
  CriterionRecord criterion;
  criterion.text = "p95 below 30s for 2d";
  criterion.metric = "p95";
  criterion.unit = MetricUnit::duration;
  criterion.bound = 30e9;
  criterion.value = 1.5e9;
  criterion.length = day * 2;
  criterion.status = CriterionStatus::holding;
  criterion.history = {{h(3), CriterionStatus::broken, 40e9}};
  bench.migration->gates[0].criteria.push_back(criterion);
  const result::Result result = bench.judged();
  const result::Gate& gate = result.gates(0);
  BOOST_TEST(gate.bound() == 30.0);
  BOOST_TEST(gate.value() == 1.5);
  BOOST_TEST(gate.unit() == "seconds");
  BOOST_TEST(gate.comparison() == "below");
  BOOST_TEST(gate.status() == result::Gate::holding);
  BOOST_TEST(gate.history(0).value() == 40.0);
  BOOST_TEST(!gate.has_worst());
}

BOOST_AUTO_TEST_CASE(a_trigger_tells_how_near_it_came) {
  Bench bench;
  bench.plan();
  NearMiss miss;
  miss.phase = "canary";
  miss.held = minute * 50;
  bench.migration->triggers[0].longest_near_miss = miss;
  const result::Result result = bench.judged();
  BOOST_TEST(result.triggers(0).note() == "1h 10m short of firing in canary");
  BOOST_TEST(result.triggers(0).longest_held_ns() == (minute * 50).ns);
}

BOOST_AUTO_TEST_CASE(a_consumer_tells_where_it_read_and_who_knew_of_it) {
  Bench bench;
  bench.plan();
  bench.go(1, h(20));
  bench.roll_back(h(50));
  bench.truth.consumers[2].all.stale = 4;
  bench.truth.consumers[2].cut_off = 3;
  const result::Result result = bench.judged();
  const result::Consumer& dashboard = result.consumers(0);
  BOOST_REQUIRE_EQUAL(dashboard.served_from_size(), 3);
  BOOST_TEST(dashboard.served_from(1).store() == "new");
  BOOST_TEST(dashboard.served_from(2).store() == "old");
  BOOST_TEST(dashboard.assumes(0) == "unique");
  const result::Consumer& hidden = result.consumers(2);
  BOOST_TEST(!hidden.listed());
  BOOST_TEST(hidden.tier() == "medium");
  BOOST_TEST(hidden.harm().stale() == 4U);
  BOOST_TEST(hidden.served_from(0).store() == "old");
  BOOST_REQUIRE_EQUAL(result.warnings_size(), 1);
}

BOOST_AUTO_TEST_CASE(repairs_of_one_run_are_one_entry) {
  Bench bench;
  bench.check();
  std::vector<AuditEntry> repairs;
  for (RowId row = 1; row <= 3; ++row) {
    AuditEntry repair;
    repair.at = h(5) + minute * static_cast<std::int64_t>(row);
    repair.run = 2;
    repair.store = new_one;
    repair.row = row;
    repair.action = scenario::RepairRule::RELOAD_FROM_SOURCE;
    if (row == 3) repair.result = AuditEntry::Result::left_to_people;
    repairs.push_back(repair);
  }
  JudgeInputs in = bench.inputs();
  in.repairs = &repairs;
  const result::Result result = judge(in);
  BOOST_REQUIRE_EQUAL(result.audit_size(), 2);
  BOOST_TEST(result.audit(0).rows() == 2U);
  BOOST_TEST(result.audit(0).actor() == "repair of fields");
  BOOST_TEST(result.audit(1).detail() == "left to people, in new, claims of run 2");
}

BOOST_AUTO_TEST_CASE(marks_are_in_order_whoever_made_them) {
  Bench bench;
  bench.plan();
  bench.fault("burst", 2, h(7), h(9));
  bench.migration->marks.push_back({h(3), std::nullopt, MigrationMark::Kind::decision, "GO canary"});
  JudgeInputs in = bench.inputs();
  result::Mark cycle;
  cycle.set_at_ns(h(5).ns);
  cycle.set_kind(result::Mark::cycle);
  in.marks = {cycle};
  const result::Result result = judge(in);
  BOOST_REQUIRE_EQUAL(result.marks_size(), 3);
  BOOST_TEST(result.marks(0).kind() == result::Mark::decision);
  BOOST_TEST(result.marks(1).kind() == result::Mark::cycle);
  BOOST_TEST(result.marks(2).until_at_ns() == h(9).ns);
}

BOOST_AUTO_TEST_CASE(defects_that_made_rows_divergent_stand_with_the_faults) {
  Bench bench;
  bench.divergent(new_one, 1, h(1), h(2), "defect cdc.sink.deletes");
  const result::Result result = bench.judged();
  BOOST_REQUIRE_EQUAL(result.faults_size(), 1);
  BOOST_TEST(result.faults(0).defect());
  BOOST_TEST(result.faults(0).target() == "cdc");
  BOOST_TEST(result.faults(0).hits() == 1U);
}

}  // namespace rehearse::judging::test
