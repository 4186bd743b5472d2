// Sweeps: what is kept, how a second call goes on, and that a report hangs on nothing but what is kept.
#include "harness/odds/sweep.h"

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "harness/campaign/rehearsal.h"
#include "harness/program/program.h"
#include "reports/sweep.h"

using namespace rehearse;

namespace {

std::string in(const ScratchFolder& folder, const char* name) { return folder.path() + "/" + name; }

// A plan whose new store is damaged in about two of three seeds, and which rolls back then.
std::vector<GridPoint> grid(const ScratchFolder& folder, const std::string& vary = "") {
  const std::string file = in(folder, "scenario.yaml");
  std::ofstream(file) << R"(
format: 1
name: small
start: 2026-03-02T00:00:00Z
duration: 3d
source: {tables: {orders: {rows: 100, columns: {id: {type: bigint, key: true}, v: {type: bigint}}, workload: {peak_rate: 30/h, mix: {update: 100%}}}}}
datasets: {orders: {of: orders}}
pipelines:
  nightly: {batch: {produces: orders, into: old, every: 6h, freshness: 8h}}
  cdc: {stream: {produces: orders, into: new, freshness: 1m}}
consumers: {dash: {reads: orders, every: 1h, tier: high}}
checks: {fields: {field_compare: {between: [source, new], every: 1h}}}
metrics: {bad: {from: fields}}
migration:
  from: nightly
  to: cdc
  phases: [{name: shadow, at_least: 6h, exit: [{metric: bad, below: 1, for: 4h}]}, {name: full, move: [dash]}]
  rollback: {triggers: [{metric: bad, above: 0, for: 3h}], steps: [{redirect_consumers: 30s}]}
world: {faults: [{name: damage, field_corruption: {pipeline: cdc, column: v, how: garble, share: 20%, at: 12h, for: 10m}}]}
)" << vary;
  std::vector<Diagnostic> diagnostics;
  auto points = load_grid(file, diagnostics);
  BOOST_REQUIRE_MESSAGE(points, to_text(diagnostics));
  return std::move(*points);
}

SweepOptions with(unsigned workers) {
  SweepOptions options;
  options.pool.workers = workers;
  options.scenario_file = "small.yaml";
  return options;
}

std::string reports_of(const CampaignFile& file, Seeds seeds) {
  const result::Sweep sweep = odds_of(file, seeds);
  return reports::render_sweep_json(sweep) + reports::render_sweep_markdown(sweep) +
         reports::render_sweep_terminal(sweep);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sweeps)

BOOST_AUTO_TEST_CASE(a_report_is_the_same_to_the_byte_whatever_the_workers_and_the_order) {
  const ScratchFolder folder;
  const auto points = grid(folder, "vary: {checks.fields.field_compare.every: [30m, 1h]}\n");
  const Campaign campaign = campaign_of(points, "small.yaml");
  CampaignFile one(in(folder, "one.sqlite"), campaign), many(in(folder, "many.sqlite"), campaign),
      parts(in(folder, "parts.sqlite"), campaign);
  run_sweep(points, {1, 12}, one, with(1));
  run_sweep(points, {1, 12}, many, with(5));
  run_sweep(points, {7, 12}, parts, with(2));
  run_sweep(points, {1, 9}, parts, with(1));
  const std::string report = reports_of(one, {1, 12});
  BOOST_TEST(report.find("\"happened\"") != std::string::npos);
  BOOST_TEST(reports_of(many, {1, 12}) == report);
  BOOST_TEST(reports_of(parts, {1, 12}) == report);
  BOOST_TEST(reports_of(parts, {1, 11}) != report);
}

BOOST_AUTO_TEST_CASE(a_second_call_runs_what_is_missing_and_nothing_else) {
  const ScratchFolder folder;
  const auto points = grid(folder);
  std::uint64_t runs = 0;
  SweepOptions options = with(2);
  options.progress = [&](std::uint64_t, std::uint64_t) { ++runs; };
  {
    CampaignFile file(in(folder, "c.sqlite"), campaign_of(points, "small.yaml"));
    run_sweep(points, {1, 5}, file, options);
  }
  BOOST_TEST(runs == 5U);
  CampaignFile file(in(folder, "c.sqlite"), campaign_of(points, "small.yaml"));
  run_sweep(points, {1, 8}, file, options);
  BOOST_TEST(runs == 8U);
  run_sweep(points, {1, 8}, file, options);
  BOOST_TEST(runs == 8U);
}

