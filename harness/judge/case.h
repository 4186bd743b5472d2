// What every part of the judgement works on: the inputs, and the truth made ready to be asked.
//
// What is unsafe, and for whom, stands in course.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/judge/course.h"
#include "harness/judge/divergences.h"
#include "harness/judge/judge.h"
#include "harness/judge/spans.h"

namespace rehearse::judging {

struct Case {
  explicit Case(const JudgeInputs& inputs);

  const JudgeInputs& in;
  Time end;
  Course course;  // of the rehearsal itself
  const Divergences& divergences;
  std::vector<Spans> stale;  // by store, up to the end

  const std::string& store_name(StoreId store) const { return in.truth.stores[store].name; }
  std::optional<StoreId> store_of_pipeline(std::string_view pipeline) const;
  std::optional<StoreId> store_named(std::string_view name) const;
  const scenario::Consumer* consumer(std::string_view name) const { return consumer_named(in.scenario, name); }

  // The copy of a kind that was made at an instant; null if none was.
  const ForkTruth* fork(ForkTruth::Kind kind, Time made) const;
  scenario::Safety safety_in(const std::string& phase) const {
    return rehearse::safety_in(in.scenario.safety(), phase);
  }
};

// "fault burst" → "burst", "defect cdc.sink.deletes" → "cdc.sink.deletes", "repair" → "repair".
std::string shown_cause(const std::string& cause);
// The names of a set's causes; "unknown" if the truth knows none.
std::vector<std::string> shown_causes(const CauseTable& causes, CauseSet set);

}  // namespace rehearse::judging
