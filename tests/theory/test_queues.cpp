// Mean sojourn (commit to visible) of M/M/1, M/D/1 and M/M/c against Pollaczek–Khinchine and Erlang C.
//
// 30 seeds fixed beforehand, warm-up dropped; the 99 % half-width is 2 % of the formula or less, and the formula lies
// inside. M/M/c is measured on shared workers with 64 partitions dealt round-robin: records are handed on in the order
// of their partition, so a record would have to be overtaken by the 64th after it before order could hold one back,
// which at these loads has a chance of about 10^-6 and costs less than a thousandth of the half-width.
#include <boost/test/unit_test.hpp>

#include "tests/theory/one_stream.h"

namespace rehearse::theory {
namespace {

constexpr Duration mean_service = millisecond;

struct Queue {
  double load;
  std::uint64_t customers;  // measured, in each run
  std::uint64_t warm_up;
};

Interval mean_sojourn_ms(const Queue& queue, const SinkOptions& sink, const TopicOptions& topic = {}) {
  std::vector<double> means;
  const double per_second = queue.load * sink.workers * 1000;
  const auto after = [&](std::uint64_t customers) {
    return Time{static_cast<std::int64_t>(static_cast<double>(customers) / per_second * 1e9)};
  };
  for (std::uint64_t seed = 1; seed <= runs; ++seed) {
    OneStream stream(
        {.seed = seed, .rate_nhz = static_cast<std::uint64_t>(per_second * 1e9), .topic = topic, .sink = sink});
    stream.advance(after(queue.warm_up));
    const LatencyHistogram before = stream.lane.latency();
    stream.advance(after(queue.warm_up + queue.customers));
    means.push_back(stream.lane.latency().since(before).mean_ns() / 1e6);
  }
  return interval(means);
}

void check(const char* what, double load, const Interval& measured, double formula) {
  BOOST_TEST_MESSAGE(what << " at load " << load << ": " << measured.mean << " ± " << measured.half_width
                          << " ms, formula " << formula << " ms");
  BOOST_TEST(measured.half_width <= 0.02 * formula, what << " at " << load << ": half-width " << measured.half_width);
  BOOST_TEST(std::abs(measured.mean - formula) <= measured.half_width, what << " at " << load << ": " << measured.mean
                                                                            << " ± " << measured.half_width
                                                                            << ", formula " << formula);
}

BOOST_AUTO_TEST_CASE(mm1_mean_sojourn_is_one_over_mu_minus_lambda) {
  for (const Queue& queue :
       {Queue{0.5, 150'000, 20'000}, Queue{0.8, 400'000, 50'000}, Queue{0.95, 2'200'000, 100'000}}) {
    const Interval measured = mean_sojourn_ms(queue, only_service(Sampler::exponential(mean_service)));
    check("M/M/1", queue.load, measured, 1 / (1 - queue.load));
  }
}

BOOST_AUTO_TEST_CASE(md1_mean_sojourn_is_pollaczek_khinchine) {
  for (const Queue& queue :
       {Queue{0.5, 100'000, 20'000}, Queue{0.8, 300'000, 50'000}, Queue{0.95, 1'500'000, 100'000}}) {
    const Interval measured = mean_sojourn_ms(queue, only_service(Sampler::constant(mean_service)));
    check("M/D/1", queue.load, measured, 1 + queue.load / (2 * (1 - queue.load)));
  }
}

double erlang_c_sojourn(int servers, double load) {
  const double offered = servers * load;
  double blocked = 1;  // Erlang B by recursion
  for (int n = 1; n <= servers; ++n) blocked = offered * blocked / (n + offered * blocked);
  const double waits = blocked / (1 - load * (1 - blocked));
  return 1 + waits / (servers * (1 - load));
}

BOOST_AUTO_TEST_CASE(mmc_mean_sojourn_is_erlang_c) {
  const TopicOptions topic{.partitions = 64, .partitioner = Partitioner::round_robin};
  for (const auto& [servers, queue] :
       {std::pair{4U, Queue{0.8, 300'000, 40'000}}, {10U, Queue{0.9, 500'000, 50'000}}}) {
    SinkOptions sink = only_service(Sampler::exponential(mean_service));
    sink.workers = servers;
    sink.dispatch = Dispatch::shared;
    check("M/M/c", queue.load, mean_sojourn_ms(queue, sink, topic),
          erlang_c_sojourn(static_cast<int>(servers), queue.load));
  }
}

}  // namespace
}  // namespace rehearse::theory
