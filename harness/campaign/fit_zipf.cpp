#include "harness/campaign/fit_zipf.h"

#include <algorithm>
#include <map>

#include "sim/kernel/exact_math.h"
#include "sim/kernel/zipf.h"

namespace rehearse {
namespace {

constexpr double exponent_max = 3;
constexpr std::uint64_t exact_ranks = 512;  // beyond them sums are integrals with Euler and Maclaurin's correction

// ∫ x^-s ln(x)^k dx from a to b, k = 0 or 1.
double integral(double s, int k, double a, double b) {
  const double la = exact_ln(a), lb = exact_ln(b);
  const double near_one = s - 1 > 0 ? s - 1 : 1 - s;
  if (near_one < 1e-9) return k == 0 ? lb - la : (lb * lb - la * la) / 2;
  const double t = 1 - s;
  const double pa = exact_exp(t * la), pb = exact_exp(t * lb);
  if (k == 0) return (pb - pa) / t;
  return (pb * (lb / t - 1 / (t * t))) - (pa * (la / t - 1 / (t * t)));
}

// Σ r^-s ln(r)^k over ranks 1 … n.
double power_sum(double s, int k, std::uint64_t n) {
  const auto term = [&](double r) { return exact_exp(-s * exact_ln(r)) * (k == 0 ? 1 : exact_ln(r)); };
  double sum = 0;
  const std::uint64_t head = std::min(n, exact_ranks);
  for (std::uint64_t r = 1; r <= head; ++r) sum += term(static_cast<double>(r));
  if (n <= head) return sum;
  const auto a = static_cast<double>(head), b = static_cast<double>(n);
  return sum + integral(s, k, a, b) + (term(b) - term(a)) / 2;
}

double mean_log_rank(double s, std::uint64_t n) { return power_sum(s, 1, n) / power_sum(s, 0, n); }

// The mean of ln(rank) over ranks first … last.
double mean_log(std::uint64_t first, std::uint64_t last) {
  double sum = 0;
  if (last - first < exact_ranks) {
    for (std::uint64_t r = first; r <= last; ++r) sum += exact_ln(static_cast<double>(r));
  } else {
    const auto a = static_cast<double>(first), b = static_cast<double>(last);
    sum = integral(0, 1, a, b) + (exact_ln(a) + exact_ln(b)) / 2;
  }
  return sum / static_cast<double>(last - first + 1);
}

struct LogRanks {
  double sum = 0;
  double hits = 0;
};

// Hits of one half by ranks of the other; equally frequent keys share their ranks.
LogRanks log_ranks(const HalfHits& hits, std::uint64_t keys, bool second_ranks) {
  std::map<std::uint32_t, std::pair<std::uint64_t, std::uint64_t>, std::greater<>> by_frequency;  // keys, hits
  std::uint64_t seen = 0;
  for (const auto& [first, second] : hits) {
    auto& [tied, their_hits] = by_frequency[second_ranks ? second : first];
    ++tied;
    their_hits += second_ranks ? first : second;
    ++seen;
  }
  by_frequency[0].first += keys > seen ? keys - seen : 0;
  LogRanks result;
  std::uint64_t rank = 1;
  for (const auto& [frequency, group] : by_frequency) {
    if (group.first == 0) continue;
    result.sum += static_cast<double>(group.second) * mean_log(rank, rank + group.first - 1);
    result.hits += static_cast<double>(group.second);
    rank += group.first;
  }
  return result;
}

// The exponent at which the mean of ln(rank) is as given: the likelihood's maximum, for it is concave.
double exponent_of(double mean, std::uint64_t keys) {
  double low = 0, high = exponent_max;
  if (mean >= mean_log_rank(low, keys)) return low;
  if (mean <= mean_log_rank(high, keys)) return high;
  for (int i = 0; i < 40; ++i) {
    const double middle = (low + high) / 2;
    (mean_log_rank(middle, keys) < mean ? high : low) = middle;
  }
  return (low + high) / 2;
}

// As many hits in each half as there were, drawn with this exponent.
HalfHits drawn(double s, std::uint64_t keys, std::uint64_t first, std::uint64_t second) {
  const Zipf zipf(keys, s);
  const Stream draws = stream(keys, "fit.zipf");
  std::map<std::uint64_t, std::pair<std::uint32_t, std::uint32_t>> by_key;
  for (std::uint64_t i = 0; i < first + second; ++i) {
    auto& hits = by_key[zipf(draws, i, 0)];
    ++(i < first ? hits.first : hits.second);
  }
  HalfHits hits;
  for (const auto& [key, count] : by_key) hits.push_back(count);
  return hits;
}

}  // namespace

double cross_ranked_zipf(const HalfHits& hits, std::uint64_t keys) {
  if (keys < 2) return 0;
  const LogRanks a = log_ranks(hits, keys, false), b = log_ranks(hits, keys, true);
  if (a.hits + b.hits == 0) return 0;
  return exponent_of((a.sum + b.sum) / (a.hits + b.hits), keys);
}

double fit_zipf(const HalfHits& hits, std::uint64_t keys) {
  constexpr int steps = 3;
  const double seen = cross_ranked_zipf(hits, keys);
  std::uint64_t first = 0, second = 0;
  for (const auto& [a, b] : hits) {
    first += a;
    second += b;
  }
  if (keys < 2 || seen == 0 || seen >= exponent_max) return seen;
  double s = seen;
  for (int i = 0; i < steps; ++i)
    s = std::clamp(s + seen - cross_ranked_zipf(drawn(s, keys, first, second), keys), 0.0, exponent_max);
  return s;
}

}  // namespace rehearse
