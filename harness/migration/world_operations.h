// Operations and metrics of a real rehearsal: what Controls, ReadView and the reconciler offer. Made for one event, as
// they hold addresses.
//
// Left out: pausing and resuming streams; only batch jobs have a switch.
#pragma once

#include <utility>
#include <vector>

#include "harness/migration/metric_source.h"
#include "harness/migration/operations.h"
#include "harness/reconcile/metrics.h"
#include "harness/reconcile/own_program.h"
#include "harness/reconcile/reconciler.h"
#include "sim/world/read_view.h"

namespace rehearse {

class WorldOperations : public Operations {
 public:
  // Wakes come as events of the migration with code 0. `program` is the plan's own program or library; null: it has
  // none.
  WorldOperations(ReadView view, Controls controls, Reconciler& reconciler, OwnProgram* program)
      : view_(view), controls_(controls), reconciler_(&reconciler), program_(program) {}

  std::vector<KnownConsumer> consumers() const override;
  std::optional<StoreId> store_of_pipeline(const std::string& pipeline) const override {
    return controls_.store_of_pipeline(pipeline);
  }
  std::string store_name(StoreId store) const override { return view_.store_name(store); }
  bool holds(StoreId store, TableId table) const override { return view_.holds(store, table); }
  void route(std::uint32_t consumer, StoreId store, const std::string& by) override {
    controls_.route(consumer, store, by);
  }
  bool pause(const std::string& pipeline, const std::string& by) override {
    return controls_.pause_batch(pipeline, by);
  }
  bool resume(const std::string& pipeline) override { return controls_.resume_batch(pipeline); }
  bool run_now(const std::string& pipeline) override { return controls_.run_batch_now(pipeline); }
  bool restore_snapshot(StoreId store, std::uint32_t back) override { return controls_.restore_snapshot(store, back); }
  void phase_entered(const std::string& phase) override { reconciler_->phase_entered(phase, view_, controls_); }
  void stop_repairs() override { reconciler_->stop_repairs(view_.now()); }
  Decision ask(const DecisionQuestion& question) override;
  std::uint64_t schema_changes() const override { return view_.schema_changes(); }
  std::uint64_t restarts(StoreId store) const override { return view_.restarts(store); }
  Duration freshness(StoreId store) const override { return view_.freshness(store); }
  bool loaded(StoreId store) const override { return view_.ready(store); }
  void wake_at(Time t) override { controls_.schedule(t, 0, 0, 0, true); }

 private:
  ReadView view_;
  Controls controls_;
  Reconciler* reconciler_;
  OwnProgram* program_;
};

class StoredMetrics : public MetricSource {
 public:
  // The store outlives this.
  explicit StoredMetrics(const MetricStore& store) : store_(&store) {}

  std::optional<MetricId> find(const std::string& metric) const override;
  std::size_t samples(MetricId metric) const override { return store_->series(metric).samples.size(); }
  WindowSample sample(MetricId metric, std::size_t number) const override;
  Time next_due_after(MetricId metric, Time t) const override { return store_->next_due_after(metric, t); }

 private:
  const MetricStore* store_;
};

}  // namespace rehearse
