#include "harness/reconcile/metrics.h"

#include "scenarios/check_kinds.h"
#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

constexpr std::uint32_t all_but_timing = ((1U << discrepancy_classes) - 1) & ~(1U << scenario::TIMING);

std::uint64_t claimed(const MetricSeries& series, const CheckRun& run) {
  std::uint64_t found = 0;
  for (std::size_t kind = 0; kind < run.found.size(); ++kind)
    if (series.classes >> kind & 1) found += run.found[kind];
  return found;
}

// Nothing: the run has no such value.
std::optional<double> value_of(const MetricSeries& series, const CheckRun& run) {
  const QuantityRule& rule = rule_of(series.quantity);
  if (rule.role() == QuantityRule::RETURNED) return run.figure;
  if (is_measured(series.quantity)) return run.measured ? std::optional(as_number(*run.measured)) : std::nullopt;
  const auto found = static_cast<double>(claimed(series, run));
  if (rule.dimension() == COUNT) return found;
  return run.rows_compared > 0 ? std::optional(found / static_cast<double>(run.rows_compared)) : std::nullopt;
}

MetricPoint sample(const MetricSeries& series, const CheckRun& run) {
  const std::optional<double> value = run.data ? value_of(series, run) : std::nullopt;
  return {series.due.next_at_or_after(run.started), run.reported, value.value_or(0), value.has_value()};
}

}  // namespace

MetricStore::MetricStore(const google::protobuf::RepeatedPtrField<scenario::Metric>& declared,
                         const std::vector<CheckDescription>& checks) {
  const auto series = [](const std::string& name, const CheckDescription& check) {
    MetricSeries s;
    s.name = name;
    s.check = check.index;
    s.quantity = check.quantity;
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
    s.quantity = quantity_of(check->quantity, metric);
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
