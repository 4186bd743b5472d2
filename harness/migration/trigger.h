// A rollback trigger: armed in its phases, it fires when its window holds, by the rule of windows.h.
//
// It is looked at when a sample arrives, and its window ends where that sample's run was due: a trigger acts on
// evidence, not on the passing of time; the absence of data alone is looked at by the clock. A window goes on across
// the phases in which the trigger is armed one after another, and never reaches back before it was armed.
// Left out: holding a trigger after it has let go; people who pull the switch.
// Invariant: without samples nothing fires but a trigger on their absence; over a metric that nobody declared, nothing.
#pragma once

#include <optional>

#include "harness/migration/metric_source.h"
#include "harness/migration/plan.h"
#include "harness/migration/records.h"
#include "harness/migration/windows.h"
#include "sim/kernel/time.h"

namespace rehearse {

TriggerRecord trigger_record_of(const RulePlan& rule);

class TriggerWatch {
 public:
  void enter(const RulePlan& rule, const std::string& phase, const MetricSource& source, TriggerRecord& record,
             Time now);
  // Takes what was reported since; true if there was anything. `fired` says whether the trigger fired.
  bool pull(const RulePlan& rule, const std::string& phase, const MetricSource& source, TriggerRecord& record,
            Time now);
  bool fired() const { return fired_; }
  // When it fires if nothing is reported; Time::never() if it does not.
  Time fires_from(const RulePlan& rule, Time now) const;
  // Nobody will look at it any more, or not in the coming phase.
  void leave(TriggerRecord& record);

 private:
  void take(const RulePlan& rule, const std::string& phase, const WindowSample& sample, TriggerRecord& record,
            Time now);
  void close_stretch(TriggerRecord& record);
  void fire(const RulePlan& rule, const std::string& phase, Time window_end, TriggerRecord& record, Time now);

  bool armed_ = false;
  bool fired_ = false;
  Window window_;
  std::optional<NearMiss> stretch_;                        // that goes on
  std::uint64_t samples_before_ = 0, missing_before_ = 0;  // when it was armed earlier
};

}  // namespace rehearse
