// The plan: can it be carried out, can every phase be entered, are its metrics sampled often enough.
#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

#include "scenarios/fault_kinds.h"
#include "scenarios/lint_context.h"
#include "scenarios/lint_own.h"
#include "scenarios/lint_rules.h"
#include "scenarios/schema_rules.h"
#include "scenarios/units.h"
#include "scenarios/window_test_kinds.h"

namespace rehearse {
namespace {

using scenario::Migration;
using scenario::Phase;

// The checks that a metric is made from; none if a name is not there.
std::vector<const scenario::Check*> checks_of(const LintContext& context, const std::string& metric_name) {
  std::vector<const scenario::Check*> checks;
  const scenario::Metric* metric = context.metric(metric_name);
  if (metric == nullptr) return checks;
  for (const std::string& from : metric->from()) {
    checks.push_back(context.check(from));
    if (checks.back() == nullptr) return {};
  }
  return checks;
}

void lint_threshold(LintContext& context, const std::string& path, const std::string& metric,
                    const scenario::Threshold& threshold) {
  if (threshold.has_count() && threshold.count() == 0) return;  // nothing is nothing in every unit
  const std::vector<const scenario::Check*> checks = checks_of(context, metric);
  if (checks.empty()) return;
  const DimensionRule& dimension = dimension_of(quantity_of(*checks.front(), *context.metric(metric)));
  const FieldDescriptor* given =
      threshold.GetReflection()->GetOneofFieldDescriptor(threshold, threshold.GetDescriptor()->oneof_decl(0));
  if (given != nullptr && rule_of(*given).kind() == dimension.written()) return;
  context.error(path, fmt::format("metric `{}` is measured in another unit", metric), dimension.example());
}

// Every bound that the message has, however deep.
void lint_thresholds(LintContext& context, const std::string& path, const std::string& metric, const Message& message) {
  std::vector<const FieldDescriptor*> given;
  message.GetReflection()->ListFields(message, &given);
  for (const FieldDescriptor* field : given) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_repeated()) continue;
    const Message& value = message.GetReflection()->GetMessage(message, field);
    const std::string at = path + "." + key_of(*field);
    if (field->message_type() == scenario::Threshold::descriptor())
      lint_threshold(context, at, metric, static_cast<const scenario::Threshold&>(value));
    else lint_thresholds(context, at, metric, value);
  }
}

// The longest time between two samples; nothing, and a report, if there are none.
std::optional<std::int64_t> longest_gap(LintContext& context, const std::string& path, const std::string& metric,
                                        const std::vector<const scenario::Check*>& checks) {
  std::optional<std::int64_t> longest;
  for (const scenario::Check* check : checks) {
    const std::optional<std::int64_t> gap = context.longest_gap(runs_of(*check));
    if (!gap) {
      context.error(path + ".metric",
                    fmt::format("metric `{}` is never sampled: check `{}` never runs", metric, check->name()),
                    "a metric of a check that runs");
      return std::nullopt;
    }
    longest = std::min(longest.value_or(*gap), *gap);
  }
  return longest;
}

// A window needs samples: whether there are as many as it needs in every one.
void lint_window(LintContext& context, const std::string& path, const std::string& metric, std::int64_t window_ns,
                 std::int64_t min_samples, std::int64_t gap) {
  if (window_ns == 0) {
    if (min_samples > 1) context.error(path + ".for", "a window of 0s has one sample", "a longer window");
    return;
  }
  const std::int64_t samples = gap > 0 ? window_ns / gap : min_samples;
  if (samples >= min_samples) return;
  const std::string seen = samples == 0   ? "may hold no sample"
                           : samples == 1 ? "may hold one sample only"
                                          : fmt::format("may hold {} samples only", samples);
  context.error(
      path + ".for",
      fmt::format("metric `{}` is sampled too rarely: up to {} pass between two samples, so a window of {} {}", metric,
                  format_duration(gap), format_duration(window_ns), seen),
      fmt::format("a window of {} or more", format_duration(gap * std::max<std::int64_t>(1, min_samples))));
}

