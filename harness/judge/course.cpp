#include "harness/judge/course.h"

#include <fmt/core.h>

#include <algorithm>

#include "harness/judge/case.h"
#include "harness/judge/words.h"
#include "sim/kernel/wide.h"

namespace rehearse::judging {

Course::Course(const JudgeInputs& inputs, const TruthRecord& truth, const CauseTable& causes, const Routing& routing,
               const std::vector<HoldTruth>& holds, const std::vector<FaultTruth>& faults, Time end)
    : in_(&inputs),
      truth_(&truth),
      causes_(&causes),
      routing_(&routing),
      holds_(&holds),
      faults_(&faults),
      end_(end),
      divergences_(std::make_shared<const Divergences>(truth, end)) {
  const scenario::Safety& safety = inputs.scenario.safety();
  for (StoreId store = 0; store < truth.stores.size(); ++store) {
    if (inputs.migration && truth.stores[store].pipeline == inputs.migration->to) target_ = store;
    divergent_.push_back(cut_at(beyond(store, safety.max_divergence()), end));
    stale_.push_back(cut_at(merged(truth.stores[store].stale), end));
    unsafe_.push_back(safety.stale() == scenario::Safety::ALLOWED ? divergent_.back()
                                                                  : united(divergent_.back(), stale_.back()));
  }
}

Spans Course::beyond(StoreId store, const scenario::Amount& most) const {
  if (!most.has_share_ppb())
    return divergences_->above(store, static_cast<std::uint64_t>(std::max<std::int64_t>(most.rows(), 0)));
  const auto& keys = truth_->stores[store].keys;
  const std::vector<Step>& steps = divergences_->steps(store);
  Spans spans;
  std::size_t k = 0, s = 0;
  // Both change now and then: each stretch in which neither does is looked at by itself.
  for (Time from = steps.empty() ? Time::never() : steps.front().from; from != Time::never();) {
    while (s + 1 < steps.size() && steps[s + 1].from <= from) ++s;
    while (k + 1 < keys.size() && keys[k + 1].first <= from) ++k;
    Time until = s + 1 < steps.size() ? steps[s + 1].from : Time::never();
    if (k + 1 < keys.size()) until = std::min(until, keys[k + 1].first);
    const std::uint64_t of = keys.empty() ? 0 : keys[k].second;
    if (static_cast<Unsigned128>(steps[s].rows) * 1'000'000'000 >
        static_cast<Unsigned128>(of) * static_cast<std::uint64_t>(most.share_ppb()))
      spans.push_back({from, until});
    from = until;
  }
  return merged(std::move(spans));
}

bool Course::loading(StoreId store, Time t) const {
  return !truth_->stores[store].pipeline.empty() && truth_->stores[store].loaded.value_or(Time::never()) > t;
}

std::string Course::ailment(StoreId store, Time t) const {
  const StoreTruth& truth = truth_->stores[store];
  const bool is_stale = at(stale_[store], t) != nullptr;
  if (at(divergent_[store], t))
    return fmt::format("{} had {}{}", truth.name,
                       counted(divergences_->rows_at(store, t), "divergent row", "divergent rows"),
                       is_stale ? " and was stale" : "");
  if (is_stale) return fmt::format("{} was stale (older than the promised {})", truth.name, duration(truth.freshness));
  return truth.name + " was in order";
}

std::set<std::string> Course::causes_of(StoreId store, Time from, Time to) const {
  std::set<std::string> names;
  const auto [first, after] = divergences_->of_store(store);
  for (Divergences::Index i = first; i < after; ++i) {
    if ((*divergences_)[i].from > to || (*divergences_)[i].until <= from) continue;
    for (const std::string& name : shown_causes(*causes_, (*divergences_)[i].causes)) names.insert(name);
  }
  if (!touches(stale_[store], from, to)) return names;
  const Time since = from - truth_->stores[store].freshness;
  for (const FaultTruth& fault : *faults_)
    for (const FaultTruth::Strike& strike : fault.strikes)
      if (fault.delays && strike.at <= to && strike.until.value_or(Time::never()) >= since) names.insert(fault.name);
  return names;
}

std::vector<Course::Stretch> Course::stretches_of(std::uint32_t reader) const {
  std::vector<Stretch> stretches;
  for (const Route& route : routing_->history()) {
    if (route.consumer != reader) continue;
    if (!stretches.empty()) stretches.back().span.until = route.since;
    stretches.push_back({{route.since, end_}, route.store, !route.by.empty()});
  }
  return stretches;
}

StoreId Course::store_of(std::uint32_t reader, Time t) const {
  StoreId store = 0;
  for (const Stretch& stretch : stretches_of(reader))
    if (stretch.span.from <= t) store = stretch.store;
  return store;
}

Spans Course::concerned(std::uint32_t reader) const {
  if (in_->migration == nullptr || in_->migration->gos.empty()) return {};
  Spans spans;
  for (const Stretch& stretch : stretches_of(reader)) {
    if (stretch.by_plan) spans.push_back({stretch.span.from, end_});
    else if (stretch.store == target_) spans.push_back(stretch.span);
    for (const HoldTruth& hold : *holds_)
      if (hold.pipeline == truth_->stores[stretch.store].pipeline && hold.reason == "paused" &&
          (hold.by.starts_with("phase ") || hold.by == "rollback"))
        spans.push_back({std::max(hold.from, stretch.span.from), stretch.span.until});
  }
  const Time plan = in_->migration->gos.front().at;
  return intersected(merged(std::move(spans)), {{plan, end_}});
}

Spans Course::sent_to_unsafe(std::uint32_t reader) const {
  Spans spans;
  for (const Stretch& stretch : stretches_of(reader))
    spans = united(spans, intersected(unsafe_[stretch.store], {stretch.span}));
  return intersected(spans, concerned(reader));
}

Spans Course::exposed(std::uint32_t reader) const {
  Spans reading;
  for (const Stretch& stretch : stretches_of(reader)) {
    const Time first = truth_->consumers[reader].history.first_read(stretch.store, stretch.span.from);
    if (first < stretch.span.until) reading.push_back({first, stretch.span.until});
  }
  return intersected(sent_to_unsafe(reader), merged(std::move(reading)));
}

namespace {

// Of what lies before an instant.
class TimeSpent {
 public:
  explicit TimeSpent(const Spans& spans) : spans_(spans) {
    Duration sum;
    for (const Span& span : spans) {
      before_.push_back(sum);
      sum += span.until - span.from;
    }
  }
  Duration before(Time t) const {
    const auto after = std::partition_point(spans_.begin(), spans_.end(), [&](const Span& s) { return s.from < t; });
    if (after == spans_.begin()) return {};
    const auto last = static_cast<std::size_t>(after - spans_.begin()) - 1;
    return before_[last] + (std::min(spans_[last].until, t) - spans_[last].from);
  }
  Duration in_the_day_before(Time t) const { return before(t) - before(t - day); }

 private:
  const Spans& spans_;
  std::vector<Duration> before_;
};

}  // namespace

// The sum over the day before t is linear between these instants, and grows by t or not at all.
std::optional<Time> passes_within_a_day(const Spans& spans, Duration most) {
  const TimeSpent spent(spans);
  std::vector<Time> bends;
  for (const Span& span : spans)
    for (const Time t : {span.from, span.until}) {
      bends.push_back(t);
      bends.push_back(t + day);
    }
  std::sort(bends.begin(), bends.end());
  for (std::size_t i = 1; i < bends.size(); ++i)
    if (spent.in_the_day_before(bends[i]) > most)
      return std::max(bends[i - 1], bends[i - 1] + (most - spent.in_the_day_before(bends[i - 1])) + nanosecond);
  return std::nullopt;
}

}  // namespace rehearse::judging
