#include "harness/campaign/run.h"

#include <algorithm>
#include <utility>

#include "harness/campaign/own_logic.h"
#include "harness/oracle/fork.h"
#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

constexpr std::uint64_t events_between_measures = 256;
constexpr std::int64_t lag_samples = 1'000;

}  // namespace

Run::Run(const LoadedScenario& loaded, Assembly assembly, const RehearsalOptions& options)
    : world(std::move(*assembly.world)),
      injector(std::move(*assembly.injector)),
      reconciler(with_files_found(loaded), ReadView(world, options.paranoid), Controls(world)),
      view_(world, options.paranoid),
      operations_(view_, Controls(world), [this] { reconciler.stop_repairs(); }),
      metrics_(reconciler.metrics()),
      cut_every_(options.cut_every),
      lag_every_(Duration{std::max<std::int64_t>(loaded.proto.duration_ns() / lag_samples, 1)}) {
  if (loaded.proto.migration().has_decide()) operations_.use(with_files_found(loaded).migration().decide());
  if (loaded.proto.has_migration()) migration.emplace(plan_of(with_files_found(loaded), world.start_unix_ns));
  world.start();
  injector.start(world);
  oracle.start(world);
  reconciler.start();
  if (migration) migration->start(world.now(), metrics_, operations_);
  tell_faults_of_phases();
  for (StoreId store = 0; store < world.stores.size(); ++store)
    if (world.stores[store].stream || world.stores[store].batch) samples.push_back({store, {}, {}, {}});
}

void Run::until(Time end, const std::function<bool()>& stop) {
  while (world.agenda.next() <= end) {
    const Time next = world.agenda.next();
    while (cut_every_ && world.now() + *cut_every_ < next) advance(world.now() + *cut_every_);
    advance(next);
    if (next >= next_lag_) measure_lag();
    handle(world.agenda.pop().event);
    if (++events % events_between_measures == 0) measure_logs();
    if (stop()) return;
  }
  advance(end);
}

void Run::advance(Time to) {
  if (watcher) watcher->before(world);
  world.keeps_topics = watcher != nullptr;
  world.advance(to);
  if (watcher) watcher->after(world);
  oracle.advanced(world);
}

void Run::handle(const Event& event) {
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
      migration->on_event(world.now(), metrics_, operations_);
      tell_faults_of_phases();
      break;
    case Actor::reconcile:
      reconciler.handle(event.code, event.index, event.argument);
      if (migration) migration->on_event(world.now(), metrics_, operations_);
      tell_faults_of_phases();
      break;
    case Actor::consumers:
      oracle.read(world, event.index, event.argument);
      world.schedule_next_read(event.index, event.argument + 1);
      break;
    case Actor::oracle:
      REHEARSE_ASSERT(false, "the oracle only watches");
      break;
  }
  if (watcher) watcher->after(world);
  oracle.after_event(world, event);
}

void Run::tell_faults_of_phases() {
  if (!migration) return;
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

// At the first event of each stretch, where all lanes stand at one instant: an event of its own would cut advances.
void Run::measure_lag() {
  next_lag_ = world.now() + lag_every_;
  for (StoreSamples& of : samples) {
    of.at.push_back(world.now());
    of.lag_records.push_back(view_.lag_records(of.store));
    of.age.push_back(view_.freshness(of.store));
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
  for (std::size_t i = 0; i < injector.size(); ++i) hits_at_end.push_back(injector.hits(i, world));
  oracle.close(world);
  reconciler.end_pauses();
  drained = heal_and_drain(world, injector);
  oracle.advanced(world);
}

}  // namespace rehearse
