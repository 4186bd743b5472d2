// The batch pipeline against a model of a few lines: what a cycle loads, what an incremental extract misses, failures,
// versions.
#include <boost/test/unit_test.hpp>
#include <map>

#include "sim/pipelines/batch.h"
#include "tests/twins/chooser.h"
#include "tests/twins/small_world.h"

namespace rehearse::twins {
namespace {

constexpr std::uint64_t worlds = 200;
using Rows = std::map<RowId, Write>;  // live rows

Rows live_rows(const TableCopy& table) {
  Rows rows;
  for (RowId row = 0; row < table.slots(); ++row)
    if (table[row].live()) rows[row] = table[row].write;
  return rows;
}

struct Job {
  explicit Job(std::uint64_t number, BatchOptions::Extract extract, BatchOptions::Load load) : choose(number) {
    SourceOptions o;
    o.seed = number;
    SourceTableOptions table;
    table.schema.versions.push_back({});
    table.rows = static_cast<RowId>(choose.of({0, 5, 100}));
    table.keep_updated_at = true;
    o.tables.push_back(table);
    SyntheticTableOptions workload;
    workload.rows = table.rows;
    workload.calendar.peak_rate_nhz = 30'000'000'000;
    workload.inserts_ppm = 200'000;
    workload.updates_ppm = 600'000;
    workload.reinserts_ppm = 300'000;
    if (choose.one_in(2)) {
      workload.long_share_ppm = 300'000;
      workload.long_hold = Sampler::uniform(Duration{}, second * 8);
    }
    o.workload.push_back(workload);
    source = Source(o, content, marks);
    options.extract = extract;
    options.load = load;
    options.overlap = choose.of({Duration{}, second, second * 10});
    options.row_time = choose.of({Duration{}, millisecond, millisecond * 20});
    options.failing_cycles = {2, 5};
    if (choose.one_in(2)) options.failure = chance(1, 5);
    options.keep_snapshots = choose.of({0U, 1U, 3U});
    pipeline = BatchPipeline(options, number, "nightly", {true});
    pipeline.preload(source, store);
  }
  Chooser choose;
  MarkTable marks;
  CauseTable causes;
  Source source;
  Content content;
  BatchOptions options;
  BatchPipeline pipeline;
  std::vector<TableCopy> store{1};
  Time now;

