// One world with everything that acts on it and watches it, and the loop that takes it through time.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "faults/injector.h"
#include "harness/campaign/rehearsal.h"
#include "harness/judge/judge.h"
#include "harness/migration/migration.h"
#include "harness/migration/world_operations.h"
#include "harness/oracle/oracle.h"
#include "harness/reconcile/reconciler.h"
#include "sim/world/read_view.h"
#include "sim/world/world.h"

namespace rehearse {

// Looks on, before and after whatever moves the world, while its facts are still there. May watch rows, nothing else.
class RunWatcher {
 public:
  virtual ~RunWatcher() = default;
  virtual void before(World& world) = 0;
  virtual void after(World& world) = 0;
};

class Run {
 public:
  // The assembly must have a world.
  Run(const LoadedScenario& scenario, Assembly assembly, const RehearsalOptions& options);
  Run(const Run&) = delete;  // its parts hold the world's address
  Run& operator=(const Run&) = delete;

  // Events up to and with `end`; returns early if `stop` says so after one.
  void until(Time end, const std::function<bool()>& stop);
  // Ends the rehearsal where it stands: the records are closed, then every fault is healed and the world drained.
  void finish();

  World world;
  Injector injector;
  Oracle oracle;
  Reconciler reconciler;
  std::optional<MigrationRunner> migration;
  std::uint64_t events = 0;
  std::uint64_t most_log_bytes = 0;        // retained
  std::vector<StoreSamples> samples;       // of lag and age, by store; those that a pipeline writes
  std::vector<std::uint64_t> hits_at_end;  // by fault, before healing
  Time ended;
  Time drained;
  Digest128 trajectory;  // at the end, before healing
  RunWatcher* watcher = nullptr;

 private:
  void advance(Time to);
  void handle(const Event& event);
  void tell_faults_of_phases();
  void measure_logs();
  void measure_lag();
  void assert_littles_law() const;
  ReadView view_;
  WorldOperations operations_;
  StoredMetrics metrics_;
  std::optional<Duration> cut_every_;
  std::size_t phases_told_ = 0;
  Duration lag_every_;
  Time next_lag_;
};

}  // namespace rehearse
