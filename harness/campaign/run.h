// A rehearsal under way, as one value: the world with everything that acts on it and watches it, at one instant.
//
// A copy goes on alone and knows nothing of the one that it was made of: no part holds an address, and what the two
// share cannot change (full chunks of logs, captured images, the plan). It may go on as it is; or without strikes that
// have not begun (leave_out_coming_strikes); or it is healed and drained (finish), which takes no event any more, so
// that readers, cycles, checks and people stand still. What a copy costs stands in docs/architecture.md.
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
#include "harness/oracle/credit.h"
#include "harness/oracle/oracle.h"
#include "harness/reconcile/reconciler.h"
#include "sim/world/through_time.h"
#include "sim/world/world.h"

namespace rehearse {

// Looks on, before and after whatever moves the world, while its facts are still there. May watch rows, nothing else.
class RunWatcher {
 public:
  virtual ~RunWatcher() = default;
  virtual void before(World& world) = 0;
  virtual void after(World& world) = 0;
};

class Run;

// Is told of what the plan decides, while the rehearsal stands at that instant. May copy it, nothing else.
class DecisionWatcher {
 public:
  virtual ~DecisionWatcher() = default;
  virtual void before_rollback(const Run& run) = 0;
  // The plan has said GO, moved somebody, or begun to roll back.
  virtual void decided(const Run& run) = 0;
};

class Run {
 public:
  // The assembly must have a world.
  Run(Assembly assembly, const RehearsalOptions& options);

  // Events up to and with `end`; returns early if `stop` says so after one. The watcher looks on meanwhile.
  void until(
      Time end, const std::function<bool()>& stop = [] { return false; }, RunWatcher* watcher = nullptr,
      DecisionWatcher* decisions = nullptr);
  // The plan does nothing more by itself, and what was not at work by now does not strike.
  void go_on_by_what_is_at_work();
  // Begins the plan's own rollback now, without a trigger.
  void drill();
  // No strike begins any more; those that are under way go on and end in their time.
  void leave_out_coming_strikes() { injector.strike_no_more(); }
  // Ends the rehearsal where it stands: the records are closed, then every fault is healed and the world drained.
  void finish();

  World world;
  Injector injector;
  Oracle oracle;
  Credit credit;
  bool credits = true;  // false: nobody will ask what claims were right of
  Reconciler reconciler;
  std::optional<MigrationRunner> migration;
  std::uint64_t events = 0;
  std::uint64_t most_log_bytes = 0;   // retained
  std::vector<StoreSamples> samples;  // of lag and age, by store; those that a pipeline writes
  Injector::Effects effects_at_end;   // before healing
  std::vector<Hold> holds_at_end;     // before healing
  Time ended;
  Time drained;
  Digest128 trajectory;  // at the end, before healing

 private:
  ReadView view() { return ReadView(world, paranoid_); }
  std::size_t decisions_made() const;
  void let_plan(void (MigrationRunner::*go_on)(Time, const MetricSource&, Operations&));
  void advance(Time to, RunWatcher* watcher);
  void handle(const Event& event, RunWatcher* watcher);
  void tell_faults_of_phases();
  void measure_logs();
  void measure_lag();
  void assert_littles_law() const;

  bool paranoid_ = false;
  Duration cut_every_;                 // an advance is never longer, so that what it tells the ledger is bounded
  std::optional<OwnProgram> decides_;  // the plan's own program or library
  std::size_t phases_told_ = 0;
  DecisionWatcher* decisions_ = nullptr;  // during until()
  Duration lag_every_;
  Time next_lag_;
};

}  // namespace rehearse
