// When checks ran, and when the plan or its rollback had a pipeline paused.
//
// A run that is over at once (a monitor's) has no length to show and is left out with its whole check.
#include <algorithm>
#include <map>
#include <string_view>

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

struct Switch {
  Time at;
  bool pause = false;
  std::string pipeline, by;
};

// "pause nightly" and "resume nightly", as actions of phases and steps of a rollback are written.
void note(std::vector<Switch>& switches, std::string_view text, Time at, const std::string& by) {
  for (const bool pause : {true, false}) {
    const std::string_view verb = pause ? "pause " : "resume ";
    if (text.starts_with(verb)) switches.push_back({at, pause, std::string(text.substr(verb.size())), by});
  }
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
    out.set_left_out(runs[i].size() - shown.size());
  }
}

void write_pauses(const Case& c, result::Result& result) {
  if (!c.in.migration) return;
  std::vector<Switch> switches;
  for (const PhaseRecord& phase : c.in.migration->phases)
    for (const ActionRecord& action : phase.actions)
      if (action.ok) note(switches, action.text, action.at, "phase " + phase.name);
  if (c.in.migration->rollback)
    for (const StepRecord& step : c.in.migration->rollback->steps)
      if (step.ok && step.ended) note(switches, step.text, *step.ended, "rollback");
  std::stable_sort(switches.begin(), switches.end(), [](const Switch& a, const Switch& b) { return a.at < b.at; });
  std::map<std::string, int> open;  // by pipeline, its pause in the result
  for (const Switch& s : switches) {
    const auto found = open.find(s.pipeline);
    if (s.pause && found == open.end()) {
      open[s.pipeline] = result.pauses_size();
      result::Pause& pause = *result.add_pauses();
      pause.set_pipeline(s.pipeline);
      pause.set_from_at_ns(s.at.ns);
      pause.set_by(s.by);
    } else if (!s.pause && found != open.end()) {
      result.mutable_pauses(found->second)->set_until_at_ns(s.at.ns);
      open.erase(found);
    }
  }
}

}  // namespace rehearse::judging
