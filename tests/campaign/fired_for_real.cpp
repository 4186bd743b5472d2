#include "tests/campaign/fired_for_real.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/judge/course.h"
#include "harness/judge/landing.h"
#include "harness/judge/safety.h"
#include "scenarios/fault_kinds.h"

namespace rehearse {
namespace {

constexpr Duration after_the_gate = nanosecond;

Duration restore_within(const JudgeInputs& recorded, const ForkTruth& course) {
  return {safety_in(recorded.scenario.safety(), course.phase).restore_within_ns()};
}

// Of a kind and place that has struck by then. What strikes as a phase is entered comes after the GO into it.
std::vector<std::string> not_at_work(const JudgeInputs& recorded, Time decision) {
  const auto& declared = recorded.scenario.world().faults();
  const auto has_struck = [&](const scenario::Fault& fault) {
    const auto truth = std::find_if(recorded.faults.begin(), recorded.faults.end(),
                                    [&](const FaultTruth& f) { return f.name == fault.name(); });
    if (truth->strikes.empty()) return false;
    const bool as_a_phase_begins = !schedule_of(fault).at().phase().empty();
    const Time first = truth->strikes.front().at;
    return as_a_phase_begins ? first < decision : first <= decision;
  };
  std::vector<std::string> names;
  for (const scenario::Fault& fault : declared)
    if (std::none_of(declared.begin(), declared.end(), [&](const scenario::Fault& other) {
          return kind_field(other) == kind_field(fault) && place_of(other) == place_of(fault) && has_struck(other);
        }))
      names.push_back(fault.name());
  return names;
}

const PhaseRecord& record_of(const JudgeInputs& recorded, const std::string& phase) {
  const auto& phases = recorded.migration->phases;
  return *std::find_if(phases.begin(), phases.end(), [&](const PhaseRecord& p) { return p.name == phase; });
}

// The plan up to the decision: whoever has moved in the last phase by then moves at his time, in a phase of his own if
// that was in a soak, and nobody else.
void end_with_the_decision(scenario::Migration& plan, const JudgeInputs& recorded, const ForkTruth& drill) {
  int last = 0;
  while (plan.phases(last).name() != drill.phase) ++last;
  plan.mutable_phases()->DeleteSubrange(last + 1, plan.phases_size() - last - 1);
  scenario::Phase* phase = plan.mutable_phases(last);
  Time entered = *record_of(recorded, drill.phase).entered;
  phase->clear_exit();
  phase->clear_observed();
  phase->clear_move();
  phase->set_soak_ns(0);
  phase->set_at_least_ns(0);
  for (const MoveRecord& move : record_of(recorded, drill.phase).moved) {
    if (!move.ok || move.at > drill.made) continue;
    if (move.at > entered) {
      phase->set_at_least_ns((move.at - entered).ns);
      entered = move.at;
      phase = plan.add_phases();
      phase->set_name(drill.phase + ", then " + move.name);
    }
    phase->mutable_move()->add_consumers(move.name);
  }
}

// In the plan's last phase, when it has lasted for so long: the metric it waits for never has data.
void fire_after(scenario::Scenario& scenario, Duration into_the_last_phase) {
  scenario::Check& check = *scenario.add_checks();
  check.set_name("never");
  check.mutable_freshness()->mutable_observation()->set_of("source");
  for (const scenario::Pipeline& pipeline : scenario.pipelines())
    if (pipeline.name() == scenario.migration().to())
      check.mutable_freshness()->mutable_observation()->set_of(pipeline.stream().into());
  check.mutable_freshness()->mutable_observation()->mutable_runs()->set_every_ns((day * 365).ns);
  check.mutable_freshness()->mutable_observation()->mutable_runs()->set_offset_ns((day * 364).ns);
  scenario::Metric& metric = *scenario.add_metrics();
  metric.set_name("never");
  metric.add_from("never");
  scenario::Migration& plan = *scenario.mutable_migration();
  plan.mutable_rollback()->clear_triggers();
  scenario::Trigger& trigger = *plan.mutable_rollback()->add_triggers();
  trigger.set_metric("never");
  trigger.mutable_test()->set_no_data(true);
  trigger.set_for_ns(into_the_last_phase.ns);
  trigger.set_min_samples(1);
  trigger.add_during(plan.phases(plan.phases_size() - 1).name());
}

}  // namespace

void readers_come_at_instants_of_their_own(Loaded& loaded) {
  scenario::Scenario& scenario = loaded.scenario.proto;
  for (auto* readers : {scenario.mutable_consumers(), scenario.mutable_world()->mutable_consumers()})
    for (scenario::Consumer& reader : *readers) reader.mutable_runs()->set_offset_ns(123'456'789);
}

std::string what_came_of(const ForkTruth& course, const JudgeInputs& recorded) {
  const auto milliseconds = [](Duration d) { return (d.ns + millisecond.ns / 2) / millisecond.ns; };
  const Duration within = restore_within(recorded, course);
  const judging::Landing landing = judging::landing(judging::Course(recorded, course), *course.fired, within);
  std::string text = landing.in_time ? fmt::format("landed after {} ms", milliseconds(*landing.at - *course.fired))
                                     : "did not land: " + landing.why_not;
  for (const std::string& step : course.failed_steps) text += "; failed: " + step;
  const Time fired = *course.fired + millisecond * 500;  // neither read nor divergence begins between the two then
  for (const ConsumerTruth& reader : course.truth.consumers) {
    text += fmt::format("; {} read", reader.name);
    const ReadCounts first = reader.history.between(fired, fired + within);
    const ReadCounts later = reader.history.between(fired + within, course.end - second);
    for (const ReadCounts& reads : {first, later})
      for (const std::uint64_t count : reads.found) text += fmt::format(" {}", count);
  }
  for (StoreId store = 1; store < course.truth.stores.size(); ++store)
    text += fmt::format("; {} divergent in {}",
                        std::count_if(course.truth.intervals.begin(), course.truth.intervals.end(),
                                      [&](const DivergentInterval& interval) {
                                        return interval.store == store && interval.from < course.end - second &&
                                               interval.until > fired;
                                      }),
                        course.truth.stores[store].name);
  return text;
}

std::string what_comes_if_it_really_fires(const Loaded& loaded, const JudgeInputs& recorded, const ForkTruth& drill) {
  Loaded real = loaded;
  scenario::Scenario& scenario = real.scenario.proto;
  end_with_the_decision(*scenario.mutable_migration(), recorded, drill);
  const auto& moved = record_of(recorded, drill.phase).moved;
  Time entered = *record_of(recorded, drill.phase).entered;
  for (const MoveRecord& move : moved)
    if (move.ok && move.at <= drill.made) entered = std::max(entered, move.at);
  fire_after(scenario, *drill.fired + after_the_gate - entered);
  scenario.set_duration_ns((*drill.fired + after_the_gate + restore_within(recorded, drill) + day).ns);
  scenario.mutable_safety()->set_rollback(scenario::Safety::OPTIONAL);  // nothing to be tried beforehand
  RehearsalOptions options;
  options.twins = false;
  options.assembly.without_faults = not_at_work(recorded, drill.made);
  std::string text = "nothing";
  rehearse(real.scenario, real.inputs, options, [&](const JudgeInputs& fired) {
    ForkTruth course;
    course.phase = drill.phase;
    course.made = drill.made;
    course.end = fired.end();
    course.truth = fired.truth;
    course.causes = fired.causes;
    course.routing = fired.routing;
    course.holds = fired.holds;
    course.faults = fired.faults;
    const auto& rollback = fired.migration->rollback;
    BOOST_REQUIRE(rollback);
    BOOST_REQUIRE_EQUAL(rollback->started.ns, (*drill.fired + after_the_gate).ns);
    course.fired = rollback->started;
    for (const StepRecord& step : rollback->steps)
      if (!step.ok) course.failed_steps.push_back(step.text + ": " + step.detail);
    text = what_came_of(course, fired);
    return result::Result{};
  });
  return text;
}

}  // namespace rehearse
