// Ten rows and a dataset of their counts and sums by a column's value, or by windows of the time when rows were made.
//
// What a row holds was drawn; each test counts the source's rows itself.
#include <boost/test/unit_test.hpp>
#include <map>

#include "harness/oracle/measures.h"
#include "tests/oracle/hand_rows.h"

namespace rehearse::oracle_test {
namespace {

constexpr ColumnId orders = 1, total = 2;

HandOptions by_status() {  // of three values, or NULL
  HandOptions options;
  options.transforms = [](TableSchema& schema, Dataset&) {
    schema.columns[status].distinct = 3;
    schema.columns[status].null_share = 200'000;
  };
  options.rule = RowRule{};
  options.rule->groups = Grouping{.by = status, .windows = false, .every = {}, .offset = {}, .sums = {amount}};
  return options;
}

using Totals = std::map<std::string, std::pair<std::int64_t, std::int64_t>>;

// As counted over the source's rows.
Totals counted(const HandWorld& hand) {
  Totals totals;
  const TableSchema& schema = hand.world.source.schema(0);
  const TableCopy& rows = hand.world.source.rows(0);
  for (RowId row = 0; row < rows.slots(); ++row) {
    if (!rows[row].live()) continue;
    const Value value = hand.world.content.value(schema, 0, status, hand.world.marks, {row, rows[row]});
    auto& [count, sum] = totals[hand.world.content.text(schema, status, value)];
    ++count;
    sum += number(hand, amount, row);
  }
  return totals;
}

// As the store has them.
Totals stored(const HandWorld& hand) {
  Totals totals;
  const TableSchema& schema = hand.world.source.schema(HandWorld::chosen);
  const TableCopy& rows = hand.world.rows(hand.store, HandWorld::chosen);
  for (RowId row = 0; row < rows.slots(); ++row) {
    if (!rows[row].live()) continue;
    const auto value = [&](ColumnId column) {
      return hand.world.content.value(schema, HandWorld::chosen, column, hand.world.marks, {row, rows[row]});
    };
    const std::string group = hand.world.content.text(schema, 0, value(0));
    BOOST_TEST(hand.world.content.key_text(schema, HandWorld::chosen, row) == group);
    totals[group] = {value(orders).bits, value(total).bits};
  }
  return totals;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_store_has_the_counts_and_sums_of_every_group_as_rows_come_change_and_go) {
  HandWorld hand(by_status());
  for (int second = 1; second <= 12; ++second) {
    hand.update(at(second), static_cast<RowId>(second % 5));
    if (second % 4 == 0) hand.insert(at(second));
    hand.run(at(second + 0.5));
    BOOST_TEST((stored(hand) == counted(hand)));
  }
  for (RowId row = 0; row < HandWorld::rows; ++row) hand.remove(at(20 + row), row);
  check(hand, at(40), {});
  BOOST_TEST((stored(hand) == counted(hand)));
  BOOST_TEST(counted(hand).size() >= 1U);
}

// A row changes its group: the former one keeps it, so that it is there twice, and is wrong from then on.
BOOST_AUTO_TEST_CASE(without_retractions_a_row_that_changes_groups_counts_in_both) {
  HandOptions options = by_status();
  options.own_rule = options.rule;
  options.own_rule->never_retracts = true;
  const auto group = [](const HandWorld& hand, RowId row) {
    const TableSchema& schema = hand.world.source.schema(0);
    const RowCell at{row, hand.world.source.rows(0)[row]};
    return hand.world.content.text(schema, status, hand.world.content.value(schema, 0, status, hand.world.marks, at));
  };
  RowId row = 0;  // the first that changes its group
  for (bool changes = false; !changes; row += !changes) {
    HandWorld scout(options);
    scout.run(at(0));
    const std::string from = group(scout, row);
    scout.update(at(1), row);
    changes = group(scout, row) != from;
  }
  HandWorld hand(options);
  hand.run(at(0));
  const Totals before = counted(hand);
  const std::string from = group(hand, row);
  hand.update(at(3), row);
  Totals expected = counted(hand);
  expected[from] = before.at(from);
  hand.run(at(10));
  BOOST_TEST((stored(hand) == expected));
  const Expected lines = hand.intervals(at(10));
  BOOST_REQUIRE(lines.size() == 1U);
  BOOST_TEST(lines[0].find("[3, …) mismatch by defect cdc.rows.chosen") != std::string::npos);
  const std::vector<MeasureTruth> measures = measures_of(hand.world, hand.store, hand.ledger.intervals());
  BOOST_REQUIRE(measures.size() == 2U);
  BOOST_TEST(measures[0].column == "orders");
  BOOST_TEST(measures[0].error_ppb == 1'000'000'000 / HandWorld::rows);        // one row of ten is there twice
  BOOST_TEST(measures[0].worst_ppb == 1'000'000'000 / before.at(from).first);  // of what the group has
  BOOST_TEST(measures[0].worst_group == from);
  BOOST_TEST(measures[1].worst_group == from);
}

// Each group that has rows of both sorts is wrong from the connector's first snapshot on.
BOOST_AUTO_TEST_CASE(totals_over_other_rows_are_wrong_from_the_start) {
  HandOptions options = by_status();
  options.own_rule = options.rule;
  options.own_rule->where = large().where;
  HandWorld hand(options);
  hand.run(at(0));
  std::map<std::string, std::set<bool>> sorts;  // of the rows of a group, whether they are large
  const TableSchema& schema = hand.world.source.schema(0);
  for (RowId row = 0; row < HandWorld::rows; ++row) {
    const RowCell at{row, hand.world.source.rows(0)[row]};
    const Value value = hand.world.content.value(schema, 0, status, hand.world.marks, at);
    sorts[hand.world.content.text(schema, status, value)].insert(is_large(hand, row));
  }
  Expected expected;
  const TableSchema& groups = hand.world.source.schema(HandWorld::chosen);
  for (RowId group = 0; group < sorts.size(); ++group) {
    const std::set<bool>& has = sorts.at(hand.world.content.key_text(groups, HandWorld::chosen, group));
    if (has.count(false) > 0)
      expected.push_back(fmt::format("row {} [0, …) {} by defect cdc.rows.chosen", group,
                                     has.count(true) > 0 ? "mismatch" : "missing"));
  }
  BOOST_TEST(expected.size() > 0U);
  check(hand, at(5), expected);
}

// By the ten seconds in which a row was created; a window counts what commits up to four seconds after its end.
HandOptions by_ten_seconds(double closes_after) {
  HandOptions options;
  options.rule = RowRule{};
  options.rule->groups =
      Grouping{.windows = true, .every = lasting(10), .closes_after = lasting(closes_after), .sums = {amount}};
  return options;
}

std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> by_window(const HandWorld& hand) {
  const TableSchema& schema = hand.world.source.schema(HandWorld::chosen);
  const TableCopy& rows = hand.world.rows(hand.store, HandWorld::chosen);
  std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> totals;
  for (RowId row = 0; row < rows.slots(); ++row) {
    if (!rows[row].live()) continue;
    const auto value = [&](ColumnId column) {
      return hand.world.content.value(schema, HandWorld::chosen, column, hand.world.marks, {row, rows[row]}).bits;
    };
    if (value(0) >= 0) totals[value(0) / second.ns] = {value(1), value(2)};
  }
  return totals;
}

BOOST_AUTO_TEST_CASE(a_window_that_has_closed_stays_as_it_was) {
  HandWorld hand(by_ten_seconds(4));
  hand.insert(at(3));       // row 10
  hand.insert(at(12));      // row 11, of the next window
  hand.update(at(14), 10);  // just in time
  const std::int64_t counted = number(hand, amount, 10);
  hand.update(at(15), 10);
  hand.remove(at(16), 10);
  hand.update(at(17), 11);
  const std::int64_t next = number(hand, amount, 11);
  check(hand, at(20), {});
  const std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> expected{{0, {1, counted}}, {10, {1, next}}};
  BOOST_TEST((by_window(hand) == expected));
}

// Closed at once, it lacks what came within the four seconds.
BOOST_AUTO_TEST_CASE(a_pipeline_that_closes_its_windows_too_early_loses_what_came_late) {
  HandOptions options = by_ten_seconds(4);
  options.own_rule = options.rule;
  options.own_rule->groups->closes_after = Duration{};
  HandWorld hand(options);
  hand.insert(at(3));
  hand.update(at(9), 10);
  const std::int64_t early = number(hand, amount, 10);
  hand.update(at(13), 10);
  hand.update(at(15), 10);
  hand.run(at(20));
  BOOST_TEST((by_window(hand).at(0) == std::pair<std::int64_t, std::int64_t>(1, early)));
  const Expected lines = hand.intervals(at(20));
  BOOST_REQUIRE(lines.size() == 1U);
  BOOST_TEST(lines[0].find("[13, …) mismatch by defect cdc.rows.chosen") != std::string::npos, lines[0]);
}

BOOST_AUTO_TEST_CASE(a_batch_job_has_the_totals_of_its_extract_and_without_retractions_too_much) {
  for (const bool wrong : {false, true}) {
    HandOptions options = by_status();
    options.batch = true;
    options.every = lasting(10);
    if (wrong) {
      options.own_rule = options.rule;
      options.own_rule->never_retracts = true;
    }
    HandWorld hand(options);
    hand.update(at(3), 4);
    hand.remove(at(4), 5);
    hand.run(at(11));
    BOOST_TEST((stored(hand) == counted(hand)) == !wrong);
    const Expected lines = hand.intervals(at(15));
    BOOST_TEST(lines.empty() == !wrong);
    for (const std::string& line : lines)
      BOOST_TEST(line.find("[10, …) mismatch by defect nightly.rows.chosen") != std::string::npos, line);
  }
}

}  // namespace rehearse::oracle_test
