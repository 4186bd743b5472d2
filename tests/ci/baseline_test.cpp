// Baselines: what is kept reads back, differences are named, reasons are told apart, damage is a diagnostic.
#include "harness/campaign/baseline.h"

#include <boost/test/unit_test.hpp>
#include <string>

using namespace rehearse;

namespace {

LoadedScenario loaded_scenario(std::int64_t seed = 1) {
  LoadedScenario loaded;
  loaded.proto.set_name("orders");
  loaded.proto.set_about("about");
  loaded.proto.set_seed(seed);
  loaded.proto.set_duration_ns(86'400'000'000'000);
  loaded.proto.add_checks()->set_name("fields");
  return loaded;
}

result::Result example(std::uint64_t claims = 12) {
  result::Result r;
  r.set_scenario("orders");
  r.set_seed(1);
  r.set_verdict(result::Result::pass);
  result::Setting& setting = *r.add_depends_on();
  setting.set_name("version");
  setting.set_value("1");
  result::Check& check = *r.add_checks();
  check.set_name("fields");
  check.set_judged(true);
  check.set_claims(claims);
  check.mutable_recall_in_population()->set_numerator(1);
  check.mutable_recall_in_population()->set_denominator(3);
  r.add_rollbacks()->set_rto_ns(90'000'000'000);
  r.add_stores()->set_name("a \"quoted\" ] name");  // which no path can hold: left out
  r.mutable_digests()->set_outcome("ab");
  return r;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_baseline_reads_back_as_it_was_written) {
  const Baseline written = baseline_of(loaded_scenario(), example());
  std::vector<Diagnostic> diagnostics;
  const auto read = parse_baseline(to_json(written), "x", diagnostics);
  BOOST_TEST_REQUIRE(read.has_value());
  BOOST_TEST(to_json(*read) == to_json(written));
  BOOST_TEST(read->values.at("checks[fields].claims") == "12");
  BOOST_TEST(read->values.at("checks[fields].recall_in_population") == "1 of 3");
  BOOST_TEST(read->values.at("rollbacks[0].rto_ns") == "1m30s");
  BOOST_TEST(read->values.at("rollbacks[0].rpo_writes") == "n/a");
  BOOST_TEST(read->effective.at("duration") == "1d");
  BOOST_TEST(compare(written, *read).values.empty());
  BOOST_TEST(compare(written, *read).reasons.empty());
}

BOOST_AUTO_TEST_CASE(differences_and_reasons_are_named) {
  const Baseline before = baseline_of(loaded_scenario(), example());
  const BaselineComparison other_seed = compare(before, baseline_of(loaded_scenario(2), example(13)));
  BOOST_TEST_REQUIRE(other_seed.values.size() == 1U);
  BOOST_TEST(to_text(other_seed.values[0]) == "checks[fields].claims: 12 → 13");
  BOOST_TEST_REQUIRE(other_seed.reasons.size() == 1U);
  BOOST_TEST(to_text(other_seed.reasons[0]) == "seed: 1 → 2");
  BOOST_TEST(!other_seed.unexplained());

  BOOST_TEST(compare(before, baseline_of(loaded_scenario(), example(13))).unexplained());
  result::Result another_course = example();
  another_course.mutable_digests()->set_outcome("cd");
  BOOST_TEST(compare(before, baseline_of(loaded_scenario(), another_course)).unexplained());
  another_course.mutable_depends_on(0)->set_value("2");
  BOOST_TEST(!compare(before, baseline_of(loaded_scenario(), another_course)).unexplained());

  result::Result without_check = example();
  without_check.clear_checks();
  const BaselineComparison gone = compare(before, baseline_of(loaded_scenario(), without_check));
  BOOST_TEST(to_text(gone.values[0]) == "checks[fields].claims: 12 → not there");
}

BOOST_AUTO_TEST_CASE(what_changes_no_result_is_no_reason) {
  LoadedScenario renamed = loaded_scenario();
  renamed.proto.set_about("another text");
  renamed.proto.mutable_expect()->set_verdict(scenario::FAIL);
  const BaselineComparison comparison =
      compare(baseline_of(loaded_scenario(), example()), baseline_of(renamed, example()));
  BOOST_TEST(comparison.reasons.empty());
}

BOOST_AUTO_TEST_CASE(a_difference_fails_the_result_at_its_line_and_equality_passes_one_without_expectations) {
  const Baseline before = baseline_of(loaded_scenario(), example());
  const std::string json = to_json(before);
  result::Result r = example(13);
  judge_by_baseline(compare(before, baseline_of(loaded_scenario(2), r)), json, "o.baseline.json", true, r);
  BOOST_TEST((r.verdict() == result::Result::fail));
  BOOST_TEST_REQUIRE(r.expectations_size() == 1);
  const std::string where = r.expectations(0).where();
  BOOST_TEST_REQUIRE(where.rfind("o.baseline.json:", 0) == 0U);
  std::size_t at = 0;
  for (int line = std::stoi(where.substr(16)); line > 1; --line) at = json.find('\n', at) + 1;
  BOOST_TEST(json.substr(at, json.find('\n', at) - at) == "    \"checks[fields].claims\": \"12\",");

  result::Result failing = example();
  failing.set_verdict(result::Result::fail);
  const Baseline known = baseline_of(loaded_scenario(), failing);
  result::Result with_expect = failing;
  judge_by_baseline(compare(known, known), to_json(known), "x", false, failing);
  BOOST_TEST((failing.verdict() == result::Result::pass));
  judge_by_baseline(compare(known, known), to_json(known), "x", true, with_expect);
  BOOST_TEST((with_expect.verdict() == result::Result::fail));
}

BOOST_AUTO_TEST_CASE(damaged_baselines_are_refused_and_never_crash) {
  const std::string json = to_json(baseline_of(loaded_scenario(), example()));
  for (std::size_t cut = 0; cut < json.size(); cut += 7) {
    std::vector<Diagnostic> diagnostics;
    const bool read = parse_baseline(json.substr(0, cut), "x", diagnostics).has_value();
    BOOST_TEST((read || diagnostics.size() == 1));
    std::string other = json;
    other[cut] = '{';
    parse_baseline(other, "x", diagnostics);
  }
  std::vector<Diagnostic> diagnostics;
  BOOST_TEST(!parse_baseline(std::string(100'000, '['), "x", diagnostics));
  BOOST_TEST(!parse_baseline(std::string(baseline_bytes_max + 1, ' '), "x", diagnostics));
  BOOST_TEST(diagnostics.back().message == "the file is larger than 8 MiB");
}

BOOST_AUTO_TEST_CASE(a_baseline_stands_beside_its_scenario) {
  BOOST_TEST(baseline_file("a/b.c/orders.yaml") == "a/b.c/orders.baseline.json");
}
