#include "harness/migration/world_operations.h"

#include <utility>

#include "harness/migration/decision.h"
#include "sim/kernel/assert.h"

namespace rehearse {
std::vector<KnownConsumer> WorldOperations::consumers() const {
  std::vector<KnownConsumer> known;
  for (Controls::KnownConsumer& consumer : controls_.consumers()) {
    known.push_back({consumer.index, std::move(consumer.name), consumer.tier, consumer.movable, consumer.store,
                     consumer.fallback, consumer.table});
  }
  return known;
}

Decision WorldOperations::ask(const std::string& question) {
  REHEARSE_ASSERT(program_.has_value(), "only a plan with a program of its own asks it");
  OwnQuestion asked;
  asked.prepare = [](const std::string&) { return true; };
  asked.input = question;
  const OwnAnswer answer = program_->ask(asked);
  if (answer.problem.empty()) return read_decision(answer.output);
  return {ProgramDecision::none, {}, answer.problem};
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
