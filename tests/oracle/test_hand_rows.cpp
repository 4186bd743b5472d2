// Ten rows and a dataset that has some of them, or several for one: what a pipeline that chooses them otherwise does.
//
// What a row holds was drawn; each test reads it at the source, row by row and write by write, and works out from it
// which rows the dataset has.
#include <boost/test/unit_test.hpp>
#include <map>
#include <set>

#include "faults/connector_restart/connector_restart.pb.h"
#include "tests/oracle/hand_rows.h"

namespace rehearse::oracle_test {
namespace {

RowRule everything() { return {}; }

HandOptions large_orders() {
  HandOptions options;
  options.rule = large();
  return options;
}

// Updates a row every second and notes whether it was large, second by second, from the start on.
std::vector<bool> update_every_second(HandWorld& hand, RowId row, int seconds) {
  hand.run(at(0));
  std::vector<bool> was{is_large(hand, row)};
  for (int second = 1; second <= seconds; ++second) {
    hand.update(at(second), row);
    was.push_back(is_large(hand, row));
  }
  BOOST_REQUIRE(std::count(was.begin(), was.end(), true) > 2);
  BOOST_REQUIRE(std::count(was.begin(), was.end(), false) > 2);
  return was;
}

// "row 4 [from, until) kind by cause" for each run of seconds in which `wrong` holds; `until` of the last is open.
Expected runs(RowId row, const std::vector<bool>& wrong, const std::string& what) {
  Expected lines;
  for (std::size_t from = 0; from < wrong.size(); ++from) {
    if (!wrong[from] || (from > 0 && wrong[from - 1])) continue;
    std::size_t until = from;
    while (until < wrong.size() && wrong[until]) ++until;
    lines.push_back(fmt::format("row {} [{}, {}) {}", row, from,
                                until == wrong.size() ? std::string("…") : std::to_string(until), what));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

Expected of_row(const Expected& lines, RowId row) {
  Expected found;
  for (const std::string& line : lines)
    if (line.starts_with(fmt::format("row {} ", row))) found.push_back(line);
  return found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(filters)

BOOST_AUTO_TEST_CASE(a_store_holds_the_rows_that_satisfy_the_condition_as_they_come_and_go) {
  HandWorld hand(large_orders());
  update_every_second(hand, 4, 12);
  hand.remove(at(13), 2);
  hand.insert(at(14));
  check(hand, at(20), {});
  for (RowId row = 0; row <= HandWorld::rows; ++row)
    BOOST_TEST(hand.world.rows(hand.store, HandWorld::chosen).get(row).live() == (row != 2 && is_large(hand, row)));
}

// A row that is small now was large before: its last large version stays, until it is large again.
BOOST_AUTO_TEST_CASE(a_pipeline_that_filters_out_what_leaves_keeps_each_row_that_left_until_it_comes_back) {
  HandOptions options = large_orders();
  options.own_rule = large();
  options.own_rule->forgets_leavers = true;
  HandWorld hand(options);
  const std::vector<bool> was = update_every_second(hand, 4, 12);
  std::vector<bool> wrong;
  bool came = false;  // it has been large, so the store has it
  for (const bool large : was) {
    came = came || large;
    wrong.push_back(came && !large);
  }
  check(hand, at(20), runs(4, wrong, "extra by defect cdc.rows.chosen"));
}

BOOST_AUTO_TEST_CASE(a_row_that_was_kept_goes_when_the_source_deletes_it) {
  HandOptions options = large_orders();
  options.own_rule = large();
  options.own_rule->forgets_leavers = true;
  HandWorld hand(options);
  hand.run(at(0));
  RowId row = 0;
  while (!is_large(hand, row)) ++row;
  int second = 0;
  while (is_large(hand, row)) hand.update(at(++second), row);
  hand.remove(at(second + 3), row);
  check(hand, at(second + 9),
        {fmt::format("row {} [{}, {}) extra by defect cdc.rows.chosen", row, second, second + 3)});
}

BOOST_AUTO_TEST_CASE(without_its_filter_a_pipeline_has_every_small_row_too_and_changes_of_them_change_nothing) {
  HandOptions options = large_orders();
  options.own_rule = everything();
  HandWorld hand(options);
  const std::vector<bool> was = update_every_second(hand, 4, 12);
  std::vector<bool> small;
  for (const bool large : was) small.push_back(!large);
  const Expected lines = hand.intervals(at(20));
  const Expected of_four = runs(4, small, "extra by defect cdc.rows.chosen");
  BOOST_TEST(of_row(lines, 4) == of_four, boost::test_tools::per_element());
  Expected others;
  for (RowId row = 0; row < HandWorld::rows; ++row)
    if (row != 4 && !is_large(hand, row))
      others.push_back(fmt::format("row {} [0, …) extra by defect cdc.rows.chosen", row));
  BOOST_TEST(others.size() > 1U);
  BOOST_TEST(lines.size() == of_four.size() + others.size());
}

// The opposite condition: what should be there is not, and the other way round.
BOOST_AUTO_TEST_CASE(with_the_opposite_filter_every_row_is_wrong_in_its_own_way) {
  HandOptions options = large_orders();
  options.own_rule = large();
  options.own_rule->where[0].kind = Condition::Kind::below;
  HandWorld hand(options);
  const std::vector<bool> was = update_every_second(hand, 4, 12);
  std::vector<bool> small;
  for (const bool large : was) small.push_back(!large);
  Expected expected = runs(4, small, "extra by defect cdc.rows.chosen");
  for (std::string& line : runs(4, was, "missing by defect cdc.rows.chosen")) expected.push_back(std::move(line));
  for (RowId row = 0; row < HandWorld::rows; ++row)
    if (row != 4)
      expected.push_back(
          fmt::format("row {} [0, …) {} by defect cdc.rows.chosen", row, is_large(hand, row) ? "missing" : "extra"));
  check(hand, at(20), expected);
}

// The first load, at 10, is of a store that was right until then.
BOOST_AUTO_TEST_CASE(a_batch_job_without_its_filter_is_wrong_from_its_first_load_on) {
  HandOptions options = large_orders();
  options.own_rule = everything();
  options.batch = true;
  options.every = lasting(10);
  HandWorld hand(options);
  hand.run(at(0));
  Expected expected;
  for (RowId row = 0; row < HandWorld::rows; ++row)
    if (!is_large(hand, row))
      expected.push_back(fmt::format("row {} [10, …) extra by defect nightly.rows.chosen", row));
  BOOST_TEST(expected.size() > 1U);
  check(hand, at(35), expected);
}

// What leaves is not in the extract, so a merge keeps it: no mistake of a rule, the kind of extract is to blame.
BOOST_AUTO_TEST_CASE(an_incremental_extract_never_hears_of_a_row_that_leaves) {
  HandOptions options = large_orders();
  options.batch = true;
  options.every = lasting(10);
  options.extract.extract = BatchOptions::Extract::incremental;
  options.extract.load = BatchOptions::Load::merge;
  HandWorld hand(options);
  hand.run(at(0));
  RowId row = 0;
  while (!is_large(hand, row)) ++row;
  int second = 0;
  while (is_large(hand, row)) hand.update(at(++second), row);
  BOOST_REQUIRE(second < 9);
  check(hand, at(35), {fmt::format("row {} [10, …) extra by defect nightly.extract", row)});
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE(several)

constexpr RowId most = 3;
HandOptions as_many_as_the_status_says() {  // 0 to 3
  HandOptions options;
  options.transforms = [](TableSchema& schema, Dataset&) { schema.columns[status].distinct = 4; };
  options.rule = RowRule{};
  options.rule->count = status;
  options.rule->most = most;
  return options;
}

BOOST_AUTO_TEST_CASE(there_are_as_many_rows_as_the_column_says_and_they_are_numbered) {
  HandWorld hand(as_many_as_the_status_says());
  for (int second = 1; second <= 12; ++second) hand.update(at(second), 4);
  hand.remove(at(13), 5);
  check(hand, at(20), {});
  const TableSchema& schema = hand.world.source.schema(HandWorld::chosen);
  const TableCopy& store = hand.world.rows(hand.store, HandWorld::chosen);
  for (RowId row = 0; row < HandWorld::rows; ++row)
    for (RowId k = 0; k < most; ++k) {
      const bool there = row != 5 && k < static_cast<RowId>(number(hand, status, row));
      BOOST_TEST(store.get(row * most + k).live() == there);
      if (!there) continue;
      const RowCell at{row * most + k, store.get(row * most + k)};
      const auto value = [&](ColumnId column) {
        return hand.world.content.value(schema, HandWorld::chosen, column, hand.world.marks, at).bits;
      };
      BOOST_TEST(value(0) == row + 1);
      BOOST_TEST(value(amount) == number(hand, amount, row));
      BOOST_TEST(value(3) == k + 1);
      BOOST_TEST(hand.world.content.key_text(schema, HandWorld::chosen, at.row) ==
                 fmt::format("{}, {}", row + 1, k + 1));
    }
}

BOOST_AUTO_TEST_CASE(a_pipeline_that_makes_one_row_of_each_lacks_the_others) {
  HandOptions options = as_many_as_the_status_says();
  options.own_rule = options.rule;
  options.own_rule->most = 1;
  HandWorld hand(options);
  hand.run(at(0));
  Expected expected;
  for (RowId row = 0; row < HandWorld::rows; ++row)
    for (RowId k = 1; k < static_cast<RowId>(number(hand, status, row)); ++k)
      expected.push_back(fmt::format("row {} [0, …) missing by defect cdc.rows.chosen", row * most + k));
  BOOST_TEST(expected.size() > 3U);
  check(hand, at(20), expected);
}

// When there are fewer rows for one than before, the last ones stay.
BOOST_AUTO_TEST_CASE(a_pipeline_that_only_writes_what_there_is_keeps_the_last_when_there_are_fewer) {
  HandOptions options = as_many_as_the_status_says();
  options.own_rule = options.rule;
  options.own_rule->forgets_leavers = true;
  HandWorld hand(options);
  hand.run(at(0));
  std::vector<std::int64_t> counts{number(hand, status, 4)};
  for (int second = 1; second <= 12; ++second) {
    hand.update(at(second), 4);
    counts.push_back(number(hand, status, 4));
  }
  Expected expected;
  for (RowId k = 0; k < most; ++k) {
    std::vector<bool> wrong;
    bool came = false;
    for (const std::int64_t count : counts) {
      came = came || count > k;
      wrong.push_back(came && count <= k);
    }
    const Expected lines = runs(4 * most + k, wrong, "extra by defect cdc.rows.chosen");
    expected.insert(expected.end(), lines.begin(), lines.end());
  }
  BOOST_TEST(expected.size() > 1U);
  check(hand, at(20), expected);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(look_ups)

constexpr ColumnId other_status = 3;

// An order's status, 0 to 3, is the key of the other table's row, and there is no key 0.
HandOptions with_other_status() {
  HandOptions options;
  options.transforms = [](TableSchema& schema, Dataset&) { schema.columns[status].distinct = 4; };
  options.rule = RowRule{};
  options.rule->look_up = LookUp{HandWorld::other, status};
  return options;
}

Value of_other(const HandWorld& hand, RowId row) {
  const Cell cell = hand.world.source.rows(HandWorld::other)[row];
  return hand.world.content.value(hand.world.source.schema(HandWorld::other), HandWorld::other, status,
                                  hand.world.marks, {row, cell});
}
Value looked_up(const HandWorld& hand, RowId row) {
  return hand.world.content.value(hand.world.source.schema(HandWorld::chosen), HandWorld::chosen, other_status,
                                  hand.world.marks, {row, hand.world.rows(hand.store, HandWorld::chosen)[row]});
}
// Rows of the other table that orders of the world refer to: an order that refers to one, and that one.
std::pair<RowId, RowId> some_reference(HandWorld& hand) {
  hand.run(at(0));
  RowId row = 0;
  while (number(hand, status, row) == 0) ++row;
  return {row, static_cast<RowId>(number(hand, status, row) - 1)};
}

BOOST_AUTO_TEST_CASE(a_store_shows_what_each_row_refers_to_as_both_tables_change) {
  HandWorld hand(with_other_status());
  const auto [row, other] = some_reference(hand);
  hand.change_other(at(2), other, Op::update);
  hand.update(at(3), row == 0 ? 1 : 0);
  for (RowId r = 0; r < 3; ++r) hand.change_other(at(4 + r), r, Op::update);
  hand.change_other(at(8), other, Op::remove);
  hand.remove(at(9), 9);
  check(hand, at(20), {});
  bool null = false, value = false;
  for (RowId r = 0; r < HandWorld::rows - 1; ++r) {
    const std::int64_t key = number(hand, status, r);
    const bool there = key > 0 && static_cast<RowId>(key - 1) != other;
    (there ? value : null) = true;
    BOOST_TEST((looked_up(hand, r) == (there ? of_other(hand, static_cast<RowId>(key - 1)) : Value{})));
  }
  BOOST_TEST((null && value));
  hand.change_other(at(21), other, Op::insert);
  check(hand, at(30), {});
  BOOST_TEST((looked_up(hand, row) == of_other(hand, other)));
}

// The other row changes at 5; who refers to it shows the former status, until it changes itself.
BOOST_AUTO_TEST_CASE(a_look_up_that_is_frozen_is_old_until_the_row_itself_changes) {
  HandOptions options = with_other_status();
  options.own_rule = options.rule;
  options.own_rule->freezes_look_ups = true;
  HandWorld hand(options);
  const auto [row, other] = some_reference(hand);
  const Value before = of_other(hand, other);
  int second = 5;
  for (; of_other(hand, other) == before; ++second) hand.change_other(at(second), other, Op::update);
  const int from = second - 1;
  Expected expected;
  for (RowId r = 0; r < HandWorld::rows; ++r)
    if (number(hand, status, r) == other + 1)
      expected.push_back(fmt::format("row {} [{}, {}) mismatch by defect cdc.rows.chosen", r, from,
                                     r == row ? std::to_string(from + 4) : "…"));
  hand.update(at(from + 4), row);
  check(hand, at(from + 9), expected);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE(changes)

constexpr ColumnId position = 3, operation = 4;

HandOptions every_change() {
  HandOptions options;
  options.rule = RowRule{};
  options.changes = true;
  options.sink.write = WriteMode::append;
  return options;
}

BOOST_AUTO_TEST_CASE(each_change_is_a_row_with_its_position_its_operation_and_what_it_left) {
  HandWorld hand(every_change());
  hand.update(at(3), 7);
  const std::int64_t first = number(hand, amount, 7);
  hand.update(at(4), 7);
  const std::int64_t second = number(hand, amount, 7);
  hand.insert(at(5));
  hand.remove(at(6), 7);
  check(hand, at(20), {});
  const TableSchema& schema = hand.world.source.schema(HandWorld::chosen);
  const TableCopy& log = hand.world.rows(hand.store, HandWorld::chosen);
  BOOST_TEST(log.live_rows() == 4U);
  const auto value = [&](RowId row, ColumnId column) {
    return hand.world.content.value(schema, HandWorld::chosen, column, hand.world.marks, {row, log[row]});
  };
  const auto text = [&](RowId row, ColumnId column) {
    return hand.world.content.text(schema, column, value(row, column));
  };
  for (RowId row = 0; row < 4; ++row) BOOST_TEST(value(row, position).bits == row + 1);
  BOOST_TEST(text(0, operation) == "update");
  BOOST_TEST(text(2, operation) == "insert");
  BOOST_TEST(text(3, operation) == "delete");
  BOOST_TEST(value(0, 0).bits == 8);
  BOOST_TEST(value(2, 0).bits == 11);
  BOOST_TEST(value(3, 0).bits == 8);
  BOOST_TEST(value(0, amount).bits == first);
  BOOST_TEST(value(1, amount).bits == second);
  BOOST_TEST((value(3, amount) == Value{}));
}

// What was read since the last flush of offsets is read again: an append sink has those changes twice.
BOOST_AUTO_TEST_CASE(after_a_restart_an_append_sink_has_the_changes_since_the_flush_twice_and_an_upsert_once) {
  for (const bool append : {true, false}) {
    HandOptions options = every_change();
    if (!append) options.sink.write = WriteMode::upsert;
    options.connector.flush_offsets_every = lasting(10);
    HandWorld hand(options);
    faults::ConnectorRestart restart;
    restart.set_pipeline("cdc");
    restart.set_part(faults::ConnectorRestart::SOURCE_CONNECTOR);
    restart.set_down_for_ns(lasting(2).ns);
    hand.fault("restart", restart, at(15));
    for (const double t : {5.0, 9.0, 12.0, 13.0}) hand.update(at(t), 4);
    const std::string cause = "duplicate by defect cdc.sink.write=append + fault restart";
    check(hand, at(30), append ? Expected{"row 2 [17, …) " + cause, "row 3 [17, …) " + cause} : Expected{});
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rehearse::oracle_test
