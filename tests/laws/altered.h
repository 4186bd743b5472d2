// A recorded rehearsal made otherwise, for the laws that speak of the judge alone: readers twice, readers and faults in
// another order, other names, one read more.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/judge/judge.h"

namespace rehearse::laws {

// A copy of the parts of a record that laws alter; everything else is the record's own, which outlives it.
struct Altered {
  explicit Altered(const JudgeInputs& recorded);

  scenario::Scenario scenario;
  TruthRecord truth;
  MigrationRecord migration;
  std::vector<CheckDescription> checks;
  std::vector<FaultTruth> faults;
  std::vector<ForkTruth> forks;
  Routing routing;
  std::vector<HoldTruth> holds;

  JudgeInputs inputs() const;

 private:
  const JudgeInputs* recorded_;
};

// One more read of a reader, with what it found.
void add_read(ConsumerTruth& reader, Time at, StoreId store, ReadOutcome found);
// A reader stands in every part of the record once more, after all others, by another name.
void clone_reader(Altered& record, std::uint32_t reader, const std::string& name);
// Readers and faults in the opposite order.
void reverse_declarations(Altered& record);
// Every name of a reader, store, pipeline, phase and check becomes what `renamed` makes of it. Faults keep theirs, for
// causes are called by them.
void rename(Altered& record, const std::function<std::string(const std::string&)>& renamed);

}  // namespace rehearse::laws
