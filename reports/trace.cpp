#include "reports/trace.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "reports/format.h"

namespace rehearse::reports {
namespace {

using result::Result;

struct Argument {
  const char* name;
  std::string json;
};
using Arguments = std::vector<Argument>;

Argument text(const char* name, std::string_view value) { return {name, json_string(value)}; }
Argument count(const char* name, std::uint64_t value) { return {name, std::to_string(value)}; }

// Microseconds; nanoseconds are the fraction.
std::string microseconds(std::int64_t ns) {
  if (ns % 1000 == 0) return std::to_string(ns / 1000);
  return fmt::format("{}{}.{:03}", ns < 0 ? "-" : "", std::abs(ns) / 1000, std::abs(ns) % 1000);
}

std::string arguments_json(const Arguments& arguments) {
  std::string out;
  for (const Argument& argument : arguments)
    if (argument.json != "\"\"")
      out += fmt::format("{}\"{}\":{}", out.empty() ? "" : ",", argument.name, argument.json);
  return "{" + out + "}";
}

// The events of the trace, process by process; `thread` opens a thread, and what follows belongs to it.
class Trace {
 public:
  void process(const char* name) {
    ++pid_;
    threads_.clear();
    metadata("process_name", 0, json_string(name));
    events_ += fmt::format(
        ",\n{{\"ph\":\"M\",\"pid\":{0},\"tid\":0,\"name\":\"process_sort_index\",\"args\":{{\"sort_index\":{0}}}}}",
        pid_);
  }
  void thread(std::string_view name) { name_ = one_line(name); }
  void lasting(std::string_view name, const char* category, std::int64_t from_ns, std::int64_t until_ns,
               const Arguments& arguments) {
    until_ns = std::max(until_ns, from_ns);
    event(fmt::format("\"ph\":\"X\",\"cat\":\"{}\",\"name\":{},\"ts\":{},\"dur\":{}", category,
                      json_string(one_line(name)), microseconds(from_ns), microseconds(until_ns - from_ns)),
          lane(from_ns, until_ns), arguments);
  }
  void instant(std::string_view name, const char* category, std::int64_t at_ns, const Arguments& arguments) {
    event(fmt::format("\"ph\":\"i\",\"s\":\"t\",\"cat\":\"{}\",\"name\":{},\"ts\":{}", category,
                      json_string(one_line(name)), microseconds(at_ns)),
          lane(at_ns, at_ns), arguments);
  }
  std::string events() const { return events_.substr(events_.empty() ? 0 : 2); }

 private:
  struct Lane {
    int tid;
    std::int64_t busy_until_ns;
  };

  // The first lane that is free from `from_ns` on; a new one has the thread's name too.
  int lane(std::int64_t from_ns, std::int64_t until_ns) {
    std::vector<Lane>& lanes = threads_[name_];
    for (Lane& lane : lanes)
      if (lane.busy_until_ns <= from_ns) {
        lane.busy_until_ns = until_ns;
        return lane.tid;
      }
    lanes.push_back({++tid_, until_ns});
    metadata("thread_name", tid_, json_string(name_));
    return tid_;
  }
  void metadata(const char* what, int tid, const std::string& name) {
    events_ += fmt::format(",\n{{\"ph\":\"M\",\"pid\":{},\"tid\":{},\"name\":\"{}\",\"args\":{{\"name\":{}}}}}", pid_,
                           tid, what, name);
  }
  void event(const std::string& fields, int tid, const Arguments& arguments) {
    events_ += fmt::format(",\n{{\"pid\":{},\"tid\":{},{},\"args\":{}}}", pid_, tid, fields, arguments_json(arguments));
  }

