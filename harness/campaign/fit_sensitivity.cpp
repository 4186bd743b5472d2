#include "harness/campaign/fit_sensitivity.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "scenarios/units.h"

namespace rehearse {
namespace {

constexpr double uniform_below = 0.001, exponent_max = 4;

struct Parameter {
  std::string name;
  Estimate estimate;
  std::function<void(scenario::Workload&, double)> set;
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

std::vector<Parameter> parameters_of(const FittedTable& table) {
  std::vector<Parameter> parameters{{"rate", table.rate, set_rate}, {"share of updates", table.updates, set_updates}};
  if (table.picks.hits > 0) parameters.push_back({"Zipf's exponent", table.picks.zipf, set_exponent});
  parameters.push_back({"mean size of transactions", table.sizes.mean, set_mean_size});
  return parameters;
}

scenario::Workload* workload_of(LoadedScenario& scenario, const std::string& table) {
  for (scenario::Table& candidate : *scenario.proto.mutable_source()->mutable_tables())
    if (candidate.name() == table && candidate.has_workload()) return candidate.mutable_workload();
  return nullptr;
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

std::optional<Sensitivity> sensitivity_of(const Fit& fit, const LoadedScenario& scenario, const SharedInputs& inputs,
                                          const std::atomic<bool>* interrupted) {
  LoadedScenario fitted = scenario;
  bool any = false;
  for (const FittedTable& table : fit.tables) {
    scenario::Workload* workload = workload_of(fitted, table.name);
    if (!workload) continue;
    any = true;
    workload->mutable_mix()->set_delete_ppb(std::llround(table.deletes.value * 1e9));
    for (const Parameter& parameter : parameters_of(table)) parameter.set(*workload, parameter.estimate.value);
  }
  if (!any) return std::nullopt;
  const auto stopped = [interrupted] { return interrupted && interrupted->load(); };
  Sensitivity sensitivity{outcome_of(fitted, inputs, interrupted), {}};
  for (const FittedTable& table : fit.tables) {
    if (!workload_of(fitted, table.name)) continue;
    for (const Parameter& parameter : parameters_of(table)) {
      const auto at = [&](double value) {
        LoadedScenario changed = fitted;
        parameter.set(*workload_of(changed, table.name), value);
        return outcome_of(changed, inputs, interrupted);
      };
      if (stopped()) break;
      ParameterEffect effect{table.name + ": " + parameter.name, parameter.estimate.low(),
                             parameter.estimate.high(),          at(parameter.estimate.low()),
                             at(parameter.estimate.high()),      0};
      effect.effect = std::max(change(sensitivity.base, effect.at_low), change(sensitivity.base, effect.at_high));
      if (!stopped()) sensitivity.parameters.push_back(std::move(effect));
    }
  }
  std::stable_sort(sensitivity.parameters.begin(), sensitivity.parameters.end(), [&](const auto& a, const auto& b) {
    const bool first = a.decides(sensitivity.base), second = b.decides(sensitivity.base);
    return first != second ? first : a.effect > b.effect;
  });
  return sensitivity;
}

std::string sensitivity_text(const Sensitivity& sensitivity, const std::string& scenario) {
  std::string out = fmt::format(
      "# {} with this workload: {}\n# With one parameter at an end of its interval, what matters most first:\n",
      scenario, text_of(sensitivity.base));
  for (const ParameterEffect& p : sensitivity.parameters)
    out += fmt::format("#   {} {:.4g} … {:.4g}{}\n#     at {:.4g}: {}\n#     at {:.4g}: {}\n", p.parameter, p.low,
                       p.high, p.decides(sensitivity.base) ? "  DECIDES" : "", p.low, text_of(p.at_low), p.high,
                       text_of(p.at_high));
  return out;
}

}  // namespace rehearse
