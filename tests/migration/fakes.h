// What a MigrationRunner is tested with: metrics whose samples are written by hand, a world that only notes what is
// done to it, and a loop that calls the runner as a rehearsal does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/migration/metric_source.h"
#include "harness/migration/migration.h"
#include "harness/migration/operations.h"
#include "sim/kernel/time.h"

namespace rehearse::testing {

// A metric sampled every so often; each sample is reported `delay` after it was due unless it says otherwise.
struct Series {
  Duration every = hour;
  Duration offset;
  Time ends = Time::never();  // no run is due after it
  std::vector<WindowSample> samples;
  std::size_t reported = 0;

  Time next_due_after(Time t) const;
  // value(due) for every run due in (from, to]; none: the run never reports. NaN: it has no data.
  void fill(Time from, Time to, const std::function<std::optional<double>(Time)>& value, Duration delay = {});
};

class FakeMetrics : public MetricSource {
 public:
  Series& add(const std::string& name, Duration every, Duration offset = {});
  std::optional<MetricId> find(const std::string& metric) const override;
  std::size_t samples(MetricId metric) const override { return series_[metric].reported; }
  WindowSample sample(MetricId metric, std::size_t number) const override { return series_[metric].samples.at(number); }
  Time next_due_after(MetricId metric, Time t) const override { return series_[metric].next_due_after(t); }

  const Series& series_of(MetricId metric) const { return series_[metric]; }
  Time next_report() const;
  void report_until(Time now);

 private:
  std::deque<Series> series_;  // references stay valid
  std::map<std::string, MetricId> names_;
};

class FakeOperations : public Operations {
 public:
  static constexpr StoreId old_store = 1, new_store = 2, other_store = 3;

  std::vector<KnownConsumer> known;
  std::set<std::string> switches = {"nightly"};  // pipelines that can be paused
  std::uint32_t versions_kept = 1;
  std::set<StoreId> holding = {old_store, new_store};
  std::uint64_t changes_of_schema = 0;
  std::map<StoreId, std::uint64_t> restarted;
  std::map<StoreId, Duration> age;
  std::set<StoreId> loading;
  std::vector<std::string> phases;  // that were entered
  std::vector<std::string> log;     // "1d02h: route dashboard 2"
  std::set<Time> wakes;
  std::size_t wakes_asked = 0;
  Time now;
  bool repairs_stopped = false;

  void add_consumer(const std::string& name, int tier, std::optional<StoreId> fallback = {});
  StoreId reads(const std::string& consumer) const;

  std::vector<KnownConsumer> consumers() const override { return known; }
  std::optional<StoreId> store_of_pipeline(const std::string& pipeline) const override;
  std::string store_name(StoreId store) const override { return "store" + std::to_string(store); }
  bool holds(StoreId store, TableId) const override { return holding.count(store) > 0; }
  void route(std::uint32_t consumer, StoreId store, const std::string& by) override;
  bool pause(const std::string& pipeline, const std::string&) override { return flip("pause", pipeline); }
  bool resume(const std::string& pipeline) override { return flip("resume", pipeline); }
  bool run_now(const std::string& pipeline) override { return flip("run_now", pipeline); }
  bool restore_snapshot(StoreId store, std::uint32_t back) override;
  void phase_entered(const std::string& phase) override { phases.push_back(phase); }
  void stop_repairs() override;
  std::function<Decision(const std::string& question)> program;  // of a plan that has one
  Decision ask(const DecisionQuestion& question) override { return program(json_of(question)); }
  std::uint64_t schema_changes() const override { return changes_of_schema; }
  std::uint64_t restarts(StoreId store) const override;
  Duration freshness(StoreId store) const override;
  bool loaded(StoreId store) const override { return loading.count(store) == 0; }
  void wake_at(Time t) override;

 private:
  bool flip(const char* what, const std::string& pipeline);
  void note(const std::string& what);
};

// A rehearsal of a plan alone.
struct Stage {
  FakeMetrics metrics;
  FakeOperations operations;
  std::optional<MigrationRunner> runner;
  std::multimap<Time, std::function<void(FakeOperations&)>> causes;  // what the environment does, before all else
  std::size_t calls = 0;

  // At each instant: causes, then the plan's wakes, then reports one metric after another.
  void go(const Plan& plan, Time until);
  // The same, to the rehearsal's end.
  const MigrationRecord& run(const Plan& plan, Time until);
};

PhasePlan phase(const std::string& name, Duration at_least = {});
WindowRule window(const std::string& metric, WindowTest test, Duration length, std::int64_t min_samples = 1);
RulePlan rule(const std::string& metric, const std::string& below_or_above, double bound, Duration length,
              std::int64_t min_samples = 1);
RulePlan always(RulePlan trigger);  // armed in every phase that these tests have
Plan two_phases();                  // shadow, then canary

constexpr Time at(Duration d) { return Time{} + d; }
inline constexpr double no_value = std::numeric_limits<double>::quiet_NaN();

}  // namespace rehearse::testing
