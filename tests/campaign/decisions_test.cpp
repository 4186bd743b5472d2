// Decisions judged by copies of the rehearsal: drills, luck, landings, and that copies leave the rehearsal as it is.
#include <boost/test/unit_test.hpp>

#include "harness/campaign/forks.h"
#include "tests/campaign/loaded.h"

namespace rehearse {
namespace {

// The dashboard moves on day 1 at 03:00, when the nightly job is done, which the plan then pauses.
std::string plan(const std::string& steps, const std::string& faults = "", const std::string& more = "") {
  return R"yaml(
format: 1
name: plan
start: 2026-03-02T00:00:00Z
duration: 5d
source: {tables: {orders: {rows: 300, columns: {id: {type: bigint, key: true}, amount: {type: "decimal(12,2)"}}, workload: {peak_rate: 0.1/s, mix: {update: 100%}}}}}
datasets: {orders: {of: orders}}
pipelines:
  nightly: {batch: {produces: orders, into: old, cron: "0 2 * * *", freshness: 26h}}
  cdc: {stream: {produces: orders, into: new, freshness: 1m}}
consumers: {dash: {reads: orders, every: 15m, tier: low}}
checks: {fields: {field_compare: {between: [source, new], every: 1h}}}
metrics: {bad: {from: fields}}
migration:
  from: nightly
  to: cdc
  phases: [{name: shadow, at_least: 27h}, {name: full, move: [dash], do: [pause nightly]}]
  rollback: {triggers: [{metric: bad, above: 0, for: 3h}], steps: [)yaml" +
         steps + "]}\n" + more + (faults.empty() ? "" : "world:\n  faults:\n" + faults);
}
const result::GateJudgement& go(const result::Result& r) {
  BOOST_REQUIRE(r.judgements_size() > 0);
  return r.judgements(0);
}

const std::string whole = "{resume: nightly}, {run_now: nightly}, {redirect_consumers: 30s}";

}  // namespace

BOOST_AUTO_TEST_CASE(a_go_is_right_if_the_plans_rollback_would_land_and_false_with_one_step_broken) {
  const result::Result right = rehearsed(plan(whole));
  BOOST_TEST(go(right).was() == result::right, go(right).why());
  BOOST_TEST(right.figures().forks() == 3U);
  BOOST_TEST(right.figures().fork_changes() > 0U);
  const result::Result left = rehearsed(plan("{resume: nightly}"));  // nobody is sent back: that is no harm by itself
  BOOST_TEST(go(left).was() == result::right, go(left).why());
  // At the look-ahead's end the paused job's data is 25 h old, and an hour later too old; it is not run.
  const result::Result stale = rehearsed(plan("{redirect_consumers: 30s}"));
  BOOST_TEST(go(stale).was() == result::wrong);
  BOOST_TEST(go(stale).why().find("at the look-ahead's end would not have landed: old was stale") != std::string::npos,
             go(stale).why());
}

BOOST_AUTO_TEST_CASE(a_fault_that_first_strikes_after_a_go_changes_nothing_of_its_judgement) {
  const std::string later = "    - connector_restart: {pipeline: cdc, at: 30h, down_for: 4h}\n";
  const result::Result without = rehearsed(plan(whole)), with = rehearsed(plan(whole, later));
  BOOST_TEST(go(with).was() == go(without).was());
  BOOST_TEST(go(with).why() == go(without).why());
  BOOST_TEST(go(without).bad_luck().empty());
  BOOST_TEST(go(with).bad_luck().find("connector_restart") != std::string::npos, go(with).bad_luck());
  // The same fault at work before it: one that has struck strikes again.
  const std::string named =
      "    - {name: first, connector_restart: {pipeline: cdc, at: 20h, down_for: 1m}}\n"
      "    - {name: second, connector_restart: {pipeline: cdc, at: 30h, down_for: 4h}}\n";
  BOOST_TEST(go(rehearsed(plan(whole, named))).was() == result::wrong);
}

BOOST_AUTO_TEST_CASE(a_rollback_that_was_right_passes_if_it_lands_and_fails_if_it_does_not) {
  const std::string damage =
      "    - field_corruption: {pipeline: cdc, column: amount, how: shift, share: 100%, at: 40h, for: 80h}\n";
  const std::string allowed = "safety: {max_exposure: 6h}\n";
  const result::Result lands = rehearsed(plan(whole, damage, allowed));
  BOOST_REQUIRE_EQUAL(lands.rollbacks_size(), 1);
  BOOST_TEST(lands.rollbacks(0).was() == result::right);
  BOOST_TEST(lands.rollbacks(0).landed());
  BOOST_TEST(lands.verdict() == result::Result::pass);
  BOOST_TEST(!lands.rollbacks(0).has_rpo_writes());
  const result::Result stays = rehearsed(plan("{open_incident: 0s}", damage, allowed));
  BOOST_TEST(!stays.rollbacks(0).landed());
  BOOST_TEST(!stays.rollbacks(0).has_rto_ns());
  BOOST_TEST(stays.verdict() == result::Result::fail);
}

BOOST_AUTO_TEST_CASE(copies_leave_the_rehearsal_as_it_is) {
  const Loaded loaded = from_text(plan(
      whole, "    - field_corruption: {pipeline: cdc, column: amount, how: shift, share: 100%, at: 40h, for: 80h}\n"));
  Run plain(assemble(loaded.scenario, loaded.inputs, {}), {}),
      watched(assemble(loaded.scenario, loaded.inputs, {}), {});
  Forks forks(loaded.scenario.proto, {});
  const Time end{loaded.scenario.proto.duration_ns()};
  plain.until(end);
  watched.until(
      end, [] { return false; }, nullptr, &forks);
  BOOST_TEST(forks.take().size() == 5U);  // three of the GO, two of the rollback
  plain.finish();
  watched.finish();
  BOOST_TEST(plain.trajectory.hex() == watched.trajectory.hex());
  BOOST_TEST(plain.reconciler.digest().hex() == watched.reconciler.digest().hex());
  BOOST_TEST(digest_of(plain.migration->record()).hex() == digest_of(watched.migration->record()).hex());
}

BOOST_AUTO_TEST_CASE(a_rehearsal_without_decisions_pays_nothing) {
  const Loaded loaded = shipped("checks/columns.yaml");
  BOOST_TEST(rehearse(loaded.scenario, loaded.inputs).figures().forks() == 0U);
}

}  // namespace rehearse
