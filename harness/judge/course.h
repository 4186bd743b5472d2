// One course of events – the rehearsal itself, or a copy of it that went on from a decision – and what readers met in
// it: when which store was unsafe, who is concerned by the plan, and when a reader was exposed.
//
// - A store is unsafe while more of its keys are divergent than `safety.max_divergence` lets be (a share is of the keys
//   that are expected or there at that instant) and, unless `safety.stale` allows it, while it is stale.
// - A reader is exposed while routing sends it to a store that is unsafe, from its first read there.
// - Concerned by the plan are readers that it has moved, from then on; those that read its target by name; and those
//   whose store's batch job it has paused, from then on. Whether somebody lists them does not matter.
// Left out: needs of single readers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/judge/divergences.h"
#include "harness/judge/judge.h"
#include "harness/judge/spans.h"

namespace rehearse::judging {

class Course {
 public:
  // What it is made of outlives it.
  Course(const JudgeInputs& inputs, const TruthRecord& truth, const CauseTable& causes, const Routing& routing,
         const std::vector<HoldTruth>& holds, const std::vector<FaultTruth>& faults, Time end);
  Course(const JudgeInputs& inputs, const ForkTruth& fork)
      : Course(inputs, fork.truth, fork.causes, fork.routing, fork.holds, fork.faults, fork.end) {}

  const Spans& divergent(StoreId store) const { return divergent_[store]; }  // beyond what is safe
  const Spans& stale(StoreId store) const { return stale_[store]; }
  const Spans& unsafe(StoreId store) const { return unsafe_[store]; }
  bool loading(StoreId store, Time t) const;
  // "new had 12 divergent rows and was stale"; of what is in order, that it is.
  std::string ailment(StoreId store, Time t) const;
  // Names of what made the store unsafe in a stretch, sorted: of divergences their causes, of staleness the faults at
  // work that can make changes late.
  std::set<std::string> causes_of(StoreId store, Time from, Time to) const;

  StoreId store_of(std::uint32_t reader, Time t) const;
  // When the plan concerns the reader.
  Spans concerned(std::uint32_t reader) const;
  // When a reader that the plan concerns is sent to an unsafe store.
  Spans sent_to_unsafe(std::uint32_t reader) const;
  Spans exposed(std::uint32_t reader) const;
  std::uint32_t readers() const { return static_cast<std::uint32_t>(truth_->consumers.size()); }
  const std::string& reader_name(std::uint32_t reader) const { return truth_->consumers[reader].name; }
  const Divergences& divergences() const { return *divergences_; }
  Time end() const { return end_; }

 private:
  struct Stretch {
    Span span;
    StoreId store;
    bool by_plan;
  };
  std::vector<Stretch> stretches_of(std::uint32_t reader) const;
  Spans beyond(StoreId store, const scenario::Amount& most) const;

  const JudgeInputs* in_;
  const TruthRecord* truth_;
  const CauseTable* causes_;
  const Routing* routing_;
  const std::vector<HoldTruth>* holds_;
  const std::vector<FaultTruth>* faults_;
  Time end_;
  StoreId target_ = 0;
  std::shared_ptr<const Divergences> divergences_;
  std::vector<Spans> divergent_, stale_, unsafe_;  // by store, up to the end
};

// The first instant at which spans within one day before it add up to more than `most`; none if they never do.
std::optional<Time> passes_within_a_day(const Spans& spans, Duration most);

}  // namespace rehearse::judging
