#include "scenarios/needs.h"

#include <algorithm>

namespace rehearse {
namespace {

bool alike(const scenario::Amount* a, const scenario::Amount* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return a->rows() == b->rows() && a->share_ppb() == b->share_ppb() && a->amount_case() == b->amount_case();
}

}  // namespace

bool ReaderNeeds::operator==(const ReaderNeeds& other) const {
  return freshness == other.freshness && alike(tolerance, other.tolerance) && unique == other.unique &&
         complete == other.complete && point_in_time == other.point_in_time && sorted == other.sorted;
}

ReaderNeeds needs_of(const scenario::Consumer& consumer) {
  ReaderNeeds needs;
  const scenario::Needs& given = consumer.needs();
  if (given.has_freshness_ns()) needs.freshness = Duration{given.freshness_ns()};
  if (given.has_tolerance()) needs.tolerance = &given.tolerance();
  needs.unique = given.unique();
  needs.complete = given.complete();
  needs.point_in_time = given.point_in_time();
  needs.sorted = given.sorted();
  for (const int assumption : consumer.assumes()) {  // that it is fresh every reader needs anyway
    needs.unique |= assumption == scenario::Consumer::UNIQUE;
    needs.complete |= assumption == scenario::Consumer::COMPLETE;
  }
  return needs;
}

const scenario::Consumer* consumer_named(const scenario::Scenario& scenario, std::string_view name) {
  for (const auto* consumers : {&scenario.consumers(), &scenario.world().consumers()})
    for (const scenario::Consumer& consumer : *consumers)
      if (consumer.name() == name) return &consumer;
  return nullptr;
}

bool needs_stores_as_a_whole(const scenario::Scenario& scenario) {
  const auto does = [](const scenario::Consumer& consumer) {
    const ReaderNeeds needs = needs_of(consumer);
    return needs.point_in_time || !needs.sorted.empty();
  };
  return std::any_of(scenario.consumers().begin(), scenario.consumers().end(), does) ||
         std::any_of(scenario.world().consumers().begin(), scenario.world().consumers().end(), does);
}

std::vector<Duration> ages_needed(const scenario::Scenario& scenario) {
  std::vector<Duration> ages;
  for (const auto* consumers : {&scenario.consumers(), &scenario.world().consumers()})
    for (const scenario::Consumer& consumer : *consumers)
      if (const auto freshness = needs_of(consumer).freshness) ages.push_back(*freshness);
  const auto add = [&](const scenario::FallbackSafety& fallback) {
    if (fallback.has_freshness_ns()) ages.push_back({fallback.freshness_ns()});
  };
  add(scenario.safety().fallback());
  for (const scenario::PhaseSafety& phase : scenario.safety().phases()) add(phase.fallback());
  std::sort(ages.begin(), ages.end());
  ages.erase(std::unique(ages.begin(), ages.end()), ages.end());
  return ages;
}

}  // namespace rehearse
