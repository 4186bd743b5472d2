// What a captured stream left out: told in every rehearsal, and no pass above the share that is allowed.
#include <boost/test/unit_test.hpp>

#include "tests/campaign/captured.h"

namespace rehearse {
namespace {

// A thousand inserts, one every second or so, and so many updates of rows that nobody knows.
std::string with_unknown(int unknown) {
  std::string text;
  for (int i = 1; i <= 1000; ++i) text += line("c", i, i / 25);
  for (int i = 0; i < unknown; ++i) text += line("u", 5000 + i, 41 + i);
  return text;
}
bool says(const google::protobuf::RepeatedPtrField<std::string>& texts, const std::string& part) {
  return std::any_of(texts.begin(), texts.end(),
                     [&](const std::string& text) { return text.find(part) != std::string::npos; });
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_left_out_is_counted_with_its_first_line_and_above_the_share_it_is_no_pass) {
  const Captured one(with_unknown(1));
  const result::Result within = one.rehearsed();  // 1 of 1,001 is less than one in a thousand
  BOOST_TEST(within.verdict() == result::Result::pass);
  BOOST_TEST(within.capture().row_events() == 1001U);
  BOOST_TEST(within.capture().left_out() == 1U);
  BOOST_TEST(!within.capture().too_much_left_out());
  BOOST_TEST(says(within.warnings(), "1 of 1,001 events about rows in the captured stream cannot be replayed"));
  BOOST_REQUIRE(within.capture().findings_size() == 1);
  const result::CaptureFinding& finding = within.capture().findings(0);
  BOOST_TEST(finding.kind() == "update_of_unknown_row");
  BOOST_TEST(finding.first_line() == 1001U);
  BOOST_TEST(finding.left_out());
  BOOST_TEST(finding.text() ==
             "t: 1 update of rows that neither a snapshot nor the stream had made, not replayed; the "
             "first in line 1001 (id=5000).");

  const Captured two(with_unknown(2));
  const result::Result beyond = two.rehearsed();
  BOOST_TEST(beyond.verdict() == result::Result::inconclusive);
  BOOST_TEST(
      says(beyond.reasons(), "Of 1,002 events about rows in the captured stream, 2 (0.1996%) cannot be replayed"));
  BOOST_TEST(two.rehearsed("", "max_left_out: 0.2%").verdict() == result::Result::pass);
  BOOST_TEST(one.rehearsed("", "max_left_out: 0%").verdict() == result::Result::inconclusive);
}

BOOST_AUTO_TEST_CASE(what_lies_before_the_start_or_after_the_end_is_told) {
  std::string text;
  for (int i = 0; i < 10; ++i) text += line("c", i, i * 10);
  const Captured ten(text);  // the last of them 90 minutes after the first
  const result::Result longer = ten.rehearsed();
  BOOST_TEST(longer.verdict() == result::Result::pass);
  BOOST_TEST(longer.capture().transactions() == 10U);
  BOOST_TEST(longer.capture().transactions_after_end() == 3U);
  BOOST_TEST(longer.figures().transactions() == 7U);
  BOOST_TEST(says(longer.warnings(), "3 of 10 captured transactions lie after the end of the rehearsal"));
  const result::Result later = ten.rehearsed("", "", "start: 2026-03-02T01:25:00Z\n");
  BOOST_TEST(later.capture().transactions_before_start() == 3U);
  BOOST_TEST(later.capture().transactions_after_end() == 1U);
  BOOST_TEST(later.capture().changes_within() == 6U);
  BOOST_TEST(says(later.warnings(), "3 of 10 captured transactions lie before the start of the rehearsal"));
  for (const char* start : {"start: 2019-01-01T00:00:00Z\n", "start: 2026-04-01T00:00:00Z\n"}) {
    const result::Result beside = ten.rehearsed("", "", start);
    BOOST_TEST(beside.capture().changes_within() == 0U);
    BOOST_TEST(beside.verdict() == result::Result::vacuous, start);
  }
}

BOOST_AUTO_TEST_CASE(a_second_witness_that_agrees_is_told_and_one_that_differs_is_no_pass_unless_that_is_expected) {
  const Captured two(line("c", 1, 0) + line("c", 2, 1));
  two.file("agrees.t.csv", "id,v\n1,c0\n2,c1\n");
  const result::Result agrees = two.rehearsed("", "final: agrees.");
  BOOST_TEST(agrees.verdict() == result::Result::pass);
  BOOST_REQUIRE(agrees.capture().witnesses_size() == 1);
  BOOST_TEST(agrees.capture().witnesses(0).rows() == 2U);
  BOOST_TEST(agrees.capture().witnesses(0).differing() == 0U);
  two.file("differs.t.csv", "id,v\n1,c0\n2,other\n");
  const result::Result differs = two.rehearsed("", "final: differs.");
  BOOST_TEST(differs.verdict() == result::Result::inconclusive);
  BOOST_TEST(says(differs.reasons(), "The second witness of t differs from what was replayed in 1 of 2 rows (50%)"));
  BOOST_TEST(two.rehearsed("expect: {source_log_incomplete: {t: 1}}\n", "final: differs.").verdict() ==
             result::Result::pass);
  BOOST_TEST(two.rehearsed("", "final: differs., max_left_out: 50%").verdict() == result::Result::pass);
}

BOOST_AUTO_TEST_CASE(a_second_witness_that_does_not_fit_or_cannot_be_read_is_an_error_with_its_place) {
  const Captured two(line("c", 1, 0) + line("c", 2, 1));
  const auto refused = [&](const std::string& text, int at, const std::string& message) {
    two.file("final.t.csv", text);
    const std::vector<Diagnostic> diagnostics = two.refused("final: final.");
    BOOST_REQUIRE(diagnostics.size() == 1U);
    BOOST_TEST(diagnostics[0].file.ends_with("final.t.csv"));
    BOOST_TEST(diagnostics[0].line == at);
    BOOST_TEST(diagnostics[0].message.find(message) != std::string::npos, diagnostics[0].message);
  };
  refused("id\n1\n2\n", 1, "the witness has no column v");
  refused("id,v,w\n1,c0,x\n", 1, "the replayed table has no column w");
  refused("id,v\n1,c0\n2\n", 3, "has 1 fields");
  refused("id,v\n1,c0\n1,c0\n", 3, "the witness has two rows with the key 1");
  refused("", 0, "the file is empty");
}

BOOST_AUTO_TEST_CASE(what_was_passed_over_or_came_twice_and_tables_without_an_event_are_told) {
  const std::string heartbeat = "{\"ts_ms\":1772413200000}\n";
  const Captured twice(line("c", 1, 0) + heartbeat + line("c", 2, 1) + line("c", 2, 1) + heartbeat);
  const result::Result r = twice.rehearsed();
  BOOST_TEST(r.capture().row_events() == 2U);
  BOOST_TEST(r.capture().left_out() == 0U);
  BOOST_REQUIRE(r.capture().findings_size() == 2);
  BOOST_TEST(r.capture().findings(0).text() ==
             "2 messages that are no change of a row (heartbeat), passed over; the first in line 2.");
  BOOST_TEST(r.capture().findings(1).kind() == "delivered_again");
  BOOST_TEST(r.capture().findings(1).text() ==
             "1 change with the position, key and content of one before, replayed once; the first in line 4.");
  const Captured one(line("c", 1, 0));
  const Loaded listed = with_inputs(one.of_text(R"(
format: 1
name: captured
duration: 1h
source: {capture: {stream: stream.jsonl, tables: {t: {key: [id]}, u: {key: [id]}}}}
datasets: {t: {of: t}}
pipelines: {cdc: {stream: {produces: t, into: copy, freshness: 1m}}}
checks: {hashes: {keyed_hash: {between: [source, copy], every: 10m}}}
)"));
  const result::Result silent = rehearse(listed.scenario, listed.inputs);
  BOOST_TEST(says(silent.warnings(), "The stream has no event about rows of the listed table u."));
  BOOST_TEST(!says(one.rehearsed().warnings(), "has no event"));
}

BOOST_AUTO_TEST_CASE(a_cast_of_a_date_that_times_cannot_hold_is_refused) {
  const auto refusals = [](const std::string& date) {
    std::string text = line("c", 1, 0);
    text.replace(text.find("c0"), 2, date);
    const Captured one(text);
    const LoadResult loaded = one.of_text(R"(
format: 1
name: captured
duration: 1h
source: {capture: {stream: stream.jsonl, tables: {t: {key: [id]}}}}
datasets: {t: {of: t, columns: {id: , v: {from: v, cast: timestamp}}}}
pipelines: {cdc: {stream: {produces: t, into: copy, freshness: 1m}}}
checks: {hashes: {keyed_hash: {between: [source, copy], every: 10m}}}
)");
    BOOST_REQUIRE_MESSAGE(loaded.scenario, to_text(loaded.diagnostics));
    std::vector<Diagnostic> diagnostics;
    load_inputs(*loaded.scenario, diagnostics);
    return diagnostics;
  };
  for (const char* far : {"9999-12-31", "infinity", "0001-01-01 00:00:00", "9999-12-31 23:59:59+00"}) {
    const auto found = refusals(far);
    BOOST_REQUIRE_MESSAGE(found.size() == 1U, far);
    BOOST_TEST(found[0].path == "datasets.t.columns.v.cast");
    BOOST_TEST(found[0].message.find(far) != std::string::npos, found[0].message);
    BOOST_TEST(found[0].line == 6);
  }
  for (const char* near : {"2024-02-29", "2024-02-29 10:00:00.5+00", "no date"}) BOOST_TEST(refusals(near).empty());
}

BOOST_AUTO_TEST_CASE(partitions_one_after_the_other_are_told) {
  const result::Result r =
      Captured(line("c", 1, 30) + line("c", 2, 10, ",\"sequence\":null") + line("u", 2, 20)).rehearsed();
  BOOST_TEST(r.capture().commit_times_going_back() == 2U);
  BOOST_TEST(says(r.warnings(), "The stream's commit times go back by up to 20m, the first time in line 2"));
}

BOOST_AUTO_TEST_CASE(times_that_belong_to_no_one_stream_are_refused_with_both) {
  const std::vector<Diagnostic> diagnostics =
      Captured(
          "{\"before\":null,\"after\":{\"id\":1,\"v\":\"a\"},\"source\":{\"ts_ms\":1000,\"schema\":\"public\","
          "\"table\":\"t\",\"txId\":99,\"lsn\":1},\"op\":\"c\"}\n" +
          line("c", 2, 0))
          .refused("");
  BOOST_REQUIRE(diagnostics.size() == 1U);
  BOOST_TEST(diagnostics[0].message ==
             "the stream's commit times reach from 1970-01-01T00:00:01Z to 2026-03-02T01:00:00Z, which is replayed in "
             "more than 700 days");
}

// The must of the real stream: what its snapshot knew is gone.
BOOST_AUTO_TEST_CASE(the_pgbench_capture_without_its_initial_tables_tells_what_it_lacks_and_does_not_pass) {
  LoadResult loaded = load_scenario(std::string(REHEARSE_SOURCE_DIR) + "/scenarios/pgbench.yaml");
  BOOST_REQUIRE(loaded.scenario);
  loaded.scenario->proto.mutable_source()->mutable_capture()->clear_initial();
  loaded.scenario->proto.mutable_source()->mutable_capture()->clear_final();
  loaded.scenario->proto.clear_expect();
  const Loaded with = with_inputs(std::move(loaded));
  const result::Result r = rehearse(with.scenario, with.inputs);
  BOOST_TEST(r.verdict() == result::Result::inconclusive);
  BOOST_TEST(r.capture().row_events() == 160'601U);
  BOOST_TEST(r.capture().too_much_left_out());
  // Updates of branches, tellers and accounts, of which the stream never makes a row, and those of orders that were
  // there before and not deleted since.
  std::uint64_t updates = 0;
  for (const result::CaptureFinding& finding : r.capture().findings())
    if (finding.kind() == "update_of_unknown_row" && finding.table() != "mix_orders") updates += finding.count();
  BOOST_TEST(updates == 38'505U + 30'473U + 30'473U);
  BOOST_TEST(r.capture().left_out() > updates);
}

}  // namespace rehearse
