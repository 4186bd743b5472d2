// Service times from metrics: durations drawn from known distributions come back inside the stated intervals, whether
// as samples, buckets or quantiles; what is no duration is refused with its place.
#include "harness/campaign/fit_metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstring>

#include "harness/campaign/fit_sensitivity.h"
#include "reports/openmetrics.h"
#include "scenarios/value_text.h"
#include "sim/kernel/draw.h"
#include "sim/kernel/samplers.h"
#include "tests/campaign/loaded.h"

namespace rehearse {
namespace {

constexpr std::uint64_t draws = 10'000;

std::vector<double> drawn(const Sampler& sampler, std::uint64_t seed = 1, std::uint64_t n = draws) {
  std::vector<double> seconds;
  for (std::uint64_t i = 0; i < n; ++i)
    seconds.push_back(static_cast<double>(sampler(bits(stream(seed, "fit_metrics_test"), i)).ns) / 1e9);
  return seconds;
}

std::string samples(const std::vector<double>& seconds) {
  std::string out = "metric,pipeline,value,unit\n";
  for (const double s : seconds) out += fmt::format("sink_service_time,cdc,{},us\n", s * 1e6);
  return out;
}

std::string histogram(const std::vector<double>& seconds) {
  std::string out = "# TYPE service_time_seconds histogram\n# UNIT service_time_seconds seconds\n";
  const double bounds[] = {0.0005, 0.001, 0.0015, 0.002, 0.003, 0.004, 0.006, 0.008, 0.012, 0.016, 0.032};
  for (const double le : bounds)
    out += fmt::format("service_time_seconds_bucket{{pipeline=\"cdc\",le=\"{}\"}} {}\n", le,
                       std::count_if(seconds.begin(), seconds.end(), [&](double s) { return s <= le; }));
  return out +
         fmt::format(
             "service_time_seconds_bucket{{pipeline=\"cdc\",le=\"+Inf\"}} {0} # {{trace=\"a\"}} 1\n"
             "service_time_seconds_count{{pipeline=\"cdc\"}} {0}\nservice_time_seconds_sum{{pipeline=\"cdc\"}} 1\n"
             "# EOF\n",
             seconds.size());
}

std::string quantiles(std::vector<double> seconds) {
  std::sort(seconds.begin(), seconds.end());
  std::string out = "# TYPE processing_ms summary\n";
  for (const double q : {0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99})
    out += fmt::format("processing_ms{{pipeline=\"cdc\",quantile=\"{}\"}} {} 1700000000\n", q,
                       seconds[static_cast<std::size_t>(q * static_cast<double>(seconds.size()))] * 1e3);
  return out + fmt::format("processing_ms_count{{pipeline=\"cdc\"}} {}\n", seconds.size());
}

MetricsFit fitted(const std::string& text) {
  std::vector<Diagnostic> diagnostics;
  const auto fit = fit_metrics(text, "metrics.txt", diagnostics);
  BOOST_REQUIRE_MESSAGE(fit.has_value(), to_text(diagnostics));
  return *fit;
}

FittedDuration time_of(const std::string& text) {
  const MetricsFit fit = fitted(text);
  BOOST_REQUIRE(fit.services.size() == 1U);
  BOOST_TEST(fit.services[0].pipeline == "cdc");
  return fit.services[0].time;
}

void inside(const Estimate& estimate, double truth, const std::string& what) {
  BOOST_TEST((estimate.low() <= truth && truth <= estimate.high()),
             what << ": " << estimate.low() << " … " << estimate.high() << " for " << truth);
}

using Writer = std::string (*)(std::vector<double>);
std::string written_samples(std::vector<double> s) { return samples(s); }
std::string written_histogram(std::vector<double> s) { return histogram(s); }
constexpr std::pair<const char*, Writer> writers[] = {
    {"samples", written_samples}, {"buckets", written_histogram}, {"quantiles", quantiles}};

BOOST_AUTO_TEST_CASE(exponential_times_come_back_inside_their_interval_which_is_as_wide_as_theory_says) {
  for (const auto& [name, write] : writers) {
    const FittedDuration time = time_of(write(drawn(Sampler::exponential(microsecond * 2500))));
    BOOST_TEST(static_cast<int>(time.shape) == static_cast<int>(DurationShape::exponential), name);
    inside(time.middle, 0.0025, name);
    const double least = 0.0025 / std::sqrt(static_cast<double>(draws));
    BOOST_TEST(time.middle.deviation >= least * 0.95, name);
    BOOST_TEST(time.middle.deviation <= least * (std::strcmp(name, "samples") == 0 ? 1.05 : 1.2), name);
  }
}

BOOST_AUTO_TEST_CASE(lognormal_times_come_back_inside_their_intervals) {
  for (const auto& [name, write] : writers) {
    const FittedDuration time = time_of(write(drawn(Sampler::lognormal(microsecond * 2000, 0.6))));
    BOOST_TEST(static_cast<int>(time.shape) == static_cast<int>(DurationShape::lognormal), name);
    inside(time.middle, 0.002, name);
    inside(time.sigma, 0.6, name);
    BOOST_TEST(time.sigma.deviation < 0.01, name);
  }
}

// An interval that holds the truth always is too wide, and one that seldom does is a lie.
BOOST_AUTO_TEST_CASE(intervals_hold_the_truth_about_as_often_as_they_say) {
  int held = 0;
  constexpr int times = 200;
  for (std::uint64_t seed = 100; seed < 100 + times; ++seed) {
    const Estimate middle = time_of(histogram(drawn(Sampler::lognormal(microsecond * 2000, 0.6), seed, 500))).middle;
    held += middle.low() <= 0.002 && 0.002 <= middle.high() ? 1 : 0;
  }
  BOOST_TEST(held >= 180);  // of 190 expected: three standard deviations
  BOOST_TEST(held <= 199);
}

BOOST_AUTO_TEST_CASE(constant_times_are_constant_and_what_is_neither_stays_as_it_was_observed) {
  const FittedDuration constant = time_of(samples(std::vector<double>(100, 0.003)));
  BOOST_TEST(static_cast<int>(constant.shape) == static_cast<int>(DurationShape::constant));
  BOOST_TEST(duration_text(constant, constant.middle.value, 0) == "3ms");
  std::vector<double> two = drawn(Sampler::uniform(microsecond * 900, microsecond * 1100), 1, 9'000);
  for (const double s : drawn(Sampler::uniform(microsecond * 49'000, microsecond * 51'000), 2, 1'000)) two.push_back(s);
  const FittedDuration time = time_of(samples(two));
  BOOST_TEST(static_cast<int>(time.shape) == static_cast<int>(DurationShape::empirical));
  BOOST_TEST(time.points.size() <= 24U);
  inside(time.middle, 0.0059, "mean");
  const std::string text = duration_text(time, time.middle.value, 0);
  BOOST_TEST(parse_distribution(text, Drawn::duration).value.has_value(), text);
  double mean = 0, shares = 0;
  for (const auto& [seconds, share] : time.points) mean += seconds * share, shares += share;
  BOOST_TEST(std::fabs(shares - 1) < 1e-9);
  BOOST_TEST(std::fabs(mean - time.middle.value) < 1e-6);
}

BOOST_AUTO_TEST_CASE(the_fragment_is_a_scenarios) {
  for (const auto& [name, write] : writers) {
    const std::string text = metrics_yaml(fitted(write(drawn(Sampler::exponential(microsecond * 2500)))), "m.txt");
    BOOST_TEST(text.find("95% intervals") != std::string::npos, text);
    const std::string scenario = R"yaml(format: 1
name: fitted
start: 2026-03-02T00:00:00Z
duration: 1h
source: {tables: {orders: {rows: 10, columns: {id: {type: bigint, key: true}}, workload: {peak_rate: 1/s}}}}
datasets: {orders: {of: orders}}
)yaml" + text;
    const std::string whole = scenario + "    \n";
    const std::size_t stream = whole.find("stream: {processor");
    BOOST_REQUIRE(stream != std::string::npos);
    std::string completed = whole;
    completed.insert(stream + std::strlen("stream: {"),
                     "produces: orders, into: new, freshness: 1m, topic: {partitions: 1}, ");
    const Loaded loaded = from_text(completed);
    const auto& time = loaded.scenario.proto.pipelines(0).stream().processor().service_time();
    BOOST_TEST(time.kind() == values::Distribution::EXPONENTIAL);
    BOOST_TEST(std::fabs(static_cast<double>(time.a()) - 2.5e6) < 0.1e6);
  }
}

BOOST_AUTO_TEST_CASE(what_a_rehearsal_writes_can_be_read) {
  const Loaded loaded = shipped("checks/positions.yaml");
  const std::string written = reports::render_openmetrics(rehearse(loaded.scenario, loaded.inputs));
  const MetricsFit fit = fitted(written);
  BOOST_TEST(fit.services.empty());
  BOOST_TEST(!fit.others.empty());
  BOOST_TEST(metrics_yaml(fit, "m.txt").find("# There are no service times in m.txt.") == 0U);
}

BOOST_AUTO_TEST_CASE(what_is_no_metric_is_refused_at_its_place) {
  const auto said = [](const std::string& text) {
    std::vector<Diagnostic> diagnostics;
    BOOST_TEST(!fit_metrics(text, "m", diagnostics).has_value(), text);
    return to_text(diagnostics);
  };
  const std::pair<const char*, const char*> mistakes[] = {
      {"service_time_seconds 1\nservice_time_seconds -2\n", "m:2:22: -2 is no duration or number of them"},
      {"service_time_seconds 1\nservice_time_seconds two\n", "m:2:22: `two` is no number"},
      {"service_time 1\n", "m:1:1: nothing says which unit `service_time` has"},
      {"# UNIT service_time bytes\nservice_time 1\n", "`bytes` is no unit of time"},
      {"{} 5\n", "m:1:1: `{} 5` is no metric"},
      {"service_time_seconds\n", "m:1:21: there is no value"},
      {"service_time_seconds{a=\"b} 1\n", "m:1:22: the label's value does not end"},
      {"service_time_seconds{a=b} 1\n", "is no label"},
      {"service_time_seconds 1\n# EOF\nservice_time_seconds 1\n", "m:3:1: there is more after `# EOF`"},
      {"# TYPE service_time_seconds histogram\nservice_time_seconds_bucket{le=\"1\"} 5\n",
       "has no bucket `le=\"+Inf\"`"},
      {"# TYPE service_time_seconds histogram\nservice_time_seconds_bucket{le=\"1\"} 5\n"
       "service_time_seconds_bucket{le=\"+Inf\"} 4\n",
       "m:3:40: the bucket up to inf of `service_time_seconds` counts fewer than the one below it"},
      {"service_time_seconds{quantile=\"0.5\"} 5\n", "nothing says of how many durations"},
      {"service_time_seconds 0\n", "has no duration above zero"},
      {"up 1\n", "nothing in it is a service time"},
      {"metric,value\nservice_time,1\n", "m:1:1: there is no column `unit`"},
      {"metric,value,unit\nservice_time,1,ms\nservice_time,1,s\n",
       "m:3:16: `service_time` has unit `s` here and `ms` before"},
      {"metric,value,unit\nservice_time,1\n", "m:2:15: the row has 2 values; expected 3, as the header"},
      {"metric,value,unit\nservice_time,x,ms\n", "m:2:14: `x` is no number"},
      {"metric,value,unit\nservice_time,1,\n", "nothing says which unit"},
      {"a_service_time_seconds 1\nb_service_time_seconds 1\n", "are both service times of a pipeline without a name"}};
  for (const auto& [text, words] : mistakes) {
    const std::string diagnosed = said(text);
    BOOST_TEST(diagnosed.find(words) != std::string::npos, text << diagnosed);
  }
}

// Whatever is cut or damaged is read or refused, and nothing else.
BOOST_AUTO_TEST_CASE(damaged_files_are_refused_or_read) {
  const std::string whole = histogram(drawn(Sampler::exponential(microsecond * 2500), 1, 100));
  std::size_t refused = 0;
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const bool cut : {true, false}) {
      std::string text = cut ? whole.substr(0, at) : whole;
      if (!cut) text[at] = static_cast<char>(text[at] ^ 0x15);
      std::vector<Diagnostic> diagnostics;
      const bool read = fit_metrics(text, "m", diagnostics).has_value();
      BOOST_TEST(read != has_errors(diagnostics));
      refused += read ? 0 : 1;
    }
  BOOST_TEST(refused > whole.size() / 4);
}

BOOST_AUTO_TEST_CASE(a_service_time_near_the_limit_decides) {
  const Loaded loaded = from_text(R"yaml(
format: 1
name: near_its_limit
start: 2026-03-02T00:00:00Z
duration: 2h
source:
  tables:
    orders:
      rows: 1k
      columns: {id: {type: bigint, key: true}, amount: {type: "decimal(12,2)"}}
      workload: {peak_rate: 1/s}
datasets: {orders: {of: orders}}
pipelines:
  cdc: {stream: {produces: orders, into: new, freshness: 60s, processor: {workers: 1, service_time: 1ms}}}
checks: {fields: {field_compare: {between: [source, new], every: 10m}}}
expect: {result: {"stores[new].stale_intervals": 0}}
)yaml");
  Fit fit;
  FittedTable& table = fit.tables.emplace_back();
  table.name = "orders";
  table.rate = {45, 0.1};
  table.inserts = {0.1, 0.001};
  table.updates = {0.9, 0.001};
  table.sizes.mean = {2, 0.01};
  MetricsFit metrics;
  FittedDuration time;
  time.shape = DurationShape::exponential;
  time.middle = {0.0195, 0.002};  // of 22 ms that one worker has
  for (const char* pipeline : {"cdc", ""}) {
    metrics.services = {{"service_time_seconds", pipeline, time}};
    const auto sensitivity = sensitivity_of(fit, metrics, loaded.scenario, loaded.inputs);
    BOOST_TEST_REQUIRE(sensitivity.has_value());
    BOOST_TEST_REQUIRE(sensitivity->parameters.size() == 4U);
    const ParameterEffect& first = sensitivity->parameters[0];
    BOOST_TEST(first.parameter.find(": mean service time, s") != std::string::npos, first.parameter);
    BOOST_TEST(first.decides(sensitivity->base));
    BOOST_TEST(first.at_low.verdict == result::Result::pass);
    BOOST_TEST(first.at_high.verdict == result::Result::fail);
  }
}

}  // namespace
}  // namespace rehearse
