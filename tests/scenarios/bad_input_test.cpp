// One mistake a case: each is reported at its line and column, with its path, what was expected and the nearest name.
#include <fmt/core.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "tests/scenarios/example.h"

using namespace rehearse;
using namespace rehearse::testing;

namespace {

struct Case {
  const char* from;
  const char* to;  // with @@ before the mistake
  const char* path;
  const char* message;   // a part of it
  const char* expected;  // a part of it
  const char* nearest;
};

const std::vector<Case> cases = {
    // fields
    {"duration: 30d", "@@durration: 30d", "durration", "unknown field `durration`", "one of format", "duration"},
    {"{of: orders}", "{of: orders, @@kid: x}", "datasets.orders.kid", "unknown field", "one of of, kind", "kind"},
    {"name: base", "name: base\n@@sweep: {seed: [1, 2]}", "sweep", "unknown field `sweep`", "one of format", ""},
    {"{metric: p95, ", "{metric: p95, @@over: 3m, ", "migration.rollback.triggers[0].over", "unknown field",
     "one of metric", ""},
    {"duration: 30d\n", "", "", "`duration` is missing", "a duration such as 70d", ""},
    {"{produces: orders, into: orders_streaming, freshness: 60s}", "@@{produces: orders, into: orders_streaming}",
     "pipelines.cdc.stream", "`freshness` is missing", "a duration", ""},
    {"name: base", "name: base\n@@name: again", "", "`name` is given twice, first in line 2", "each key once", ""},
    {"{type: bigint, key: true}", "{type: bigint, key: true, @@type: text}", "", "`type` is given twice",
     "each key once", ""},
    // units and bounds
    {"duration: 30d", "duration: @@30", "duration", "`30` has no unit", "a duration such as 70d, between 1ms and 731d",
     ""},
    {"duration: 30d", "duration: @@30days", "duration", "`days` is no unit of time", "a duration", "30d"},
    {"duration: 30d", "duration: @@800d", "duration", "`800d` is above 731d", "between 1ms and 731d", ""},
    {"peak_rate: 10/s", "peak_rate: @@10", "source.tables.orders.workload.peak_rate", "per what time",
     "a rate such as 40/s", "10/s"},
    {"below: 1%", "below: @@0.5", "migration.phases[0].exit[0].below", "it may mean `0.5%` or `50%`",
     "a count, a share or a duration", ""},
    {"rows: 1k", "rows: @@1.5", "source.tables.orders.rows", "not a whole number",
     "a count such as 1M, between 0 and 1G", ""},
    {"rows: 1k", "rows: @@-1", "source.tables.orders.rows", "`-1` is below 0", "a count", ""},
    {"rows: 1k", "rows: @@99999999999999999999", "source.tables.orders.rows", "too large", "a count", ""},
    {"format: 1", "format: @@2", "format", "`2` is above 1", "a count", ""},
    {"start: 2026-03-02T00:00:00Z", "start: @@2026-02-30T00:00:00Z", "start", "no date and time", "a date and time",
     ""},
    {"\"0 2 * * *\"", "@@\"0 25 * * *\"", "pipelines.nightly.batch.cron", "hour", "five cron fields", ""},
    {"peak_rate: 10/s", "peak_rate: 10/s, calendar: {open: @@\"Mon-Fry 08:00-18:00\"}",
     "source.tables.orders.workload.calendar.open", "", "weekdays and hours", ""},
    {"peak_rate: 10/s", "peak_rate: 10/s, calendar: {open: \"Mon 08:00-18:00\", time_zone: @@Europe/Berlin}",
     "source.tables.orders.workload.calendar.time_zone", "no time zone", "UTC or an offset", ""},
    {"peak_rate: 10/s", "peak_rate: 10/s, transactions: @@geometrc(mean=3)",
     "source.tables.orders.workload.transactions", "no distribution", "one of 3, constant(value)", "geometric"},
    {"peak_rate: 10/s", "peak_rate: 10/s, transactions: @@geometric(mean=1M)",
     "source.tables.orders.workload.transactions", "is above 100k", "between 1 and 100k", ""},
    {"peak_rate: 10/s", "peak_rate: 10/s, pick: {updates: @@exponential(2ms)}",
     "source.tables.orders.workload.pick.updates", "is not for this", "one of uniform or zipf(exponent)", ""},
    {"{type: \"decimal(12,2)\"}", "{type: @@decimall}", "source.tables.orders.columns.amount.type",
     "`decimall` is no type", "a column type", "decimal"},
    // words
    {"tier: low", "tier: @@lwo", "consumers.dashboard.tier", "`lwo` is not known here", "one of low, medium or high",
     "low"},
    {"key: true", "key: @@yes", "source.tables.orders.columns.id.key", "neither true nor false", "true or false",
     "true"},
    {"move: [dashboard]", "do: [@@paus nightly]", "migration.phases[1].do[0]", "`paus` is not known here",
     "one of pause, resume or run_now", "pause"},
    {"move: [dashboard]", "do: [pause@@]", "migration.phases[1].do[0].pause", "there is no value",
     "the name of a pipeline", ""},
    {"name: base", "name: @@a b", "name", "`a b` is no name", "a name of letters", ""},
    {"  dashboard: {", "  @@dash board: {", "consumers.dash board", "is no name", "a name", ""},
    // shapes
    {"tier: low", "tier: @@[low]", "consumers.dashboard.tier", "a list cannot stand here", "one of low", ""},
    {"name: base", "@@name:", "name", "there is no value", "a name", ""},
    {"{of: orders}", "@@orders", "datasets.orders", "`orders` cannot stand here", "a mapping", ""},
    {"{of: orders}", "@@[orders]", "datasets.orders", "a list cannot stand here", "a mapping", ""},
    {"[source, orders_streaming]", "@@source", "checks.fields.field_compare.between", "cannot stand here", "a list",
     ""},
    {"[source, orders_streaming]", "@@[source]", "checks.fields.field_compare.between", "1 is given", "exactly 2", ""},
    {"[{redirect_consumers: 30s}]", "@@[]", "migration.rollback.steps", "0 are given", "at least 1", ""},
    {"{field_compare: {between: [source, orders_streaming], every: 1h}}", "@@{}", "checks.fields",
     "the kind of check is missing", "one of row_count, sampled_hash", ""},
    {"{latency: {of: orders_streaming, every: 1m}}",
     "{latency: {of: orders_streaming, every: 1m}, @@freshness: {of: orders_streaming, every: 1m}}",
     "checks.arrival.freshness", "`freshness` cannot stand beside `latency`", "only one of row_count", ""},
    {"at: 3d,", "at: 3d, @@every: 1d,", "world.faults[0].connector_restart.every", "`every` cannot stand beside `at`",
     "only one of at, every or rate", ""},
    {"at: 3d,", "at: @@{plus: 3d},", "world.faults[0].connector_restart.at", "is missing", "one of after or phase", ""},
    {"{from: fields, per: rows_compared}", "{from: fields, per: rows_compared, classes: @@!!str missing}", "",
     "the tag", "without a tag", ""},
};

std::vector<Diagnostic> at_mark(const std::vector<Diagnostic>& diagnostics, const Broken& input) {
  std::vector<Diagnostic> found;
  for (const Diagnostic& d : diagnostics) {
    if (input.line == 0 || (d.line == input.line && d.column == input.column)) found.push_back(d);
  }
  return found;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

LoadResult bad(const std::string& text) {
  LoadResult result = load(text);
  BOOST_TEST(!result.scenario.has_value());
  BOOST_TEST(has_errors(result.diagnostics));
  return result;
}

}  // namespace

BOOST_AUTO_TEST_CASE(each_mistake_is_reported_where_it_is) {
  BOOST_TEST(to_text(load(base_scenario).diagnostics) == "");
  for (const Case& c : cases) {
    const Broken input = broken(base_scenario, c.from, c.to);
    const LoadResult result = load(input.text);
    BOOST_TEST_CONTEXT(c.to << " at " << input.line << ":" << input.column << "\n" << to_text(result.diagnostics)) {
      BOOST_TEST(!result.scenario.has_value());
      const std::vector<Diagnostic> found = at_mark(result.diagnostics, input);
      BOOST_TEST_REQUIRE(!found.empty());
      const bool one = std::any_of(found.begin(), found.end(), [&c](const Diagnostic& d) {
        return d.path == c.path && contains(d.message, c.message) && contains(d.expected, c.expected) &&
               d.nearest == c.nearest;
      });
      BOOST_TEST(one);
      BOOST_TEST(result.diagnostics.size() <= 2U);  // no cascades
    }
  }
}

BOOST_AUTO_TEST_CASE(all_mistakes_of_a_file_are_reported_at_once_in_order) {
  std::string text = broken(base_scenario, "duration: 30d", "duration: 30").text;
  text = broken(text, "tier: low", "tier: lwo").text;
  text = broken(text, "{from: arrival}", "{from: arival}").text;
  text = broken(text, "to: cdc", "too: cdc").text;
  const LoadResult result = bad(text);
  std::vector<std::string> paths;
  for (const Diagnostic& d : result.diagnostics) paths.push_back(d.path);
  const std::vector<std::string> expected = {"duration", "consumers.dashboard.tier", "metrics.p95.from[0]", "migration",
                                             "migration.too"};
  BOOST_TEST(paths == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_diagnostic_reads_as_one_line) {
  const LoadResult result = bad(broken(base_scenario, "tier: low", "tier: lwo").text);
  BOOST_TEST(to_text(result.diagnostics) ==
             "test.yaml:29:48: consumers.dashboard.tier: `lwo` is not known here; expected one of low, medium or high; "
             "did you "
             "mean `low`?\n");
}

BOOST_AUTO_TEST_CASE(what_is_not_yaml_is_refused_with_a_place) {
  const LoadResult open = bad("format: 1\nname: [a, b\n");
  BOOST_TEST(open.diagnostics.at(0).line >= 2);
  BOOST_TEST(contains(open.diagnostics[0].message, "not YAML"));
  BOOST_TEST(contains(bad("").diagnostics.at(0).message, "the file is empty"));
  BOOST_TEST(contains(bad("# only a comment\n").diagnostics.at(0).message, "the file is empty"));
  BOOST_TEST(contains(bad("- a\n- b\n").diagnostics.at(0).message, "this is no scenario"));
  BOOST_TEST(contains(bad("just text").diagnostics.at(0).message, "this is no scenario"));
  BOOST_TEST(contains(bad(base_scenario + "---\nformat: 1\n").diagnostics.at(0).message, "a second document"));
  const LoadResult tab = bad("format: 1\nsource:\n\ttables: {}\n");
  BOOST_TEST(tab.diagnostics.at(0).line == 3);
  const LoadResult key = bad("format: 1\n? [a, b]\n: c\n");
  BOOST_TEST(contains(key.diagnostics.at(0).message, "a key that is a list"));
  BOOST_TEST(bad("format: 1\nname: *nobody\n").diagnostics.at(0).line == 2);
}

BOOST_AUTO_TEST_CASE(text_that_is_not_utf8_is_refused_with_a_place) {
  const LoadResult result = bad("format: 1\nabout: caf\xe9\n");
  BOOST_TEST(result.diagnostics.at(0).line == 2);
  BOOST_TEST(result.diagnostics[0].column == 11);
  BOOST_TEST(contains(result.diagnostics[0].message, "not UTF-8"));
  BOOST_TEST(contains(bad(std::string("format: 1\0name: a", 17)).diagnostics.at(0).message, "a zero byte"));
  BOOST_TEST(load(broken(base_scenario, "name: base", "name: base\nabout: café ☕ 𝄞").text).scenario.has_value());
}

BOOST_AUTO_TEST_CASE(files_too_deep_or_too_large_are_refused) {
  std::string deep = "format: 1\nabout: ";
  for (int i = 0; i < 40; ++i) deep += "[";
  for (int i = 0; i < 40; ++i) deep += "]";
  BOOST_TEST(contains(bad(deep).diagnostics.at(0).message, "nested too deep"));
  std::string deeper = "about: ";
  for (int i = 0; i < 100'000; ++i) deeper += "[";
  BOOST_TEST(contains(bad(deeper).diagnostics.at(0).message, "nested too deep"));
  BOOST_TEST(contains(bad(std::string((4U << 20) + 1, ' ')).diagnostics.at(0).message, "bytes"));
  std::string wide = "about: [";
  for (int i = 0; i < 250'000; ++i) wide += "0,";
  const LoadResult many = bad(wide + "0]\n");
  BOOST_TEST(contains(many.diagnostics.at(0).message, "too large"));
}

BOOST_AUTO_TEST_CASE(aliases_work_but_cannot_explode) {
  const Broken alias = broken(base_scenario, "  dashboard: {reads: orders, every: 15m, tier: low}",
                              "  dashboard: &reader {reads: orders, every: 15m, tier: low}\n  twin: *reader");
  const LoadResult loaded = load(alias.text);
  BOOST_TEST_REQUIRE(loaded.scenario.has_value(), to_text(loaded.diagnostics));
  BOOST_TEST(loaded.scenario->proto.consumers(1).name() == "twin");
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  std::string chain = "b0: &b0 [x]\n";
  for (int i = 1; i < 60; ++i) {
    chain += fmt::format("b{0}: &b{0} [*b{1}]\n", i, i - 1);
    if (i < 12) bomb += fmt::format("a{0}: &a{0} [*a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}]\n", i, i - 1);
  }
  BOOST_TEST(contains(bad(bomb).diagnostics.at(0).message, "aliases"));
  BOOST_TEST(contains(bad(chain).diagnostics.at(0).message, "nested too deep"));
  BOOST_TEST(contains(bad("a: &a [*a]\n").diagnostics.at(0).message, "alias"));
}

BOOST_AUTO_TEST_CASE(thousands_of_mistakes_end_in_a_count) {
  std::string text = base_scenario;
  for (int i = 0; i < 5'000; ++i) text += fmt::format("k{}: 1\n", i);
  const LoadResult result = bad(text);
  BOOST_TEST(result.diagnostics.size() == 101U);
  BOOST_TEST(result.diagnostics.back().message == "4900 more problems are not shown");
}

BOOST_AUTO_TEST_CASE(mangled_scenarios_never_crash_and_every_rejection_names_the_file) {
  std::uint64_t state = 42;
  const auto next = [&state](std::size_t below) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::size_t>(state >> 33) % below;
  };
  const std::string bits = "{}[]:,-*&!|>'\"%@`#? \n\t0ak.()";
  for (int round = 0; round < 1'500; ++round) {
    std::string text = base_scenario;
    for (std::size_t edits = 1 + next(4); edits > 0; --edits) {
      const std::size_t at = next(text.size());
      switch (next(4)) {
        case 0:
          text[at] = bits[next(bits.size())];
          break;
        case 1:
          text.erase(at, 1 + next(20));
          break;
        case 2:
          text.insert(at, 1, bits[next(bits.size())]);
          break;
        default:
          text.insert(at, text.substr(next(text.size()), next(40)));
          break;
      }
    }
    const LoadResult result = load(text);
    BOOST_TEST(result.scenario.has_value() != has_errors(result.diagnostics));
    for (const Diagnostic& d : result.diagnostics) BOOST_TEST(d.file == "test.yaml");
  }
}
