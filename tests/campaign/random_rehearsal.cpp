#include "tests/campaign/random_rehearsal.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <vector>

#include "harness/campaign/run.h"

namespace rehearse {
namespace {

class Author {
 public:
  explicit Author(std::uint64_t number) : number_(number), pick_(number, "random_rehearsal") {}

  std::string text() {
    head();
    pipelines();
    consumers();
    checks();
    repairs();
    if (!pick_.one_in(5)) plan();
    faults();
    return std::move(out_);
  }

 private:
  void line(const std::string& text) { out_ += text + "\n"; }

  void head() {
    hours_ = pick_.between(4, 7);
    line(fmt::format("format: 1\nname: random-{}\nstart: 2026-03-06T{:02}:00:00Z\nduration: {}h\nseed: {}", number_,
                     pick_.between(0, 23), hours_, number_));
    const std::string deletes = pick_.one_in(3) ? "0%" : "20%";
    line(fmt::format(
        "source:\n  tables:\n    orders:\n      rows: {}\n      columns: {{id: {{type: bigint, key: true}}, amount: "
        "{{type: \"decimal(12,2)\"}}, status: {{type: text, distinct: 3}}, created_at: {{type: timestamptz, role: "
        "created_at}}, updated_at: {{type: timestamptz, role: updated_at}}}}\n      workload: {{peak_rate: {}/m, mix: "
        "{{insert: 20%, update: {}, delete: {}}}, pick: {{updates: {}}}, transactions: geometric(mean=2)}}",
        pick_.between(3, 60), pick_.between(1, 20), deletes == "0%" ? "80%" : "60%", deletes,
        pick_.of({"uniform", "zipf(1.1)"})));
    line(fmt::format("datasets: {{orders: {{of: orders, new_columns: {}}}}}", pick_.of({"ignore", "follow"})));
  }

  void pipelines() {
    line("pipelines:");
    line(fmt::format(
        "  nightly: {{batch: {{produces: orders, into: old, every: {}, rate: {}/s, extract: {}, load: "
        "{}, freshness: {}, keep_snapshots: {}, catch_up: {}}}}}",
        pick_.of({"1h", "2h", "30m"}), pick_.between(1, 50),
        pick_.of({"snapshot", "{incremental: {cursor: updated_at, overlap: 5m}}"}), pick_.of({"replace", "merge"}),
        pick_.of({"2h", "3h"}), pick_.between(1, 3), pick_.of({"none", "latest", "all"})));
    const std::string write = pick_.of({"upsert", "upsert", "upsert_if_newer", "append"});
    line(fmt::format(
        "  cdc:\n    stream:\n      produces: orders\n      into: new\n      freshness: {}\n      connector: "
        "{{poll_every: {}, flush_offsets_every: {}}}\n      topic: {{partitions: {}, retention: {}}}\n      "
        "processor: {{workers: {}, service_time: exponential({})}}\n      delivery: {}\n      sink: {{write: {}, "
        "flush_every: {}, row_time: 1ms}}",
        pick_.of({"1m", "10m"}), pick_.of({"1s", "30s", "5m"}), pick_.of({"1m", "10m"}), pick_.between(1, 3),
        pick_.of({"10m", "1h", "7d"}), pick_.between(1, 3), pick_.of({"1ms", "200ms", "2s"}),
        pick_.of({"at_least_once", "at_least_once", "at_most_once"}), write, pick_.of({"1s", "1m"})));
    other_ = pick_.one_in(3);
    if (other_)
      line(
          "  other: {stream: {produces: orders, into: third, freshness: 5m, topic: {partitions: 1}, processor: "
          "{workers: 1}}}");
  }

  void consumers() {
    line("consumers:");
    line(fmt::format("  dash: {{reads: orders, every: {}, tier: low, pick: {}}}", pick_.of({"1m", "7m"}),
                     pick_.of({"uniform", "zipf(1.0)"})));
    line(fmt::format("  fraud: {{reads: orders, every: {}, tier: high, needs: {{unique: true}}{}}}",
                     pick_.of({"1m", "5m"}), other_ && pick_.one_in(2) ? ", fallback: third" : ""));
    if (pick_.one_in(2))
      line(fmt::format("  byname: {{reads: {}, every: 3m, tier: medium}}", pick_.of({"old", "new"})));
  }

