#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

#include "harness/judge/parts.h"
#include "harness/judge/words.h"
#include "scenarios/units.h"
#include "sim/kernel/wide.h"

namespace rehearse::judging {
namespace {

std::string datasets_of(const Case& c, const std::string& pipeline) {
  for (const scenario::Pipeline& given : c.in.scenario.pipelines()) {
    if (given.name() != pipeline) continue;
    const auto& produces = given.has_batch() ? given.batch().produces() : given.stream().produces();
    std::string text;
    for (const std::string& dataset : produces) text += (text.empty() ? "" : ", ") + dataset;
    return text;
  }
  return "";
}

void write_causes(const Case& c, StoreId store, result::Store& out) {
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> by_cause;  // intervals, of which to the end
  const auto [first, after] = c.divergences.of_store(store);
  for (Divergences::Index i = first; i < after; ++i) {
    const DivergentInterval& interval = c.divergences[i];
    auto& counts = by_cause[joined(shown_causes(c.in.causes, interval.causes), " + ")];
    ++counts.first;
    counts.second += interval.until >= c.end;
  }
  std::vector<std::pair<std::string, std::pair<std::uint64_t, std::uint64_t>>> most_first(by_cause.begin(),
                                                                                          by_cause.end());
  std::stable_sort(most_first.begin(), most_first.end(),
                   [](const auto& a, const auto& b) { return a.second.first > b.second.first; });
  for (const auto& [cause, counts] : most_first) {
    result::CauseCount& count = *out.add_causes();
    count.set_cause(cause);
    count.set_intervals(counts.first);
    count.set_now(counts.second);
  }
}

// ∫ (divergent rows) dt up to the end, to the nearest second.
std::uint64_t row_seconds(const Case& c, StoreId store) {
  const std::vector<Step>& steps = c.divergences.steps(store);
  Unsigned128 sum = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Time until = i + 1 < steps.size() ? steps[i + 1].from : c.end;
    sum += static_cast<Unsigned128>(steps[i].rows) * static_cast<std::uint64_t>((until - steps[i].from).ns);
  }
  return static_cast<std::uint64_t>((sum + second.ns / 2) / static_cast<std::uint64_t>(second.ns));
}

}  // namespace

void write_stores(const Case& c, result::Result& result) {
  for (StoreId store = 1; store < c.in.truth.stores.size(); ++store) {
    const StoreTruth& truth = c.in.truth.stores[store];
    result::Store& out = *result.add_stores();
    out.set_name(truth.name);
    out.set_pipeline(truth.pipeline);
    out.set_dataset(datasets_of(c, truth.pipeline));
    out.set_rows(truth.rows);
    const auto [first, after] = c.divergences.of_store(store);
    out.set_divergent_intervals(after - first);
    out.set_divergent_now(c.divergences.rows_at_end(store));
    out.set_divergent_worst(c.divergences.most_rows(store));
    out.set_divergent_row_seconds(row_seconds(c, store));
    write_causes(c, store, out);
    out.set_stale_intervals(c.stale[store].size());
    out.set_stale_ns(total(c.stale[store]).ns);
    std::set<std::string> causes;
    for (const Span& span : c.stale[store]) causes.merge(c.course.stale_causes(store, span.from, span.until));
    for (const std::string& cause : causes) out.add_stale_causes(cause);
    if (!truth.pipeline.empty()) out.set_worst_age_ns(truth.worst_age.ns);
    out.set_freshness_ns(truth.freshness.ns);
    for (const MeasureTruth& measure :
         store < c.in.truth.measures_at_end.size() ? c.in.truth.measures_at_end[store] : std::vector<MeasureTruth>{}) {
      result::MeasureError& error = *out.add_measures();
      error.set_name(measure.dataset + "." + measure.column);
      error.set_relative_error(static_cast<double>(measure.error_ppb) / 1e9);
      error.set_worst(static_cast<double>(measure.worst_ppb) / 1e9);
      error.set_worst_group(measure.worst_group);
    }
    out.set_healed_equal(store < c.in.truth.divergent_at_end.size() && c.in.truth.divergent_at_end[store] == 0);
  }
}

void write_safety(const Case& c, result::Result& result) {
  if (!c.in.scenario.has_migration()) return;
  const scenario::Safety& safety = c.in.scenario.safety();
  const scenario::Amount& most = safety.max_divergence();
  if (most.has_share_ppb()) {
    result.add_safety(
        fmt::format("More than {} of a store's keys divergent is unsafe.", format_share(most.share_ppb())));
  } else if (most.rows() == 0) {
    result.add_safety("Any divergent row is unsafe.");
  } else {
    result.add_safety(fmt::format("More than {} is unsafe.",
                                  counted(static_cast<std::uint64_t>(most.rows()), "divergent row", "divergent rows")));
  }
  result.add_safety(safety.stale() == scenario::Safety::NEVER ? "A store older than its pipeline promises is unsafe."
                                                              : "Staleness alone is not unsafe.");
  result.add_safety(
      fmt::format("A reader may read an unsafe store for {} in all within a day; a GO is held to that for {}.",
                  format_duration(safety.max_exposure_ns()), format_duration(safety.look_ahead_ns())));
  const std::string lands =
      fmt::format("gives every reader good data within {}, for a day", format_duration(safety.restore_within_ns()));
  result.add_safety(safety.rollback() == scenario::Safety::REQUIRED
                        ? "A GO needs a rollback that " + lands + "."
                        : "A rollback lands if it " + lands + "; a GO may be right without one.");
  for (const scenario::PhaseSafety& phase : safety.phases())
    result.add_safety("In phase " + phase.name() + " other values hold.");
}

}  // namespace rehearse::judging
