#include "harness/campaign/fit_sensitivity.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "scenarios/units.h"
#include "scenarios/value_text.h"
#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

constexpr double uniform_below = 0.001, exponent_max = 4;

struct Parameter {
  std::string name;  // "orders: rate"
  Estimate estimate;
  std::function<void(LoadedScenario&, double)> set;
};

void set_rate(scenario::Workload& workload, double rate) {
  workload.set_peak_rate_nano(std::llround(std::max(0.0, rate) * 1e9));
}

// Deletes stay; inserts take what updates leave.
void set_updates(scenario::Workload& workload, double share) {
  scenario::Mix& mix = *workload.mutable_mix();
  const std::int64_t most = parts_per_billion - mix.delete_ppb();
  mix.set_update_ppb(std::clamp<std::int64_t>(std::llround(share * 1e9), 0, most));
  mix.set_insert_ppb(most - mix.update_ppb());
}

void set_exponent(scenario::Workload& workload, double exponent) {
  for (values::Distribution* pick :
       {workload.mutable_pick()->mutable_updates(), workload.mutable_pick()->mutable_deletes()}) {
    pick->Clear();
    pick->set_kind(exponent < uniform_below ? values::Distribution::UNIFORM : values::Distribution::ZIPF);
    if (exponent >= uniform_below) pick->set_shape_ppb(std::llround(std::min(exponent, exponent_max) * 1e9));
  }
}

void set_mean_size(scenario::Workload& workload, double mean) {
  values::Distribution& sizes = *workload.mutable_transactions();
  sizes.Clear();
  sizes.set_kind(values::Distribution::GEOMETRIC);
  sizes.set_a(std::llround(std::max(1.0, mean) * 1e9));
}

scenario::Workload* workload_of(LoadedScenario& scenario, const std::string& table) {
  for (scenario::Table& candidate : *scenario.proto.mutable_source()->mutable_tables())
    if (candidate.name() == table && candidate.has_workload()) return candidate.mutable_workload();
  return nullptr;
}

std::vector<Parameter> parameters_of(const FittedTable& table) {
  const auto of = [&](const char* name, const Estimate& estimate, void (*set)(scenario::Workload&, double)) {
    return Parameter{table.name + ": " + name, estimate,
                     [table = table.name, set](LoadedScenario& scenario, double value) {
                       set(*workload_of(scenario, table), value);
                     }};
  };
  std::vector<Parameter> parameters{of("rate", table.rate, set_rate),
                                    of("share of updates", table.updates, set_updates)};
  if (table.picks.hits > 0) parameters.push_back(of("Zipf's exponent", table.picks.zipf, set_exponent));
  parameters.push_back(of("mean size of transactions", table.sizes.mean, set_mean_size));
  return parameters;
}

// The pipeline's processor; of a service time that says no pipeline, the only stream's.
scenario::Processor* processor_of(LoadedScenario& scenario, const std::string& pipeline) {
  scenario::Processor* found = nullptr;
  int streams = 0;
  for (scenario::Pipeline& candidate : *scenario.proto.mutable_pipelines()) {
    if (!candidate.has_stream()) continue;
    ++streams;
    if (pipeline.empty() || candidate.name() == pipeline) found = candidate.mutable_stream()->mutable_processor();
  }
  return pipeline.empty() && streams != 1 ? nullptr : found;
}

std::vector<Parameter> parameters_of(const FittedService& service) {
  const FittedDuration& time = service.time;
  const auto set = [service](LoadedScenario& scenario, double middle, double sigma) {
    const auto drawn =
        parse_distribution(duration_text(service.time, std::max(0.0, middle), std::max(0.0, sigma)), Drawn::duration);
    REHEARSE_ASSERT(drawn.value.has_value(), "what a fit writes can be read");
    *processor_of(scenario, service.pipeline)->mutable_service_time() = *drawn.value;
  };
  const bool lognormal = time.shape == DurationShape::lognormal;
  const std::string of = service.pipeline.empty() ? service.metric : service.pipeline;
  std::vector<Parameter> parameters{
      {of + (lognormal ? ": median service time, s" : ": mean service time, s"), time.middle,
       [set, time](LoadedScenario& scenario, double value) { set(scenario, value, time.sigma.value); }}};
  if (lognormal)
    parameters.push_back(
        {of + ": sigma of the service time", time.sigma,
         [set, time](LoadedScenario& scenario, double value) { set(scenario, time.middle.value, value); }});
  return parameters;
}