  void checks() {
    const std::vector<std::string> kinds{
        "row_count: {between: [source, new], {every}, align: {align}, tolerance: 1%}",
        "row_count: {between: [old, new], {every}, of: {created_at: 1h}, align: naive}",
        "sampled_hash: {between: [source, new], {every}, sample: 30%, align: {align}}",
        "keyed_hash: {between: [source, new], {every}, align: {align}, recheck: {after: 2m, times: 2}}",
        "field_compare: {between: [source, new], {every}, align: {align}, scan_rate: {rate}}",
        "field_compare: {between: [source, new], {every}, recheck: aws_dms, scan_rate: {rate}}",
        "field_compare: {between: [source, old], {every}, align: naive}",
        "aggregate: {between: [source, new], {every}, measures: [sum amount], align: {align}}",
        "duplicates: {of: new, {every}}",
        "latency: {of: new, {every}}",
        "freshness: {of: {store}, {every}}",
        "lag: {of: new, {every}}",
        "key_coverage: {between: [source, new], {every}, align: {align}, recheck: {after: 1m}}",
        "checksum: {between: [source, new], {every}, chunks: {rows: 10, split: 2, down_to: 3}}",
        "count_distinct: {between: [source, new], {every}, columns: [status]}",
        "dual_read: {between: [source, new], {every}, as: dash, reads: 20, latest: {amount: 5}}",
        "shadow_consumer: {as: dash, between: [old, new], {every}, reads: 20, again_after: 90s}",
        "schema_compatibility: {of: new, {every}}",
        "position_continuity: {of: new, {every}}",
        "sql: {file: rules/counts.sql, as: [legacy, modern], between: [source, new], {every}, tolerance: 1%}",
    };
    line("checks:");
    // These three feed the plan and the repairs; the rest are drawn.
    check("fields", kinds[pick_.one_in(2) ? 4 : 5]);
    check("of_old", kinds[6]);
    check("age", kinds[10]);
    for (std::int64_t i = pick_.between(0, 6); i > 0; --i)
      check(fmt::format("c{}", i), kinds[static_cast<std::size_t>(pick_.between(
                                       0, static_cast<std::int64_t>(kinds.size()) - (number_ % 8 ? 2 : 1)))]);
    line("metrics:\n  bad: {from: fields, per: rows_compared}\n  age: {from: age}");
  }

  void check(const std::string& name, std::string kind) {
    const auto put = [&](const std::string& place, const std::string& value) {
      if (const std::size_t at = kind.find(place); at != std::string::npos) kind.replace(at, place.size(), value);
    };
    put("{every}", fmt::format("every: {}, offset: {}", pick_.of({"10m", "20m", "30m"}), pick_.of({"0s", "1m", "7m"})));
    put("{align}", pick_.of({"position", "reread", "as_of, settle: 2m", "quiesce", "naive"}));
    put("{rate}", pick_.of({"1/s", "10/s", "200k/s"}));
    put("{store}", pick_.of({"new", "old"}));
    line(fmt::format("  {}: {{{}}}", name, kind));
  }

  void repairs() {
    if (!pick_.one_in(2)) return;
    line("repair:");
    line(
        fmt::format("  - {{of: fields, missing: {}, extra: {}, mismatch: {}, pause_for: 20m, at_most: {}, row_time: "
                    "{}}}",
                    pick_.of({"reload_from_source", "pause_pipeline", "quarantine"}), pick_.of({"delete", "ignore"}),
                    pick_.of({"reload_from_source", "re_apply_transform", "pause_pipeline"}),
                    pick_.of({"3 per run", "100 per hour"}), pick_.of({"1ms", "30s"})));
    if (pick_.one_in(2)) line("  - {of: of_old, mismatch: pause_pipeline, pause_for: 45m, at_most: 1 per run}");
  }

