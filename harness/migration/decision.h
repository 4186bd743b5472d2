// A say that the user's own program or library has in the plan: asked every so often, it answers proceed, hold or
// roll_back.
//
// It is asked with the metrics as they were reported by then, and its answer is known when the time that it takes is
// over; what it answered in one phase does not count in the next, nor does a question asked in it. `proceed` is one
// more thing that the gate asks for; no answer is not one. Left out: what it did before, which it is not told.
// Invariant: a pure function of what Operations::ask() answered and when.
#pragma once

#include <optional>
#include <string>

#include "harness/migration/metric_source.h"
#include "harness/migration/operations.h"
#include "harness/migration/plan.h"
#include "harness/migration/records.h"
#include "sim/kernel/time.h"

namespace rehearse {

class DecisionWatch {
 public:
  void enter(const DecidePlan& plan, Time now);
  // Takes an answer that is known by now, and asks if it is time; true if an answer came.
  bool go_on(const Plan& plan, const std::string& phase, const MetricSource& metrics, Operations& operations,
             MigrationRecord& record, Time now);
  Time next() const { return answer_ ? answer_->known : due_; }
  // Whether an answer to what was asked at t or before, or was to be, has yet to come.
  bool awaits(Time t) const { return answer_ || due_ <= t; }
  // The latest in this phase.
  std::optional<ProgramDecision> latest() const { return latest_; }

 private:
  bool ask(const Plan& plan, const std::string& phase, const MetricSource& metrics, Operations& operations, Time now);
  Time entered_;
  Time due_ = Time::never();
  std::optional<DecisionRecord> answer_;  // that is still on its way
  std::optional<ProgramDecision> latest_;
};

DecisionQuestion decision_question(const Plan& plan, const std::string& phase, Time entered,
                                   const MetricSource& metrics, Time now);
// What a program is told, as one line of JSON.
std::string json_of(const DecisionQuestion& question);
// What it answered: a word, or a JSON object with `decision` and perhaps `why`.
Decision read_decision(const std::string& output);

}  // namespace rehearse
