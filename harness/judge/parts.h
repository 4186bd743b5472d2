// The parts of the result that are judged apart from the plan's decisions. Each writes its own fields and no others.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/judge/case.h"
#include "harness/judge/claims.h"

namespace rehearse::judging {

// matrix.cpp: faults and defects against checks. A cell's divergences are the intervals of that cause, in the check's
// scope, that covered a whole run of the check; an interval with several causes stands in the row of each. A false
// alarm stands with every fault that was at work during the run, or in the row without a name.
void write_matrix(const Case& c, const std::vector<CheckScore>& scores, result::Result& result);

// stores.cpp: divergence and staleness by store; what the scenario calls unsafe; what the log could not carry.
void write_stores(const Case& c, result::Result& result);
void write_safety(const Case& c, result::Result& result);

// series.cpp: over time. Of a long series means of stretches, with the least and the greatest value of each.
void write_series(const Case& c, result::Result& result);
struct Point {
  Time at;
  double value = 0;  // NaN: missing
};
void write_points(const std::vector<Point>& points, result::Series& out);
void write_steps(const std::vector<Step>& steps, Time end, result::Series& out);  // from 0 at the start, up to the end
// In units of `unit`.
void write_series_of(const LongSeries& series, double unit, result::Series& out);

// classes.cpp: what was divergent and what was claimed, by class, in all and over time.
void write_classes(const Case& c, const std::vector<CheckScore>& scores, result::Result& result);
void write_class_series(const Case& c, result::Result& result);
const char* class_of(DivergentInterval::Kind kind);

// when.cpp: when checks ran, and when parts of pipelines were held, by whom and why.
inline constexpr std::size_t runs_kept_most = 2'000;  // of a check
void write_check_runs(const Case& c, const std::vector<CheckScore>& scores, result::Result& result);
void write_pauses(const Case& c, result::Result& result);

// exposures.cpp: who read what that was unsafe, and for how long.
void write_exposures(const Case& c, result::Result& result);

// bottlenecks.cpp: what held pipelines up that were late or had a full buffer.
void write_bottlenecks(const Case& c, result::Result& result);

// advice.cpp: what to change, of a result whose judgements, rollbacks, exposures and bottlenecks are written.
void write_advice(const Case& c, result::Result& result);

// harm.cpp: reads by consumer.
const char* tier_name(int tier);
void write_consumers(const Case& c, result::Result& result);
// Reads of all consumers in [from, to).
result::Harm harm_between(const Case& c, Time from, Time to);

// faults.cpp: what struck, and what was built wrong, as far as it made rows divergent; marks on the timeline; audit.
void write_faults(const Case& c, result::Result& result);
void write_marks(const Case& c, result::Result& result);
void write_audit(const Case& c, result::Result& result);

// capture_loss.cpp: what the captured log could not carry, by the second witness; one entry a table and kind of loss.
void write_source_log_incomplete(const Case& c, result::Result& result);
std::uint64_t rows_lost(const WitnessComparison& comparison);

// capture.cpp: what the stream itself could not tell, and how much of it was replayed.
void write_capture(const Case& c, result::Result& result);

// conservation.cpp: where every change went. Asserts what must add up.
void write_conservation(const Case& c, result::Result& result);

// not_modelled.cpp: what this scenario touches and Rehearse leaves out.
void write_not_modelled(const Case& c, result::Result& result);

}  // namespace rehearse::judging