void lint_absence(LintContext& context, const std::string& path, const std::string& metric, std::int64_t window_ns,
                  std::int64_t gap) {
  if (window_ns > gap) return;
  context.error(path + ".for",
                fmt::format("up to {} pass between two samples of metric `{}`, so {} without one say nothing",
                            format_duration(gap), metric, format_duration(window_ns)),
                fmt::format("more than {}", format_duration(gap)));
}

enum class Rule { criterion, trigger };

void lint_failures(LintContext& context, const std::string& path, Rule kind, const std::string& metric,
                   const scenario::FailedRuns& failures) {
  if (failures.has_more_than() && kind == Rule::criterion)
    context.error(path + ".more_than", "a gate does not wait for runs to fail", "`at_most`");
  if (failures.has_at_most() && kind == Rule::trigger)
    context.error(path + ".at_most", "nothing is rolled back because few runs fail", "`more_than`");
  const std::int64_t runs = failures.has_more_than() ? failures.more_than() : failures.at_most();
  if (runs >= failures.of())
    context.error(path + ".of", fmt::format("{} runs are all of {}", runs, failures.of()),
                  fmt::format("more than {}", runs));
  if (failures.bound_case() != scenario::FailedRuns::BOUND_NOT_SET) return;
  for (const scenario::Check* check : checks_of(context, metric))
    if (is_measured(quantity_of(*check)))
      context.error(path, fmt::format("which runs of check `{}` fail is not said", check->name()),
                    "`above` or `below` beside it");
}

// What the test says about itself: is there a window, who may ask, how many samples does it take.
template <class Given>
void lint_test(LintContext& context, const std::string& path, Rule kind, const Given& rule) {
  using Kind = scenario::WindowTestKind;
  const FieldDescriptor* field = test_field(rule.test());
  if (field == nullptr) return;
  const std::string key = key_of(*field);
  const std::string at = path + "." + key;
  const Kind& test = kind_of(rule.test());
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL && !rule.test().GetReflection()->GetBool(rule.test(), field))
    context.error(at, fmt::format("a rule that does not test `{}` tests nothing", key), "`true`, or another test");
  if (test.serves() == Kind::TRIGGERS && kind == Rule::criterion)
    context.error(at, fmt::format("a gate does not wait for `{}`", key), "a test of samples");
  if (test.window() == Kind::RUNS && rule.has_for_ns())
    context.error(path + ".for", fmt::format("the window of `{}` is of runs", key), "no `for`");
  if (test.window() == Kind::TIME && !rule.has_for_ns())
    context.error(path, "`for` is missing", "a duration such as 7d");
  if (test.counts_by_itself() && rule.min_samples() > 1)
    context.error(path + ".min_samples", fmt::format("`{}` does not count samples", key), "no `min_samples`");
  lint_thresholds(context, path, rule.metric(), rule.test());
  if (rule.test().has_failures()) lint_failures(context, at, kind, rule.metric(), rule.test().failures());

  const std::vector<const scenario::Check*> checks = checks_of(context, rule.metric());
  if (checks.empty()) return;
  const std::optional<std::int64_t> gap = longest_gap(context, path, rule.metric(), checks);
  if (!gap || !rule.has_for_ns() || test.window() != Kind::TIME) return;
  if (rule.test().no_data()) return lint_absence(context, path, rule.metric(), rule.for_ns(), *gap);
  lint_window(context, path, rule.metric(), rule.for_ns(), std::max(rule.min_samples(), test.least_samples()), *gap);
}

// Whether a metric may have data in a phase: all its checks run there.
bool runs_in(const std::vector<const scenario::Check*>& checks, const std::string& phase) {
  return std::all_of(checks.begin(), checks.end(), [&](const scenario::Check* check) {
    const auto& during = rules_of(*check).during();
    return during.empty() || std::find(during.begin(), during.end(), phase) != during.end();
  });
}

