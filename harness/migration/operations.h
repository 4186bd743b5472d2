// What a migration's operators can see and do: the routing of consumers they know of, the switches of batch jobs, the
// kept versions of stores, and three monitors.
//
// Left out: costs. A step's duration is the plan's; what is called here takes no simulated time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/kernel/time.h"
#include "sim/rows/types.h"

namespace rehearse {

struct KnownConsumer {
  std::uint32_t index = 0;
  std::string name;
  int tier = 0;             // 0 low, 1 medium, 2 high
  bool movable = true;      // reads a dataset, not one store for ever
  StoreId store = 0;        // where it reads now
  StoreId first_store = 0;  // where it read at the start
  std::optional<StoreId> fallback;
  TableId table = 0;
};

// What the user's own logic is told when it is asked.
struct DecisionQuestion {
  struct Sample {
    std::string at;
    std::optional<double> value;  // none: there was no data
  };
  struct Metric {
    std::string name, unit;       // count, share or seconds
    std::vector<Sample> samples;  // the last hundred
  };
  std::string now, phase, entered;
  std::vector<Metric> metrics;
};

// What the user's own program or library said when it was asked.
enum class ProgramDecision : std::uint8_t { none, proceed, hold, roll_back };
struct Decision {
  ProgramDecision what = ProgramDecision::none;
  std::string why;
  std::string problem;  // of none: what kept it from answering
};

class Operations {
 public:
  virtual ~Operations() = default;

  virtual std::vector<KnownConsumer> consumers() const = 0;  // in the order of the scenario; only those on the list
  virtual std::optional<StoreId> store_of_pipeline(const std::string& pipeline) const = 0;
  virtual std::string store_name(StoreId store) const = 0;
  virtual bool holds(StoreId store, TableId table) const = 0;

  // `by`: the phase or the rollback that asks for it, in words.
  virtual void route(std::uint32_t consumer, StoreId store, const std::string& by) = 0;
  virtual bool pause(const std::string& pipeline, const std::string& by) = 0;  // false: it cannot be paused
  virtual bool resume(const std::string& pipeline) = 0;                        // false: it cannot be resumed
  virtual bool run_now(const std::string& pipeline) = 0;                       // false: it has no cycles
  // Puts a kept version back: 1 = what the last completed cycle loaded. False: it is not kept.
  virtual bool restore_snapshot(StoreId store, std::uint32_t back) = 0;
  virtual void phase_entered(const std::string& phase) = 0;  // some checks run only in some phases
  virtual void stop_repairs() = 0;

  virtual std::uint64_t schema_changes() const = 0;         // since the start
  virtual std::uint64_t restarts(StoreId store) const = 0;  // of its pipeline, since the start; those that are over
  virtual Duration freshness(StoreId store) const = 0;      // age of the oldest change that is not visible
  virtual bool loaded(StoreId store) const = 0;             // false until its first load is complete

  // Asks the plan's own program or library; only of a plan that has one.
  virtual Decision ask(const DecisionQuestion& question) = 0;

  // Asks for MigrationRunner::on_event at t > now.
  virtual void wake_at(Time t) = 0;
};

}  // namespace rehearse
