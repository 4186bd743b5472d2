#include "harness/reconcile/metrics.h"

#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

constexpr std::uint32_t all_but_timing = ((1U << discrepancy_classes) - 1) & ~(1U << scenario::TIMING);

MetricPoint sample(const MetricSeries& series, const CheckRun& run) {
  MetricPoint sample{series.due.next_at_or_after(run.started), run.reported, 0, run.data};
  if (!run.data) return sample;
  if (series.unit == MetricSeries::Unit::duration_ns) {
    sample.value = static_cast<double>((run.percentile ? *run.percentile : run.age.value_or(Duration{})).ns);
    return sample;
  }
  if (series.of_figure) {
    sample.data = run.figure.has_value();
    sample.value = run.figure.value_or(0);
    return sample;
  }
  if (run.share || run.records) {
    sample.value = run.share ? *run.share : static_cast<double>(*run.records);
    return sample;
  }
  std::uint64_t found = 0;
  for (std::size_t kind = 0; kind < run.found.size(); ++kind)
    if (series.classes >> kind & 1) found += run.found[kind];
  sample.value = static_cast<double>(found);
  if (series.unit == MetricSeries::Unit::count) return sample;
  sample.data = run.rows_compared > 0;
  sample.value = sample.data ? sample.value / static_cast<double>(run.rows_compared) : 0;
  return sample;
}

}  // namespace

MetricStore::MetricStore(const google::protobuf::RepeatedPtrField<scenario::Metric>& declared,
                         const std::vector<CheckDescription>& checks) {
  const auto series = [](const std::string& name, const CheckDescription& check) {
    MetricSeries s;
    s.name = name;
    s.check = check.index;
    s.unit = check.measures_duration ? MetricSeries::Unit::duration_ns
             : check.measures_share  ? MetricSeries::Unit::share
                                     : MetricSeries::Unit::count;
    s.classes = all_but_timing;
    s.due = check.due;
    return s;
  };
  for (const CheckDescription& check : checks) by_check_.push_back(series(check.name, check));
  for (const scenario::Metric& metric : declared) {
    const auto check =
        std::find_if(checks.begin(), checks.end(), [&](const auto& c) { return c.name == metric.from(); });
    REHEARSE_ASSERT(check != checks.end(), "a validated metric is made from a check that there is");
    MetricSeries s = series(metric.name(), *check);
    if (!check->monitor() && metric.per() == scenario::Metric::ROWS_COMPARED) s.unit = MetricSeries::Unit::share;
    s.of_figure = metric.value() == scenario::Metric::FIGURE;
    if (!metric.classes().empty()) s.classes = 0;
    for (const int kind : metric.classes()) s.classes |= 1U << kind;
    declared_.push_back(std::move(s));
  }
}

std::optional<std::size_t> MetricStore::find(const std::string& metric) const {
  for (std::size_t i = 0; i < declared_.size(); ++i)
    if (declared_[i].name == metric) return i;
  return std::nullopt;
}

void MetricStore::add(const CheckRun& run) {
  by_check_[run.check].samples.push_back(sample(by_check_[run.check], run));
  for (MetricSeries& series : declared_)
    if (series.check == run.check) series.samples.push_back(sample(series, run));
}

}  // namespace rehearse
