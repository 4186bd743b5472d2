#include "harness/migration/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/reconcile/schedule.h"
#include "scenarios/check_kinds.h"
#include "scenarios/units.h"
#include "scenarios/window_test_kinds.h"
#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

struct Bound {
  double value;
  std::string text;
};

Bound bound_of(const scenario::Threshold& threshold) {
  // Both this and the share of a sample are the double nearest to a quotient, so equal shares compare equal.
  if (threshold.has_share_ppb())
    return {static_cast<double>(threshold.share_ppb()) / 1e9, format_share(threshold.share_ppb())};
  if (threshold.has_duration_ns())
    return {static_cast<double>(threshold.duration_ns()), format_duration(threshold.duration_ns())};
  return {static_cast<double>(threshold.count()), format_count(threshold.count())};
}

// By the metric's name; claims if there is none of that name.
Quantity quantity_shown(const scenario::Scenario& scenario, const std::string& name) {
  for (const scenario::Metric& metric : scenario.metrics()) {
    if (metric.name() != name) continue;
    for (const scenario::Check& check : scenario.checks())
      if (check.name() == metric.from(0)) return quantity_of(check, metric);
  }
  return CLAIMS;
}

// A limit as windows have it, and in words.
struct LimitPlan {
  Limit limit;
  std::string word;  // "below", "above"
  std::string text;  // "below 0.1%"
};

LimitPlan limit_of(const scenario::Threshold& threshold, bool above) {
  const Bound bound = bound_of(threshold);
  const std::string word = above ? "above" : "below";
  return {{above, bound.value}, word, word + " " + bound.text};
}

template <class HasLimit>
LimitPlan limit_of(const HasLimit& given) {
  return given.has_below() ? limit_of(given.below(), false) : limit_of(given.above(), true);
}

// A test of a window by itself: what it asks, how results call it, and how it reads.
struct TestPlan {
  WindowTest test;
  std::string comparison;
  std::optional<double> bound;
  std::string text;
};

TestPlan failed_runs(const std::string& metric, const scenario::FailedRuns& given) {
  const bool more = given.has_more_than();
  const std::int64_t runs = more ? given.more_than() : given.at_most();
  const LimitPlan failed = limit_of(given);
  return {
      FailedRuns(failed.limit, more ? FailedRuns::Holds::more_than : FailedRuns::Holds::at_most,
                 static_cast<std::size_t>(runs), static_cast<std::size_t>(given.of())),
      "failures", failed.limit.bound,
      fmt::format("{} {} of {} runs of {} {}", more ? "more than" : "at most", runs, given.of(), metric, failed.text)};
}

TestPlan test_of(const std::string& metric, const scenario::WindowTest& given) {
  const auto limited = [&](auto test, const LimitPlan& limit, const std::string& name, const std::string& text) {
    return TestPlan{test, name.empty() ? limit.word : name + "_" + limit.word, limit.limit.bound,
                    fmt::format("{}{} {}", text, metric, limit.text)};
  };
  switch (given.test_case()) {
    case scenario::WindowTest::kBelow:
    case scenario::WindowTest::kAbove: {
      const LimitPlan limit = limit_of(given);
      return limited(EverySample(limit.limit), limit, "", "");
    }
    case scenario::WindowTest::kAverage: {
      const LimitPlan limit = limit_of(given.average());
      return limited(AverageOfSamples(limit.limit), limit, "average", "average of ");
    }
    case scenario::WindowTest::kAny: {
      const LimitPlan limit = limit_of(given.any());
      return limited(AnySample(limit.limit), limit, "any", "any ");
    }
    case scenario::WindowTest::kRising:
      return {RisingSamples(), "rising", std::nullopt, metric + " rising"};
    case scenario::WindowTest::kNoData:
      return {NoData(), "no_data", std::nullopt, "no data of " + metric};
    case scenario::WindowTest::kFailures:
      return failed_runs(metric, given.failures());
    case scenario::WindowTest::TEST_NOT_SET:
      break;
  }
  REHEARSE_ASSERT(false, "the loader lets no rule pass that tests nothing");
  return {EverySample({}), {}, {}, {}};
}

// Criteria and triggers have these fields in common.
template <class Rule>
RulePlan rule_of(const scenario::Scenario& scenario, const Rule& rule) {
  TestPlan test = test_of(rule.metric(), rule.test());
  const scenario::WindowTestKind& kind = kind_of(rule.test());
  RulePlan plan;
  plan.quantity = quantity_shown(scenario, rule.metric());
  plan.window.metric = rule.metric();
  plan.window.test = std::move(test.test);
  plan.window.length = Duration{rule.for_ns()};
  plan.window.min_samples = kind.counts_by_itself() ? 0 : std::max(rule.min_samples(), kind.least_samples());
  plan.comparison = std::move(test.comparison);
  plan.bound = test.bound;
  plan.text = std::move(test.text);
  if (kind.window() == scenario::WindowTestKind::TIME) plan.text += " for " + format_duration(rule.for_ns());
  return plan;
}

// The phases in which a trigger is armed: those that it names, else those from the first on that moves somebody.
std::vector<std::string> armed_in(const scenario::Migration& migration, const scenario::Trigger& trigger) {
  if (!trigger.during().empty()) return {trigger.during().begin(), trigger.during().end()};
  std::vector<std::string> phases;
  for (const scenario::Phase& phase : migration.phases())
    if (phase.has_move() || !phases.empty()) phases.push_back(phase.name());
  return phases;
}

