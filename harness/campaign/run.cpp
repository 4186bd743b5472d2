#include "harness/campaign/run.h"

#include <algorithm>
#include <utility>

#include "harness/oracle/fork.h"
#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

constexpr std::uint64_t events_between_measures = 256;
constexpr std::int64_t lag_samples = 1'000;

}  // namespace

Run::Run(Assembly assembly, const RehearsalOptions& options)
    : world(std::move(*assembly.world)),
      injector(std::move(*assembly.injector)),
      reconciler(assembly.on_trial, ReadView(world)),
      paranoid_(options.paranoid),
      cut_every_(options.cut_every.value_or(minute * 15)),
      lag_every_(Duration{std::max<std::int64_t>(assembly.on_trial.duration_ns() / lag_samples, 1)}) {
  const scenario::Scenario& on_trial = assembly.on_trial;
  if (on_trial.migration().has_decide()) decides_.emplace(on_trial.migration().decide());
  if (on_trial.has_migration()) migration.emplace(plan_of(on_trial, world.start_unix_ns));
  Controls controls(world);
  world.start();
  injector.start(world);
  oracle.start(world);
  reconciler.start(view(), controls);
  if (migration) let_plan(&MigrationRunner::start);
  for (StoreId store = 0; store < world.stores.size(); ++store)
    if (world.stores[store].stream || world.stores[store].batch) samples.push_back({.store = store});
}

void Run::until(Time end, const std::function<bool()>& stop, RunWatcher* watcher, DecisionWatcher* decisions) {
  decisions_ = decisions;
  const auto advance_to = [&](Time to) { advance(to, watcher); };
  const auto handle_event = [&](const Event& event) {
    if (world.now() >= next_lag_) measure_lag();
    handle(event, watcher);
    if (++events % events_between_measures == 0) measure_logs();
    return stop() ? GoOn::no : GoOn::yes;
  };
  // Whoever wants to stop it is asked between events too, which may be far apart.
  for (GoOn on = GoOn::yes; on == GoOn::yes;) {
    const Time to = std::min(world.now() + cut_every_, end);
    on = through_time(world, to, advance_to, handle_event);
    if (to == end || (on == GoOn::yes && stop())) on = GoOn::no;
  }
  decisions_ = nullptr;
}

void Run::go_on_by_what_is_at_work() {
  decisions_ = nullptr;
  credits = false;
  oracle.after_event(world, {Actor::migration, 0, 0, 0});  // a copy may stand in the middle of a decision
  injector.leave_out_what_has_not_struck();
  migration->freeze();
}

void Run::drill() {
  const Event event{Actor::migration, 0, 0, 0};
  oracle.before_event(world, event);
  oracle.rollback_begins(world);
  let_plan(&MigrationRunner::drill);
  oracle.after_event(world, event);
}

std::size_t Run::decisions_made() const {
  const MigrationRecord& record = migration->record();
  std::size_t decisions = record.gos.size() + migration->rolled_back();
  for (const PhaseRecord& phase : record.phases) decisions += phase.moved.size();
  return decisions;
}

void Run::advance(Time to, RunWatcher* watcher) {
  if (watcher) watcher->before(world);
  world.keeps_topics = watcher != nullptr;
  world.advance(to);
  if (watcher) watcher->after(world);
  oracle.advanced(world);
}

// What the plan sees and can do is made for the call: it holds addresses.
void Run::let_plan(void (MigrationRunner::*go_on)(Time, const MetricSource&, Operations&)) {
  const StoredMetrics metrics(reconciler.metrics());
  WorldOperations operations(view(), Controls(world), reconciler, decides_ ? &*decides_ : nullptr, [&] {
    if (decisions_) decisions_->before_rollback(*this);
    oracle.rollback_begins(world);
  });
  const std::size_t before = decisions_made();
  ((*migration).*go_on)(world.now(), metrics, operations);
  tell_faults_of_phases();
  if (decisions_ && decisions_made() > before) decisions_->decided(*this);
}

void Run::handle(const Event& event, RunWatcher* watcher) {
  oracle.before_event(world, event);
  if (watcher) watcher->before(world);
  switch (event.actor) {
    case Actor::faults:
      injector.handle(event, world);
      break;
    case Actor::world:
      world.handle(event);
      break;
    case Actor::migration:
      let_plan(&MigrationRunner::on_event);
      break;
    case Actor::reconcile: {
      ReadView seen = view();
      Controls controls(world);
      CreditingOnlooker onlooker(world, oracle, credit);
      reconciler.handle(event.code, event.index, seen, controls, credits ? &onlooker : nullptr);
      if (migration) let_plan(&MigrationRunner::on_event);
      break;
    }
    case Actor::consumers:
      if (const std::optional<Read> read = world.read(event.index, event.argument)) oracle.saw(*read, world);
      break;
    case Actor::oracle:
      REHEARSE_ASSERT(false, "the oracle only watches");
      break;
  }
  if (watcher) watcher->after(world);
  oracle.after_event(world, event);
}

void Run::tell_faults_of_phases() {
  const std::vector<PhaseRecord>& phases = migration->record().phases;
  for (; phases_told_ < phases.size() && phases[phases_told_].entered; ++phases_told_)
    injector.phase_entered(phases[phases_told_].name, world);
}

void Run::measure_logs() {
  std::uint64_t bytes = world.source.log().kept_bytes();
  for (const StreamPipeline& stream : world.streams)
    bytes += stream.topic.kept_bytes() + stream.connector.snapshot_bytes();
  most_log_bytes = std::max(most_log_bytes, bytes);
}

namespace {

StageCounts stage_counts(const StreamPipeline& stream, const Source& source) {
  const Connector::Counts& c = stream.connector.counts();
  const SinkLane::Counts& s = stream.lane.counts();
  const std::uint64_t read = c.read + c.snapshot;
  return {.committed = read + stream.connector.unread(source),
          .read = read,
          .appended = stream.topic.appended,
          .fetched = s.fetched,
          .buffered = stream.lane.buffered(),
          .written = s.applied + s.applied_again + s.ignored + s.deduplicated};
}

}  // namespace

// At the first event of each stretch, where all lanes stand at one instant: an event of its own would cut advances.
void Run::measure_lag() {
  next_lag_ = world.now() + lag_every_;
  const ReadView seen = view();
  for (StoreSamples& of : samples) {
    of.at.push_back(world.now());
    of.lag_records.push_back(seen.lag_records(of.store));
    of.age.push_back(seen.freshness(of.store));
    if (const auto& stream = world.stores[of.store].stream)
      of.stages.push_back(stage_counts(world.streams[*stream], world.source));
  }
}

// Every run is held to Little's law, exactly: the sum of times in the topic and the sink's lane is the integral of the
// number there. Where records are lost or fetched again the law speaks of something else.
void Run::assert_littles_law() const {
  for (const StreamPipeline& stream : world.streams) {
    const SinkLane::Counts& counts = stream.lane.counts();
    if (counts.expired + counts.dropped + counts.refetched > 0) continue;
    REHEARSE_ASSERT(stream.lane.number_integral(stream.topic, ended) == stream.lane.time_in_system(stream.topic, ended),
                    "Little's law holds for the records of every stream");
  }
}

void Run::finish() {
  ended = world.now();
  assert_littles_law();
  measure_logs();
  trajectory = world.trajectory();
  if (migration) migration->finish(ended);
  effects_at_end = injector.effects(world);
  holds_at_end = world.holds.all();
  oracle.close(world);
  drained = heal_and_drain(world, injector);
  oracle.advanced(world);
}

}  // namespace rehearse
