// When checks ran, and when somebody held a part of a pipeline.
//
// A run that is over at once (a monitor's) has no length to show and is left out with its whole check.
#include <algorithm>

#include "harness/judge/parts.h"

namespace rehearse::judging {
namespace {

// All of few runs; of many, those that said something, as far as they fit, and the rest evenly spaced. In order.
std::vector<const CheckRun*> kept(const std::vector<const CheckRun*>& runs) {
  if (runs.size() <= runs_kept_most) return runs;
  std::vector<const CheckRun*> telling, others;
  for (const CheckRun* run : runs) (!run->data || run->discrepancies() > 0 ? telling : others).push_back(run);
  if (telling.size() > runs_kept_most) telling.resize(runs_kept_most);
  const std::size_t room = std::min(runs_kept_most - telling.size(), others.size());
  for (std::size_t i = 0; i < room; ++i) telling.push_back(others[i * others.size() / room]);
  std::sort(telling.begin(), telling.end(), [](const CheckRun* a, const CheckRun* b) { return a->number < b->number; });
  return telling;
}

}  // namespace

void write_check_runs(const Case& c, const std::vector<CheckScore>& scores, result::Result& result) {
  std::vector<std::vector<const CheckRun*>> runs(scores.size());
  for (const CheckRun& run : c.in.runs) runs[run.check].push_back(&run);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (std::none_of(runs[i].begin(), runs[i].end(), [](const CheckRun* r) { return r->reported > r->started; }))
      continue;
    result::CheckRuns& out = *result.add_check_runs();
    out.set_check(scores[i].check->name);
    const std::vector<const CheckRun*> shown = kept(runs[i]);
    for (const CheckRun* run : shown) {
      out.add_began_at_ns(run->started.ns);
      out.add_lasted_ns((run->reported - run->started).ns);
      out.add_claims(run->discrepancies());
      out.add_no_data(!run->data);
    }
    out.set_left_out(scores[i].runs - shown.size());
  }
}

void write_pauses(const Case& c, result::Result& result) {
  for (const HoldTruth& hold : c.in.holds) {
    result::Pause& pause = *result.add_pauses();
    pause.set_pipeline(hold.pipeline);
    pause.set_part(hold.part);
    pause.set_reason(hold.reason);
    pause.set_by(hold.by);
    pause.set_from_at_ns(hold.from.ns);
    if (hold.until) pause.set_until_at_ns(hold.until->ns);
  }
}

}  // namespace rehearse::judging