// What moves in a phase; problems are reported.
std::vector<std::string> lint_move(LintContext& context, const std::string& path, const Phase& phase,
                                   std::set<std::string>& moved) {
  std::vector<std::string> moving;
  if (!phase.has_move()) return moving;
  const scenario::Move& move = phase.move();
  if (move.consumers().empty() && !move.has_rest()) {
    context.error(path + ".move", "no consumer is named", "a list of consumers, or `rest: by_tier`");
  }
  const scenario::Pipeline* to = context.pipeline(context.proto.migration().to());
  const std::vector<std::string> produced = datasets_of(*to);
  const auto movable = [&produced](const scenario::Consumer& consumer) {
    return std::find(produced.begin(), produced.end(), consumer.reads()) != produced.end();
  };
  for (int i = 0; i < move.consumers_size(); ++i) {
    const std::string at = fmt::format("{}.move.consumers[{}]", path, i);
    const scenario::Consumer* named = context.consumer(move.consumers(i));
    if (named == nullptr) continue;
    const scenario::Consumer& consumer = *named;
    if (!context.knows_store(store_of(*to)) ||
        (context.dataset(consumer.reads()) == nullptr && !context.knows_store(consumer.reads()))) {
      continue;  // a name is missing there, which is reported already
    }
    if (context.knows_store(consumer.reads())) {
      context.error(at, fmt::format("consumer `{}` reads the store `{}` by name", consumer.name(), consumer.reads()),
                    "a consumer of a dataset: who reads a store by name stays there");
    } else if (!movable(consumer)) {
      context.error(at,
                    fmt::format("consumer `{}` reads `{}`, which pipeline `{}` does not produce", consumer.name(),
                                consumer.reads(), to->name()),
                    "a consumer of one of its datasets: " + joined(produced));
    } else if (!moved.insert(consumer.name()).second) {
      context.error(at, fmt::format("consumer `{}` has moved already", consumer.name()), "each consumer once");
    }
    moving.push_back(consumer.name());
  }
  if (!move.has_rest()) return moving;
  for (const scenario::Consumer& consumer : context.proto.consumers()) {
    if (movable(consumer) && moved.insert(consumer.name()).second) moving.push_back(consumer.name());
  }
  return moving;
}

void lint_observed(LintContext& context, const std::string& path, const Phase& phase) {
  bool drift = context.captured() && !context.proto.source().ddl().empty();
  bool outage = false;
  for (const scenario::Fault& fault : context.proto.world().faults()) {
    drift = drift || kind_of(fault).changes_columns();
    outage = outage || kind_of(fault).takes_down();
  }
  for (const scenario::Pipeline& pipeline : context.proto.pipelines())
    outage = outage || pipeline.batch().has_failures();
  for (int i = 0; i < phase.observed_size(); ++i) {
    const std::string at = fmt::format("{}.observed[{}]", path, i);
    if (phase.observed(i) == Phase::SCHEMA_CHANGE && !drift) {
      context.warning(at, "no table's columns ever change here, so this phase is never left");
    }
    if (phase.observed(i) == Phase::RECOVERY && !outage) {
      context.warning(at, "nothing ever goes down here, so this phase is never left");
    }
  }
}

void lint_criterion(LintContext& context, const std::string& path, int phase, const scenario::Criterion& criterion) {
  lint_test(context, path, Rule::criterion, criterion);
  lint_criterion_test(context, path, criterion);
  const std::vector<const scenario::Check*> checks = checks_of(context, criterion.metric());
  const auto& phases = context.proto.migration().phases();
  const auto first = phases.begin() + (criterion.since() == scenario::Criterion::PLAN ? 0 : phase);
  const auto runs = [&](const Phase& p) { return runs_in(checks, p.name()); };
  if (std::none_of(first, phases.begin() + phase + 1, runs))
    context.error(path + ".metric",
                  fmt::format("metric `{}` has no data in phase `{}`, in which its checks do not run",
                              criterion.metric(), phases[phase].name()),
                  "`during` of the check with this phase");
}

// The phases in which it is armed: those that it names, else those from the first on that moves somebody.
std::vector<std::string> armed_in(const LintContext& context, const scenario::Trigger& trigger) {
  std::vector<std::string> armed{trigger.during().begin(), trigger.during().end()};
  if (!trigger.during().empty()) return armed;
  for (const Phase& phase : context.proto.migration().phases())
    if (phase.has_move() || !armed.empty()) armed.push_back(phase.name());
  return armed;
}

