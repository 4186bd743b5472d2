#include "harness/migration/world_operations.h"

#include <utility>

#include "harness/migration/decision.h"
#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

void call_decision(const DecisionQuestion& question, void* function, const OwnParameters& parameters,
                   const own::abi::Answer& answer) {
  std::vector<std::vector<own::abi::Sample>> samples;
  for (const DecisionQuestion::Metric& metric : question.metrics) {
    samples.emplace_back();
    for (const DecisionQuestion::Sample& sample : metric.samples)
      samples.back().push_back({plain_text(sample.at), plain_value(sample.value ? Field::of(*sample.value) : Field{})});
  }
  std::vector<own::abi::Metric> metrics;
  for (std::size_t i = 0; i < samples.size(); ++i)
    metrics.push_back({plain_text(question.metrics[i].name), plain_text(question.metrics[i].unit), samples[i].data(),
                       samples[i].size()});
  const std::vector<own::abi::Parameter> given = parameters.plain();
  const own::abi::DecisionQuestion asked{plain_text(question.now),
                                         plain_text(question.phase),
                                         plain_text(question.entered),
                                         metrics.data(),
                                         metrics.size(),
                                         given.data(),
                                         given.size()};
  reinterpret_cast<own::abi::DecisionFunction*>(function)(&asked, &answer);
}

}  // namespace

std::vector<KnownConsumer> WorldOperations::consumers() const {
  std::vector<KnownConsumer> known;
  for (Controls::KnownConsumer& consumer : controls_.consumers()) {
    known.push_back({consumer.index, std::move(consumer.name), consumer.tier, consumer.movable, consumer.store,
                     consumer.first_store, consumer.fallback, consumer.table});
  }
  return known;
}

Decision WorldOperations::ask(const DecisionQuestion& question) {
  REHEARSE_ASSERT(program_ != nullptr, "only a plan with a program of its own asks it");
  OwnQuestion asked;
  asked.input = json_of(question);
  asked.kind = "decision";
  asked.call = [&](void* function, const OwnParameters& parameters, const own::abi::Answer& answer) {
    call_decision(question, function, parameters, answer);
  };
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
