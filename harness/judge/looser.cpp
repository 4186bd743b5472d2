#include "harness/judge/looser.h"

#include <algorithm>

#include "harness/judge/safety.h"
#include "harness/judge/words.h"
#include "scenarios/needs.h"
#include "scenarios/units.h"

namespace rehearse::judging {
namespace {

using scenario::Amount;
using scenario::Safety;

// Whether it lets pass what another does not. Rows and shares cannot be told apart without the number of keys: then
// what is not nothing counts as looser.
bool looser(const Amount& amount, const Amount& than) {
  if (amount.has_share_ppb() && than.has_share_ppb()) return amount.share_ppb() > than.share_ppb();
  if (!amount.has_share_ppb() && !than.has_share_ppb()) return amount.rows() > than.rows();
  return amount.share_ppb() > 0 || amount.rows() > 0;
}

std::string text(const Amount& amount) {
  return amount.has_share_ppb() ? format_share(amount.share_ppb()) : format_count(amount.rows());
}

// Than some store that a reader may be sent to promises.
bool older_than_promised(const JudgeInputs& in, Duration age) {
  return std::any_of(in.truth.stores.begin(), in.truth.stores.end(),
                     [&](const StoreTruth& store) { return !store.pipeline.empty() && age > store.freshness; });
}

// Against `than`; `name` is put before each value.
void compare(const JudgeInputs& in, const Safety& safety, const Safety& than, const std::string& name,
             std::vector<std::string>& found) {
  const auto longer = [&](const char* field, std::int64_t ns, std::int64_t limit) {
    if (ns > limit) found.push_back(name + field + " " + format_duration(ns));
  };
  if (looser(safety.max_divergence(), than.max_divergence()))
    found.push_back(name + "max_divergence " + text(safety.max_divergence()));
  if (safety.stale() > than.stale()) found.push_back(name + "stale allowed");
  if (safety.rollback() > than.rollback()) found.push_back(name + "rollback optional");
  if (safety.look_ahead_ns() < than.look_ahead_ns())
    found.push_back(name + "look_ahead " + format_duration(safety.look_ahead_ns()));
  longer("max_exposure", safety.max_exposure_ns(), than.max_exposure_ns());
  longer("restore_within", safety.restore_within_ns(), than.restore_within_ns());
  const scenario::FallbackSafety& fallback = safety.fallback();
  const Duration fresh{fallback.freshness_ns()};
  if (fresh.ns != than.fallback().freshness_ns() && older_than_promised(in, fresh))
    found.push_back(name + "fallback.freshness " + format_duration(fresh.ns));
  if (fallback.has_max_divergence() && looser(fallback.max_divergence(), than.fallback().max_divergence()))
    found.push_back(name + "fallback.max_divergence " + text(fallback.max_divergence()));
}

void compare(const JudgeInputs& in, const scenario::Consumer& consumer, std::vector<std::string>& found) {
  const ReaderNeeds needs = needs_of(consumer);
  if (needs.freshness && older_than_promised(in, *needs.freshness))
    found.push_back(consumer.name() + ".needs.freshness " + format_duration(needs.freshness->ns));
  if (needs.tolerance && looser(*needs.tolerance, in.scenario.safety().max_divergence()))
    found.push_back(consumer.name() + ".needs.tolerance " + text(*needs.tolerance));
}

constexpr std::int64_t left_out_by_default_ppb = 1'000'000;

Safety by_default() {
  Safety safety;
  safety.set_look_ahead_ns(day.ns);
  safety.set_max_exposure_ns(hour.ns);
  safety.set_restore_within_ns(hour.ns);
  return safety;
}

}  // namespace

std::vector<std::string> looser_than_by_default(const JudgeInputs& inputs) {
  std::vector<std::string> found;
  const Safety& safety = inputs.scenario.safety();
  compare(inputs, safety, by_default(), "", found);
  for (const scenario::PhaseSafety& phase : safety.phases())
    compare(inputs, safety_in(safety, phase.name()), safety, phase.name() + ".", found);
  for (const auto* consumers : {&inputs.scenario.consumers(), &inputs.scenario.world().consumers()})
    for (const scenario::Consumer& consumer : *consumers) compare(inputs, consumer, found);
  const scenario::Capture& capture = inputs.scenario.source().capture();
  if (capture.max_left_out_ppb() > left_out_by_default_ppb)
    found.push_back("source.capture.max_left_out " + format_share(capture.max_left_out_ppb()));
  return found;
}

}  // namespace rehearse::judging