void lint_trigger(LintContext& context, const std::string& path, const scenario::Trigger& trigger) {
  lint_test(context, path, Rule::trigger, trigger);
  const std::vector<const scenario::Check*> checks = checks_of(context, trigger.metric());
  const std::vector<std::string> armed = armed_in(context, trigger);
  if (armed.empty())
    return context.warning(path, "it is never armed: no phase moves a consumer", "`during`, with the phases");
  std::vector<std::string> silent;
  for (const std::string& phase : armed)
    if (!runs_in(checks, phase)) silent.push_back(phase);
  if (silent.empty() || (silent.size() < armed.size() && !trigger.test().no_data())) return;
  context.error(path + ".metric",
                fmt::format("metric `{}` has no data in {}, where its checks do not run and the trigger is armed",
                            trigger.metric(), joined(silent)),
                "`during` of the check with these phases, or of the trigger without them");
}

// How long a phase lasts at least, by its own rules; `why` names the longest of them.
std::int64_t least_length(const Phase& phase, std::size_t moving, std::string& why) {
  std::int64_t length = phase.at_least_ns();
  why = "`at_least`";
  const bool one_by_one = phase.move().has_rest() && phase.move().rest() == scenario::Move::BY_TIER;
  const auto soaks = static_cast<std::int64_t>(one_by_one ? moving : std::min<std::size_t>(moving, 1));
  if (soaks > 0 && phase.soak_ns() > length / soaks && phase.soak_ns() <= INT64_MAX / soaks) {
    length = soaks * phase.soak_ns();
    why = "`soak`";
  }
  for (const scenario::Criterion& criterion : phase.exit()) {
    if (criterion.since() == scenario::Criterion::PLAN || criterion.for_ns() <= length) continue;
    length = criterion.for_ns();
    why = "an exit criterion's `for`";
  }
  return length;
}

// Only a batch pipeline has cycles that can be started, or kept from starting.
void lint_switch(LintContext& context, const std::string& path, const std::string& name) {
  const scenario::Pipeline* pipeline = context.pipeline(name);
  if (pipeline != nullptr && !pipeline->has_batch())
    context.warning(path, fmt::format("pipeline `{}` is a stream, which no plan can pause or resume: this fails", name),
                    "a batch pipeline");
}

void lint_cycles_of(LintContext& context, const std::string& path, const std::string& name) {
  const scenario::Pipeline* pipeline = context.pipeline(name);
  if (pipeline != nullptr && !pipeline->has_batch())
    context.error(path, fmt::format("pipeline `{}` is a stream, which has no cycles", name), "a batch pipeline");
}

void lint_actions(LintContext& context, const std::string& phase_path, const Phase& phase) {
  for (int i = 0; i < phase.actions_size(); ++i) {
    const scenario::Action& action = phase.actions(i);
    const std::string path = fmt::format("{}.do[{}]", phase_path, i);
    if (action.has_pause()) lint_switch(context, path + ".pause", action.pause());
    if (action.has_resume()) lint_switch(context, path + ".resume", action.resume());
    if (action.has_run_now()) lint_cycles_of(context, path + ".run_now", action.run_now());
  }
}

struct PhaseTimes {
  std::int64_t entered = 0;  // at the earliest
  std::int64_t least = 0;    // how long it lasts
  bool may_last = false;     // it asks for more than time, or no phase follows
};

// Of those that can be entered.
std::vector<PhaseTimes> lint_phases(LintContext& context) {
  const Migration& migration = context.proto.migration();
  const std::int64_t duration = context.proto.duration_ns();
  std::set<std::string> moved;
  std::int64_t entered = 0;
  std::vector<PhaseTimes> times;
  for (int i = 0; i < migration.phases_size(); ++i) {
    const Phase& phase = migration.phases(i);
    const std::string path = fmt::format("migration.phases[{}]", i);
    const std::vector<std::string> moving = lint_move(context, path, phase, moved);
    lint_observed(context, path, phase);
    lint_actions(context, path, phase);
    for (int k = 0; k < phase.exit_size(); ++k)
      lint_criterion(context, fmt::format("{}.exit[{}]", path, k), i, phase.exit(k));
    if (entered >= duration) {
      context.error(
          path,
          fmt::format("phase `{}` is never entered: the phases before it last {} at the least, and the rehearsal {}",
                      phase.name(), format_duration(entered), format_duration(duration)),
          "shorter phases, or a longer rehearsal");
      return times;
    }
    std::string why;
    const std::int64_t length = least_length(phase, moving.size(), why);
    const bool last = i + 1 == migration.phases_size();
    const bool asks = !phase.exit().empty() || !phase.observed().empty() || migration.has_decide();
    times.push_back({entered, length, asks || last});
    if (last && length > duration - entered) {
      context.warning(path, fmt::format("{} of the last phase reaches past the rehearsal's end", why));
    }
    entered = length > duration - entered ? duration : entered + length;
  }
  return times;
}

