// junit.xml: the structure that Jenkins' junit-10.xsd and the Ant schema ask for, and what counts as a failure.
#include "reports/junit.h"

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <boost/test/unit_test.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "reports/format.h"
#include "tests/reports/fixture.h"

namespace rehearse::reports {
namespace {

using boost::property_tree::ptree;

ptree parsed(const std::string& xml) {
  std::istringstream in(xml);
  ptree tree;
  boost::property_tree::read_xml(in, tree);
  return tree;
}

std::set<std::string> attributes(const ptree& element) {
  std::set<std::string> names;
  if (const auto found = element.get_child_optional("<xmlattr>"))
    for (const auto& [name, value] : *found) names.insert(name);
  return names;
}

using Names = std::set<std::string>;

void check_test_case(const ptree& test) {
  BOOST_TEST((attributes(test) == Names{"name", "classname", "time"}));
  for (const auto& [name, child] : test) {
    if (name == "<xmlattr>") continue;
    BOOST_TEST(name == "failure");
    BOOST_TEST((attributes(child) == Names{"type", "message"}));
  }
}

// The one order that both schemas accept: properties, testcases, system-out, system-err.
void check_suite(const ptree& suite) {
  BOOST_TEST((attributes(suite) ==
              Names{"name", "package", "id", "timestamp", "hostname", "tests", "failures", "errors", "time"}));
  for (const char* filled : {"name", "hostname"})  // which Ant's schema does not let be empty
    BOOST_TEST(suite.get<std::string>(std::string("<xmlattr>.") + filled) != "");
  BOOST_TEST(
      std::regex_match(suite.get<std::string>("<xmlattr>.timestamp"), std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)")));
  BOOST_TEST(std::regex_match(suite.get<std::string>("<xmlattr>.time"), std::regex(R"(\d+\.\d{1,3})")));
  std::string order;
  std::size_t tests = 0, failures = 0;
  for (const auto& [name, child] : suite) {
    if (name == "<xmlattr>") continue;
    order += name == "properties"   ? 'p'
             : name == "testcase"   ? 't'
             : name == "system-out" ? 'o'
             : name == "system-err" ? 'e'
                                    : '?';
    if (name != "testcase") continue;
    ++tests;
    failures += child.count("failure");
    check_test_case(child);
  }
  BOOST_TEST(std::regex_match(order, std::regex("pt+oe")), order);
  BOOST_TEST(suite.get<std::size_t>("<xmlattr>.tests") == tests);
  BOOST_TEST(suite.get<std::size_t>("<xmlattr>.failures") == failures);
  for (const auto& [name, child] : suite.get_child("properties")) {
    BOOST_TEST(name == "property");
    BOOST_TEST((attributes(child) == Names{"name", "value"}));
    BOOST_TEST(child.get<std::string>("<xmlattr>.name") != "");
  }
}

const ptree& only_suite(const ptree& tree) {
  const ptree& suites = tree.get_child("testsuites");
  BOOST_TEST(attributes(suites).empty());
  BOOST_REQUIRE(suites.size() == 1u);
  return suites.front().second;
}

std::vector<std::string> failure_types(const ptree& suite) {
  std::vector<std::string> types;
  for (const auto& [name, child] : suite)
    if (name == "testcase") types.push_back(child.get<std::string>("failure.<xmlattr>.type", "passed"));
  return types;
}

}  // namespace

BOOST_AUTO_TEST_CASE(junit_has_the_structure_that_both_schemas_accept) {
  for (const result::Result& result : {fixture::rich(), fixture::empty(), fixture::hostile()})
    check_suite(only_suite(parsed(render_junit(result))));
}

BOOST_AUTO_TEST_CASE(whatever_is_not_a_pass_is_a_failure_of_its_own_type) {
  const ptree tree = parsed(render_junit(fixture::rich()));
  const std::vector<std::string> wanted = {"fail", "passed", "passed", "broken", "inconclusive", "vacuous"};
  BOOST_TEST(failure_types(only_suite(tree)) == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_inconclusive_or_vacuous_verdict_is_a_failure_and_a_pass_is_none) {
  result::Result result;
  BOOST_TEST(failure_types(only_suite(parsed(render_junit(result)))).front() == "inconclusive");
  result.set_verdict(result::Result::vacuous);
  BOOST_TEST(failure_types(only_suite(parsed(render_junit(result)))).front() == "vacuous");
  result.set_verdict(result::Result::pass);
  BOOST_TEST(failure_types(only_suite(parsed(render_junit(result)))).front() == "passed");
}

BOOST_AUTO_TEST_CASE(hostile_text_comes_back_from_xml_as_it_went_in_but_for_what_xml_cannot_hold) {
  const ptree tree = parsed(render_junit(fixture::hostile()));
  BOOST_TEST(only_suite(tree).get<std::string>("<xmlattr>.name") == one_line(printable(fixture::hostile_text)));
}

BOOST_AUTO_TEST_CASE(several_rehearsals_are_several_suites_with_ids) {
  const result::Result one = fixture::rich(), two = fixture::empty();
  const ptree tree = parsed(render_junit({&one, &two}));
  const ptree& suites = tree.get_child("testsuites");
  BOOST_REQUIRE(suites.size() == 2u);
  BOOST_TEST(suites.back().second.get<int>("<xmlattr>.id") == 1);
}

}  // namespace rehearse::reports
