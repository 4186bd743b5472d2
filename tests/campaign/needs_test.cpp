// What readers need, and faults that touch nothing which anybody reads, over whole rehearsals.
#include <boost/test/unit_test.hpp>
#include <map>

#include "harness/campaign/run.h"
#include "tests/campaign/loaded.h"

namespace rehearse {
namespace {

// One stream; readers that read often, and a dataset without the note.
std::string world(const std::string& consumers, const std::string& sink, const std::string& faults) {
  return R"yaml(
format: 1
name: needs
start: 2026-03-02T00:00:00Z
duration: 1d
source: {tables: {orders: {rows: 50, columns: {id: {type: bigint, key: true}, amount: {type: "decimal(12,2)"}, note: {type: text, distinct: 9}}, workload: {peak_rate: 6/m, mix: {update: 100%}}}}}
datasets: {orders: {of: orders, columns: [id, amount]}}
pipelines:
  cdc: {stream: {produces: orders, into: new, freshness: 1h, sink: {)yaml" +
         sink + "}}}\nconsumers: {" + consumers +
         "}\nchecks: {fields: {field_compare: {between: [source, new], every: 1h}}}\nworld:\n  faults:\n" + faults;
}
const result::Consumer& consumer(const result::Result& r, const std::string& name) {
  for (const result::Consumer& c : r.consumers())
    if (c.name() == name) return c;
  throw std::runtime_error("no consumer " + name);
}

}  // namespace

// The same reads, by three readers: what is there twice is wrong, unless the reader needs that nothing is.
BOOST_AUTO_TEST_CASE(a_read_counts_once_under_the_first_that_applies) {
  const result::Result r = rehearsed(
      world("plain: {reads: orders, every: 1m, tier: low}, single: {reads: orders, every: 1m, tier: low, needs: "
            "{unique: true}}, former: {reads: orders, every: 1m, tier: low, assumes: [unique]}",
            "write: append", "    - connector_restart: {pipeline: cdc, at: 12h, down_for: 1m}\n"));
  const result::Harm &plain = consumer(r, "plain").harm(), &single = consumer(r, "single").harm();
  BOOST_TEST(plain.wrong() > 0U);
  BOOST_TEST(plain.broken_assumption() == 0U);
  BOOST_TEST(single.broken_assumption() > 0U);
  BOOST_TEST(consumer(r, "former").harm().broken_assumption() > 0U);
  for (const result::Harm* harm : {&plain, &single})
    BOOST_TEST(harm->right() + harm->wrong() + harm->stale() + harm->broken_assumption() == harm->reads());
  BOOST_TEST(single.right() > 0U);
}

// Down from 12:00 to 12:30, with a change of each row every eight minutes or so: within the promise of an hour.
BOOST_AUTO_TEST_CASE(a_reader_that_needs_more_than_is_promised_is_stale_where_others_are_not) {
  const result::Result r = rehearsed(
      world("patient: {reads: orders, every: 1m, tier: low}, prompt: {reads: orders, every: 1m, tier: low, needs: "
            "{freshness: 5m}}, lax: {reads: orders, every: 1m, tier: low, needs: {freshness: 2h}}",
            "write: upsert", "    - connector_restart: {pipeline: cdc, at: 12h, down_for: 30m}\n"));
  BOOST_TEST(consumer(r, "patient").harm().stale() == 0U);
  BOOST_TEST(consumer(r, "lax").harm().stale() == 0U);
  const result::Consumer& prompt = consumer(r, "prompt");
  BOOST_TEST(prompt.harm().stale() > 10U);
  BOOST_TEST(prompt.harm().stale() < 26U);  // a read a minute, of the last 25 minutes
  BOOST_TEST(prompt.age().p50_ns() <= second.ns * 2);
  BOOST_TEST(prompt.age().oldest_ns() > (minute * 20).ns);
  BOOST_TEST(prompt.age().oldest_ns() <= (minute * 31).ns);
}

BOOST_AUTO_TEST_CASE(a_fault_that_touches_nothing_which_a_dataset_reads_is_vacuous) {
  const std::string reader = "plain: {reads: orders, every: 1m, tier: low}", sink = "write: upsert";
  const auto fault = [&](const std::string& given) { return rehearsed(world(reader, sink, "    - " + given + "\n")); };
  const result::Result read =
      fault("field_corruption: {pipeline: cdc, column: amount, at: 2h, for: 1h, share: 100%, how: shift}");
  BOOST_TEST(!read.faults(0).vacuous());
  const result::Result unread =
      fault("field_corruption: {pipeline: cdc, column: note, at: 2h, for: 1h, share: 100%, how: shift}");
  BOOST_TEST(unread.faults(0).vacuous());
  BOOST_TEST(unread.faults(0).hits() == 0U);
  BOOST_TEST(unread.verdict() == result::Result::vacuous);
  // Harmless is not vacuous: it stopped a part that had work.
  const result::Result down = fault("connector_restart: {pipeline: cdc, at: 2h, down_for: 10m}");
  BOOST_TEST(!down.faults(0).vacuous());
}

// No change is committed in an hour of a table that changes once a day; a minute after a change there is one to stop.
BOOST_AUTO_TEST_CASE(a_restart_of_a_part_without_work_is_vacuous) {
  for (const char* part : {"source_connector", "sink"}) {
    std::string text =
        world("plain: {reads: orders, every: 1m, tier: low}", "write: upsert",
              std::string("    - connector_restart: {pipeline: cdc, part: ") + part + ", at: 12h, down_for: 0s}\n");
    text.replace(text.find("peak_rate: 6/m"), 14, "peak_rate: 1/h");
    BOOST_TEST(rehearsed(text).faults(0).vacuous(), part);
    text.replace(text.find("down_for: 0s"), 12, "down_for: 9h");
    BOOST_TEST(!rehearsed(text).faults(0).vacuous(), part);
  }
}

BOOST_AUTO_TEST_CASE(an_expectation_of_what_nobody_can_know_is_vacuous_unless_it_expects_just_that) {
  const std::string text = world("plain: {reads: orders, every: 1m, tier: low}", "write: upsert",
                                 "    - connector_restart: {pipeline: cdc, at: 2h, down_for: 10m}\n");
  const auto expecting = [&](const std::string& what) {
    return rehearsed(text + "expect: {" + what + "}\n").expectations(0).status();
  };
  BOOST_TEST(expecting("checks: {fields: {recall: 100%}}") == result::Expectation::vacuous);
  BOOST_TEST(expecting("checks: {fields: {recall: n/a}}") == result::Expectation::held);
  BOOST_TEST(expecting("checks: {fields: {false_alarms: n/a}}") == result::Expectation::broken);  // there are none
  BOOST_TEST(expecting("result: {\"checks[fields].recall_in_sample\": n/a}") == result::Expectation::held);
  BOOST_TEST(expecting("result: {\"checks[fields].recall_in_sample\": 100%}") == result::Expectation::vacuous);
  BOOST_TEST(expecting("result: {figures.changes: n/a}") == result::Expectation::broken);
}

// ---- what a store shows as a whole
// -----------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_store_is_at_no_position_while_it_shows_a_change_without_one_before_it) {
  const auto t = [](std::int64_t at) { return Time{at}; };
  const auto told = [](const Shown& shown, Time oldest) {
    std::vector<std::pair<std::int64_t, std::int64_t>> spans;
    for (const Shown::Span& span : shown.at_no_position(oldest)) spans.emplace_back(span.from.ns, span.until.ns);
    return spans;
  };
  using Told = std::vector<std::pair<std::int64_t, std::int64_t>>;
  Shown shown;
  BOOST_TEST(!shown.at_one_position(t(0)));  // rows that were there at the start are still to come
  shown.flushed(t(3), t(0), t(0), {});
  shown.flushed(t(10), t(5), t(5), {});
  shown.flushed(t(12), t(8), t(8), {});
  BOOST_TEST((told(shown, Time::never()) == Told{{0, 3}}));
  BOOST_TEST(shown.at_one_position(t(9)));
  BOOST_TEST(!shown.at_one_position(t(6)));
  shown.flushed(t(15), t(6), t(6), {});  // it lacked the change of 6 since it showed that of 8
  shown.flushed(t(21), t(20), t(20), {});
  shown.flushed(t(24), t(20), t(20), {});  // the rest of a transaction
  shown.flushed(t(25), t(23), t(23), {});
  shown.ended(t(22), t(26));  // lost
  BOOST_TEST((told(shown, Time::never()) == Told{{0, 3}, {12, 15}, {21, 24}, {25, 26}}));
  const LogRecord third = LogRecord::make(0, 7, 3, Op::update, t(19)),
                  fifth = LogRecord::make(0, 7, 5, Op::update, t(23));
  shown.before_write(third, 5);  // delivered again
  shown.after_write(0, 7, 3);
  shown.flushed(t(30), Time::never(), t(19), {});
  BOOST_TEST(!shown.at_one_position(Time::never()));
  BOOST_TEST((told(shown, t(24)).back() == std::pair<std::int64_t, std::int64_t>(30, Time::never().ns)));
  shown.before_write(fifth, 3);
  shown.after_write(0, 7, 5);
  shown.flushed(t(33), Time::never(), t(23), {});
  BOOST_TEST((told(shown, Time::never()) == Told{{0, 3}, {12, 15}, {21, 24}, {25, 26}, {30, 33}}));
  BOOST_TEST((told(shown, t(23)) == Told{{0, 3}, {12, 15}, {21, 24}, {25, Time::never().ns}}));
}

namespace {

// Against the log, row by row: a row shows its write from that one's commit to the commit of its next, and the store is
// at one position if there is an instant at which the source had all of them at once.
bool at_one_position_by_the_log(const World& world, StoreId store, TableId table) {
  std::map<RowId, std::map<Write, Time>> commits;
  const TableCopy &source = world.source.rows(table), &shown = world.rows(store, table);
  const SourceLog& log = world.source.log();
  for (Lsn lsn = log.base(); lsn < log.end(); ++lsn)
    if (log[lsn].table() == table) commits[log[lsn].row][log[lsn].write] = log[lsn].commit();
  Time from = Time::before_all(), until = Time::never();
  for (RowId row = 0; row < source.slots(); ++row) {
    const Write write = shown.get(row).write;
    const auto& of = commits[row];
    const auto now = of.find(write), next = of.upper_bound(write);
    // A row without its commit in the log was there at the start, or is not there yet.
    if (now != of.end()) from = std::max(from, now->second);
    if (next != of.end()) until = std::min(until, next->second);
    const bool was_there = of.empty() || of.begin()->first > 1;
    if (was_there && write == 0) return false;
  }
  return from < until;
}

}  // namespace

// Transactions, partitions that are written apart, and what a restart delivers again; nothing is lost.
BOOST_AUTO_TEST_CASE(a_store_is_at_one_position_exactly_when_the_log_has_an_instant_with_all_that_it_shows) {
  const Loaded loaded = from_text(R"yaml(
format: 1
name: position
start: 2026-03-02T00:00:00Z
duration: 2h
source: {tables: {orders: {rows: 40, columns: {id: {type: bigint, key: true}, amount: {type: "decimal(12,2)"}}, workload: {peak_rate: 0.3/s, mix: {insert: 20%, update: 70%, delete: 10%}, transactions: geometric(mean=3)}}}}
datasets: {orders: {of: orders}}
pipelines:
  cdc:
    stream:
      produces: orders
      into: new
      freshness: 1h
      connector: {flush_offsets_every: 10m}
      topic: {partitions: 3}
      processor: {workers: 3, service_time: exponential(1s)}
      sink: {writers: 3, flush_every: 2s, row_time: 300ms}
consumers: {whole: {reads: orders, every: 7s, tier: low, needs: {point_in_time: true}}}
checks: {fields: {field_compare: {between: [source, new], every: 1h}}}
world:
  faults:
    - connector_restart: {pipeline: cdc, at: 29m, down_for: 1m}
    - connector_restart: {pipeline: cdc, at: 49m, down_for: 1m}
    - connector_restart: {pipeline: cdc, at: 98m, down_for: 1m}
    - connector_restart: {pipeline: cdc, part: sink, at: 1h, down_for: 2m}
)yaml");
  Run run(assemble(loaded.scenario, loaded.inputs), {});
  run.world.kept_from = 0;
  struct Look {
    Time at;
    bool by_the_log;
  };
  std::vector<Look> looks;
  std::uint64_t at_none = 0;
  for (Time t{millisecond.ns * 137}; t < Time{} + hour * 2; t += millisecond * 613) {
    run.until(t);
    run.world.advance(t);
    run.oracle.advanced(run.world);
    const bool one = at_one_position_by_the_log(run.world, 1, 0);
    const StreamPipeline& stream = run.world.streams[0];
    const bool told = run.oracle.ledger().divergent_count(1) == 0 &&
                      stream.lane.shown()->at_one_position(
                          stream.lane.oldest_not_visible(run.world.source, stream.topic, stream.connector));
    BOOST_REQUIRE_MESSAGE(one == told, "at " << t.ns << " by the log " << one << ", told " << told);
    looks.push_back({t, one});
    at_none += !one;
  }
  BOOST_TEST(at_none > 1'000U);
  BOOST_TEST(looks.size() - at_none > 1'000U);
  // The record says of each of these instants the same.
  run.until(Time{} + hour * 2);
  run.finish();
  const StoreTruth& truth = run.oracle.closed().stores[1];
  for (const Look& look : looks) {
    const bool none = std::any_of(truth.at_no_position.begin(), truth.at_no_position.end(),
                                  [&](const Span& span) { return span.from <= look.at && look.at < span.until; });
    const auto& wrong = run.oracle.closed().intervals;
    const bool divergent =
        std::any_of(wrong.begin(), wrong.end(), [&](const auto& i) { return i.from <= look.at && look.at < i.until; });
    BOOST_REQUIRE_MESSAGE(look.by_the_log == !(none || divergent), "at " << look.at.ns);
  }
  // A read that found it at none is a broken assumption.
  const ReadCounts& all = run.oracle.closed().consumers[0].all;
  BOOST_TEST(all[BROKEN_ASSUMPTION] > 100U);
  BOOST_TEST(all[RIGHT] > 100U);
  BOOST_TEST(all.reads() == all[BROKEN_ASSUMPTION] + all[RIGHT]);
}

// ---- what a rollback takes back
// --------------------------------------------------------------------------------------

namespace {

// The dashboard moves on day 1 at 03:00; the nightly job, whose last extract was at 02:00, is paused. Every row that
// arrives from 40 h on is damaged, and the plan rolls back three hours after a check has seen it.
std::string rolled_back(const std::string& steps, const std::string& needs = "") {
  return R"yaml(
format: 1
name: back
start: 2026-03-02T00:00:00Z
duration: 4d
source: {tables: {orders: {rows: 300, columns: {id: {type: bigint, key: true}, amount: {type: "decimal(12,2)"}, updated_at: {type: timestamptz, role: updated_at}}, workload: {peak_rate: 0.05/s, mix: {update: 100%}}}}}
datasets: {orders: {of: orders, columns: [id, amount, updated_at]}}
pipelines:
  nightly: {batch: {produces: orders, into: old, cron: "0 2 * * *", freshness: 26h, rate: 10/s}}
  cdc: {stream: {produces: orders, into: new, freshness: 1m}}
consumers: {dash: {reads: orders, every: 15m, tier: low)yaml" +
         needs + R"yaml(}}
checks: {fields: {field_compare: {between: [source, new], every: 1h}}}
metrics: {bad: {from: fields}}
migration:
  from: nightly
  to: cdc
  phases: [{name: shadow, at_least: 27h}, {name: full, move: [dash], do: [pause nightly]}]
  rollback: {triggers: [{metric: bad, above: 0, for: 3h}], steps: [)yaml" +
         steps + R"yaml(]}
safety: {max_exposure: 6h}
world:
  faults:
    - field_corruption: {pipeline: cdc, column: amount, how: shift, share: 100%, at: 40h, for: 80h}
)yaml";
}

// Committed in (from, to], none of them just before the end.
std::uint64_t committed(const std::string& text, Time from, Time to) {
  const Loaded loaded = from_text(text);
  Run run(assemble(loaded.scenario, loaded.inputs), {});
  run.world.kept_from = 0;
  run.until(to);
  std::uint64_t count = 0;
  const SourceLog& log = run.world.source.log();
  for (Lsn lsn = log.base(); lsn < log.end(); ++lsn) {
    count += log[lsn].commit() > from && log[lsn].commit() <= to;
    BOOST_REQUIRE(log[lsn].commit() > to || to - log[lsn].commit() > second * 4);  // all of them are visible
  }
  return count;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_rollback_to_the_last_load_takes_back_what_was_committed_since_its_extract) {
  const std::string text = rolled_back("{resume: nightly}, {redirect_consumers: 30s}");
  const result::Result r = rehearsed(text);
  BOOST_REQUIRE_EQUAL(r.rollbacks_size(), 1);
  const Time fired{r.rollbacks(0).fired_at_ns()};
  BOOST_TEST(r.rollbacks(0).rto_ns() == (second * 30).ns);
  const std::uint64_t changes = committed(text, Time{} + hour * 26, fired);
  BOOST_TEST(changes > 2'000U);
  BOOST_TEST(r.rollbacks(0).changes_no_longer_shown() == changes);
  // The drill at the GO, an hour after the extract.
  const result::Drill& drill = r.judgements(0).drills(0);
  BOOST_TEST(drill.changes_no_longer_shown() ==
             committed(text, Time{} + hour * 26, Time{drill.fired_at_ns()} - second));
  // A load that is asked for is of the trigger's instant, and done when the readers come back.
  const result::Result loaded =
      rehearsed(rolled_back("{resume: nightly}, {run_now: nightly}, {redirect_consumers: 5m}"));
  BOOST_TEST(loaded.rollbacks(0).has_changes_no_longer_shown());
  BOOST_TEST(loaded.rollbacks(0).changes_no_longer_shown() == 0U);
}

// Back on a store that is as of 02:00, which the job loads again at 02:00 of the next day.
BOOST_AUTO_TEST_CASE(a_reader_whose_reads_must_be_sorted_is_sent_back_to_less_than_it_has_seen) {
  const std::string back = "{resume: nightly}, {redirect_consumers: 30s}";
  const result::Result r = rehearsed(rolled_back(back, ", needs: {sorted: updated_at}"));
  BOOST_REQUIRE_EQUAL(r.rollbacks_size(), 1);
  const result::Rollback& rollback = r.rollbacks(0);
  BOOST_TEST(!rollback.landed());
  BOOST_TEST(rollback.landing().find("old was behind the updated_at that dash had seen") != std::string::npos,
             rollback.landing());
  // It reads every quarter of an hour; the load of 50 h takes half a minute.
  const std::int64_t back_at = rollback.fired_at_ns() + rollback.routed_ns(), quarter = (minute * 15).ns;
  const std::uint64_t broken = static_cast<std::uint64_t>((hour * 50).ns / quarter - back_at / quarter);
  BOOST_TEST(broken > 20U);
  BOOST_TEST(consumer(r, "dash").harm().broken_assumption() == broken);
  BOOST_TEST(consumer(rehearsed(rolled_back(back)), "dash").harm().broken_assumption() == 0U);
  const result::Result loaded = rehearsed(
      rolled_back("{resume: nightly}, {run_now: nightly}, {redirect_consumers: 5m}", ", needs: {sorted: updated_at}"));
  BOOST_TEST(loaded.rollbacks(0).landed());
  BOOST_TEST(consumer(loaded, "dash").harm().broken_assumption() == 0U);
}

}  // namespace rehearse
