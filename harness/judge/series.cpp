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
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

void write_point(Time at, double value, result::Series& out) {
  out.add_times_ns(at.ns);
  out.add_values(value);
}

void write_stretch(const LongSeries::Stretch& stretch, double unit, bool shortened, result::Series& out) {
  write_point(stretch.from, stretch.mean() / unit, out);
  if (!shortened) return;
  out.add_least(stretch.least / unit);
  out.add_greatest(stretch.greatest / unit);
}

void write_gap(Time at, bool shortened, result::Series& out) {
  write_point(at, missing, out);
  if (!shortened) return;
  out.add_least(missing);
  out.add_greatest(missing);
}

}  // namespace

void write_series_of(const LongSeries& series, double unit, result::Series& out) {
  for (const LongSeries::Stretch& stretch : series.stretches()) {
    const bool gap_first = stretch.missing < stretch.from;
    if (!stretch.has_values() || gap_first) write_gap(stretch.missing, series.shortened(), out);
    if (stretch.has_values()) write_stretch(stretch, unit, series.shortened(), out);
    if (stretch.has_values() && !gap_first && stretch.missing != Time::never())
      write_gap(stretch.missing, series.shortened(), out);
  }
}

void write_points(const std::vector<Point>& points, result::Series& out) {
  LongSeries series;
  for (const Point& point : points) series.add(point.at, point.value);
  write_series_of(series, 1, out);
}

// A step is drawn by its corners: the value before and the value after it, at the same instant. Of more steps than can
// be drawn each value is the mean over time of those of its stretch.
void write_steps(const std::vector<Step>& steps, Time end, result::Series& out) {
  if (2 * steps.size() + 2 <= LongSeries::points_most) {
    double rows = 0;
    write_point({}, rows, out);
    for (const Step& step : steps) {
      write_point(step.from, rows, out);
      rows = static_cast<double>(step.rows);
      write_point(step.from, rows, out);
    }
    return write_point(end, rows, out);
  }
  LongSeries series;
  series.add({}, 0, static_cast<double>(std::max<std::int64_t>(steps.front().from.ns, 1)));
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Time until = i + 1 < steps.size() ? steps[i + 1].from : end;
    series.add(steps[i].from, static_cast<double>(steps[i].rows),
               static_cast<double>(std::max<std::int64_t>((until - steps[i].from).ns, 1)));
  }
  write_series_of(series, 1, out);
}

namespace {

LongSeries samples_of(const MetricSeries& metric) {
  LongSeries series;
  for (const MetricPoint& sample : metric.samples) series.add(sample.at, sample.data ? sample.value : missing);
  return series;
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

// Reads of the consumers of a tier that found one thing, by stretches of equal length. A stretch's point stands at its
// first such read, so that a curve does not rise before what it shows.
std::vector<Point> harm_points(const Case& c, int tier, ReadOutcome outcome) {
  constexpr std::int64_t stretches = 400;
  const Duration length{std::max<std::int64_t>(c.end.ns / stretches, 1)};
  std::map<std::int64_t, Point> by_stretch;
  for (const ConsumerTruth& consumer : c.in.truth.consumers) {
    if (consumer.tier != tier) continue;
    for (const ReadHistory::Run& run : consumer.history.runs()) {
      if (run.found != outcome) continue;
      for (std::uint64_t counted = 0; counted < run.reads;) {
        const Time at = run.first + run.apart * static_cast<std::int64_t>(counted);
        const std::int64_t stretch = at.ns / length.ns;
        const std::uint64_t until = run.before(Time{(stretch + 1) * length.ns});
        Point& point = by_stretch.try_emplace(stretch, Point{at, 0}).first->second;
        point.at = std::min(point.at, at);
        point.value += static_cast<double>(until - counted);
        counted = until;
      }
    }
  }
  if (by_stretch.empty()) return {};
  std::vector<Point> points;
  for (std::int64_t stretch = 0; stretch * length.ns < c.end.ns; ++stretch) {
    const auto some = by_stretch.find(stretch);
    points.push_back(some == by_stretch.end() ? Point{Time{stretch * length.ns}, 0} : some->second);
  }
  return points;
}

// Of the outcomes that are followed over time, all consumers of a tier together.
void write_harm(const Case& c, result::Result& result) {
  constexpr std::array<const char*, 3> tiers{"low", "medium", "high"};
  for (int tier = 2; tier >= 0; --tier)
    for (const ReadOutcome outcome : result::followed_outcomes()) {
      const std::vector<Point> points = harm_points(c, tier, outcome);
      if (points.empty()) continue;
      result::Series& out = *result.add_series();
      out.set_name(rule_of(outcome).words() + " reads, tier " + tiers[static_cast<std::size_t>(tier)]);
      out.set_unit("reads");
      out.set_kind(result::Series::harm);
      write_points(points, out);
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
    write_steps(c.divergences.steps(store), c.end, out);
  }
  write_class_series(c, result);
  for (const StoreSamples& samples : c.in.samples) write_samples(c, samples, result);
  write_harm(c, result);
  if (!c.in.metrics) return;
  for (const CheckDescription& check : c.in.checks) {
    const CheckSeries& series = c.in.metrics->of_check(check.index);
    const QuantityRule& quantity = rule_of(series.quantity);
    result::Series& out = *result.add_series();
    out.set_check(check.name);
    out.set_store(c.store_name(check.trial));
    out.set_unit(quantity.unit());
    out.set_kind(kind_of(quantity));
    out.set_name(check.name + ": " + quantity.shown());
    write_series_of(series.samples, dimension_of(series.quantity).stored_per_shown(), out);
  }
  for (const MetricSeries& series : c.in.metrics->declared()) {
    result::Series& out = *result.add_series();
    out.set_name(series.name);
    out.set_unit(rule_of(series.quantity).unit());
    out.set_kind(result::Series::metric);
    std::vector<std::string> checks;
    for (const std::uint32_t check : series.checks) checks.push_back(c.in.checks[check].name);
    out.set_check(joined(checks));
    write_series_of(samples_of(series), dimension_of(series.quantity).stored_per_shown(), out);
  }
}

}  // namespace rehearse::judging
