#include "harness/campaign/fit_durations.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "scenarios/units.h"

namespace rehearse {
namespace {

constexpr double constant_within = 0.01, distance_most = 0.05, distance_by_chance = 1.36;
constexpr double least_sigma_log = -7, most_sigma_log = 2.5;
constexpr int search_steps = 60;
constexpr double infinite = std::numeric_limits<double>::infinity();

// What the likelihoods need of the exact observations; the others are cells.
struct Observed {
  double n = 0, sum = 0, logs = 0, squares = 0;  // of the exact: Σx, Σ ln x, Σ (ln x)²
  std::vector<DurationCell> between;
  double total = 0;
};

double normal_cdf(double z) { return std::erfc(-z / std::sqrt(2.0)) / 2; }

double exponential_cdf(double x, double mean) { return x == infinite ? 1 : -std::expm1(-x / mean); }
double lognormal_cdf(double x, double mu, double sigma) {
  return x <= 0 ? 0 : x == infinite ? 1 : normal_cdf((std::log(x) - mu) / sigma);
}

double log_share(double share) { return std::log(std::max(share, 1e-300)); }

double exponential_likelihood(const Observed& o, double log_mean) {
  const double mean = std::exp(log_mean);
  double sum = -o.n * log_mean - o.sum / mean;
  for (const DurationCell& c : o.between)
    sum += c.count * log_share(std::exp(-c.low / mean) - (c.high == infinite ? 0 : std::exp(-c.high / mean)));
  return sum;
}

double lognormal_likelihood(const Observed& o, double mu, double log_sigma) {
  const double sigma = std::exp(log_sigma);
  double sum = -o.logs - o.n * (log_sigma + std::log(2 * M_PI) / 2) -
               (o.squares - 2 * mu * o.logs + o.n * mu * mu) / (2 * sigma * sigma);
  for (const DurationCell& c : o.between)
    sum += c.count * log_share(lognormal_cdf(c.high, mu, sigma) - lognormal_cdf(c.low, mu, sigma));
  return sum;
}

// Where a function with one peak has it.
double peak(double low, double high, const std::function<double(double)>& f) {
  const double golden = (std::sqrt(5.0) - 1) / 2;
  double a = high - golden * (high - low), b = low + golden * (high - low), fa = f(a), fb = f(b);
  for (int step = 0; step < search_steps; ++step) {
    if (fa < fb) {
      low = a;
      a = b;
      fa = fb;
      b = low + golden * (high - low);
      fb = f(b);
    } else {
      high = b;
      b = a;
      fb = fa;
      a = high - golden * (high - low);
      fa = f(a);
    }
  }
  return (low + high) / 2;
}

// The standard deviation of one parameter, the others at their best: from the likelihood's curvature.
double deviation(double at, const std::function<double(double)>& profile) {
  const double step = 1e-3;
  const double curvature = (profile(at + step) - 2 * profile(at) + profile(at - step)) / (step * step);
  return curvature < 0 ? 1 / std::sqrt(-curvature) : 0;
}

struct Bounds {
  double low, high;  // logarithms
};

Bounds bounds_of(const std::vector<DurationCell>& cells) {
  Bounds bounds{infinite, -infinite};
  for (const DurationCell& c : cells)
    for (const double end : {c.low, c.high})
      if (end > 0 && end < infinite) {
        bounds.low = std::min(bounds.low, std::log(end));
        bounds.high = std::max(bounds.high, std::log(end));
      }
  const double margin = 3;  // what was seen may all be in one cell
  return {bounds.low - margin, bounds.high + margin};
}

double distance_from(const std::vector<DurationCell>& cells, double total, const std::function<double(double)>& cdf) {
  double seen = 0, worst = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const DurationCell& c = cells[i];
    if (c.low == c.high) worst = std::max(worst, std::fabs(cdf(c.high) - seen / total));
    seen += c.count;
    const bool last_here = i + 1 == cells.size() || cells[i + 1].high > c.high;
    if (last_here && c.high < infinite) worst = std::max(worst, std::fabs(cdf(c.high) - seen / total));
  }
  return worst;
}

double middle_of(const DurationCell& c) { return c.high == infinite ? c.low : (c.low + c.high) / 2; }

// Groups of about equal shares, with smaller ones for the tail.
void make_points(const std::vector<DurationCell>& cells, FittedDuration& fitted) {
  std::vector<double> ends;
  for (int i = 1; i <= 18; ++i) ends.push_back(i * 0.05);
  for (const double end : {0.93, 0.96, 0.98, 0.99, 0.998, 1.0}) ends.push_back(end);
  double seen = 0, weight = 0, sum = 0;
  std::size_t group = 0;
  for (const DurationCell& c : cells) {
    seen += c.count;
    weight += c.count;
    sum += c.count * middle_of(c);
    if (seen / fitted.count < ends[group] - 1e-12) continue;
    fitted.points.emplace_back(sum / weight, weight / fitted.count);
    weight = sum = 0;
    while (group + 1 < ends.size() && ends[group] <= seen / fitted.count + 1e-12) ++group;
  }
}

void fit_empirical(const std::vector<DurationCell>& cells, FittedDuration& fitted) {
  fitted.shape = DurationShape::empirical;
  double sum = 0, squares = 0;
  for (const DurationCell& c : cells) {
    sum += c.count * middle_of(c);
    squares += c.count * middle_of(c) * middle_of(c);
  }
  const double mean = sum / fitted.count, variance = std::max(0.0, squares / fitted.count - mean * mean);
  fitted.middle = {mean, std::sqrt(variance / fitted.count)};
  make_points(cells, fitted);
}

bool is_constant(const std::vector<DurationCell>& cells, FittedDuration& fitted) {
  double sum = 0;
  for (const DurationCell& c : cells) {
    if (c.low != c.high) return false;
    sum += c.count * c.low;
  }
  fitted.middle = {sum / fitted.count, 0};
  return cells.back().high - cells.front().low <= 2 * constant_within * fitted.middle.value &&
         std::fabs(cells.back().high - fitted.middle.value) <= constant_within * fitted.middle.value &&
         std::fabs(cells.front().low - fitted.middle.value) <= constant_within * fitted.middle.value;
}

Observed observed(const std::vector<DurationCell>& cells) {
  Observed o;
  for (const DurationCell& c : cells) {
    o.total += c.count;
    if (c.low != c.high) {
      o.between.push_back(c);
      continue;
    }
    o.n += c.count;
    o.sum += c.count * c.low;
    const double log = c.low > 0 ? std::log(c.low) : -infinite;
    o.logs += c.count * log;
    o.squares += c.count * log * log;
  }
  return o;
}

}  // namespace

