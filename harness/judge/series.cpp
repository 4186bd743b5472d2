#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

#include "harness/judge/parts.h"
#include "harness/judge/words.h"
#include "reports/result/harm.h"
#include "sim/kernel/assert.h"

namespace rehearse::judging {

// By stretches of equal numbers of points: the first, the last, the least and the greatest of each, and a missing one.
std::vector<Point> thinned(const std::vector<Point>& points) {
  constexpr std::size_t kept_by_stretch = 5;
  if (points.size() <= points_most) return points;
  const std::size_t stretches = points_most / kept_by_stretch;
  std::vector<Point> out;
  for (std::size_t s = 0; s < stretches; ++s) {
    const std::size_t begin = points.size() * s / stretches, end = points.size() * (s + 1) / stretches;
    std::vector<std::size_t> keep{begin, end - 1};
    std::size_t least = end, greatest = end, missing = end;
    for (std::size_t i = begin; i < end; ++i) {
      if (std::isnan(points[i].value)) {
        missing = std::min(missing, i);
        continue;
      }
      if (least == end || points[i].value < points[least].value) least = i;
      if (greatest == end || points[i].value > points[greatest].value) greatest = i;
    }
    for (const std::size_t i : {least, greatest, missing})
      if (i != end) keep.push_back(i);
    std::sort(keep.begin(), keep.end());
    keep.erase(std::unique(keep.begin(), keep.end()), keep.end());
    for (const std::size_t i : keep) out.push_back(points[i]);
  }
  return out;
}

void write_points(const std::vector<Point>& points, result::Series& out) {
  for (const Point& point : thinned(points)) {
    out.add_times_ns(point.at.ns);
    out.add_values(point.value);
  }
}

namespace {

// A step is drawn by its corners: the value before and the value after it, at the same instant.
std::vector<Point> corners(const Case& c, StoreId store) {
  std::vector<Point> points{{Time{}, 0}};
  for (const Step& step : c.divergences.steps(store)) {
    points.push_back({step.from, points.back().value});
    points.push_back({step.from, static_cast<double>(step.rows)});
  }
  points.push_back({c.end, points.back().value});
  return points;
}

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

std::vector<Point> points_of(const MetricSeries& series) {
  std::vector<Point> points;
  points.reserve(series.samples.size());
  for (const auto& sample : series.samples) {
    points.push_back({sample.at, sample.data ? shown_value(sample.value, series.quantity) : missing});
  }
  return points;
}

// Lag of streams, and the age of what batch jobs loaded: what a monitor beside the pipelines would have shown.
void write_samples(const Case& c, const StoreSamples& samples, result::Result& result) {
  const StoreTruth& store = c.in.truth.stores[samples.store];
  const bool is_stream = std::any_of(c.in.streams.begin(), c.in.streams.end(),
                                     [&](const StreamCounts& s) { return s.pipeline == store.pipeline; });
  std::vector<Point> points;
  for (std::size_t i = 0; i < samples.at.size(); ++i)
    points.push_back({samples.at[i], is_stream ? static_cast<double>(samples.lag_records[i])
                                               : static_cast<double>(samples.age[i].ns) / 1e9});
  result::Series& out = *result.add_series();
  out.set_name(store.name + (is_stream ? ": lag" : ": age of the last extract"));
  out.set_unit(is_stream ? "records" : "seconds");
  out.set_kind(is_stream ? result::Series::lag : result::Series::freshness);
  out.set_store(store.name);
  out.set_pipeline(store.pipeline);
  write_points(points, out);
}

// Reads with an outcome that is followed over time, of all consumers of a tier together; as fine as the truth tells
// them apart.
void write_harm(const Case& c, result::Result& result) {
  constexpr std::array<const char*, 3> tiers{"low", "medium", "high"};
  for (int tier = 2; tier >= 0; --tier) {
    std::map<Time, ReadCounts> by_time;
    for (const ConsumerTruth& consumer : c.in.truth.consumers)
      if (consumer.tier == tier)
        for (const auto& [since, counts] : consumer.by_day) {
          for (const ReadOutcome outcome : all_outcomes()) by_time[since][outcome] += counts[outcome];
        }
    for (const ReadOutcome outcome : result::followed_outcomes()) {
      std::vector<Point> points;
      bool any = false;
      for (const auto& [since, counts] : by_time) {
        const std::uint64_t reads = counts[outcome];
        any = any || reads > 0;
        points.push_back({since, static_cast<double>(reads)});
      }
      if (!any) continue;
      result::Series& out = *result.add_series();
      out.set_name(rule_of(outcome).words() + " reads, tier " + tiers[static_cast<std::size_t>(tier)]);
      out.set_unit("reads");
      out.set_kind(result::Series::harm);
      write_points(points, out);
    }
  }
}

result::Series::Kind kind_of(const QuantityRule& quantity) {
  result::Series::Kind kind = result::Series::other;
  REHEARSE_ASSERT(result::Series::Kind_Parse(quantity.series(), &kind), "a quantity names a kind of series");
  return kind;
}

}  // namespace

void write_series(const Case& c, result::Result& result) {
  for (StoreId store = 1; store < c.in.truth.stores.size(); ++store) {
    result::Series& out = *result.add_series();
    out.set_name(c.store_name(store) + ": divergent rows");
    out.set_unit("rows");
    out.set_kind(result::Series::divergent);
    out.set_store(c.store_name(store));
    out.set_pipeline(c.in.truth.stores[store].pipeline);
    write_points(corners(c, store), out);
  }
  write_class_series(c, result);
  for (const StoreSamples& samples : c.in.samples) write_samples(c, samples, result);
  write_harm(c, result);
  if (!c.in.metrics) return;
  for (const CheckDescription& check : c.in.checks) {
    const MetricSeries& series = c.in.metrics->of_check(check.index);
    const QuantityRule& quantity = rule_of(series.quantity);
    result::Series& out = *result.add_series();
    out.set_check(check.name);
    out.set_store(c.store_name(check.trial));
    out.set_unit(quantity.unit());
    out.set_kind(kind_of(quantity));
    out.set_name(check.name + ": " + quantity.shown());
    write_points(points_of(series), out);
  }
  for (const MetricSeries& series : c.in.metrics->declared()) {
    result::Series& out = *result.add_series();
    out.set_name(series.name);
    out.set_unit(rule_of(series.quantity).unit());
    out.set_kind(result::Series::metric);
    std::vector<std::string> checks;
    for (const std::uint32_t check : series.checks) checks.push_back(c.in.checks[check].name);
    out.set_check(joined(checks));
    write_points(points_of(series), out);
  }
}

}  // namespace rehearse::judging
