#include "harness/campaign/rehearsal.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/campaign/forks.h"
#include "harness/campaign/names.h"
#include "harness/campaign/reruns.h"
#include "harness/campaign/run.h"
#include "harness/campaign/stage.h"
#include "harness/campaign/version.h"

namespace rehearse {
namespace {

// ---- what the judge is given ---------------------------------------------------------------------------------------

std::vector<StreamCounts> stream_counts(const World& world) {
  std::vector<StreamCounts> all;
  for (const StreamPipeline& stream : world.streams) {
    const Connector::Counts& c = stream.connector.counts();
    const SinkLane::Counts& s = stream.lane.counts();
    all.push_back({.pipeline = stream.name,
                   .read = c.read,
                   .snapshot = c.snapshot,
                   .replayed = c.replayed,
                   .copied = c.copied,
                   .unread = stream.connector.unread(world.source) + stream.connector.snapshot_left(),
                   .not_visible = stream.lane.not_visible(world.source, stream.topic, stream.connector) +
                                  stream.connector.snapshot_left(),
                   .tapped = c.dropped,
                   .held = stream.connector.held(),
                   .appended = stream.topic.appended,
                   .fetched = s.fetched,
                   .refetched = s.refetched,
                   .applied = s.applied,
                   .applied_again = s.applied_again,
                   .ignored = s.ignored,
                   .deduplicated = s.deduplicated,
                   .expired = s.expired,
                   .dropped = s.dropped,
                   .abandoned = s.abandoned,
                   .under_way = stream.lane.under_way(),
                   .not_first = s.not_first});
  }
  return all;
}

std::vector<BatchCounts> batch_counts(const World& world) {
  std::vector<BatchCounts> all;
  for (const BatchJob& job : world.batches) {
    BatchCounts counts;
    counts.pipeline = job.name;
    counts.changes = world.source.end();
    counts.not_yet = world.source.end() - job.pipeline.position();
    counts.extracted = job.pipeline.position();
    counts.cycles = job.due;
    all.push_back(std::move(counts));
  }
  return all;
}

CaptureCounts replayed(const Run& run) {
  CaptureCounts counts;
  const CapturedReplay* replay = run.world.source.captured();
  if (!replay) return counts;
  const CapturedStream& stream = replay->stream();
  counts.transactions = replay->transactions();
  counts.transactions_done = replay->transactions_done();
  counts.transactions_before_start = std::min(replay->transactions_before_start(), counts.transactions_done);
  const std::uint64_t before = counts.transactions_before_start;
  counts.changes_within = replay->changes_done() - (before == 0 ? 0 : stream.transactions[before - 1].end);
  return counts;
}

result::Figures figures_of(const Run& run) {
  result::Figures figures;
  const World& world = run.world;
  figures.set_changes(world.source.changes());
  figures.set_agenda_events(run.events);
  if (const SyntheticWorkload* workload = world.source.synthetic()) figures.set_transactions(workload->transactions());
  else figures.set_transactions(world.source.captured()->transactions_done());
  std::uint64_t slots = 0, bytes = 0;
  for (TableId table = 0; table < world.source.tables(); ++table) {
    if (world.source.meant(table) != table) continue;
    slots += world.source.rows(table).slots();
    for (StoreId store = 0; store < world.stores.size(); ++store)
      if (world.stores[store].holds[table]) bytes += world.rows(store, table).cell_bytes();
  }
  figures.set_slots(slots);
  figures.set_bytes_per_slot(slots > 0 ? static_cast<double>(bytes) / static_cast<double>(slots) : 0);
  figures.set_log_bytes(run.most_log_bytes);
  figures.set_row_time_bytes(world.source.row_time_bytes());
  std::uint64_t compared = 0;
  for (const CheckRun& check : run.reconciler.runs()) compared += check.rows_compared;
  for (const RunsNotKept& more : run.reconciler.runs_not_kept()) compared += more.rows_compared;
  figures.set_rows_compared(compared);
  return figures;
}

// The outcome: what checks reported, what the plan decided, and what was true.
Digest128 outcome_digest(const Run& run, const TruthRecord& truth) {
  Digest digest;
  digest.add(run.reconciler.digest());
  if (run.migration) digest.add(digest_of(run.migration->record()));
  for (const DivergentInterval& interval : truth.intervals) {
    digest.add(std::uint64_t{interval.store} << 40 | std::uint64_t{interval.table} << 32 | interval.row);
    digest.add(static_cast<std::uint64_t>(interval.from.ns));
    digest.add(static_cast<std::uint64_t>(interval.until.ns));
    for (const CauseId cause : run.world.causes.members(interval.causes)) digest.add(run.world.causes.name(cause));
  }
  for (const ConsumerTruth& consumer : truth.consumers)
    for (const ReadOutcome outcome : all_outcomes()) digest.add(consumer.all[outcome]);
  return digest.value();
}

std::vector<result::Mark> marks_of(const World& world) {
  std::vector<result::Mark> marks;
  for (TableId table = 0; table < world.source.tables(); ++table) {
    const TableSchema& schema = world.source.schema(table);
    if (schema.derived) continue;
    for (std::size_t version = 1; version < schema.versions.size(); ++version) {
      result::Mark mark;
      mark.set_at_ns(schema.versions[version].at.ns);
      mark.set_kind(result::Mark::schema);
      mark.set_text("schema of " + schema.name);
      marks.push_back(std::move(mark));
    }
  }
  return marks;
}

}  // namespace

result::Result rehearse(const LoadedScenario& loaded, const SharedInputs& inputs, const RehearsalOptions& options,
                        const std::function<result::Result(const JudgeInputs&)>& judge_of_it) {
  const Time horizon{loaded.proto.duration_ns()};
  Run run(assemble(loaded, inputs, options.assembly), options);

  Forks forks(loaded.proto, options);
  if (run.migration) forks.decided(run);  // what the first phase does
  Stage running(options, run.world, horizon, "running", [&] {
    return run.migration ? run.migration->record().phases[run.migration->phase()].name : std::string();
  });
  run.until(
      horizon, [&] { return running.interrupted(); }, nullptr, &forks);
  const std::vector<StreamCounts> streams = stream_counts(run.world);  // before the draining that follows the end
  const std::vector<BatchCounts> batches = batch_counts(run.world);
  run.finish();

  const TruthRecord truth = run.oracle.record(run.world);
  const WorldNames names(run.world);
  JudgeInputs judged{.scenario = loaded.proto,
                     .truth = truth,
                     .checks = run.reconciler.checks(),
                     .runs = run.reconciler.runs(),
                     .causes = run.world.causes,
                     .names = names};
  judged.runs_not_kept = run.reconciler.runs_not_kept();
  judged.credit = &run.credit.record();
  judged.metrics = &run.reconciler.metrics();
  judged.migration = run.migration ? &run.migration->record() : nullptr;
  judged.repairs = &run.reconciler.audit();
  judged.faults = faults_of(loaded.proto.world(), run, run.effects_at_end);
  judged.streams = streams;
  judged.batches = batches;
  judged.samples = run.samples;
  judged.routing = run.world.routing;
  judged.holds = holds_of(run.world, run.holds_at_end);
  judged.forks = forks.take();
  judged.capture = inputs.capture.get();
  judged.replayed = replayed(run);
  judged.witness = inputs.witness;
  judged.horizon = horizon;
  if (run.ended < horizon) judged.stopped_at = run.ended;
  judged.start_unix_ns = run.world.start_unix_ns;
  judged.seed = static_cast<std::uint64_t>(loaded.proto.seed());
  judged.scenario_file = options.scenario_file;
  judged.version = version();
  judged.depends_on = what_determinism_depends_on();
  judged.replay = options.replay;
  judged.marks = marks_of(run.world);
  judged.figures = figures_of(run);
  judged.figures.set_forks(judged.forks.size());
  judged.figures.set_fork_changes(forks.changes());
  judged.digests.set_trajectory(run.trajectory.hex());
  judged.digests.set_outcome(outcome_digest(run, truth).hex());
  judged.where = [&](const std::string& path) {
    const Place place = loaded.place(path);
    return fmt::format("{}:{}:{}", place.file, place.line, place.column);
  };
  if (options.twins && run.migration && run.migration->rolled_back() && !options.is_interrupted()) {
    Reruns reruns = without_each_fault(loaded, inputs, options, run);
    judged.necessary = std::move(reruns.necessary);
    judged.figures.set_rerun_changes(reruns.changes);
  }
  if (options.progress) options.progress({.stage = "judging", .now = horizon, .end = horizon, .phase = {}});
  return judge_of_it(judged);
}

}  // namespace rehearse
