// The judge: scores what checks claimed and what the plan decided against the truth, and writes the result.
//
// It reads records only: the oracle's truth, the reports of checks, the plan's record. It never looks at the world, so
// it can be tried with a few lines of made-up records. Left out: digests, figures and anything about the machine, which
// are passed through as they are given.
//
// What is a right claim, a false GO, a right rollback, and which verdict follows: see claims.h, gates.h, rollback.h and
// verdict.h, one page each.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/migration/records.h"
#include "harness/oracle/credit.h"
#include "harness/oracle/truth_record.h"
#include "harness/reconcile/check.h"
#include "harness/reconcile/metrics.h"
#include "harness/reconcile/repair.h"
#include "reports/result/result.pb.h"
#include "scenarios/schema/scenario.pb.h"
#include "sim/capture/witness.h"
#include "sim/kernel/time.h"
#include "sim/routing/routing.h"
#include "sim/rows/marks.h"

namespace rehearse {

// Texts that need content, which the judge does not have.
class Names {
 public:
  virtual ~Names() = default;
  virtual std::string table(TableId table) const = 0;
  virtual std::string key(TableId table, RowId row) const = 0;

  struct Column {
    std::string name{};
    std::optional<std::string> expected, actual;  // none: NULL, or no row
    bool differs = false;
  };
  // A row of a source's table that each side was made of, where a dataset has rows of its own.
  struct Origin {
    std::string table{};
    bool looked_up = false;
    std::optional<std::string> expected{}, actual{};  // its key and what it said; none: no row
  };
  struct RowTexts {
    bool expected_absent = false, actual_absent = false;
    std::vector<Column> columns{};
    std::vector<Origin> made_of{};
  };
  // The contents of a row in the given state; none: they cannot be told.
  virtual std::optional<RowTexts> row(TableId table, RowId row, const RowState& state) const = 0;
  // For which of its causes the row differs in these columns (as Claim::columns), or is not one row.
  virtual std::vector<CauseId> causes_in_columns(const DivergentInterval& divergent, std::uint64_t columns) const = 0;
  // A row as source and store hold it when the judge asks: at the end of the rehearsal.
  virtual RowState at_end(StoreId store, TableId table, RowId row) const = 0;
};

// A fault of the scenario as it really struck. Its cause is named "fault NAME" in the table of causes.
struct FaultTruth {
  struct Strike {
    Time at;
    std::optional<Time> until{};  // none: it lasted to the end; of a strike that is over at once, its own instant
    std::uint64_t hits = 0;       // of what a dataset reads
    bool held_up = true;          // the oldest change that was not visible then stood still by it
  };
  std::string name{};
  std::string kind{};
  std::string target{};  // what it acts on, in words; may be empty
  std::string detail{};  // its parameters in words; may be empty
  std::vector<Strike> strikes{};
  std::uint64_t hits = 0;                   // of all strikes
  bool delays = false;                      // it can make changes late
  bool struck() const { return hits > 0; }  // a strike that hit nothing was none
};

// Where the changes of one streaming pipeline went: its components' own counters, at the end of the rehearsal.
struct StreamCounts {
  std::string pipeline{};
  std::uint64_t read = 0, snapshot = 0, replayed = 0, copied = 0;  // by the connector
  std::uint64_t unread = 0;                  // changes that are committed, and rows of the initial snapshot
  std::uint64_t not_visible = 0;             // of all that is to be read, has been read, or is in the topic, each once
  std::uint64_t tapped = 0;                  // dropped between connector and topic
  std::uint64_t held = 0;                    // held back there
  std::uint64_t appended = 0;                // to the topic
  std::uint64_t fetched = 0, refetched = 0;  // from the topic
  std::uint64_t applied = 0, applied_again = 0, ignored = 0, deduplicated = 0, expired = 0;
  std::uint64_t dropped = 0;    // by a crash of an at-most-once pipeline
  std::uint64_t abandoned = 0;  // by a crash of an at-least-once pipeline, to be fetched again
  std::uint64_t under_way = 0;  // fetched, and nothing of the above yet
  std::uint64_t not_first = 0;  // of ignored, deduplicated, expired and dropped: what came again
};
// Of one batch job: the changes of its tables.
struct BatchCounts {
  std::string pipeline{};
  std::uint64_t changes = 0;
  std::uint64_t extracted = 0;  // changes that some load carried
  std::uint64_t not_yet = 0;    // committed after the last extract; the rest was superseded
  std::uint64_t cycles = 0;     // that were due
};

// A stretch in which somebody held a part of a pipeline, so that it did not run.
struct HoldTruth {
  std::string pipeline{};
  std::string part{};    // "batch job", "connector", "members"
  std::string reason{};  // "paused", "crashed"
  std::string by{};      // "phase canary", "rollback", "repair[0] of fields", "fault restart"
  Time from{};
  std::optional<Time> until{};  // none: to the end
};

// How many records had come to the stages of a stream, and left them, since the start.
struct StageCounts {
  std::uint64_t committed = 0;  // changes at the source, and rows of the initial snapshot that were read
  std::uint64_t read = 0;       // by the connector
  std::uint64_t appended = 0;   // to the topic
  std::uint64_t fetched = 0;    // from it; again after a crash
  std::uint64_t buffered = 0;   // done by the processor and waiting for the sink, at that instant
  std::uint64_t written = 0;    // by the sink
  std::uint64_t processed() const { return written + buffered; }
};

// What was behind and how old, of one store that a pipeline writes, at instants of the rehearsal in order.
struct StoreSamples {
  StoreId store = 0;
  std::vector<Time> at{};
  std::vector<std::uint64_t> lag_records{};  // committed at the source, not yet visible; 0 for a batch job's store
  std::vector<Duration> age{};               // of the oldest change not yet visible, or of the last load's extract
  std::vector<StageCounts> stages{};         // of a stream
};

// What came of a decision in a copy of the rehearsal that went on by what was at work then (harness/campaign/forks.h).
struct ForkTruth {
  enum class Kind : std::uint8_t {
    as_decided,        // after a GO: no rollback, no further move
    drill,             // the plan's rollback, at the GO
    late_drill,        // and at the look-ahead's end
    without_rollback,  // where a trigger fired
    with_rollback
  } kind = Kind::as_decided;
  Time made;                  // at a decision
  std::string phase;          // in which the plan was then
  std::optional<Time> fired;  // of one that rolls back
  Time end;
  TruthRecord truth;  // as of its end, without what was over when it was made
  CauseTable causes;
  Routing routing;
  std::vector<HoldTruth> holds;
  std::vector<FaultTruth> faults;  // as they struck in the copy
  std::vector<std::string> failed_steps;
};

// How much of a captured stream was replayed up to the end, and of that before the start.
struct CaptureCounts {
  std::uint64_t transactions = 0;  // of the stream, in all repetitions
  std::uint64_t transactions_done = 0;
  std::uint64_t transactions_before_start = 0;
  std::uint64_t changes_within = 0;  // done after the start
};

struct JudgeInputs {
  const scenario::Scenario& scenario;
  const TruthRecord& truth;
  const std::vector<CheckDescription>& checks;  // in the scenario's order
  const std::vector<CheckRun>& runs;            // of all checks; each check's in the order of its reports
  const CauseTable& causes;
  const Names& names;

