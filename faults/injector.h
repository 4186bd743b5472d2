// The injector: lets every fault strike on its schedule, counts its hits, and heals all faults in one place.
//
// Schedules: at a time; at a phase's entry plus an offset; every so often; at random with a rate; each with a chance
// per rehearsal. All draws are keyed by the fault's name, so that one fault's removal moves no other. A value: a copy
// heals its own copy of the world. Invariant: after heal_all() no strike is under way and none will come.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "faults/fault.h"
#include "sim/world/world.h"

namespace rehearse {
namespace faults {
class Schedule;
}

struct FaultPlan {
  std::string name;
  std::string kind;
  std::string place;  // what it acts on
  std::unique_ptr<Fault> fault;
  std::optional<Time> at;
  std::optional<std::string> phase;  // strikes `plus` after this phase's first entry
  Duration plus;
  std::optional<Duration> every;
  std::optional<Duration> mean_gap;  // at random
  std::optional<Time> until;
  std::optional<std::string> until_phase;
  Duration until_plus;
  Chance chance;
};

// Fills in the schedule as the scenario gives it.
void read_schedule(const faults::Schedule& schedule, FaultPlan& plan);

class Injector {
 public:
  Injector(std::uint64_t seed, std::vector<FaultPlan> plans);
  Injector(const Injector& other);
  Injector& operator=(const Injector&) = delete;
  Injector(Injector&&) noexcept = default;

  void start(World& world);
  void phase_entered(const std::string& phase, World& world);  // at world.now()
  void handle(const Event& event, World& world);               // of Actor::faults
  // No strike begins any more; those that are under way go on, and end in their time.
  void strike_no_more() { done_striking_ = true; }
  // A fault never strikes if none of its kind and place has struck yet: what was not at work by now stays away.
  void leave_out_what_has_not_struck();
  void heal_all(World& world);

  struct Struck {
    Time at;
    std::optional<Time> until;
  };
  std::size_t size() const { return faults_.size(); }
  const std::string& name(std::size_t i) const { return faults_[i].plan.name; }
  const std::string& kind(std::size_t i) const { return faults_[i].plan.kind; }
  CauseSet cause(std::size_t i) const { return faults_[i].cause; }
  const std::vector<Struck>& struck(std::size_t i) const { return faults_[i].struck; }
  struct Effect {
    std::uint64_t hits = 0;
    bool held_up = false;  // it held up the oldest change that was not visible
  };
  using Effects = std::vector<std::vector<Effect>>;  // by fault and strike, as many as struck() has
  Effects effects(const World& world) const;
  bool any_active() const;

 private:
  struct Entry {
    FaultPlan plan;
    CauseSet cause = 0;
    bool absent = false;  // it does not strike: by its chance, or because it was left out
    std::uint64_t strikes = 0;
    std::vector<std::uint64_t> active;  // numbers of strikes under way
    std::vector<Struck> struck;
  };
  void schedule_next(std::uint32_t fault, Time after, World& world);
  void end(std::uint32_t fault, std::uint64_t strike, World& world);
  static constexpr std::uint16_t strikes = 0, ends = 1;
  std::uint64_t seed_;
  std::vector<Entry> faults_;
  bool done_striking_ = false;
  bool healed_ = false;
};

}  // namespace rehearse
