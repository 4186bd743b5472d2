// Queueing theory through a user's scenario file: a continuous connector, one partition, one-row transactions, one
// worker and immediate flushes make the pipeline an M/M/1 or M/D/1 queue. 30 fixed seeds, the warm-up dropped; the 99 %
// interval must be at most 2 % wide on each side, and hold the formula.
#include <fmt/format.h>

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <thread>

#include "harness/campaign/run.h"
#include "tests/campaign/loaded.h"

namespace rehearse {
namespace {

constexpr double t_29_at_99_percent = 2.756;
constexpr int seeds = 30;

std::string queue_scenario(double load, const std::string& service, std::uint64_t customers) {
  const double rate = load * 1000;
  const auto warm_up = static_cast<std::int64_t>(static_cast<double>(customers) / 10 / rate) + 1;
  return fmt::format(R"yaml(
format: 1
name: queue
start: 2026-03-02T00:00:00Z
duration: {}s
source:
  tables:
    orders:
      rows: 100
      columns: {{id: {{type: bigint, key: true}}, amount: {{type: "decimal(12,2)"}}}}
      workload: {{peak_rate: {}/s, mix: {{update: 100%}}}}
datasets: {{orders: {{of: orders}}}}
pipelines:
  cdc:
    stream:
      produces: orders
      into: copy
      freshness: 1h
      connector: {{mode: continuous}}
      processor: {{workers: 1, service_time: {}}}
      sink: {{row_time: 0s, flush_every: 0s}}
checks: {{sojourn: {{latency: {{of: copy, percentile: 95%, every: {}s}}}}}}
)yaml",
                     warm_up * 11, static_cast<std::int64_t>(rate), service, warm_up);
}

// The mean sojourn time in seconds of one seed, without the first eleventh.
double mean_sojourn(const Loaded& loaded, int seed) {
  Loaded seeded = loaded;
  seeded.scenario.proto.set_seed(seed);
  Run run(assemble(seeded.scenario, seeded.inputs), {});
  run.until(Time{seeded.scenario.proto.duration_ns()});
  double sum = 0, count = 0;
  for (const CheckRun& check : run.reconciler.runs()) {
    if (check.reported <= Time{run.reconciler.checks()[0].due.period()->ns} || !check.mean) continue;
    sum += static_cast<double>(check.mean->ns) * static_cast<double>(check.changes);
    count += static_cast<double>(check.changes);
  }
  return sum / count / 1e9;
}

void hold_against(double formula, const std::string& text) {
  const Loaded loaded = from_text(text);
  std::vector<double> means(seeds);
  std::thread other([&] {
    for (int i = 0; i < seeds; i += 2) means[static_cast<std::size_t>(i)] = mean_sojourn(loaded, i + 1);
  });
  for (int i = 1; i < seeds; i += 2) means[static_cast<std::size_t>(i)] = mean_sojourn(loaded, i + 1);
  other.join();
  double mean = 0, squares = 0;
  for (const double m : means) mean += m / seeds;
  for (const double m : means) squares += (m - mean) * (m - mean);
  const double half_width = t_29_at_99_percent * std::sqrt(squares / (seeds - 1) / seeds);
  BOOST_TEST_MESSAGE(
      fmt::format("mean {:.6f} s, formula {:.6f} s, half-width {:.2f} %", mean, formula, 100 * half_width / mean));
  BOOST_TEST(half_width <= 0.02 * mean);
  BOOST_TEST(std::abs(mean - formula) <= half_width);
}

constexpr double mu = 1000;
std::uint64_t customers_for(double load) { return load > 0.9 ? 1'800'000 : load > 0.7 ? 300'000 : 100'000; }

BOOST_AUTO_TEST_CASE(a_scenario_file_gives_the_mean_sojourn_of_an_M_M_1_queue) {
  for (const double load : {0.5, 0.8, 0.95})
    hold_against(1 / (mu - load * mu), queue_scenario(load, "exponential(1ms)", customers_for(load)));
}

BOOST_AUTO_TEST_CASE(a_scenario_file_gives_the_mean_sojourn_of_an_M_D_1_queue) {
  for (const double load : {0.5, 0.8, 0.95})
    hold_against(1 / mu + load / (2 * mu * (1 - load)), queue_scenario(load, "1ms", customers_for(load)));
}

}  // namespace
}  // namespace rehearse
