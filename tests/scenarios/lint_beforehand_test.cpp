// What a scenario will show can in part be known before any rehearsal: each kind is told, and its good neighbour is
// not.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/scenarios/example.h"

namespace rehearse::testing {
namespace {

// Nothing is wrong with it. The start is a Monday.
const std::string in_order = R"yaml(
format: 1
name: case
start: 2026-03-02T00:00:00Z
duration: 14d
source: {tables: {orders: {rows: 1k, columns: {id: {type: bigint, key: true}, amount: {type: "decimal(12,2)"}}, workload: {peak_rate: 5/s, mix: {update: 100%}}}}}
datasets: {orders: {of: orders}}
pipelines:
  nightly: {batch: {produces: orders, into: old, cron: "0 2 * * *", freshness: 26h}}
  cdc: {stream: {produces: orders, into: new, freshness: 1m}}
consumers: {dash: {reads: orders, every: 15m, tier: low}}
checks:
  age: {freshness: {of: new, every: 1m}}
  fields: {field_compare: {between: [source, new], every: 1h}}
metrics: {age: {from: age}, share: {from: fields, per: rows_compared}}
migration:
  from: nightly
  to: cdc
  phases: [{name: shadow, at_least: 2d, exit: [{metric: share, below: 1%, for: 1d}]}, {name: full, move: [dash]}]
  rollback: {triggers: [{metric: age, above: 10m, for: 5m}], steps: [{redirect_consumers: 30s}]}
)yaml";

struct Edit {
  const char* from;
  const char* to;
};

struct Case {
  std::vector<Edit> edits;
  const char* path;     // null: nothing is told
  const char* message;  // a part of it
  const char* expected = "";
};

constexpr const char* stream = "new, freshness: 1m}";
constexpr const char* batch = "freshness: 26h}";
constexpr const char* trigger = "{metric: age, above: 10m, for: 5m}";
constexpr const char* criterion = "{metric: share, below: 1%, for: 1d}";
constexpr const char* fields = "{between: [source, new], every: 1h}";
constexpr const char* source = "peak_rate: 5/s, mix: {update: 100%}}";
constexpr const char* age_of_old = "age: {freshness: {of: old, every: 1m}}";

const std::vector<Case> stages = {
    // 1 / 500 ms is 2/s; 5/s need 200 ms a row, or 2.5 writers.
    {{{stream, "new, freshness: 1m, sink: {row_time: 500ms}}"}},
     "pipelines.cdc.stream.sink.row_time",
     "the sink writes at most 2/s, and 5/s come from `orders`, so it never keeps up",
     "200ms or less, or 3 `writers` or more"},
    {{{stream, "new, freshness: 1m, sink: {row_time: 200ms}}"}}, nullptr, ""},
    {{{stream, "new, freshness: 1m, sink: {row_time: 500ms, writers: 3}}"}}, nullptr, ""},
    // Open for 50 of 168 hours: 1.49/s on average.
    {{{stream, "new, freshness: 1m, sink: {row_time: 500ms}}"},
      {source, "peak_rate: 5/s, mix: {update: 100%}, calendar: {open: \"Mon-Fri 08:00-18:00\", closed: 0%}}"}},
     "pipelines.cdc.stream.sink.row_time",
     "5/s at the peak, 1.49/s on average, come from `orders`, so it falls behind in the open hours",
     "200ms or less"},
    // 20 times 5/s.
    {{{stream, "new, freshness: 1m, sink: {row_time: 20ms}}"},
      {"checks:\n", "world: {faults: [burst: {table: orders, at: 1d, factor: 20, for: 2h}]}\nchecks:\n"}},
     "pipelines.cdc.stream.sink.row_time",
     "at most 50/s, and up to 100/s for 2h in the burst `burst`",
     "10ms or less, or 2 `writers` or more"},
    {{{stream, "new, freshness: 1m, sink: {row_time: 10ms}}"},
      {"checks:\n", "world: {faults: [burst: {table: orders, at: 1d, factor: 20, for: 2h}]}\nchecks:\n"}},
     nullptr,
     ""},
    {{{stream, "new, freshness: 1m, connector: {rate: 4/s}}"}},
     "pipelines.cdc.stream.connector.rate",
     "the connector reads at most 4/s",
     "a rate above 5/s"},
    {{{stream, "new, freshness: 1m, connector: {rate: 6/s}}"}}, nullptr, ""},
    {{{stream, "new, freshness: 1m, connector: {max_batch: 2}}"}},
     "pipelines.cdc.stream.connector.max_batch",
     "the connector polls at most 4/s",
     "`max_batch` of 3 or more, or `poll_every` of 400ms or less"},
    {{{stream, "new, freshness: 1m, connector: {max_batch: 2, mode: continuous}}"}}, nullptr, ""},
    {{{stream, "new, freshness: 1m, processor: {service_time: exponential(250ms)}}"}},
     "pipelines.cdc.stream.processor.service_time",
     "the processor does at most 4/s",
     "a mean of 200ms or less, or 2 `workers` or more"},
    {{{stream, "new, freshness: 1m, processor: {service_time: exponential(250ms), workers: 2}}"}}, nullptr, ""},
    {{{stream, "new, freshness: 1m, processor: {buffer: 4}}"}},
     "pipelines.cdc.stream.processor.buffer",
     "at most 4/s",
     "500 or more"},
    {{{stream, "new, freshness: 1m, processor: {buffer: 4}, sink: {flush_rows: 4}}"}}, nullptr, ""},
    // 1,000 rows at 0.01/s take 100,000 s; at 0.02/s 50,000 s, which with 24 h are more than 26 h.
    {{{batch, "rate: 0.01/s, freshness: 60h}"}},
     "pipelines.nightly.batch.rate",
     "a cycle loads 1k rows or more and takes 1d3h46m40s, but 1d pass",
     "a rate above"},
    {{{batch, "rate: 0.02/s, freshness: 26h}"}},
     "pipelines.nightly.batch.freshness",
     "stale in between",
     "1d13h53m20s or more"},
    {{{batch, "rate: 0.02/s, freshness: 38h}"}}, nullptr, ""},
};

const std::vector<Case> rules = {
    {{{trigger, "{metric: age, below: 10m, for: 5m}"}},
     "migration.rollback.triggers[0].below",
     "good data fires this trigger: metric `age` shows 0s while all is well",
     "`above`"},
    {{{trigger, "{metric: age, below: 0s, for: 5m}"}},
     "migration.rollback.triggers[0].below",
     "the trigger never fires: nothing is below 0s"},
    {{{"per: rows_compared}}", "per: rows_compared}, bad: {from: fields}}"},
      {trigger, "{metric: bad, above: -1, for: 3h}, {metric: age, above: 10m, for: 5m}"}},
     "migration.rollback.triggers[0].above",
     "good data fires this trigger",
     "0 or more"},
    {{{trigger, "{metric: age, above: 10m, for: 5m}, {metric: share, above: 0%, for: 3h}"}}, nullptr, ""},
    {{{"  fields:", "  nulls: {null_share: {of: new, column: amount, every: 1h}}\n  fields:"},
      {"per: rows_compared}}", "per: rows_compared}, nulls: {from: nulls}}"},
      {trigger, "{metric: nulls, above: 100%, for: 3h}, {metric: age, above: 10m, for: 5m}"}},
     "migration.rollback.triggers[0].above",
     "the trigger never fires: no share is above 100%"},
    {{{"  fields:", "  nulls: {null_share: {of: new, column: amount, every: 1h}}\n  fields:"},
      {"per: rows_compared}}", "per: rows_compared}, nulls: {from: nulls}}"},
      {trigger, "{metric: nulls, above: 99%, for: 3h}, {metric: age, above: 10m, for: 5m}"}},
     nullptr,
     ""},
    {{{trigger, "{metric: share, above: 150%, for: 3h}, {metric: age, above: 10m, for: 5m}"}},
     "migration.rollback.triggers[0].above",
     "the trigger never fires: no share is above 100%",
     "a limit below 100%"},
    {{{trigger, "{metric: age, above: 10m, for: 15d}"}},
     "migration.rollback.triggers[0].for",
     "armed for 12d at the most, and its window is 15d"},
    // The first phase that moves somebody is entered on day 2 at the earliest.
    {{{trigger, "{metric: age, above: 10m, for: 13d, during: [full]}"}},
     "migration.rollback.triggers[0].for",
     "armed for 12d at the most"},
    {{{trigger, "{metric: age, above: 10m, for: 12d, during: [full]}"}}, nullptr, ""},
    // Without criteria the phase is over after two days; with one it may last.
    {{{trigger, "{metric: age, above: 10m, for: 3d, during: [shadow]}"},
      {"at_least: 2d, exit: [{metric: share, below: 1%, for: 1d}]", "at_least: 2d"},
      {"share: {from: fields, per: rows_compared}", ""}},
     "migration.rollback.triggers[0].for",
     "armed for 2d at the most, and its window is 3d"},
    {{{trigger, "{metric: age, above: 10m, for: 3d, during: [shadow]}"}}, nullptr, ""},
    // A nightly store is a day old before its next load lands, so it is older than 20 h for four.
    {{{"age: {freshness: {of: new, every: 1m}}", age_of_old}, {trigger, "{metric: age, above: 20h, for: 3h}"}},
     "migration.rollback.triggers[0].above",
     "good data fires this trigger: store `old` is up to 1d"},
    {{{"age: {freshness: {of: new, every: 1m}}", age_of_old}, {trigger, "{metric: age, above: 20h, for: 5h}"}},
     nullptr,
     ""},
    {{{criterion, "{metric: share, below: 0%, for: 1d}"}},
     "migration.phases[0].exit[0].below",
     "nothing is below 0%, so the gate stays shut"},
    {{{criterion, "{metric: share, above: 5%, for: 1d}"}},
     "migration.phases[0].exit[0].above",
     "so the gate stays shut",
     "`below`"},
    // 2,000 rows at one a second.
    {{{fields, "{between: [source, new], every: 30m, scan_rate: 1/s}"}},
     "checks.fields.field_compare.every",
     "a run takes 33m20s or more, longer than the 30m between two runs",
     "33m20s or more"},
    {{{fields, "{between: [source, new], every: 30m, scan_rate: 1/s}"}},
     "migration.phases[0].exit[0].metric",
     "cannot keep its schedule"},
    {{{fields, "{between: [source, new], every: 34m, scan_rate: 1/s}"}}, nullptr, ""},
    // 1,000 rows of the source alone: the store begins empty.
    {{{fields, "{between: [source, new], every: 30m, scan_rate: 1/s}"},
      {stream, "new, freshness: 1m, connector: {snapshot: none}}"}},
     nullptr,
     ""},
    {{{"{name: full, move: [dash]}", "{name: full, move: [dash], do: [pause nightly]}"}},
     "migration.phases[1].do[0].pause",
     "a rollback sends consumers back to `old`, and none of its steps resumes `nightly`",
     "`{resume: nightly}` or `{run_now: nightly}`"},
    {{{"{name: full, move: [dash]}", "{name: full, move: [dash], do: [pause nightly]}"},
      {"[{redirect_consumers: 30s}]", "[{run_now: nightly}, {redirect_consumers: 30s}]"}},
     nullptr,
     ""},
    {{{"{name: full, move: [dash]}",
       "{name: full, move: [dash], do: [pause nightly]}, {name: back, do: [resume nightly]}"}},
     nullptr,
     ""},
    {{{"[{redirect_consumers: 30s}]", "[{redirect_consumers: 30s}, {pause: nightly}]"}},
     "migration.rollback.steps[1].pause",
     "none of its steps resumes"},
    {{{"tier: low}", "tier: low, fallback: new}"}}, "consumers.dash.fallback", "the store that it is to leave"},
};

const std::vector<Case> others = {
    // At 02:00 the load of the day before is 24 h old.
    {{{"checks:\n", "checks:\n  f: {field_compare: {between: [source, old], every: 1h, align: as_of, settle: 10m}}\n"}},
     "checks.f.field_compare.settle",
     "`old` shows its last extract, which is 1d old at a run",
     "1d or more, or `align: position`"},
    {{{"checks:\n",
       "checks:\n  f: {field_compare: {between: [source, old], at: \"02:30\", align: as_of, settle: 10m}}\n"}},
     "checks.f.field_compare.settle",
     "30m old at a run"},
    {{{"checks:\n",
       "checks:\n  f: {field_compare: {between: [source, old], at: \"02:30\", align: as_of, settle: 31m}}\n"}},
     nullptr,
     ""},
    // At 02:20 the extract of 02:00 is twenty minutes old, however long the run waits for the other side.
    {{{"checks:\n",
       "checks:\n  f: {field_compare: {between: [old, new], at: \"02:30\", align: as_of, settle: 10m}}\n"}},
     "checks.f.field_compare.align",
     "`old` shows its last extract, which is 20m old at a run"},
    {{{"checks:\n", "checks:\n  f: {field_compare: {between: [old, new], at: \"02:30\"}}\n"}}, nullptr, ""},
    {{{fields, "{between: [source, new], every: 1h, align: naive}"}},
     "checks.fields.field_compare.align",
     "`new` shows a change up to 1s after it, so rows that changed since look like an error"},
    {{{fields, "{between: [source, new], every: 1h, align: naive, recheck: {after: 1m}}"}}, nullptr, ""},
    // A count sees no update.
    {{{"checks:\n", "checks:\n  n: {row_count: {between: [source, new], every: 1h, align: naive}}\n"}}, nullptr, ""},
    {{{"checks:\n", "checks:\n  n: {row_count: {between: [source, new], every: 1h, align: naive}}\n"},
      {source, "peak_rate: 5/s, mix: {insert: 100%}}"}},
     "checks.n.row_count.align",
     "look like an error"},
    {{{stream, "new, freshness: 1m, sink: {write: append}}"}},
     "pipelines.cdc.stream.sink.write",
     "the rows of dataset `orders` change, and each change is appended as one more row",
     "`upsert`"},
    {{{stream, "new, freshness: 1m, sink: {write: append}}"}, {source, "peak_rate: 5/s, mix: {insert: 100%}}"}},
     nullptr,
     ""},
};

std::string edited(const std::vector<Edit>& edits) {
  std::string text = in_order;
  for (const Edit& edit : edits) text = broken(text, edit.from, edit.to).text;
  return text;
}

void try_all(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    const LoadResult result = load(edited(c.edits));
    BOOST_TEST_CONTEXT(c.edits.front().to << "\n" << to_text(result.diagnostics)) {
      BOOST_TEST(result.scenario.has_value());
      if (c.path == nullptr) {
        BOOST_TEST(result.diagnostics.empty());
        continue;
      }
      bool found = false;
      for (const Diagnostic& d : result.diagnostics)
        found = found ||
                (d.level == Diagnostic::Level::warning && d.path == c.path && d.line > 0 && d.column > 0 &&
                 d.message.find(c.message) != std::string::npos && d.expected.find(c.expected) != std::string::npos);
      BOOST_TEST(found);
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_scenario_in_order_is_told_nothing) { BOOST_TEST(to_text(load(in_order).diagnostics) == ""); }

BOOST_AUTO_TEST_CASE(a_stage_that_is_slower_than_what_it_is_offered_is_told_with_the_value_to_change) {
  try_all(stages);
}

BOOST_AUTO_TEST_CASE(a_gate_or_trigger_that_can_never_hold_or_holds_in_good_order_is_told) { try_all(rules); }

BOOST_AUTO_TEST_CASE(appended_updates_and_alignments_that_take_lag_for_an_error_are_told) { try_all(others); }

BOOST_AUTO_TEST_CASE(how_many_records_a_filter_lets_through_no_calendar_says) {
  std::string text = broken(in_order, "datasets: {orders: {of: orders}}",
                            "datasets: {large: {of: orders, where: {amount: {at_least: 1}}}}")
                         .text;
  text = broken(text, stream, "new, freshness: 1m, sink: {row_time: 500ms}}").text;
  for (const char* by : {"nightly: {batch: {produces: ", "cdc: {stream: {produces: ", "dash: {reads: "})
    text = broken(text, std::string(by) + "orders", std::string(by) + "large").text;
  const LoadResult result = load(text);
  BOOST_TEST(to_text(result.diagnostics) == "");
}

// 14 d / 100 M = 12.1 ms.
BOOST_AUTO_TEST_CASE(a_check_that_runs_too_often_to_be_kept_is_an_error) {
  const Broken often = broken(in_order, "{of: new, every: 1m}", "{of: new, every: @@1us}");
  const LoadResult result = load(often.text);
  BOOST_TEST(!result.scenario.has_value());
  BOOST_REQUIRE(!result.diagnostics.empty());
  BOOST_TEST(result.diagnostics[0].path == "checks.age.freshness.every");
  BOOST_TEST(result.diagnostics[0].line == often.line);
  BOOST_TEST(result.diagnostics[0].column == often.column);
  BOOST_TEST(result.diagnostics[0].expected == "13ms or more");
  BOOST_TEST(load(broken(in_order, "{of: new, every: 1m}", "{of: new, every: 13ms}").text).scenario.has_value());
}

BOOST_AUTO_TEST_CASE(a_share_without_its_sign_is_told_both_that_it_may_mean) {
  const LoadResult result = load(broken(in_order, "below: 1%", "below: 0.1").text);
  BOOST_REQUIRE(result.diagnostics.size() == 1U);
  BOOST_TEST(result.diagnostics[0].message == "`0.1` cannot stand here: it may mean `0.1%` or `10%`");
  BOOST_TEST(result.diagnostics[0].nearest == "");
}

BOOST_AUTO_TEST_CASE(the_only_name_that_could_stand_there_is_named_once) {
  const std::string text = to_text(load(broken(in_order, "{of: orders}", "{of: ordrs}").text).diagnostics);
  BOOST_TEST(text.find("did you mean `orders`?") != std::string::npos, text);
  BOOST_TEST(text.find("expected") == std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(no_message_ends_in_an_empty_list_of_names) {
  std::string named = broken(in_order, "tables: {orders:", "tables: {\"Order Items\":").text;
  named = broken(named, "{of: orders}", "{of: \"Order Items\"}").text;
  const std::string text = to_text(load(named).diagnostics);
  BOOST_TEST(text.find("`Order Items` is no name") != std::string::npos, text);
  BOOST_TEST(text.find("one of \n") == std::string::npos, text);
  BOOST_TEST(text.find("expected \n") == std::string::npos, text);
}

// What is told of a shipped scenario is true of it, and nothing else is told.
BOOST_AUTO_TEST_CASE(shipped_scenarios_are_told_nothing_but_what_they_are_about) {
  const std::string sink = "pipelines.cdc.stream.sink.row_time: the sink writes at most ";
  const std::string sale = sink +
                           "20/s, and up to 60/s for 2h in the burst `burst`, 5/s on average, come from `stock`, so it "
                           "falls behind in the burst\n";
  const std::map<std::string, std::string> about = {
      {"oversell", sale},
      {"oversell_with_an_alert", sale},
      {"burst",
       sink + "50/s, and up to 200/s for 30m in the burst `burst`, 2/s on average, come from `orders`, so it falls "
              "behind in the burst\n"},
      {"quickstart",
       sink + "500/s, and up to 880/s for 2h in the burst `burst`, 7.7/s on average, come from `orders`, so it "
              "falls behind in the burst\n"}};
  std::size_t seen = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(REHEARSE_SOURCE_DIR "/scenarios")) {
    if (file.path().extension() != ".yaml") continue;
    ++seen;
    const LoadResult result = load_scenario(file.path().string());
    std::string told;
    for (const Diagnostic& d : result.diagnostics) told += d.path + ": " + d.message + "\n";
    const auto known = about.find(file.path().stem().string());
    BOOST_TEST(told == (known == about.end() ? "" : known->second), file.path() << " is told\n" << told);
  }
  BOOST_TEST(seen > 20U);
}

}  // namespace rehearse::testing
