// Bugs planted in the logic on trial, in test code alone: the judge must show each for what it is.
#include <boost/test/unit_test.hpp>

#include "harness/campaign/assembler.h"
#include "harness/campaign/names.h"
#include "harness/campaign/run.h"
#include "harness/judge/judge.h"
#include "harness/migration/world_operations.h"
#include "harness/reconcile/checksum.h"
#include "tests/campaign/loaded.h"

namespace rehearse {
namespace {

constexpr const char* plan = R"yaml(
format: 1
name: planted
start: 2026-03-02T00:00:00Z
duration: 4d
source:
  tables:
    orders:
      rows: 1k
      columns: {id: {type: bigint, key: true}, amount: {type: "decimal(12,2)"}, updated_at: {type: timestamptz, role: updated_at}}
      workload: {peak_rate: 720/h, mix: {insert: 20%, update: 80%}}
datasets: {orders: {of: orders}}
pipelines:
  nightly: {batch: {produces: orders, into: old, cron: "0 2 * * *", rate: 1k/s, freshness: 26h}}
  cdc: {stream: {produces: orders, into: new, freshness: 10m}}
consumers:
  service: {reads: orders, every: 1h, tier: high}
checks:
  sums: {checksum: {between: [source, new], every: 1h, chunks: {rows: 100}}}
  fields: {field_compare: {between: [source, new], every: 1h, offset: 7m}}
metrics:
  bad_rows: {from: fields, per: rows_compared}
migration:
  from: nightly
  to: cdc
  phases:
    - {name: shadow, at_least: 2d, exit: [{metric: bad_rows, below: 0.1%, for: 1d}]}
    - {name: full, move: {rest: together}}
world:
  faults: [{field_corruption: {pipeline: cdc, column: amount, at: 1d12h, for: 2d, share: 50%, how: "null"}}]
)yaml";

result::Result judged(const Loaded& loaded, const Run& run, const std::vector<CheckRun>& runs,
                      const MigrationRecord* migration) {
  const TruthRecord truth = run.oracle.record(run.world);
  const WorldNames names(run.world);
  JudgeInputs in{.scenario = loaded.scenario.proto,
                 .truth = truth,
                 .checks = run.reconciler.checks(),
                 .runs = runs,
                 .causes = run.world.causes,
                 .names = names};
  in.credit = &run.credit.record();
  in.routing = run.world.routing;
  in.metrics = &run.reconciler.metrics();
  in.migration = migration;
  in.horizon = Time{loaded.scenario.proto.duration_ns()};
  return judge(in);
}

// ---- a check that skips the last chunk -----------------------------------------------------------------------------

// What a checksum by chunk claims now; `skip` chunks at the end are forgotten.
CheckRun sums_now(Run& run, std::uint64_t number, std::size_t skip) {
  ReadView view(run.world);
  const StoreId store = *view.store("new");
  const Reading a = view.open(source_store, 0), b = view.open(store, 0);
  const std::vector<ColumnId> columns = view.contract_columns(0);
  const checksums::Rows reference = view.row_hashes(a, columns, KeyInHash::included, {});
  const checksums::Rows trial = view.row_hashes(b, columns, KeyInHash::included, {});
  std::vector<checksums::Range> chunks = checksums::chunks_of(reference, 100);
  chunks.resize(chunks.size() - skip);
  CheckRun report;
  report.number = number;
  report.started = report.first_read = report.last_read = report.reported = view.now();
  report.data = true;
  report.rows_compared = reference.size();
  checksums::Cost cost;
  const std::vector<checksums::Suspect> suspects = checksums::search(reference, trial, chunks, {}, cost);
  using Figures = FiguresByParts<RowId, checksums::Sums>;  // by the range's first row
  const std::vector<Reading> references{a}, trials{b};
  Figures figures(
      references, trials,
      [&](std::size_t, const Reading& reading) {
        Figures::ByKey sums;
        const checksums::Rows rows = view.row_hashes(reading, columns, KeyInHash::included, {});
        for (const checksums::Suspect& s : suspects) sums[s.range.first] += checksums::sums_of(rows, s.range);
        return sums;
      },
      [](RowId, const checksums::Sums& x, const checksums::Sums& y) {
        return checksums::differ(x, y, checksums::Combine::sum);
      });
  for (const checksums::Suspect& s : suspects)
    figures.add(s.range.first, checksums::sums_of(reference, s.range), checksums::sums_of(trial, s.range));
  CreditingOnlooker onlooker(run.world, run.oracle, run.credit);
  const CheckDescription& check = run.reconciler.checks()[0];
  onlooker.has_read(check, report);
  onlooker.claims_figures(check, report, references, trials, figures);
  view.close(a);
  view.close(b);
  for (const checksums::Suspect& suspect : suspects) {
    Claim claim{.row = suspect.range.first, .kind = scenario::AGGREGATE};
    claim.about = Claim::About::range;
    claim.other = suspect.range.last;
    report.claim(claim);
  }
  report.claims.pack();
  onlooker.has_reported(check, report);
  return report;
}

double recall_of_sums(std::size_t skip) {
  const Loaded loaded = from_text(plan);
  Run run(assemble(loaded.scenario, loaded.inputs), {});
  run.credits = false;  // of the scenario's own checks
  std::vector<CheckRun> runs;
  for (std::uint64_t hours = 1; hours < 95; ++hours) {
    run.until(Time{0} + hour * static_cast<std::int64_t>(hours) + minute);
    runs.push_back(sums_now(run, hours, skip));
  }
  run.until(Time{loaded.scenario.proto.duration_ns()});
  run.finish();
  const result::Result r = judged(loaded, run, runs, nullptr);
  const auto& recall = r.checks(0).recall_in_population();
  BOOST_REQUIRE(recall.denominator() > 100U);
  return static_cast<double>(recall.numerator()) / static_cast<double>(recall.denominator());
}

// ---- a gate that reads stale counts --------------------------------------------------------------------------------

// Every sample of a metric has the value that the first one had: a panel that was never refreshed.
class NeverRefreshed : public MetricSource {
 public:
  explicit NeverRefreshed(const MetricSource& fresh) : fresh_(&fresh) {}
  std::optional<MetricId> find(const std::string& metric) const override { return fresh_->find(metric); }
  std::size_t samples(MetricId metric) const override { return fresh_->samples(metric); }
  WindowSample sample(MetricId metric, std::size_t number) const override {
    WindowSample sample = fresh_->sample(metric, number);
    sample.value = fresh_->sample(metric, 0).value;
    return sample;
  }
  Time next_due_after(MetricId metric, Time t) const override { return fresh_->next_due_after(metric, t); }

