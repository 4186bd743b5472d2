// What a phase must have seen before it may end: a whole Saturday and Sunday (UTC), a change of the source's columns, a
// recovery.
//
// A recovery is what monitors show of one: a restart that is over, or an age past the pipeline's promise after it had
// kept it in this phase, and then an age within the promise again. A first load is no recovery: before it is complete
// nothing is kept, broken or recovered.
// Left out: outages that end between two looks without a restart or a broken promise; other time zones.
// Invariant: what was seen in an earlier phase does not count.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/migration/operations.h"
#include "harness/migration/plan.h"
#include "sim/kernel/time.h"

namespace rehearse {

// When the first whole weekend that begins at or after `entered` is over.
Time whole_weekend_over(Time entered, std::int64_t start_unix_ns);

class Observation {
 public:
  void enter(Observable what, const Plan& plan, const Operations& operations, Time entered);
  void look(const Operations& operations, Time now);

  std::optional<Time> seen() const { return seen_; }
  // When it is known to be seen; Time::never() if that is not known beforehand.
  Time seen_from() const { return what_ == Observable::weekend ? weekend_over_ : Time::never(); }
  // How often it has to be looked at before that; zero: not at all.
  Duration look_every() const { return look_every_; }

 private:
  struct Pipeline {
    StoreId store = 0;
    Duration promise;
    std::uint64_t restarts = 0;  // at the entry
    bool kept_promise = false;
    bool was_behind = false;  // after it had kept it
  };

  Observable what_ = Observable::weekend;
  Duration look_every_;
  Time weekend_over_ = Time::never();
  std::uint64_t schema_changes_ = 0;  // at the entry
  std::vector<Pipeline> pipelines_;
  std::optional<Time> seen_;
};

}  // namespace rehearse