void lint_step(LintContext& context, const std::string& path, const scenario::Step& step) {
  if (step.has_pause()) lint_switch(context, path + ".pause", step.pause());
  if (step.has_resume()) lint_switch(context, path + ".resume", step.resume());
  if (step.has_run_now()) lint_cycles_of(context, path + ".run_now", step.run_now());
  if (!step.has_restore_snapshot()) return;
  const scenario::RestoreSnapshot& restore = step.restore_snapshot();
  const scenario::Pipeline* named = context.pipeline(restore.pipeline());
  if (named == nullptr) return;
  const scenario::Pipeline& pipeline = *named;
  if (!pipeline.has_batch()) {
    context.error(path + ".restore_snapshot.pipeline", fmt::format("pipeline `{}` keeps no snapshots", pipeline.name()),
                  "a batch pipeline");
  } else if (restore.cycles_back() >= pipeline.batch().keep_snapshots()) {
    context.error(
        path + ".restore_snapshot.cycles_back",
        fmt::format("pipeline `{}` keeps {} versions of its store", pipeline.name(), pipeline.batch().keep_snapshots()),
        "`keep_snapshots` of it to be larger");
  }
}

// How long it is armed without a break, at the most.
std::int64_t armed_for(const LintContext& context, const scenario::Trigger& trigger,
                       const std::vector<PhaseTimes>& phases) {
  const std::int64_t duration = context.proto.duration_ns();
  const std::vector<std::string> names = armed_in(context, trigger);
  std::int64_t longest = 0, entered = -1;
  for (std::size_t i = 0; i < phases.size(); ++i) {
    const std::string& name = context.proto.migration().phases(static_cast<int>(i)).name();
    const bool armed = std::find(names.begin(), names.end(), name) != names.end();
    if (!armed) {
      entered = -1;
      continue;
    }
    if (entered < 0) entered = phases[i].entered;
    longest = std::max(longest, (phases[i].may_last ? duration : phases[i].entered + phases[i].least) - entered);
  }
  return longest > 0 ? longest : duration;  // a phase that is not there or never entered, which is told already
}

// Where a consumer that the plan moves is sent back to.
std::string way_back_of(const LintContext& context, const scenario::Consumer& consumer) {
  if (!consumer.fallback().empty()) return consumer.fallback();
  return store_of(*context.pipeline(context.proto.migration().from()));
}

bool does(const google::protobuf::RepeatedPtrField<scenario::Step>& steps, const std::string& pipeline) {
  return std::any_of(steps.begin(), steps.end(), [&](const scenario::Step& step) {
    return step.resume() == pipeline || step.run_now() == pipeline;
  });
}

