#include "harness/migration/observed.h"

#include <algorithm>

#include "sim/kernel/civil.h"

namespace rehearse {
namespace {

constexpr Duration look_every_min = second;
constexpr Duration look_every_max = 5 * minute;

}  // namespace

Time whole_weekend_over(Time entered, std::int64_t start_unix_ns) {
  constexpr int saturday = 6;
  std::int64_t unix_ns = start_unix_ns + entered.ns;
  const CivilTime civil = civil_from_unix_ns(unix_ns);
  const std::int64_t midnight = days_from_civil(civil.year, civil.month, civil.day) * day.ns;
  const bool at_midnight = unix_ns == midnight;
  const int days = (saturday - civil.weekday + 7) % 7;
  const std::int64_t begins = midnight + (days == 0 && !at_midnight ? 7 : days) * day.ns;
  return {begins + 2 * day.ns - start_unix_ns};
}

void Observation::enter(Observable what, const Plan& plan, const Operations& operations, Time entered) {
  *this = Observation{};
  what_ = what;
  if (what == Observable::weekend) {
    weekend_over_ = whole_weekend_over(entered, plan.start_unix_ns);
    return;
  }
  look_every_ = look_every_max;
  schema_changes_ = operations.schema_changes();
  if (what != Observable::recovery) return;
  for (const WatchedPipeline& pipeline : plan.pipelines) {
    const std::optional<StoreId> store = operations.store_of_pipeline(pipeline.name);
    if (!store) continue;
    pipelines_.push_back({*store, pipeline.freshness, operations.restarts(*store)});
    look_every_ = std::clamp(pipeline.freshness / 2, look_every_min, look_every_);
  }
}

void Observation::look(const Operations& operations, Time now) {
  if (seen_) return;
  if (what_ == Observable::weekend) {
    if (now >= weekend_over_) seen_ = weekend_over_;
    return;
  }
  if (what_ == Observable::schema_change) {
    if (operations.schema_changes() > schema_changes_) seen_ = now;
    return;
  }
  for (Pipeline& pipeline : pipelines_) {
    if (!operations.loaded(pipeline.store)) continue;
    const bool fresh = operations.freshness(pipeline.store) <= pipeline.promise;
    const bool went_down = pipeline.was_behind || operations.restarts(pipeline.store) > pipeline.restarts;
    if (fresh && went_down) seen_ = now;
    if (fresh) pipeline.kept_promise = true;
    if (!fresh && pipeline.kept_promise) pipeline.was_behind = true;
  }
}

}  // namespace rehearse
