#include "harness/migration/world_operations.h"

#include <algorithm>

namespace rehearse {
namespace {

// The last occasion that is not after `at`, looking from an earlier one; `at` itself if there is none.
Time last_due(const Recurrence& due, Time from, Time at) {
  Time last = at;
  for (Time t = due.next_after(from); t <= at; t = due.next_after(t)) last = t;
  return last;
}

}  // namespace

std::vector<KnownConsumer> WorldOperations::consumers() const {
  std::vector<KnownConsumer> known;
  for (Controls::KnownConsumer& consumer : controls_.consumers()) {
    known.push_back({consumer.index, std::move(consumer.name), consumer.tier, consumer.movable, consumer.store,
                     consumer.fallback, consumer.table});
  }
  return known;
}

std::optional<MetricId> StoredMetrics::find(const std::string& metric) const {
  const std::optional<std::size_t> index = store_->find(metric);
  if (!index) return std::nullopt;
  return static_cast<MetricId>(*index);
}

WindowSample StoredMetrics::sample(MetricId metric, std::size_t number) const {
  const MetricSeries& series = store_->series(metric);
  std::vector<Time>& due = due_[metric];
  while (due.size() <= number) {
    const Time from = due.empty() ? Time{-1} : due.back();
    due.push_back(last_due(series.due, from, series.samples[due.size()].at));
  }
  const MetricSample& sample = series.samples[number];
  return {due[number], sample.at, sample.value, sample.data};
}

}  // namespace rehearse