ActionPlan action_of(const scenario::Action& action) {
  using Kind = ActionPlan::Kind;
  if (action.has_pause()) return {Kind::pause, action.pause()};
  if (action.has_resume()) return {Kind::resume, action.resume()};
  return {Kind::run_now, action.run_now()};
}

PhasePlan phase_of(const scenario::Scenario& scenario, const scenario::Phase& phase) {
  PhasePlan plan;
  plan.name = phase.name();
  plan.move.assign(phase.move().consumers().begin(), phase.move().consumers().end());
  if (phase.move().has_rest()) {
    plan.rest = phase.move().rest() == scenario::Move::TOGETHER ? PhasePlan::Rest::together : PhasePlan::Rest::by_tier;
  }
  plan.soak = Duration{phase.soak_ns()};
  plan.at_least = Duration{phase.at_least_ns()};
  for (const int observed : phase.observed()) {
    plan.observed.push_back(observed == scenario::Phase::WEEKEND         ? Observable::weekend
                            : observed == scenario::Phase::SCHEMA_CHANGE ? Observable::schema_change
                                                                         : Observable::recovery);
  }
  for (const scenario::Criterion& criterion : phase.exit()) {
    plan.exit.push_back(rule_of(scenario, criterion));
    if (criterion.since() == scenario::Criterion::PLAN) plan.exit.back().since = RulePlan::Since::plan;
  }
  for (const scenario::Action& action : phase.actions()) {
    plan.actions.push_back(action_of(action));
  }
  return plan;
}

StepPlan step_of(const scenario::Step& step) {
  using Kind = StepPlan::Kind;
  switch (step.what_case()) {
    case scenario::Step::kRedirectConsumersNs:
      return {Kind::redirect_consumers, {}, 0, Duration{step.redirect_consumers_ns()}};
    case scenario::Step::kResume:
      return {Kind::resume, step.resume(), 0, {}};
    case scenario::Step::kPause:
      return {Kind::pause, step.pause(), 0, {}};
    case scenario::Step::kRestoreSnapshot:
      return {Kind::restore_snapshot, step.restore_snapshot().pipeline(),
              static_cast<std::uint32_t>(step.restore_snapshot().cycles_back()),
              Duration{step.restore_snapshot().takes_ns()}};
    case scenario::Step::kOpenIncidentNs:
      return {Kind::open_incident, {}, 0, Duration{step.open_incident_ns()}};
    case scenario::Step::kRunNow:
      return {Kind::run_now, step.run_now(), 0, {}};
    case scenario::Step::WHAT_NOT_SET:
      break;
  }
  REHEARSE_ASSERT(false, "the linter lets no step pass that does nothing");
  return {};
}

DecidePlan decide_of(const scenario::Scenario& scenario, std::int64_t start_unix_ns) {
  const scenario::Decide& decide = scenario.migration().decide();
  DecidePlan plan;
  const std::string& own = decide.library().empty() ? decide.run(0) : decide.library();
  plan.program = own.substr(own.find_last_of('/') + 1);
  plan.due = recurrence(decide.runs(), start_unix_ns);
  plan.takes = Duration{decide.takes_ns()};
  for (const std::string& metric : decide.metrics()) plan.metrics.push_back({metric, quantity_shown(scenario, metric)});
  return plan;
}

}  // namespace

std::string ActionPlan::text() const {
  switch (kind) {
    case Kind::pause:
      return "pause " + pipeline;
    case Kind::resume:
      return "resume " + pipeline;
    case Kind::run_now:
      return fmt::format("run {} now", pipeline);
  }
  return {};
}

std::string StepPlan::text() const {
  switch (kind) {
    case Kind::redirect_consumers:
      return "redirect consumers";
    case Kind::resume:
      return "resume " + pipeline;
    case Kind::pause:
      return "pause " + pipeline;
    case Kind::restore_snapshot:
      return cycles_back == 0 ? "restore snapshot of " + pipeline
                              : fmt::format("restore snapshot of {}, {} cycles back", pipeline, cycles_back);
    case Kind::open_incident:
      return "open incident";
    case Kind::run_now:
      return fmt::format("run {} now", pipeline);
  }
  return {};
}

Plan plan_of(const scenario::Scenario& scenario, std::int64_t start_unix_ns) {
  REHEARSE_ASSERT(scenario.has_migration(), "a plan is read from a scenario that has a migration");
  const scenario::Migration& migration = scenario.migration();
  Plan plan;
  plan.from = migration.from();
  plan.to = migration.to();
  plan.start_unix_ns = start_unix_ns;
  for (const scenario::Phase& phase : migration.phases()) plan.phases.push_back(phase_of(scenario, phase));
  for (const scenario::Trigger& trigger : migration.rollback().triggers()) {
    RulePlan rule = rule_of(scenario, trigger);
    rule.during = armed_in(migration, trigger);
    plan.triggers.push_back(std::move(rule));
  }
  for (const scenario::Step& step : migration.rollback().steps()) plan.steps.push_back(step_of(step));
  if (migration.has_decide()) plan.decide = decide_of(scenario, start_unix_ns);
  for (const scenario::Pipeline& pipeline : scenario.pipelines()) {
    plan.pipelines.push_back({pipeline.name(), Duration{pipeline.has_batch() ? pipeline.batch().freshness_ns()
                                                                             : pipeline.stream().freshness_ns()}});
  }
  return plan;
}

}  // namespace rehearse