  void plan() {
    const auto exit = [&](const std::string& more) {
      return fmt::format("at_least: {}m, exit: [{{metric: bad, below: {}, for: {}}}]{}", pick_.between(5, 40),
                         pick_.of({"0.1%", "10%", "90%"}), pick_.of({"0s", "30m", "45m"}), more);
    };
    line("migration:\n  from: nightly\n  to: cdc\n  phases:");
    line("    - {name: shadow, " + exit("") + "}");
    line("    - {name: canary, move: [dash], " + exit(pick_.one_in(4) ? ", do: [pause nightly]" : "") + "}");
    line("    - {name: full, move: {rest: by_tier}, soak: 10m, " + exit("") + "}");
    line(fmt::format("    - {{name: off, do: [{}]}}",
                     pick_.of({"pause nightly", "pause nightly, run_now nightly", "resume nightly"})));
    if (pick_.one_in(5)) return line("safety: {rollback: optional}");
    line(
        fmt::format("  rollback:\n    triggers: [{{metric: bad, above: {}, for: {}}}, {{metric: age, above: {}, for: "
                    "30m}}]\n    steps: [{{redirect_consumers: {}}}, {{{}: nightly}}, {{restore_snapshot: "
                    "{{pipeline: nightly, takes: 5m}}}}]",
                    pick_.of({"1%", "20%"}), pick_.of({"0s", "30m", "90m"}), pick_.of({"5m", "3h"}),
                    pick_.of({"30s", "20m"}), pick_.of({"resume", "run_now"})));
  }

  std::string when() {
    const std::string lasts = fmt::format("{}m", pick_.between(1, 90));
    switch (pick_.between(1, 3)) {
      case 1:
        return fmt::format("at: {}m, for: {}", pick_.between(1, hours_ * 60), lasts);
      case 2:
        return fmt::format("every: {}m, for: {}", pick_.between(30, 200), lasts);
      default:
        return fmt::format("rate: {}/d, for: {}", pick_.between(4, 20), lasts);
    }
  }

  void faults() {
    const std::int64_t many = pick_.one_in(6) ? 0 : pick_.between(1, 5);
    if (many == 0) return;
    line("world:\n  faults:");
    for (std::int64_t i = 0; i < many; ++i) {
      const auto fault = [&](const std::string& kind, const std::string& parameters) {
        line(fmt::format("    - {{name: f{}, {}: {{{}}}}}", i, kind, parameters));
      };
      std::string restarts = when();
      if (const std::size_t at = restarts.find("for:"); at != std::string::npos) restarts.replace(at, 4, "down_for:");
      switch (pick_.between(1, 6)) {
        case 1:
          fault("connector_restart",
                fmt::format("pipeline: cdc, part: {}, {}", pick_.of({"source_connector", "sink"}), restarts));
          break;
        case 2:
          fault("duplicate_delivery", "pipeline: cdc, share: 40%, delay: exponential(10m), " + when());
          break;
        case 3:
          fault("out_of_order_deletes", "pipeline: cdc, share: 50%, delay: exponential(20m), " + when());
          break;
        case 4:
          fault("burst", fmt::format("table: orders, factor: {}, {}", pick_.between(2, 30), when()));
          break;
        case 5:
          fault("field_corruption",
                fmt::format("pipeline: {}, column: amount, share: {}, how: {}, {}", pick_.of({"cdc", "cdc", "nightly"}),
                            pick_.of({"10%", "100%"}), pick_.of({"\"null\"", "shift", "truncate", "stale"}), when()));
          break;
        default:
          if (drifted_) break;
          drifted_ = true;
          fault("schema_drift", fmt::format("table: orders, at: {}m, change: {{rename: {{from: status, to: state}}}}, "
                                            "fixed_after: {}m",
                                            pick_.between(10, 120), pick_.between(1, 90)));
      }
    }
    if (out_.ends_with("faults:\n")) line("    - burst: {table: orders, factor: 2, at: 1h, for: 10m}");
  }

