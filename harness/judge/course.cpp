#include "harness/judge/course.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <tuple>

#include "harness/judge/case.h"
#include "harness/judge/words.h"
#include "sim/kernel/assert.h"
#include "sim/kernel/wide.h"

namespace rehearse::judging {

Duration takes(const scenario::Step& step) {
  if (step.has_redirect_consumers_ns()) return {step.redirect_consumers_ns()};
  if (step.has_restore_snapshot()) return {step.restore_snapshot().takes_ns()};
  if (step.has_open_incident_ns()) return {step.open_incident_ns()};
  return {};
}

Course::Course(const JudgeInputs& inputs, const TruthRecord& truth, const CauseTable& causes, const Routing& routing,
               const std::vector<HoldTruth>& holds, const std::vector<FaultTruth>& faults, SafetyOverTime safety,
               Time end)
    : in_(&inputs),
      truth_(&truth),
      causes_(&causes),
      routing_(&routing),
      holds_(&holds),
      faults_(&faults),
      safety_(std::move(safety)),
      end_(end),
      divergences_(std::make_shared<const Divergences>(truth, end)) {
  if (inputs.migration && inputs.migration->rollback) rolled_back_ = inputs.migration->rollback->started;
  for (StoreId store = 0; store < truth.stores.size(); ++store)
    if (inputs.migration && truth.stores[store].pipeline == inputs.migration->to) target_ = store;
  hold({});
  for (const ConsumerTruth& reader : truth.consumers) {
    const scenario::Consumer* given = consumer_named(inputs.scenario, reader.name);
    const ReaderNeeds needs = given ? needs_of(*given) : ReaderNeeds{};
    // What has been seen is each reader's own.
    const auto alike = std::find_if(held_.begin(), held_.end(),
                                    [&](const Held& held) { return needs.sorted.empty() && held.needs == needs; });
    const auto reader_number = static_cast<std::uint32_t>(held_of_.size());
    held_of_.push_back(static_cast<std::size_t>(alike - held_.begin()));
    if (alike == held_.end()) hold(needs, reader_number);
  }
}

// Holds every store against what somebody needs, by the safety of each time.
void Course::hold(const ReaderNeeds& needs, Whom whom) {
  Held held;
  held.needs = needs;
  for (StoreId store = 0; store < truth_->stores.size(); ++store) {
    const Duration fresh = freshness(store, needs);
    Spans divergent, unsafe, no_landing;
    const Spans stale = older_than(store, fresh);
    const Spans twice = needs.unique ? this->twice(store) : Spans{};
    const Spans missing = needs.complete ? missing_for(store, fresh) : Spans{};
    const Spans apart = needs.point_in_time ? this->apart(store) : Spans{};
    const Spans behind = whom ? behind_what_was_seen(store, truth_->consumers[*whom]) : Spans{};
    const Spans as_a_whole = united(apart, behind);
    for (std::size_t i = 0; i < safety_.size(); ++i) {
      const scenario::Safety& safety = safety_[i].safety;
      const Spans now{{safety_[i].from, i + 1 < safety_.size() ? safety_[i + 1].from : Time::never()}};
      const Spans too_many = beyond(store, needs.tolerance ? *needs.tolerance : safety.max_divergence());
      Spans bad = united(united(united(too_many, twice), missing), as_a_whole);
      if (safety.stale() != scenario::Safety::ALLOWED) bad = united(bad, stale);
      divergent = united(divergent, intersected(too_many, now));
      unsafe = united(unsafe, intersected(bad, now));
      if (store != target_) bad = united(no_landing_in(store, needs, safety), as_a_whole);
      no_landing = united(no_landing, intersected(bad, now));
    }
    for (auto [spans, of] :
         {std::pair(&held.divergent, &divergent), {&held.unsafe, &unsafe}, {&held.no_landing, &no_landing}})
      spans->push_back(cut_at(*of, end_));
    held.stale.push_back(stale);
    held.twice.push_back(twice);
    held.missing.push_back(missing);
    held.at_no_position.push_back(apart);
    held.behind.push_back(behind);
  }
  held_.push_back(std::move(held));
}

Spans Course::no_landing_in(StoreId store, const ReaderNeeds& needs, const scenario::Safety& safety) const {
  const scenario::FallbackSafety& fallback = safety.fallback();
  const Duration fresh = fallback.has_freshness_ns()
                             ? Duration{fallback.freshness_ns()}
                             : std::max(freshness(store, needs), truth_->stores[store].freshness);
  const scenario::Amount& most = fallback.has_max_divergence() ? fallback.max_divergence()
                                 : needs.tolerance             ? *needs.tolerance
                                                               : safety.max_divergence();
  Spans bad = beyond(store, most);
  if (needs.unique) bad = united(bad, twice(store));
  if (needs.complete) bad = united(bad, missing_for(store, fresh));
  if (safety.stale() != scenario::Safety::ALLOWED || fallback.has_freshness_ns())
    bad = united(bad, older_than(store, fresh));
  return bad;
}

Duration Course::freshness(StoreId store, const ReaderNeeds& needs) const {
  return needs.freshness.value_or(truth_->stores[store].freshness);
}

Spans Course::older_than(StoreId store, Duration age) const {
  const StoreTruth& truth = truth_->stores[store];
  if (age == truth.freshness || truth.pipeline.empty()) return cut_at(merged(truth.stale), end_);
  const auto older = std::find_if(truth.older.begin(), truth.older.end(), [&](const auto& o) { return o.age == age; });
  REHEARSE_ASSERT(older != truth.older.end(), "the truth knows every age that a reader needs");
  return cut_at(merged(older->spans), end_);
}

Spans Course::twice(StoreId store) const {
  Spans spans;
  const auto [first, after] = divergences_->of_store(store);
  for (Divergences::Index i = first; i < after; ++i)
    if ((*divergences_)[i].state.extra > 0) spans.push_back({(*divergences_)[i].from, (*divergences_)[i].until});
  return cut_at(merged(std::move(spans)), end_);
}

// An interval goes on in the next one of its row, if that begins where it ends.
Spans Course::missing_for(StoreId store, Duration longer_than) const {
  Spans spans;
  const auto [first, after] = divergences_->of_store(store);
  const auto goes_on = [&](Divergences::Index i) {
    const DivergentInterval &a = (*divergences_)[i - 1], &b = (*divergences_)[i];
    return a.kind == b.kind && a.table == b.table && a.row == b.row && a.until == b.from;
  };
  Time since;
  for (Divergences::Index i = first; i < after; ++i) {
    const DivergentInterval& interval = (*divergences_)[i];
    if (interval.kind != DivergenceKind::missing) continue;
    if (i == first || !goes_on(i)) since = interval.from;
    const Time from = std::max(interval.from, later(since, longer_than));
    if (from < interval.until) spans.push_back({from, interval.until});
  }
  return cut_at(merged(std::move(spans)), end_);
}

Spans Course::apart(StoreId store) const {
  return cut_at(united(merged(truth_->stores[store].at_no_position), divergences_->above(store, 0)), end_);
}

// Nothing if the reader does not need its reads to be sorted, or has read nothing.
Spans Course::behind_what_was_seen(StoreId store, const ConsumerTruth& reader) const {
  const auto& all = truth_->stores[store].highest;
  const auto highest = std::find_if(
      all.begin(), all.end(), [&](const auto& h) { return h.table == reader.table && h.column == reader.sorted; });
  if (highest == all.end()) return {};
  const TimeSteps &shown = highest->steps, &seen = reader.seen;
  Spans spans;
  std::size_t s = 0;
  // Both change now and then: each stretch in which neither does is looked at by itself.
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const Time next_seen = i + 1 < seen.size() ? seen[i + 1].first : Time::never();
    for (Time from = seen[i].first; from < next_seen;) {
      while (s + 1 < shown.size() && shown[s + 1].first <= from) ++s;
      const Time until = std::min(next_seen, s + 1 < shown.size() ? shown[s + 1].first : Time::never());
      if (shown[s].second < seen[i].second) spans.push_back({from, until});
      from = until;
    }
  }
  return cut_at(merged(std::move(spans)), end_);
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

bool Course::paused(StoreId store, Time t) const {
  return std::any_of(holds_->begin(), holds_->end(), [&](const HoldTruth& hold) {
    return hold.pipeline == truth_->stores[store].pipeline && hold.reason == "paused" && hold.from <= t &&
           hold.until.value_or(Time::never()) > t;
  });
}

std::string Course::ailment(StoreId store, Time t, Whom whom) const {
  const StoreTruth& truth = truth_->stores[store];
  const Held& held = this->held(whom);
  const std::uint64_t rows = divergences_->rows_at(store, t);
  const bool is_stale = at(held.stale[store], t) != nullptr;
  if (at(held.twice[store], t)) return truth.name + " had a key twice";
  if (at(held.missing[store], t)) return truth.name + " missed a key";
  if (at(held.divergent[store], t))
    return fmt::format("{} had {}{}", truth.name, counted(rows, "divergent row", "divergent rows"),
                       is_stale ? " and was stale" : "");
  if (at(held.at_no_position[store], t)) return truth.name + " was not at one position of the source";
  if (at(held.behind[store], t))
    return fmt::format("{} was behind the {} that {} had seen", truth.name, held.needs.sorted, reader_name(*whom));
  if (is_stale && held.needs.freshness)
    return fmt::format("{} was older than the {} that {} needs", truth.name, duration(*held.needs.freshness),
                       reader_name(*whom));
  if (is_stale) return fmt::format("{} was stale (older than the promised {})", truth.name, duration(truth.freshness));
  if (rows > 0)
    return fmt::format("{} had {}, as is tolerated", truth.name, counted(rows, "divergent row", "divergent rows"));
  return truth.name + " was in order";
}

std::string Course::no_landing_ailment(StoreId store, Time t, std::uint32_t reader) const {
  const Held& held = this->held(reader);
  if (at(held.unsafe[store], t) || !at(held.no_landing[store], t)) return ailment(store, t, reader);
  const std::uint64_t rows = divergences_->rows_at(store, t);
  const std::string& name = truth_->stores[store].name;
  return rows > 0 ? fmt::format("{} had {}, more than `safety.fallback` allows", name,
                                counted(rows, "divergent row", "divergent rows"))
                  : name + " was older than `safety.fallback` allows";
}

std::set<std::string> Course::causes_of(StoreId store, Time from, Time to, Whom whom) const {
  std::set<std::string> names;
  const Held& held = this->held(whom);
  const bool stale = touches(held.stale[store], from, to);
  const bool wrong = touches(this->wrong(store, whom), from, to);
  const auto [first, after] = divergences_->of_store(store);
  for (Divergences::Index i = first; i < after && (wrong || !stale); ++i) {
    if ((*divergences_)[i].from > to || (*divergences_)[i].until <= from) continue;
    for (const std::string& name : shown_causes(*causes_, (*divergences_)[i].causes)) names.insert(name);
  }
  if (stale) names.merge(delaying_faults(store, from - freshness(store, held.needs), to));
  if (touches(held.at_no_position[store], from, to)) names.merge(delaying_faults(store, from, to));
  return names;
}

std::set<std::string> Course::delaying_faults(StoreId store, Time from, Time to) const {
  std::set<std::string> names;
  for (const FaultTruth& fault : *faults_)
    for (const FaultTruth::Strike& strike : fault.strikes)
      if (fault.delays && strike.held_up && strike.at <= to && strike.until.value_or(Time::never()) >= from &&
          reaches(fault, store))
        names.insert(fault.name);
  return names;
}

// Whether what a fault acts on is the store's pipeline, or a table of a dataset that the pipeline produces.
bool Course::reaches(const FaultTruth& fault, StoreId store) const {
  const std::string& pipeline = truth_->stores[store].pipeline;
  if (fault.target.empty() || fault.target == pipeline) return true;
  for (const scenario::Pipeline& given : in_->scenario.pipelines()) {
    if (given.name() == fault.target) return false;  // another one
    if (given.name() != pipeline) continue;
    const auto& produces = given.has_batch() ? given.batch().produces() : given.stream().produces();
    for (const scenario::Dataset& dataset : in_->scenario.datasets())
      if (std::count(produces.begin(), produces.end(), dataset.name()) > 0 &&
          (dataset.of() == fault.target || dataset.look_up().in() == fault.target))
        return true;
  }
  return false;
}

std::set<std::string> Course::stale_causes(StoreId store, Time from, Time to, Whom whom) const {
  const Held& held = this->held(whom);
  if (!touches(held.stale[store], from, to)) return {};
  const StoreTruth& truth = truth_->stores[store];
  const Time since = from - freshness(store, held.needs);
  std::set<std::string> names = delaying_faults(store, since, to);
  for (const HoldTruth& hold : *holds_)
    if (hold.pipeline == truth.pipeline && !hold.by.starts_with("fault ") && hold.from <= to &&
        hold.until.value_or(Time::never()) >= since)
      names.insert(fmt::format("{} paused by {}", hold.pipeline, hold.by));
  if (!names.empty() || truth.pipeline.empty()) return names;
  // Nothing befell it: it is what the plan put there, or as old as its pipeline makes it.
  const std::optional<Time> back = restored(store);
  if (back && *back <= to) return {"the rollback's restore of " + truth.name};
  const auto& jobs = in_->scenario.pipelines();
  const bool batch = std::any_of(jobs.begin(), jobs.end(), [&](const scenario::Pipeline& given) {
    return given.name() == truth.pipeline && given.has_batch();
  });
  return {fmt::format("the {} of {}", batch ? "schedule" : "settings", truth.pipeline)};
}

std::vector<std::string> Course::why_unsafe(StoreId store, Time from, Time to, Whom whom) const {
  std::set<std::string> names = causes_of(store, from, to, whom);
  names.merge(stale_causes(store, from, to, whom));
  return {names.begin(), names.end()};
}

std::vector<Course::Stretch> Course::stretches_of(std::uint32_t reader) const {
  std::vector<Stretch> stretches;
  for (const Route& route : routing_->history()) {
    if (route.consumer != reader) continue;
    if (!stretches.empty()) stretches.back().span.until = route.since;
    stretches.push_back({{route.since, end_}, route.store, !route.by.empty(), route.by == "rollback"});
  }
  return stretches;
}

bool Course::unsafe_at(StoreId store, Time t, Whom whom) const {
  const Span* span = at(unsafe(store, whom), t);
  if (!span || span->from < t) return span != nullptr;
  return at(wrong(store, whom), t) || at(at_no_position(store, whom), t) || at(behind(store, whom), t);
}

StoreId Course::store_of(std::uint32_t reader, Time t) const {
  StoreId store = 0;
  for (const Stretch& stretch : stretches_of(reader))
    if (stretch.span.from <= t) store = stretch.store;
  return store;
}

std::optional<Time> Course::restored(StoreId store) const {
  if (!rolled_back_) return std::nullopt;
  Time at = *rolled_back_;
  for (const scenario::Step& step : in_->scenario.migration().rollback().steps()) {
    at += takes(step);
    if (step.has_restore_snapshot() && step.restore_snapshot().pipeline() == truth_->stores[store].pipeline) return at;
  }
  return std::nullopt;
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
    if (const auto since = restored(stretch.store))
      spans.push_back({std::max(*since, stretch.span.from), stretch.span.until});
  }
  const Time plan = in_->migration->gos.front().at;
  return intersected(merged(std::move(spans)), {{plan, end_}});
}

