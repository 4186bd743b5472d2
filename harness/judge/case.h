// What every part of the judgement works on: the inputs, and the truth made ready to be asked.
//
// Safety, in one place. A store is unsafe while more of its rows are divergent than `safety.max_divergence` lets be (a
// share is of its keys: those expected or those it holds at the end, whichever are more) and, unless `safety.stale`
// allows it, while it is stale. A fallback works while it is neither stale by its own promise (whatever `safety.stale`
// says: it is where a rollback lands) nor divergent beyond the same limit.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/judge/divergences.h"
#include "harness/judge/judge.h"
#include "harness/judge/spans.h"

namespace rehearse::judging {

struct Case {
  explicit Case(const JudgeInputs& inputs);

  const JudgeInputs& in;
  Time end;
  Divergences divergences;
  std::vector<Spans> stale;  // by store, up to the end

  const std::string& store_name(StoreId store) const { return in.truth.stores[store].name; }
  std::optional<StoreId> store_of_pipeline(std::string_view pipeline) const;
  std::optional<StoreId> store_named(std::string_view name) const;
  const scenario::Consumer* consumer(std::string_view name) const;  // of the plan or of the world

  std::uint64_t most_divergent_rows(StoreId store) const;  // that are still safe
  Spans divergent(StoreId store) const;                    // beyond that
  Spans unsafe(StoreId store) const;
  Spans not_a_fallback(StoreId store) const;
  // What is unsafe, or no fallback, at an instant: "orders_streaming had 12 divergent rows and was stale".
  std::string ailment(StoreId store, Time t) const;
};

// "fault burst" → "burst", "defect cdc.sink.deletes" → "cdc.sink.deletes", "repair" → "repair".
std::string shown_cause(const std::string& cause);
// The names of a set's causes; "unknown" if the truth knows none.
std::vector<std::string> shown_causes(const CauseTable& causes, CauseSet set);

}  // namespace rehearse::judging