  // One attempt: what the source was when it began, and whether it loaded.
  struct Ran {
    bool loaded;
    Rows source;                       // when it began
    std::map<RowId, Time> updated_at;  // of these rows
    Lsn end;
    Time began;
  };
  Ran attempt(std::uint64_t cycle, std::uint32_t number) {
    now += second * choose.between(1, 5);
    source.advance(now);
    Ran ran{false, live_rows(source.rows(0)), {}, source.end(), now};
    for (const auto& [row, write] : ran.source) ran.updated_at[row] = source.updated_at(0, row);
    const BatchPipeline::Attempt started = pipeline.begin(cycle, number, now, source, marks);
    BOOST_REQUIRE(pipeline.running());
    now += started.takes;
    source.advance(now);  // which goes on meanwhile
    if (started.fails) pipeline.fail(source);
    else pipeline.load({source, store, marks, causes, content});
    ran.loaded = !started.fails;
    return ran;
  }
};

BOOST_AUTO_TEST_CASE(snapshot_cycle_loads_the_source_as_it_was_when_it_began) {
  int failed = 0;
  for (std::uint64_t number = 1; number <= worlds; ++number) {
    Job job(number, BatchOptions::Extract::snapshot, BatchOptions::Load::replace);
    Rows model = live_rows(job.source.rows(0));
    std::vector<Rows> versions{model};
    for (std::uint64_t cycle = 1; cycle <= 8; ++cycle)
      for (std::uint32_t attempt = 0; attempt < 2; ++attempt) {
        const Job::Ran ran = job.attempt(cycle, attempt);
        failed += !ran.loaded;
        if (ran.loaded) versions.push_back(model = ran.source);
        BOOST_REQUIRE_MESSAGE(live_rows(job.store[0]) == model, "world " << number << " cycle " << cycle);
        BOOST_REQUIRE_EQUAL(job.store[0].live_rows(), model.size());
        if (!ran.loaded) continue;
        BOOST_REQUIRE_EQUAL(job.pipeline.position(), ran.end);
        BOOST_REQUIRE(job.pipeline.as_of() == ran.began);
        break;
      }
    BOOST_REQUIRE_EQUAL(job.pipeline.versions(), std::min<std::size_t>(job.options.keep_snapshots, versions.size()));
    for (std::uint32_t back = 1; back <= job.options.keep_snapshots; ++back) {
      BOOST_REQUIRE(job.pipeline.restore(back, job.store));
      BOOST_REQUIRE(live_rows(job.store[0]) == versions[versions.size() - back]);
    }
    BOOST_REQUIRE(!job.pipeline.restore(job.options.keep_snapshots + 1, job.store));
    BOOST_REQUIRE(!job.pipeline.restore(0, job.store));
  }
  BOOST_TEST(failed > static_cast<int>(worlds));
}

// A merge by cursor never sees a delete, nor a row whose statement ran before the cursor and which committed later.
BOOST_AUTO_TEST_CASE(incremental_cycle_merges_rows_updated_after_the_cursor_and_no_others) {
  std::size_t deletes_missed = 0, late_missed = 0;
  for (std::uint64_t number = 1; number <= worlds; ++number) {
    Job job(number, BatchOptions::Extract::incremental, BatchOptions::Load::merge);
    Rows model = live_rows(job.source.rows(0));
    Time cursor = model.empty() ? Time::before_all() : Time{-1};  // initial rows were updated before the start
    for (std::uint64_t cycle = 1; cycle <= 8; ++cycle)
      for (std::uint32_t attempt = 0; attempt < 2; ++attempt) {
        const Job::Ran ran = job.attempt(cycle, attempt);
        if (ran.loaded) {
          const Time from = cursor == Time::before_all() ? cursor : cursor - job.options.overlap;
          for (const auto& [row, write] : ran.source) {
            if (ran.updated_at.at(row) <= from) continue;
            model[row] = write;
            cursor = std::max(cursor, ran.updated_at.at(row));
          }
          for (const auto& [row, write] : model) deletes_missed += !ran.source.count(row);
          for (const auto& [row, write] : ran.source) late_missed += !model.count(row) || model[row] != write;
        }
        BOOST_REQUIRE_MESSAGE(live_rows(job.store[0]) == model, "world " << number << " cycle " << cycle);
        if (ran.loaded) break;
      }
  }
  BOOST_TEST(deletes_missed > 1000U);  // the worlds are worth comparing
  BOOST_TEST(late_missed > 1000U);
}

BOOST_AUTO_TEST_CASE(attempt_takes_its_rows_times_the_row_time_and_a_failing_one_half_of_it) {
  for (std::uint64_t number = 1; number <= worlds; ++number) {
    Job job(number, BatchOptions::Extract::snapshot, BatchOptions::Load::replace);
    for (std::uint64_t cycle = 1; cycle <= 6; ++cycle) {
      job.source.advance(job.now += second);
      const Duration whole = job.options.row_time * static_cast<std::int64_t>(job.source.rows(0).live_rows());
      const auto attempt = job.pipeline.begin(cycle, 0, job.now, job.source, job.marks);
      if (cycle == 2 || cycle == 5) BOOST_REQUIRE(attempt.fails);
      BOOST_REQUIRE(attempt.takes == (attempt.fails ? whole / 2 : whole));
      job.pipeline.fail(job.source);
      BOOST_REQUIRE(!job.pipeline.running());
    }
  }
}

// Readers of the source's journal are let go: a failed or loaded cycle leaves none behind.
BOOST_AUTO_TEST_CASE(cycle_leaves_no_snapshot_of_the_source_open) {
  Job job(3, BatchOptions::Extract::snapshot, BatchOptions::Load::replace);
  for (std::uint64_t cycle = 1; cycle <= 6; ++cycle) job.attempt(cycle, 0);
  const std::uint64_t journal = job.source.rows(0).position();
  job.source.advance(job.now + minute);
  BOOST_TEST(job.source.rows(0).position() == journal);
}

}  // namespace
}  // namespace rehearse::twins
