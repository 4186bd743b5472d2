// Sets of claims: nothing is dropped, order does not depend on how they were added, and many cost little.
#include <boost/test/unit_test.hpp>

#include "harness/reconcile/check.h"

namespace rehearse {
namespace {

Claim row_claim(RowId row, scenario::DiscrepancyClass kind, std::uint64_t columns = 0) {
  return {.row = row, .table = 0, .kind = static_cast<std::uint8_t>(kind), .columns = columns};
}

}  // namespace

BOOST_AUTO_TEST_CASE(claims_are_listed_by_row_and_class_and_then_those_about_more_than_a_row) {
  ClaimSet claims;
  claims.add({.table = 0, .kind = scenario::AGGREGATE});
  claims.add(row_claim(9, scenario::MISSING));
  claims.add(row_claim(4, scenario::DUPLICATE));
  claims.add(row_claim(4, scenario::MISMATCH, 2));
  claims.add(row_claim(3, scenario::MISMATCH, 1));
  claims.pack();
  const std::vector<Claim> all = claims.list();
  BOOST_REQUIRE_EQUAL(all.size(), 5U);
  BOOST_TEST(claims.size() == 5U);
  BOOST_TEST(all[0].row == 3U);
  BOOST_TEST(all[0].columns == 1U);
  BOOST_TEST(all[1].row == 4U);
  BOOST_TEST(all[1].discrepancy() == scenario::MISMATCH);
  BOOST_TEST(all[2].discrepancy() == scenario::DUPLICATE);
  BOOST_TEST(all[3].row == 9U);
  BOOST_TEST(!all[4].names_row());
}

BOOST_AUTO_TEST_CASE(each_of_many_claimed_rows_is_kept_in_a_bit) {
  std::vector<RowId> rows;
  for (RowId row = 0; row < 1'000'000; ++row) rows.push_back(row);
  const PackedRows all(rows);
  BOOST_TEST(all.size() == 1'000'000U);
  BOOST_TEST(all.bytes() <= 125'064U);
  BOOST_TEST(all.contains(999'999));
  BOOST_TEST(!all.contains(1'000'000));
  const PackedRows few({800'000, 5, 5});  // not the bits of all rows below
  BOOST_TEST(few.size() == 2U);
  BOOST_TEST(few.bytes() <= 16U);
  BOOST_TEST(few.contains(5));
  BOOST_TEST(!few.contains(6));
}

}  // namespace rehearse
