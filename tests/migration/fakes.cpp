#include "tests/migration/fakes.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "scenarios/units.h"
#include "sim/kernel/assert.h"

namespace rehearse::testing {

Time Series::next_due_after(Time t) const {
  const Time next = tick_at_or_after(std::max(t + nanosecond, Time{} + offset), every, Time{} + offset);
  return next > ends ? Time::never() : next;
}

void Series::fill(Time from, Time to, const std::function<std::optional<double>(Time)>& value, Duration delay) {
  for (Time due = next_due_after(from); due <= to; due = next_due_after(due)) {
    const std::optional<double> v = value(due);
    if (v) samples.push_back({due, due + delay, std::isnan(*v) ? 0 : *v, !std::isnan(*v)});
  }
}

Series& FakeMetrics::add(const std::string& name, Duration every, Duration offset) {
  names_[name] = static_cast<MetricId>(series_.size());
  Series& series = series_.emplace_back();
  series.every = every;
  series.offset = offset;
  return series;
}

std::optional<MetricId> FakeMetrics::find(const std::string& metric) const {
  const auto found = names_.find(metric);
  if (found == names_.end()) return std::nullopt;
  return found->second;
}

Time FakeMetrics::next_report() const {
  Time next = Time::never();
  for (const Series& s : series_) {
    if (s.reported < s.samples.size()) next = std::min(next, s.samples[s.reported].at);
  }
  return next;
}

void FakeMetrics::report_until(Time now) {
  for (Series& s : series_) {
    while (s.reported < s.samples.size() && s.samples[s.reported].at <= now) ++s.reported;
  }
}

void FakeOperations::add_consumer(const std::string& name, int tier, std::optional<StoreId> fallback) {
  known.push_back({static_cast<std::uint32_t>(known.size()), name, tier, true, old_store, old_store, fallback, 0});
}

StoreId FakeOperations::reads(const std::string& consumer) const {
  const auto found =
      std::find_if(known.begin(), known.end(), [&](const KnownConsumer& c) { return c.name == consumer; });
  return found == known.end() ? source_store : found->store;
}

std::optional<StoreId> FakeOperations::store_of_pipeline(const std::string& pipeline) const {
  if (pipeline == "nightly") return old_store;
  if (pipeline == "cdc") return new_store;
  return std::nullopt;
}

void FakeOperations::note(const std::string& what) { log.push_back(format_duration(now.ns) + ": " + what); }

void FakeOperations::route(std::uint32_t consumer, StoreId store, const std::string&) {
  known.at(consumer).store = store;
  note("route " + known.at(consumer).name + " " + std::to_string(store));
}

bool FakeOperations::flip(const char* what, const std::string& pipeline) {
  const bool can = switches.count(pipeline) > 0;
  note(std::string(what) + " " + pipeline + (can ? "" : " in vain"));
  return can;
}

bool FakeOperations::restore_snapshot(StoreId store, std::uint32_t back) {
  note("restore " + std::to_string(store) + " version " + std::to_string(back));
  return back >= 1 && back <= versions_kept;
}

void FakeOperations::stop_repairs() {
  repairs_stopped = true;
  note("stop repairs");
}

std::uint64_t FakeOperations::restarts(StoreId store) const {
  const auto found = restarted.find(store);
  return found == restarted.end() ? 0 : found->second;
}

Duration FakeOperations::freshness(StoreId store) const {
  const auto found = age.find(store);
  return found == age.end() ? Duration{} : found->second;
}

void FakeOperations::wake_at(Time t) {
  REHEARSE_ASSERT(t > now, "a wake lies ahead");
  wakes.insert(t);
  ++wakes_asked;
}

const MigrationRecord& Stage::run(const Plan& plan, Time until) {
  go(plan, until);
  runner->finish(until);
  // A window that was met had been covered by then.
  const MigrationRecord& record = runner->record();
  for (std::size_t i = 0; i < record.phases.size(); ++i)
    for (const CriterionRecord& criterion : record.gates[i].criteria)
      if (criterion.met_at && criterion.kind == CriterionRecord::Kind::metric)
        BOOST_REQUIRE_MESSAGE(
            *criterion.covered_from <= *criterion.met_at,
            criterion.text << ": covered from " << criterion.covered_from->ns << ", met at " << criterion.met_at->ns);
  return record;
}

void Stage::go(const Plan& plan, Time until) {
  if (!runner) {
    runner.emplace(plan);
    runner->start(Time{}, metrics, operations);
  }
  for (;;) {
    const Time cause = causes.empty() ? Time::never() : causes.begin()->first;
    const Time wake = operations.wakes.empty() ? Time::never() : *operations.wakes.begin();
    const Time report = metrics.next_report();
    const Time now = std::min({cause, wake, report});
    if (now > until) break;
    operations.now = now;
    if (cause == now) {
      causes.begin()->second(operations);
      causes.erase(causes.begin());
      continue;
    }
    if (wake == now) {
      operations.wakes.erase(operations.wakes.begin());
    } else {
      metrics.report_until(now);
    }
    ++calls;
    runner->on_event(now, metrics, operations);
  }
}

PhasePlan phase(const std::string& name, Duration at_least) {
  PhasePlan plan;
  plan.name = name;
  plan.at_least = at_least;
  return plan;
}

WindowRule window(const std::string& metric, WindowTest test, Duration length, std::int64_t min_samples) {
  WindowRule rule;
  rule.metric = metric;
  rule.test = std::move(test);
  rule.length = length;
  rule.min_samples = min_samples;
  return rule;
}

RulePlan always(RulePlan trigger) {
  trigger.during = {"shadow", "canary", "full"};
  return trigger;
}

RulePlan rule(const std::string& metric, const std::string& below_or_above, double bound, Duration length,
              std::int64_t min_samples) {
  RulePlan plan;
  plan.window = window(metric, EverySample({below_or_above == "above", bound}), length, min_samples);
  plan.comparison = below_or_above;
  plan.bound = bound;
  plan.text = metric + " " + below_or_above;
  return plan;
}

Plan two_phases() {
  Plan plan;
  plan.from = "nightly";
  plan.to = "cdc";
  plan.phases = {phase("shadow"), phase("canary")};
  plan.pipelines = {{"nightly", 26 * hour}, {"cdc", 60 * second}};
  plan.start_unix_ns = 1772409600'000'000'000;  // 2026-03-02T00:00:00Z, a Monday
  return plan;
}

}  // namespace rehearse::testing
