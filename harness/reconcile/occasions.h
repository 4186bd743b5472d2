// When a check is due: by its schedule, and only in the phases of the plan that it names, if it names any.
//
// A phase lasts from just after its entry to the instant at which it is left, so that what is due as one phase gives
// way to the next belongs to the former, whatever happens first at that instant. A rollback ends no phase. What lies
// ahead is told as if the present phase went on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/kernel/recurrence.h"
#include "sim/kernel/time.h"

namespace rehearse {

class Occasions {
 public:
  // `during`: the phases; empty: always.
  Occasions(Recurrence schedule, std::vector<std::string> during);

  void phase_entered(const std::string& phase, Time now);
  // Whether it is due at t if its schedule says so.
  bool active_at(Time t) const;
  Time next_at_or_after(Time t) const;
  Time next_after(Time t) const { return next_at_or_after(t + nanosecond); }
  // How many lie strictly between.
  std::uint64_t between(Time after, Time before) const;

 private:
  struct Stretch {
    Time after, to;  // (after, to]
  };
  Recurrence schedule_;
  std::vector<std::string> during_;
  std::vector<Stretch> stretches_;  // in which it is active, in order; of no use if `during_` is empty
};

}  // namespace rehearse
