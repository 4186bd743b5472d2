// Checks that compare the same table between the same sides share what they have in common: each must report what it
// would report alone.
#include <boost/test/unit_test.hpp>

#include "tests/reconcile/fixture.h"

namespace rehearse::reconcile_test {
namespace {

// With other alignments, samples, columns and times to read; passes overlap, and some runs go on for several others'.
const char* const comparing[] = {
    "field_compare { comparison { %s align: POSITION runs { every_ns: 60000000000 } scan_rate_nano: 10000000000 } "
    "sample_ppb: 1000000000 }",
    "sampled_hash { comparison { %s align: NAIVE runs { every_ns: 7000000000 offset_ns: 300000000 } "
    "scan_rate_nano: 30000000000 recheck { after_ns: 2000000000 times: 2 } } sample_ppb: 400000000 }",
    "key_coverage { comparison { %s align: REREAD runs { every_ns: 25000000000 offset_ns: 1000000000 } "
    "scan_rate_nano: 5000000000 } }",
    "keyed_hash { comparison { %s align: AS_OF settle_ns: 9000000000 runs { every_ns: 31000000000 } "
    "scan_rate_nano: 1000000000000 } columns: 'amount' }",
    "keyed_hash { comparison { %s align: QUIESCE runs { every_ns: 41000000000 } scan_rate_nano: 20000000000 } }",
};

// The checks of these numbers in one world, always the same, that goes on and is damaged at times.
std::vector<CheckRun> runs_of(const std::vector<int>& checks) {
  WorldShape shape;
  shape.rows = 60;
  shape.changes_per_second = 3;
  shape.partitions = shape.workers = 2;
  Small small(shape);
  scenario::Scenario scenario;
  for (const int number : checks) {
    std::string text = comparing[number];
    text.replace(text.find("%s"), 2, "between: ['source', 'stream_store']");
    scenario::Check check = scenario_of(text).checks(0);
    check.set_name("c" + std::to_string(number));
    *scenario.add_checks() = check;
  }
  small.use(scenario);
  for (RowId step = 0; step < 200; ++step) {
    small.run(Time{0} + second * 5 + millisecond * 2700 * static_cast<std::int64_t>(step));
    if (step % 3 == 0) small.lose(step * 7 % 60);
    if (step % 5 == 0) small.duplicate(step * 11 % 60);
    if (step % 4 == 0) small.alter(step * 13 % 60, step % 8 == 0 ? amount : status, AlterationKind::null);
  }
  return small.reconciler->runs();
}

BOOST_AUTO_TEST_CASE(a_check_reports_the_same_alone_and_beside_others_that_compare_the_same) {
  const std::vector<CheckRun> together = runs_of({0, 1, 2, 3, 4});
  for (std::uint32_t number = 0; number < std::size(comparing); ++number) {
    const std::vector<CheckRun> alone = runs_of({static_cast<int>(number)});
    BOOST_TEST(alone.size() > 3U);
    std::size_t at = 0, found = 0;
    for (const CheckRun& beside : together) {
      if (beside.check != number) continue;
      BOOST_REQUIRE_LT(at, alone.size());
      const CheckRun& run = alone[at++];
      BOOST_TEST(run.reported.ns == beside.reported.ns);
      BOOST_TEST(run.rows_compared == beside.rows_compared);
      BOOST_TEST(run.rows_unsettled == beside.rows_unsettled);
      BOOST_TEST(run.found == beside.found, boost::test_tools::per_element());
      BOOST_REQUIRE_EQUAL(run.claims.size(), beside.claims.size());
      const std::vector<Claim> claims = run.claims.list(), claims_beside = beside.claims.list();
      for (std::size_t i = 0; i < claims.size(); ++i) {
        BOOST_TEST(claims[i].row == claims_beside[i].row);
        BOOST_TEST(claims[i].columns == claims_beside[i].columns);
      }
      found += run.claims.size();
    }
    BOOST_TEST(at == alone.size());
    BOOST_TEST(found > 0U);
  }
}

}  // namespace
}  // namespace rehearse::reconcile_test