 private:
  const MetricSource* fresh_;
};

// The plan of the scenario, carried out by a runner that reads `stale` or fresh metrics.
result::Result carried_out(bool stale) {
  const Loaded loaded = from_text(plan);
  Run run(assemble(loaded.scenario, loaded.inputs), {});
  const StoredMetrics fresh(run.reconciler.metrics());
  const NeverRefreshed frozen(fresh);
  const MetricSource& metrics = stale ? static_cast<const MetricSource&>(frozen) : fresh;
  Controls controls(run.world);
  ReadView view(run.world);
  WorldOperations operations(view, controls, run.reconciler, nullptr, [] {});
  MigrationRunner runner(plan_of(loaded.scenario.proto, run.world.start_unix_ns));
  runner.start(run.world.now(), metrics, operations);
  const auto advance = [&](Time to) {
    run.world.advance(to);
    run.oracle.advanced(run.world);
  };
  through_time(run.world, Time{loaded.scenario.proto.duration_ns()}, advance, [&](const Event& event) {
    run.oracle.before_event(run.world, event);
    if (event.actor == Actor::faults) run.injector.handle(event, run.world);
    if (event.actor == Actor::world) run.world.handle(event);
    if (event.actor == Actor::reconcile) run.reconciler.handle(event.code, event.index, view, controls);
    if (event.actor == Actor::reconcile || event.actor == Actor::migration)
      runner.on_event(run.world.now(), metrics, operations);
    if (event.actor == Actor::consumers)
      if (const auto read = run.world.read(event.index, event.argument)) run.oracle.saw(*read, run.world);
    run.oracle.after_event(run.world, event);
    return GoOn::yes;
  });
  run.finish();
  runner.finish(run.ended);
  return judged(loaded, run, run.reconciler.runs(), &runner.record());
}

bool has_a_false_go(const result::Result& r) {
  return std::any_of(r.judgements().begin(), r.judgements().end(), [](const result::GateJudgement& judged) {
    return judged.kind() == result::GateJudgement::go && judged.was() != result::right;
  });
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_check_that_skips_the_last_chunk_has_a_recall_below_one_and_the_whole_one_has_not) {
  BOOST_TEST(recall_of_sums(0) == 1.0);
  const double broken = recall_of_sums(1);
  BOOST_TEST(broken < 1.0);
  BOOST_TEST(broken > 0.0);
}

BOOST_AUTO_TEST_CASE(a_gate_that_reads_counts_which_are_never_refreshed_makes_a_false_go) {
  const result::Result honest = carried_out(false);
  const result::Result broken = carried_out(true);
  BOOST_TEST(!has_a_false_go(honest));
  BOOST_TEST(has_a_false_go(broken));
  BOOST_TEST(broken.verdict() == result::Result::fail);
}

}  // namespace rehearse
