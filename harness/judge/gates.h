// GO and NO-GO against the truth.
//
// - A GO is judged if it moved somebody or did something to a pipeline, and each move in a soak by itself. It is false
// if
//   at that instant the store that a reader concerned is sent to (course.h) is unsafe or still loading; or if, in the
//   copy of the rehearsal that goes on by what was at work then, a reader is exposed for longer than
//   `safety.max_exposure` in all within `safety.look_ahead`; or if, where `safety.rollback` is required, the plan has
//   no rollback, or a drill of it – at the GO or at the look-ahead's end – does not land (landing.h). A copy that a
//   captured stream's end cut short says nothing beyond it.
// - What the faults bring that had not struck is bad luck: it is told, and makes no GO false.
// - The earliest safe time of a GO is the first instant since the entry of the phase before it from which on a whole
//   look-ahead is safe in the rehearsal itself; the time lost is what passed from there to the GO.
// - A gate that held to the end is a false NO-GO if in the rehearsal itself the target was safe and the store to fall
// back
//   on in order all the time from its earliest possible opening (its least length and its soak over) to the end; it is
//   not judged if there is no such time, or if the rehearsal was interrupted.
#pragma once

#include <vector>

#include "harness/judge/case.h"

namespace rehearse::judging {

std::vector<result::GateJudgement> judge_gates(const Case& c);

}  // namespace rehearse::judging
