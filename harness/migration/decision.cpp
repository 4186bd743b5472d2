#include "harness/migration/decision.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/program/json.h"
#include "harness/reconcile/own_json.h"
#include "harness/reconcile/own_program.h"
#include "scenarios/diagnostics.h"
#include "sim/kernel/civil.h"

namespace rehearse {
namespace {

constexpr std::size_t samples_told = 100;

std::string instant(const Plan& plan, Time at) {
  return format_rfc3339(plan.start_unix_ns + at.ns, 0, Fraction::micros);
}

DecisionQuestion::Metric told(const Plan& plan, const WatchedMetric& metric, const MetricSource& source) {
  const std::optional<MetricId> id = source.find(metric.name);
  const std::size_t samples = id ? source.samples(*id) : 0;
  DecisionQuestion::Metric told{metric.name, dimension_of(metric.quantity).word(), {}};
  for (std::size_t i = samples - std::min(samples, samples_told); i < samples; ++i) {
    const WindowSample sample = source.sample(*id, i);
    told.samples.push_back({instant(plan, sample.at), {}});
    if (sample.has_data) told.samples.back().value = shown_value(sample.value, metric.quantity);
  }
  return told;
}

std::string json_of(const std::optional<double>& value) { return value ? json_number(*value) : "null"; }

std::string json_of(const DecisionQuestion::Metric& metric) {
  std::string history, value = "null";
  for (const DecisionQuestion::Sample& sample : metric.samples) {
    value = json_of(sample.value);
    history += fmt::format(R"({}{{"at": {}, "value": {}}})", history.empty() ? "" : ", ", json_text(sample.at), value);
  }
  return fmt::format(R"({}: {{"unit": "{}", "value": {}, "samples": [{}]}})", json_text(metric.name), metric.unit,
                     value, history);
}

}  // namespace

DecisionQuestion decision_question(const Plan& plan, const std::string& phase, Time entered,
                                   const MetricSource& metrics, Time now) {
  DecisionQuestion question{instant(plan, now), phase, instant(plan, entered), {}};
  for (const WatchedMetric& metric : plan.decide->metrics) question.metrics.push_back(told(plan, metric, metrics));
  return question;
}

std::string json_of(const DecisionQuestion& question) {
  std::string all;
  for (const DecisionQuestion::Metric& metric : question.metrics) all += (all.empty() ? "" : ", ") + json_of(metric);
  return fmt::format(R"({{"now": {}, "phase": {}, "entered": {}, "metrics": {{{}}}}})"
                     "\n",
                     json_text(question.now), json_text(question.phase), json_text(question.entered), all);
}

Decision read_decision(const std::string& output) {
  Decision decision;
  std::string word;
  decision.problem = for_each_line(output, [&](const std::string& line, std::size_t) -> std::string {
    if (!word.empty()) return "it has decided already";
    OwnLine said;
    if (line.front() == '{') {
      if (std::string problem = read_own_line(line, said); !problem.empty()) return problem;
    } else {
      said.decision = line.substr(0, line.find_last_not_of(" \t\r") + 1);
    }
    word = said.decision;
    decision.why = said.why.substr(0, 200);
    if (word == "proceed") decision.what = ProgramDecision::proceed;
    else if (word == "hold") decision.what = ProgramDecision::hold;
    else if (word == "roll_back") decision.what = ProgramDecision::roll_back;
    else return fmt::format("{} is neither proceed nor hold nor roll_back", shown(word));
    return {};
  });
  if (word.empty() && decision.problem.empty()) decision.problem = "it said nothing";
  if (!decision.problem.empty()) decision.what = ProgramDecision::none;
  return decision;
}

void DecisionWatch::enter(const DecidePlan& plan, Time now) {
  *this = DecisionWatch{};
  entered_ = now;
  due_ = plan.due.next_after(now);
}

bool DecisionWatch::go_on(const Plan& plan, const std::string& phase, const MetricSource& metrics,
                          Operations& operations, MigrationRecord& record, Time now) {
  bool came = false;
  if (answer_ && answer_->known <= now) {
    latest_ = answer_->decision.what;
    record.decisions.push_back(std::move(*answer_));
    answer_.reset();
    due_ = plan.decide->due.next_after(now);
    came = true;
  }
  if (!answer_ && due_ <= now)
    came |= ask(plan, phase, metrics, operations, now) && go_on(plan, phase, metrics, operations, record, now);
  return came;
}

// True if the answer is known at once.
bool DecisionWatch::ask(const Plan& plan, const std::string& phase, const MetricSource& metrics, Operations& operations,
                        Time now) {
  answer_ = DecisionRecord{now, now + plan.decide->takes, phase,
                           operations.ask(decision_question(plan, phase, entered_, metrics, now))};
  due_ = Time::never();
  return plan.decide->takes.ns == 0;
}

}  // namespace rehearse
