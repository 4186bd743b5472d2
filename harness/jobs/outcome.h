// What is kept of each rehearsal of a campaign: one list of relations, which the file's tables, their documentation and
// the messages of workers all come from.
#pragma once

#include <string>
#include <vector>

#include "harness/jobs/outcome.pb.h"
#include "reports/result/result.pb.h"
#include "scenarios/schema/scenario.pb.h"

namespace rehearse {

struct KeptColumn {
  const char* name;
  const char* type;  // SQLite's
  const char* help;
};

// A table of the file; beside its columns each row has the job's number and, from 0, its own within the job.
struct KeptRelation {
  const char* name;
  const char* help;
  std::vector<KeptColumn> columns;
  void (*rows)(const scenario::Scenario&, const result::Result&, jobs::Rows&);
};

const std::vector<KeptRelation>& kept_relations();

jobs::Outcome outcome_of(const scenario::Scenario& scenario, const result::Result& result);

}  // namespace rehearse
