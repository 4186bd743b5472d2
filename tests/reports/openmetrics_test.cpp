// metrics.openmetrics.txt, read by a strict reader of the format written apart: families are whole, units end names,
// metrics do not interleave, timestamps ascend, and every series is there.
#include "reports/openmetrics.h"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "tests/reports/fixture.h"

namespace rehearse::reports {
namespace {

struct Sample {
  std::string name, labels;
  double value = 0, at = 0;
};

struct Family {
  std::string type, unit, help;
  std::vector<Sample> samples;
};

struct Exposition {
  std::map<std::string, Family> families;
  std::vector<std::string> mistakes;
};

// The labels, sorted and without `left_out`; what is no label set is a mistake.
std::string metric_of(const std::string& labels, const std::string& left_out, std::vector<std::string>& mistakes) {
  static const std::regex label("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\\n]|\\\\[\\\\\"n])*)\"(,|$)");
  std::set<std::string> names, all;
  std::size_t at = 0;
  std::smatch match;
  for (std::string rest = labels; !rest.empty(); rest = match.suffix()) {
    if (!std::regex_search(rest, match, label, std::regex_constants::match_continuous)) {
      mistakes.push_back("not labels: " + rest);
      break;
    }
    if (!names.insert(match[1]).second) mistakes.push_back("twice the label " + match[1].str());
    if (match[1] != left_out) all.insert(match[1].str() + "=" + match[2].str());
    at += match[0].length();
  }
  std::string text;
  for (const std::string& one : all) text += one + ",";
  return text;
}

// A family's samples: which suffix its type wants, one metric after the other, each in ascending time.
void check_samples(const std::string& name, const Family& family, std::vector<std::string>& mistakes) {
  const std::map<std::string, std::string> suffixes = {
      {"gauge", ""}, {"counter", "_total"}, {"info", "_info"}, {"stateset", ""}};
  if (!suffixes.contains(family.type)) mistakes.push_back(name + " has no known type");
  if (!family.unit.empty() && !name.ends_with("_" + family.unit))
    mistakes.push_back(name + " does not end in its unit");
  if (family.help.empty()) mistakes.push_back(name + " has no help");
  std::set<std::string> over;
  std::string last;
  double last_at = 0;
  for (const Sample& sample : family.samples) {
    if (sample.name != name + suffixes.at(family.type)) mistakes.push_back(sample.name + " is no sample of " + name);
    const bool states = family.type == "stateset";
    const std::string metric = metric_of(sample.labels, states ? name : "", mistakes);
    if (states && sample.value != 0 && sample.value != 1) mistakes.push_back(name + " has a state that is no state");
    if (metric != last || &sample == &family.samples.front()) {
      if (!over.insert(metric).second) mistakes.push_back(name + " comes back to " + metric);
      last = metric;
    } else if (states ? sample.at < last_at : sample.at <= last_at) {
      mistakes.push_back(name + " goes back in time at " + std::to_string(sample.at));
    }
    last_at = sample.at;
  }
}

Exposition read(const std::string& text) {
  static const std::regex about("# (TYPE|UNIT|HELP) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)");
  static const std::regex line("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)\\})? (\\S+)(?: (-?[0-9]+(?:\\.[0-9]+)?))?");
  Exposition out;
  if (!text.ends_with("\n# EOF\n") && text != "# EOF\n") out.mistakes.push_back("no end");
  std::istringstream in(text);
  std::string one, current;
  std::set<std::string> over;
  for (std::smatch match; std::getline(in, one) && one != "# EOF";) {
    if (std::regex_match(one, match, about)) {
      if (match[2] != current) {
        current = match[2];
        if (!over.insert(current).second) out.mistakes.push_back(current + " comes back");
      }
      Family& family = out.families[current];
      if (!family.samples.empty()) out.mistakes.push_back(one + " comes after samples");
      (match[1] == "TYPE" ? family.type : match[1] == "UNIT" ? family.unit : family.help) = match[3];
    } else if (std::regex_match(one, match, line) && !current.empty()) {
      const std::string value = match[3];
      char* end = nullptr;
      const double number = std::strtod(value.c_str(), &end);
      if (*end != '\0') out.mistakes.push_back("not a number: " + value);
      out.families[current].samples.push_back(
          {match[1], match[2], number, std::strtod(match[4].str().c_str(), nullptr)});
    } else {
      out.mistakes.push_back("not a line: " + one);
    }
  }
  if (std::getline(in, one)) out.mistakes.push_back("more after the end");
  for (const auto& [name, family] : out.families) check_samples(name, family, out.mistakes);
  return out;
}

std::string first_of(const std::vector<std::string>& mistakes) { return mistakes.empty() ? "" : mistakes.front(); }

}  // namespace

BOOST_AUTO_TEST_CASE(a_strict_reader_finds_no_mistake_whatever_the_text) {
  for (const result::Result& result : {fixture::rich(), fixture::empty(), fixture::hostile()})
    BOOST_TEST(first_of(read(render_openmetrics(result)).mistakes) == "");
}

BOOST_AUTO_TEST_CASE(the_reader_itself_finds_what_the_format_forbids) {
  const std::string head = "# TYPE a_seconds gauge\n# UNIT a_seconds seconds\n# HELP a_seconds x\n";
  BOOST_TEST(first_of(read(head + "a_seconds 1 5\n# EOF\n").mistakes) == "");
  for (const char* broken :
       {"a_seconds 1 5\na_seconds 1 5\n# EOF\n", "a_seconds 1 5\n", "b 1\n# EOF\n", "a_seconds{x=\"\"y\"} 1\n# EOF\n",
        "a_seconds one\n# EOF\n", "a_seconds{x=\"1\"} 1 5\na_seconds{x=\"2\"} 1 5\na_seconds{x=\"1\"} 1 6\n# EOF\n"})
    BOOST_TEST(first_of(read(head + broken).mistakes) != "", broken);
  BOOST_TEST(first_of(read("# TYPE a gauge\n# UNIT a seconds\n# HELP a x\na 1\n# EOF\n").mistakes) != "");
}

BOOST_AUTO_TEST_CASE(every_series_is_there_with_its_samples_on_the_calendar) {
  const result::Result result = fixture::rich();
  const Exposition read_back = read(render_openmetrics(result));
  std::size_t expected = 0, found = 0;
  for (const result::Series& series : result.series()) expected += static_cast<std::size_t>(series.times_ns_size());
  for (const auto& [name, family] : read_back.families) {
    if (family.type != "gauge" || name.starts_with("rehearse_gate")) continue;
    found += family.samples.size();
    BOOST_TEST(family.samples.front().at == 1772409600.0, name);  // 2026-03-02T00:00:00Z
  }
  BOOST_TEST(found == expected);
  BOOST_TEST(read_back.families.at("rehearse_lag_records").samples.size() == 14u * 24 * 12 + 1);
  BOOST_TEST(read_back.families.at("rehearse_age_seconds").unit == "seconds");
}

BOOST_AUTO_TEST_CASE(missing_data_are_nan_and_a_step_keeps_its_last_value) {
  result::Result result;
  result::Series& series = *result.add_series();
  series.set_name("x"), series.set_unit("rows"), series.set_kind(result::Series::divergent);
  for (const auto& [at, value] : {std::pair{1, 4.0}, {2, 4.0}, {2, 7.0}, {3, std::nan("")}})
    series.add_times_ns(at * 500'000'000LL), series.add_values(value);
  const std::string text = render_openmetrics(result);
  for (const char* line :
       {"rehearse_divergent_rows{name=\"x\"} 4 0.5\n", "{name=\"x\"} 7 1\n", "{name=\"x\"} NaN 1.5\n"})
    BOOST_TEST(text.find(line) != std::string::npos, line);
  BOOST_TEST(text.find("} 4 1\n") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(phase_and_verdict_are_state_sets) {
  const Exposition rich = read(render_openmetrics(fixture::rich()));
  BOOST_TEST(rich.families.at("rehearse_phase").type == "stateset");
  double sum = 0;
  for (const Sample& sample : rich.families.at("rehearse_verdict").samples) sum += sample.value;
  BOOST_TEST(sum == 1.0);
  BOOST_TEST(rich.families.at("rehearse_verdict").samples.size() == 4u);
}

}  // namespace rehearse::reports