  std::uint64_t number_;
  Picks pick_;
  std::string out_;
  std::int64_t hours_ = 0;
  bool other_ = false, drifted_ = false;
};

void add_cells(const World& world, Digest& digest) {
  for (StoreId store = 0; store < world.stores.size(); ++store)
    for (TableId table = 0; table < world.source.tables(); ++table) {
      const TableCopy& rows = world.rows(store, table);
      for (RowId row = 0; row < rows.slots(); ++row)
        digest.add(std::uint64_t{rows[row].write} << 32 | world.marks.identity(rows[row].mark) |
                   std::uint64_t{rows.extra_copies(row)} << 24);
    }
}

void add_streams(const World& world, Digest& digest) {
  for (const StreamPipeline& stream : world.streams) {
    digest.add(stream.restarts);
    digest.add(stream.connector.position());
    digest.add(stream.connector.held());
    digest.add(stream.lane.under_way());
    digest.add(stream.lane.counts().fetched);
    digest.add(stream.lane.counts().applied_again);
  }
}

void add_truth(const Oracle& oracle, Digest& digest) {
  std::vector<DivergentInterval> intervals = oracle.ledger().intervals();  // in no order that means anything
  std::sort(intervals.begin(), intervals.end(), [](const DivergentInterval& a, const DivergentInterval& b) {
    return std::tie(a.store, a.table, a.row, a.from) < std::tie(b.store, b.table, b.row, b.from);
  });
  for (const DivergentInterval& interval : intervals) {
    digest.add(std::uint64_t{interval.store} << 40 | std::uint64_t{interval.table} << 32 | interval.row);
    digest.add(static_cast<std::uint64_t>(interval.from.ns));
    digest.add(static_cast<std::uint64_t>(interval.until.ns));
  }
}

void add_reads(const Oracle& oracle, Digest& digest) {
  for (const ConsumerTruth& consumer : oracle.consumers())
    for (const std::uint64_t count : consumer.all.found) digest.add(count);
}

void add_routes_and_holds(const World& world, Digest& digest) {
  for (const Route& route : world.routing.history()) {
    digest.add(static_cast<std::uint64_t>(route.since.ns));
    digest.add(std::uint64_t{route.consumer} << 16 | route.store);
  }
  for (const Hold& hold : world.holds.all()) {
    digest.add(hold.by);
    digest.add(static_cast<std::uint64_t>(hold.from.ns));
    digest.add(static_cast<std::uint64_t>(hold.until.value_or(Time::never()).ns));
  }
}

void add_faults(const Run& run, Digest& digest) {
  const Injector::Effects effects = run.injector.effects(run.world);
  for (std::size_t i = 0; i < run.injector.size(); ++i) {
    for (const Injector::Effect& effect : effects[i]) digest.add(effect.hits);
    for (const Injector::Struck& struck : run.injector.struck(i)) digest.add(static_cast<std::uint64_t>(struck.at.ns));
  }
}

}  // namespace

std::string random_scenario(std::uint64_t number) { return Author(number).text(); }

Loaded random_rehearsal(std::uint64_t number) {
  // The name of a file in the folder that the SQL's path starts from.
  const std::string beside = std::string(REHEARSE_SOURCE_DIR) + "/scenarios/random.yaml";
  return with_inputs(load_scenario_text(random_scenario(number), beside));
}

std::vector<RunPart> parts_of(const Run& run) {
  std::vector<RunPart> parts{{"trajectory", run.world.trajectory()}, {"checks and repairs", run.reconciler.digest()}};
  const auto part = [&](const char* name, const auto& add) {
    Digest digest;
    add(digest);
    parts.push_back({name, digest.value()});
  };
  if (run.migration) parts.push_back({"plan", digest_of(run.migration->record())});
  part("agenda", [&](Digest& digest) {
    digest.add(static_cast<std::uint64_t>(run.world.now().ns));
    digest.add(run.world.agenda.size());
    digest.add(static_cast<std::uint64_t>(run.world.agenda.next().ns));
    digest.add(run.events);
  });
  part("cells", [&](Digest& digest) { add_cells(run.world, digest); });
  part("streams", [&](Digest& digest) { add_streams(run.world, digest); });
  part("routes and holds", [&](Digest& digest) { add_routes_and_holds(run.world, digest); });
  part("faults", [&](Digest& digest) { add_faults(run, digest); });
  part("truth", [&](Digest& digest) { add_truth(run.oracle, digest); });
  part("reads", [&](Digest& digest) { add_reads(run.oracle, digest); });
  part("samples", [&](Digest& digest) {
    for (const StoreSamples& samples : run.samples)
      for (const std::uint64_t lag : samples.lag_records) digest.add(lag);
  });
  return parts;
}

std::string difference(const std::vector<RunPart>& a, const std::vector<RunPart>& b) {
  std::string names;
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i)
    if (i >= a.size() || i >= b.size() || !(a[i].digest == b[i].digest))
      names += (names.empty() ? "" : ", ") + std::string(i < a.size() ? a[i].name : b[i].name);
  return names;
}

}  // namespace rehearse
