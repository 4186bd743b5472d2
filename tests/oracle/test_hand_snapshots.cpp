// Ten rows and a dataset that has them as they were every ten seconds.
//
// The rows' amounts were drawn; each test writes down the write of each row at each cut, and what became of it since.
#include <boost/test/unit_test.hpp>
#include <map>
#include <utility>

#include "tests/oracle/hand_rows.h"

namespace rehearse::oracle_test {
namespace {

constexpr ColumnId as_of = 3;

HandOptions every_ten_seconds() {
  HandOptions options;
  options.rule = RowRule{};
  options.rule->cuts = Cutting{.every = lasting(10), .offset = {}, .late = {}};
  return options;
}

// (key, second of the cut) → amount, as the store has it.
using Snapshots = std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t>;

Snapshots stored(const HandWorld& hand) {
  const TableSchema& schema = hand.world.source.schema(HandWorld::chosen);
  const TableCopy& rows = hand.world.rows(hand.store, HandWorld::chosen);
  Snapshots found;
  for (RowId row = 0; row < rows.slots(); ++row) {
    if (!rows[row].live()) continue;
    const auto value = [&](ColumnId column) {
      return hand.world.content.value(schema, HandWorld::chosen, column, hand.world.marks, {row, rows[row]}).bits;
    };
    const std::int64_t cut = value(as_of) / second.ns;
    BOOST_TEST(found.emplace(std::pair(value(0), cut), value(amount)).second);
    BOOST_TEST(hand.world.content.key_text(schema, HandWorld::chosen, row) ==
               fmt::format("{}, 1970-01-01T00:00:{:02}Z", value(0), cut));
  }
  return found;
}

// What the source has now, as of `second`.
void add_current(const HandWorld& hand, std::int64_t second, Snapshots& snapshots) {
  const TableCopy& rows = hand.world.source.rows(0);
  for (RowId row = 0; row < rows.slots(); ++row)
    if (rows[row].live()) snapshots[{row + 1, second}] = number(hand, amount, row);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_store_has_every_row_as_it_was_at_each_cut_and_keeps_it) {
  HandWorld hand(every_ten_seconds());
  Snapshots expected;
  hand.update(at(9), 3);
  hand.run(at(9.5));
  add_current(hand, 10, expected);
  hand.update(at(11), 3);
  hand.remove(at(12), 5);
  hand.insert(at(13));
  hand.run(at(19));
  BOOST_TEST((stored(hand) == expected));
  add_current(hand, 20, expected);
  BOOST_TEST((expected.at({4, 10}) != expected.at({4, 20})));
  hand.insert_again(at(25), 5);
  check(hand, at(29), {});
  BOOST_TEST((stored(hand) == expected));
  BOOST_TEST(expected.size() == 20U);
}

BOOST_AUTO_TEST_CASE(what_commits_at_the_instant_of_a_cut_belongs_to_it_however_advances_are_cut) {
  for (const bool apart : {false, true}) {
    World world = HandWorld(every_ten_seconds()).world;
    world.start();
    if (apart)
      for (int tenth = 1; tenth <= 250; ++tenth) world.advance(at(tenth / 10.0));
    else world.advance(at(25));
    BOOST_TEST(world.source.rows(HandWorld::chosen).live_rows() == 20U);
    BOOST_TEST(world.source.log()[0].commit().ns == at(10).ns);
    BOOST_TEST(world.source.log()[19].commit().ns == at(20).ns);
  }
}

BOOST_AUTO_TEST_CASE(a_batch_job_has_the_snapshots_of_its_extract) {
  HandOptions options = every_ten_seconds();
  options.batch = true;
  options.every = lasting(26);
  HandWorld hand(options);
  hand.run(at(9));
  Snapshots expected;
  add_current(hand, 10, expected);
  hand.update(at(11), 2);
  hand.remove(at(12), 4);
  hand.run(at(19));
  add_current(hand, 20, expected);
  check(hand, at(29), {});
  BOOST_TEST((stored(hand) == expected));
}

// Rows 0 to 9 are the first cut's, at 10. When it is read, at 14, two of its rows have changed, one has gone, and one
// has come. Nothing more happens before the job reads: the second cut, at 20, is read at 24 as it was.
BOOST_AUTO_TEST_CASE(of_a_cut_that_is_read_late_a_batch_job_has_what_was_there_then) {
  HandOptions options = every_ten_seconds();
  options.own_rule = options.rule;
  options.own_rule->cuts->late = lasting(4);
  options.batch = true;
  options.every = lasting(26);
  HandWorld hand(options);
  hand.update(at(9), 6);
  hand.update(at(11), 2);
  hand.update(at(12), 3);
  hand.remove(at(12), 5);
  hand.insert(at(13));
  hand.update(at(15), 7);
  // Images 10 and 11 are of the two changed rows, which are rows 2 and 3 all the same; 12 is of the one that came.
  const std::string cause = " by defect nightly.rows.chosen";
  check(hand, at(50),
        {"row 2 [26, …) mismatch" + cause, "row 3 [26, …) mismatch" + cause, "row 5 [26, …) missing" + cause,
         "row 12 [26, …) extra" + cause});
}

BOOST_AUTO_TEST_CASE(a_filter_chooses_among_the_rows_of_each_cut) {
  HandOptions options = every_ten_seconds();
  options.rule->where = {
      {.kind = Condition::Kind::at_least, .column = amount, .bits = {}, .texts = {}, .bound = 500'000}};
  HandWorld hand(options);
  Snapshots all, expected;
  hand.run(at(9));
  add_current(hand, 10, all);
  for (const auto& [key, value] : all)
    if (value >= 500'000) expected[key] = value;
  check(hand, at(19), {});
  BOOST_TEST((stored(hand) == expected));
  BOOST_TEST(expected.size() > 0U);
  BOOST_TEST(expected.size() < all.size());
}

}  // namespace rehearse::oracle_test
