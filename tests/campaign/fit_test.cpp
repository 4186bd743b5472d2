// Fitted workloads: one half of a real capture predicts the other, the change in its middle is found, drawn exponents
// come back, and the fragment is a scenario.
#include "harness/campaign/fit.h"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <map>

#include "harness/campaign/fit_sensitivity.h"
#include "harness/campaign/fit_zipf.h"
#include "sim/kernel/zipf.h"
#include "tests/campaign/loaded.h"

namespace rehearse {
namespace {

const CapturedStream& pgbench() {
  static const Loaded loaded = shipped("pgbench.yaml");
  return *loaded.inputs.capture;
}

const Fit& half(FittedTransactions which) {
  const auto fitted = [](FittedTransactions one) {
    FitOptions options;
    options.which = one;
    options.replicates = 20;
    const auto fit = fit_capture(pgbench(), options);
    BOOST_REQUIRE(fit.has_value());
    return *fit;
  };
  static const Fit all = fitted(FittedTransactions::all), odd = fitted(FittedTransactions::odd),
                   even = fitted(FittedTransactions::even);
  return which == FittedTransactions::all ? all : which == FittedTransactions::odd ? odd : even;
}

void within_5_percent(double predicted, double actual, const std::string& what) {
  BOOST_TEST(std::fabs(predicted - actual) <= 0.05 * actual, what << ": " << predicted << " for " << actual);
}

BOOST_AUTO_TEST_CASE(the_odd_transactions_predict_the_even_ones) {
  const Fit& odd = half(FittedTransactions::odd);
  const Fit& even = half(FittedTransactions::even);
  BOOST_TEST(odd.transactions + even.transactions == half(FittedTransactions::all).transactions);
  within_5_percent(odd.rate.value, even.rate.value, "rate");
  within_5_percent(odd.sizes.p99.value, even.sizes.p99.value, "p99 of a transaction's changes");
  BOOST_TEST_REQUIRE(odd.tables.size() == even.tables.size());
  for (std::size_t i = 0; i < odd.tables.size(); ++i) {
    const FittedTable& a = odd.tables[i];
    const FittedTable& b = even.tables[i];
    within_5_percent(a.rate.value, b.rate.value, a.name + " rate");
    // Of the mix: the share of changes that would have to be of another kind. (Taken alone, a kind of which there are
    // 1,300 in a half varies by 4% between halves by chance.)
    const double moved = (std::fabs(a.inserts.value - b.inserts.value) + std::fabs(a.updates.value - b.updates.value) +
                          std::fabs(a.deletes.value - b.deletes.value)) /
                         2;
    BOOST_TEST(moved <= 0.05, a.name << " mix: " << moved);
    within_5_percent(a.picks.hottest.value, b.picks.hottest.value, a.name + " hottest keys");
    within_5_percent(a.sizes.p99.value, b.sizes.p99.value, a.name + " p99");
  }
}

BOOST_AUTO_TEST_CASE(the_change_between_the_two_scripts_of_the_capture_is_found_and_none_inside_the_first) {
  const Fit& all = half(FittedTransactions::all);
  BOOST_TEST_REQUIRE(all.changes_of_mix.size() == 1U);
  BOOST_TEST(std::llabs(static_cast<long long>(all.changes_of_mix[0].transaction) - 14'401) <= 10);
  for (const auto& [first, last] : {std::pair<std::uint64_t, std::uint64_t>{1, 14'390}, {14'411, 55'216}}) {
    FitOptions options;
    options.first = first;
    options.last = last;
    options.replicates = 2;
    BOOST_TEST(fit_capture(pgbench(), options)->changes_of_mix.empty());
  }
}

BOOST_AUTO_TEST_CASE(counts_are_those_that_the_capture_is_known_to_have) {
  const Fit& all = half(FittedTransactions::all);
  BOOST_TEST(all.changes == 160'601U);
  std::map<std::string, const FittedTable*> tables;
  for (const FittedTable& table : all.tables) tables[table.name] = &table;
  const FittedTable& orders = *tables.at("mix_orders");
  BOOST_TEST(orders.changes == 2'598U + 17'247U + 2'800U);
  BOOST_TEST(orders.rows == 8'000U);
  BOOST_TEST(orders.lateness.column == "updated_at");
  BOOST_TEST(orders.lateness.late_changes == 2'970U);
  // One in a hundred was held for 150 ms; those that waited for its rows count as well, and were shorter.
  BOOST_TEST((orders.lateness.long_share > 0.01 && orders.lateness.long_share < 0.04));
  BOOST_TEST((orders.lateness.long_hold_ns > 75'000'000 && orders.lateness.long_hold_ns < 200'000'000));
  BOOST_TEST(tables.at("pgbench_accounts")->picks.zipf.value < 0.1);  // picked uniformly
  BOOST_TEST(tables.at("pgbench_branches")->picks.hottest.value == 1.0);
}

// Drawn, not fitted by the same formula: how near a known exponent comes back.
BOOST_AUTO_TEST_CASE(a_known_exponent_comes_back) {
  for (const std::uint64_t keys : {1'000U, 20'000U, 300'000U})
    for (const double s : {0.0, 0.6, 0.9, 1.07, 1.5}) {
      const Zipf zipf(keys, s);
      const Stream draws = stream(11, "test.fit");
      std::map<std::uint64_t, std::pair<std::uint32_t, std::uint32_t>> by_key;
      for (std::uint64_t i = 0; i < 40'000; ++i) {
        auto& hits = by_key[zipf(draws, i, 0)];
        ++(i % 2 == 0 ? hits.first : hits.second);
      }
      HalfHits hits;
      for (const auto& [key, count] : by_key) hits.push_back(count);
      const double fitted = fit_zipf(hits, keys);
      // A weak skew over many more keys than draws is overestimated by 0.05, whatever the seed.
      const bool sparse = keys > 40'000 && s < 0.9;
      BOOST_TEST(std::fabs(fitted - s) < (s == 0   ? 0.12
                                          : sparse ? 0.06
                                                   : 0.03),
                 keys << " keys, " << s << ": " << fitted);
    }
}

BOOST_AUTO_TEST_CASE(equal_captures_give_equal_fragments_and_intervals_hold_the_estimates) {
  FitOptions options;
  options.replicates = 5;
  const auto once = fit_capture(pgbench(), options), again = fit_capture(pgbench(), options);
  BOOST_TEST(fit_yaml(*once, "x") == fit_yaml(*again, "x"));
  for (const FittedTable& table : once->tables) BOOST_TEST(table.rate.deviation > 0, table.name);
}

BOOST_AUTO_TEST_CASE(the_fragment_is_part_of_a_scenario) {
  for (const char* name : {"pgbench.yaml", "schema_change.yaml"}) {
    const Loaded loaded = shipped(name);
    FitOptions options;
    options.replicates = 2;
    const auto fit = fit_capture(*loaded.inputs.capture, options);
    BOOST_TEST_REQUIRE(fit.has_value());
    const std::string text = fit_yaml(*fit, name) +
                             "format: 1\nname: fitted\nstart: 2026-03-02T00:00:00Z\nduration: 1h\n" +
                             "datasets: {d: {of: " + fit->tables.back().name + "}}\n" +
                             "pipelines: {cdc: {stream: {produces: d, into: s, freshness: 1m}}}\n" +
                             "checks: {c: {keyed_hash: {between: [source, s], every: 10m}}}\n";
    const LoadResult result = load_scenario_text(text, "test.yaml");
    BOOST_TEST(result.scenario.has_value(), to_text(result.diagnostics) << text.substr(0, 3'000));
  }
}

// A stream that keeps up at the low end of a wide interval of the rate, and does not at the high end.
BOOST_AUTO_TEST_CASE(the_parameter_that_decides_comes_first) {
  const Loaded loaded = from_text(R"yaml(
format: 1
name: near_its_limit
start: 2026-03-02T00:00:00Z
duration: 2h
source:
  tables:
    other: {rows: 10, columns: {id: {type: bigint, key: true}}}
    orders:
      rows: 1k
      columns: {id: {type: bigint, key: true}, amount: {type: "decimal(12,2)"}}
      workload: {peak_rate: 1/s}
datasets: {orders: {of: orders}}
pipelines:
  cdc: {stream: {produces: orders, into: new, freshness: 60s, processor: {workers: 1, service_time: 20ms}}}
checks: {fields: {field_compare: {between: [source, new], every: 10m}}}
expect: {result: {"stores[new].stale_intervals": 0}}
)yaml");
  Fit fit;
  FittedTable& table = fit.tables.emplace_back();
  table.name = "orders";
  table.rate = {45, 10};  // of 50 that it can
  table.inserts = {0.1, 0.001};
  table.updates = {0.9, 0.001};
  table.picks.hits = 100;
  table.picks.zipf = {0.5, 0.01};
  table.sizes.mean = {2, 0.01};
  const auto sensitivity = sensitivity_of(fit, {}, loaded.scenario, loaded.inputs);
  BOOST_TEST_REQUIRE(sensitivity.has_value());
  BOOST_TEST_REQUIRE(sensitivity->parameters.size() == 4U);
  BOOST_TEST(sensitivity->base.verdict == result::Result::pass);
  const ParameterEffect& first = sensitivity->parameters[0];
  BOOST_TEST(first.parameter == "orders: rate");
  BOOST_TEST(first.decides(sensitivity->base));
  BOOST_TEST(first.at_low.verdict == result::Result::pass);
  BOOST_TEST(first.at_high.verdict == result::Result::fail);
  for (std::size_t i = 1; i < 4; ++i) BOOST_TEST(!sensitivity->parameters[i].decides(sensitivity->base));
  fit.tables[0].name = "strangers";
  BOOST_TEST(!sensitivity_of(fit, {}, loaded.scenario, loaded.inputs).has_value());
}

BOOST_AUTO_TEST_CASE(a_capture_of_one_moment_is_not_fitted) {
  BOOST_TEST(!fit_capture(CapturedStream{}).has_value());
  FitOptions one;
  one.first = one.last = 5;
  BOOST_TEST(!fit_capture(pgbench(), one).has_value());
}

}  // namespace
}  // namespace rehearse
