// The life of one row in one rehearsal: every change, where each copy went, what was lost or repeated, what each check
// said of it, and when it was right.
//
// The rehearsal is run once more while every write of the row is told. Being told of changes nothing: the story's
// digests are those of the run. Left out: checks that claim counts or aggregates, which speak of no row.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/campaign/rehearsal.h"

namespace rehearse {

struct RowMoment {
  Time at;
  std::string where;  // "source", a topic, a store, a check
  std::string what;
  std::string content;  // of the row there and then; empty where the moment does not change it
  bool wrong = false;   // the row was divergent from here on, or a claim was false
};

// What is told of, both ends included.
struct StorySpan {
  Time from = Time::before_all();
  Time until = Time::never();
};

struct RowStory {
  std::string table;
  std::string key;
  std::int64_t start_unix_ns = 0;  // what Time 0 is
  StorySpan span;
  std::map<std::string, RowMoment> before;  // by place: the last moment before the span
  std::vector<RowMoment> moments;           // by time; at most `most_moments`
  bool cut_short = false;                   // there were more
  static constexpr std::size_t most_moments = 100'000;

  void tell(RowMoment moment);
};

struct RowStoryResult {
  std::optional<RowStory> story;
  std::string error;  // says what there is instead, if there is no such table or key
};

RowStoryResult row_story(const LoadedScenario& scenario, const SharedInputs& inputs, const RehearsalOptions& options,
                         const std::string& table, const std::string& key, const StorySpan& span = {});

}  // namespace rehearse
