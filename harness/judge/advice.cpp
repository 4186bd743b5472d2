// What to change in the scenario, where it can be worked out from what was measured: the field, the value, and why.
//
// Each rule below looks at one thing that went wrong and says nothing unless its own figures are there:
// - a stage that served less than came to it: what would do for the rates that were measured;
// - a trigger that fired, or would have, but too late for `safety.max_exposure`: the longest `for` that would have been
//   in time, all else as it was;
// - a rollback, or a drill of a GO, that left a reader on a stale batch store: a cycle to be started, if it loads
// within
//   `safety.restore_within`;
// - steps before the readers are redirected that take longer than that by themselves: what is left for the redirection;
// - a gate that was still holding, or young, when the rehearsal ended: how long it must last.
// A value bounds one cause of what went wrong; it does not say that nothing else would.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "harness/judge/landing.h"
#include "harness/judge/parts.h"
#include "harness/judge/rollback.h"
#include "harness/judge/words.h"
#include "scenarios/units.h"

namespace rehearse::judging {
namespace {

void advise(result::Result& result, std::string path, std::string value, std::string now, std::string why) {
  for (const result::Advice& given : result.advice())
    if (given.path() == path) return;
  result::Advice& advice = *result.add_advice();
  advice.set_path(std::move(path));
  advice.set_value(std::move(value));
  advice.set_now(std::move(now));
  advice.set_why(std::move(why));
}

// To the next smaller unit, which says enough of what was measured; towards what is sure to do.
std::int64_t rounded(std::int64_t ns, bool up) {
  const std::int64_t step = ns >= day.ns      ? hour.ns
                            : ns >= hour.ns   ? minute.ns
                            : ns >= minute.ns ? second.ns
                            : ns >= second.ns ? millisecond.ns
                                              : microsecond.ns;
  return (ns / step + (up && ns % step > 0 ? 1 : 0)) * step;
}
std::string at_most(Duration d) { return format_duration(rounded(d.ns, false)) + " or less"; }
std::string at_least(Duration d) { return format_duration(rounded(d.ns, true)) + " or more"; }

const scenario::Pipeline* pipeline_named(const Case& c, const std::string& name) {
  for (const scenario::Pipeline& pipeline : c.in.scenario.pipelines())
    if (pipeline.name() == name) return &pipeline;
  return nullptr;
}

// --- a stage that is too slow

std::string too_slow(const result::Bottleneck& bottleneck, double offered, double served) {
  return fmt::format("{:.3g}/s came to {} and it served {:.3g}/s.", offered, bottleneck.pipeline(), served);
}

void faster_sink(const scenario::Pipeline& pipeline, double offered, const std::string& why, result::Result& result) {
  const scenario::Sink& sink = pipeline.stream().sink();
  const double writers = static_cast<double>(sink.writers());
  const auto enough = static_cast<std::int64_t>(writers * 1e9 / offered);
  if (sink.row_time_ns() <= enough) return;
  advise(result, "pipelines." + pipeline.name() + ".stream.sink.row_time",
         fmt::format("{}, or {:.0f} `writers` or more", at_most({enough}),
                     std::ceil(offered * static_cast<double>(sink.row_time_ns()) / 1e9)),
         format_duration(sink.row_time_ns()), why);
}

// With keys of their own, workers share what comes as they do now only if each has its part of it; with one queue they
// always do.
void more_workers(const scenario::Pipeline& pipeline, double offered, double served, const std::string& why,
                  result::Result& result) {
  const scenario::Processor& processor = pipeline.stream().processor();
  if (processor.dispatch() != scenario::Processor::SHARED || served <= 0 || served >= offered) return;
  advise(result, "pipelines." + pipeline.name() + ".stream.processor.workers",
         fmt::format("{:.0f} or more", std::ceil(static_cast<double>(processor.workers()) * offered / served)),
         format_count(processor.workers()), why);
}

void faster_connector(const scenario::Pipeline& pipeline, double offered, const std::string& why,
                      result::Result& result) {
  const scenario::Connector& connector = pipeline.stream().connector();
  if (!connector.has_rate_nano() || static_cast<double>(connector.rate_nano()) >= offered * 1e9) return;
  advise(result, "pipelines." + pipeline.name() + ".stream.connector.rate",
         fmt::format("{:.0f}/s or more", std::ceil(offered)), format_rate(connector.rate_nano()), why);
}

void faster_stage(const Case& c, const result::Bottleneck& bottleneck, result::Result& result) {
  if (!bottleneck.held_by().empty() || bottleneck.stages().empty()) return;
  const scenario::Pipeline& pipeline = *pipeline_named(c, bottleneck.pipeline());
  const double offered = bottleneck.stages(0).offered();
  const auto stage = std::find_if(bottleneck.stages().begin(), bottleneck.stages().end(),
                                  [&](const result::Stage& one) { return one.name() == bottleneck.stage(); });
  const std::string why = too_slow(bottleneck, offered, stage->served());
  if (bottleneck.waits_to_flush()) {
    const Duration promised = c.in.truth.stores[c.store_of_pipeline(pipeline.name()).value_or(source_store)].freshness;
    return advise(result, "pipelines." + pipeline.name() + ".stream.sink.flush_every",
                  "less than " + format_duration(promised.ns),
                  format_duration(pipeline.stream().sink().flush_every_ns()),
                  "A change may wait for the next flush for longer than the pipeline promises freshness.");
  }
  if (bottleneck.stage() == "sink") return faster_sink(pipeline, offered, why, result);
  if (bottleneck.stage() == "processor") return more_workers(pipeline, offered, stage->served(), why, result);
  if (bottleneck.stage() == "connector") return faster_connector(pipeline, offered, why, result);
  advise(result, "pipelines." + pipeline.name() + ".batch.rate", fmt::format("{:.0f}/s or more", std::ceil(offered)),
         format_rate(pipeline.batch().rate_nano()), "A cycle takes longer than the time between two of them.");
}

// --- a trigger that waits for too long

// The longest time between two runs of a check that a metric is made of; nothing if it cannot be told.
Duration between_samples(const Case& c, const std::string& metric) {
  Duration longest;
  for (const scenario::Metric& given : c.in.scenario.metrics()) {
    if (given.name() != metric) continue;
    for (const CheckDescription& check : c.in.checks) {
      if (std::count(given.from().begin(), given.from().end(), check.name) == 0) continue;
      if (!c.in.runs_not_kept.empty()) longest = std::max(longest, c.in.runs_not_kept[check.index].longest_apart);
      const CheckRun* last = nullptr;
      for (const CheckRun& run : c.in.runs) {
        if (run.check != check.index) continue;
        if (last) longest = std::max(longest, run.started - last->started);
        last = &run;
      }
    }
  }
  return longest;
}

// None below the time between two samples, within which no window can see a thing: then the check would have to change.
void shorter_window(const Case& c, std::size_t trigger, Duration most, const std::string& why, result::Result& result) {
  if (most <= between_samples(c, c.in.migration->triggers[trigger].metric)) return;
  if (most <= Duration{} || most >= c.in.migration->triggers[trigger].length) return;
  advise(result, fmt::format("migration.rollback.triggers[{}].for", trigger), at_most(most),
         format_duration(c.in.migration->triggers[trigger].length.ns), why);
}

void trigger_that_fired_late(const Case& c, result::Result& result) {
  if (!c.in.migration->rollback) return;
  const std::size_t fired = c.in.migration->rollback->trigger;
  const std::int64_t allowed = c.safety_in(c.in.migration->rollback->phase).max_exposure_ns();
  for (const result::Exposure& exposure : result.exposures()) {
    if (!exposure.by_plan() || !exposure.has_onset_at_ns()) continue;
    const std::int64_t before = exposure.trigger_at_ns() - exposure.onset_at_ns();
    if (before <= allowed) continue;
    shorter_window(c, fired, c.in.migration->triggers[fired].length - Duration{before - allowed},
                   fmt::format("It fired {} after {} was first exposed; {} are allowed within a day.",
                               duration({before}), exposure.reader(), duration({allowed})),
                   result);
  }
}

void trigger_that_nearly_fired(const Case& c, result::Result& result) {
  for (const Danger& danger : missed_dangers(c))
    for (std::size_t i = 0; i < c.in.migration->triggers.size(); ++i) {
      const TriggerRecord& trigger = c.in.migration->triggers[i];
      if (trigger.fired_at || !trigger.longest_near_miss) continue;
      const NearMiss& miss = *trigger.longest_near_miss;
      if (miss.since < danger.from - just_before || miss.since >= danger.passed) continue;
      shorter_window(c, i, std::min(miss.held, danger.passed - miss.since),
                     fmt::format("Its bound was passed for {} while {} was exposed, and it never fired.",
                                 duration(miss.held), danger.reader),
                     result);
    }
}

// --- steps that bring readers to stale data, or too late

bool has_step(const Case& c, scenario::Step::WhatCase what, const std::string& pipeline) {
  for (const scenario::Step& step : c.in.scenario.migration().rollback().steps())
    if (step.what_case() == what && (step.run_now() == pipeline || step.resume() == pipeline)) return true;
  return false;
}

void fresher_fallback(const Case& c, const Course& course, Time fired, result::Result& result) {
  const Duration within{course.safety().back().safety.restore_within_ns()};
  const Landing landed = landing(course, fired, within);
  if (landed.in_time || !landed.left_on) return;
  const auto [store, then] = *landed.left_on;
  const scenario::Pipeline* pipeline = pipeline_named(c, c.in.truth.stores[store].pipeline);
  if (!pipeline || !pipeline->has_batch() || at(course.divergent(store), then) || !at(course.stale(store), then))
    return;
  // A cycle at once is enough only where the job keeps its promise by itself while nobody holds it.
  const auto hold = std::find_if(c.in.holds.begin(), c.in.holds.end(), [&](const HoldTruth& held) {
    return held.pipeline == pipeline->name() && held.reason == "paused";
  });
  if (touches(c.course.stale(store), Time{0}, (hold == c.in.holds.end() ? fired : hold->from) - nanosecond)) return;
  const double takes =
      static_cast<double>(c.in.truth.stores[store].rows) * 1e18 / static_cast<double>(pipeline->batch().rate_nano());
  if (takes > static_cast<double>(within.ns)) return;
  std::string steps;
  const bool again = !has_step(c, scenario::Step::kRunNow, pipeline->name());
  if (again) steps = fmt::format("`run_now: {}`", pipeline->name());
  if (course.paused(store, then) && !has_step(c, scenario::Step::kResume, pipeline->name()))
    steps += fmt::format("{}`resume: {}`", again ? " and " : "", pipeline->name());
  if (steps.empty()) return;
  advise(
      result, "migration.rollback.steps", "with " + steps, "without",
      fmt::format("{} was stale where a rollback sends readers; a cycle of {} takes {} and would land in time.",
                  c.store_name(store), pipeline->name(), duration({rounded(static_cast<std::int64_t>(takes), true)})));
}

void quicker_redirection(const Case& c, result::Result& result) {
  const Duration within{c.course.safety().back().safety.restore_within_ns()};
  const auto& steps = c.in.scenario.migration().rollback().steps();
  Duration before;
  for (int i = 0; i < steps.size(); before += takes(steps.Get(i)), ++i) {
    if (!steps.Get(i).has_redirect_consumers_ns() || before + takes(steps.Get(i)) <= within) continue;
    const std::string why = fmt::format("Readers are sent back {} after a trigger; {} are allowed.",
                                        duration(before + takes(steps.Get(i))), duration(within));
    if (before < within)
      advise(result, fmt::format("migration.rollback.steps[{}].redirect_consumers", i), at_most(within - before),
             format_duration(takes(steps.Get(i)).ns), why);
    else if (takes(steps.Get(i)) <= within)
      advise(result, "migration.rollback.steps", "with `redirect_consumers` as step 1",
             fmt::format("it is step {}", i + 1), why);
  }
}

void better_landing(const Case& c, result::Result& result) {
  bool failed = false;
  for (const result::GateJudgement& judged : result.judgements())
    for (const result::Drill& drill : judged.drills()) {
      if (drill.landed() || drill.cut_short()) continue;
      failed = true;
      const bool late = drill.fired_at_ns() != judged.at_ns();
      const ForkTruth* fork = c.fork(late ? ForkTruth::Kind::late_drill : ForkTruth::Kind::drill, Time{judged.at_ns()});
      fresher_fallback(c, Course(c.in, *fork), *fork->fired, result);
    }
  if (!result.rollbacks().empty() && !result.rollbacks(0).landed()) {
    failed = true;
    fresher_fallback(c, c.course, c.in.migration->rollback->started, result);
  }
  if (failed) quicker_redirection(c, result);
}

// --- a gate that the end found shut

// What a rehearsal must last for a gate that was only too young; none if something else held it.
std::optional<Time> would_open(const PhaseRecord& phase, const GateRecord& gate) {
  Time open = later(*phase.entered, phase.at_least);
  for (const CriterionRecord& criterion : gate.criteria) {
    if (criterion.status == CriterionStatus::met) continue;
    if (criterion.kind == CriterionRecord::Kind::at_least) continue;
    if (criterion.kind != CriterionRecord::Kind::metric || criterion.status != CriterionStatus::holding)
      return std::nullopt;
    if (!criterion.holds_since) return std::nullopt;
    open = std::max(open, later(*criterion.holds_since, criterion.length));
  }
  return open;
}

void longer_rehearsal(const Case& c, result::Result& result) {
  const MigrationRecord& plan = *c.in.migration;
  if (plan.decision != MigrationDecision::held || c.in.stopped_at) return;
  for (std::size_t i = 0; i < plan.gates.size(); ++i) {
    if (plan.phases[i].how != PhaseRecord::How::still_in || !plan.phases[i].entered) continue;
    const std::optional<Time> open = would_open(plan.phases[i], plan.gates[i]);
    if (!open || *open <= c.end) continue;
    advise(result, "duration", at_least(*open - Time{}), format_duration(c.in.horizon.ns),
           fmt::format("The gate of {} was not shut by anything but its own length when the rehearsal ended.",
                       plan.phases[i].name));
  }
}

}  // namespace

void write_advice(const Case& c, result::Result& result) {
  for (const result::Bottleneck& bottleneck : result.bottlenecks()) faster_stage(c, bottleneck, result);
  if (!c.in.migration) return;
  trigger_that_fired_late(c, result);
  trigger_that_nearly_fired(c, result);
  better_landing(c, result);
  longer_rehearsal(c, result);
}

}  // namespace rehearse::judging
