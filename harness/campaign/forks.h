// What would have come of each decision of a plan: copies of the rehearsal, made where it decides, that go on by what
// was at work then, without the faults that had not struck.
//
// After a GO one copy goes on for the look-ahead, without a rollback and without further moves; another carries out the
// plan's own rollback at once, and a third at the look-ahead's end (drills). Before a rollback one copy goes on without
// it, and after its trigger another with it. All use the very code of the rehearsal: agenda, faults that are at work,
// readers and checks go on. A GO that moves nobody and does nothing has no copies.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/campaign/rehearsal.h"
#include "harness/campaign/run.h"
#include "harness/judge/judge.h"
#include "scenarios/schema/scenario.pb.h"

namespace rehearse {

class Forks : public DecisionWatcher {
 public:
  // The scenario outlives it.
  Forks(const scenario::Scenario& scenario, const RehearsalOptions& options);

  void before_rollback(const Run& run) override;
  void decided(const Run& run) override;

  std::vector<ForkTruth> take() { return std::move(forks_); }
  std::uint64_t changes() const { return changes_; }  // that the copies made the source commit

 private:
  void after_go(const Run& run);
  // Runs the copy to `until`, or to where a captured source ends, and keeps what was true.
  void keep(Run& copy, ForkTruth::Kind kind, Time made, Time until);
  void drill(Run copy, ForkTruth::Kind kind, Time made);

  // In the phase in which the plan is.
  scenario::Safety safety(const Run& run) const;

  scenario::Safety safety_;
  const scenario::WorldSection* declared_;
  bool has_rollback_;
  Time horizon_;
  RehearsalOptions options_;
  std::size_t gos_ = 0, moves_ = 0;  // seen
  std::vector<ForkTruth> forks_;
  std::uint64_t changes_ = 0;
};

std::vector<HoldTruth> holds_of(const World& world, const std::vector<Hold>& holds);
// As they have struck so far, with what their strikes did.
std::vector<FaultTruth> faults_of(const scenario::WorldSection& declared, const Run& run,
                                  const Injector::Effects& effects);

}  // namespace rehearse
