#include "harness/reconcile/metrics.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "scenarios/check_kinds.h"
#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

constexpr std::uint32_t all_but_timing = ((1U << discrepancy_classes) - 1) & ~(1U << scenario::TIMING);

std::uint64_t claimed(std::uint32_t classes, const CheckRun& run) {
  std::uint64_t found = 0;
  for (std::size_t kind = 0; kind < run.found.size(); ++kind)
    if (classes >> kind & 1) found += run.found[kind];
  return found;
}

}  // namespace

MetricStore::Part MetricStore::part_of(Quantity quantity, std::uint32_t classes, const CheckRun& run) {
  Part part{run.due, run.data, 0, 1};
  const QuantityRule& rule = rule_of(quantity);
  const bool returned = rule.role() == QuantityRule::RETURNED;
  if (returned || is_measured(quantity)) {
    const std::optional<double> value = returned       ? run.figure
                                        : run.measured ? std::optional(as_number(*run.measured))
                                                       : std::nullopt;
    part.data = run.data && value.has_value();
    part.sum = value.value_or(0);
    return part;
  }
  part.sum = static_cast<double>(claimed(classes, run));
  if (rule.dimension() == SHARE) part.of = static_cast<double>(run.rows_compared);
  return part;
}

// Nothing of nothing is nothing, if a run may say that; something of nothing is no number.
MetricPoint MetricStore::sample_of(const Part& part, Time at) {
  const bool data = part.data && (part.of > 0 || part.sum == 0);
  return {part.due, at, data && part.of > 0 ? part.sum / part.of : 0, data};
}

MetricStore::MetricStore(const google::protobuf::RepeatedPtrField<scenario::Metric>& declared,
                         const std::vector<CheckDescription>& checks) {
  for (const CheckDescription& check : checks) {
    occasions_.emplace_back(check.due, check.during);
    by_check_.push_back({check.quantity, {}});
  }
  for (const scenario::Metric& metric : declared) {
    MetricSeries series{metric.name(), {}, CLAIMS, metric.classes().empty() ? all_but_timing : 0, {}};
    for (const int kind : metric.classes()) series.classes |= 1U << kind;
    for (const std::string& from : metric.from()) {
      const auto check = std::find_if(checks.begin(), checks.end(), [&](const auto& c) { return c.name == from; });
      REHEARSE_ASSERT(check != checks.end(), "a validated metric is made from checks that there are");
      series.checks.push_back(check->index);
      series.quantity = quantity_of(check->quantity, metric);
    }
    if (series.checks.size() > 1) {
      Union& all = unions_.emplace_back();
      all.series = declared_.size();
      for (const std::uint32_t check : series.checks) all.members.emplace_back().check = check;
    }
    declared_.push_back(std::move(series));
  }
}

std::optional<std::size_t> MetricStore::find(const std::string& metric) const {
  for (std::size_t i = 0; i < declared_.size(); ++i)
    if (declared_[i].name == metric) return i;
  return std::nullopt;
}

Time MetricStore::next_due_after(std::size_t metric, Time t) const {
  Time next = Time::never();
  for (const std::uint32_t check : declared_[metric].checks) next = std::min(next, occasions_[check].next_after(t));
  return next;
}

void MetricStore::phase_entered(const std::string& phase, Time now) {
  for (Occasions& occasions : occasions_) occasions.phase_entered(phase, now);
}

void MetricStore::add(const CheckRun& run) {
  CheckSeries& own = by_check_[run.check];
  const MetricPoint sample = sample_of(part_of(own.quantity, all_but_timing, run), run.reported);
  own.samples.add(sample.at, sample.data ? sample.value : std::numeric_limits<double>::quiet_NaN());
  for (MetricSeries& series : declared_)
    if (series.checks.size() == 1 && series.checks.front() == run.check)
      series.samples.push_back(sample_of(part_of(series.quantity, series.classes, run), run.reported));
  for (Union& all : unions_) {
    bool any = false;
    for (Member& member : all.members) {
      if (member.check != run.check || run.due <= member.settled_until) continue;
      const MetricSeries& series = declared_[all.series];
      member.reported.push_back(part_of(series.quantity, series.classes, run));
      any = true;
    }
    if (any) add_up(all, run.reported);
  }
}

// As many samples as can be told by now, in the order of their instants.
void MetricStore::add_up(Union& all, Time now) {
  const auto expected = [&](const Member& member) { return occasions_[member.check].next_after(member.settled_until); };
  for (;;) {
    Time due = Time::never();
    for (const Member& member : all.members) due = std::min(due, expected(member));
    if (due == Time::never()) return;
    for (const Member& member : all.members) {
      const bool overdue = occasions_[member.check].next_after(due) <= now;
      if (expected(member) == due && member.reported.empty() && !overdue) return;
    }
    Part sum{due, true, 0, 0};
    for (Member& member : all.members) {
      if (expected(member) == due) {
        const bool reported = !member.reported.empty() && member.reported.front().due == due;
        member.latest = reported ? member.reported.front() : Part{};
        if (reported) member.reported.pop_front();
        member.settled_until = due;
      }
      sum.data = sum.data && member.latest.data && occasions_[member.check].active_at(due);
      sum.sum += member.latest.sum;
      sum.of += member.latest.of;
    }
    MetricSeries& series = declared_[all.series];
    if (rule_of(series.quantity).dimension() != SHARE) sum.of = 1;
    series.samples.push_back(sample_of(sum, now));
  }
}

}  // namespace rehearse
