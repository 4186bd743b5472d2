#include "reports/junit.h"

#include <fmt/core.h>

#include "reports/format.h"
#include "reports/terminal.h"

namespace rehearse::reports {
namespace {

using result::Expectation;
using result::Result;

std::string attribute(std::string_view name, std::string_view value) {
  return fmt::format(" {}=\"{}\"", name, escape_xml(one_line(value)));
}

// The Ant schema wants a character in every name.
std::string named(const std::string& name) { return name.empty() ? "unnamed" : name; }

struct TestCase {
  std::string name;
  std::string failure_type;  // empty: passed
  std::string message;
  std::string text;
};

TestCase verdict_case(const Result& result) {
  TestCase out{"verdict", "", headline(result), ""};
  if (result.verdict() == Result::pass) return out;
  out.failure_type = word(result.verdict());
  for (const std::string& reason : result.reasons()) out.text += reason + "\n";
  out.text += "Replay: " + result.replay() + "\n";
  return out;
}

TestCase expectation_case(const Expectation& expectation) {
  TestCase out{named(expectation.text()), "", "", ""};
  if (expectation.status() == Expectation::held) return out;
  const bool unknown = expectation.status() == Expectation::unknown;
  out.failure_type = unknown ? "inconclusive" : word(expectation.status());
  out.message = fmt::format("expected {}, was {}", expectation.expected(), expectation.actual());
  out.text = fmt::format("{}\n{} {}\n", out.message, expectation.path(), expectation.where());
  return out;
}

std::string show(const TestCase& test, std::string_view classname) {
  const std::string open =
      "    <testcase" + attribute("name", test.name) + attribute("classname", classname) + " time=\"0\"";
  if (test.failure_type.empty()) return open + "/>\n";
  return open + ">\n      <failure" + attribute("type", test.failure_type) + attribute("message", test.message) + ">" +
         escape_xml(test.text) + "</failure>\n    </testcase>\n";
}

std::string property(const std::string& name, std::string_view value) {
  return "      <property" + attribute("name", named(name)) + attribute("value", value) + "/>\n";
}

std::string properties(const Result& result) {
  std::string out = "    <properties>\n";
  out += property("seed", fmt::format("{}", result.seed()));
  out += property("verdict", word(result.verdict())) + property("decision", word(result.decision()));
  out += property("duration", show_duration(result.duration_ns())) + property("version", result.version());
  for (const result::Setting& setting : result.depends_on()) out += property(setting.name(), setting.value());
  out += property("digest.trajectory", result.digests().trajectory());
  out += property("digest.outcome", result.digests().outcome()) + property("replay", result.replay());
  return out + "    </properties>\n";
}

std::string suite(const Result& result, std::size_t id) {
  std::vector<TestCase> tests = {verdict_case(result)};
  for (const Expectation& expectation : result.expectations()) tests.push_back(expectation_case(expectation));
  std::size_t failures = 0;
  for (const TestCase& test : tests) failures += !test.failure_type.empty();
  std::string warnings;
  for (const std::string& warning : result.warnings()) warnings += warning + "\n";

  std::string out = "  <testsuite" + attribute("name", named(result.scenario())) + " package=\"rehearse\"";
  out += fmt::format(" id=\"{}\" timestamp=\"{}\" hostname=\"simulated\"", id,
                     iso_epoch(result.start_epoch_ns()).substr(0, 19));
  out += fmt::format(" tests=\"{}\" failures=\"{}\" errors=\"0\" time=\"{:.3f}\">\n", tests.size(), failures,
                     result.machine().wall_seconds());
  out += properties(result);
  for (const TestCase& test : tests) out += show(test, "rehearse." + named(result.scenario()));
  out += "    <system-out>" + escape_xml(render_terminal(result)) + "</system-out>\n";
  out += "    <system-err>" + escape_xml(warnings) + "</system-err>\n";
  return out + "  </testsuite>\n";
}

}  // namespace

std::string render_junit(const Result& result) { return render_junit(std::vector<const Result*>{&result}); }

std::string render_junit(const std::vector<const Result*>& results) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (std::size_t id = 0; id < results.size(); ++id) out += suite(with_printable_text(*results[id]), id);
  return out + "</testsuites>\n";
}

}  // namespace rehearse::reports
