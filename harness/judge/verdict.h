// The verdict: were the decisions right?
//
// The judge's own verdict, the weightiest first:
// - fail: a false GO; a rollback that was not right to fire, or did not land; missed danger (rollback.h); a plan that
// held to the end by a false
//   NO-GO although its gate had data.
// - vacuous: a fault of the scenario never struck, so that what it was to put to the test was not. A fault of which
//   `expect: hits:` allows none is exempt.
// - inconclusive: the rehearsal was interrupted; it ended before the plan could have decided (its gate could not yet
// have
//   opened); the plan held because a criterion had no data; nothing was rolled back and a trigger that was armed never
//   had a sample with data; without a migration: a check never had a run with data, or there is no check.
// - pass: everything else. A rollback that was right is a pass, and so is holding for a reason. Without a migration
//   false alarms and missed divergences are reported, not failed: whoever wants more expects more.
// With `expect:` the verdict is the worse of the judge's own and that of the expectations: fail if one is broken,
// vacuous if one speaks of what never struck, inconclusive if one cannot be told. Where the scenario expects a verdict,
// the judge's own is compared with it, as one of the expectations, and these alone decide.
#pragma once

#include <string>
#include <vector>

#include "harness/judge/case.h"
#include "harness/judge/claims.h"
#include "harness/judge/rollback.h"

namespace rehearse::judging {

struct Reason {
  std::string text;
  // The result says the same in a place of its own: a judgement, a rollback, an exposure, an expectation, a check.
  bool told_apart = false;
};

struct Opinion {
  result::Result::Verdict verdict = result::Result::pass;
  std::vector<Reason> reasons;  // the weightiest first; never empty
};

result::Result::Decision decision_of(const Case& c);
result::Outcome outcome_of(const Case& c);
// Of a result whose judgements, rollbacks and faults are written.
Opinion own_opinion(const Case& c, const std::vector<CheckScore>& scores, const result::Result& result);
// Of the opinion and the expectations in the result.
Opinion overall_opinion(const Case& c, const Opinion& own, const result::Result& result);
// "cut over", "inconclusive": as the reports say it.
const char* word(result::Result::Decision decision);
const char* word(result::Result::Verdict verdict);

}  // namespace rehearse::judging
