// What is written down as it was, without being judged.
#include <boost/test/unit_test.hpp>

#include "harness/judge/parts.h"
#include "reports/result/harm.h"
#include "scenarios/check_kinds.h"
#include "tests/judge/bench.h"

namespace rehearse::judging::test {

BOOST_AUTO_TEST_CASE(criteria_are_written_in_the_units_of_reports) {
  Bench bench;
  bench.plan();
  CriterionRecord criterion;
  criterion.text = "p95 below 30s for 2d";
  criterion.metric = "p95";
  criterion.quantity = FRESHNESS;
  criterion.comparison = "below";
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
  bench.truth.consumers[2].all[STALE] = 4;
  bench.truth.consumers[2].cut_off = 3;
  const result::Result result = bench.judged();
  const result::Consumer& dashboard = result.consumers(0);
  BOOST_REQUIRE_EQUAL(dashboard.served_from_size(), 3);
  BOOST_TEST(dashboard.served_from(1).store() == "new");
  BOOST_TEST(dashboard.served_from(2).store() == "old");
  BOOST_TEST(dashboard.needs(0) == "unique");
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

const result::Series* series_named(const result::Result& result, const std::string& name) {
  for (const result::Series& series : result.series())
    if (series.name() == name) return &series;
  return nullptr;
}

BOOST_AUTO_TEST_CASE(classes_set_what_was_claimed_against_what_was_divergent) {
  Bench bench;
  const std::uint32_t fields = bench.check();
  bench.divergent(new_one, 1, h(1), h(9), "", Kind::mismatch);
  bench.divergent(new_one, 2, h(2), h(9), "", Kind::mismatch);
  bench.divergent(new_one, 3, h(2), never, "", Kind::missing);
  bench.run(fields, h(4), h(5), {claim(1), claim(7), claim(8, scenario::EXTRA)});
  const result::Result result = bench.judged();
  BOOST_REQUIRE_EQUAL(result.classes_size(), 3);
  const auto expect = [&](int i, const char* name, std::uint64_t divergences, std::uint64_t worst, std::uint64_t claims,
                          std::uint64_t right) {
    const result::ClassTruth& k = result.classes(i);
    BOOST_TEST(k.name() == name);
    BOOST_TEST(k.divergences() == divergences, name);
    BOOST_TEST(k.divergent_worst() == worst, name);
    BOOST_TEST(k.claims() == claims, name);
    BOOST_TEST(k.right() == right, name);
  };
  expect(0, "missing", 1, 1, 0, 0);
  expect(1, "extra", 0, 0, 1, 0);
  expect(2, "mismatch", 2, 2, 2, 1);
}

BOOST_AUTO_TEST_CASE(rows_of_a_class_over_time_are_those_of_its_intervals) {
  Bench bench;
  bench.check();
  bench.divergent(new_one, 1, h(1), h(9), "", Kind::mismatch);
  bench.divergent(new_one, 2, h(3), never, "", Kind::mismatch);
  bench.divergent(new_one, 3, h(2), h(4), "", Kind::missing);
  bench.run(0, h(2), h(2), {claim(3, scenario::MISSING)});
  const result::Result result = bench.judged();
  const result::Series* mismatches = series_named(result, "new: mismatch rows");
  BOOST_REQUIRE(mismatches);
  BOOST_TEST(mismatches->discrepancy_class() == "mismatch");
  std::vector<std::pair<std::int64_t, double>> steps;
  for (int i = 0; i < mismatches->times_ns_size(); ++i)
    steps.emplace_back(mismatches->times_ns(i) / hour.ns, mismatches->values(i));
  const std::vector<std::pair<std::int64_t, double>> expected = {{0, 0}, {1, 0}, {1, 1}, {3, 1},
                                                                 {3, 2}, {9, 2}, {9, 1}, {100, 1}};
  BOOST_TEST((steps == expected));
  const result::Series* claimed = series_named(result, "fields: claimed as missing");
  BOOST_REQUIRE(claimed);
  BOOST_TEST(claimed->values(0) == 1.0);
  BOOST_TEST(!series_named(result, "fields: claimed as mismatch"));
}

BOOST_AUTO_TEST_CASE(runs_are_kept_with_their_length_and_the_telling_ones_first) {
  Bench bench;
  const std::uint32_t fields = bench.check(), age = bench.check("freshness", std::nullopt);
  for (std::int64_t i = 0; i < 5'000; ++i) {
    const Time at = Time{} + minute * i;
    bench.runs.push_back({});
    CheckRun& run = bench.runs.back();
    run.check = fields, run.number = static_cast<std::uint64_t>(i) + 1, run.data = i != 4'998;
    run.started = run.first_read = at, run.reported = at + second * 20;
    if (i == 4'999) run.claim(claim(1));
  }
  bench.run(age, h(1), h(1));
  const result::Result result = bench.judged();
  BOOST_REQUIRE_EQUAL(result.check_runs_size(), 1);  // a monitor's runs have no length
  const result::CheckRuns& runs = result.check_runs(0);
  BOOST_TEST(runs.check() == "fields");
  BOOST_TEST(runs.began_at_ns_size() == static_cast<int>(runs_kept_most));
  BOOST_TEST(runs.left_out() == 5'000 - runs_kept_most);
  BOOST_TEST(runs.lasted_ns(0) == (second * 20).ns);
  BOOST_TEST(runs.claims(runs.claims_size() - 1) == 1U);
  BOOST_TEST(runs.no_data(runs.no_data_size() - 2));
}

BOOST_AUTO_TEST_CASE(pauses_are_the_spans_of_holds_whoever_holds_and_whatever_a_text_says) {
  Bench bench;
  bench.plan();
  bench.migration->phases[1].actions = {{h(12), "pause other", true, ""}};
  bench.go(1, h(10));
  bench.holds = {{"nightly", "batch job", "paused", "phase canary", h(10), h(51)},
                 {"cdc", "members", "crashed", "fault restart", h(60), std::nullopt}};
  const result::Result result = bench.judged();
  BOOST_REQUIRE_EQUAL(result.pauses_size(), 2);
  BOOST_TEST(result.pauses(1).part() == "members");
  BOOST_TEST(result.pauses(1).reason() == "crashed");
  BOOST_TEST(!result.pauses(1).has_until_at_ns());
  BOOST_TEST(result.pauses(0).pipeline() == "nightly");
  BOOST_TEST(result.pauses(0).from_at_ns() == h(10).ns);
  BOOST_TEST(result.pauses(0).until_at_ns() == h(51).ns);
  BOOST_TEST(result.pauses(0).by() == "phase canary");
}

BOOST_AUTO_TEST_CASE(samples_become_lag_of_streams_and_age_of_batch_stores) {
  Bench bench;
  JudgeInputs in = bench.inputs();
  in.streams = {{.pipeline = "cdc"}};
  in.samples = {{old_one, {h(0), h(1)}, {0, 0}, {hour, hour * 2}}, {new_one, {h(0), h(1)}, {5, 70}, {{}, {}}}};
  const result::Result result = judge(in);
  const result::Series* lag = series_named(result, "new: lag");
  const result::Series* age = series_named(result, "old: age of the last extract");
  BOOST_REQUIRE(lag);
  BOOST_REQUIRE(age);
  BOOST_TEST(lag->values(1) == 70.0);
  BOOST_TEST(lag->unit() == "records");
  BOOST_TEST(age->values(1) == 7200.0);
}

// Both tables name parts of the result and of expectations in texts.
BOOST_AUTO_TEST_CASE(what_the_tables_name_is_there) {
  for (const ReadOutcome outcome : all_outcomes()) {
    const auto* field = result::Harm::descriptor()->FindFieldByName(rule_of(outcome).field());
    BOOST_TEST((field && field->cpp_type() == field->CPPTYPE_UINT64), rule_of(outcome).words());
  }
  for (int q = 0; q < Quantity_ARRAYSIZE; ++q) {
    result::Series::Kind kind = result::Series::other;
    const QuantityRule& rule = rule_of(static_cast<Quantity>(q));
    BOOST_TEST(result::Series::Kind_Parse(rule.series(), &kind), rule.series());
    BOOST_TEST(!rule.unit().empty());
    BOOST_TEST(!rule.noun().empty());
  }
}

BOOST_AUTO_TEST_CASE(a_kind_of_check_claims_something_unless_it_is_a_monitor) {
  const auto* kinds = scenario::Check::descriptor()->FindOneofByName("kind");
  for (int i = 0; i < kinds->field_count(); ++i) {
    const scenario::CheckKind& kind = kind_of(*kinds->field(i));
    BOOST_TEST(kind.claims().empty() == is_monitored(kind.quantity()), kinds->field(i)->name());
    BOOST_TEST(kind.reads_size() > 0, kinds->field(i)->name());
  }
}

BOOST_AUTO_TEST_CASE(harm_over_time_is_by_tier) {
  Bench bench;
  const auto read = [&](std::size_t consumer, Time at, ReadOutcome found) {
    bench.truth.consumers[consumer].history.add(at, new_one, found);
  };
  for (const Time at : {h(24), h(24) + minute}) read(0, at, WRONG);
  read(0, h(25), STALE);
  for (const Time at : {h(0), h(0) + minute, h(0) + minute * 2}) read(1, at, WRONG);
  const result::Result result = bench.judged();
  const result::Series* low = series_named(result, "wrong reads, tier low");
  BOOST_REQUIRE(low);
  double reads_in_all = 0;
  Time first = Time::never();
  for (int i = 0; i < low->values_size(); ++i) {
    reads_in_all += low->values(i);
    if (low->values(i) > 0) first = std::min(first, Time{low->times_ns(i)});
  }
  BOOST_TEST(reads_in_all == 2.0);
  BOOST_TEST(first.ns == h(24).ns);  // a curve does not rise before what it shows
  BOOST_REQUIRE(series_named(result, "wrong reads, tier high"));
  BOOST_TEST(!series_named(result, "stale reads, tier high"));
  BOOST_TEST(!series_named(result, "wrong reads, tier medium"));
}

BOOST_AUTO_TEST_CASE(an_example_says_its_class_and_when_its_content_was_read) {
  Bench bench;
  bench.check();
  bench.fault("burst", 1, h(1), h(2));
  bench.divergent(new_one, 1, h(1), h(90), "fault burst", Kind::missing);
  bench.run(0, h(3), h(4), {claim(1, scenario::MISSING)});
  const result::Result result = bench.judged();
  BOOST_REQUIRE_EQUAL(result.matrix_size(), 1);
  const result::Example& example = result.matrix(0).examples(0);
  BOOST_TEST(example.kind() == "missing");
  BOOST_TEST(example.content_at_ns() == h(90).ns);
  BOOST_REQUIRE_EQUAL(example.made_of_size(), 1);
  BOOST_TEST(example.made_of(0).table() == "sales");
  BOOST_TEST(example.made_of(0).looked_up());
  BOOST_TEST(example.made_of(0).expected() == "4, write 2");
  BOOST_TEST(!example.made_of(0).has_actual());
}

}  // namespace rehearse::judging::test
