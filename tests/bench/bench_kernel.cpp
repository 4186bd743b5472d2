// What the kernel's hot operations cost: run `bench_kernel`, read nanoseconds an operation.
// Each loop keys its draws by a counter, so the draw's own cost is in every figure; `draw` shows it alone.
#include <benchmark/benchmark.h>

#include "sim/kernel/agenda.h"
#include "sim/kernel/calendar.h"
#include "sim/kernel/digest.h"
#include "sim/kernel/draw.h"
#include "sim/kernel/samplers.h"

using namespace rehearse;

namespace {

template <class Operation>
void loop(benchmark::State& state, Operation operation) {
  const Stream s = stream(1, "bench");
  std::uint64_t i = 0;
  std::uint64_t sum = 0;
  for (auto _ : state) {
    sum += operation(s, i++);
    benchmark::DoNotOptimize(sum);
  }
}

void draw(benchmark::State& state) {
  loop(state, [](Stream s, std::uint64_t i) { return bits(s, i); });
}

void exponential(benchmark::State& state) {
  loop(state, [](Stream s, std::uint64_t i) { return exponential_q40(bits(s, i)); });
}

void geometric(benchmark::State& state) {
  loop(state, [g = Geometric::with_mean(3)](Stream s, std::uint64_t i) { return g(bits(s, i)); });
}

void sampler(benchmark::State& state, const Sampler& sampler) {
  loop(state, [&](Stream s, std::uint64_t i) { return static_cast<std::uint64_t>(sampler(bits(s, i)).ns); });
}

void zipf(benchmark::State& state) {
  const Zipf picks(static_cast<std::uint64_t>(state.range(0)), static_cast<double>(state.range(1)) / 10);
  loop(state, [&](Stream s, std::uint64_t i) { return picks(s, i, 0); });
}

void zipf_set_up(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Zipf(1'000'000'000, 0.9));
}

void key_permutation(benchmark::State& state) {
  const KeyPermutation permutation(finalise(1), 20);
  loop(state, [&](Stream, std::uint64_t i) { return permutation.key(i & 0x7ffff, 1'000'000); });
}

void calendar(benchmark::State& state, bool with_windows) {
  RateCalendarOptions options;
  options.peak_rate_nhz = 40'000'000'000;
  if (with_windows) {
    options.open = std::get<0>(parse_calendar_windows("Mon-Fri 08:00-18:00"));
    options.closed_ppm = 200'000;
    options.weekend_ppm = 350'000;
  }
  const RateCalendar rates(options);
  Time t;
  loop(state, [&](Stream s, std::uint64_t i) {
    t = rates.advance(t, exponential_q40(bits(s, i)));
    return static_cast<std::uint64_t>(t.ns);
  });
}

void digest_field(benchmark::State& state) {
  Digest digest;
  std::uint64_t i = 0;
  for (auto _ : state) digest.add(i++);
  benchmark::DoNotOptimize(digest.value());
}

void agenda(benchmark::State& state) {
  Agenda<std::uint64_t> events;
  const Stream s = stream(1, "bench");
  for (std::uint64_t i = 0; i < 64; ++i) events.at({static_cast<std::int64_t>(i)}, 0, 0, i);
  std::uint64_t i = 0;
  for (auto _ : state) {
    auto entry = events.pop();
    events.at(entry.time + Duration{static_cast<std::int64_t>(bits(s, i++) & 1023)}, 0, 0, entry.event);
  }
}

}  // namespace

BENCHMARK(draw);
BENCHMARK(exponential);
BENCHMARK(geometric);
BENCHMARK_CAPTURE(sampler, constant, Sampler::constant(millisecond));
BENCHMARK_CAPTURE(sampler, exponential, Sampler::exponential(millisecond));
BENCHMARK_CAPTURE(sampler, uniform, Sampler::uniform(millisecond, second));
BENCHMARK_CAPTURE(sampler, normal, Sampler::normal(second, millisecond));
BENCHMARK_CAPTURE(sampler, lognormal, Sampler::lognormal(millisecond, 0.5));
BENCHMARK_CAPTURE(sampler, empirical, Sampler::empirical({{millisecond, 1}, {second, 0.1}, {minute, 0.01}}));
BENCHMARK(zipf)
    ->Args({10'000, 9})
    ->Args({1'000'000, 9})
    ->Args({1'000'000'000, 0})
    ->Args({1'000'000'000, 5})
    ->Args({1'000'000'000, 9})
    ->Args({1'000'000'000, 12});
BENCHMARK(zipf_set_up);
BENCHMARK(key_permutation);
BENCHMARK_CAPTURE(calendar, flat, false);
BENCHMARK_CAPTURE(calendar, windows, true);
BENCHMARK(digest_field);
BENCHMARK(agenda);
