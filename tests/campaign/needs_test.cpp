// What readers need, and faults that touch nothing which anybody reads, over whole rehearsals.
#include <boost/test/unit_test.hpp>

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
result::Result rehearsed(const std::string& text) {
  const Loaded loaded = from_text(text);
  return rehearse(loaded.scenario, loaded.inputs);
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
  BOOST_TEST(unread.faults(0).hits() > 0U);
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

}  // namespace rehearse
