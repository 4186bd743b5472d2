#include <algorithm>

#include "harness/judge/parts.h"
#include "scenarios/dataset_columns.h"
#include "scenarios/fault_kinds.h"

namespace rehearse::judging {
namespace {

bool any_stream(const scenario::Scenario& s) {
  return std::any_of(s.pipelines().begin(), s.pipelines().end(), [](const auto& p) { return p.has_stream(); });
}
bool any_batch(const scenario::Scenario& s) {
  return std::any_of(s.pipelines().begin(), s.pipelines().end(), [](const auto& p) { return p.has_batch(); });
}
bool any_drift(const scenario::Scenario& s) {
  return s.source().ddl_size() > 0 || std::any_of(s.world().faults().begin(), s.world().faults().end(),
                                                  [](const auto& fault) { return kind_of(fault).changes_columns(); });
}

bool any_transform(const scenario::Scenario& s) {
  return std::any_of(s.datasets().begin(), s.datasets().end(), [](const scenario::Dataset& dataset) {
    return std::any_of(dataset.columns().begin(), dataset.columns().end(),
                       [](const auto& column) { return !as_it_is(column); });
  });
}

}  // namespace

void write_not_modelled(const Case& c, result::Result& result) {
  const scenario::Scenario& s = c.in.scenario;
  const auto say = [&](const char* sentence) { result.add_not_modelled(sentence); };
  say("Locks, constraints and uncommitted reads of the source; the load that extracts, snapshots and checks put on "
      "it.");
  if (any_stream(s)) {
    say("Rebalances of group members, zombies and fencing: a pipeline's members stay as they are.");
    say("Replication of topics, broker failures, compaction and tombstones.");
    say("Transactions across rows at the sink: the rows of one source transaction become visible as they are flushed.");
    say("Dead-letter queues, circuit breakers and poison records; buffers that drop or spill instead of blocking.");
    say("Connector snapshots taken again while running; heartbeats; loss of a replication slot.");
  }
  if (any_batch(s)) say("Torn chunked scans, append loads, and reruns of a batch job by hand.");
  if (any_drift(s))
    say("A schema registry and its compatibility rules: a pipeline maps columns by name or follows the source.");
  if (any_transform(s))
    say("Columns made of several others or of other rows: look-ups, filters, aggregates; lengths of texts and ranges "
        "of "
        "integers.");
  if (s.consumers_size() + s.world().consumers_size() > 0)
    say("Serving: stores answer every read at once, whatever their load, and never fail; a read sees one row.");
  if (s.repair_size() > 0) say("People who repair what is beyond a rule's limit.");
  if (c.in.migration) {
    say("Writers to the new store, so that a rollback loses no acknowledged write; reverse streams and dual writes.");
    say("People: no approvals, no reaction times, no second attempt after a rollback.");
  }
  if (s.source().has_capture()) say("What the captured stream does not carry, but for what the second witness shows.");
  say("Time zones with daylight saving: cron and times of day are in UTC.");
}

}  // namespace rehearse::judging
