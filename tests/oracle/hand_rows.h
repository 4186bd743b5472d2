// What the tests of rows that a dataset has of its own share: the columns of the world's one table, and its rows'
// numbers.
#pragma once

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "tests/oracle/hand_world.h"

namespace rehearse::oracle_test {

constexpr ColumnId amount = 1, status = 2;
constexpr std::int64_t middle = 500'000;  // about half of the amounts, in cents, lie below

inline RowRule large() {
  RowRule rule;
  rule.where = {{.kind = Condition::Kind::at_least, .column = amount, .bits = {}, .texts = {}, .bound = middle}};
  return rule;
}

// At the source, now.
inline std::int64_t number(const HandWorld& hand, ColumnId column, RowId row) {
  return hand.world.content
      .value(hand.world.source.schema(0), 0, column, hand.world.marks, {row, hand.world.source.rows(0)[row]})
      .bits;
}
inline bool is_large(const HandWorld& hand, RowId row) { return number(hand, amount, row) >= middle; }

inline void check(HandWorld& hand, Time until, Expected expected) {
  std::sort(expected.begin(), expected.end());
  BOOST_TEST(hand.intervals(until) == expected, boost::test_tools::per_element());
}

}  // namespace rehearse::oracle_test
