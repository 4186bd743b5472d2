// Who read what that was unsafe, and for how long: from onset to trigger to good data.
//
// What the plan answers for and what it does not (before its first GO, or on a store that it neither chose nor touched)
// are told as exposures of their own. Good data comes as a landing does: with the first instant from which the reader
// is sent to no unsafe store for a day.
#include <algorithm>
#include <set>

#include "harness/judge/parts.h"
#include "harness/judge/rollback.h"
#include "reports/result/harm.h"

namespace rehearse::judging {
namespace {

void add_reads(const ReadHistory& history, const Spans& spans, result::Harm& harm) {
  ReadCounts counts;
  for (const Span& span : spans) {
    const ReadCounts some = history.between(span.from, span.until);
    for (const ReadOutcome outcome : all_outcomes()) counts[outcome] += some[outcome];
  }
  for (const ReadOutcome outcome : all_outcomes()) result::add_reads(outcome, counts[outcome], harm);
}

// Store by store, in the order in which they exposed it.
void write_stores_of(const Case& c, std::uint32_t reader, const Spans& spans, result::Exposure& out) {
  std::vector<std::pair<StoreId, Spans>> by_store;
  for (StoreId store = 0; store < c.in.truth.stores.size(); ++store)
    if (Spans there = intersected(spans, c.course.sent_to(reader, store)); !there.empty())
      by_store.emplace_back(store, std::move(there));
  std::stable_sort(by_store.begin(), by_store.end(),
                   [](const auto& a, const auto& b) { return a.second.front().from < b.second.front().from; });
  for (const auto& [store, there] : by_store) {
    result::ExposedStore& exposed = *out.add_stores();
    exposed.set_store(c.store_name(store));
    exposed.set_divergent(!intersected(there, c.course.wrong(store, reader)).empty());
    exposed.set_stale(!intersected(there, c.course.stale(store, reader)).empty());
    exposed.set_at_no_position(!intersected(there, c.course.at_no_position(store, reader)).empty());
    exposed.set_behind(!intersected(there, c.course.behind(store, reader)).empty());
    exposed.set_for_ns(total(there).ns);
    std::set<std::string> causes;
    for (const Span& span : there)
      for (const std::string& cause : c.course.why_unsafe(store, span.from, span.until - nanosecond, reader))
        causes.insert(cause);
    for (const std::string& cause : causes) exposed.add_causes(cause);
  }
}

// Of a rollback that found the reader exposed, or exposed it.
struct Turn {
  Time trigger = Time::never();
  Time good = Time::never();
};
Turn write_turn(const Case& c, std::uint32_t reader, const Spans& spans, result::Exposure& out) {
  if (!c.in.migration || !c.in.migration->rollback) return {};
  const Time fired = c.in.migration->rollback->started;
  const Span* around = first_touching(spans, fired - just_before, Time::never());
  if (!around) return {};
  Turn turn{fired, Time::never()};
  out.set_trigger_at_ns(fired.ns);
  if (around->from <= fired) out.set_onset_at_ns(around->from.ns);
  const std::optional<Time> good = first_free(c.course.not_landed(reader), fired, day);
  if (!good || *good >= c.end) return turn;
  out.set_good_at_ns(good->ns);
  turn.good = *good;
  return turn;
}

void write_exposure(const Case& c, std::uint32_t reader, const Spans& spans, bool by_plan, result::Result& result) {
  if (spans.empty()) return;
  const ConsumerTruth& truth = c.in.truth.consumers[reader];
  result::Exposure& out = *result.add_exposures();
  out.set_reader(truth.name);
  out.set_tier(tier_name(truth.tier));
  out.set_listed(truth.listed);
  out.set_by_plan(by_plan);
  out.set_for_ns(total(spans).ns);
  out.set_stretches(spans.size());
  const Span& worst = *longest(spans);
  out.set_longest_ns((worst.until - worst.from).ns);
  out.set_longest_at_ns(worst.from.ns);
  write_stores_of(c, reader, spans, out);
  const Turn turn = by_plan ? write_turn(c, reader, spans, out) : Turn{};
  add_reads(truth.history, cut_at(spans, turn.trigger), *out.mutable_before());
  add_reads(truth.history, intersected(spans, {{turn.trigger, turn.good}}), *out.mutable_during());
  add_reads(truth.history, intersected(spans, {{turn.good, Time::never()}}), *out.mutable_after());
}

}  // namespace

void write_exposures(const Case& c, result::Result& result) {
  for (std::uint32_t reader = 0; reader < c.course.readers(); ++reader) {
    const Spans by_plan = c.course.exposed(reader);
    write_exposure(c, reader, by_plan, true, result);
    write_exposure(c, reader, without(c.course.reads_unsafe(reader), by_plan), false, result);
  }
  if (c.in.migration)
    for (const Danger& danger : missed_dangers(c))
      for (result::Exposure& exposure : *result.mutable_exposures())
        if (exposure.by_plan() && exposure.reader() == danger.reader) exposure.set_missed_at_ns(danger.passed.ns);
  std::stable_sort(result.mutable_exposures()->begin(), result.mutable_exposures()->end(),
                   [](const result::Exposure& a, const result::Exposure& b) {
                     return a.by_plan() != b.by_plan() ? a.by_plan() : a.for_ns() > b.for_ns();
                   });
}

}  // namespace rehearse::judging
