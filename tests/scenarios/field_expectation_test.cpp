// Paths through a result and the bounds that hold for what is there, against results made by hand.
#include "scenarios/field_expectation.h"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <string>

using namespace rehearse;

namespace {

result::Result example() {
  result::Result r;
  r.set_decision(result::Result::held);
  r.mutable_figures()->set_changes(20'100'000);
  r.mutable_figures()->set_bytes_per_slot(25.5);
  for (const char* phase : {"shadow", "canary"})
    for (const char* metric : {"bad_rows", "p95"}) {
      result::Gate& gate = *r.add_gates();
      gate.set_phase(phase);
      gate.set_metric(metric);
      gate.set_samples(static_cast<std::uint64_t>(r.gates_size()));
    }
  result::Check& check = *r.add_checks();
  check.set_name("fields");
  check.mutable_recall_in_population()->set_numerator(998);
  check.mutable_recall_in_population()->set_denominator(1000);
  r.add_rollbacks()->set_rto_ns(90'000'000'000);
  r.mutable_rollbacks(0)->add_causes("burst");
  result::Series& series = *r.add_series();
  series.set_name("lag");
  series.add_values(std::nan(""));
  return r;
}

scenario::FieldExpectation expecting(const std::string& path, const std::string& equals,
                                     const std::string& within = {}) {
  scenario::FieldExpectation e;
  e.set_path(path);
  e.set_equals(equals);
  if (!within.empty()) e.set_within(within);
  return e;
}

bool held(const scenario::FieldExpectation& e) {
  const CompiledExpectation compiled = compile(e);
  BOOST_REQUIRE_MESSAGE(compiled.bounds,
                        e.path() << ": " << (compiled.problems.empty() ? "" : compiled.problems[0].message));
  const result::Found found = result::value_at(example(), compiled.bounds->path);
  BOOST_REQUIRE_MESSAGE(found.value, e.path() << ": " << found.missing);
  return holds(*compiled.bounds, *found.value);
}

std::string problem(const scenario::FieldExpectation& e) {
  const CompiledExpectation compiled = compile(e);
  return compiled.problems.empty() ? "" : compiled.problems[0].message;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_relative_tolerance_is_exact_at_its_edges) {
  BOOST_TEST(held(expecting("figures.changes", "20M", "0.5%")));
  BOOST_TEST(!held(expecting("figures.changes", "20M", "0.4999999%")));
  BOOST_TEST(held(expecting("figures.changes", "20M", "100k")));
  BOOST_TEST(!held(expecting("figures.changes", "20M", "99999")));
  BOOST_TEST(!held(expecting("figures.changes", "20M")));
  BOOST_TEST(held(expecting("rollbacks[0].rto_ns", "100s", "10%")));
  BOOST_TEST(!held(expecting("rollbacks[0].rto_ns", "100s", "9s")));
}

BOOST_AUTO_TEST_CASE(a_tolerance_on_a_share_is_in_percentage_points) {
  BOOST_TEST(held(expecting("checks[fields].recall_in_population", "100%", "0.2%")));
  BOOST_TEST(!held(expecting("checks[fields].recall_in_population", "100%", "0.19%")));
  BOOST_TEST(held(expecting("checks[fields].recall_in_population", "99.8%")));
}

BOOST_AUTO_TEST_CASE(a_number_that_is_missing_holds_nothing) {
  BOOST_TEST(held(expecting("figures.bytes_per_slot", "25.5")));
  BOOST_TEST(held(expecting("figures.bytes_per_slot", "25", "2%")));
  BOOST_TEST(!held(expecting("figures.bytes_per_slot", "25", "0.4")));
  BOOST_TEST(!held(expecting("series[lag].values[0]", "0", "1000")));
}

BOOST_AUTO_TEST_CASE(elements_are_picked_by_name_by_number_and_by_what_they_are) {
  BOOST_TEST(held(expecting("gates[phase=canary, metric=bad_rows].samples", "3")));
  BOOST_TEST(held(expecting("gates[3].samples", "4")));
  BOOST_TEST(held(expecting("rollbacks[0].causes[0]", "burst")));
  BOOST_TEST(held(expecting("gates.size", "4")));
  BOOST_TEST(held(expecting("decision", "held")));
  const result::Path path = *result::parse_path("gates[phase=canary].samples").path;
  BOOST_TEST(result::value_at(example(), path).missing == "2 elements of `gates` have phase `canary`");
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_said_with_what_would) {
  BOOST_TEST(problem(expecting("figures.change", "1")) == "`figures` has no field `change`");
  BOOST_TEST(problem(expecting("gates[canary].samples", "1")).find("elements of `gates` have no name") == 0U);
  BOOST_TEST(problem(expecting("gates[phases=canary].samples", "1")).find("no single field `phases`") !=
             std::string::npos);
  BOOST_TEST(problem(expecting("figures", "1")).find("holds several values") != std::string::npos);
  BOOST_TEST(problem(expecting("figures[0].changes", "1")) == "`figures` is not a list");
  BOOST_TEST(problem(expecting("gates.samples", "1")).find("is a list") != std::string::npos);
  for (const char* path : {"", ".", "a..b", "stores[", "stores[a]b", "stores.[a]", "checks[fields].recall."})
    BOOST_TEST(problem(expecting(path, "1")) != "", path);
  BOOST_TEST(problem(expecting(std::string(600, 'x'), "1")).find("longer than") != std::string::npos);
  BOOST_TEST(problem(expecting("decision", "held", "1%")).find("no order") != std::string::npos);
  BOOST_TEST(problem(expecting("machine.wall_seconds", "1")).find("differs between two runs") != std::string::npos);
  scenario::FieldExpectation nothing;
  nothing.set_path("figures.changes");
  BOOST_TEST(problem(nothing) == "nothing is expected of it");
  nothing.set_at_most("1");
  nothing.set_within("1%");
  BOOST_TEST(problem(nothing).find("not given") != std::string::npos);
}
