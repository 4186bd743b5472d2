// Throughput of a blocking pair, drain times, and what retention loses, against independent small solutions.
#include <boost/test/unit_test.hpp>

#include "tests/theory/one_stream.h"

namespace rehearse::theory {
namespace {

constexpr std::uint64_t per_second_nhz = 1'000'000'000;

// ---- a saturated worker that blocks after service before a writer with room for B, the row being written included

// Throughput of the pair, the worker's mean service being 1 and exponential. `completions[k]` is the chance that an
// unhindered worker finishes k records while the writer writes one, which takes `write` on average. States, at the
// ends of writes: how many rows are in the buffer. From n rows k completions leave min(n + k, B + 1) - 1: one beyond
// the room waits in the worker and comes in when the write ends. An empty buffer waits for one completion first.
double pair_throughput(std::size_t room, const std::vector<double>& completions, double write) {
  std::vector<double> share(room + 1, 1.0 / static_cast<double>(room + 1));
  for (int step = 0; step < 20'000; ++step) {
    std::vector<double> next(room + 1, 0);
    for (std::size_t n = 0; n <= room; ++n)
      for (std::size_t k = 0; k < completions.size(); ++k)
        next[std::min(std::max<std::size_t>(n, 1) + k, room + 1) - 1] += share[n] * completions[k];
    share = next;
  }
  return 1 / (write + share[0]);
}

std::vector<double> poisson(double mean) {
  std::vector<double> chances{std::exp(-mean)};
  for (int k = 1; k < 60; ++k) chances.push_back(chances.back() * mean / k);
  return chances;
}

BOOST_AUTO_TEST_CASE(small_chain_knows_the_pair_of_equal_exponential_stages) {
  std::vector<double> geometric;  // completions of an equal exponential stage meanwhile
  for (int k = 1; k < 200; ++k) geometric.push_back(std::pow(0.5, k));
  for (std::size_t room : {1U, 2U, 5U, 20U})
    BOOST_TEST(pair_throughput(room, geometric, 1) == (static_cast<double>(room) + 1) / (static_cast<double>(room) + 2),
               boost::test_tools::tolerance(1e-9));
}

// The lane's writer takes a fixed time a row, so the pair is exponential → deterministic.
BOOST_AUTO_TEST_CASE(blocking_pair_reaches_the_throughput_of_its_markov_chain) {
  constexpr RowId rows = 300'000;
  for (const auto& [room, write] : {std::pair{1U, 1.0}, {2U, 1.0}, {5U, 1.0}, {1U, 0.5}, {3U, 1.4}}) {
    const double formula = pair_throughput(room, poisson(write), write);
    std::vector<double> measured;
    for (std::uint64_t seed = 1; seed <= runs; ++seed) {
      SinkOptions sink = only_service(Sampler::exponential(millisecond));
      sink.buffer = room;
      sink.row_time = {static_cast<std::int64_t>(write * 1e6)};
      sink.flush_rows = 1;
      OneStream stream({.seed = seed, .rows = rows, .snapshot = true, .topic = {}, .sink = sink});
      stream.advance(Time{second.ns});  // warm-up
      const std::uint64_t before = stream.lane.counts().applied;
      stream.advance(Time{101 * second.ns});
      BOOST_REQUIRE(!stream.lane.snapshot_written(rows));  // saturated to the end
      measured.push_back(static_cast<double>(stream.lane.counts().applied - before) / 100'000);
    }
    const Interval throughput = interval(measured);
    BOOST_TEST(throughput.half_width <= 0.02 * formula);
    BOOST_TEST(std::abs(throughput.mean - formula) <= throughput.half_width,
               "room " << room << ", write " << write << ": " << throughput.mean << " ± " << throughput.half_width
                       << ", chain " << formula);
  }
}

// ---- drain

// Paused for ten minutes at 500/s, with a capacity of 1,000/s.
void check_drain(const SinkOptions& sink, double capacity) {
  constexpr double rate = 500;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    OneStream stream({.seed = seed, .rate_nhz = 500 * per_second_nhz, .topic = {}, .sink = sink});
    const auto backlog = [&] { return static_cast<double>(stream.topic.appended - stream.lane.counts().applied); };
    stream.advance(Time{10 * second.ns});
    stream.lane.set_speed(stream.now, 0);
    stream.advance(Time{610 * second.ns});
    stream.lane.set_speed(stream.now, 1'000'000);
    const Time resumed = stream.now;
    const double expected = backlog() / (capacity - rate);
    while (backlog() > 1000) stream.advance(stream.now + second / 4);
    const double measured = static_cast<double>((stream.now - resumed).ns) / 1e9;
    BOOST_TEST(measured == expected, boost::test_tools::tolerance(0.01));
  }
}

BOOST_AUTO_TEST_CASE(drain_time_is_backlog_over_spare_capacity_when_the_worker_is_the_bottleneck) {
  check_drain(only_service(Sampler::exponential(millisecond)), 1000);
}

BOOST_AUTO_TEST_CASE(drain_time_is_backlog_over_spare_capacity_when_the_writer_is_the_bottleneck) {
  SinkOptions sink = only_service(Sampler{});
  sink.row_time = millisecond;
  sink.flush_every = second;
  sink.flush_rows = 100;
  sink.buffer = 1000;
  check_drain(sink, 1000);
}

// ---- retention

BOOST_AUTO_TEST_CASE(outage_longer_than_retention_loses_exactly_what_was_appended_before_the_difference) {
  OneStream stream({.seed = 5,
                    .rate_nhz = 200 * per_second_nhz,
                    .topic = {.retention = second * 60},
                    .sink = only_service(Sampler::constant(microsecond))});
  const Time down{20 * second.ns}, up{140 * second.ns};
  stream.advance(down);
  stream.lane.crash(down, 0, stream.context());
  const std::uint64_t before = stream.topic.appended;
  stream.advance(up - second * 60 - nanosecond);  // appended at `up` - 60 s, a record is fetched just in time
  const std::uint64_t too_old = stream.topic.appended - before;
  stream.advance(up);
  stream.lane.resume(up);
  stream.advance(up + second);
  BOOST_TEST(too_old > 10'000U);
  BOOST_TEST(stream.lane.counts().expired == too_old);
  BOOST_TEST(stream.lane.counts().applied + too_old + stream.lane.under_way() == stream.topic.appended);
}

BOOST_AUTO_TEST_CASE(overload_loses_to_retention_what_exceeds_the_capacity) {
  OneStream stream({.seed = 6,
                    .rate_nhz = 2500 * per_second_nhz,
                    .topic = {.retention = second * 30},
                    .sink = only_service(Sampler::exponential(millisecond))});
  stream.advance(Time{100 * second.ns});
  const std::uint64_t appended = stream.topic.appended, expired = stream.lane.counts().expired;
  stream.advance(Time{700 * second.ns});
  const double lost = static_cast<double>(stream.lane.counts().expired - expired) /
                      static_cast<double>(stream.topic.appended - appended);
  BOOST_TEST(lost == 1 - 1000.0 / 2500, boost::test_tools::tolerance(0.01));
}

}  // namespace
}  // namespace rehearse::theory
