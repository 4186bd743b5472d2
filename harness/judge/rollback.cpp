#include "harness/judge/rollback.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "harness/judge/landing.h"
#include "harness/judge/parts.h"
#include "harness/judge/plan.h"
#include "harness/judge/words.h"

namespace rehearse::judging {
namespace {

struct Exposure {
  std::uint32_t reader = 0;
  Span span;
};

// The earliest that is under way at an instant, or begins within `ahead` of it.
std::optional<Exposure> exposure_at(const Course& course, Time t, Duration ahead) {
  std::optional<Exposure> first;
  for (std::uint32_t reader = 0; reader < course.readers(); ++reader) {
    const Spans exposed = course.exposed(reader);
    const Span* span = first_touching(exposed, t - just_before, t + ahead);
    if (span && (!first || span->from < first->span.from)) first = {reader, *span};
  }
  return first;
}

struct Reason {
  bool right = false;
  std::string why;
  StoreId store = 0;
  std::optional<Time> onset{};
  Whom whom{};
};

// Of the phase in which the plan was rolled back.
Duration restore_within(const Case& c) { return {c.safety_in(c.in.migration->rollback->phase).restore_within_ns()}; }

Reason to_stop(const Case& c, Time fired) {
  const StoreId target = new_store(c);
  const Span* bad = first_touching(c.course.unsafe(target), fired - just_before, fired);
  if (c.course.loading(target, fired))
    return {false, c.store_name(target) + " was still loading, and nobody had been moved to it.", target, {}};
  if (!bad)
    return {false,
            c.course.ailment(target, fired) + " when the trigger fired, and nobody had been moved to it.",
            target,
            {}};
  const Time then = std::min(std::max(bad->from, fired - just_before), fired);
  return {true,
          fmt::format("Nobody had been moved yet, and {} when the plan was stopped.",
                      c.course.ailment(target, at(c.course.unsafe(target), fired) ? fired : then)),
          target, bad->from};
}

Reason reason(const Case& c, Time fired) {
  if (const auto exposure = exposure_at(c.course, fired, {})) {
    const StoreId store = c.course.store_of(exposure->reader, std::min(exposure->span.from, fired));
    // Of several in a row, that of the trigger itself is told.
    const Spans exposed = c.course.exposed(exposure->reader);
    const Span* now = at(exposed, fired);
    const Span told{now ? now->from : exposure->span.from, now ? fired : std::min(exposure->span.until, fired)};
    return {true,
            fmt::format(
                "{} {}, {} unsafe for {}, and {} read it.",
                c.course.ailment(store, now ? fired : told.from, exposure->reader),
                now ? "when the trigger fired" : "until " + duration(fired - told.until) + " before the trigger fired",
                now ? "had been" : "was", duration(told.until - told.from), c.course.reader_name(exposure->reader)),
            store, exposure->span.from, exposure->reader};
  }
  const Duration within = restore_within(c);
  if (const ForkTruth* fork = c.fork(ForkTruth::Kind::without_rollback, fired)) {
    const Course course(c.in, *fork);
    if (const auto exposure = exposure_at(course, fired, within); exposure && exposure->span.from >= fired) {
      const StoreId store = course.store_of(exposure->reader, exposure->span.from);
      return {true,
              fmt::format("Without it {} {} later, and {} would have read it.",
                          course.ailment(store, exposure->span.from, exposure->reader),
                          duration(exposure->span.from - fired), course.reader_name(exposure->reader)),
              store, exposure->span.from, exposure->reader};
    }
  }
  if (!anybody_moved(*c.in.migration)) return to_stop(c, fired);
  return {false, c.course.ailment(new_store(c), fired) + " when the trigger fired.", new_store(c), {}};
}

// While any reader is.
Duration exposed_from(const Course& course, Time t) {
  Spans exposed;
  for (std::uint32_t reader = 0; reader < course.readers(); ++reader) exposed = united(exposed, course.exposed(reader));
  return total(intersected(exposed, {{t, course.end()}}));
}

std::set<StoreId> stores_read_at_end(const Case& c) {
  std::set<StoreId> stores;
  for (std::uint32_t i = 0; i < c.in.truth.consumers.size(); ++i) stores.insert(c.in.routing.store(i));
  return stores;
}

void write_steps(const RollbackRecord& rollback, result::Rollback& out) {
  for (const StepRecord& step : rollback.steps) {
    result::RollbackStep& to = *out.add_steps();
    to.set_name(step.text);
    to.set_started_at_ns(step.started.ns);
    if (step.ended) to.set_ended_at_ns(step.ended->ns);
    to.set_failed(!step.ok);
    to.set_detail(step.detail);
  }
}

void write_landing(const Case& c, const RollbackRecord& rollback, result::Rollback& out) {
  const Duration within = restore_within(c);
  const Time fired = rollback.started;
  const Landing here = landing(c.course, fired, within);
  if (here.at) {
    out.set_rto_ns((*here.at - fired).ns);
    if (const auto changes = c.course.no_longer_shown(fired, *here.at)) out.set_changes_no_longer_shown(*changes);
  }
  if (rollback.consumers_back_at) out.set_routed_ns((*rollback.consumers_back_at - fired).ns);
  const ForkTruth* fork = c.fork(ForkTruth::Kind::with_rollback, fired);
  const Landing landed = fork ? landing(Course(c.in, *fork), fired, within) : here;
  out.set_landed(landed.in_time);
  out.set_cut_short(fork && ended_too_early(landed, *fork, within));
  if (out.cut_short()) out.set_landing("What can be known ends before it had to land.");
  else if (!landed.in_time) out.set_landing("It did not land: " + landed.why_not + ".");
}

}  // namespace

std::optional<result::Rollback> judge_rollback(const Case& c) {
  if (!c.in.migration->rollback) return std::nullopt;
  const RollbackRecord& rollback = *c.in.migration->rollback;
  const Time fired = rollback.started;
  result::Rollback out;
  out.set_trigger(c.in.migration->triggers[rollback.trigger].text);
  out.set_fired_at_ns(fired.ns);
  out.set_phase(rollback.phase);
  out.set_by("automatic switch");

  const Reason because = reason(c, fired);
  out.set_was(because.right ? result::right : result::wrong);
  out.set_why(because.why);
  const Time onset = std::min(because.onset.value_or(fired), fired);
  if (because.onset) {
    out.set_onset_at_ns(because.onset->ns);
    for (const std::string& cause : c.course.causes_of(because.store, onset, fired, because.whom))
      out.add_causes(cause);
  }
  out.set_necessary_known(c.in.necessary.has_value());
  if (c.in.necessary)
    for (const std::string& fault : *c.in.necessary) out.add_necessary(fault);

  write_steps(rollback, out);
  write_landing(c, rollback, out);
  std::uint64_t left = 0;
  for (const StoreId read : stores_read_at_end(c)) left += c.divergences.rows_at_end(read);
  out.set_divergence_left(left);
  *out.mutable_harm_before() = harm_between(c, onset, fired);
  *out.mutable_harm_after() = harm_between(c, fired, Time::never());
  *out.mutable_harm_until_onset() = harm_between(c, Time{0}, onset);
  const Time landed = out.has_rto_ns() ? fired + Duration{out.rto_ns()} : Time::never();
  *out.mutable_harm_returning() = harm_between(c, fired, landed);
  *out.mutable_harm_landed() = harm_between(c, landed, Time::never());
  out.set_exposed_after_ns(exposed_from(c.course, fired).ns);
  if (const ForkTruth* fork = c.fork(ForkTruth::Kind::without_rollback, fired))
    out.set_exposed_without_ns(exposed_from(Course(c.in, *fork), fired).ns);
  return out;
}

namespace {

struct Passed {
  Time at;
  Duration limit;
};
// When a reader's exposure within a day is more than the plan's phase of that time allows.
std::optional<Passed> passes_limit(const Course& course, const Spans& exposed) {
  const SafetyOverTime& safety = course.safety();
  for (std::size_t i = 0; i < safety.size(); ++i) {
    const Time until = i + 1 < safety.size() ? safety[i + 1].from : Time::never();
    const Duration limit{safety[i].safety.max_exposure_ns()};
    const auto passed = passes_within_a_day(exposed, limit, safety[i].from);
    if (passed && *passed < until) return Passed{*passed, limit};
  }
  return std::nullopt;
}

}  // namespace

std::vector<Danger> missed_dangers(const Case& c) {
  const MigrationRecord& plan = *c.in.migration;
  const Time rolled_back = plan.rollback ? plan.rollback->started : Time::never();
  std::vector<Danger> missed;
  for (std::uint32_t reader = 0; reader < c.course.readers(); ++reader) {
    const Spans exposed = c.course.exposed(reader);
    const std::optional<Passed> passed = passes_limit(c.course, exposed);
    if (!passed || passed->at >= rolled_back) continue;
    const Time from = at(exposed, passed->at - nanosecond)->from;
    const StoreId store = c.course.store_of(reader, from);
    // All that came together within the day.
    const Spans together = intersected(exposed, {{passed->at - day, passed->at}});
    std::set<std::string> causes;
    for (const Span& span : together)
      causes.merge(c.course.causes_of(c.course.store_of(reader, span.from), span.from, span.until, reader));
    missed.push_back({c.course.reader_name(reader), store, from, together.front().from, together.size(), passed->at,
                      passed->limit, total(cut_at(exposed, rolled_back)),
                      c.course.ailment(store, from, reader) +
                          (causes.empty() ? "" : ", by " + joined({causes.begin(), causes.end()}))});
  }
  return missed;
}

}  // namespace rehearse::judging