  std::vector<RunsNotKept> runs_not_kept{};  // beside `runs`, by check; empty: all are kept
  const CreditRecord* credit = nullptr;      // of claims about figures; none: no run made any
  const MetricStore* metrics = nullptr;
  const MigrationRecord* migration = nullptr;
  const std::vector<AuditEntry>* repairs = nullptr;
  std::vector<FaultTruth> faults{};  // all of the scenario, in its order
  // The faults without which the rollback would not have happened, from paired reruns; none: no reruns were made.
  std::optional<std::vector<std::string>> necessary{};

  std::vector<ForkTruth> forks{};  // in the order of the decisions
  std::vector<StreamCounts> streams{};
  std::vector<BatchCounts> batches{};
  std::vector<StoreSamples> samples{};
  Routing routing{};               // of the consumers, in the order of the truth's
  std::vector<HoldTruth> holds{};  // in the order in which they began
  const CapturedStream* capture = nullptr;
  CaptureCounts replayed{};                                 // of the capture
  std::optional<std::vector<WitnessComparison>> witness{};  // of a captured source with a second witness

  Time horizon{};                    // the scenario's duration
  std::optional<Time> stopped_at{};  // earlier, if it was interrupted
  std::int64_t start_unix_ns = 0;
  std::uint64_t seed = 0;

  // Passed through.
  std::string scenario_file{};
  std::string version{};
  std::string replay{};
  std::vector<std::pair<std::string, std::string>> depends_on{};
  std::vector<std::string> warnings{};
  std::vector<result::Mark> marks{};  // that neither the plan nor the faults make: cycles, schema changes
  result::Digests digests{};
  result::Figures figures{};
  // Where a path of the scenario was written ("file.yaml:80:3"); may be empty.
  std::function<std::string(const std::string& path)> where{};

  Time end() const { return stopped_at ? std::min(*stopped_at, horizon) : horizon; }
};

result::Result judge(const JudgeInputs& inputs);

}  // namespace rehearse
