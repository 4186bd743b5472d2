// trace.json: the rehearsal in the trace event format of Chrome (chrome://tracing, Perfetto), in simulated time.
//
// Processes are the plan, its gates, the rollback, faults, pipelines, checks and repairs; threads are phases, criteria,
// steps, faults, …, each named by metadata events. What lasts is a complete event (`ph: X`, `ts` and `dur` in
// microseconds since the start), what happens at an instant an instant event. Events of one thread never overlap: one
// that would goes to a second thread of the same name. Left out: single records, and runs of checks that take no time.
#pragma once

#include <string>

#include "reports/result/result.pb.h"

namespace rehearse::reports {

std::string render_trace(const result::Result& result);

}  // namespace rehearse::reports
