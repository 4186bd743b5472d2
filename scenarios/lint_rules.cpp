// Good data shows nothing in all quantities but the figures of the user's own logic: no claims, no age to speak of, no
// lag. Left out: thresholds that only a simulation can tell to be too tight or too loose.
#include "scenarios/lint_rules.h"

#include <fmt/core.h>

#include <algorithm>

#include "scenarios/lint_timing.h"
#include "scenarios/units.h"

namespace rehearse {
namespace {

using scenario::Check;

// A limit in its quantity's own unit: a count, parts in 10^9, nanoseconds.
std::int64_t value_of(const scenario::Threshold& limit) {
  return limit.has_share_ppb() ? limit.share_ppb() : limit.has_duration_ns() ? limit.duration_ns() : limit.count();
}

template <class Rule>
struct Tested {
  const Rule& rule;
  const Check& check;
  Quantity quantity;
  const scenario::Metric& metric;
  bool above() const { return rule.test().has_above(); }
  std::int64_t limit() const { return value_of(above() ? rule.test().above() : rule.test().below()); }
  std::string at(const std::string& path) const { return path + (above() ? ".above" : ".below"); }
};

// What the quantity can be at the most, as a share; nothing of what has no greatest value.
std::optional<std::int64_t> greatest_share(const Check& check, Quantity quantity, const scenario::Metric& metric) {
  if (dimension_of(quantity).written() != FieldRule::SHARE) return std::nullopt;
  if (quantity != SHARE_OF_ROWS) return parts_per_billion;
  // A built-in comparison claims one thing about a key; beside that there is what it took for timing.
  const bool timing =
      std::find(metric.classes().begin(), metric.classes().end(), scenario::TIMING) != metric.classes().end();
  if (!reads(check, scenario::CheckKind::ROWS) || timing) return std::nullopt;
  return parts_per_billion;
}

template <class Rule>
bool never_holds(const Tested<Rule>& t) {
  if (!t.above()) return t.limit() <= 0;
  const std::optional<std::int64_t> greatest = greatest_share(t.check, t.quantity, t.metric);
  return greatest && t.limit() >= *greatest;
}

// What good data may show; the age of a batch store grows until the next load lands.
template <class Rule>
std::int64_t greatest_in_order(const LintContext& context, const Tested<Rule>& t) {
  if (t.quantity != FRESHNESS || !t.check.has_freshness()) return 0;
  return oldest_in_order(context, t.check.freshness().observation().of());
}

template <class Rule>
void lint_samples(LintContext& context, const std::string& path, const Tested<Rule>& t, const char* so) {
  if (t.rule.for_ns() == 0 || !passes_over_runs(context, t.check)) return;
  const std::int64_t gap = *context.longest_gap(runs_of(t.check));
  if (t.rule.for_ns() < gap) return;  // such a window is told of already
  context.warning(
      path + ".metric",
      fmt::format("check `{}` cannot keep its schedule: a run takes {} or more, and {} pass between two, so "
                  "every window of {} misses samples and {}",
                  t.check.name(), about(run_takes(context, t.check), Towards::above), format_duration(gap),
                  format_duration(t.rule.for_ns()), so),
      fmt::format("check `{}` to run every {} or more", t.check.name(),
                  about(run_takes(context, t.check), Towards::above)));
}

// Nothing if a name is missing, the metric is of several checks, or the rule tests otherwise.
template <class Rule>
std::optional<Tested<Rule>> tested(const LintContext& context, const Rule& rule) {
  if (!rule.test().has_above() && !rule.test().has_below()) return std::nullopt;
  const scenario::Metric* metric = context.metric(rule.metric());
  const Check* check = metric != nullptr && metric->from_size() == 1 ? context.check(metric->from(0)) : nullptr;
  if (check == nullptr || kind_field(*check) == nullptr) return std::nullopt;
  return Tested<Rule>{rule, *check, quantity_of(*check, *metric), *metric};
}

template <class Rule>
std::string nothing_of(const Tested<Rule>& t) {
  const FieldRule::Kind written = dimension_of(t.quantity).written();
  return written == FieldRule::SHARE ? "0%" : written == FieldRule::DURATION ? "0s" : "0";
}

}  // namespace

void lint_criterion_test(LintContext& context, const std::string& path, const scenario::Criterion& criterion) {
  const auto t = tested(context, criterion);
  if (!t) return;
  lint_samples(context, path, *t, "the gate stays shut");
  if (t->quantity == FIGURE) return;
  if (never_holds(*t))
    return context.warning(
        t->at(path),
        t->above() ? "no share is above 100%, so the gate stays shut"
                   : fmt::format("nothing is below {}, so the gate stays shut", nothing_of(*t)),
        t->above() ? "a limit below 100%" : "a limit above what good data shows, which is " + nothing_of(*t));
  if (t->above() && t->limit() >= 0)
    context.warning(t->at(path),
                    fmt::format("metric `{}` shows {} while all is well, so the gate stays shut as long as it is",
                                criterion.metric(), nothing_of(*t)),
                    "`below`");
}

void lint_trigger_test(LintContext& context, const std::string& path, const scenario::Trigger& trigger,
                       std::int64_t armed_ns) {
  const auto t = tested(context, trigger);
  if (trigger.for_ns() > armed_ns)
    context.warning(path + ".for",
                    fmt::format("the trigger never fires: it is armed for {} at the most, and its window is {}",
                                format_duration(armed_ns), format_duration(trigger.for_ns())),
                    "a window of " + format_duration(armed_ns) + " or less");
  if (!t) return;
  lint_samples(context, path, *t, "the trigger never fires");
  if (t->quantity == FIGURE) return;
  if (never_holds(*t))
    return context.warning(t->at(path),
                           t->above() ? "the trigger never fires: no share is above 100%"
                                      : fmt::format("the trigger never fires: nothing is below {}", nothing_of(*t)),
                           t->above() ? "a limit below 100%" : "`above`");
  const std::int64_t in_order = greatest_in_order(context, *t);
  if (!t->above() || t->limit() < 0)
    return context.warning(t->at(path),
                           fmt::format("good data fires this trigger: metric `{}` shows {} while all is well",
                                       trigger.metric(), nothing_of(*t)),
                           t->above() ? nothing_of(*t) + " or more" : "`above`");
  if (in_order - t->limit() > trigger.for_ns())
    context.warning(t->at(path),
                    fmt::format("good data fires this trigger: store `{}` is up to {} old before its next load lands",
                                t->check.freshness().observation().of(), about(in_order)),
                    about(in_order, Towards::above) + " or more");
}

}  // namespace rehearse
