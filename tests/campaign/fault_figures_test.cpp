// What faults hit, strike by strike, which of them hit nothing, what they made late, and where changes had gone when
// the rehearsal ended. A change a second, so that a strike of ten minutes meets some six hundred.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "harness/campaign/rehearsal.h"
#include "tests/campaign/loaded.h"

namespace rehearse {
namespace {

std::string world(const std::string& faults, const std::string& stream = "") {
  return R"yaml(
format: 1
name: figures
start: 2026-03-02T00:00:00Z
duration: 4h
source: {tables: {orders: {rows: 200, columns: {id: {type: bigint, key: true}, amount: {type: "decimal(12,2)"}, note: {type: text, distinct: 9}}, workload: {peak_rate: 1/s, mix: {update: 100%}}}}}
datasets: {orders: {of: orders, columns: [id, amount], new_columns: ignore}}
pipelines:
  cdc: {stream: {produces: orders, into: new, freshness: 5m, connector: {mode: continuous})yaml" +
         stream + "}}\nworld:\n  faults:\n    - " + faults + "\n";
}
std::vector<std::uint64_t> hits_by_strike(const result::Fault& fault) {
  std::vector<std::uint64_t> hits;
  for (const result::Strike& strike : fault.strikes()) hits.push_back(strike.hits());
  return hits;
}
// A Poisson number of which the mean is `expected`, within four standard deviations.
bool about(std::uint64_t n, double expected) {
  const double off = static_cast<double>(n) - expected;
  return off * off <= 16 * expected;
}

}  // namespace

// Strikes at 1:00, 2:00 and 3:00, each of 50 minutes at nine changes a second more.
BOOST_AUTO_TEST_CASE(each_strike_has_hits_of_its_own_and_they_add_up) {
  const result::Result r = rehearsed(world("burst: {table: orders, every: 1h, until: 3h, for: 50m, factor: 10}"));
  const std::vector<std::uint64_t> hits = hits_by_strike(r.faults(0));
  BOOST_REQUIRE_EQUAL(hits.size(), 3U);
  for (const std::uint64_t n : hits) BOOST_TEST(about(n, 27'000), n);
  BOOST_TEST(hits[0] + hits[1] + hits[2] == r.faults(0).hits());
  BOOST_TEST(about(r.figures().transactions() - r.faults(0).hits(), 14'400));
}

// From 1:00, 2:00 and 3:00 for 90 minutes each, cut off by the end: twice the extra rate for half an hour twice over.
BOOST_AUTO_TEST_CASE(bursts_that_overlap_add_up_and_do_not_multiply) {
  const result::Result r = rehearsed(world("burst: {table: orders, every: 1h, until: 3h, for: 90m, factor: 10}"));
  const std::vector<std::uint64_t> hits = hits_by_strike(r.faults(0));
  BOOST_REQUIRE_EQUAL(hits.size(), 3U);
  BOOST_TEST(about(hits[0], 9 * 5'400));
  BOOST_TEST(about(hits[1], 9 * 5'400));
  BOOST_TEST(about(hits[2], 9 * 3'600));  // the end comes first
}

// From 1:00 and from 2:00 for 90 minutes each: what both cover, from 2:00 to 2:30, is the first one's.
BOOST_AUTO_TEST_CASE(what_strikes_hit_together_counts_once_and_for_the_first) {
  for (const char* fault : {"field_corruption: {pipeline: cdc, column: amount, how: shift, share: 100%",
                            "duplicate_delivery: {pipeline: cdc, share: 100%"}) {
    const result::Result r = rehearsed(world(std::string(fault) + ", every: 1h, until: 2h, for: 90m}"));
    const std::vector<std::uint64_t> hits = hits_by_strike(r.faults(0));
    BOOST_REQUIRE_EQUAL(hits.size(), 2U);
    BOOST_TEST(about(hits[0], 5'400), fault << hits[0]);
    BOOST_TEST(about(hits[1], 3'600), fault << hits[1]);
    BOOST_TEST(r.faults(0).hits() == hits[0] + hits[1]);
  }
}

// What is down cannot crash again: one crash from 1:00 to 2:30, and one from 3:00 on.
BOOST_AUTO_TEST_CASE(a_crash_of_what_is_down_is_no_hit) {
  const std::string fault = "connector_restart: {pipeline: cdc, every: 30m, until: 90m, down_for: 1h}";
  const result::Result r = rehearsed(world(fault));
  BOOST_TEST(hits_by_strike(r.faults(0)) == (std::vector<std::uint64_t>{1, 0, 0}), boost::test_tools::per_element());
  BOOST_TEST(r.faults(0).hits() == 1U);
}

BOOST_AUTO_TEST_CASE(a_fault_that_touched_nothing_of_a_dataset_is_vacuous) {
  for (const char* idle : {
           "field_corruption: {pipeline: cdc, column: note, how: shift, share: 100%, at: 1h, for: 1h}",
           "field_corruption: {pipeline: cdc, column: amount, how: shift, share: 0%, at: 1h, for: 1h}",
           "field_corruption: {pipeline: cdc, column: amount, how: shift, share: 100%, at: 4h, for: 1h}",
           "duplicate_delivery: {pipeline: cdc, share: 100%, at: 4h, for: 1h}",
           "out_of_order_deletes: {pipeline: cdc, delay: 1m, at: 1h, for: 1h}",  // there is no delete
           "burst: {table: orders, at: 4h, for: 1h, factor: 10}",
           "burst: {table: orders, at: 1h, for: 1h, factor: 1}",
           "schema_drift: {table: orders, at: 1h, change: {drop: note}}",
           "schema_drift: {table: orders, at: 1h, change: {add: {column: more, type: text}}}",  // and is ignored
           "schema_drift: {table: orders, at: 4h, change: {drop: amount}}",
           "connector_restart: {pipeline: cdc, at: 4h, down_for: 1h}",
           "connector_restart: {pipeline: cdc, part: sink, at: 4h, down_for: 1h}",
       }) {
    const result::Result r = rehearsed(world(idle));
    BOOST_TEST(r.faults(0).hits() == 0U, idle);
    BOOST_TEST(r.faults(0).vacuous(), idle);
    BOOST_TEST(r.verdict() == result::Result::vacuous, idle);
  }
}

// Harmless is not vacuous.
BOOST_AUTO_TEST_CASE(a_fault_that_touched_something_of_a_dataset_is_not_vacuous) {
  for (const char* at_work : {
           "field_corruption: {pipeline: cdc, column: amount, how: shift, share: 100%, at: 1h, for: 1h}",
           "duplicate_delivery: {pipeline: cdc, share: 100%, at: 1h, for: 1h}",  // into an upsert
           "burst: {table: orders, at: 1h, for: 1h, factor: 2}",
           "schema_drift: {table: orders, at: 1h, change: {drop: amount}}",
           "connector_restart: {pipeline: cdc, at: 1h, down_for: 1m}",
           "connector_restart: {pipeline: cdc, part: sink, at: 1h, down_for: 1m}",
       }) {
    const result::Result r = rehearsed(world(at_work));
    BOOST_TEST(r.faults(0).hits() > 0U, at_work);
    BOOST_TEST(!r.faults(0).vacuous(), at_work);
  }
}

// The sink is down from 1:00 to 2:00 and the connector from 1:30 to 1:31: all that is late waits in the topic.
BOOST_AUTO_TEST_CASE(a_restart_beside_an_outage_made_nothing_late) {
  const std::string sink = "{name: outage, connector_restart: {pipeline: cdc, part: sink, at: 1h, down_for: 1h}}",
                    connector = "{name: restart, connector_restart: {pipeline: cdc, at: 90m, down_for: 1m}}";
  const result::Result r = rehearsed(world(sink + "\n    - " + connector));
  BOOST_REQUIRE_EQUAL(r.stores(0).stale_causes_size(), 1);
  BOOST_TEST(r.stores(0).stale_causes(0) == "outage");
  // The other way round: nothing is in the topic when the sink restarts.
  const std::string down = "{name: outage, connector_restart: {pipeline: cdc, at: 1h, down_for: 1h}}",
                    idle = "{name: restart, connector_restart: {pipeline: cdc, part: sink, at: 90m, down_for: 1m}}";
  const result::Result other = rehearsed(world(down + "\n    - " + idle));
  BOOST_REQUIRE_EQUAL(other.stores(0).stale_causes_size(), 1);
  BOOST_TEST(other.stores(0).stale_causes(0) == "outage");
}

// The connector is down for the last hour: all changes since then are in the source's log. 200 rows were there before.
BOOST_AUTO_TEST_CASE(conservation_is_of_all_changes_that_the_source_has_committed) {
  const result::Result r = rehearsed(world("connector_restart: {pipeline: cdc, at: 3h, down_for: 2h}"));
  const result::Conservation& cdc = r.conservation(0);
  BOOST_TEST(cdc.changes() == r.figures().changes() + 200U);
  BOOST_TEST(about(cdc.in_flight(), 3'600));
  BOOST_TEST(cdc.applied() + cdc.in_flight() == cdc.changes());
}

// The connector goes back an hour, a minute before the end; what it reads again had been written before.
BOOST_AUTO_TEST_CASE(what_comes_again_is_no_further_change) {
  std::string text = world("connector_restart: {pipeline: cdc, at: 239m, down_for: 0s}");
  text.replace(text.find("{mode: continuous}"), 18, "{mode: continuous, flush_offsets_every: 1h}");
  const result::Result r = rehearsed(text);
  const result::Conservation& cdc = r.conservation(0);
  BOOST_TEST(cdc.applied_again() > 3'000U);
  BOOST_TEST(cdc.changes() == r.figures().changes() + 200U);
  BOOST_TEST(cdc.applied() + cdc.in_flight() == cdc.changes());
}

// A look each second for two hours and a half, the first at the start and the last at the end: 9,001 runs, of which the
// first are kept one by one.
BOOST_AUTO_TEST_CASE(a_frequent_monitor_keeps_its_totals_and_says_what_it_drops) {
  std::string text = world("connector_restart: {pipeline: cdc, at: 1h, down_for: 1m}");
  text.replace(text.find("duration: 4h"), 12, "duration: 9000s");
  text += "checks: {age: {freshness: {of: new, every: 1s}}}\nmetrics: {age: {from: age}}\n";
  const result::Result r = rehearsed(text);
  BOOST_TEST(r.checks(0).runs() == 9'001U);
  BOOST_TEST(r.checks(0).note().find("Its first 4,096 runs are kept one by one") != std::string::npos,
             r.checks(0).note());
  int told = 0;
  for (const result::Series& series : r.series()) {
    if (series.check() != "age") continue;
    ++told;
    BOOST_TEST(series.values_size() > 1'000);
    BOOST_TEST(series.values_size() <= 2'000);
    BOOST_TEST(series.least_size() == series.values_size());
    double greatest = 0;
    for (const double value : series.greatest()) greatest = std::max(greatest, std::isnan(value) ? 0 : value);
    BOOST_TEST(greatest > 58);  // a minute down, and a change a second or so
  }
  BOOST_TEST(told == 2);  // the check's own curve and the metric's
}

}  // namespace rehearse
