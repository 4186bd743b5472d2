// One course of events – the rehearsal itself, or a copy of it that went on from a decision – and what readers met in
// it: when which store was unsafe for whom, who is concerned by the plan, and when a reader was exposed.
//
// - A store is unsafe for a reader while more of its keys are divergent than the reader tolerates (a share is of the
//   keys that are expected or there at that instant); while it is older than the reader needs, unless `safety.stale`
//   allows it; while a key is there twice or missing for longer than that, if the reader needs otherwise; while it is
//   at no one position of the source, or shows a lower highest value than the reader has read, if the reader needs
//   otherwise. What a reader does not say is `safety.max_divergence` and what the store's pipeline promises.
// - On the way back a reader is content with what `safety.fallback` says of the stores that it lands on, or with the
//   looser of its own need and what their pipelines promise.
// - A reader is exposed while routing sends it to a store that is unsafe for it, from its first read there.
// - Concerned by the plan are readers that it has moved, from then on; those that read its target by name; and those
//   whose store's batch job it has paused, from then on. Whether somebody lists them does not matter.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/judge/divergences.h"
#include "harness/judge/judge.h"
#include "harness/judge/safety.h"
#include "harness/judge/spans.h"
#include "scenarios/needs.h"

namespace rehearse::judging {

// For whom something is unsafe: a reader by its number, or nobody in particular, who needs what `safety` and the
// stores' pipelines say.
using Whom = std::optional<std::uint32_t>;
constexpr Duration just_before = minute * 15;  // an exposure counts as under way for so long after it ended

Duration takes(const scenario::Step& step);  // one of the rollback

class Course {
 public:
  // What it is made of outlives it.
  Course(const JudgeInputs& inputs, const TruthRecord& truth, const CauseTable& causes, const Routing& routing,
         const std::vector<HoldTruth>& holds, const std::vector<FaultTruth>& faults, SafetyOverTime safety, Time end);
  Course(const JudgeInputs& inputs, const ForkTruth& fork)
      : Course(inputs, fork.truth, fork.causes, fork.routing, fork.holds, fork.faults,
               {{Time{0}, safety_in(inputs.scenario.safety(), fork.phase)}}, fork.end) {
    rolled_back_ = fork.fired;
  }

  const Spans& unsafe(StoreId store, Whom whom = {}) const { return held(whom).unsafe[store]; }
  // Of this, what is because of divergent rows alone, and what the reader calls stale whether that is unsafe or not.
  const Spans& divergent(StoreId store, Whom whom = {}) const { return held(whom).divergent[store]; }
  const Spans& stale(StoreId store, Whom whom = {}) const { return held(whom).stale[store]; }
  // Whether it is unsafe at an instant: older than an age only after the one at which it has reached it.
  bool unsafe_at(StoreId store, Time t, Whom whom = {}) const;
  // When it is nothing to land on.
  const Spans& no_landing(StoreId store, Whom whom = {}) const { return held(whom).no_landing[store]; }
  // When it is at no position of the source, and the reader needs one; when it is behind what the reader has seen.
  const Spans& at_no_position(StoreId store, Whom whom = {}) const { return held(whom).at_no_position[store]; }
  const Spans& behind(StoreId store, Whom whom = {}) const { return held(whom).behind[store]; }
  bool loading(StoreId store, Time t) const;
  bool paused(StoreId store, Time t) const;  // a part of its pipeline, by whoever
  // "new had 12 divergent rows and was stale"; of what is in order, that it is.
  std::string ailment(StoreId store, Time t, Whom whom = {}) const;
  // The same of a store on which a reader does not land.
  std::string no_landing_ailment(StoreId store, Time t, std::uint32_t reader) const;
  // When it is unsafe for the reader because of what stands in it, not because of its age.
  Spans wrong(StoreId store, Whom whom = {}) const {
    const Held& of = held(whom);
    return united(united(of.divergent[store], of.twice[store]), of.missing[store]);
  }
  // Names of what made the store unsafe in a stretch, sorted: of divergences their causes, of staleness the faults at
  // work that can make changes late.
  std::set<std::string> causes_of(StoreId store, Time from, Time to, Whom whom = {}) const;
  // Of staleness alone, and with whoever held a part of the store's pipeline.
  std::set<std::string> stale_causes(StoreId store, Time from, Time to, Whom whom = {}) const;
  // All that is known to have made it unsafe: faults, defects, and those who held a part of its pipeline.
  std::vector<std::string> why_unsafe(StoreId store, Time from, Time to, Whom whom = {}) const;

