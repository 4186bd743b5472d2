#include "tests/twins/small_world.h"

#include <algorithm>

#include "tests/twins/chooser.h"

namespace rehearse::twins {
namespace {

constexpr Time end_of_world{20 * second.ns};

Sampler some_time(Chooser& choose, Duration scale) {
  switch (choose.between(0, 4)) {
    case 0:
      return Sampler{};
    case 1:
      return Sampler::constant(scale);
    case 2:
      return Sampler::exponential(scale);
    case 3:
      return Sampler::uniform(Duration{}, scale * 2);
    default:
      return Sampler::constant(scale / 10);
  }
}

SyntheticTableOptions some_table(Chooser& choose, const Features& features, double rate) {
  SyntheticTableOptions table;
  table.rows = static_cast<RowId>(choose.of({0, 1, 3, 20, 200}));
  table.calendar.peak_rate_nhz = static_cast<std::uint64_t>(rate * 1e9);
  table.inserts_ppm = choose.of({0U, 50'000U, 300'000U, 1'000'000U});
  table.updates_ppm = table.inserts_ppm == 1'000'000 ? 0 : choose.of({0U, 400'000U, 650'000U});
  if (table.inserts_ppm == 0 && choose.one_in(2)) table.updates_ppm = 1'000'000;
  if (choose.one_in(2)) table.reinserts_ppm = choose.of({100'000U, 1'000'000U});
  if (choose.one_in(2)) table.updates.zipf = choose.of({0.5, 1.0, 1.5});
  if (choose.one_in(3)) table.deletes.zipf = 1.0;
  if (choose.one_in(2)) {
    table.geometric_sizes = choose.one_in(2);
    table.mean_size = 3;
    if (!table.geometric_sizes) table.sizes = Sampler::uniform({1}, {5});
  }
  if (features.source && choose.one_in(3)) {
    table.long_share_ppm = choose.of({50'000U, 500'000U, 1'000'000U});
    table.long_hold = some_time(choose, second);
  }
  return table;
}

ConnectorOptions some_connector(Chooser& choose) {
  ConnectorOptions o;
  o.continuous = choose.one_in(3);
  o.poll_every = choose.of({millisecond * 50, millisecond * 500, millisecond * 700, second * 3});
  o.flush_offsets_every = choose.of({millisecond * 100, second, second * 4, second * 60});
  o.initial_snapshot = !choose.one_in(3);
  o.snapshot_rate = choose.of({0U, 0U, 10U, 70U});
  o.max_batch = choose.of({1U, 3U, 20U, 2048U});
  if (choose.one_in(3)) o.record_gap = choose.of({millisecond, millisecond * 20, millisecond * 33});
  return o;
}

SinkOptions some_sink(Chooser& choose, const Features& features) {
  SinkOptions o;
  o.workers = static_cast<std::uint32_t>(choose.of({1, 1, 2, 5}));
  o.dispatch = choose.one_in(2) ? Dispatch::by_key : Dispatch::shared;
  o.service_time = some_time(choose, choose.of({millisecond, millisecond * 10, millisecond * 50}));
  o.buffer = choose.of({1U, 2U, 7U, 10'000U});
  o.max_poll_records = choose.of({1U, 4U, 500U});
  if (features.losses && choose.one_in(3)) o.delivery = Delivery::at_most_once;
  o.writers = static_cast<std::uint32_t>(choose.of({1, 1, 2, 3}));
  o.write = choose.of({WriteMode::append, WriteMode::upsert, WriteMode::upsert, WriteMode::upsert_if_newer});
  o.deletes = choose.one_in(4) ? DeleteMode::ignore : DeleteMode::hard;
  o.row_time = choose.of({Duration{}, millisecond, millisecond * 10, millisecond * 25});
  o.flush_every = choose.of({Duration{}, millisecond * 100, second, second * 3});
  o.flush_rows = choose.of({1U, 2U, 10U, 500U});
  o.deduplicate = choose.one_in(4);
  o.ages = {choose.of({millisecond * 200, second, second * 60}), second * 2};
  return o;
}

void add_outages(Chooser& choose, SmallWorld& world, Control::Kind down, Control::Kind up, int most) {
  Time from{0};
  for (std::int64_t n = choose.between(0, most); n > 0; --n) {
    const Time at = choose.one_in(2) ? choose.instant(from, from + second * 8)
                                     : tick_at_or_after(choose.instant(from, from + second * 8), millisecond * 500);
    const Time resumed = at + choose.of({Duration{1}, millisecond * 10, second, second * 5});
    world.controls.push_back({at, down, 0});
    world.controls.push_back({resumed, up, 0});
    from = resumed + Duration{1};
  }
}

void add_controls(Chooser& choose, SmallWorld& world, const Features& features) {
  if (features.connector && choose.one_in(2))
    add_outages(choose, world, Control::Kind::connector_crash, Control::Kind::connector_resume, 4);
  if (features.sink_crashes && choose.one_in(2))
    add_outages(choose, world, Control::Kind::sink_crash, Control::Kind::sink_resume, 4);
  // What a connector that resumes appends at the instant of a sink's crash comes after the crash. The sink's twin,
  // which has the whole topic before it, could not tell it from what was there.
  for (Control& resumed : world.controls)
    for (const Control& crash : world.controls)
      if (resumed.kind == Control::Kind::connector_resume && crash.kind == Control::Kind::sink_crash &&
          resumed.at == crash.at)
        resumed.at += Duration{1};
  if (choose.one_in(2))
    for (std::int64_t n = choose.between(1, 6); n > 0; --n)
      world.controls.push_back({choose.instant({0}, end_of_world), Control::Kind::speed,
                                choose.of({0U, 300'000U, 1'000'000U, 2'500'000U, 333'333U})});
  if (features.connector && choose.one_in(2)) {
    const Time in = choose.instant({0}, {10 * second.ns});
    world.controls.push_back({in, Control::Kind::tap_in, 0});
    if (choose.one_in(2))
      world.controls.push_back({in + Duration{choose.between(1, 9 * second.ns)}, Control::Kind::tap_out, 0});
  }
  for (std::uint32_t b = 0; b < world.bursts.size(); ++b) {
    world.controls.push_back({world.bursts[b].from, Control::Kind::burst, b});
    if (world.bursts[b].ended != Time::never())
      world.controls.push_back({world.bursts[b].ended, Control::Kind::end_burst, b});
  }
  if (choose.one_in(4))
    world.controls.push_back({choose.instant({10 * second.ns}, end_of_world), Control::Kind::stop_writes, 0});
  std::stable_sort(world.controls.begin(), world.controls.end(),
                   [](const Control& a, const Control& b) { return a.at < b.at; });
}

std::uint32_t some_share(Chooser& choose) { return choose.of({0U, 0U, 20'000U, 200'000U}); }

}  // namespace

SmallWorld small_world(std::uint64_t number, const Features& features) {
  Chooser choose(number);
  SmallWorld world;
  world.seed = number;
  world.end = end_of_world;
  const int tables = choose.one_in(3) ? 2 : 1;
  for (int t = 0; t < tables; ++t) {
    world.tables.push_back(some_table(choose, features, choose.of({2.0, 10.0, 40.0})));
    world.read.push_back(t == 0 || choose.one_in(2));
  }
  if (features.source && choose.one_in(3))
    for (std::int64_t n = choose.between(1, 2); n > 0; --n) {
      const Time from = choose.instant({0}, {15 * second.ns});
      const Time until = from + Duration{choose.between(1, 6 * second.ns)};
      const Time ended = choose.one_in(2) ? Time::never() : choose.instant(from, until + second);
      world.bursts.push_back(
          {static_cast<TableId>(choose.between(0, tables - 1)), choose.of({0.5, 3.0}), from, until, ended});
    }
  world.connector = some_connector(choose);
  world.topic.partitions = choose.of({1U, 1U, 2U, 5U});
  if (features.losses && choose.one_in(4)) world.topic.retention = choose.of({millisecond * 300, second * 2});
  if (choose.one_in(4)) world.topic.partitioner = Partitioner::round_robin;
  world.sink = some_sink(choose, features);
  world.tap = {number, some_share(choose), some_share(choose), some_share(choose), some_share(choose)};
  world.watched = !choose.one_in(3);
  add_controls(choose, world, features);
  return world;
}

// ---- the real lanes ------------------------------------------------------------------------------------------------

namespace {

SourceOptions source_options(const SmallWorld& world) {
  SourceOptions options;
  options.seed = world.seed;
  for (const SyntheticTableOptions& table : world.tables) {
    SourceTableOptions t;
    t.schema.name = std::to_string(options.tables.size());
    t.schema.columns.push_back({.name = "id", .type = "bigint", .role = ColumnRole::key});
    t.schema.versions.push_back({{{0, "id", "bigint"}}, 0});
    t.rows = table.rows;
    options.tables.push_back(std::move(t));
  }
  options.workload = world.tables;
  return options;
}

}  // namespace

SmallLanes::SmallLanes(const SmallWorld& given)
    : world(given),
      content(given.seed, 0, nullptr),
      source(source_options(given), Content{}, marks),
      topic(given.topic),
      connector(given.connector, given.read),
      tables(given.tables.size()),
      lane(given.sink, given.seed, "cdc", small_store, SinkDefects{}, given.topic.partitions) {
  constexpr RowId rows_ever = 12'000;
  world.tap.causes = causes.named("tap");
  connector.take_initial_snapshot(source);
  if (world.watched)
    for (std::size_t t = 0; t < tables.size(); ++t)
      for (RowId row = 0; row < rows_ever; ++row) tables[t].watch(row);
}

void SmallLanes::run(Time to, const std::vector<Time>& cuts) {
  auto cut = std::lower_bound(cuts.begin(), cuts.end(), now);
  while (now < to || (next_control_ < world.controls.size() && world.controls[next_control_].at <= to)) {
    Time next = to;
    if (next_control_ < world.controls.size()) next = std::min(next, world.controls[next_control_].at);
    while (cut != cuts.end() && *cut < next) advance(*cut++);
    advance(next);
    while (next_control_ < world.controls.size() && world.controls[next_control_].at == next) {
      topic_ends.emplace_back();
      for (const Partition& partition : topic.partitions) topic_ends.back().push_back(partition.records.end());
      carry_out(world.controls[next_control_++]);
    }
  }
  advance(to);
}

Connector::Context SmallLanes::connector_context() {
  return {source, topic, facts, marks, causes, small_store, tables};
}

void SmallLanes::advance(Time to) {
  source.advance(to);
  connector.advance(to, connector_context());
  lane.advance(to, sink_context());
  now = to;
}

void SmallLanes::carry_out(const Control& control) {
  const Time at = control.at;
  switch (control.kind) {
    case Control::Kind::connector_crash:
      connector.crash(at, causes.named("connector crash"), connector_context());
      break;
    case Control::Kind::connector_resume:
      connector.resume(at);
      break;
    case Control::Kind::sink_crash:
      lane.crash(at, causes.named("sink crash"), sink_context());
      break;
    case Control::Kind::sink_resume:
      lane.resume(at);
      break;
    case Control::Kind::speed:
      lane.set_speed(at, control.value);
      break;
    case Control::Kind::tap_in:
      connector.taps.insert(0, std::make_unique<RandomTap>(world.tap));
      break;
    case Control::Kind::tap_out:
      connector.taps.remove(0);
      break;
    case Control::Kind::burst: {
      const Burst& burst = world.bursts[control.value];
      burst_arrivals_.resize(world.bursts.size());
      burst_arrivals_[control.value] =
          source.synthetic()->add_burst(burst.table, burst.name(), burst.extra, burst.from, burst.until);
      break;
    }
    case Control::Kind::end_burst:
      source.synthetic()->end_burst(burst_arrivals_[control.value], at);
      break;
    case Control::Kind::stop_writes:
      source.stop_writes();
      break;
  }
}

std::vector<Time> SmallLanes::event_times() const {
  std::vector<Time> times;
  for (Lsn lsn = 0; lsn < source.end(); ++lsn) times.push_back(source.log()[lsn].commit());
  for (const Partition& p : topic.partitions)
    for (std::uint64_t i = 0; i < p.records.end(); ++i) times.push_back(p.records[i].append);
  for (const Fact& fact : facts) times.push_back(fact.at);
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  return times;
}

Digest128 SmallLanes::digest() const {
  Digest d;
  d.add(source.digest());
  d.add(lane.digest());
  const auto time = [&](Time t) { d.add(static_cast<std::uint64_t>(t.ns)); };
  for (const Partition& p : topic.partitions) {
    for (std::uint64_t i = 0; i < p.records.end(); ++i) {
      d.add(p.records[i].packed);
      time(p.records[i].append);
    }
    for (const auto& [offset, note] : p.notes) {
      d.add(offset);
      d.add(note.copy);
    }
  }
  for (const TableCopy& table : tables)
    for (RowId row = 0; row < table.slots(); ++row) {
      d.add(std::uint64_t{table[row].write} << 16 | table[row].mark);
      d.add(table.extra_copies(row));
    }
  d.add(lane.latency().count());
  d.add(lane.latency().sum_ns());
  for (const SinkLane::Span& span : lane.older_than(0)) {
    time(span.from);
    time(span.until);
  }
  for (std::uint32_t p = 0; p < topic.options.partitions; ++p) {
    d.add(lane.position(p));
    d.add(lane.next_unwritten(p));
  }
  const auto little = lane.number_integral(topic, now);
  d.add(static_cast<std::uint64_t>(little));
  d.add(connector.held());
  d.add(lane.under_way());
  d.add(connector.position());
  d.add(connector.needed_from());
  return d.value();
}

std::vector<Time> every_nth(const std::vector<Time>& times, std::size_t n) {
  std::vector<Time> cuts;
  for (std::size_t i = 0; i < times.size(); i += n) cuts.push_back(times[i]);
  return cuts;
}

std::vector<Time> random_cuts(std::uint64_t seed, Time end, const std::vector<Time>& event_times) {
  Chooser choose(seed ^ 0xc07);
  std::vector<Time> cuts;
  for (std::int64_t n = choose.between(1, 60); n > 0; --n) {
    Time cut = choose.instant({0}, end);
    if (!event_times.empty() && choose.one_in(2))  // at an event, or a nanosecond beside it
      cut =
          event_times[static_cast<std::size_t>(choose.between(0, static_cast<std::int64_t>(event_times.size()) - 1))] +
          Duration{choose.between(-1, 1)};
    if (cut >= Time{0} && cut <= end) cuts.push_back(cut);
  }
  std::sort(cuts.begin(), cuts.end());
  return cuts;
}

}  // namespace rehearse::twins