BOOST_AUTO_TEST_CASE(a_job_that_failed_is_told_with_its_replay_line_and_tried_again) {
  const ScratchFolder folder;
  const auto points = grid(folder);
  CampaignFile file(in(folder, "c.sqlite"), campaign_of(points, "small.yaml"));
  run_sweep(points, {1, 2}, file, with(1));
  file.put_failure(0, 3, "rehearse run small.yaml --seed 3", {JobEnd::Kind::killed, {}, "somebody killed it"});
  result::Sweep sweep = odds_of(file, {1, 4});
  BOOST_TEST(sweep.failed() == 1U);
  BOOST_TEST(sweep.missing() == 1U);
  BOOST_REQUIRE_EQUAL(sweep.failures_size(), 1);
  BOOST_TEST(sweep.failures(0).replay() == "rehearse run small.yaml --seed 3");
  BOOST_TEST(sweep.points(0).runs() == 2U);
  run_sweep(points, {1, 4}, file, with(2));
  sweep = odds_of(file, {1, 4});
  BOOST_TEST(sweep.failed() + sweep.missing() == 0U);
  BOOST_TEST(sweep.points(0).runs() == 4U);
}

BOOST_AUTO_TEST_CASE(two_campaigns_in_one_file_are_told_apart_and_share_what_is_the_same) {
  const ScratchFolder folder;
  const auto few = grid(folder, "vary: {checks.fields.field_compare.every: [30m]}\n");
  const std::string path = in(folder, "c.sqlite");
  {
    CampaignFile file(path, campaign_of(few, "small.yaml"));
    run_sweep(few, {1, 3}, file, with(1));
  }
  const auto more = grid(folder, "vary: {checks.fields.field_compare.every: [30m, 1h]}\n");
  CampaignFile file(path, campaign_of(more, "small.yaml"));
  BOOST_TEST(file.done(0).size() == 3U);
  BOOST_TEST(file.done(1).empty());
  const result::Sweep sweep = odds_of(file, {1, 3});
  BOOST_REQUIRE_EQUAL(sweep.points_size(), 2);
  BOOST_TEST(sweep.points(0).runs() == 3U);
  BOOST_TEST(sweep.points(1).runs() == 0U);
  BOOST_TEST(sweep.missing() == 3U);
}

BOOST_AUTO_TEST_CASE(a_file_that_another_process_works_on_is_left_alone) {
  const ScratchFolder folder;
  const auto points = grid(folder);
  const CampaignFile file(in(folder, "c.sqlite"), campaign_of(points, "small.yaml"));
  BOOST_CHECK_THROW(CampaignFile(in(folder, "c.sqlite"), campaign_of(points, "small.yaml")), CampaignFileProblem);
  std::ofstream(in(folder, "no.sqlite")) << "this is no database, whatever it is called; it is only some text";
  BOOST_CHECK_THROW(CampaignFile(in(folder, "no.sqlite"), campaign_of(points, "small.yaml")), CampaignFileProblem);
}

BOOST_AUTO_TEST_CASE(odds_count_what_each_run_shows) {
  const ScratchFolder folder;
  const auto points = grid(folder);
  CampaignFile file(in(folder, "c.sqlite"), campaign_of(points, "small.yaml"));
  run_sweep(points, {1, 30}, file, with(2));
  const result::Sweep sweep = odds_of(file, {1, 30});
  std::uint64_t damaged = 0, noticeable = 0, rolled_back = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    LoadedScenario scenario = points[0].scenario;
    scenario.proto.set_seed(static_cast<std::int64_t>(seed));
    std::vector<Diagnostic> diagnostics;
    const result::Result r = rehearse::rehearse(scenario, *load_inputs(scenario, diagnostics));
    damaged += r.faults(0).hits() > 0;
    for (const result::MatrixCell& cell : r.matrix()) noticeable += cell.cause() == "damage" && cell.divergences() > 0;
    rolled_back += r.outcome().kind() == result::Outcome::rolled_back;
  }
  BOOST_TEST(damaged > 5U);
  BOOST_TEST(damaged < 30U);
  const auto odds = [&](const std::string& name) {
    for (const result::Odds& o : sweep.points(0).odds())
      if (o.name() == name) return o;
    BOOST_FAIL("no odds " + name);
    return result::Odds();
  };
  BOOST_TEST(odds("rolled_back").happened() == rolled_back);
  BOOST_TEST(odds("rolled_back").in() == 30U);
  BOOST_TEST(odds("false_go").happened() == 0U);
  BOOST_REQUIRE_EQUAL(sweep.points(0).detections_size(), 1);
  BOOST_TEST(sweep.points(0).detections(0).cause() == "damage");
  BOOST_TEST(sweep.points(0).detections(0).runs() == noticeable);
}

BOOST_AUTO_TEST_SUITE_END()