  int pid_ = 0, tid_ = 0;
  std::string name_;
  std::map<std::string, std::vector<Lane>> threads_;  // of the process, by name
  std::string events_;
};

std::int64_t end_of(const Result& result) {
  return result.has_stopped_at_ns() ? result.stopped_at_ns() : result.duration_ns();
}

void add_plan(const Result& result, Trace& trace) {
  trace.process("plan");
  trace.thread("phases");
  for (const result::Phase& phase : result.phases())
    if (phase.has_entered_at_ns())
      trace.lasting(phase.name(), "phase", phase.entered_at_ns(),
                    phase.has_left_at_ns() ? phase.left_at_ns() : end_of(result),
                    {text("left", word(phase.left())), text("moved", joined(phase.moved(), ", ")),
                     text("did", joined(phase.did(), ", "))});
  trace.thread("decisions");
  for (const result::GateJudgement& judgement : result.judgements())
    trace.instant(judgement_words(judgement), "decision", judgement.at_ns(),
                  {text("phase", judgement.phase()), text("why", judgement.why())});
  for (const result::Rollback& rollback : result.rollbacks())
    trace.instant(
        "rollback", "decision", rollback.fired_at_ns(),
        {text("trigger", rollback.trigger()), text("was", word(rollback.was())), text("why", rollback.why())});
}

// The status of each criterion from change to change.
void add_gates(const Result& result, Trace& trace) {
  trace.process("gates");
  for (const result::Gate& gate : result.gates()) {
    std::int64_t end = end_of(result);
    for (const result::Phase& phase : result.phases())
      if (phase.name() == gate.phase() && phase.has_left_at_ns()) end = phase.left_at_ns();
    trace.thread(gate.phase() + ": " + gate.criterion());
    for (int i = 0; i < gate.history_size(); ++i) {
      const result::GateChange& change = gate.history(i);
      Arguments arguments = {text("criterion", gate.criterion())};
      if (change.has_value()) arguments.push_back(text("value", show_value(change.value(), gate.unit())));
      trace.lasting(word(change.status()), "gate", change.at_ns(),
                    i + 1 < gate.history_size() ? gate.history(i + 1).at_ns() : end, arguments);
    }
  }
}

void add_rollbacks(const Result& result, Trace& trace) {
  trace.process("rollback");
  for (const result::Rollback& rollback : result.rollbacks())
    for (const result::RollbackStep& step : rollback.steps()) {
      if (!step.has_started_at_ns()) continue;
      trace.thread(step.name());
      trace.lasting(step.name(), "rollback", step.started_at_ns(),
                    step.has_ended_at_ns() ? step.ended_at_ns() : end_of(result),
                    {text("failed", step.failed() ? "yes" : "no"), text("detail", step.detail())});
    }
}

void add_faults(const Result& result, Trace& trace) {
  trace.process("faults");
  for (const result::Fault& fault : result.faults()) {
    trace.thread(fault.name());
    for (const result::Strike& strike : fault.strikes())
      trace.lasting(fault.name(), "fault", strike.struck_at_ns(),
                    strike.has_healed_at_ns() ? strike.healed_at_ns() : end_of(result),
                    {text("kind", fault.kind()), text("on", fault.target()), text("detail", fault.detail()),
                     count("hits", strike.hits())});
  }
}

void add_pipelines(const Result& result, Trace& trace) {
  trace.process("pipelines");
  for (const result::Pause& pause : result.pauses()) {
    trace.thread(pause.pipeline());
    trace.lasting(pause.reason().empty() ? "paused" : pause.reason(), "pause", pause.from_at_ns(),
                  pause.has_until_at_ns() ? pause.until_at_ns() : end_of(result),
                  {text("by", pause.by()), text("part", pause.part())});
  }
  trace.thread("cycles and schema changes");
  for (const result::Mark& mark : result.marks()) {
    if (mark.kind() != result::Mark::cycle && mark.kind() != result::Mark::schema) continue;
    if (mark.has_until_at_ns()) trace.lasting(mark.text(), "pipeline", mark.at_ns(), mark.until_at_ns(), {});
    else trace.instant(mark.text(), "pipeline", mark.at_ns(), {});
  }
}

void add_checks(const Result& result, Trace& trace) {
  trace.process("checks");
  for (const result::CheckRuns& runs : result.check_runs()) {
    trace.thread(runs.check());
    const int n = std::min({runs.began_at_ns_size(), runs.lasted_ns_size(), runs.claims_size(), runs.no_data_size()});
    for (int i = 0; i < n; ++i)
      trace.lasting(runs.no_data(i)       ? "no data"
                    : runs.claims(i) == 0 ? "nothing found"
                                          : "claims",
                    "check", runs.began_at_ns(i), runs.began_at_ns(i) + runs.lasted_ns(i),
                    {count("claims", runs.claims(i))});
  }
}

void add_repairs(const Result& result, Trace& trace) {
  trace.process("audit");
  for (const result::AuditEntry& entry : result.audit()) {
    trace.thread(entry.actor());
    trace.instant(entry.action(), "audit", entry.at_ns(),
                  {count("rows", entry.rows()), text("detail", entry.detail())});
  }
}

}  // namespace

std::string render_trace(const Result& unsafe) {
  const Result result = with_printable_text(unsafe);
  Trace trace;
  add_plan(result, trace);
  add_gates(result, trace);
  add_rollbacks(result, trace);
  add_faults(result, trace);
  add_pipelines(result, trace);
  add_checks(result, trace);
  add_repairs(result, trace);
  return fmt::format(
      "{{\"displayTimeUnit\":\"ms\",\"otherData\":{{\"scenario\":{},\"seed\":\"{}\",\"verdict\":{},\"start\":{}}},\n"
      "\"traceEvents\":[\n{}\n]}}\n",
      json_string(one_line(result.scenario())), result.seed(), json_string(word(result.verdict())),
      json_string(iso_epoch(result.start_epoch_ns())), trace.events());
}

}  // namespace rehearse::reports
