#include "reports/result/harm.h"

#include <algorithm>
#include <array>

#include "harness/judge/parts.h"
#include "scenarios/needs.h"
#include "scenarios/units.h"

namespace rehearse::judging {
namespace {

void add(const ReadCounts& counts, result::Harm& harm) {
  for (const ReadOutcome outcome : all_outcomes()) result::add_reads(outcome, counts[outcome], harm);
}

void write_needs(const scenario::Consumer& given, result::Consumer& out) {
  const ReaderNeeds needs = needs_of(given);
  if (needs.freshness) out.add_needs("freshness " + format_duration(needs.freshness->ns));
  if (needs.tolerance)
    out.add_needs("tolerance " + (needs.tolerance->has_share_ppb() ? format_share(needs.tolerance->share_ppb())
                                                                   : format_count(needs.tolerance->rows())));
  if (needs.unique) out.add_needs("unique");
  if (needs.complete) out.add_needs("complete");
  if (needs.point_in_time) out.add_needs("point in time");
  if (!needs.sorted.empty()) out.add_needs("sorted by " + std::string(needs.sorted));
}

void write_age(const ConsumerTruth& truth, result::Consumer& out) {
  if (truth.age.count() == 0) return;
  result::ReadAge& age = *out.mutable_age();
  age.set_p50_ns(truth.age.percentile(500'000).ns);
  age.set_p95_ns(truth.age.percentile(950'000).ns);
  age.set_p99_ns(truth.age.percentile(990'000).ns);
  age.set_oldest_ns(truth.oldest.ns);
}

}  // namespace

const char* tier_name(int tier) {
  static constexpr std::array<const char*, 3> tiers{"low", "medium", "high"};
  return tiers[static_cast<std::size_t>(std::clamp(tier, 0, 2))];
}

void write_consumers(const Case& c, result::Result& result) {
  for (std::uint32_t i = 0; i < c.in.truth.consumers.size(); ++i) {
    const ConsumerTruth& truth = c.in.truth.consumers[i];
    result::Consumer& out = *result.add_consumers();
    out.set_name(truth.name);
    out.set_tier(tier_name(truth.tier));
    out.set_listed(truth.listed);
    add(truth.all, *out.mutable_harm());
    write_age(truth, out);
    const scenario::Consumer* given = c.consumer(truth.name);
    if (given) {
      out.set_reads(given->reads());
      write_needs(*given, out);
    }
    for (const Route& route : c.in.routing.history()) {
      if (route.consumer != i) continue;
      result::Serving& serving = *out.add_served_from();
      serving.set_from_at_ns(route.since.ns);
      serving.set_store(c.store_name(route.store));
    }
    if (truth.cut_off > 0)
      result.add_warnings(truth.name + (truth.listed ? "" : ", which is on nobody's list,") + " read " +
                          std::to_string(truth.cut_off) + " times from a store whose pipeline had been paused.");
  }
}

result::Harm harm_between(const Case& c, Time from, Time to) {
  result::Harm harm;
  for (const ConsumerTruth& consumer : c.in.truth.consumers) add(consumer.history.between(from, to), harm);
  return harm;
}

}  // namespace rehearse::judging