std::optional<FittedDuration> fit_durations(std::vector<DurationCell> cells) {
  std::erase_if(cells, [](const DurationCell& c) { return c.count <= 0; });
  std::sort(cells.begin(), cells.end(),
            [](const auto& a, const auto& b) { return std::pair(a.high, a.low) < std::pair(b.high, b.low); });
  const Observed o = observed(cells);
  const bool above_zero =
      std::any_of(cells.begin(), cells.end(), [](const DurationCell& c) { return c.high > 0 && c.high < infinite; });
  if (!above_zero) return std::nullopt;
  FittedDuration fitted;
  fitted.count = o.total;
  if (is_constant(cells, fitted)) return fitted;

  const Bounds in = bounds_of(cells);
  const auto exponential = [&](double log_mean) { return exponential_likelihood(o, log_mean); };
  const double log_mean = peak(in.low, in.high, exponential), mean = std::exp(log_mean);
  fitted.bic_exponential = std::log(o.total) - 2 * exponential(log_mean);
  const double exponential_distance = distance_from(cells, o.total, [&](double x) { return exponential_cdf(x, mean); });

  const bool zeros = o.n > 0 && !std::isfinite(o.logs);  // a lognormal has none
  double mu = 0, log_sigma = 0, lognormal_distance = 1;
  fitted.bic_lognormal = infinite;
  const auto best_mu = [&](double s) {
    return peak(in.low, in.high, [&](double m) { return lognormal_likelihood(o, m, s); });
  };
  const auto best_sigma = [&](double m) {
    return peak(least_sigma_log, most_sigma_log, [&](double s) { return lognormal_likelihood(o, m, s); });
  };
  if (!zeros) {
    log_sigma = peak(least_sigma_log, most_sigma_log, [&](double s) { return lognormal_likelihood(o, best_mu(s), s); });
    mu = best_mu(log_sigma);
    fitted.bic_lognormal = 2 * std::log(o.total) - 2 * lognormal_likelihood(o, mu, log_sigma);
    lognormal_distance =
        distance_from(cells, o.total, [&](double x) { return lognormal_cdf(x, mu, std::exp(log_sigma)); });
  }
  const bool is_exponential = fitted.bic_exponential <= fitted.bic_lognormal;
  fitted.distance = is_exponential ? exponential_distance : lognormal_distance;
  if (fitted.distance > distance_most + distance_by_chance / std::sqrt(o.total)) {
    fit_empirical(cells, fitted);
    return fitted;
  }
  if (is_exponential) {
    fitted.shape = DurationShape::exponential;
    fitted.middle = {mean, mean * deviation(log_mean, exponential)};
    return fitted;
  }
  fitted.shape = DurationShape::lognormal;
  const double of_mu = deviation(mu, [&](double m) { return lognormal_likelihood(o, m, best_sigma(m)); });
  const double of_sigma = deviation(log_sigma, [&](double s) { return lognormal_likelihood(o, best_mu(s), s); });
  fitted.middle = {std::exp(mu), std::exp(mu) * of_mu};
  fitted.sigma = {std::exp(log_sigma), std::exp(log_sigma) * of_sigma};
  return fitted;
}

std::string short_duration(double seconds) {
  const double ns = std::max(0.0, std::min(seconds * 1e9, 9e17));
  const double step = ns < 1 ? 1 : std::max(1.0, std::pow(10, std::floor(std::log10(ns)) - 3));
  return format_duration(std::llround(std::round(ns / step) * step));
}

std::string duration_text(const FittedDuration& fitted, double middle, double sigma) {
  const std::string text = short_duration(middle);
  if (fitted.shape == DurationShape::constant) return text;
  if (fitted.shape == DurationShape::exponential) return fmt::format("exponential({})", text);
  if (fitted.shape == DurationShape::lognormal) return fmt::format("lognormal(median={}, sigma={:.4f})", text, sigma);
  // Points that are one when they are rounded are one; the last takes what rounding leaves.
  std::vector<std::pair<std::string, std::int64_t>> points;
  std::int64_t left = parts_per_billion;
  for (const auto& [seconds, share] : fitted.points) {
    const std::string value = short_duration(seconds * middle / fitted.middle.value);
    const std::int64_t part =
        std::min<std::int64_t>(left, std::max<std::int64_t>(1, std::llround(share * 1e5) * 10'000));
    if (points.empty() || points.back().first != value) points.emplace_back(value, 0);
    points.back().second += part;
    left -= part;
  }
  points.back().second += left;
  std::string all;
  for (const auto& [value, part] : points)
    all += fmt::format("{}{}: {}", all.empty() ? "" : ", ", value, format_share(part));
  return "empirical(" + all + ")";
}

}  // namespace rehearse
