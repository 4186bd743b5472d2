// What CI shows on a pull request: the Markdown of many rehearsals, and the three forms of rules on trial.
#include <boost/test/unit_test.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "reports/check_markdown.h"
#include "reports/rules.h"
#include "tests/reports/fixture.h"

namespace rehearse::reports {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::size_t rows(const std::string& text) {
  std::istringstream in(text);
  std::size_t count = 0;
  for (std::string line; std::getline(in, line);) count += line.starts_with("|");
  return count;
}

// One rule that catches the one failure, one that misses it and cries wolf, one monitor.
result::RuleTrial trial(const std::string& name = "fields") {
  result::RuleTrial t;
  t.add_worlds()->set_scenario("lost_rows");
  for (const std::string& rule : {name, std::string("counts"), std::string("age")}) t.add_rules()->set_name(rule);
  for (int i = 0; i < 2; ++i) t.mutable_rules(i)->set_judged(true);
  for (result::TriedRule& rule : *t.mutable_rules()) rule.set_worlds(1);
  t.mutable_rules(0)->set_rows_per_day(1'234'567.4);
  t.mutable_rules(0)->set_modes_caught(1);
  t.mutable_rules(1)->set_modes_missed(1);
  t.mutable_rules(1)->set_false_alarms(2);
  t.mutable_rules(1)->set_redundant(true);
  result::FailureMode& mode = *t.add_modes();
  mode.set_fault("loss");
  mode.set_divergences(200);
  mode.set_outcome(result::FailureMode::caught);
  for (std::uint32_t rule = 0; rule < 2; ++rule) {
    result::RuleCell& cell = *t.add_cells();
    cell.set_rule(rule);
    cell.set_in_view(200);
    cell.set_caught(rule == 0 ? 50 : 0);
  }
  t.mutable_same_recall()->add_rules(0);
  t.mutable_same_recall()->set_exact(true);
  t.mutable_same_notice()->add_rules(0);
  result::RuleFalseAlarms& alarms = *t.add_false_alarms();
  alarms.set_rule(1);
  alarms.set_claims(2);
  return t;
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_not_as_expected_comes_first_and_is_explained_below) {
  result::Result fine = fixture::rich();
  fine.set_verdict(result::Result::pass);
  fine.set_scenario_file("fine.yaml");
  result::Result broken = fixture::rich();
  broken.set_verdict(result::Result::fail);
  broken.set_scenario_file("/builds/somebody/secret/broken.yaml");
  broken.mutable_expectations(0)->set_status(result::Expectation::broken);
  broken.mutable_expectations(0)->set_where("/builds/somebody/secret/broken.yaml:80:3");
  const std::string text = render_check_markdown({&fine, &broken});
  BOOST_TEST(text.starts_with("### ❌ Rehearse: 1 of 2 scenarios are as expected\n"));
  BOOST_TEST((text.find("broken.yaml") < text.find("fine.yaml")));
  BOOST_TEST(has(text, "<details><summary>❌"));
  BOOST_TEST(has(text, "broken.yaml:80:3"));
  BOOST_TEST(!has(text, "somebody"));
  BOOST_TEST(!has(text, "<details><summary>✅"));
}

BOOST_AUTO_TEST_CASE(hostile_text_stays_in_its_cell) {
  const result::Result hostile = fixture::hostile();
  result::Result plain = fixture::hostile();
  plain.set_scenario_file("x");
  BOOST_TEST(rows(render_check_markdown({&hostile})) == rows(render_check_markdown({&plain})));
  BOOST_TEST(!has(render_check_markdown({&hostile}), "<script>"));
  BOOST_TEST(rows(render_rules_markdown(trial(fixture::hostile_text))) == rows(render_rules_markdown(trial())));
  BOOST_TEST(!has(render_rules_terminal(trial(fixture::hostile_text)), "\x1b"));
}

BOOST_AUTO_TEST_CASE(a_comment_is_bounded) {
  result::Result broken = fixture::rich();
  broken.set_verdict(result::Result::fail);
  for (int i = 0; i < 500; ++i) broken.add_expectations()->set_text("text");
  BOOST_TEST(has(render_check_markdown({&broken}), "more\n"));
  const std::vector<const result::Result*> many(1'000, &broken);
  BOOST_TEST(render_check_markdown(many).size() < 500'000U);
}

BOOST_AUTO_TEST_CASE(rules_are_shown_with_what_they_catch_cost_and_raise_falsely) {
  for (const std::string& text : {render_rules_terminal(trial()), render_rules_markdown(trial())}) {
    for (const char* part :
         {"1 of 1 failure is caught by 3 rules", "1,234,567", "fields 25%", "catches nothing here",
          "monitor: makes no claims", "counts raised 2 false alarms in lost", "set was tried", "greedy"})
      BOOST_TEST(has(text, part), part << " in " << text);
  }
  BOOST_TEST(has(render_rules_json(trial()), "\"divergences\": \"200\""));
  result::RuleTrial missed = trial();
  missed.mutable_modes(0)->set_outcome(result::FailureMode::missed);
  BOOST_TEST(has(render_rules_terminal(missed), "No rule catches"));
}

}  // namespace rehearse::reports
