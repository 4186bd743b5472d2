#include "harness/migration/world_operations.h"

#include <utility>

namespace rehearse {
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
  const MetricPoint& point = store_->series(metric).samples[number];
  return {point.due, point.at, point.value, point.data};
}

}  // namespace rehearse
