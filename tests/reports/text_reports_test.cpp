// The terminal's summary and the Markdown of a pull request.
#include <fmt/core.h>

#include <boost/test/unit_test.hpp>
#include <regex>
#include <sstream>

#include "reports/format.h"
#include "reports/html.h"
#include "reports/markdown.h"
#include "reports/terminal.h"
#include "tests/reports/fixture.h"

namespace rehearse::reports {
namespace {

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string one_space(const std::string& text) { return std::regex_replace(text, std::regex("\\s+"), " "); }

std::string without_colours(const std::string& text) {
  return std::regex_replace(text, std::regex("\x1b\\[[0-9]*m"), "");
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_summary_begins_with_the_verdict_and_ends_with_the_replay_line) {
  const auto all = lines(render_terminal(fixture::rich()));
  BOOST_TEST(all.front().starts_with("FAIL  nightly-orders-to-stream"));
  BOOST_TEST(all.back() == "Replay: ./rehearse run scenarios/quickstart.yaml --seed 1");
}

BOOST_AUTO_TEST_CASE(the_summary_says_why_what_broke_what_was_decided_and_what_was_not_modelled) {
  const std::string text = render_terminal(fixture::rich());
  for (const char* part :
       {"rolled back in phase canary", "Looser than by default", "✗ rollback RTO is at most 1m", "1,644/1,644",
        "never struck", "on nobody's list", "Not modelled", "no replica identity", "Claimed against true, by class",
        "redirect consumers: +0s … +1m 2s", "Triggers that did not fire", "✗ open incident"})
    BOOST_TEST(has(text, part), part);
}

BOOST_AUTO_TEST_CASE(what_a_captured_stream_could_not_tell_stands_before_the_details) {
  result::Result result = fixture::rich();
  result::Capture& capture = *result.mutable_capture();
  capture.Clear();
  capture.set_stream("stream.jsonl");
  capture.set_row_events(1'002);
  capture.set_left_out(2);
  capture.set_too_much_left_out(true);
  for (int i = 1; i <= 12; ++i) capture.add_findings()->set_text(fmt::format("Something of kind {}.", i));
  result::CaptureWitness& witness = *capture.add_witnesses();
  witness.set_table("orders");
  witness.set_rows(1'000);
  const std::string agrees = one_space(render_terminal(result));
  BOOST_TEST(has(agrees, "the second witness agrees: 1,000 rows in 1 table"));
  witness.set_differing(3);
  for (const std::string& text : {render_terminal(result), render_markdown(result), render_html(result)}) {
    const std::string one = one_space(text);
    for (const char* part :
         {"stream.jsonl: 1,002 events about rows, 2 left out", "Something of kind 10.", "And 2 more in result.json.",
          "the second witness differs in 3 of 1,000 rows in 1 table", "orders: 3 of 1,000 rows differ."})
      BOOST_TEST(has(one, part), part);
    BOOST_TEST(!has(one, "Something of kind 11."));
    BOOST_TEST(one.find("1,002 events") < one.find("Not modelled"));
  }
}

BOOST_AUTO_TEST_CASE(an_exposure_says_how_the_store_was_otherwise_than_its_reader_needs) {
  result::Result result = fixture::rich();
  result::ExposedStore& store = *result.mutable_exposures(0)->mutable_stores(0);
  store.set_stale(false);
  store.set_at_no_position(true);
  BOOST_TEST(has(one_space(without_colours(render_terminal(result))),
                 "dashboard read orders_streaming while it was at no one position of the source, for 1h 33m"));
  store.set_at_no_position(false);
  store.set_behind(true);
  store.set_divergent(true);
  BOOST_TEST(has(one_space(without_colours(render_terminal(result))),
                 "dashboard read orders_streaming while it was divergent and behind what had been seen, for 1h 33m"));
}

BOOST_AUTO_TEST_CASE(decisions_and_exposure_stand_first_and_say_what_each_was_and_why) {
  const std::string text = render_terminal(fixture::rich());
  for (const char* part :
       {"! unlucky: GO from shadow to canary on Sat 7 Mar 00:00 (5d)",
        "Bad luck afterwards: orders_streaming was stale for longer than 1 h (burst).",
        "A rollback tried at once: good data after 2m; 1d later: good data after 3m, without 1 change that had been "
        "shown.",
        "Time lost: 1d 12h.",
        "✗ false: move of fraud_rules in canary",
        "Cause: nightly paused by phase canary.",
        "good data only after 1d (failed: resume nightly); 1d later: the capture ended",
        "! inconclusive: NO-GO: held in canary",
        "✓ right: rollback in canary on Mon 9 Mar 11:12",
        "It would not have fired without: burst.",
        "Good data for all (RTO): after 1m 34s; readers sent back: after 1m;",
        "acknowledged writes lost (RPO): 0; changes no longer shown: 41,250;",
        "dashboard read orders_streaming while it was stale, for 1h 33m in all",
        "Danger was missed: on Mon 9 Mar 11:10",
        "to trigger 1h 2m; from trigger to good data 1m.",
        "2 stretches, the longest of 1h 3m",
        "before the trigger 2 wrong, 3,718 stale of 3,724 reads; until good data 6 stale of 6 reads; afterwards none.",
        "month_end (on nobody's list) read orders_nightly while it was divergent, for 30m in all",
        "No danger of the plan's",
        "! cdc: the sink could not keep up",
        "Late for 4h 11m at the longest, with a full buffer before the sink.",
        "It fell behind from Mon 9 Mar 10:00 (7d 10h) on, for 2h:",
        "topic: 840/s came, 505/s served, 2,400,000 waiting at the end.",
        "! nightly: the batch job stood still, held by phase canary",
        "pipelines.cdc.stream.sink.row_time: 1ms190us or less, or 2 `writers` or more (now 2ms)",
        "840/s came to cdc and it served 498/s."}) {
    BOOST_TEST(has(one_space(text), part), part);
  }
  BOOST_TEST(text.find("Outcome") < text.find("Decisions"));
  BOOST_TEST(text.find("Decisions") < text.find("Exposure"));
  BOOST_TEST(text.find("Exposure") < text.find("Expectations"));
}

BOOST_AUTO_TEST_CASE(nothing_is_said_twice_before_the_tables) {
  const std::string text = one_space(render_terminal(fixture::rich()));
  const result::Result result = fixture::rich();
  for (const result::GateJudgement& j : result.judgements()) {
    const std::size_t first = text.find(j.why());
    BOOST_TEST(first != std::string::npos);
    BOOST_TEST(text.find(j.why(), first + 1) == std::string::npos, j.why());
  }
  for (const std::string& reason : result.reasons()) BOOST_TEST(!has(text, reason), reason);
}

BOOST_AUTO_TEST_CASE(where_nobody_was_exposed_that_is_said) {
  result::Result result = fixture::rich();
  result.clear_exposures();
  BOOST_TEST(has(render_terminal(result), "Nobody read a store that was unsafe."));
  result.clear_consumers();
  BOOST_TEST(!has(render_terminal(result), "Exposure"));
}

BOOST_AUTO_TEST_CASE(checks_show_what_was_late_not_told_or_too_short_only_where_there_is_any) {
  result::Result result = fixture::rich();
  BOOST_TEST(std::regex_search(render_terminal(result), std::regex("\n  fields +17 +23 +31\n")));
  BOOST_TEST(has(render_markdown(result), "| 31 | 17 | 23 | 31m |"));
  for (result::Check& check : *result.mutable_checks())
    check.clear_late(), check.clear_untold(), check.clear_too_short();
  BOOST_TEST(!has(render_terminal(result), "told apart"));
}

BOOST_AUTO_TEST_CASE(tables_keep_to_the_width) {
  for (const int width : {80, 100, 140}) {
    TerminalOptions options;
    options.width = width;
    for (const std::string& line : lines(render_terminal(fixture::rich(), options)))
      if (!line.starts_with("Replay") && !line.starts_with("digests"))
        BOOST_TEST(columns(line) <= static_cast<std::size_t>(width), line);
  }
}

BOOST_AUTO_TEST_CASE(colours_come_only_when_asked_for_and_change_nothing_else) {
  const std::string plain = render_terminal(fixture::rich());
  TerminalOptions options;
  options.colour = true;
  const std::string coloured = render_terminal(fixture::rich(), options);
  BOOST_TEST(!has(plain, "\x1b"));
  BOOST_TEST(has(coloured, "\x1b[31m"));
  BOOST_TEST(without_colours(coloured) == plain);
}

BOOST_AUTO_TEST_CASE(no_text_of_the_user_reaches_the_terminal_as_a_control_sequence) {
  const std::string text = render_terminal(fixture::hostile()) + render_terminal_line(fixture::hostile());
  for (const char c : text) BOOST_REQUIRE((c == '\n' || static_cast<unsigned char>(c) >= 0x20));
  BOOST_TEST(text == valid_utf8(text));
}

BOOST_AUTO_TEST_CASE(an_empty_result_is_summed_up_as_inconclusive) {
  BOOST_TEST(render_terminal(fixture::empty()).starts_with("INCONCLUSIVE"));
  BOOST_TEST(render_terminal_line(fixture::empty()).starts_with("inconclusive"));
  BOOST_TEST(has(render_markdown(fixture::empty()), "inconclusive"));
}

BOOST_AUTO_TEST_CASE(the_line_for_lists_is_one_line_within_the_width) {
  const std::string line = render_terminal_line(fixture::rich());
  BOOST_TEST(std::count(line.begin(), line.end(), '\n') == 1);
  BOOST_TEST(columns(line) <= 101u);
}

BOOST_AUTO_TEST_CASE(markdown_shows_the_verdict_and_the_broken_expectation_in_sight) {
  const std::string text = render_markdown(fixture::rich());
  BOOST_TEST(text.starts_with("### ❌ fail: nightly-orders-to-stream"));
  BOOST_TEST(text.find("| ❌ | rollback RTO") < text.find("<details>"));
  BOOST_TEST(has(text, "Replay: ` ./rehearse run scenarios/quickstart.yaml --seed 1 `"));
}

BOOST_AUTO_TEST_CASE(every_row_of_a_markdown_table_has_as_many_cells_as_its_heading) {
  for (const result::Result& result : {fixture::rich(), fixture::hostile()}) {
    std::size_t wanted = 0;
    for (const std::string& line : lines(render_markdown(result))) {
      if (!line.starts_with("|")) {
        wanted = 0;
        continue;
      }
      const std::string bare = std::regex_replace(line, std::regex(R"(\\\|)"), "");
      const auto cells = static_cast<std::size_t>(std::count(bare.begin(), bare.end(), '|'));
      if (wanted == 0) wanted = cells;
      BOOST_TEST(cells == wanted, line);
    }
  }
}

BOOST_AUTO_TEST_CASE(markdown_lets_no_markup_and_no_mention_through) {
  const std::string whole = render_markdown(fixture::hostile());
  const std::string text = whole.substr(0, whole.rfind("Replay: `` "));  // what follows is a code span
  BOOST_TEST(text.size() < whole.size());
  BOOST_TEST(!has(text, "<img"));
  BOOST_TEST(!has(text, "</script"));
  BOOST_TEST(has(text, "@<!-- -->team"));
  BOOST_TEST(!has(text, "@team"));
}

BOOST_AUTO_TEST_CASE(markdown_of_a_long_result_still_fits_a_comment) {
  result::Result result = fixture::rich();
  for (int i = 0; i < 2000; ++i) {
    *result.add_expectations() = result.expectations(0);
    *result.add_matrix() = result.matrix(0);
    *result.add_gates() = result.gates(1);
    *result.add_checks() = result.checks(0);
    *result.add_judgements() = result.judgements(0);
    *result.add_source_log_incomplete() = result.source_log_incomplete(0);
    result.add_reasons(result.reasons(0));
    result.add_not_modelled(result.not_modelled(0));
  }
  BOOST_TEST(render_markdown(result).size() < 65536u);
}

}  // namespace rehearse::reports