  StoreId store_of(std::uint32_t reader, Time t) const;
  // When the plan concerns the reader.
  Spans concerned(std::uint32_t reader) const;
  // When a reader that the plan concerns is sent to a store that is unsafe for it, or that is nothing to land on if a
  // rollback has sent it there.
  Spans not_landed(std::uint32_t reader) const;
  Spans exposed(std::uint32_t reader) const;
  // When it is sent to an unsafe store, from its first read there, whether the plan concerns it or not.
  Spans reads_unsafe(std::uint32_t reader) const;
  Spans sent_to(std::uint32_t reader, StoreId store) const;
  std::uint32_t readers() const { return static_cast<std::uint32_t>(truth_->consumers.size()); }
  const std::string& reader_name(std::uint32_t reader) const { return truth_->consumers[reader].name; }
  // Changes that readers whom the plan had moved were shown at `fired`, and are not once they have been sent back and
  // landed; none if it had moved nobody.
  std::optional<std::uint64_t> no_longer_shown(Time fired, Time landed) const;
  const Divergences& divergences() const { return *divergences_; }
  const SafetyOverTime& safety() const { return safety_; }
  Time end() const { return end_; }

 private:
  struct Stretch {
    Span span;
    StoreId store;
    bool by_plan, by_rollback;
  };
  // What stores are held against, and how they stand it; by store, up to the end.
  struct Held {
    ReaderNeeds needs;
    std::vector<Spans> divergent, stale, twice, missing, at_no_position, behind, unsafe, no_landing;
  };
  const Held& held(Whom whom) const { return held_[whom ? held_of_[*whom] : 0]; }
  void hold(const ReaderNeeds& needs, Whom whom = {});
  Spans no_landing_in(StoreId store, const ReaderNeeds& needs, const scenario::Safety& safety) const;
  Duration freshness(StoreId store, const ReaderNeeds& needs) const;
  std::vector<Stretch> stretches_of(std::uint32_t reader) const;
  Spans sent_to(std::uint32_t reader, const std::vector<Spans>& bad) const;
  std::set<std::string> delaying_faults(StoreId store, Time from, Time to) const;
  bool reaches(const FaultTruth& fault, StoreId store) const;
  Spans older_than(StoreId store, Duration age) const;
  Spans beyond(StoreId store, const scenario::Amount& most) const;
  Spans twice(StoreId store) const;
  Spans missing_for(StoreId store, Duration longer_than) const;
  Spans apart(StoreId store) const;
  std::optional<Time> restored(StoreId store) const;  // by the rollback; from then on
  Spans behind_what_was_seen(StoreId store, const ConsumerTruth& reader) const;

  const JudgeInputs* in_;
  const TruthRecord* truth_;
  const CauseTable* causes_;
  const Routing* routing_;
  const std::vector<HoldTruth>* holds_;
  const std::vector<FaultTruth>* faults_;
  SafetyOverTime safety_;
  Time end_;
  StoreId target_ = 0;
  std::optional<Time> rolled_back_;  // when a rollback began
  std::shared_ptr<const Divergences> divergences_;
  std::vector<Held> held_;            // [0] nobody in particular
  std::vector<std::size_t> held_of_;  // by reader
};

// The first instant at or after `from` at which spans within one day before it add up to more than `most`; none if they
// never do.
std::optional<Time> passes_within_a_day(const Spans& spans, Duration most, Time from = Time{0});

}  // namespace rehearse::judging
