// Laws of what is right, late and divergent, over random worlds: how strikes are written down, how often pipelines
// write, what only delays, and what ends a divergence.
#include <fmt/format.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>
#include <set>
#include <tuple>

#include "harness/judge/spans.h"
#include "tests/laws/random_plan.h"
#include "tests/oracle/random_world.h"
#include "tests/worlds.h"

namespace rehearse::laws {
namespace {

constexpr std::uint64_t worlds = random_worlds(2'000);
constexpr StoreId new_store = 2;  // that the stream writes

using Row = std::tuple<StoreId, TableId, RowId>;

// When each row was divergent, whatever the kinds and causes.
std::map<Row, judging::Spans> divergent(const std::vector<DivergentInterval>& intervals) {
  std::map<Row, judging::Spans> spans;
  for (const DivergentInterval& interval : intervals)
    spans[{interval.store, interval.table, interval.row}].push_back({interval.from, interval.until});
  for (auto& [row, of_row] : spans) of_row = judging::merged(std::move(of_row));
  return spans;
}

std::string text_of(const std::map<Row, judging::Spans>& spans) {
  std::string text;
  for (const auto& [row, of_row] : spans)
    for (const Span& span : of_row)
      text += fmt::format("{}/{}/{} {} to {}\n", std::get<0>(row), std::get<1>(row), std::get<2>(row), span.from.ns,
                          span.until.ns);
  return text;
}

// A world without a plan and without repairs, whose stream can lose nothing, and without faults.
RandomPlan lossless(std::uint64_t number) {
  RandomPlan plan = random_plan(number);
  Picks pick(number, "lossless");
  plan.has_plan = false;
  plan.repairs.clear();
  plan.faults.clear();
  plan.stream = fmt::format(
      "freshness: 10m, connector: {{poll_every: {}, flush_offsets_every: {}}}, topic: {{partitions: {}}}, processor: "
      "{{workers: {}, service_time: exponential({})}}, sink: {{write: {}, flush_every: {}}}",
      pick.of({"1s", "30s", "10m"}), pick.of({"1m", "30m"}), pick.between(1, 3), pick.between(1, 3),
      pick.of({"10ms", "20s"}), pick.of({"upsert", "upsert_if_newer"}), pick.of({"1s", "5m"}));
  return plan;
}

// A fault as entries of the list of faults, given when each strike begins and ends, in minutes.
std::vector<std::string> strikes(const std::string& fault, const std::vector<std::pair<std::int64_t, std::int64_t>>& at,
                                 const std::string& lasts) {
  std::vector<std::string> entries;
  for (const auto& [from, until] : at)
    entries.push_back(
        fmt::format("{{name: struck{}, {}, at: {}m, {}: {}m}}}}", entries.size(), fault, from, lasts, until - from));
  return entries;
}

// How decisions were judged, without the names of faults.
std::string without_names(const Judgements& judgements) {
  std::string text;
  for (const result::GateJudgement& gate : judgements.gates)
    text += fmt::format("GO {} {} {}\n", gate.at_ns(), gate.was() == result::right, !gate.bad_luck().empty());
  for (const judging::Danger& danger : judgements.dangers)
    text += fmt::format("danger {} {} {}\n", danger.reader, danger.from.ns, danger.passed.ns);
  if (const auto& rollback = judgements.rollback)
    text += fmt::format("rollback {} {} {} {}\n", rollback->fired_at_ns(), rollback->was() == result::right,
                        rollback->landed(), rollback->rto_ns());
  return text;
}

}  // namespace

// Cut in two where one begins as the other ends, or where they overlap.
BOOST_AUTO_TEST_CASE(split_strikes_that_touch_or_overlap_are_one_strike) {
  std::uint64_t rows = 0, decisions = 0;
  for (std::uint64_t number = 0; number < worlds; ++number) {
    RandomPlan plan = random_plan(number);
    Picks pick(number, "split");
    const std::int64_t from = pick.between(30, 900), middle = from + pick.between(1, 200);
    const std::int64_t until = middle + pick.between(1, 200);
    std::int64_t overlap = pick.one_in(2) ? middle : pick.between(middle, until);
    std::string fault = fmt::format("field_corruption: {{pipeline: cdc, column: amount, share: 100%, how: {}",
                                    pick.of({"shift", "\"null\"", "truncate", "stale"}));
    std::string lasts = "for";
    switch (pick.between(1, 4)) {
      case 1:
        fault = "connector_restart: {pipeline: cdc, part: " + pick.of({"source_connector", "sink"});
        lasts = "down_for";
        overlap = std::max(overlap, middle + 1);  // between one end and the next crash it would be up for an instant
        break;
      case 2:
        fault = "out_of_order_deletes: {pipeline: cdc, share: 100%, delay: 20m";
        break;
      default:
        break;
    }
    const std::string kind = fault.substr(0, fault.find(':'));  // two of a kind on one record tie
    std::erase_if(plan.faults, [&](const std::string& other) { return other.find(kind) != std::string::npos; });
    const auto with = [&](const std::vector<std::pair<std::int64_t, std::int64_t>>& at) {
      RandomPlan struck = plan;
      for (std::string& entry : strikes(fault, at, lasts)) struck.faults.push_back(std::move(entry));
      std::string text;
      rehearsed(struck, [&](const JudgeInputs& recorded) {
        const auto spans = divergent(recorded.truth.intervals);
        const Judgements judgements = judgements_of(recorded);
        rows += spans.size();
        decisions += judgements.gates.size();
        text = without_names(judgements) + text_of(spans);
      });
      return text;
    };
    const std::string as_one = with({{from, until}}), as_two = with({{from, overlap}, {middle, until}});
    BOOST_REQUIRE_MESSAGE(as_one == as_two, as_one + "-- as two\n" + as_two + fault + plan.text());
  }
  BOOST_TEST(rows > worlds);
  BOOST_TEST(decisions > worlds);
}

// One entry whose next strike begins before the last has ended, and one long strike.
BOOST_AUTO_TEST_CASE(split_strikes_of_one_fault_that_overlap_are_one_long_strike) {
  std::uint64_t rows = 0;
  for (std::uint64_t number = 0; number < worlds; ++number) {
    RandomPlan plan = lossless(number);
    Picks pick(number, "overlap");
    const std::int64_t apart = pick.between(30, 200), times = pick.between(2, 5), lasts = apart + pick.between(0, 90);
    const std::string fault = pick.of({"field_corruption: {pipeline: cdc, column: amount, share: 30%, how: shift",
                                       "duplicate_delivery: {pipeline: cdc, share: 30%, delay: exponential(20m)",
                                       "out_of_order_deletes: {pipeline: cdc, share: 60%, delay: exponential(20m)"});
    const auto with = [&](const std::string& when) {
      plan.faults = {fmt::format("{{name: struck, {}, {}}}}}", fault, when)};
      std::string text;
      rehearsed(plan, [&](const JudgeInputs& recorded) {
        const auto spans = divergent(recorded.truth.intervals);
        rows += spans.size();
        text = fmt::format("{} hits\n", recorded.faults[0].hits) + text_of(spans);
      });
      return text;
    };
    const std::string many = with(fmt::format("every: {}m, for: {}m, until: {}m", apart, lasts, apart * times));
    const std::string one = with(fmt::format("at: {}m, for: {}m", apart, apart * (times - 1) + lasts));
    BOOST_REQUIRE_MESSAGE(many == one, many + "-- as one\n" + one + fault + plan.text());
  }
  BOOST_TEST(rows > worlds);
}

// A row whose garbled change has landed stays wrong whatever is on its way, for that is garbled too: to the end,
// however rarely the stream polls and flushes. And what a fast stream shows wrong a slow one shows wrong as soon as it
// shows it.
BOOST_AUTO_TEST_CASE(cadence_with_every_change_garbled_no_poll_or_flush_interval_makes_a_wrong_read_right) {
  std::uint64_t wrong_reads = 0;
  for (std::uint64_t number = 0; number < worlds; ++number) {
    RandomPlan plan = lossless(number);
    Picks pick(number, "cadence");
    plan.workload = fmt::format("peak_rate: {}/h, mix: {{insert: 20%, update: 80%}}", pick.of({"12", "120"}));
    plan.contract = "columns: {id: , amount: , created_at: , updated_at: }";
    plan.checks.clear();
    plan.metrics.clear();
    plan.consumers = {"dash: {reads: new, every: 7m, tier: low}"};
    plan.unlisted.clear();
    plan.faults = {"{name: garbled, field_corruption: {pipeline: cdc, column: amount, share: 100%, how: shift, at: " +
                   pick.of({"0m", "2h"}) + ", for: 99h}}"};
    const auto with = [&](const std::string& poll, const std::string& flush) {
      plan.stream =
          fmt::format("freshness: 10m, connector: {{poll_every: {}}}, sink: {{flush_every: {}}}", poll, flush);
      std::pair<TruthRecord, std::map<Row, judging::Spans>> found;
      rehearsed(plan, [&](const JudgeInputs& recorded) {
        std::vector<DivergentInterval> in_new = recorded.truth.intervals;
        std::erase_if(in_new, [](const DivergentInterval& interval) { return interval.store != new_store; });
        found = {recorded.truth, divergent(in_new)};
      });
      return found;
    };
    const auto [fast, fast_rows] = with("1ms", "1ms");
    const auto [slow, slow_rows] = with(pick.of({"1s", "1m", "20m"}), pick.of({"1s", "3m", "20m"}));
    const Duration latest = minute * 41;
    judging::Spans not_yet;  // a row is wrong in the fast stream's store and has not come in the slow one's
    for (const auto& [row, spans] : fast_rows) {
      const auto found = slow_rows.find(row);
      const Time landed = found == slow_rows.end() ? Time::never() : found->second.front().from;
      const bool due = spans.front().from + latest < Time{} + hour * plan.hours;
      BOOST_REQUIRE_MESSAGE(landed <= spans.front().from + latest || !due, plan.text());
      not_yet.push_back({spans.front().from, landed});
    }
    not_yet = judging::merged(std::move(not_yet));
    for (const auto* rows : {&fast_rows, &slow_rows})
      for (const auto& [row, spans] : *rows)
        BOOST_REQUIRE_MESSAGE(spans.size() == 1 && spans.front().until == Time::never(), text_of(*rows) + plan.text());
    for (const ReadHistory::Run& run : slow.consumers[0].history.runs())
      for (std::uint64_t i = 0; i < run.reads; ++i) {
        const Time at = run.first + run.apart * static_cast<std::int64_t>(i);
        const bool wrong = fast.consumers[0].history.between(at, at + nanosecond)[WRONG] > 0;
        wrong_reads += wrong;
        if (run.found == WRONG) BOOST_REQUIRE_MESSAGE(wrong, at.ns << plan.text());
        else if (wrong) BOOST_REQUIRE_MESSAGE(judging::at(not_yet, at), at.ns << plan.text());
      }
  }
  BOOST_TEST(wrong_reads > worlds * 10);
}

BOOST_AUTO_TEST_CASE(delay_only_within_retention_is_never_divergent) {
  std::uint64_t struck = 0;
  for (std::uint64_t number = 0; number < worlds; ++number) {
    RandomPlan plan = lossless(number);
    Picks pick(number, "delays");
    for (std::int64_t i = pick.between(1, 4); i > 0; --i) {
      const std::string when = pick.one_in(2) ? fmt::format("at: {}m", pick.between(1, plan.hours * 60 - 1))
                                              : fmt::format("rate: {}/d", pick.between(2, 20));
      if (pick.one_in(4))
        plan.faults.push_back(fmt::format("{{name: f{}, burst: {{table: orders, factor: {}, for: {}m, {}}}}}", i,
                                          pick.between(2, 20), pick.between(1, 200), when));
      else
        plan.faults.push_back(
            fmt::format("{{name: f{}, connector_restart: {{pipeline: cdc, part: {}, down_for: {}m, {}}}}}", i,
                        pick.of({"source_connector", "sink"}), pick.between(0, 300), when));
    }
    rehearsed(plan, [&](const JudgeInputs& recorded) {
      for (const FaultTruth& fault : recorded.faults) struck += fault.strikes.size();
      for (const DivergentInterval& interval : recorded.truth.intervals)
        BOOST_REQUIRE_MESSAGE(interval.store != new_store, interval.row << " at " << interval.from.ns << plan.text());
    });
  }
  BOOST_TEST(struck > worlds * 4);
}

namespace {

using RowEvent = std::pair<Row, Time>;

// A transaction may change a row more than once.
std::map<RowEvent, std::vector<Cell>> commits_of(const World& world) {
  const SourceLog& log = world.source.log();
  BOOST_REQUIRE_EQUAL(log.base(), 0U);
  std::map<RowEvent, std::vector<Cell>> commits;
  for (Lsn lsn = 0; lsn < log.end(); ++lsn)
    commits[{{source_store, log[lsn].table(), log[lsn].row}, log[lsn].commit()}].push_back(world.source.cell_at(lsn));
  return commits;
}

}  // namespace

// Whatever ends a divergence of a stream's row is something that lands in the store, a lost record that is under way
// again, or a change of the schema; or a commit of the very value that is shown.
BOOST_AUTO_TEST_CASE(landing_only_a_commit_never_makes_a_divergent_row_late_or_right_unless_its_value_is_shown) {
  using namespace oracle_test;
  std::uint64_t ended = 0, by_commit = 0;
  for (std::uint64_t number = 1; number <= worlds; ++number) {
    const RandomWorld design = random_world(number, {});
    std::set<RowEvent> carried;  // something was written to the store, or a carrier took a record up once more
    std::vector<std::pair<Time, TableId>> schemas;  // which changed when; those made of another change with it
    Rehearsal::trace = [&](const World&, const Fact& fact) {
      if (fact.kind == Fact::Kind::schema_changed) schemas.push_back({fact.at, fact.table});
      if (fact.store != source_store && fact.kind != Fact::Kind::lost)
        carried.insert({{fact.store, fact.table, fact.row}, fact.at});
    };
    Rehearsal rehearsal(design);
    Contracts at_start;
    at_start.start(rehearsal.world);
    rehearsal.run(design.end);
    Rehearsal::trace = nullptr;
    auto commits = commits_of(rehearsal.world);
    std::map<RowEvent, DivergentInterval> last;  // of those that follow one another, by their end
    std::vector<DivergentInterval> intervals = rehearsal.ledger.intervals();
    for (const DivergentInterval& i : intervals) last[{{i.store, i.table, i.row}, i.until}] = i;
    for (const auto& [row, spans] : divergent(intervals))
      for (const Span& span : spans) {
        if (span.until == Time::never() || rehearsal.world.stores[std::get<0>(row)].batch) continue;
        ++ended;
        if (carried.count({row, span.until})) continue;
        if (std::any_of(schemas.begin(), schemas.end(), [&](const auto& s) { return s.first == span.until; })) continue;
        const auto [store, table, number_of_row] = row;
        const std::vector<Cell>& committed = commits[{{source_store, table, number_of_row}, span.until}];
        Contracts contracts = at_start;
        for (const auto& [at, changed] : schemas)
          if (at <= span.until) contracts.schema_changed(rehearsal.world, changed);
        const RowState shown = last.at({row, span.until}).state;
        BOOST_REQUIRE_MESSAGE(
            std::any_of(committed.begin(), committed.end(),
                        [&](const Cell& cell) {
                          return !contracts
                                      .compare(rehearsal.world, table, number_of_row, {cell, shown.cell, shown.extra})
                                      .differs;
                        }),
            fmt::format("world {}, row {} until {}: nothing landed, and what is shown was not committed", number,
                        number_of_row, span.until.ns));
        ++by_commit;
      }
  }
  BOOST_TEST(ended > worlds);
  BOOST_TEST(by_commit > worlds / 100);
}

}  // namespace rehearse::laws