Spans Course::sent_to(std::uint32_t reader, StoreId store) const {
  Spans spans;
  for (const Stretch& stretch : stretches_of(reader))
    if (stretch.store == store) spans.push_back(stretch.span);
  return merged(std::move(spans));
}

Spans Course::sent_to(std::uint32_t reader, const std::vector<Spans>& bad) const {
  Spans spans;
  for (const Stretch& stretch : stretches_of(reader))
    spans = united(spans, intersected(bad[stretch.store], {stretch.span}));
  return spans;
}

Spans Course::not_landed(std::uint32_t reader) const {
  const Held& held = this->held(reader);
  Spans spans;
  for (const Stretch& stretch : stretches_of(reader)) {
    const std::vector<Spans>& bad = stretch.by_rollback ? held.no_landing : held.unsafe;
    spans = united(spans, intersected(bad[stretch.store], {stretch.span}));
  }
  return intersected(spans, concerned(reader));
}

Spans Course::reads_unsafe(std::uint32_t reader) const {
  Spans reading;
  for (const Stretch& stretch : stretches_of(reader)) {
    const Time first = truth_->consumers[reader].history.first_read(stretch.store, stretch.span.from);
    if (first < stretch.span.until) reading.push_back({first, stretch.span.until});
  }
  return intersected(sent_to(reader, held(reader).unsafe), merged(std::move(reading)));
}