Outcome outcome_of(const LoadedScenario& scenario, const SharedInputs& inputs, const std::atomic<bool>* interrupted) {
  RehearsalOptions options;
  options.twins = false;
  options.interrupted = interrupted;
  const result::Result r = rehearse(scenario, inputs, options);
  Outcome outcome{r.verdict(), r.decision(), 0, 0};
  for (const result::Store& store : r.stores()) {
    outcome.divergences += store.divergent_intervals();
    outcome.stale_ns += store.stale_ns();
  }
  return outcome;
}

double change(double from, double to) {
  const double apart = std::fabs(to - from);
  return apart == 0 ? 0 : apart / std::max(from, 1.0);
}
double change(const Outcome& from, const Outcome& to) {
  return std::max(change(static_cast<double>(from.divergences), static_cast<double>(to.divergences)),
                  change(static_cast<double>(from.stale_ns) / 1e9, static_cast<double>(to.stale_ns) / 1e9));
}

bool same(const Outcome& a, const Outcome& b) { return a.verdict == b.verdict && a.decision == b.decision; }

std::string text_of(const Outcome& o) {
  return fmt::format("{}, {}, {} divergences, stale {}", result::Result::Verdict_Name(o.verdict),
                     result::Result::Decision_Name(o.decision), o.divergences,
                     format_duration(o.stale_ns / 1'000'000 * 1'000'000));
}

}  // namespace

bool ParameterEffect::decides(const Outcome& base) const { return !same(base, at_low) || !same(base, at_high); }

std::optional<Sensitivity> sensitivity_of(const Fit& fit, const MetricsFit& metrics, const LoadedScenario& scenario,
                                          const SharedInputs& inputs, const std::atomic<bool>* interrupted) {
  LoadedScenario fitted = scenario;
  std::vector<Parameter> parameters;
  for (const FittedTable& table : fit.tables) {
    scenario::Workload* workload = workload_of(fitted, table.name);
    if (!workload) continue;
    workload->mutable_mix()->set_delete_ppb(std::llround(table.deletes.value * 1e9));
    for (Parameter& parameter : parameters_of(table)) parameters.push_back(std::move(parameter));
  }
  if (parameters.empty()) return std::nullopt;
  for (const FittedService& service : metrics.services)
    if (processor_of(fitted, service.pipeline) != nullptr)
      for (Parameter& parameter : parameters_of(service)) parameters.push_back(std::move(parameter));
  for (const Parameter& parameter : parameters) parameter.set(fitted, parameter.estimate.value);
  const auto stopped = [interrupted] { return interrupted && interrupted->load(); };
  Sensitivity sensitivity{outcome_of(fitted, inputs, interrupted), {}};
  for (const Parameter& parameter : parameters) {
    const auto at = [&](double value) {
      LoadedScenario changed = fitted;
      parameter.set(changed, value);
      return outcome_of(changed, inputs, interrupted);
    };
    if (stopped()) break;
    ParameterEffect effect{parameter.name,
                           parameter.estimate.low(),
                           parameter.estimate.high(),
                           at(parameter.estimate.low()),
                           at(parameter.estimate.high()),
                           0};
    effect.effect = std::max(change(sensitivity.base, effect.at_low), change(sensitivity.base, effect.at_high));
    if (!stopped()) sensitivity.parameters.push_back(std::move(effect));
  }
  std::stable_sort(sensitivity.parameters.begin(), sensitivity.parameters.end(), [&](const auto& a, const auto& b) {
    const bool first = a.decides(sensitivity.base), second = b.decides(sensitivity.base);
    return first != second ? first : a.effect > b.effect;
  });
  return sensitivity;
}

std::string sensitivity_text(const Sensitivity& sensitivity, const std::string& scenario) {
  std::string out = fmt::format(
      "# {} with what is fitted: {}\n# With one parameter at an end of its interval, what matters most first:\n",
      scenario, text_of(sensitivity.base));
  for (const ParameterEffect& p : sensitivity.parameters)
    out += fmt::format("#   {} {:.4g} … {:.4g}{}\n#     at {:.4g}: {}\n#     at {:.4g}: {}\n", p.parameter, p.low,
                       p.high, p.decides(sensitivity.base) ? "  DECIDES" : "", p.low, text_of(p.at_low), p.high,
                       text_of(p.at_high));
  return out;
}

}  // namespace rehearse