// A store to which consumers are sent back must be kept up to date by then, or be brought up to date by the steps.
void lint_way_back(LintContext& context) {
  const Migration& migration = context.proto.migration();
  const std::string& target = store_of(*context.pipeline(migration.to()));
  const std::vector<std::string> moved = datasets_of(*context.pipeline(migration.to()));
  std::set<std::string> stores;
  for (const scenario::Consumer& consumer : context.proto.consumers()) {
    if (std::find(moved.begin(), moved.end(), consumer.reads()) == moved.end()) continue;
    if (consumer.fallback() == target)
      context.warning("consumers." + consumer.name() + ".fallback",
                      fmt::format("a rollback sends it back to `{}`, the store that it is to leave", target),
                      "another store");
    stores.insert(way_back_of(context, consumer));
  }
  const auto needed = [&](const std::string& name) {
    const scenario::Pipeline* pipeline = context.pipeline(name);
    return pipeline != nullptr && stores.count(store_of(*pipeline)) > 0 && store_of(*pipeline) != target;
  };
  std::map<std::string, std::string> paused;  // where, by pipeline
  for (int i = 0; i < migration.phases_size(); ++i)
    for (int k = 0; k < migration.phases(i).actions_size(); ++k) {
      const scenario::Action& action = migration.phases(i).actions(k);
      if (action.has_pause()) paused.emplace(action.pause(), fmt::format("migration.phases[{}].do[{}].pause", i, k));
      if (action.has_resume()) paused.erase(action.resume());
    }
  const auto& steps = migration.rollback().steps();
  for (int i = 0; i < steps.size(); ++i)
    if (steps[i].has_pause()) paused.emplace(steps[i].pause(), fmt::format("migration.rollback.steps[{}].pause", i));
  for (const auto& [name, path] : paused)
    if (needed(name) && !does(steps, name))
      context.warning(path,
                      fmt::format("a rollback sends consumers back to `{}`, and none of its steps resumes `{}`",
                                  store_of(*context.pipeline(name)), name),
                      fmt::format("`{{resume: {}}}` or `{{run_now: {}}}` among the rollback's steps", name, name));
}

void lint_rollback(LintContext& context, const std::vector<PhaseTimes>& phases) {
  const Migration& migration = context.proto.migration();
  const bool moves =
      std::any_of(migration.phases().begin(), migration.phases().end(), [](const Phase& p) { return p.has_move(); });
  if (!migration.has_rollback()) {
    const bool required = context.proto.safety().rollback() == scenario::Safety::REQUIRED;
    if (required && moves) context.warning("migration", "safety requires a rollback, and the plan has none");
    return;
  }
  const scenario::Rollback& rollback = migration.rollback();
  for (int i = 0; i < rollback.triggers_size(); ++i) {
    const std::string path = fmt::format("migration.rollback.triggers[{}]", i);
    lint_trigger(context, path, rollback.triggers(i));
    lint_trigger_test(context, path, rollback.triggers(i), armed_for(context, rollback.triggers(i), phases));
  }
  for (int i = 0; i < rollback.steps_size(); ++i) {
    lint_step(context, fmt::format("migration.rollback.steps[{}]", i), rollback.steps(i));
  }
  const bool redirects = std::any_of(rollback.steps().begin(), rollback.steps().end(),
                                     [](const scenario::Step& step) { return step.has_redirect_consumers_ns(); });
  if (moves && redirects) lint_way_back(context);
  if (moves && !redirects) {
    context.warning("migration.rollback.steps", "no step sends the consumers back",
                    "`redirect_consumers: 30s` among them");
  }
}

}  // namespace

void lint_migration(LintContext& context) {
  if (!context.proto.has_migration()) return;
  const Migration& migration = context.proto.migration();
  if (migration.from() == migration.to()) {
    context.error("migration.to", "the plan leads from a pipeline to itself", "another pipeline");
    return;
  }
  if (context.pipeline(migration.from()) == nullptr || context.pipeline(migration.to()) == nullptr) return;
  const std::vector<std::string> before = datasets_of(*context.pipeline(migration.from()));
  const std::vector<std::string> after = datasets_of(*context.pipeline(migration.to()));
  const bool share = std::any_of(before.begin(), before.end(), [&after](const std::string& dataset) {
    return std::find(after.begin(), after.end(), dataset) != after.end();
  });
  const bool known = context.knows_store(store_of(*context.pipeline(migration.from()))) &&
                     context.knows_store(store_of(*context.pipeline(migration.to())));
  if (!share && known) {
    context.error("migration.to",
                  fmt::format("pipelines `{}` and `{}` produce no dataset in common", migration.from(), migration.to()),
                  "a pipeline that produces what the other does");
    return;
  }
  lint_rollback(context, lint_phases(context));
  if (migration.has_decide()) lint_decide(context, migration.decide());
}

}  // namespace rehearse
