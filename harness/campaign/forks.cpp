#include "harness/campaign/forks.h"

#include <algorithm>

#include "harness/campaign/stage.h"
#include "harness/judge/safety.h"
#include "scenarios/fault_kinds.h"

namespace rehearse {
namespace {

std::size_t moves_of(const MigrationRecord& record) {
  std::size_t moves = 0;
  for (const PhaseRecord& phase : record.phases)
    moves += static_cast<std::size_t>(
        std::count_if(phase.moved.begin(), phase.moved.end(), [](const MoveRecord& move) { return move.ok; }));
  return moves;
}

// The phase that was entered last; empty before the first.
std::string phase_of(const MigrationRecord& record) {
  std::string name;
  for (const PhaseRecord& phase : record.phases)
    if (phase.entered) name = phase.name;
  return name;
}

bool acts(const MigrationRecord& record, const std::string& phase) {
  return std::any_of(record.phases.begin(), record.phases.end(),
                     [&](const PhaseRecord& p) { return p.name == phase && !p.actions.empty(); });
}

}  // namespace

std::vector<HoldTruth> holds_of(const World& world, const std::vector<Hold>& holds) {
  const auto name_of = [&](const Part& part) {
    return part.kind == Part::Kind::batch ? world.batches[part.pipeline].name : world.streams[part.pipeline].name;
  };
  const auto word_of = [](Part::Kind kind) {
    return kind == Part::Kind::batch ? "batch job" : kind == Part::Kind::connector ? "connector" : "members";
  };
  std::vector<HoldTruth> told;
  for (const Hold& hold : holds)
    told.push_back({.pipeline = name_of(hold.part),
                    .part = word_of(hold.part.kind),
                    .reason = hold.reason == Hold::Reason::paused ? "paused" : "crashed",
                    .by = hold.by,
                    .from = hold.from,
                    .until = hold.until});
  return told;
}

std::vector<FaultTruth> faults_of(const scenario::WorldSection& declared, const Run& run,
                                  const Injector::Effects& effects) {
  std::vector<FaultTruth> faults;
  for (std::size_t i = 0; i < run.injector.size(); ++i) {
    FaultTruth fault;
    fault.name = run.injector.name(i);
    fault.kind = run.injector.kind(i);
    for (const scenario::Fault& given : declared.faults())
      if (given.name() == fault.name) {
        fault.target = target_of(given);
        fault.delays = kind_of(given).delays();
      }
    const std::vector<Injector::Struck>& struck = run.injector.struck(i);
    for (std::size_t strike = 0; strike < struck.size(); ++strike) {
      const Injector::Effect& effect = effects[i][strike];
      fault.strikes.push_back({struck[strike].at, struck[strike].until, effect.hits, effect.held_up});
      fault.hits += effect.hits;
    }
    faults.push_back(std::move(fault));
  }
  return faults;
}

Forks::Forks(const scenario::Scenario& scenario, const RehearsalOptions& options)
    : safety_(scenario.safety()),
      declared_(&scenario.world()),
      has_rollback_(scenario.migration().has_rollback()),
      horizon_{scenario.duration_ns()},
      options_(options) {}

scenario::Safety Forks::safety(const Run& run) const { return safety_in(safety_, phase_of(run.migration->record())); }

void Forks::keep(Run& copy, ForkTruth::Kind kind, Time made, Time until) {
  if (copy.world.source.captured()) until = std::min(until, horizon_);
  const std::uint64_t before = copy.world.source.changes();
  Stage judging(options_, copy.world, until, "judging a decision by what comes of it");
  copy.until(until, [&] { return judging.interrupted(); });
  changes_ += copy.world.source.changes() - before;
  Oracle oracle = copy.oracle;  // the copy may go on
  oracle.close(copy.world);
  ForkTruth fork;
  fork.kind = kind;
  fork.made = made;
  fork.phase = phase_of(copy.migration->record());
  fork.end = copy.world.now();
  fork.truth = oracle.closed();
  std::erase_if(fork.truth.intervals, [&](const DivergentInterval& interval) { return interval.until <= made; });
  fork.causes = copy.world.causes;
  fork.routing = copy.world.routing;
  fork.holds = holds_of(copy.world, copy.world.holds.all());
  fork.faults = faults_of(*declared_, copy, copy.injector.effects(copy.world));
  if (const auto& rollback = copy.migration->record().rollback) {
    fork.fired = rollback->started;
    for (const StepRecord& step : rollback->steps)
      if (!step.ok) fork.failed_steps.push_back(step.text + ": " + step.detail);
  }
  forks_.push_back(std::move(fork));
}

void Forks::drill(Run copy, ForkTruth::Kind kind, Time made) {
  copy.drill();
  const Time fired = copy.world.now();
  const Duration restore_within{safety(copy).restore_within_ns()};
  keep(copy, kind, made, fired + restore_within + day);
}

void Forks::after_go(const Run& run) {
  const Time made = run.world.now();
  Run copy = run;
  copy.go_on_by_what_is_at_work();
  const scenario::Safety safety = this->safety(run);
  const Duration look_ahead{safety.look_ahead_ns()};
  const bool drills = has_rollback_ && safety.rollback() == scenario::Safety::REQUIRED;
  if (drills) drill(copy, ForkTruth::Kind::drill, made);
  keep(copy, ForkTruth::Kind::as_decided, made, made + look_ahead);
  if (drills && look_ahead > Duration{}) drill(std::move(copy), ForkTruth::Kind::late_drill, made);
}

void Forks::before_rollback(const Run& run) {
  Run copy = run;
  copy.go_on_by_what_is_at_work();
  const Time made = run.world.now();
  keep(copy, ForkTruth::Kind::without_rollback, made, made + std::max(Duration{safety(run).restore_within_ns()}, day));
}

void Forks::decided(const Run& run) {
  const MigrationRecord& record = run.migration->record();
  if (run.migration->rolled_back()) {
    const Time made = run.world.now();
    Run copy = run;
    copy.go_on_by_what_is_at_work();
    return keep(copy, ForkTruth::Kind::with_rollback, made, made + Duration{safety(run).restore_within_ns()} + day);
  }
  const std::size_t moves = moves_of(record);
  bool matters = moves > moves_;
  for (; gos_ < record.gos.size(); ++gos_) matters |= acts(record, record.gos[gos_].to_phase);
  moves_ = moves;
  if (matters) after_go(run);
}

}  // namespace rehearse