// Good data counts from when all have been sent back: data may have been good throughout.
std::optional<std::uint64_t> Course::no_longer_shown(Time fired, Time landed) const {
  for (const Route& route : routing_->history())
    if (route.by == "rollback" && route.since >= fired) landed = std::max(landed, route.since);
  std::set<std::tuple<StoreId, TableId, StoreId>> sent;  // shown by, of a table, and shown from at last
  bool moved = false;
  for (std::uint32_t reader = 0; reader < readers(); ++reader)
    for (const Stretch& stretch : stretches_of(reader)) {
      // Who is sent back at once has been moved all the same.
      if (!stretch.by_plan || stretch.by_rollback || stretch.span.from > fired || stretch.span.until < fired) continue;
      moved = true;
      sent.emplace(stretch.store, truth_->consumers[reader].table, store_of(reader, landed));
    }
  if (!moved) return std::nullopt;
  std::uint64_t changes = 0;
  for (const NoLongerShown& told : truth_->no_longer_shown) {
    if (!sent.contains({told.by, told.table, told.store})) continue;
    const auto after = std::partition_point(told.steps.begin(), told.steps.end(),
                                            [&](const auto& step) { return step.first <= landed; });
    if (after != told.steps.begin()) changes += std::prev(after)->second;
  }
  return changes;
}

Spans Course::exposed(std::uint32_t reader) const { return intersected(reads_unsafe(reader), concerned(reader)); }

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
std::optional<Time> passes_within_a_day(const Spans& spans, Duration most, Time from) {
  const TimeSpent spent(spans);
  std::vector<Time> bends{from};
  for (const Span& span : spans)
    for (const Time t : {span.from, span.until, span.from + day, span.until + day})
      if (t > from) bends.push_back(t);
  std::sort(bends.begin(), bends.end());
  if (spent.in_the_day_before(from) > most) return from;
  for (std::size_t i = 1; i < bends.size(); ++i)
    if (spent.in_the_day_before(bends[i]) > most)
      return std::max(bends[i - 1], bends[i - 1] + (most - spent.in_the_day_before(bends[i - 1])) + nanosecond);
  return std::nullopt;
}

}  // namespace rehearse::judging
