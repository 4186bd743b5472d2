// GO and NO-GO against the truth.
//
// - A GO is false if, at the GO or within `safety.look_ahead` of it (both ends included), the store that consumers are
//   switched to was unsafe, or, where `safety.rollback` is required, a store to fall back on was none (case.h says what
//   both mean), or the plan has no rollback at all. The stores to fall back on are the declared `fallback` of each
//   consumer that the phase moves, else the store of the pipeline that the plan comes from. What lies beyond the end of
//   the rehearsal is taken for safe, and the sentence says so.
// - The earliest safe time of a GO is the first instant since the entry of the phase before it from which on a whole
//   look-ahead is safe; the time lost is what passed from there to the GO. What the GO itself brought about (a paused
//   batch job grows stale) is not undone for this.
// - A gate that held to the end is a false NO-GO if both stores were safe all the time from its earliest possible
// opening
//   (its least length and its soak over) to the end; it is not judged if there is no such time, or if the rehearsal was
//   interrupted.
#pragma once

#include <vector>

#include "harness/judge/case.h"

namespace rehearse::judging {

std::vector<result::GateJudgement> judge_gates(const Case& c);

}  // namespace rehearse::judging
